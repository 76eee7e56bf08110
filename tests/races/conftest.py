"""Four engines on one database, without a sweeper: whatever is returned is returned by whoever needs it."""

from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from app.ops import sweeper
from tests.city import a_city
from tests.races.rivals import Rivals, rivals_of

ENGINES = 4


@pytest.fixture
async def rivals(database_url: str, owner_database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rivals]:
    """A city without money in its pools."""
    monkeypatch.setattr(sweeper, "PERIOD_SECONDS", 3600.0)
    async with a_city(database_url, pools=()) as city, rivals_of(city, owner_database_url, ENGINES) as rivals:
        with capture_logs() as logs:
            yield rivals
        assert not {log["event"] for log in logs} & BUGS


BUGS = {"batch_broken", "batch_lost", "quote_broken"}
