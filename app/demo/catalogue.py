"""The demo's catalogue: some 700 invented products, the same from the same seed, as the import takes them."""

import csv
import io
import random
from dataclasses import dataclass

from stdnum import ean

from app.demo.kinds import KINDS, Kind

SAMPLE_GTIN = "6901234567892"
"""The number the documentation uses: a refrigerator of grade 1 filed at ¥8,999.00."""

SKEW = 1.5
"""Above 1, cheap models are more frequent than dear ones."""

COLUMNS = ("gtin", "category", "brand", "model", "name", "grade", "filed_price_fen", "serialised", "cellular")


@dataclass(frozen=True, slots=True)
class Product:
    """One row of the catalogue; `gtin` has 13 digits."""

    gtin: str
    category: str
    brand: str
    model: str
    name: str
    grade: int | None
    filed_price_fen: int
    serialised: bool
    cellular: bool


def catalogue(seed: int) -> tuple[Product, ...]:
    """Every product of the demo, ordered by category."""
    chance = random.Random(seed)  # noqa: S311 - a world to look at, nothing to guess
    products = [_sample()]
    for kind_no, kind in enumerate(KINDS):
        products.extend(_product(chance, kind, kind_no, model_no) for model_no in range(kind.models))
    return tuple(products)


def catalogue_csv(products: tuple[Product, ...]) -> bytes:
    """The products as the CSV file `POST /v1/products/import` takes."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for product in products:
        rows.writerow(
            (
                product.gtin,
                product.category,
                product.brand,
                product.model,
                product.name,
                "" if product.grade is None else product.grade,
                product.filed_price_fen,
                str(product.serialised).lower(),
                str(product.cellular).lower(),
            )
        )
    return text.getvalue().encode()


def unlisted_gtin(number: int) -> str:
    """A well-formed GTIN that no product of the catalogue has."""
    return _gtin(699, 999, number % 1_000_000)


def _sample() -> Product:
    return Product(
        gtin=SAMPLE_GTIN,
        category="A01",
        brand="松岭",
        model="BCD-501W",
        name="松岭 冰箱 法式501升 BCD-501W",
        grade=1,
        filed_price_fen=899_900,
        serialised=True,
        cellular=False,
    )


def _product(chance: random.Random, kind: Kind, kind_no: int, model_no: int) -> Product:
    brand_no = chance.randrange(len(kind.brands))
    form_no = model_no % len(kind.forms)
    form = kind.forms[form_no]
    grade = kind.grades[model_no % len(kind.grades)]
    model = f"{kind.prefix}-{chance.randrange(100, 1000)}{chance.choice('ABCDEFGHKMPSTWX')}{model_no:02}"
    return Product(
        gtin=_gtin(690 + kind_no % 10, 100 + kind_no, brand_no * 1000 + model_no),
        category=kind.category,
        brand=kind.brands[brand_no],
        model=model,
        name=f"{kind.brands[brand_no]} {kind.noun} {form.removesuffix('*')} {model}",
        grade=None if grade == "-" else int(grade),
        filed_price_fen=_list_price_fen(kind, (form_no + chance.random()) / len(kind.forms)),
        serialised=kind.serialised,
        cellular=form.endswith("*"),
    )


def _gtin(prefix: int, maker: int, item: int) -> str:
    body = f"{prefix:03}{maker:03}{item:06}"
    return body + ean.calc_check_digit(body)


def _list_price_fen(kind: Kind, dearness: float) -> int:
    """Between the kind's bounds, `dearness` running from 0 to 1; it ends in 9 yuan, as price labels do."""
    yuan = kind.low_yuan * (kind.high_yuan / kind.low_yuan) ** (dearness**SKEW)
    return max(int(yuan) // 10 * 10 + 9, kind.low_yuan) * 100
