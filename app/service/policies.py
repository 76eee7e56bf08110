"""Putting a policy in force."""

import hashlib
from typing import NamedTuple

from app.domain.policy.pack import read_pack
from app.domain.registry import PolicyVersion
from app.store.database import Database
from app.store.registry import policies
from app.store.registry.revision import begin_change


class Published(NamedTuple):
    """`changed` is False when the very same pack was in force already."""

    version: PolicyVersion
    changed: bool


async def publish(database: Database, source: str) -> Published:
    """Check a pack and put it in force as the next version of its policy.

    Raises PackRefused with every fault. Its pools appear without money: a budget is a money act.
    """
    policy = read_pack(source)
    sha256 = hashlib.sha256(source.encode()).hexdigest()
    async with database.transaction() as tx:
        change = await begin_change(tx)
        present = await policies.in_force(tx)
        if present is not None and present.source_sha256 == sha256:
            return Published(present.version, changed=False)
        version = await policies.publish(
            tx, policy=policy.code, source=source, source_sha256=sha256, published_at=change.at
        )
        return Published(version, changed=True)
