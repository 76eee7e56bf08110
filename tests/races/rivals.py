"""Several engines on one database, and a gate that lets them go only when all of them really wait in it.

Each engine is a whole application with connection pools and a home stripe of its own, as on machines of their own.
A gate is a table lock taken by a connection of the test's: readers pass, the first writer of that table waits. So
every engine has read all it may read before any of them has written: the moment at which races happen.
"""

import asyncio
import itertools
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx

from app.config import Settings
from app.main import create_app
from app.store.database import Database
from tests.city import SECRETS, City
from tests.conftest import driver_url

Answers = Sequence[httpx.Response]

GATE_SECONDS_MAX = 2.5
"""Shorter than a till waits in a queue: behind the gate nobody is told to come again."""


@dataclass
class Rivals:
    """A city whose tills are spread over several engines."""

    city: City
    clients: Sequence[httpx.AsyncClient]
    owner: asyncpg.Connection
    owner_url: str

    async def post(self, number: int, path: str, body: object = None, key: str = "merchant") -> httpx.Response:
        """A call through the `number`th engine, counted round."""
        client = self.clients[number % len(self.clients)]
        headers = {"Authorization": f"Bearer {self.city.keys[key]}"}
        return await client.post(path, json=body, headers=headers)

    async def all_at_once(
        self, calls: Iterable[tuple[str, object]], *, table: str = "consumer_quota", key: str = "merchant"
    ) -> Answers:
        """Send the calls to the engines in turn and hold all of them at the gate before one may write."""
        async with self.gate(table):
            sent = self.begin(calls, key=key)
            await self.until_waiting(min(len(sent), len(self.clients)))
        return await asyncio.gather(*sent)

    def begin(
        self, calls: Iterable[tuple[str, object]], *, key: str = "merchant"
    ) -> list[asyncio.Task[httpx.Response]]:
        """Send the calls to the engines in turn; what they answer is waited for by the caller."""
        return [asyncio.create_task(self.post(i, path, body, key)) for i, (path, body) in enumerate(calls)]

    async def checkouts_at_once(self, baskets: Iterable[object]) -> Answers:
        return await self.all_at_once(("/v1/checkouts", basket) for basket in baskets)

    @asynccontextmanager
    async def gate(self, table: str) -> AsyncIterator[None]:
        """While it is closed nobody writes `table`; everybody may read it."""
        async with self.transaction() as gatekeeper:
            await gatekeeper.execute(f"LOCK TABLE lijian.{table} IN SHARE MODE")
            yield

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """A transaction of the owner's, on a connection of its own: `owner` goes on seeing who waits."""
        connection = await asyncpg.connect(driver_url(self.owner_url))
        try:
            async with connection.transaction():
                yield connection
        finally:
            await connection.close()

    async def until_waiting(self, sessions: int) -> None:
        """Until that many batches wait for a lock in the database, behind the gate or behind one another."""
        async with asyncio.timeout(GATE_SECONDS_MAX):
            while await self._waiting() < sessions:  # noqa: ASYNC110 - the database has no event to wait for
                await asyncio.sleep(0.01)

    async def _waiting(self) -> int:
        count: int = await self.owner.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'lijian money' AND wait_event_type = 'Lock'"
        )
        return count

    async def lapse(self, *checkout_ids: str) -> None:
        """Let these holds run out now."""
        await self.owner.execute(
            "UPDATE lijian.checkout SET expires_at = clock_timestamp() WHERE checkout_id = ANY($1::text[])",
            list(checkout_ids),
        )

    async def lapse_in(self, seconds: float, checkout_id: str) -> None:
        await self.owner.execute(
            "UPDATE lijian.checkout SET expires_at = clock_timestamp() + $1 * interval '1 second'"
            " WHERE checkout_id = $2",
            seconds,
            checkout_id,
        )

    async def spread(self, pool: str, amounts_fen: Sequence[int]) -> None:
        """Money in several stripes: each amount is added through another engine."""
        for number, amount_fen in enumerate(amounts_fen):
            body = {"adjustment_no": self.city.order_no(), "amount_fen": amount_fen, "reason": "test"}
            answer = await self.post(number, f"/v1/pools/{pool}/adjustments", body, key="operator")
            assert answer.status_code == 201, answer.text


@asynccontextmanager
async def rivals_of(city: City, owner_url: str, engines: int) -> AsyncIterator[Rivals]:
    """`engines` in all, the city's own among them."""
    async with AsyncExitStack() as stack:
        clients = [city.client]
        for _ in range(engines - 1):
            app = create_app(Settings(database_url=city.database.url), SECRETS)
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            clients.append(
                await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://till"))
            )
        owner = await asyncpg.connect(driver_url(owner_url))
        try:
            yield Rivals(city, clients, owner, owner_url)
        finally:
            await owner.close()


class WithoutLocks:
    """A money connection whose statements have lost their row locks and their version guard."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    def fetch(self, statement: str, *arguments: object) -> Awaitable[list[asyncpg.Record]]:
        return self._connection.fetch(unlocked(statement), *arguments)

    def execute(self, statement: str, *arguments: object) -> Awaitable[str]:
        return self._connection.execute(unlocked(statement), *arguments)


def unlocked(statement: str) -> str:
    statement = re.sub(r"FOR NO KEY UPDATE( OF \w+)?", "", statement)
    return statement.replace("AND q.version = u.version - 1", "")


@asynccontextmanager
async def money_without_locks(database: Database) -> AsyncIterator[WithoutLocks]:
    """In place of `Database.money`."""
    async with original_money(database) as connection:
        yield WithoutLocks(connection)


original_money = Database.money


def statuses(answers: Answers) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def granted_fen(answers: Answers) -> int:
    """The subsidy of all answers that granted anything anew."""
    return sum(answer.json()["subsidy_fen"] for answer in answers if answer.status_code == 201)


def reasons(answers: Answers) -> Counter[str | None]:
    """The reason of each basket's first line, of all answers that decided one."""
    return Counter(answer.json()["lines"][0]["reason"] for answer in answers)


def codes(answers: Answers) -> Counter[str | None]:
    """The error codes of refusals."""
    return Counter(answer.json().get("code") for answer in answers)


def numbered(count: int) -> Iterable[int]:
    return itertools.islice(itertools.count(1), count)


def same(answers: Answers, name: str) -> set[Any]:
    return {answer.json().get(name) for answer in answers}
