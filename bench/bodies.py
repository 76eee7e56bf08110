"""Request bodies, made before the clock runs: every order new, every serial number new, one JSON document a line."""

import itertools
import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import orjson

_WEIGHTS = [2 ** (17 - place) % 11 for place in range(17)]
_CHECK_CHARACTERS = "10X98765432"
_FIRST_BIRTH = date(1930, 1, 1)
_BIRTH_DAYS = 12_000
"""All born before 1963: old enough for every programme."""

_numbers = itertools.count(1)
_random = random.Random(42)


class _People:
    """Hands out persons, none of them twice."""

    def __init__(self) -> None:
        self.next = itertools.count(1)


_people = _People()


class Goods(NamedTuple):
    """One kind of goods of the catalogue, and at what price it is sold."""

    gtin: str
    category: str
    price_fen: int
    grade: int | None = None
    serialised: bool = True
    trade_in: bool = False


Buyer = Callable[[], str]


def gtin(number: int) -> str:
    """The GTIN-13 of the `number`th kind of goods."""
    body = f"690{number:09d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def person(number: int) -> str:
    """The resident ID of the `number`th person."""
    days, order = divmod(number, 1000)
    area, days = divmod(days, _BIRTH_DAYS)
    body = f"{220102 + area}{_FIRST_BIRTH + timedelta(days):%Y%m%d}{order:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True))
    return body + _CHECK_CHARACTERS[total % 11]


def somebody_new() -> str:
    return person(next(_people.next))


def skip_people(number: int) -> None:
    """Persons up to this number are not new: they were put into a database beforehand."""
    _people.next = itertools.count(number + 1)


def write_bodies(path: Path, count: int, goods: Sequence[Goods], merchants: Sequence[str], buyer: Buyer) -> None:
    """`count` baskets of one line, goods and merchants at random."""
    with path.open("wb") as file:
        for kind, merchant_id in zip(_random.choices(goods, k=count), _random.choices(merchants, k=count), strict=True):
            file.write(orjson.dumps(_basket(kind, merchant_id, buyer())) + b"\n")


def _basket(kind: Goods, merchant_id: str, id_number: str) -> dict[str, object]:
    number = next(_numbers)
    line: dict[str, object] = {"line_no": 1, "gtin": kind.gtin, "price_fen": kind.price_fen, "quantity": 1}
    if kind.serialised:
        line["serial_no"] = f"SN{number:09d}"
    if kind.trade_in:
        line["trade_in"] = {"category": "E01", "battery": "lead_acid", "reference": f"RC{number}"}
    return {
        "order_no": f"B{number:011d}",
        "merchant_id": merchant_id,
        "channel": "in_store",
        "consumer": {"id_type": "resident_id", "id_number": id_number},
        "lines": [line],
    }
