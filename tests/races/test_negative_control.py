"""The harness proves something only if races do happen in it: the same calls, with the locking taken out.

Row locks and the quotas' version guard are cut out of the statements, and the CHECKs that would stop the harm are
dropped from this scratch database. Everything else, the book included, is the program as it is.
"""

import pytest

from app.store.database import Database
from tests.races import rivals as harness
from tests.races.rivals import Rivals, granted_fen
from tests.races.scenes import last_item, last_of_a_cap, last_of_a_pool, one_serial_number


@pytest.fixture
async def reckless(rivals: Rivals, monkeypatch: pytest.MonkeyPatch) -> Rivals:
    await rivals.owner.execute(
        """
        ALTER TABLE lijian.fund_stripe DROP CONSTRAINT fund_stripe_available_check;
        ALTER TABLE lijian.consumer_quota DROP CONSTRAINT consumer_quota_within_cap_fen_check,
                                          DROP CONSTRAINT consumer_quota_within_cap_units_check;
        """
    )
    monkeypatch.setattr(Database, "money", harness.money_without_locks)
    return rivals


async def differences(rivals: Rivals) -> list[str]:
    proof = (await rivals.city.get("/v1/invariants", key="auditor")).json()
    return sorted({difference["invariant"] for difference in proof["differences"]})


async def test_without_locks_a_consumer_is_granted_more_than_his_cap(reckless: Rivals) -> None:
    answers = await last_of_a_cap(reckless)

    assert granted_fen(answers) > 200_000
    assert "quotas_match_ledger" in await differences(reckless)


async def test_without_locks_a_consumer_gets_more_than_one_of_a_category(reckless: Rivals) -> None:
    # the first row of its kind is guarded by its key alone
    answers = await last_item(reckless, counted_before=True)

    assert sum(answer.status_code == 201 for answer in answers) > 1


async def test_without_locks_one_serial_number_is_subsidised_twice(reckless: Rivals) -> None:
    answers = await one_serial_number(reckless)

    assert sum(answer.status_code == 201 for answer in answers) > 1


async def test_without_locks_a_pool_is_overspent(reckless: Rivals) -> None:
    answers = await last_of_a_pool(reckless, stripes=4)

    assert granted_fen(answers) > 100_000
    assert "pools_balance" in await differences(reckless)
