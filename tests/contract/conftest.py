"""A city whose every kind of object exists, and the keys of everybody who may call."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from app.domain.registry import Role
from app.service import keys, merchants
from tests.city import SECRETS, City, a_city
from tests.contract.scene import Scene, a_scene
from tests.contract.served import ServedCity


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(module_database_url: str) -> AsyncIterator[City]:
    """Besides the city's own keys: `wrong`, `revoked`, and the key of a gateway that serves M002 alone."""
    async with a_city(module_database_url) as city:
        for name, role, served in (
            ("gateway of others", Role.GATEWAY, ["M002"]),
            ("revoked", Role.OPERATOR, []),
        ):
            made = await keys.create(
                city.database, client=name, role=role, merchant_ids=frozenset(served), pepper=SECRETS.pepper
            )
            city.keys[name] = made.secret
            if name == "revoked":
                await keys.revoke(city.database, made.key.key_id)
        city.keys["wrong"] = "lj_operator_" + "x" * 43
        await merchants.add_store(city.database, merchant_id="M001", store_id="S001", name="一店", district=None)
        # Only a request begun a second after a change is bound by it.
        await asyncio.sleep(1)
        yield city


@pytest_asyncio.fixture(loop_scope="module")
async def scene(town: City) -> Scene:
    """Objects for one call of each operation."""
    return await a_scene(town)


@pytest.fixture(scope="module")
def served(module_database_url: str) -> Iterator[ServedCity]:
    served = ServedCity(module_database_url)
    served.thread.start()
    assert served.ready.wait(30)
    yield served
    served.server.should_exit = True
    served.thread.join(20)
    served.socket.close()
