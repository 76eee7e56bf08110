"""One engine and its queue, without a sweeper, and the database's owner to disturb it."""

from collections.abc import AsyncIterator

import pytest

from app.ops import sweeper
from tests.city import a_city
from tests.races.rivals import Rivals, rivals_of


@pytest.fixture
async def lone(database_url: str, owner_database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rivals]:
    """A city with one engine."""
    monkeypatch.setattr(sweeper, "PERIOD_SECONDS", 3600.0)
    async with a_city(database_url) as city, rivals_of(city, owner_database_url, 1) as lone:
        yield lone
