"""Fifty tills and the last of something. The same scenes run with the locks and, to be believed, without them."""

from tests.city import FRIDGE, SOFA, WASHER
from tests.races.rivals import Answers, Rivals

TILLS = 50
PLENTY_FEN = 1_000_000_00


async def last_item(rivals: Rivals, *, counted_before: bool = False) -> Answers:
    """One person, fifty refrigerators, of which the policy grants one a year. With `counted_before` the row that
    counts them is there already, at none."""
    await rivals.spread("appliance", [PLENTY_FEN])
    city, person = rivals.city, rivals.city.person()
    await city.buy(city.line(WASHER), person=person)
    if counted_before:
        held = await city.hold(city.line(FRIDGE), person=person)
        assert (await city.post(f"/v1/checkouts/{held['checkout_id']}/void", {})).status_code == 200
    return await rivals.checkouts_at_once([city.basket(city.line(FRIDGE), person=person) for _ in range(TILLS)])


async def last_of_a_cap(rivals: Rivals) -> Answers:
    """One person with 2,000.00 left of 15,000.00, and fifty sofas that would each earn some hundreds."""
    await rivals.spread("home", [PLENTY_FEN])
    city, person = rivals.city, rivals.city.person()
    for price_fen in (2_000_000,) * 6 + (666_667,):
        bought = await city.buy(city.line(SOFA, price_fen), person=person)
    assert bought["consumer"]["cap_remaining_fen"] == 200_000
    return await rivals.checkouts_at_once([city.basket(city.line(SOFA, 300_000), person=person) for _ in range(TILLS)])


async def last_of_a_pool(rivals: Rivals, *, stripes: int) -> Answers:
    """Fifty people and 1,000.00 left in a pool, spread over `stripes` of it; each would get 600.00."""
    await rivals.spread("appliance", [100_000 // stripes] * stripes)
    city = rivals.city
    return await rivals.checkouts_at_once([city.basket(city.line(FRIDGE, 300_000)) for _ in range(TILLS)])


async def one_serial_number(rivals: Rivals) -> Answers:
    """Fifty people who buy the very same refrigerator, which somebody has given back."""
    await rivals.spread("appliance", [PLENTY_FEN])
    city = rivals.city
    given_back = await city.hold(city.line(FRIDGE, serial_no="SN-THE-ONLY-ONE"))
    await city.post(f"/v1/checkouts/{given_back['checkout_id']}/void")
    return await rivals.checkouts_at_once(
        [city.basket(city.line(FRIDGE, serial_no="SN-THE-ONLY-ONE")) for _ in range(TILLS)]
    )
