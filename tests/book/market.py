"""Two markets to test the book in: a pack made to bend every rule, and the shipped one; each with goods to sell.

A market's later versions lower or raise its caps under the same names, as an operator would.
"""

from dataclasses import dataclass
from pathlib import Path

from app.domain.book.rows import Product
from app.domain.policy.model import Policy
from app.domain.policy.pack import read_pack

SHIPPED = (Path(__file__).parents[2] / "app/policies/changchun-2025.toml").read_text()

_TEXT = '{ zh = "试", en = "Test" }'


def _pool(programme: str) -> str:
    return f"""
[[pools]]
code = "{programme}"
programme = "{programme}"
title = {_TEXT}
shares = [{{ funder = "city", title = {_TEXT}, share_bps = 10000 }}]
clause = "1"
"""


def _rule(section: str, code: str, keys: str) -> str:
    return f'\n[[{section}]]\ncode = "{code}"\ntitle = {_TEXT}\nclause = "1"\n{keys}\n'


BENT = f"""
code = "bent"
title = {_TEXT}
document = {_TEXT}
hold_ttl_seconds = 900

[clauses]
1 = {_TEXT}
{_pool("plain")}{_pool("strict")}{_pool("later")}
""" + "".join(
    (
        _rule("programmes", "plain", ""),
        _rule(
            "programmes",
            "strict",
            'rounding = { mode = "down", unit_fen = 100 }\nat_consumer_cap = "refuse"\nat_pool_end = "refuse"\n'
            'refund_restores = "never"',
        ),
        _rule("programmes", "later", 'rounding = { mode = "half_even", unit_fen = 1 }\nrefund_restores = "next_day"'),
        _rule("consumer_caps", "all", 'cap_fen = 500000\ncovers = ["plain", "strict", "later"]\nperiod = "policy"'),
        _rule("consumer_caps", "later", 'cap_fen = 150000\ncovers = ["later"]\nperiod = "calendar_year"'),
        _rule(
            "categories",
            "P1",
            'programme = "plain"\namount = { rates_bps = { 1 = 2000, 2 = 1500, ungraded = 1000 } }\n'
            'item_cap_fen = 200000\ncount_limit = { code = "P", units = 3 }',
        ),
        _rule(
            "categories",
            "P2",
            'programme = "plain"\namount = { rates_bps = { any = 1333 } }\ncount_limit = { code = "P", units = 3 }\n'
            'alternatives = ["L1"]',
        ),
        _rule("categories", "P3", 'programme = "plain"\namount = { rates_bps = { any = 777 } }\nitem_cap_fen = 30001'),
        _rule(
            "categories",
            "S1",
            'programme = "strict"\namount = { rates_bps = { any = 1500 } }\nitem_cap_fen = 50000\n'
            "price_ceiling_fen = 600000\ncount_limit = { units = 5 }",
        ),
        _rule(
            "categories",
            "S2",
            'programme = "strict"\namount = { rates_bps = { any = 2000 }, cap_fen = 50000, bonuses = '
            '[{ sum_fen = 10000, old_battery = "lithium" }] }\nrequires_trade_in = ["S2"]',
        ),
        _rule("categories", "L1", 'programme = "later"\namount = { rates_bps = { any = 1111 } }'),
        _rule(
            "categories",
            "L2",
            'programme = "later"\nmin_age_years = 60\namount = { bands = [{ below_fen = 100000, sum_fen = 12345 }, '
            "{ rate_bps = 1200 }] }\nitem_cap_fen = 90000",
        ),
    )
)


@dataclass(frozen=True)
class Market:
    """`versions` are published one after another; `budget_fen` is what a pool begins with, so small that it ends."""

    versions: tuple[Policy, ...]
    products: tuple[Product, ...]
    budget_fen: int

    @property
    def published(self) -> dict[tuple[str, int], Policy]:
        return {(policy.code, number): policy for number, policy in enumerate(self.versions, 1)}

    @property
    def pools(self) -> tuple[str, ...]:
        return tuple(self.versions[0].pools)

    def product(self, category: str) -> Product:
        return next(product for product in self.products if product.category == category)


def _product(number: int, category: str, grade: int | None = None, **more: object) -> Product:
    ordinary: dict[str, object] = {"filed_price_fen": None, "serialised": True, "cellular": False}
    return Product(f"{6900000000000 + number:014d}", category, grade, **(ordinary | more))  # type: ignore[arg-type]


def bent_market() -> Market:
    lowered = BENT.replace("cap_fen = 500000", "cap_fen = 180000").replace("units = 3", "units = 1")
    raised = BENT.replace("cap_fen = 500000", "cap_fen = 900000").replace("units = 3", "units = 6")
    products = (
        _product(1, "P1", 1),
        _product(2, "P1", 2, filed_price_fen=400_000),
        _product(3, "P1", 5),
        _product(4, "P2", serialised=False),
        _product(5, "P3", serialised=False),
        _product(6, "S1", cellular=True),
        _product(7, "S1", serialised=False),
        _product(8, "S2"),
        _product(9, "L1", serialised=False),
        _product(10, "L2"),
        _product(11, "X9"),
    )
    return Market(tuple(map(read_pack, (BENT, lowered, raised))), products, 900_000)


def shipped_market() -> Market:
    lowered = SHIPPED.replace("cap_fen = 1500000", "cap_fen = 300000")
    products = (
        _product(1, "A01", 1),
        _product(2, "A01", 2),
        _product(3, "A04", 1, filed_price_fen=1_200_000),
        _product(4, "D01", cellular=True),
        _product(5, "H01", serialised=False),
        _product(6, "H20"),
        _product(7, "E01", 1),
        _product(8, "W01"),
        _product(9, "N05"),
        _product(10, "A03", 3),
    )
    return Market(tuple(map(read_pack, (SHIPPED, lowered, SHIPPED))), products, 1_500_000)
