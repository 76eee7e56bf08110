"""For those who watch the process: alive, ready, measured. None of these needs a key."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog
from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from app.api.edge.answers import json_answer
from app.api.edge.openapi import PUBLIC, answer, refusals
from app.api.edge.problems import Problem

Check = Callable[[], Awaitable[bool]]
"""True if what is checked is as it must be. An exception counts as no."""

CHECK_SECONDS_MAX: Final = 2.0

_METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_log = structlog.get_logger("app.api.edge.health")


class Liveness(BaseModel):
    status: str


class Readiness(BaseModel):
    status: str
    checks: dict[str, str]


def health_router(*, checks: Mapping[str, Check], metrics: Callable[[], Awaitable[bytes]]) -> APIRouter:
    """The three calls. `checks` go by the names that `/readyz` shows; `metrics` writes Prometheus's text."""
    router = APIRouter(tags=["health"])

    @router.get(
        "/livez",
        summary="Process alive · 存活",
        responses=answer(200, Liveness, {"status": "alive"}),
        openapi_extra=PUBLIC,
    )
    async def get_liveness() -> Response:
        return json_answer({"status": "alive"})

    @router.get(
        "/readyz",
        summary="Ready to serve: database reachable, schema current · 就绪",
        responses=answer(200, Readiness, {"status": "ready", "checks": dict.fromkeys(checks, "ok")})
        | refusals("not_ready"),
        openapi_extra=PUBLIC,
    )
    async def get_readiness() -> Response:
        results = await asyncio.gather(*(_holds(name, check) for name, check in checks.items()))
        failed = [name for name, holds in zip(checks, results, strict=True) if not holds]
        if failed:
            raise Problem("not_ready", detail=f"Not as it must be: {', '.join(failed)}.")
        return json_answer({"status": "ready", "checks": dict.fromkeys(checks, "ok")})

    @router.get(
        "/metrics",
        summary="Measurements for Prometheus · 指标",
        response_class=Response,
        responses={
            200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": "lijian_queue_depth 0.0\n"}}}
        },
        openapi_extra=PUBLIC,
    )
    async def get_metrics() -> Response:
        return Response(await metrics(), media_type=_METRICS_TYPE)

    return router


async def _holds(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS_MAX):
            return await check()
    except Exception as failure:  # noqa: BLE001 - whatever goes wrong, we are not ready
        _log.warning("check_failed", check=name, exception=type(failure).__name__)
        return False
