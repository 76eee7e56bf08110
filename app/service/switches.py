"""Pausing and resuming a programme."""

from app.domain.policy.model import Policy
from app.domain.rules import Switch
from app.service.refusals import NotFound
from app.store.database import Database
from app.store.registry import switches
from app.store.registry.revision import begin_change


async def throw(database: Database, policy: Policy, programme: str, switch: Switch) -> None:
    """Set the switch of a programme of the policy in force. Raises NotFound for any other."""
    if programme not in policy.programmes:
        raise NotFound
    async with database.transaction() as tx:
        change = await begin_change(tx)
        await switches.throw(tx, programme, switch, at=change.at)
