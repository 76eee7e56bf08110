"""Draws the demo's sales, one after another: most of them ordinary, some as every cashier knows them too."""

import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from stdnum import luhn

from app.demo.catalogue import Product, unlisted_gtin
from app.demo.kinds import KINDS
from app.demo.merchants import DemoMerchant
from app.demo.people import AGE_OF_ELDERS, CITY_SIZE, Person, person
from app.demo.sale import ENDINGS, REGRETS, STORIES, Line, Sale, Story

PROGRAMMES: Final = {
    "A": "appliance",
    "N": "appliance",
    "D": "digital",
    "H": "home",
    "E": "ebike",
    "W": "age_friendly",
}
"""By the first letter of a category's code."""

_CEILING_FEN: Final = 600_000
"""Ordinary buyers look for phones, tablets and watches up to here."""

_LINES: Final = {1: 88.0, 2: 9.0, 3: 3.0}
_BATTERIES: Final = ("lithium", "lead_acid")
_CHEAP_FEN: Final = 20_000
_QUOTED_FIRST: Final = 0.6
_ANSWER_LOST: Final = 0.015
_ONLINE: Final = 0.15
_WHOLE_YUAN: Final = 0.7
_DISCOUNT_FLOOR: Final = 0.86
"""Shops sell between this part of the filed price and all of it."""

_RENOVATORS: Final = 3
_RENOVATION_PURCHASES: Final = 20
_RENOVATION_GOODS: Final = 24
_REMEMBERED: Final = 400
_SEARCHES: Final = 200

Choice = TypeVar("Choice")


@dataclass(slots=True)
class _Renovator:
    """Furnishes a whole home, until the cumulative cap is spent and a little beyond."""

    buyer: Person
    purchases_left: int


@dataclass(frozen=True, slots=True)
class _Basket:
    merchant: DemoMerchant
    consumer: dict[str, str]
    lines: list[Line]


