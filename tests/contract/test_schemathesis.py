"""The service against its own document: generated calls by everybody, never a failure of ours, only what it promises."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.city import City, a_city
from tests.contract.scene import OPERATIONS, Scene, a_scene

# The service draws random numbers in its thread; Hypothesis takes that for a strategy that does.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")

EXAMPLES_PER_OPERATION = 20
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
CALLERS = ("merchant", "second", "gateway", "operator", "auditor", "nobody")


class ServedCity:
    """A city behind a socket, in a thread of its own: what generates calls is not asynchronous."""

    def __init__(self, database_url: str) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve(database_url)))
        self.city: City
        self.scene: Scene
        self.server: uvicorn.Server

    async def _serve(self, database_url: str) -> None:
        async with a_city(database_url) as self.city:
            self.scene = await a_scene(self.city)
            self.server = uvicorn.Server(uvicorn.Config(self.city.app, lifespan="off", log_config=None))
            self.ready.set()
            await self.server.serve(sockets=[self.socket])

    def key_of(self, caller: str) -> dict[str, str]:
        return {} if caller == "nobody" else {"Authorization": f"Bearer {self.city.keys[caller]}"}


@pytest.fixture(scope="module")
def served(module_database_url: str) -> Iterator[ServedCity]:
    served = ServedCity(module_database_url)
    served.thread.start()
    assert served.ready.wait(30)
    yield served
    served.server.should_exit = True
    served.thread.join(20)
    served.socket.close()


def names_in(served: ServedCity, name: str) -> dict[str, str]:
    """Path parameters that name something."""
    template = next(
        path
        for path, operations in served.city.app.openapi()["paths"].items()
        if name in {operation["operationId"] for operation in operations.values()}
    )
    real = OPERATIONS[name].path(served.scene).split("/")
    return {
        step.strip("{}"): named
        for step, named in zip(template.split("/"), real, strict=True)
        if step.startswith("{")
    }


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_generated_call_makes_it_fail_or_answer_otherwise_than_it_says(served: ServedCity, name: str) -> None:
    schema = schemathesis.openapi.from_dict(served.city.app.openapi())
    operation = schema.find_operation_by_id(name)
    named = names_in(served, name)
    may = [caller for caller in CALLERS if caller in OPERATIONS[name].who]
    callers = st.sampled_from((*may * 4, *CALLERS))

    @seed(20251101)
    @settings(
        max_examples=EXAMPLES_PER_OPERATION,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), caller=callers, really=st.booleans())
    def run(case: Any, caller: str, really: bool) -> None:
        if really:
            case.path_parameters = dict(named)
        answer = case.call(base_url=served.url, headers=served.key_of(caller))
        case.validate_response(answer, checks=list(CHECKS))

    run()
