"""Databases for tests: real PostgreSQL, a fresh one for whoever asks, cloned from a template migrated once.

One server for each xdist worker: the one LIJIAN_TEST_DATABASE_URL names (its role must be allowed to create
databases), else an embedded one that forgets to fsync.
"""

import asyncio
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import hypothesis
import pytest
from sqlalchemy import make_url

from app.store import migrate
from app.store.embedded import EmbeddedServer

# How long one example takes says something about the machine, not about the program.
hypothesis.settings.register_profile("lijian", deadline=None)
hypothesis.settings.load_profile("lijian")

_numbers = itertools.count(1)


@dataclass(frozen=True)
class DatabaseServer:
    """`owner_url` may do everything; `service_url` is the role that serves, where there is one."""

    owner_url: str
    service_url: str
    prefix: str

    @property
    def template(self) -> str:
        return f"{self.prefix}_template"

    def execute(self, statement: str) -> None:
        """Outside any transaction, as CREATE DATABASE wants it."""

        async def run() -> None:
            connection = await asyncpg.connect(driver_url(self.owner_url))
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(run())

    @contextmanager
    def fresh_database(self) -> Iterator["FreshDatabase"]:
        name = f"{self.prefix}_{next(_numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {self.template} STRATEGY=FILE_COPY")
        yield FreshDatabase(named(self.service_url, name), named(self.owner_url, name))
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass(frozen=True)
class FreshDatabase:
    service_url: str
    owner_url: str


def named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def driver_url(url: str) -> str:
    """The same for asyncpg alone, without SQLAlchemy."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def _server(data_dir: Path, prefix: str) -> Iterator[DatabaseServer]:
    given = os.environ.get("LIJIAN_TEST_DATABASE_URL")
    if given:
        yield DatabaseServer(given, given, prefix)
        return
    with EmbeddedServer(data_dir, durable=False) as embedded:
        yield DatabaseServer(embedded.owner_url, embedded.service_url, prefix)


@pytest.fixture(scope="session")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    prefix = f"lijian_test_{os.getpid()}"
    with _server(tmp_path_factory.mktemp("postgres"), prefix) as server:
        server.execute(f"CREATE DATABASE {server.template}")
        asyncio.run(migrate.upgrade(named(server.owner_url, server.template)))
        yield server
        server.execute(f"DROP DATABASE {server.template} WITH (FORCE)")


@pytest.fixture
def database(database_server: DatabaseServer) -> Iterator[FreshDatabase]:
    """A migrated, empty database of this test's own."""
    with database_server.fresh_database() as database:
        yield database


@pytest.fixture
def database_url(database: FreshDatabase) -> str:
    """A migrated, empty database of this test's own, as the role that serves."""
    return database.service_url


@pytest.fixture
def owner_database_url(database: FreshDatabase) -> str:
    """The database of `database_url`, as the role that may change what is append-only."""
    return database.owner_url


@pytest.fixture(scope="module")
def module_database(database_server: DatabaseServer) -> Iterator[FreshDatabase]:
    """A migrated database that the tests of one file share; empty when the first of them runs."""
    with database_server.fresh_database() as database:
        yield database


@pytest.fixture(scope="module")
def module_database_url(module_database: FreshDatabase) -> str:
    """The shared database of this file, as the role that serves."""
    return module_database.service_url
