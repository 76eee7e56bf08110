"""The one way to PostgreSQL: an engine for the registry and reads, and another for money."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import AdaptedConnection, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

_KEEPALIVE = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}

_MONEY = {
    "application_name": "lijian money",
    "idle_in_transaction_session_timeout": "2000",
    "lock_timeout": "2000",
    "statement_timeout": "5000",
    # Every statement of the book finds its rows by key. A plan made while tables were empty must not become a
    # sequential scan that is still in use when they hold ten million rows.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    # And the same plan serves every batch: with arrays for parameters PostgreSQL would plan some anew each time.
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    **_KEEPALIVE,
}

_MONEY_ANSWER_SECONDS = 6.0
_REGISTRY_ANSWER_SECONDS = 65.0
"""A little more than the server gives a statement: whoever is silent longer will be so for ever, and a network that
swallows everything must not keep a batch slot until TCP gives up."""

_REGISTRY = {"application_name": "lijian registry", "statement_timeout": "60000", "jit": "off", **_KEEPALIVE}


class Database:
    """`url` is `postgresql+asyncpg://…`. `money_connections` bounds the batches that may run at once."""

    def __init__(self, url: str, *, money_connections: int = 3, registry_connections: int = 5) -> None:
        self.url = url
        self.registry = _engine(url, _REGISTRY, registry_connections, _REGISTRY_ANSWER_SECONDS)
        # Operators queue for one another's changes while they hold connections; tills must not queue behind them.
        self._watch = _engine(url, _REGISTRY, 1, _REGISTRY_ANSWER_SECONDS)
        self._money = _engine(url, _MONEY, money_connections, _MONEY_ANSWER_SECONDS)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A READ COMMITTED transaction for the registry and for reads; commits at the end of the block."""
        async with self.registry.begin() as connection:
            yield connection

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[AsyncConnection]:
        """Like `transaction`, on a connection kept for learning what operators changed."""
        async with self._watch.begin() as connection:
            yield connection

    @asynccontextmanager
    async def money(self) -> AsyncIterator[asyncpg.Connection]:
        """The driver's own connection, for the book's statements. The caller begins and commits.

        A block that ends by an exception discards the connection, and with it any open transaction.
        """
        async with _driver(self._money) as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[asyncpg.Connection]:
        """The driver's own connection for plain reads; it takes nothing from the batches' connections."""
        async with _driver(self.registry) as connection:
            yield connection

    async def next_worker_number(self) -> int:
        """A number no worker that started lately has."""
        async with self.reading() as connection:
            number: int = await connection.fetchval("SELECT nextval('lijian.worker_number')")
        return number

    async def close(self) -> None:
        await self._money.dispose()
        await self.registry.dispose()
        await self._watch.dispose()


@asynccontextmanager
async def _driver(engine: AsyncEngine) -> AsyncIterator[asyncpg.Connection]:
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        driver = raw.driver_connection
        assert driver is not None
        try:
            yield driver
        except BaseException:
            driver.terminate()
            await connection.invalidate()
            raise


def _engine(url: str, server_settings: dict[str, str], connections: int, answer_seconds: float) -> AsyncEngine:
    engine = create_async_engine(
        make_url(url),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=3,
        pool_pre_ping=False,
        connect_args={"server_settings": server_settings, "timeout": 3, "command_timeout": answer_seconds},
    )
    event.listen(engine.sync_engine, "checkout", _replace_lost)
    return engine


def _replace_lost(connection: AdaptedConnection, record: object, proxy: object) -> None:
    """Have the pool made anew when a connection was lost while it lay there. The driver has seen that already: it
    costs no question to the server, and nobody is refused for a database that is back."""
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError
