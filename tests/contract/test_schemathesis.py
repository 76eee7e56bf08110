"""The service against its own document: generated calls never make it fail or answer what it does not promise."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.contract.scene import OPERATIONS
from tests.contract.served import ServedCity

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


def names_in(served: ServedCity, name: str) -> dict[str, str]:
    """Path parameters that name something."""
    template = next(
        path
        for path, operations in served.city.app.openapi()["paths"].items()
        if name in {operation["operationId"] for operation in operations.values()}
    )
    real = OPERATIONS[name].path(served.scene).split("/")
    return {
        step.strip("{}"): named for step, named in zip(template.split("/"), real, strict=True) if step.startswith("{")
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
