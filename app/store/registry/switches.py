"""The operator's switch of each programme."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.rules import Switch
from app.store.tables import programme_switch


async def throw(connection: AsyncConnection, programme: str, switch: Switch, *, at: datetime) -> None:
    """Set a programme's switch. Called under `begin_change`."""
    values = {"state": switch.state, "reason": switch.reason, "changed_at": at}
    statement = insert(programme_switch).values(programme=programme, **values)
    await connection.execute(
        statement.on_conflict_do_update(index_elements=[programme_switch.c.programme], set_=values)
    )


async def all_switches(connection: AsyncConnection) -> dict[str, Switch]:
    """The switches thrown so far by programme; a programme without one is as its pack says."""
    columns = (programme_switch.c.programme, programme_switch.c.state, programme_switch.c.reason)
    rows = await connection.execute(select(*columns))
    return {programme: Switch(state, reason) for programme, state, reason in rows}
