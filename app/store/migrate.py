"""Brings a database to the schema this program was built for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from app.store.privileges import grant_to_service_role
from app.store.tables import SCHEMA

_MIGRATION_LOCK = 0x6C696A69616E
"""The advisory lock that lets one migrate at a time; its bytes spell `lijian`. Money uses none."""

_WAIT_FOR_OTHER = "300s"
"""How long to wait for another who is migrating the same database."""


def migrations_dir() -> Path:
    """Beside this package when installed from a wheel, beside the repository's `app` when editable."""
    package = Path(__file__).parents[1]
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


def head_revision() -> str:
    """The revision this program was built for."""
    head = _scripts().get_current_head()
    if head is None:
        raise FileNotFoundError(f"no migrations in {migrations_dir()}")
    return head


def is_known(revision: str) -> bool:
    """Whether this program has that migration; False for what a later release made."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


async def current_revision(url: str) -> str | None:
    """The revision the database is at; None if it was never migrated."""
    async with _connection(url) as connection:
        return await connection.run_sync(_read_revision)


async def server_major(url: str) -> int:
    """The server's major version, such as 18."""
    async with _connection(url) as connection:
        number = await connection.scalar(text("SELECT current_setting('server_version_num')::int"))
        return int(number or 0) // 10000


async def upgrade(url: str, revision: str = "head") -> None:
    """Migrate up and grant the service role its privileges. Of two at once, the second waits."""
    async with _alone(url) as connection:
        await connection.run_sync(_upgrade, revision)


async def downgrade(url: str, revision: str) -> None:
    """Migrate down to `revision`; `base` removes every table with all its data."""
    async with _alone(url) as connection:
        await connection.run_sync(lambda sync: command.downgrade(_config(sync), revision))


def _upgrade(connection: Connection, revision: str) -> None:
    command.upgrade(_config(connection), revision)
    grant_to_service_role(connection)
    connection.commit()


def _read_revision(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA})
    return context.get_current_revision()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_dir()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@asynccontextmanager
async def _connection(url: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


@asynccontextmanager
async def _alone(url: str) -> AsyncIterator[AsyncConnection]:
    """A connection that holds the migration lock, which goes when the connection is closed."""
    async with _connection(url) as connection:
        await connection.execute(text(f"SET lock_timeout = '{_WAIT_FOR_OTHER}'"))
        await connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _MIGRATION_LOCK})
        await connection.commit()
        yield connection