class Market:
    """Serial and order numbers carry `run`, which must differ from run to run on the same database."""

    def __init__(
        self,
        *,
        seed: int,
        run: str,
        products: Sequence[Product],
        merchants: Sequence[DemoMerchant],
        chance: random.Random,
    ) -> None:
        self._seed = seed
        self._run = run
        self._merchants = merchants
        self._chance = chance
        self._units = 0
        self._orders = 0
        self._sold: deque[Sale] = deque(maxlen=_REMEMBERED)
        self._renovators: list[_Renovator] = []
        self._shelves: dict[str, list[Product]] = {}
        self._listed = {product.gtin: product for product in products}
        self._dear_phones: list[Product] = []
        for product in products:
            if product.category.startswith("D") and product.filed_price_fen > _CEILING_FEN:
                self._dear_phones.append(product)
            else:
                self._shelves.setdefault(product.category, []).append(product)
        self._renovation_goods = _dearest_for_homes(products)
        self._tellers: Mapping[Story, Callable[[datetime], _Basket | None]] = {
            Story.ORDINARY: self._ordinary,
            Story.RENOVATION: self._renovation,
            Story.SAME_CATEGORY_AGAIN: self._same_category_again,
            Story.SAME_UNIT_AGAIN: self._same_unit_again,
            Story.OVER_CEILING: self._over_ceiling,
            Story.OVER_FILED_PRICE: self._over_filed_price,
            Story.NOT_IN_CATALOGUE: self._not_in_catalogue,
            Story.NO_IMEI: self._no_imei,
            Story.NO_OLD_BIKE: self._no_old_bike,
            Story.TOO_YOUNG: self._too_young,
        }

    def next_sale(self, now: datetime) -> Sale:
        """The next visit to a till. A story that needs a past is an ordinary one while there is none."""
        story = self._draw(STORIES)
        basket = self._tellers[story](now)
        if basket is None:
            story, basket = Story.ORDINARY, self._ordinary(now)
        self._orders += 1
        return Sale(
            story=story,
            merchant_id=basket.merchant.merchant_id,
            order_no=f"{now:%Y%m%d}-{self._run}-{self._orders:06}",
            place=self._place(basket.merchant),
            consumer=basket.consumer,
            lines=basket.lines,
            is_quoted_first=self._chance.random() < _QUOTED_FIRST,
            is_answer_lost=self._chance.random() < _ANSWER_LOST,
            ending=self._draw(ENDINGS),
            pause_seconds=self._chance.uniform(1, 8),
            regret=self._draw(REGRETS),
            regret_seconds=self._chance.uniform(20, 240),
        )

    def remember(self, sale: Sale) -> None:
        """A sale that was paid: what the stories about a second time begin with."""
        if sale.story is Story.ORDINARY and "serial_no" in sale.lines[0]:
            self._sold.append(sale)

    # --- stories ---

    def _ordinary(self, now: datetime) -> _Basket:
        first = self._goods()
        merchant = self._merchant_selling(first)
        products = [first]
        for _ in range(self._draw(_LINES) - 1):
            other = self._goods()
            if _programme(other) in merchant.programmes and other.category != first.category:
                products.append(other)
        return self._basket(merchant, self._buyer_of(first, now), products)

    def _renovation(self, now: datetime) -> _Basket:
        self._renovators = [renovator for renovator in self._renovators if renovator.purchases_left > 0]
        while len(self._renovators) < _RENOVATORS:
            self._renovators.append(_Renovator(self._anybody(now), _RENOVATION_PURCHASES))
        renovator = self._chance.choice(self._renovators)
        renovator.purchases_left -= 1
        product = self._chance.choice(self._renovation_goods)
        return self._basket(self._merchant_selling(product), renovator.buyer, [product])

    def _same_category_again(self, _now: datetime) -> _Basket | None:
        if not self._sold:
            return None
        before = self._chance.choice(self._sold)
        product = self._listed[str(before.lines[0]["gtin"])]
        return _Basket(self._merchant_selling(product), before.consumer, [self._line(1, product)])

    def _same_unit_again(self, now: datetime) -> _Basket | None:
        if not self._sold:
            return None
        line = self._chance.choice(self._sold).lines[0]
        merchant = self._merchant_selling(self._listed[str(line["gtin"])])
        return _Basket(merchant, self._anybody(now).as_consumer(), [line])

    def _over_ceiling(self, now: datetime) -> _Basket:
        product = self._chance.choice(self._dear_phones)
        basket = self._basket(self._merchant_selling(product), self._anybody(now), [product])
        basket.lines[0]["price_fen"] = product.filed_price_fen
        return basket

    def _over_filed_price(self, now: datetime) -> _Basket:
        basket = self._ordinary(now)
        filed_price_fen = self._listed[str(basket.lines[0]["gtin"])].filed_price_fen
        basket.lines[0]["price_fen"] = filed_price_fen + self._chance.randrange(1, 30) * 1000
        return basket

    def _not_in_catalogue(self, now: datetime) -> _Basket:
        basket = self._ordinary(now)
        basket.lines[0]["gtin"] = unlisted_gtin(self._chance.randrange(10_000))
        return basket

    def _no_imei(self, now: datetime) -> _Basket:
        product = self._chance.choice(self._shelves["D01"])
        basket = self._basket(self._merchant_selling(product), self._anybody(now), [product])
        del basket.lines[0]["imei"]
        return basket

    def _no_old_bike(self, now: datetime) -> _Basket:
        product = self._chance.choice(self._shelves["E01"])
        basket = self._basket(self._merchant_selling(product), self._anybody(now), [product])
        del basket.lines[0]["trade_in"]
        return basket

    def _too_young(self, now: datetime) -> _Basket:
        product = self._chance.choice(self._shelves["W01"])
        return self._basket(self._merchant_selling(product), self._aged(now, elder=False), [product])

    # --- what sales are made of ---

    def _place(self, merchant: DemoMerchant) -> dict[str, str]:
        if self._chance.random() < _ONLINE:
            return {"channel": "online"}
        store_id = self._chance.choice(merchant.stores).store_id
        return {"channel": "in_store", "store_id": store_id, "till_id": f"{self._chance.randrange(1, 5):02}"}

    def _basket(self, merchant: DemoMerchant, buyer: Person, products: Sequence[Product]) -> _Basket:
        lines = [self._line(line_no, product) for line_no, product in enumerate(products, start=1)]
        return _Basket(merchant, buyer.as_consumer(), lines)

    def _line(self, line_no: int, product: Product) -> Line:
        self._units += 1
        line: Line = {
            "line_no": line_no,
            "gtin": product.gtin,
            "price_fen": self._price_fen(product),
            "quantity": 1,
        }
        if product.serialised:
            line["serial_no"] = f"{product.model[:3].strip('-')}{self._run}{self._units:06}".upper()
        else:
            line["quantity"] = self._chance.randrange(5, 60 if product.filed_price_fen < _CHEAP_FEN else 20)
        if product.cellular:
            line["imei"] = self._imei()
        if product.category == "E01":
            reference = f"HS-{self._run}-{self._units:06}".upper()
            battery = self._chance.choice(_BATTERIES)
            line["trade_in"] = {"category": "E01", "battery": battery, "reference": reference}
        return line

    def _price_fen(self, product: Product) -> int:
        price_fen = int(product.filed_price_fen * self._chance.uniform(_DISCOUNT_FLOOR, 1))
        return price_fen // 100 * 100 if self._chance.random() < _WHOLE_YUAN else price_fen

    def _imei(self) -> str:
        device = f"86{self._chance.randrange(10**12):012}"
        return device + luhn.calc_check_digit(device)

    def _goods(self) -> Product:
        kind = self._chance.choices(KINDS, weights=[kind.weight for kind in KINDS])[0]
        return self._chance.choice(self._shelves[kind.category])

    def _merchant_selling(self, product: Product) -> DemoMerchant:
        programme = _programme(product)
        return self._chance.choice([found for found in self._merchants if programme in found.programmes])

    def _buyer_of(self, product: Product, now: datetime) -> Person:
        return self._aged(now, elder=True) if product.category == "W01" else self._anybody(now)

    def _anybody(self, now: datetime) -> Person:
        return person(self._seed, self._chance.randrange(CITY_SIZE), now.date())

    def _aged(self, now: datetime, *, elder: bool) -> Person:
        for _ in range(_SEARCHES):
            found = self._anybody(now)
            if (found.age_years >= AGE_OF_ELDERS) is elder:
                break
        return found

    def _draw(self, shares: Mapping[Choice, float]) -> Choice:
        return self._chance.choices(tuple(shares), weights=tuple(shares.values()))[0]


def _dearest_for_homes(products: Sequence[Product]) -> list[Product]:
    for_homes = (product for product in products if _programme(product) == "home" and product.serialised)
    return sorted(for_homes, key=lambda product: product.filed_price_fen, reverse=True)[:_RENOVATION_GOODS]


def _programme(product: Product) -> str:
    return PROGRAMMES[product.category[0]]
