import asyncio

import pytest
from fastapi import FastAPI

from app.api.edge import health
from app.api.edge.health import Check, health_router
from app.api.edge.problems import install_problems
from tests.api.till import calling


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def broken() -> bool:
    raise ConnectionError("postgresql://user:secret@host")


async def stuck() -> bool:
    await asyncio.Event().wait()
    return True


async def measured() -> bytes:
    return b"lijian_queue_depth 0.0\n"


def a_service(**checks: Check) -> FastAPI:
    app = FastAPI()
    install_problems(app)
    app.include_router(health_router(checks=checks, metrics=measured))
    return app


async def test_a_living_process_says_so_whatever_the_database_does():
    async with calling(a_service(database=broken)) as client:
        answer = await client.get("/livez")

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_ready_means_that_every_check_holds():
    async with calling(a_service(database=yes, schema=yes)) as client:
        answer = await client.get("/readyz")

    assert answer.json() == {"status": "ready", "checks": {"database": "ok", "schema": "ok"}}


@pytest.mark.parametrize("check", [no, broken, stuck])
async def test_a_check_that_fails_or_hangs_makes_it_not_ready(check: Check, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(health, "CHECK_SECONDS_MAX", 0.05)
    async with calling(a_service(database=yes, schema=check)) as client:
        answer = await client.get("/readyz")

    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert answer.json()["detail"] == "Not as it must be: schema."
    assert answer.headers["retry-after"] == "1"
    assert "secret" not in answer.text


async def test_metrics_are_served_as_prometheus_reads_them():
    async with calling(a_service()) as client:
        answer = await client.get("/metrics")

    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.text == "lijian_queue_depth 0.0\n"
