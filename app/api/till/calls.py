"""What all till calls share: for which merchant the caller speaks, and how outcomes are answered."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from app.api.edge.answers import json_answer
from app.api.edge.caller import registry_of
from app.api.edge.field_faults import FieldFault, fault
from app.api.edge.problems import Problem, problem_of_faults
from app.api.till.checkout_answer import checkout_data, closed_data
from app.domain.commands import Command
from app.domain.outcomes import CheckoutStands, OrderClosed, Outcome, Refused
from app.domain.registry import Client, Role
from app.engine.engine import Engine
from app.engine.failures import Busy, CommandFailed
from app.service.checkouts import order_is_used

TILLS = (Role.MERCHANT, Role.GATEWAY)
REPLAYED: Mapping[str, str] = {"Idempotent-Replayed": "true"}

MERCHANT_QUERY: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": "merchant_id",
            "in": "query",
            "required": False,
            "description": "网关代哪个商户调用，也可写在请求体中。For whom a gateway calls; or in the body.",
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
        }
    ]
}
"""For `openapi_extra` of every till call."""


def engine_of(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


def merchant_of(request: Request, client: Client, in_body: str | None = None) -> str:
    """The one merchant the call is for. A gateway names it in the body or the query; a merchant may.

    Problem: `not_found` for a merchant that is not the caller's, `invalid_field` when a gateway names none, or
    the body and the query name different ones.
    """
    in_query = request.query_params.get("merchant_id") if request.scope["query_string"] else None
    named = in_body or in_query
    if in_body is not None and in_query is not None and in_body != in_query:
        raise problem_of_faults(
            [
                FieldFault(
                    "/merchant_id",
                    "invalid_field",
                    "请求体与地址中的商户号不一致。",
                    "The body and the query name different merchants.",
                )
            ]
        )
    if named is None:
        if client.role is not Role.MERCHANT:
            raise merchant_missing(request)
        (own,) = client.merchant_ids
        return own
    if named not in client.merchant_ids:
        raise Problem("not_found", detail="No such merchant among those this key serves.")
    return named


def merchant_missing(request: Request) -> Problem:
    """Where the merchant could have been named: in the body, or in the query of a call that has none."""
    return problem_of_faults((fault("/query/merchant_id" if request.method == "GET" else "/merchant_id", "missing"),))


async def refuse_suspended(request: Request, merchant_id: str, order_no: str | None = None) -> None:
    """New quotes and holds of a suspended merchant are refused; what was held stays a promise, and the retry of a
    hold that stands is answered."""
    snapshot = await registry_of(request).fresh()
    if snapshot.in_force is None:
        raise Problem("not_ready", detail="No policy has been published yet.")
    state = snapshot.merchants.get(merchant_id)
    if state is None:
        raise Problem("not_found", detail="The merchant does not exist.")
    if state.status == "suspended" and not (
        order_no is not None and await order_is_used(request.app.state.database, merchant_id, order_no)
    ):
        raise Problem("merchant_suspended")


async def carry_out(request: Request, command: Command) -> Outcome:
    """The command's outcome. Problem: `busy`, `internal_error`, or the refusal's own code."""
    try:
        outcome = await engine_of(request).submit(command, request.is_disconnected)
    except CommandFailed as failure:
        raise problem_of_failure(failure) from None
    if isinstance(outcome, Refused):
        raise problem_of_refusal(outcome)
    return outcome


def problem_of_failure(failure: CommandFailed) -> Problem:
    return Problem("busy" if isinstance(failure, Busy) else "internal_error")


def problem_of_refusal(refused: Refused) -> Problem:
    retryable = True if refused.retryable else None
    if refused.pointer is None:
        return Problem(refused.code, retryable=retryable)
    problem = Problem(refused.code)
    entry = problem.entry
    return Problem(refused.code, errors=[FieldFault(refused.pointer, refused.code, entry.zh, entry.en)])


async def checkout_answer(request: Request, outcome: Outcome, *, status: int = 200) -> Response:
    """A checkout as it stands now, or the mark of a void that came first."""
    if isinstance(outcome, OrderClosed):
        return json_answer(closed_data(outcome.order_no), 200, REPLAYED if outcome.replayed else None)
    if not isinstance(outcome, CheckoutStands):
        raise TypeError(f"a till call ended in {type(outcome).__name__}")
    rules = (await registry_of(request).fresh()).rules
    data = checkout_data(outcome.checkout, rules)
    if outcome.replayed:
        return json_answer(data, 200, REPLAYED)
    return json_answer(data, status, {"Location": f"/v1/checkouts/{outcome.checkout.checkout_id}"})
