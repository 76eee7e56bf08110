"""Parts of the real service are killed or stopped under load, and tills compare their journal with the books."""

import asyncio
import signal
from collections.abc import Callable, Iterator

import httpx
import pytest
import structlog

from app.domain.policy.pack import read_pack
from app.domain.registry import Role
from app.secrets import load_secrets
from app.service import keys, merchants, policies, products
from app.store.database import Database
from app.store.embedded.running import running_service_url
from tests.city import CATALOGUE, PACK, POOLS, USCCS
from tests.faults.journal import Tills
from tests.serving.test_supervision import Service, started, wait_until

TILLS = 24
BACK_SECONDS_MAX = 30.0

_log = structlog.get_logger(__name__)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    yield from started(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="module")
def made(service: Service) -> dict[str, str]:
    """The secrets of a till's, an operator's and an auditor's key; the city behind them is furnished."""
    return asyncio.run(furnish(service))


async def furnish(service: Service) -> dict[str, str]:
    data_dir = service.log.parent
    url = running_service_url(data_dir)
    assert url is not None
    database, pepper = Database(url), load_secrets(data_dir / "secrets.json").pepper
    await policies.publish(database, PACK.read_text())
    await products.import_csv(database, CATALOGUE.encode(), read_pack(PACK.read_text()))
    await merchants.add(database, merchant_id="M001", name="M001", uscc=USCCS[0], district="220102")
    made = {
        role.value: (
            await keys.create(database, client=role.value, role=role, merchant_ids=frozenset(ids), pepper=pepper)
        ).secret
        for role, ids in ((Role.MERCHANT, ["M001"]), (Role.OPERATOR, []), (Role.AUDITOR, []))
    }
    await database.close()
    await asyncio.sleep(1.0)  # what an operator changed binds from then on
    async with httpx.AsyncClient(base_url=service.url, headers=bearer(made["operator"])) as client:
        for pool in POOLS:
            body = {"adjustment_no": f"A-{pool}", "amount_fen": 1_000_000_000_00, "reason": "test"}
            answer = await client.post(f"/v1/pools/{pool}/adjustments", json=body)
            assert answer.status_code == 201, answer.text
    return made


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def kill_a_worker(service: Service) -> None:
    service.workers[0].kill()


def kill_both_workers(service: Service) -> None:
    for worker in service.workers:
        worker.kill()


def kill_the_database(service: Service) -> None:
    service.postgres[0].kill()


@pytest.mark.parametrize("fault", [kill_a_worker, kill_both_workers, kill_the_database])
async def test_what_was_acknowledged_is_there_after_a_kill(
    service: Service, made: dict[str, str], fault: Callable[[Service], None]
) -> None:
    async with Tills(service.url, made["merchant"], TILLS, fault.__name__.replace("_", "")) as tills:
        await asyncio.sleep(1.5)
        fault(service)
        await asyncio.sleep(2.5)

    assert_back_in_time(tills, fault.__name__)
    await assert_kept(service, made, tills)
    wait_until(lambda: len(service.workers) == 2)


async def test_a_stopped_worker_stops_neither_the_others_nor_itself_for_good(
    service: Service, made: dict[str, str]
) -> None:
    async with Tills(service.url, made["merchant"], TILLS, "stop") as tills:
        await asyncio.sleep(1.0)
        stopped = service.workers[0]
        stopped.send_signal(signal.SIGSTOP)
        await asyncio.sleep(4.0)
        stopped.send_signal(signal.SIGCONT)
        await asyncio.sleep(1.0)

    assert_back_in_time(tills, "stop_a_worker")
    assert tills.longest_silence_seconds() < 3.5
    assert stopped.pid in [worker.pid for worker in service.workers]
    await assert_kept(service, made, tills)


def assert_back_in_time(tills: Tills, fault: str) -> None:
    silence_seconds = tills.longest_silence_seconds()
    _log.info(
        "fault",
        fault=fault,
        orders=len(tills.entries),
        silence_seconds=round(silence_seconds, 2),
        unknown=sum(entry.unknown for entry in tills.entries),
        busy=sum(entry.refused for entry in tills.entries),
    )
    assert silence_seconds < BACK_SECONDS_MAX
    assert sum(entry.failed for entry in tills.entries) == 0


async def assert_kept(service: Service, made: dict[str, str], tills: Tills) -> None:
    """Every acknowledged answer is in the books with its amounts, and the books balance."""
    assert len(tills.entries) > TILLS
    async with httpx.AsyncClient(base_url=service.url, headers=bearer(made["merchant"]), timeout=30) as client:
        for entry in tills.entries:
            found = (await client.get(f"/v1/checkouts/{entry.answers[-1]['checkout_id']}")).json()
            assert {answer["checkout_id"] for answer in entry.answers} == {found["checkout_id"]}
            assert {answer["subsidy_fen"] for answer in entry.answers} == {found["subsidy_fen"]}
            assert {answer["order_no"] for answer in entry.answers} == {entry.body["order_no"]}
            assert found["status"] == ("captured" if entry.captured else entry.answers[0]["status"])
        proof = await client.get("/v1/invariants", headers=bearer(made["auditor"]))
    assert proof.json()["differences"] == []
    assert proof.json()["ok"] is True
