"""Fund pools: what is in them, and the funders' adjustments."""

import hmac
from typing import Annotated

import orjson
from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.edge.answers import json_answer
from app.api.edge.caller import READERS, caller, registry_of
from app.api.edge.fields import Identifier, Reason
from app.api.edge.openapi import GUARDED, WITH_BODY, answer, body_of, refusals
from app.api.edge.problems import Problem
from app.api.edge.strict_json import StrictModel, read_json, validate
from app.api.till.calls import REPLAYED, carry_out
from app.api.till.examples import POOL
from app.domain.commands import AdjustPool
from app.domain.outcomes import PoolAdjusted
from app.domain.registry import Role
from app.secrets import Secrets
from app.service.pools import PoolStanding, all_standings

router = APIRouter(tags=["pools"])

AMOUNT_FEN_MAX = 10**15

ADJUSTMENT = {"adjustment_no": "2025-Q4-01", "amount_fen": 20_000_000_000, "reason": "第四季度预算下达"}


class PoolShown(BaseModel):
    pool: str
    programme: str | None
    budget_fen: int
    held_fen: int
    spent_fen: int
    available_fen: int


class PoolList(BaseModel):
    pools: list[PoolShown]


class AdjustmentRequest(StrictModel):
    """A negative amount takes back what is available, never more."""

    adjustment_no: Identifier
    amount_fen: Annotated[int, Field(ge=-AMOUNT_FEN_MAX, le=AMOUNT_FEN_MAX)]
    reason: Reason


class AdjustmentShown(BaseModel):
    adjustment_no: str
    amount_fen: int
    reason: str
    pool: PoolShown


@router.get(
    "/v1/pools",
    summary="Fund pools and what is in them · 资金池",
    responses=answer(200, PoolList, {"pools": [POOL]}) | refusals(*GUARDED, "not_ready"),
)
async def list_pools(request: Request) -> Response:
    """Every pool of the policy in force, and any other that holds money."""
    await caller(request, *READERS)
    policy = (await registry_of(request).fresh()).rules.policy
    standings = await all_standings(request.app.state.database)
    programmes = {code: pool.programme for code, pool in policy.pools.items()}
    codes = [*programmes, *sorted(set(standings) - set(programmes))]
    return json_answer({"pools": [_shown(code, programmes.get(code), standings.get(code)) for code in codes]})


@router.post(
    "/v1/pools/{pool}/adjustments",
    status_code=201,
    summary="Add money to a pool, or take it back · 资金调整",
    responses=answer(201, AdjustmentShown, ADJUSTMENT | {"pool": POOL})
    | answer(200, AdjustmentShown, replayed=ADJUSTMENT | {"pool": POOL})
    | refusals(*GUARDED, *WITH_BODY, "not_found", "adjustment_no_reused", "adjustment_exceeds_available", "not_ready"),
    openapi_extra=body_of(AdjustmentRequest, ADJUSTMENT),
)
async def adjust_pool(request: Request, pool: str) -> Response:
    """The adjustment number is the idempotency key, unique over all pools."""
    await caller(request, Role.OPERATOR)
    sent = validate(AdjustmentRequest, await read_json(request))
    policy = (await registry_of(request).fresh()).rules.policy
    if pool not in policy.pools:
        raise Problem("not_found")
    secrets: Secrets = request.app.state.secrets
    meant = orjson.dumps([pool, sent.amount_fen, sent.reason])
    fingerprint = hmac.digest(secrets.fingerprint_key, meant, "sha256")
    outcome = await carry_out(request, AdjustPool(sent.adjustment_no, pool, sent.amount_fen, sent.reason, fingerprint))
    if not isinstance(outcome, PoolAdjusted):
        raise TypeError(f"an adjustment ended in {type(outcome).__name__}")
    standing = (await all_standings(request.app.state.database)).get(pool)
    data = {
        "adjustment_no": outcome.adjustment_no,
        "amount_fen": outcome.amount_fen,
        "reason": outcome.reason,
        "pool": _shown(pool, policy.pools[pool].programme, standing),
    }
    return json_answer(data, 200, REPLAYED) if outcome.replayed else json_answer(data, 201)


def _shown(code: str, programme: str | None, standing: PoolStanding | None) -> dict[str, object]:
    found = standing or PoolStanding(code, 0, 0, 0, 0)
    return {
        "pool": code,
        "programme": programme,
        "budget_fen": found.budget_fen,
        "held_fen": found.held_fen,
        "spent_fen": found.spent_fen,
        "available_fen": found.available_fen,
    }
