"""Each invariant is broken once, by hand and as the owner: the query that guards it must say so, and name the row."""

import asyncio

import asyncpg
import pytest

from app.domain.commands import UnitsReturned
from app.store.invariants import INVARIANTS, differences
from tests.book.builders import a_buyer, a_hold, a_line, a_refund, an_adjustment, by_id, capture_of, void_of
from tests.book.market import bent_market
from tests.book.postgres import a_twin
from tests.book.world import World
from tests.conftest import FreshDatabase, driver_url

MARKET = bent_market()
SERIAL, LOOSE = MARKET.product("P1").gtin, MARKET.product("P3").gtin

BREAKS = {
    "acts_balance": "UPDATE lijian.ledger_entry SET quota_units = quota_units + 1 WHERE account = 'held'",
    "pools_match_ledger": "UPDATE lijian.fund_stripe SET held_fen = held_fen + 1, spent_fen = spent_fen - 1"
    " WHERE pool = 'plain'",
    "pools_balance": "UPDATE lijian.fund_stripe SET budget_fen = budget_fen + 1 WHERE pool = 'plain'",
    "quotas_match_ledger": "UPDATE lijian.consumer_quota SET used_units = used_units + 1 WHERE used_units > 0",
    "quotas_within_caps": "UPDATE lijian.consumer_quota SET cap_fen = 1 WHERE cap_fen IS NOT NULL",
    "checkouts_match_ledger": "UPDATE lijian.checkout SET status = 'voided' WHERE status = 'held'",
    "checkouts_match_lines": "UPDATE lijian.checkout_line SET refunded_fen = refunded_fen - 1 WHERE refunded_fen > 0",
    "refunds_match_checkouts": "UPDATE lijian.refund SET subsidy_returned_fen = subsidy_returned_fen + 1",
    "one_live_subsidy_per_item": "UPDATE lijian.item_claim SET checkout_id = NULL WHERE checkout_id IS NOT NULL",
    "one_checkout_per_order_number": "UPDATE lijian.order_number SET checkout_id = 'co_x' WHERE state = 'taken'",
}
ALSO = {
    "one_live_subsidy_per_item": (
        "UPDATE lijian.item_claim SET checkout_id = 'co_x', lane = 0, line_no = 1 WHERE checkout_id IS NULL",
    ),
    "one_checkout_per_order_number": ("DELETE FROM lijian.order_number WHERE state = 'taken'",),
    "pools_match_ledger": ("DELETE FROM lijian.fund_stripe",),
    "quotas_match_ledger": (
        "DELETE FROM lijian.consumer_quota",
        "UPDATE lijian.consumer_quota SET used_fen = used_fen + 1",
    ),
    "pools_balance": ("UPDATE lijian.fund_stripe SET available_fen = -1, spent_fen = spent_fen + available_fen + 1",),
}
"""Other ways to break the same."""

CHECKS = (
    ("fund_stripe", "fund_stripe_available_check"),
    ("fund_stripe", "fund_stripe_balanced_check"),
    ("consumer_quota", "consumer_quota_within_cap_fen_check"),
)
"""Constraints that would refuse some of it first."""


async def _some_business(fresh: FreshDatabase) -> None:
    world = World(MARKET)
    async with a_twin(fresh, MARKET.products, world.rules) as twin:
        lines = [a_line(SERIAL, 100_000, serial_no="SN1"), a_line(LOOSE, 100_000, line_no=2, quantity=3)]
        spent = a_hold(lines, buyer=a_buyer(1), capture=True)
        held = a_hold([lines[0]._replace(serial_no="SN2")], buyer=a_buyer(2))
        gone = a_hold([lines[0]._replace(serial_no="SN3")], buyer=a_buyer(3))
        await twin.run([an_adjustment("plain", 1_000_000), spent, held, gone, void_of(gone)])
        await twin.run([a_refund(by_id(spent), [UnitsReturned(2, 1)]), capture_of(spent)])


@pytest.fixture(scope="module")
def business(module_database: FreshDatabase) -> str:
    """A database with a bought, a held and a voided checkout and a refund, as its owner sees it."""
    asyncio.run(_some_business(module_database))
    return driver_url(module_database.owner_url)


async def test_books_that_balance_differ_in_nothing(business: str):
    connection = await asyncpg.connect(business)
    try:
        _, counts, found = await differences(connection)
    finally:
        await connection.close()

    assert found == []
    assert counts == dict.fromkeys(counts, 0)
    assert set(counts) == {invariant.name for invariant in INVARIANTS}


def test_every_invariant_is_broken_here_once():
    assert set(BREAKS) == {invariant.name for invariant in INVARIANTS}


WAYS = [*BREAKS.items(), *((name, statement) for name, statements in ALSO.items() for statement in statements)]


@pytest.mark.parametrize(("name", "statement"), WAYS)
async def test_a_row_changed_by_hand_is_found(business: str, name: str, statement: str):
    connection = await asyncpg.connect(business)
    transaction = connection.transaction()
    await transaction.start()
    try:
        for table, check in CHECKS:
            await connection.execute(f"ALTER TABLE lijian.{table} DROP CONSTRAINT {check}")
        assert (await connection.execute(statement)).split()[-1] != "0"
        query = next(invariant.query for invariant in INVARIANTS if invariant.name == name)
        found = await connection.fetch(query)
    finally:
        await transaction.rollback()
        await connection.close()

    assert found
    for subject, expected, present in found:
        assert subject
        assert str(expected) != str(present) or name == "pools_balance"


async def test_differences_name_invariant_and_row(database: FreshDatabase):
    await _some_business(database)
    connection = await asyncpg.connect(driver_url(database.owner_url))
    try:
        await connection.execute(BREAKS["refunds_match_checkouts"])
        _, counts, found = await differences(connection)
    finally:
        await connection.close()

    assert {name for name, count in counts.items() if count} == {"refunds_match_checkouts"}
    (difference,) = found
    assert difference.invariant == "refunds_match_checkouts"
    assert difference.subject.startswith("co_")
    assert int(difference.expected) == int(difference.found) + 1
