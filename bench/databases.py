"""One embedded PostgreSQL, durable, and the databases of the columns in it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

from app.store import migrate
from app.store.embedded import EmbeddedServer

TEMPLATE = "city"
MUST_BE_ON = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True)
class BenchDatabase:
    owner_url: str
    service_url: str

    @property
    def plain_url(self) -> str:
        """For asyncpg alone."""
        return make_url(self.service_url).set(drivername="postgresql").render_as_string(hide_password=False)

    @property
    def plain_owner_url(self) -> str:
        return make_url(self.owner_url).set(drivername="postgresql").render_as_string(hide_password=False)


class BenchServer:
    """Databases by name on one server."""

    def __init__(self, embedded: EmbeddedServer) -> None:
        self._embedded = embedded

    @property
    def pid(self) -> int:
        assert self._embedded.pid is not None
        return self._embedded.pid

    def named(self, name: str) -> BenchDatabase:
        return BenchDatabase(
            *(
                make_url(url).set(database=name).render_as_string(hide_password=False)
                for url in (self._embedded.owner_url, self._embedded.service_url)
            )
        )

    def create_empty(self, name: str) -> BenchDatabase:
        """A migrated database without a row, to be filled and then cloned."""
        self.execute(f"CREATE DATABASE {name}")
        database = self.named(name)
        asyncio.run(migrate.upgrade(database.owner_url))
        return database

    @contextmanager
    def database(self, name: str, template: str = TEMPLATE) -> Iterator[BenchDatabase]:
        """A clone of the template for as long as the block."""
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY=FILE_COPY")
        try:
            database = self.named(name)
            asyncio.run(_assert_durable(database))
            yield database
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        """Outside any transaction."""
        asyncio.run(_execute(self.named("lijian").plain_owner_url, statement))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _assert_durable(database: BenchDatabase) -> None:
    """A benchmark that may lose what it acknowledged is worth nothing."""
    connection = await asyncpg.connect(database.plain_url)
    try:
        for setting in MUST_BE_ON:
            assert await connection.fetchval(f"SHOW {setting}") == "on", f"{setting} is off"
    finally:
        await connection.close()


@contextmanager
def bench_server(data_dir: Path) -> Iterator[BenchServer]:
    with EmbeddedServer(data_dir, durable=True) as embedded:
        yield BenchServer(embedded)
