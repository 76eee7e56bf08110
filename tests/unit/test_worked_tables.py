"""The tables and the pack that the documents show are true."""

import re
from datetime import date
from pathlib import Path

import app
from app.domain.entitlement import Item, TradeIn, entitle
from app.domain.money import Rounding, RoundingMode, rate_of
from app.domain.policy.pack import read_pack

DOCS = Path(__file__).parents[2] / "docs"
PACK = read_pack((Path(app.__file__).parent / "policies" / "changchun-2025.toml").read_text("utf-8"))
DAY = date(2030, 6, 15)


def rows_of(document: str, header: str) -> list[list[str]]:
    """The cells of the table that begins with `header`."""
    lines = iter((DOCS / document).read_text("utf-8").splitlines())
    next(line for line in lines if line.startswith(header))
    next(lines)
    table = []
    for line in lines:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line[1:-1].split("|")])
    return table


def fen(yuan: str) -> int:
    whole, rest = yuan.split(".")
    return int(whole) * 100 + int(rest)


def test_the_table_of_what_goods_earn_is_true():
    rows = rows_of("how-a-subsidy-is-worked-out.md", "| category | grade |")
    assert len(rows) > 20
    for row in rows:
        code, grade, price, quantity, battery, entitled, limited_by, reason = row
        item = Item(
            fen(price), int(quantity), int(grade) if grade else None, TradeIn("E01", battery) if battery else None
        )
        line = entitle(PACK, PACK.categories[code], item, birth_date=date(1970, 6, 15), on_date=DAY)
        assert (line.entitled_fen, line.limited_by or "", line.reason or "") == (fen(entitled), limited_by, reason), row


def test_the_table_of_rounding_modes_is_true():
    rows = rows_of("how-a-subsidy-is-worked-out.md", "| price | rate | cap |")
    modes = [RoundingMode.HALF_UP, RoundingMode.DOWN, RoundingMode.UP, RoundingMode.HALF_EVEN]
    assert len(rows) == 10
    for price, rate, cap, *amounts in rows:
        rate_bps = int(rate.removesuffix(" %")) * 100
        rounded = [min(rate_of(fen(price), rate_bps, Rounding(mode)), fen(cap)) for mode in modes]
        assert rounded == [fen(amount) for amount in amounts], price


def test_the_smallest_pack_is_sound():
    document = (DOCS / "policy-packs.md").read_text("utf-8")
    (pack,) = re.findall(r"```toml\n(.*?)```", document, re.DOTALL)
    assert [*read_pack(pack).categories] == ["A01"]
