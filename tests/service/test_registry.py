"""What a worker knows is never older than 0.8 s, whatever happened to the worker or to the database."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from app.domain.registry import Role
from app.domain.rules import Switch
from app.service import keys, merchants, policies, switches
from app.service.keys import digest_of
from app.service.refusals import NoPolicyInForce, RegistryUnavailable
from app.service.registry import AGE_SECONDS_MAX, Registry
from app.store.database import Database
from app.store.registry.revision import begin_change
from tests.registry import PACK, PEPPER, USCC, another_pack, opened, the_policy


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class CountingDatabase(Database):
    """Counts readings; `stalls` makes each wait, `is_down` makes each fail."""

    readings = 0
    stalls: asyncio.Event | None = None
    is_down = False

    @override
    @asynccontextmanager
    async def watch(self) -> AsyncIterator[AsyncConnection]:
        self.readings += 1
        if self.is_down:
            raise ConnectionRefusedError
        async with super().watch() as tx:
            yield tx
            if self.stalls is not None:
                await self.stalls.wait()


@asynccontextmanager
async def counting(database_url: str) -> AsyncIterator[CountingDatabase]:
    database = CountingDatabase(database_url)
    try:
        yield database
    finally:
        await database.close()


async def test_before_a_policy_there_are_no_rules(database_url: str):
    async with opened(database_url) as database:
        snapshot = await Registry(database).fresh()

    with pytest.raises(NoPolicyInForce):
        _ = snapshot.rules


async def test_a_snapshot_holds_everything_an_operator_said(database_url: str):
    async with opened(database_url) as database:
        await policies.publish(database, PACK)
        await policies.publish(database, another_pack(600))
        await switches.throw(database, the_policy(), "home", Switch("paused", "资金用完"))
        await merchants.add(database, merchant_id="m1", name="商店", uscc=USCC, district="朝阳区")
        await merchants.add(database, merchant_id="m2", name="商店", uscc=USCC, district="朝阳区")
        await merchants.suspend(database, "m2", "核查")
        made = await keys.create(
            database, role=Role.GATEWAY, client="网关", merchant_ids=frozenset(("m1", "m2")), pepper=PEPPER
        )
        snapshot = await Registry(database).fresh()

    assert snapshot.revision == 7
    assert (snapshot.rules.policy.code, snapshot.rules.version) == ("changchun-2025", 2)
    assert snapshot.rules.policy.hold_ttl_seconds == 600
    assert snapshot.rules.of("changchun-2025", 1).hold_ttl_seconds == 900
    assert snapshot.rules.switches == {"home": Switch("paused", "资金用完")}
    assert {name: state.status for name, state in snapshot.merchants.items()} == {
        "m1": "active",
        "m2": "suspended",
    }
    client = snapshot.clients[digest_of(made.secret, PEPPER)]
    assert (client.role, client.merchant_ids) == (Role.GATEWAY, frozenset(("m1", "m2")))


async def test_a_young_snapshot_costs_no_query_and_an_old_one_is_read_again(database_url: str):
    clock = Clock()
    async with counting(database_url) as database:
        registry = Registry(database, clock=clock)
        await registry.fresh()
        clock.seconds += AGE_SECONDS_MAX
        await registry.fresh()
        young = database.readings
        clock.seconds += 0.001
        await registry.fresh()

        assert (young, database.readings) == (1, 2)


async def test_an_unchanged_registry_is_not_loaded_again(database_url: str):
    clock = Clock()
    async with opened(database_url) as database:
        await policies.publish(database, PACK)
        registry = Registry(database, clock=clock)
        first = await registry.fresh()
        clock.seconds += 1
        unchanged = await registry.fresh()
        await switches.throw(database, the_policy(), "home", Switch("paused", "x"))
        clock.seconds += 1
        changed = await registry.fresh()

    assert unchanged is first
    assert changed is not first
    assert changed.rules.policy is first.rules.policy


async def test_a_change_binds_every_request_begun_a_second_later(database_url: str):
    async with opened(database_url) as database:
        await policies.publish(database, PACK)
        registry = Registry(database)
        await registry.start()
        try:
            for state in ("paused", "open") * 2:
                await switches.throw(database, the_policy(), "home", Switch(state, "x"))
                await asyncio.sleep(1)
                assert (await registry.fresh()).rules.switches["home"].state == state
        finally:
            await registry.stop()


async def test_a_worker_stopped_and_continued_decides_nothing_by_old_rules(database_url: str):
    clock = Clock()
    async with opened(database_url) as database:
        await policies.publish(database, PACK)
        registry = Registry(database, clock=clock)
        await registry.fresh()
        # While the process stands still the clock runs on and the operator pauses a programme.
        await switches.throw(database, the_policy(), "home", Switch("paused", "x"))
        clock.seconds += 30

        assert (await registry.fresh()).rules.switches["home"].state == "paused"


async def test_a_reading_that_was_stopped_half_way_does_not_count_as_fresh(database_url: str):
    clock = Clock()
    async with counting(database_url) as database:
        await policies.publish(database, PACK)
        registry = Registry(database, clock=clock)
        database.stalls = asyncio.Event()
        waiter = asyncio.create_task(registry.fresh())
        await asyncio.sleep(0.3)
        # The reading has its rows already; the process stands still before it can use them.
        async with opened(database_url) as elsewhere:
            await switches.throw(elsewhere, the_policy(), "home", Switch("paused", "x"))
        clock.seconds += 30
        database.stalls.set()

        assert (await waiter).rules.switches["home"].state == "paused"


async def test_all_who_wait_share_one_reading(database_url: str):
    async with counting(database_url) as database:
        registry = Registry(database)
        await asyncio.gather(*(registry.fresh() for _ in range(200)))

        assert database.readings == 1


async def test_a_waiter_that_gives_up_takes_no_other_down_with_it(database_url: str):
    async with counting(database_url) as database:
        registry = Registry(database)
        impatient = asyncio.create_task(registry.fresh())
        patient = asyncio.create_task(registry.fresh())
        await asyncio.sleep(0)
        impatient.cancel()

        assert (await patient).revision == 0


async def test_without_a_database_nothing_old_is_used_and_it_comes_back_by_itself(database_url: str):
    clock = Clock()
    async with counting(database_url) as database:
        registry = Registry(database, clock=clock)
        await registry.fresh()
        database.is_down = True
        young = await registry.fresh()
        clock.seconds += 1
        with pytest.raises(RegistryUnavailable):
            await registry.fresh()
        database.is_down = False

        assert (await registry.fresh()).revision == young.revision


async def test_a_database_that_does_not_answer_is_given_up_in_time(database_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.service.registry.WAIT_SECONDS_MAX", 0.2)
    async with counting(database_url) as database:
        database.stalls = asyncio.Event()
        began = time.monotonic()
        with pytest.raises(RegistryUnavailable):
            await Registry(database).fresh()

    assert time.monotonic() - began < 2


async def test_a_rotated_key_works_until_its_end_and_not_a_second_longer(database_url: str):
    clock = Clock()
    async with opened(database_url) as database:
        old = await keys.create(database, role=Role.OPERATOR, client="op", merchant_ids=frozenset(), pepper=PEPPER)
        new = await keys.rotate(database, old.key.key_id, overlap_seconds=1, pepper=PEPPER)
        registry = Registry(database, clock=clock)
        during = (await registry.fresh()).clients
        await asyncio.sleep(1)
        clock.seconds += 1
        after = (await registry.fresh()).clients

    digests = [digest_of(made.secret, PEPPER) for made in (old, new)]
    assert [digest in during for digest in digests] == [True, True]
    assert [digest in after for digest in digests] == [False, True]


async def test_tills_do_not_queue_behind_operators_who_queue_for_each_other(database_url: str):
    async with opened(database_url) as database:
        registry = Registry(database)
        async with database.transaction() as tx:
            await begin_change(tx)
            queue = [
                asyncio.create_task(
                    merchants.add(database, merchant_id=f"m{n}", name="商店", uscc=USCC, district="朝阳区")
                )
                for n in range(10)
            ]
            await asyncio.sleep(0.3)

            assert (await registry.fresh()).revision == 0
        await asyncio.gather(*queue)


async def test_ten_thousand_merchants_and_keys_stay_cheap(database_url: str):
    async with opened(database_url) as database:
        async with database.transaction() as tx:
            driver = (await tx.get_raw_connection()).driver_connection
            assert driver is not None
            await driver.execute("""
                INSERT INTO lijian.merchant
                SELECT 'm' || n, '商店', 'u', '朝阳区', 'active', NULL, now(), now() FROM generate_series(1, 10000) n;
                INSERT INTO lijian.api_key
                SELECT 'key_' || n, sha256(n::text::bytea), 'c', 'merchant', ARRAY['m' || n], now(), NULL, NULL
                FROM generate_series(1, 10000) n;
            """)
        registry = Registry(database)
        began = time.process_time()
        snapshot = await registry.fresh()
        loading_seconds = time.process_time() - began

    assert (len(snapshot.clients), len(snapshot.merchants)) == (10_000, 10_000)
    assert loading_seconds < 1
