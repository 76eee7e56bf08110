"""A city of this test's own, and one that the tests of a file share."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.city import City, a_city


@pytest.fixture
async def city(database_url: str) -> AsyncIterator[City]:
    async with a_city(database_url) as city:
        yield city


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(module_database_url: str) -> AsyncIterator[City]:
    """For tests that leave pools, switches and registry alone: each brings its own buyers and order numbers."""
    async with a_city(module_database_url) as city:
        yield city
