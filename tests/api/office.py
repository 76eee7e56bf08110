"""An operator's office: the registry's calls over HTTP, and a key of each role."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from app.api.edge.openapi import install_openapi, operation_id
from app.api.edge.problems import install_problems
from app.api.edge.registry_refusals import install_registry_refusals
from app.api.office import blocks, keys, merchants, policies, products, programmes
from app.domain.registry import Role
from app.secrets import Secrets
from app.service import keys as key_service
from app.service import merchants as merchant_service
from app.service.policies import publish
from app.service.registry import Registry
from app.store.database import Database
from tests.registry import PACK, PEPPER, USCC

SECRETS = Secrets(identity_keys=(("k1", b"i" * 32),), lane_key=b"l" * 32, pepper=PEPPER, fingerprint_key=b"f" * 32)
ROUTERS = (programmes.router, policies.router, products.router, merchants.router, keys.router, blocks.router)


class RegistryOfTests(Registry):
    """Reads anew for every call, where a real one would let up to a second pass."""

    def forget(self) -> None:
        self._began_at = float("-inf")


@dataclass
class Office:
    """`keys` by role; merchant and gateway act for the merchant "m1"."""

    app: FastAPI
    database: Database
    registry: RegistryOfTests
    client: httpx.AsyncClient
    keys: dict[Role, str]

    async def call(
        self, method: str, path: str, *, role: Role | None = Role.OPERATOR, key: str | None = None, **sent: Any
    ) -> httpx.Response:
        """One call, after all that was changed before has come through; `role` None sends no key."""
        self.registry.forget()
        secret = key if key is not None or role is None else self.keys[role]
        headers = {**sent.pop("headers", {}), **({"authorization": f"Bearer {secret}"} if secret else {})}
        return await self.client.request(method, path, headers=headers, **sent)


def an_app(database: Database, registry: Registry) -> FastAPI:
    app = FastAPI(generate_unique_id_function=operation_id)
    app.state.database, app.state.registry, app.state.secrets = database, registry, SECRETS
    app.state.rate_limit = None
    install_problems(app)
    install_registry_refusals(app)
    for router in ROUTERS:
        app.include_router(router)
    install_openapi(app)
    return app


@asynccontextmanager
async def an_office(database_url: str, *, pack: str | None = PACK) -> AsyncIterator[Office]:
    database = Database(database_url)
    if pack is not None:
        await publish(database, pack)
    await merchant_service.add(database, merchant_id="m1", name="一号店", uscc=USCC, district="朝阳区")
    held: dict[Role, str] = {}
    for role in Role:
        served = frozenset(("m1",)) if role in {Role.MERCHANT, Role.GATEWAY} else frozenset[str]()
        made = await key_service.create(database, role=role, client=f"the {role}", merchant_ids=served, pepper=PEPPER)
        held[role] = made.secret
    registry = RegistryOfTests(database)
    app = an_app(database, registry)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://office") as client:
        try:
            yield Office(app, database, registry, client, held)
        finally:
            await registry.stop()
            await database.close()


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem, which speaks both languages."""
    body = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert body["message"]["zh"]
    assert body["message"]["en"]
    return response.status_code, body["code"]


def pointers(response: httpx.Response) -> list[str]:
    return [fault["pointer"] for fault in response.json()["errors"]]
