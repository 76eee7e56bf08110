"""The demo's buyers: an invented city of people, each known by his place in it."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from stdnum.iso7064 import mod_11_2

from app.demo.merchants import DISTRICTS

CITY_SIZE: Final = 400_000
AGE_OF_ELDERS: Final = 60

_SURNAMES: Final = "王李张刘陈杨赵孙马高徐林何郭罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN: Final = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂华建国文玉春雪松柏海波宁思远嘉禾子涵"
_AGES: Final = ((18, 29, 20), (30, 44, 36), (45, 59, 26), (60, 74, 14), (75, 89, 4))
"""From, to, and how many of a hundred buyers."""


@dataclass(frozen=True, slots=True)
class Person:
    """An invented buyer with a well-formed resident ID that belongs to nobody on purpose."""

    number: int
    id_number: str = field(repr=False)
    name: str = field(repr=False)
    age_years: int

    def as_consumer(self) -> dict[str, str]:
        return {"id_type": "resident_id", "id_number": self.id_number, "name": self.name}


def person(seed: int, number: int, today: date) -> Person:
    """The `number`-th person of the city: the same all year long, and as old in any year as buyers are."""
    chance = random.Random(f"{seed}:{number}")  # noqa: S311 - a world to look at, nothing to guess
    low, high, _ = chance.choices(_AGES, weights=[share for _, _, share in _AGES])[0]
    age_years = chance.randint(low, high)
    # Born before this year's birthday in any case: the age is that on the first of January.
    born = date(today.year - age_years - 1, 1, 1) + timedelta(days=chance.randrange(365))
    body = f"{chance.choice(tuple(DISTRICTS))}{born:%Y%m%d}{number % 1000:03}"
    return Person(
        number=number,
        id_number=body + mod_11_2.calc_check_digit(body),
        name=chance.choice(_SURNAMES) + "".join(chance.choices(_GIVEN, k=chance.choice((1, 2, 2)))),
        age_years=age_years,
    )
