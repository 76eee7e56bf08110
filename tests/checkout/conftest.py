"""A city of this test's own."""

from collections.abc import AsyncIterator

import pytest

from tests.city import City, a_city


@pytest.fixture
async def city(database_url: str) -> AsyncIterator[City]:
    async with a_city(database_url) as city:
        yield city
