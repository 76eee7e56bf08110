"""The reasons that lie in the goods and in the buyer, and what a declined line still says."""

from datetime import date, datetime, timedelta

import pytest

from app.api.edge.answers import CHINA
from tests.checkout.steps import declined, void
from tests.city import E_BIKE, FILED_TV, FRIDGE, PHONE, SOFA, TABLET, TILES, WEARABLE, City, a_gtin, an_imei

pytestmark = pytest.mark.asyncio(loop_scope="module")


def turning(years: int, *, in_days: int = 0) -> date:
    """The birth date of who turns `years` so many days from today."""
    birthday = datetime.now(CHINA).date() + timedelta(days=in_days)
    if (birthday.month, birthday.day) == (2, 29):
        birthday += timedelta(days=1)
    return birthday.replace(year=birthday.year - years)


async def test_goods_that_are_not_in_the_catalogue(town: City) -> None:
    line = await declined(town, town.line(a_gtin(999)))

    assert line["reason"] == "product_not_in_catalogue"
    assert (line["programme"], line["category"], line["grade"], line["rate_bps"]) == (None, None, None, None)


async def test_goods_without_their_serial_number(town: City) -> None:
    line = await declined(town, town.line(FRIDGE, serial_no=None))
    assert line["reason"] == "serial_no_required"


async def test_a_serial_number_carries_one_live_subsidy(town: City) -> None:
    serial_no = town.serial_no()
    held = await town.hold(town.line(FRIDGE, serial_no=serial_no))

    for spelt in (serial_no, serial_no.lower(), f" {serial_no[:2]} {serial_no[2:]}"):
        line = await declined(town, town.line(FRIDGE, serial_no=spelt))
        assert line["reason"] == "serial_no_already_subsidised"
    await void(town, held)
    await town.hold(town.line(FRIDGE, serial_no=serial_no))


async def test_a_serial_number_is_unique_with_its_gtin_only(town: City) -> None:
    serial_no = town.serial_no()
    await town.hold(town.line(FRIDGE, serial_no=serial_no))
    await town.hold(town.line(SOFA, serial_no=serial_no))


async def test_one_serial_number_on_two_lines_is_subsidised_once(town: City) -> None:
    serial_no = town.serial_no()
    held = await town.hold(
        town.line(SOFA, 100_000, 1, serial_no=serial_no), town.line(SOFA, 100_000, 2, serial_no=serial_no)
    )
    assert [line["reason"] for line in held["lines"]] == [None, "serial_no_already_subsidised"]


async def test_a_phone_without_its_imei(town: City) -> None:
    line = await declined(town, town.line(PHONE, imei=None))
    assert line["reason"] == "imei_required"


async def test_a_tablet_without_a_modem_needs_none(town: City) -> None:
    await town.hold(town.line(TABLET, 500_000))


@pytest.mark.parametrize("slots", [("imei", "imei"), ("imei", "imei2"), ("imei2", "imei"), ("imei2", "imei2")])
async def test_an_imei_carries_one_live_subsidy_in_either_slot(town: City, slots: tuple[str, str]) -> None:
    shared = town.imei()
    mine = {"imei": town.imei()} | {slots[0]: shared}
    theirs = {"imei": town.imei()} | {slots[1]: f"{shared[:14]}01"}
    await town.hold(town.line(PHONE) | mine)

    line = await declined(town, town.line(PHONE) | theirs)
    assert line["reason"] == "imei_already_subsidised"


async def test_an_imei_may_be_sent_as_the_second_alone(town: City) -> None:
    await town.hold(town.line(PHONE, imei=None, imei2=an_imei(88_000_001)))


async def test_the_filed_price_is_allowed_and_a_fen_more_is_not(town: City) -> None:
    await town.hold(town.line(FILED_TV, 500_000))

    line = await declined(town, town.line(FILED_TV, 500_001))
    assert line["reason"] == "price_above_filed_price"
    assert "5,000.00" in line["explanation"]["en"] or "filed" in line["explanation"]["en"]


async def test_an_e_bike_asks_for_an_old_e_bike(town: City) -> None:
    for trade_in in (None, {"category": "A01"}):
        line = await declined(town, town.line(E_BIKE, 300_000, trade_in=trade_in))
        assert line["reason"] == "trade_in_required"


async def test_who_turns_60_today_is_old_enough(town: City) -> None:
    held = await town.hold(town.line(WEARABLE, 100_000), person=town.person(turning(60)))
    assert held["subsidy_fen"] == 30_000


async def test_who_turns_60_tomorrow_is_not(town: City) -> None:
    line = await declined(town, town.line(WEARABLE, 100_000), person=town.person(turning(60, in_days=1)))
    assert line["reason"] == "consumer_not_eligible"


async def test_a_passport_needs_a_birth_date_to_show_an_age(town: City) -> None:
    basket = town.basket(town.line(WEARABLE, 100_000))
    basket["consumer"] = {"id_type": "passport", "id_number": "E00000017"}
    answer = (await town.post("/v1/checkouts", basket)).json()
    assert answer["lines"][0]["reason"] == "consumer_not_eligible"

    basket["consumer"]["birth_date"] = "1950-02-03"
    answer = await town.post("/v1/checkouts", basket)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("id_type", "id_number"),
    [
        ("resident_id", "11010519491231002X"),
        ("resident_id", "440524188001010014"),
        ("hk_macau_permit", "H12345678"),
        ("taiwan_permit", "12345678"),
        ("foreign_resident_id", "ABC123456789012"[:3] + "110190010112"[:12]),
        ("passport", "E12345679"),
    ],
)
async def test_every_kind_of_document_buys(town: City, id_type: str, id_number: str) -> None:
    basket = town.basket(town.line(TILES, 10_000)) | {"consumer": {"id_type": id_type, "id_number": id_number}}
    answer = await town.post("/v1/checkouts", basket)
    assert answer.status_code == 201, answer.text


async def test_a_decline_names_the_category_and_grade_all_the_same(town: City) -> None:
    line = await declined(town, town.line(FRIDGE, serial_no=None))

    assert (line["programme"], line["category"], line["grade"], line["quantity"]) == ("appliance", "A01", 1, 1)
    assert line["payable_fen"] == line["price_fen"]
