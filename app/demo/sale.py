"""One visit to a till: what is sold to whom, what becomes of it, and how often each of that happens."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Story(StrEnum):
    """What is out of the ordinary about a sale, if anything."""

    ORDINARY = "ordinary"
    RENOVATION = "renovation"
    SAME_CATEGORY_AGAIN = "same_category_again"
    SAME_UNIT_AGAIN = "same_unit_again"
    OVER_CEILING = "over_ceiling"
    OVER_FILED_PRICE = "over_filed_price"
    NOT_IN_CATALOGUE = "not_in_catalogue"
    NO_IMEI = "no_imei"
    NO_OLD_BIKE = "no_old_bike"
    TOO_YOUNG = "too_young"


class Ending(StrEnum):
    """What becomes of the hold."""

    PAID_AT_ONCE = "paid_at_once"
    PAID = "paid"
    GIVEN_UP = "given_up"
    FORGOTTEN = "forgotten"


class Regret(StrEnum):
    """What brings the buyer back."""

    NONE = "none"
    RETURN = "return"
    PRICE_PROTECTION = "price_protection"


STORIES: Final[Mapping[Story, float]] = {
    Story.ORDINARY: 85.0,
    Story.RENOVATION: 7.0,
    Story.SAME_CATEGORY_AGAIN: 2.0,
    Story.OVER_CEILING: 1.2,
    Story.OVER_FILED_PRICE: 1.2,
    Story.SAME_UNIT_AGAIN: 0.9,
    Story.NOT_IN_CATALOGUE: 0.9,
    Story.NO_IMEI: 0.6,
    Story.NO_OLD_BIKE: 0.6,
    Story.TOO_YOUNG: 0.6,
}
"""Of a hundred sales."""

ENDINGS: Final[Mapping[Ending, float]] = {
    Ending.PAID_AT_ONCE: 30,
    Ending.PAID: 64,
    Ending.GIVEN_UP: 3.5,
    Ending.FORGOTTEN: 2.5,
}
REGRETS: Final[Mapping[Regret, float]] = {Regret.NONE: 95.2, Regret.RETURN: 4, Regret.PRICE_PROTECTION: 0.8}


Line = dict[str, object]
"""One line of a checkout as the till sends it."""


@dataclass(frozen=True, slots=True)
class Sale:
    """`place` says where: channel, store and till. Pauses are the times people take, in seconds."""

    story: Story
    merchant_id: str
    order_no: str
    place: dict[str, str]
    consumer: dict[str, str]
    lines: list[Line]
    is_quoted_first: bool
    is_answer_lost: bool
    ending: Ending
    pause_seconds: float
    regret: Regret
    regret_seconds: float

    def body(self) -> dict[str, object]:
        """What the till sends to `POST /v1/checkouts`."""
        return {
            "order_no": self.order_no,
            **self.place,
            "consumer": self.consumer,
            "lines": self.lines,
            "capture": self.ending is Ending.PAID_AT_ONCE,
        }
