"""Who calls: the holder of the key in the Authorization header."""

from typing import Protocol

from starlette.requests import Request

from app.api.edge.problems import Problem
from app.api.edge.rate_limit import RateLimit
from app.domain.registry import Client, Role
from app.service.keys import digest_of
from app.service.registry import Registry

EVERYBODY = tuple(Role)
READERS = (Role.OPERATOR, Role.AUDITOR)


class HasPepper(Protocol):
    @property
    def pepper(self) -> bytes: ...


def registry_of(request: Request) -> Registry:
    registry: Registry = request.app.state.registry
    return registry


def pepper_of(request: Request) -> bytes:
    secrets: HasPepper = request.app.state.secrets
    return secrets.pepper


async def caller(request: Request, *roles: Role) -> Client:
    """The caller, who has one of `roles`. Problem: `unauthenticated`, `forbidden`, `too_many_requests`."""
    scheme, _, secret = _authorization(request).partition(" ")
    if scheme.lower() != "bearer":
        raise Problem("unauthenticated", detail="Send the key as Authorization: Bearer <key>.")
    snapshot = await registry_of(request).fresh()
    client = snapshot.clients.get(digest_of(secret.strip(), pepper_of(request)))
    if client is None:
        raise Problem("unauthenticated", detail="No such key works.")
    rate_limit: RateLimit | None = request.app.state.rate_limit
    if rate_limit is not None:
        rate_limit.spend(client.key_id)
    if client.role not in roles:
        raise Problem("forbidden", detail=f"This call is for: {', '.join(roles)}.")
    return client


def _authorization(request: Request) -> str:
    for name, value in request.scope["headers"]:
        if name == b"authorization":
            return bytes.decode(value, "latin-1")
    return ""
