"""While identity keys rotate, a consumer's digest may change between two locks of one batch."""

from tests.races.rivals import Rivals
from tests.races.scenes import PLENTY_FEN


async def test_a_capture_survives_the_rewriting_of_its_consumers_digest(rivals: Rivals) -> None:
    await rivals.spread("appliance", [PLENTY_FEN])
    held = await rivals.city.hold()

    async with rivals.transaction() as other:
        await other.execute("UPDATE lijian.consumer SET digest = digest || '\\x00'::bytea")
        (capture,) = rivals.begin([(f"/v1/checkouts/{held['checkout_id']}/capture", None)])
        await rivals.until_waiting(1)
    answer = await capture

    assert (answer.status_code, answer.json().get("status")) == (200, "captured")
    await rivals.city.assert_books_balance()
