"""Fifty tills, four engines, and the last of something: it is granted once, to the fen."""

import pytest

from tests.city import FRIDGE, PHONE
from tests.races.rivals import Rivals, granted_fen, reasons, statuses
from tests.races.scenes import PLENTY_FEN, last_item, last_of_a_cap, last_of_a_pool, one_serial_number


async def test_the_last_item_of_a_category_goes_to_one_till(rivals: Rivals) -> None:
    answers = await last_item(rivals)

    assert statuses(answers) == {201: 1, 200: 49}
    assert reasons(answers) == {None: 1, "category_limit_reached": 49}
    await rivals.city.assert_books_balance()


async def test_the_last_of_a_consumers_cap_is_granted_to_the_fen(rivals: Rivals) -> None:
    answers = await last_of_a_cap(rivals)

    assert granted_fen(answers) == 200_000
    assert set(statuses(answers)) == {200, 201}
    assert set(reasons(answers)) == {None, "consumer_cap_reached"}
    await rivals.city.assert_books_balance()


@pytest.mark.parametrize("stripes", [1, 4])
async def test_the_last_of_a_pool_is_granted_to_the_fen(rivals: Rivals, stripes: int) -> None:
    answers = await last_of_a_pool(rivals, stripes=stripes)

    assert granted_fen(answers) == 100_000
    assert sorted(a.json()["subsidy_fen"] for a in answers if a.status_code == 201) == [40_000, 60_000]
    assert reasons(answers) == {None: 1, "fund_exhausted": 49}
    assert (await rivals.city.pool())["available_fen"] == 0
    for number in range(len(rivals.clients)):
        late = await rivals.post(number, "/v1/checkouts", rivals.city.basket())
        assert (late.status_code, late.json()["lines"][0]["reason"]) == (200, "fund_exhausted")
    await rivals.city.assert_books_balance()


async def test_single_fen_in_many_stripes_are_found(rivals: Rivals) -> None:
    await rivals.spread("appliance", [1, 2, 3, 5])

    answer = await rivals.post(2, "/v1/checkouts", rivals.city.basket())

    assert answer.json()["subsidy_fen"] == 11
    assert answer.json()["lines"][0]["limited_by"] == "pool"
    assert (await rivals.city.pool())["available_fen"] == 0
    await rivals.city.assert_books_balance()


async def test_one_serial_number_carries_one_subsidy(rivals: Rivals) -> None:
    answers = await one_serial_number(rivals)

    assert statuses(answers) == {201: 1, 200: 49}
    assert reasons(answers) == {None: 1, "serial_no_already_subsidised": 49}
    await rivals.city.assert_books_balance()


async def test_one_telephone_under_all_its_numbers_carries_one_subsidy(rivals: Rivals) -> None:
    """The IMEI of 15 digits, the same without its check digit, with a software version, and in full-width digits."""
    await rivals.spread("digital", [PLENTY_FEN])
    city = rivals.city
    imei = city.imei()
    wide = imei.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    aliases = (imei, imei[:14], imei[:14] + "07", wide)

    answers = await rivals.checkouts_at_once(
        [city.basket(city.line(PHONE, 300_000, imei=aliases[i % len(aliases)])) for i in range(50)]
    )

    assert statuses(answers) == {201: 1, 200: 49}
    assert reasons(answers) == {None: 1, "imei_already_subsidised": 49}
    await city.assert_books_balance()


async def test_two_telephones_on_one_contract_of_two_numbers_are_told_apart(rivals: Rivals) -> None:
    """The second IMEI of one is the first of the other: only one of them is subsidised."""
    await rivals.spread("digital", [PLENTY_FEN])
    city = rivals.city
    shared = city.imei()
    one = [city.basket(city.line(PHONE, 300_000, imei2=shared)) for _ in range(10)]
    other = [city.basket(city.line(PHONE, 300_000, imei=shared)) for _ in range(10)]

    answers = await rivals.checkouts_at_once([*one, *other])

    assert statuses(answers) == {201: 1, 200: 19}
    await city.assert_books_balance()


async def test_baskets_that_want_the_same_goods_in_opposite_order_do_not_block_one_another(rivals: Rivals) -> None:
    await rivals.spread("appliance", [PLENTY_FEN])
    city = rivals.city
    forth = [{"serial_no": "SN-A", "line_no": 1}, {"serial_no": "SN-B", "line_no": 2}]
    back = [{"serial_no": "SN-B", "line_no": 1}, {"serial_no": "SN-A", "line_no": 2}]

    answers = await rivals.checkouts_at_once(
        [city.basket(*(city.line(FRIDGE, **more) for more in (forth if i % 2 else back))) for i in range(40)]
    )

    assert set(statuses(answers)) == {200, 201}
    granted = [line for a in answers for line in a.json()["lines"] if line["subsidy_fen"]]
    assert len(granted) == 2 or len(granted) == 1
    await city.assert_books_balance()
