"""What all calls of the registry have in common: roles, documents, and a database that does not answer."""

import httpx
import pytest

from app.domain.registry import Role
from app.store.database import Database
from tests.api.office import RegistryOfTests, an_app, an_office, refusal
from tests.api.openapi_gaps import gaps_of

READERS = {Role.OPERATOR, Role.AUDITOR}
OPERATORS = {Role.OPERATOR}

CALLS = [
    ("GET", "/v1/programmes", READERS),
    ("PUT", "/v1/programmes/home/switch", OPERATORS),
    ("GET", "/v1/products", set(Role)),
    ("GET", "/v1/products/6901234567892", set(Role)),
    ("POST", "/v1/products/import", OPERATORS),
    ("GET", "/v1/policies/current", set(Role)),
    ("POST", "/v1/merchants", OPERATORS),
    ("GET", "/v1/merchants", READERS),
    ("GET", "/v1/merchants/m1", READERS),
    ("POST", "/v1/merchants/m1/suspend", OPERATORS),
    ("POST", "/v1/merchants/m1/resume", OPERATORS),
    ("POST", "/v1/merchants/m1/stores", OPERATORS),
    ("GET", "/v1/merchants/m1/stores", READERS),
    ("POST", "/v1/merchants/m1/keys", OPERATORS),
    ("GET", "/v1/merchants/m1/keys", READERS),
    ("POST", "/v1/keys", OPERATORS),
    ("GET", "/v1/keys", READERS),
    ("POST", "/v1/keys/key_x/rotate", OPERATORS),
    ("DELETE", "/v1/keys/key_x", OPERATORS),
    ("POST", "/v1/consumers/blocks", OPERATORS),
    ("GET", "/v1/consumers/blocks", READERS),
    ("DELETE", "/v1/consumers/blocks/bl_x", OPERATORS),
]


async def test_every_call_is_for_its_roles_only(database_url: str):
    async with an_office(database_url) as office:
        for method, path, roles in CALLS:
            keyless = await office.call(method, path, role=None)
            assert refusal(keyless) == (401, "unauthenticated"), path
            for role in Role:
                answer = await office.call(method, path, role=role)
                assert (answer.status_code == 403) == (role not in roles), (method, path, role)
                assert answer.status_code != 500, (method, path, role)


async def test_every_call_is_in_the_list_above(database_url: str):
    async with an_office(database_url) as office:
        document = office.app.openapi()

    documented = {(method.upper(), path) for path, calls in document["paths"].items() for method in calls}
    tried = {(method, path) for method, path, _ in CALLS}
    assert len(documented) == len(tried)


async def test_the_document_says_everything_about_them(database_url: str):
    async with an_office(database_url) as office:
        assert gaps_of(office.app.openapi()) == []


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in CALLS[:4]])
async def test_a_database_that_does_not_answer_is_busy_never_an_error(method: str, path: str):
    database = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    app = an_app(database, RegistryOfTests(database))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://office") as client:
        refused = await client.request(method, path, headers={"authorization": "Bearer x"})

    assert refusal(refused) == (503, "busy")
    assert int(refused.headers["retry-after"]) >= 1
