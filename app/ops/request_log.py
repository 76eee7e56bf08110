"""Around every request: an id, a measurement, a line in the log where there is something to tell.

It also stands between a failure and the server: whatever the application did not catch is logged here without
its message and answered as the caller deserves.
"""

import itertools
import re
import secrets
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.ops.telemetry.logging import request_id as present_request_id
from app.ops.telemetry.metrics import UNMATCHED, Metrics

SLOW_SECONDS: Final = 1.0

_REQUEST_ID_HEADER: Final = b"x-request-id"
_SANE: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}").fullmatch
_CALLER_GONE: Final = 499

_log = structlog.get_logger("app.ops.request_log")


class RequestLog:
    """Pure ASGI middleware, the outermost. `failure_answer` is sent where the application could not answer.

    Logged are requests refused (400 and up), slow ones, and all if `every_request`.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        metrics: Metrics,
        failure_answer: Callable[[], ASGIApp],
        every_request: bool = False,
    ) -> None:
        self._app = app
        self._measure = metrics.request
        self._failure_answer = failure_answer
        self._every_request = every_request
        self._ids = (f"{prefix}-{n:x}" for prefix in (secrets.token_hex(8),) for n in itertools.count(1))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        identifier = self._identify(scope)
        present_request_id.set(identifier)
        _replace_nul(scope)
        status = _CALLER_GONE

        async def send_identified(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (_REQUEST_ID_HEADER, identifier.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_identified)
        except Exception as failure:
            _log.error("request_failed", route=_route(scope), method=scope["method"], exc_info=failure)
            if status != _CALLER_GONE:
                # Half an answer is out: only breaking the connection tells the caller.
                raise
            await self._failure_answer()(scope, receive, send_identified)
        finally:
            self._record(scope, status, time.perf_counter() - began)

    def _identify(self, scope: Scope) -> str:
        for name, value in scope["headers"]:
            if name == _REQUEST_ID_HEADER and _SANE(value):
                return str(value.decode())
        return next(self._ids)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route(scope)
        self._measure(route, scope["method"], status, seconds)
        if self._every_request or status >= HTTPStatus.BAD_REQUEST or seconds >= SLOW_SECONDS:
            tell = _log.warning if status >= HTTPStatus.INTERNAL_SERVER_ERROR else _log.info
            tell(
                "request",
                method=scope["method"],
                route=route,
                status=status,
                code=scope.get("state", {}).get("problem_code"),
                duration_ms=round(seconds * 1000, 1),
            )


def _route(scope: Scope) -> str:
    """The template of the path that was matched: the path itself may hold what somebody typed."""
    return getattr(scope.get("route"), "path", UNMATCHED)


def _replace_nul(scope: Scope) -> None:
    """U+0000 becomes U+FFFD, as the server does with what is not UTF-8: PostgreSQL cannot look for it."""
    if "\0" in scope["path"]:
        scope["path"] = scope["path"].replace("\0", "\ufffd")
    if b"%00" in scope["query_string"]:
        scope["query_string"] = scope["query_string"].replace(b"%00", b"%EF%BF%BD")
