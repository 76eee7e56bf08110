"""Published policy packs: versions of a policy are added, never changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.registry import PolicyVersion
from app.store.tables import policy_version

_VERSION = (
    policy_version.c.policy,
    policy_version.c.version,
    policy_version.c.publication,
    policy_version.c.published_at,
)


class InForce(NamedTuple):
    version: PolicyVersion
    source_sha256: str


async def in_force(connection: AsyncConnection) -> InForce | None:
    """The most recently published version, of whichever policy."""
    newest = policy_version.c.publication.desc()
    statement = select(*_VERSION, policy_version.c.source_sha256).order_by(newest).limit(1)
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else InForce(PolicyVersion(*row[:4]), row[4])


async def publish(
    connection: AsyncConnection, *, policy: str, source: str, source_sha256: str, published_at: datetime
) -> PolicyVersion:
    """Add the next version of `policy`; it is in force from the commit. Called under `begin_change`."""
    latest = select(func.max(policy_version.c.version)).where(policy_version.c.policy == policy)
    version = ((await connection.execute(latest)).scalar_one() or 0) + 1
    statement = (
        insert(policy_version)
        .values(
            policy=policy,
            version=version,
            source=source,
            source_sha256=source_sha256,
            published_at=published_at,
        )
        .returning(*_VERSION)
    )
    return PolicyVersion(*(await connection.execute(statement)).one())


async def versions(connection: AsyncConnection) -> Sequence[PolicyVersion]:
    """Every published version, the one in force last."""
    statement = select(*_VERSION).order_by(policy_version.c.publication)
    return [PolicyVersion(*row) for row in await connection.execute(statement)]


async def sources(connection: AsyncConnection, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The packs' texts by policy and version."""
    key = tuple_(policy_version.c.policy, policy_version.c.version)
    statement = select(policy_version.c.policy, policy_version.c.version, policy_version.c.source)
    rows = await connection.execute(statement.where(key.in_(list(wanted))))
    return {(policy, version): source for policy, version, source in rows}
