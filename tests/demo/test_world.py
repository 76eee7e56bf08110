"""The demo's world is plausible, well-formed, and the same from the same seed in any year."""

import csv
import io
import random
from collections import Counter
from datetime import date, datetime
from statistics import mean

import pytest

from app.demo.catalogue import SAMPLE_GTIN, catalogue, catalogue_csv, unlisted_gtin
from app.demo.market import PROGRAMMES, Market
from app.demo.merchants import DISTRICTS, merchants
from app.demo.people import person
from app.demo.sale import REGRETS, Ending, Regret, Sale, Story
from app.identifiers import parse_gtin, parse_identity, parse_imei, parse_serial_no, parse_uscc

SEED = 2025
PRODUCTS = catalogue(SEED)
BY_GTIN = {product.gtin: product for product in PRODUCTS}


def sales(count: int, now: datetime) -> list[Sale]:
    market = Market(seed=SEED, run="t1", products=PRODUCTS, merchants=merchants(SEED), chance=random.Random(SEED))
    drawn = []
    for _ in range(count):
        drawn.append(market.next_sale(now))
        market.remember(drawn[-1])
    return drawn


def test_the_catalogue_covers_every_category_with_distinct_well_formed_products() -> None:
    categories = Counter(product.category for product in PRODUCTS)

    assert len(PRODUCTS) >= 600
    assert len(BY_GTIN) == len(PRODUCTS)
    assert set(categories) == {
        *(f"A{number:02}" for number in range(1, 13)),
        *(f"N{number:02}" for number in range(1, 15)),
        *(f"D{number:02}" for number in range(1, 4)),
        *(f"H{number:02}" for number in range(1, 34)),
        "E01",
        "W01",
    }
    assert min(categories.values()) >= 8
    assert all(parse_gtin(gtin)[1:] == gtin and 690 <= int(gtin[:3]) <= 699 for gtin in BY_GTIN)


def test_the_documented_sample_is_in_the_catalogue() -> None:
    sample = BY_GTIN[SAMPLE_GTIN]

    assert (sample.category, sample.grade, sample.filed_price_fen) == ("A01", 1, 899_900)


def test_the_catalogue_file_tells_every_product() -> None:
    rows = list(csv.DictReader(io.StringIO(catalogue_csv(PRODUCTS).decode())))

    assert [row["gtin"] for row in rows] == list(BY_GTIN)
    assert {row["serialised"] for row in rows} == {row["cellular"] for row in rows} == {"true", "false"}
    assert {row["grade"] for row in rows} == {"", "1", "2", "3"}
    assert all(int(row["filed_price_fen"]) > 0 for row in rows)


def test_the_same_seed_makes_the_same_world() -> None:
    now = datetime(2031, 3, 1, 9, 0)  # noqa: DTZ001

    assert catalogue(SEED) == PRODUCTS
    assert merchants(SEED) == merchants(SEED)
    assert sales(50, now) == sales(50, now)
    assert catalogue(SEED + 1) != PRODUCTS


def test_forty_merchants_have_their_own_valid_codes_and_stores_in_changchun() -> None:
    made = merchants(SEED)

    assert len(made) == 40
    assert len({merchant.uscc for merchant in made}) == len({merchant.name for merchant in made}) == 40
    assert all(parse_uscc(merchant.uscc) == merchant.uscc for merchant in made)
    assert {store.district for merchant in made for store in merchant.stores} <= set(DISTRICTS)
    assert {programme for merchant in made for programme in merchant.programmes} == set(PROGRAMMES.values())


@pytest.mark.parametrize("year", [2024, 2026, 2099])
def test_people_are_adults_with_valid_numbers_in_any_year(year: int) -> None:
    today = date(year, 7, 1)
    people = [person(SEED, number, today) for number in range(300)]

    for someone in people:
        born = parse_identity("resident_id", someone.id_number, None, today).birth_date
        assert born is not None
        assert 0 <= (today - born).days / 365.25 - someone.age_years < 2
    assert min(someone.age_years for someone in people) >= 18
    assert sum(someone.age_years >= 60 for someone in people) > 20
    assert "22" not in repr(people[0]).replace(str(people[0].age_years), "")


def test_every_number_a_till_sends_is_well_formed() -> None:
    now = datetime(2031, 3, 1, 9, 0)  # noqa: DTZ001
    drawn = sales(3000, now)

    for sale in drawn:
        parse_identity("resident_id", sale.consumer["id_number"], None, now.date())
        for line in sale.lines:
            parse_gtin(str(line["gtin"]))
            if "serial_no" in line:
                assert parse_serial_no(str(line["serial_no"])) == line["serial_no"]
            if "imei" in line:
                assert parse_imei(str(line["imei"])) == line["imei"]
    assert len({sale.order_no for sale in drawn}) == len(drawn)
    assert {sale.story for sale in drawn} == set(Story)
    assert {sale.ending for sale in drawn} == set(Ending)


def test_goods_sell_at_the_prices_reported_for_the_field() -> None:
    ordinary = [sale for sale in sales(6000, datetime(2031, 3, 1, 9, 0)) if sale.story is Story.ORDINARY]  # noqa: DTZ001
    prices: dict[str, list[int]] = {}
    for sale in ordinary:
        for line in sale.lines:
            programme = PROGRAMMES[BY_GTIN[str(line["gtin"])].category[0]]
            prices.setdefault(programme, []).append(int(str(line["price_fen"])))

    assert mean(prices["appliance"]) == pytest.approx(336_000, rel=0.08)
    assert mean(prices["digital"]) == pytest.approx(291_000, rel=0.08)
    assert max(prices["digital"]) <= 600_000


def test_some_buyers_return_and_some_come_back_until_their_cap_is_spent() -> None:
    drawn = sales(4000, datetime(2031, 3, 1, 9, 0))  # noqa: DTZ001
    visits = Counter(sale.consumer["id_number"] for sale in drawn if sale.story is Story.RENOVATION)

    returns = sum(sale.regret is Regret.RETURN for sale in drawn)
    assert returns / len(drawn) == pytest.approx(REGRETS[Regret.RETURN] / 100, abs=0.015)
    assert max(visits.values()) == 20


def test_the_elderly_programme_sells_to_elders_and_sometimes_is_asked_by_others() -> None:
    now = datetime(2031, 3, 1, 9, 0)  # noqa: DTZ001
    drawn = [
        sale for sale in sales(4000, now) if BY_GTIN.get(str(sale.lines[0]["gtin"]), PRODUCTS[0]).category == "W01"
    ]
    young = {Story.TOO_YOUNG, Story.SAME_UNIT_AGAIN}

    for sale in drawn:
        born = parse_identity("resident_id", sale.consumer["id_number"], None, now.date()).birth_date
        assert born is not None
        if sale.story is Story.ORDINARY:
            assert now.year - born.year >= 60
        elif sale.story is Story.TOO_YOUNG:
            assert now.year - born.year <= 61
    assert young & {sale.story for sale in drawn}


def test_unlisted_goods_are_not_in_the_catalogue() -> None:
    assert all(parse_gtin(unlisted_gtin(number))[1:] not in BY_GTIN for number in range(200))
