"""The calls every basket makes, taken straight to their endpoints.

They are routes like all others: documented, and found by the framework for whoever comes by another method. But
finding the route and solving its dependencies, of which these have none, costs more than deciding the basket.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.till import checkouts, quotes

Endpoint = Callable[[Request], Awaitable[Response]]
Handler = Callable[[Request, Any], Awaitable[Response]]

_ENDPOINTS: Final[tuple[Endpoint, ...]] = (checkouts.create_checkout, quotes.quote)


class HotCalls:
    """Pure ASGI middleware, the innermost. Refusals go to the handlers the application has for them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._routes = {
            route.path: route
            for route in (*checkouts.router.routes, *quotes.router.routes)
            if isinstance(route, APIRoute) and route.endpoint in _ENDPOINTS
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if route is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        request = Request(scope, receive)
        try:
            response = await route.endpoint(request)
        except Exception as refused:  # noqa: BLE001 - whatever has no handler is raised again
            response = await _handler_of(request, refused)(request, refused)
        await response(scope, receive, send)


def _handler_of(request: Request, refused: Exception) -> Handler:
    """As the framework finds it; what has none is a failure of ours and goes on to the request log."""
    handlers: dict[Any, Handler] = request.app.exception_handlers
    for kind in _kinds(refused):
        if kind in handlers:
            return handlers[kind]
    raise refused


def _kinds(refused: Exception) -> Iterable[type[BaseException]]:
    return type(refused).__mro__[: type(refused).__mro__.index(Exception)]
