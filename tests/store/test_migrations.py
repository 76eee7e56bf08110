"""The migrations make what the model says, and can be taken back."""

import asyncio
from typing import Any

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.store import migrate
from app.store.tables import SCHEMA, metadata
from tests.conftest import FreshDatabase, driver_url

DESCRIPTION = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(pg_constraint.oid)
      FROM pg_constraint JOIN pg_namespace ON pg_namespace.oid = connamespace WHERE nspname = 'lijian'
    UNION ALL
    SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'lijian'
    UNION ALL
    SELECT table_name, column_name,
           concat_ws(' ', data_type, collation_name, is_nullable, column_default, identity_generation)
      FROM information_schema.columns WHERE table_schema = 'lijian'
"""
"""Every constraint, index and column, as PostgreSQL itself words them."""


async def in_connection(url: str, function: Any) -> Any:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        result = await connection.run_sync(function)
    await engine.dispose()
    return result


def describe(connection: Connection) -> set[tuple[str, str, str]]:
    rows = connection.execute(text(DESCRIPTION))
    return {(row[0], row[1], row[2]) for row in rows if "alembic_version" not in row[0]}


async def test_up_down_up_ends_where_up_ends(owner_database_url: str):
    before = await in_connection(owner_database_url, describe)
    await migrate.downgrade(owner_database_url, "base")
    emptied = await in_connection(owner_database_url, describe)
    await migrate.upgrade(owner_database_url)

    assert len(before) > 100
    assert emptied == set()
    assert await in_connection(owner_database_url, describe) == before
    assert await migrate.current_revision(owner_database_url) == migrate.head_revision()


async def test_the_migrated_schema_is_the_model_to_the_last_check(owner_database_url: str):
    migrated = await in_connection(owner_database_url, describe)
    await migrate.downgrade(owner_database_url, "base")
    await in_connection(owner_database_url, metadata.create_all)

    assert migrated == await in_connection(owner_database_url, describe)


async def test_alembic_finds_no_difference_between_model_and_schema(owner_database_url: str):
    def differences(connection: Connection) -> list[Any]:
        options = {
            "version_table_schema": SCHEMA,
            "include_schemas": True,
            "include_name": lambda name, kind, _parents: kind != "schema" or name == SCHEMA,
        }
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    assert await in_connection(owner_database_url, differences) == []


async def test_two_who_migrate_at_once_both_succeed(owner_database_url: str):
    await migrate.downgrade(owner_database_url, "base")

    await asyncio.gather(*(migrate.upgrade(owner_database_url) for _ in range(4)))

    assert await migrate.current_revision(owner_database_url) == migrate.head_revision()


async def test_a_database_never_migrated_has_no_revision(owner_database_url: str):
    await in_connection(owner_database_url, lambda c: c.execute(text(f"DROP SCHEMA {SCHEMA} CASCADE")))

    assert await migrate.current_revision(owner_database_url) is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lijian.ledger_entry SET amount_fen = 0",
        "DELETE FROM lijian.ledger_entry",
        "TRUNCATE lijian.ledger_entry",
        "UPDATE lijian.policy_version SET source = ''",
        "DELETE FROM lijian.act",
        "UPDATE lijian.act SET amount_fen = 0",
        "UPDATE lijian.alembic_version SET version_num = ''",
        "CREATE TABLE lijian.mine (one integer)",
    ],
)
async def test_the_role_that_serves_cannot_rewrite_history(database: FreshDatabase, statement: str):
    if database.service_url == database.owner_url:
        pytest.skip("the given server has one role for everything")
    connection = await asyncpg.connect(driver_url(database.service_url))

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)

    await connection.execute("UPDATE lijian.act SET relayed = true")
    await connection.close()
