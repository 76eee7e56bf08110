"""The check value of the secrets with which a database was begun."""

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_leave
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.tables import installation


async def secret_check(tx: AsyncConnection, *, if_absent: bytes) -> bytes:
    """The stored value; the given one is stored first where there is none."""
    await tx.execute(insert_or_leave(installation).values(secret_check=if_absent).on_conflict_do_nothing())
    stored: bytes = (await tx.execute(select(installation.c.secret_check))).scalar_one()
    return stored


async def replace_secret_check(tx: AsyncConnection, value: bytes) -> None:
    await tx.execute(update(installation).values(secret_check=value))
