"""Blocked consumers. The identity is read, hashed and forgotten; answers name blocks, never people."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from app.api.edge.answers import CHINA, at, at_or_none, json_answer
from app.api.edge.caller import READERS, caller
from app.api.edge.field_faults import fault
from app.api.edge.fields import PAGE_ROWS_DEFAULT, Cursor, Limit, NextCursor, Reason, known_form
from app.api.edge.openapi import GUARDED, WITH_BODY, answer, body_of, refusals
from app.api.edge.problems import problem_at, problem_of_faults
from app.api.edge.strict_json import Instant, StrictModel, read_json, validate
from app.domain.registry import Block, Role
from app.identifiers import IdentifierFault, parse_identity
from app.service import blocks
from app.service.consumers import consumer_key

router = APIRouter(tags=["consumers"])

_LAST_UNTIL = datetime(9000, 1, 1, tzinfo=UTC)
"""Later instants cannot be written in every offset."""


class BlockedConsumer(StrictModel):
    id_type: Literal["resident_id", "hk_macau_permit", "taiwan_permit", "foreign_resident_id", "passport"]
    id_number: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class NewBlock(StrictModel):
    """`until_at` null blocks until lifted."""

    consumer: BlockedConsumer
    reason: Reason
    until_at: Instant | None = None


class BlockShown(BaseModel):
    block_id: str
    reason: str
    created_at: str
    until_at: str | None
    lifted_at: str | None


class BlockPage(BaseModel):
    blocks: list[BlockShown]
    next_cursor: NextCursor


NEW_BLOCK_EXAMPLE = {
    "consumer": {"id_type": "resident_id", "id_number": "220102196001010013"},
    "reason": "疑似套取补贴，核查中",
    "until_at": None,
}
BLOCK_EXAMPLE = {
    "block_id": "bl_0g01k8z3v5xk4q8m2n7r9t1w3y5z",
    "reason": "疑似套取补贴，核查中",
    "created_at": "2025-11-01T09:00:00.000+08:00",
    "until_at": None,
    "lifted_at": None,
}
LIFTED_EXAMPLE = {**BLOCK_EXAMPLE, "lifted_at": "2025-11-02T09:00:00.000+08:00"}


@router.post(
    "/v1/consumers/blocks",
    status_code=201,
    summary="Block a consumer · 限制消费者",
    responses=answer(201, BlockShown, BLOCK_EXAMPLE)
    | answer(200, BlockShown, BLOCK_EXAMPLE)
    | refusals(*GUARDED, *WITH_BODY, "invalid_id_number"),
    openapi_extra=body_of(NewBlock, NEW_BLOCK_EXAMPLE),
)
async def block_consumer(request: Request) -> Response:
    """201 for a new block, 200 when the very same stands already. What is held stays a promise."""
    await caller(request, Role.OPERATOR)
    new = validate(NewBlock, await read_json(request))
    now = datetime.now(CHINA)
    if new.until_at is not None and not now < new.until_at < _LAST_UNTIL:
        raise problem_of_faults((fault("/until_at", "out_of_range"),))
    try:
        identity = parse_identity(new.consumer.id_type, new.consumer.id_number, None, now.date())
    except IdentifierFault as wrong:
        raise problem_at("/consumer/id_number", wrong) from None
    secrets = request.app.state.secrets
    consumer = consumer_key(identity.canonical(), identity_keys=secrets.identity_keys, lane_key=secrets.lane_key)
    blocked = await blocks.block(request.app.state.database, consumer, reason=new.reason, until_at=new.until_at)
    return json_answer(block_data(blocked.block), 201 if blocked.created else 200)


@router.get(
    "/v1/consumers/blocks",
    summary="The blocks that stand · 限制名单",
    responses=answer(200, BlockPage, {"blocks": [BLOCK_EXAMPLE], "next_cursor": None})
    | refusals(*GUARDED, "invalid_field"),
)
async def list_blocks(request: Request, limit: Limit = PAGE_ROWS_DEFAULT, cursor: Cursor = None) -> Response:
    """Those neither lifted nor past their end. They name nobody: whom a block is for only its maker knows."""
    await caller(request, *READERS)
    rows = await blocks.page(request.app.state.database, after=cursor, rows_max=limit + 1)
    page = rows[:limit]
    return json_answer(
        {
            "blocks": [block_data(block) for block in page],
            "next_cursor": page[-1].block_id if len(rows) > limit else None,
        }
    )


@router.delete(
    "/v1/consumers/blocks/{block_id}",
    summary="Lift a block · 解除限制",
    responses=answer(200, BlockShown, LIFTED_EXAMPLE) | refusals(*GUARDED, "not_found"),
)
async def lift_block(request: Request, block_id: str) -> Response:
    """A second time changes nothing."""
    await caller(request, Role.OPERATOR)
    return json_answer(block_data(await blocks.lift(request.app.state.database, known_form(block_id))))


def block_data(block: Block) -> Mapping[str, object]:
    return {
        "block_id": block.block_id,
        "reason": block.reason,
        "created_at": at(block.created_at),
        "until_at": at_or_none(block.until_at),
        "lifted_at": at_or_none(block.lifted_at),
    }
