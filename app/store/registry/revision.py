"""The registry's revision: every change adds one, and workers poll it to learn that something changed."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.tables import registry_revision


class Revision(NamedTuple):
    """A number, and the database's clock when it was taken or read."""

    number: int
    at: datetime


async def begin_change(connection: AsyncConnection) -> Revision:
    """Take the next revision, and with it the lock of its one row until the transaction ends: changes of the
    registry happen one after another, so that none is decided on what another is about to change."""
    statement = (
        insert(registry_revision)
        .values(only=True, revision=1)
        .on_conflict_do_update(
            index_elements=[registry_revision.c.only],
            set_={"revision": registry_revision.c.revision + 1},
        )
        .returning(registry_revision.c.revision)
    )
    number = (await connection.execute(statement)).scalar_one()
    return Revision(number, await database_clock(connection))


async def read_revision(connection: AsyncConnection) -> Revision:
    """The last committed number (0 before the first change), in one small query."""
    statement = text("SELECT (SELECT revision FROM lijian.registry_revision), clock_timestamp()")
    number, at = (await connection.execute(statement)).one()
    return Revision(number or 0, at)


async def database_clock(connection: AsyncConnection) -> datetime:
    at: datetime = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return at
