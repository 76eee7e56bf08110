"""Bearer keys, kept as keyed hashes."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, any_, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.registry import ApiKey, Client, Role
from app.store.tables import api_key

_KEY = [api_key.c[name] for name in ApiKey.__slots__]


class LiveKeys(NamedTuple):
    """Who may call, by digest; `until` is when the first of these keys lapses, None when none will."""

    clients: dict[bytes, Client]
    until: datetime | None


async def add(
    connection: AsyncConnection,
    *,
    key_id: str,
    digest: bytes,
    client: str,
    role: Role,
    merchant_ids: tuple[str, ...],
    at: datetime,
) -> ApiKey:
    statement = (
        insert(api_key)
        .values(
            key_id=key_id,
            digest=digest,
            client=client,
            role=role,
            merchant_ids=list(merchant_ids),
            created_at=at,
        )
        .returning(*_KEY)
    )
    return _api_key((await connection.execute(statement)).one())


async def get(connection: AsyncConnection, key_id: str) -> ApiKey | None:
    row = (await connection.execute(select(*_KEY).where(api_key.c.key_id == key_id))).one_or_none()
    return None if row is None else _api_key(row)


async def page(
    connection: AsyncConnection, *, merchant_id: str | None, after_key_id: str | None, rows_max: int
) -> list[ApiKey]:
    """Keys in order of making, revoked ones too; of one merchant (gateways that serve it included) or all."""
    statement = select(*_KEY).order_by(api_key.c.key_id).limit(rows_max)
    if merchant_id is not None:
        statement = statement.where(literal(merchant_id) == any_(api_key.c.merchant_ids))
    if after_key_id is not None:
        statement = statement.where(api_key.c.key_id > after_key_id)
    return [_api_key(row) for row in await connection.execute(statement)]


async def lapse(connection: AsyncConnection, key_id: str, *, expires_at: datetime) -> None:
    """Let a key work until an instant and no longer."""
    await connection.execute(update(api_key).where(api_key.c.key_id == key_id).values(expires_at=expires_at))


async def revoke(connection: AsyncConnection, key_id: str, *, at: datetime) -> None:
    """Make a key useless. One that is revoked keeps its first instant."""
    still_works = (api_key.c.key_id == key_id) & api_key.c.revoked_at.is_(None)
    await connection.execute(update(api_key).where(still_works).values(revoked_at=at))


async def live(connection: AsyncConnection, now: datetime) -> LiveKeys:
    statement = select(
        api_key.c.digest,
        api_key.c.key_id,
        api_key.c.client,
        api_key.c.role,
        api_key.c.merchant_ids,
        api_key.c.expires_at,
    ).where(api_key.c.revoked_at.is_(None), api_key.c.expires_at.is_(None) | (api_key.c.expires_at > now))
    clients: dict[bytes, Client] = {}
    until: datetime | None = None
    for digest, key_id, client, role, merchant_ids, expires_at in await connection.execute(statement):
        clients[digest] = Client(key_id, client, Role(role), frozenset(merchant_ids))
        if expires_at is not None and (until is None or expires_at < until):
            until = expires_at
    return LiveKeys(clients, until)


def _api_key(row: Row[Any]) -> ApiKey:
    return ApiKey(**{**row._asdict(), "role": Role(row.role), "merchant_ids": tuple(row.merchant_ids)})
