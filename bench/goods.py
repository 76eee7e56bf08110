"""The goods that are sold in a benchmark, and the catalogue file that makes them eligible."""

from collections.abc import Iterable

from bench.bodies import Goods, gtin

APPLIANCES = tuple(Goods(gtin(n), f"A{n:02d}", 400_000, grade=1) for n in range(1, 9))
"""Eight kinds, one pool: half a shop's trade, and all of it on one fund."""

FIVE_POOLS = (
    APPLIANCES[0],
    Goods(gtin(20), "D02", 300_000),
    Goods(gtin(21), "H20", 400_000),
    Goods(gtin(22), "E01", 250_000, trade_in=True),
    Goods(gtin(23), "W01", 200_000),
)

ONE_FEN = (Goods(gtin(30), "H01", 7, serialised=False),)
"""Tiles at seven fen: 15 % is one fen, so that one consumer can buy for ever without reaching his cap."""

HANDFUL = (*APPLIANCES, *FIVE_POOLS[1:], *ONE_FEN)

_CATEGORIES = (
    *(f"A{n:02d}" for n in range(1, 13)),
    *(f"N{n:02d}" for n in range(1, 15)),
    *(f"H{n:02d}" for n in range(10, 24)),
)


def many(count: int) -> tuple[Goods, ...]:
    """`count` kinds over forty categories."""
    return tuple(
        Goods(gtin(1000 + n), category, 400_000, grade=1)
        for n in range(count)
        for category in (_CATEGORIES[n % len(_CATEGORIES)],)
    )


def catalogue_file(goods: Iterable[Goods]) -> bytes:
    """As an operator would upload it."""
    rows = ["gtin,category,brand,model,name,grade,filed_price_fen,serialised,cellular"]
    rows += [
        f"{kind.gtin},{kind.category},B,M,bench,{kind.grade or ''},,{str(kind.serialised).lower()},false"
        for kind in goods
    ]
    return "\n".join(rows).encode()
