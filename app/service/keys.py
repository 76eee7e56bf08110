"""Bearer keys: made here, shown once, kept as keyed hashes."""

import hmac
import secrets
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.registry import ApiKey, Role
from app.service.ids import fresh_id
from app.service.refusals import KeyRetired, NotFound, UnknownMerchants
from app.store.database import Database
from app.store.registry import api_keys, merchants
from app.store.registry.revision import Revision, begin_change

OVERLAP_SECONDS_DEFAULT = 24 * 3600
OVERLAP_SECONDS_MAX = 30 * 24 * 3600

_SECRET_BITS = 256
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LETTERS_NEEDED = 43
"""62 to this power is just above 2**256."""


class NewKey(NamedTuple):
    """`secret` is the key itself: it exists here and with its holder, nowhere else."""

    key: ApiKey
    secret: str


def digest_of(secret: str, pepper: bytes) -> bytes:
    """What is kept of a key, and what a caller's key is looked up by."""
    return hmac.digest(pepper, secret.encode(), "sha256")


async def create(
    database: Database,
    *,
    role: Role,
    client: str,
    merchant_ids: frozenset[str],
    pepper: bytes,
) -> NewKey:
    """A new key. A merchant's names that one merchant, a gateway's those it serves, others none.

    Raises UnknownMerchants.
    """
    async with database.transaction() as tx:
        change = await begin_change(tx)
        unknown = await merchants.unknown(tx, merchant_ids)
        if unknown:
            raise UnknownMerchants(unknown)
        return await _add(tx, change, role, client, tuple(sorted(merchant_ids)), pepper=pepper)


async def create_for_merchant(database: Database, *, merchant_id: str, client: str | None, pepper: bytes) -> NewKey:
    """A key for a merchant's own tills, held by the merchant unless told. Raises NotFound."""
    try:
        return await create(
            database,
            role=Role.MERCHANT,
            client=merchant_id if client is None else client,
            merchant_ids=frozenset((merchant_id,)),
            pepper=pepper,
        )
    except UnknownMerchants as unknown:
        raise NotFound from unknown


async def rotate(database: Database, key_id: str, *, overlap_seconds: int, pepper: bytes) -> NewKey:
    """A new key for the same client; the old one works `overlap_seconds` longer.

    Raises NotFound, KeyRetired.
    """
    async with database.transaction() as tx:
        change = await begin_change(tx)
        old = await api_keys.get(tx, key_id)
        if old is None:
            raise NotFound
        # A key with an end has been replaced already: its holder has a newer one.
        if old.revoked_at is not None or old.expires_at is not None:
            raise KeyRetired
        await api_keys.lapse(tx, key_id, expires_at=change.at + timedelta(seconds=overlap_seconds))
        return await _add(tx, change, old.role, old.client, old.merchant_ids, pepper=pepper)


async def revoke(database: Database, key_id: str) -> ApiKey:
    """Make a key useless at once; a second time changes nothing. Raises NotFound."""
    async with database.transaction() as tx:
        change = await begin_change(tx)
        await api_keys.revoke(tx, key_id, at=change.at)
        key = await api_keys.get(tx, key_id)
        if key is None:
            raise NotFound
        return key


async def page(database: Database, *, merchant_id: str | None, after: str | None, rows_max: int) -> list[ApiKey]:
    """Keys of one merchant, or all; revoked ones too. Raises NotFound when there is no such merchant."""
    async with database.transaction() as tx:
        if merchant_id is not None and await merchants.get(tx, merchant_id) is None:
            raise NotFound
        return await api_keys.page(tx, merchant_id=merchant_id, after_key_id=after, rows_max=rows_max)


async def _add(
    tx: AsyncConnection,
    change: Revision,
    role: Role,
    client: str,
    merchant_ids: tuple[str, ...],
    *,
    pepper: bytes,
) -> NewKey:
    secret = f"lj_{role}_{_random_letters()}"
    key = await api_keys.add(
        tx,
        key_id=fresh_id("key_", change.at),
        digest=digest_of(secret, pepper),
        client=client,
        role=role,
        merchant_ids=merchant_ids,
        at=change.at,
    )
    return NewKey(key, secret)


def _random_letters() -> str:
    number = secrets.randbits(_SECRET_BITS)
    letters = []
    for _ in range(_LETTERS_NEEDED):
        number, index = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[index])
    return "".join(letters)
