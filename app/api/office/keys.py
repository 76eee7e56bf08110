"""Keys: made, replaced and revoked by operators. A key is shown once, in the answer that makes it."""

from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.edge.answers import at, at_or_none, json_answer
from app.api.edge.caller import READERS, caller, pepper_of
from app.api.edge.field_faults import fault
from app.api.edge.fields import PAGE_ROWS_DEFAULT, Cursor, Identifier, Limit, Name, NextCursor, known_form
from app.api.edge.openapi import GUARDED, WITH_BODY, answer, body_of, refusals
from app.api.edge.problems import problem_of_faults
from app.api.edge.strict_json import StrictModel, read_json, read_optional_json, validate
from app.domain.registry import ApiKey, Role
from app.service import keys
from app.service.refusals import UnknownMerchants

router = APIRouter(tags=["keys"])

_GATEWAY_MERCHANTS_MAX = 10_000


class NewMerchantKey(StrictModel):
    """`client` says who will hold the key; the merchant unless told."""

    client: Name | None = None


class NewKey(StrictModel):
    """A key that is no merchant's own. `client` says who will hold it; the role unless told.

    A gateway names the merchants it serves, nobody else does.
    """

    role: Literal["gateway", "operator", "auditor"]
    client: Name | None = None
    merchant_ids: Annotated[list[Identifier], Field(max_length=_GATEWAY_MERCHANTS_MAX)] = Field(default=[])


class Rotation(StrictModel):
    """`overlap_seconds` is how long the old key still works; 0 ends it at once."""

    overlap_seconds: Annotated[int, Field(ge=0, le=keys.OVERLAP_SECONDS_MAX)] = keys.OVERLAP_SECONDS_DEFAULT


class KeyShown(BaseModel):
    key_id: str
    client: str
    role: Role
    merchant_ids: list[str]
    created_at: str
    expires_at: str | None
    revoked_at: str | None


class KeyMade(KeyShown):
    """`key` is shown this once and cannot be had again."""

    key: str


class KeyPage(BaseModel):
    keys: list[KeyShown]
    next_cursor: NextCursor


KEY_EXAMPLE = {
    "key_id": "key_01k8z3v5xk4q8m2n7r9t1w3y5z",
    "client": "ccbh",
    "role": "merchant",
    "merchant_ids": ["ccbh"],
    "created_at": "2025-11-01T09:00:00.000+08:00",
    "expires_at": None,
    "revoked_at": None,
}
MADE_EXAMPLE = {**KEY_EXAMPLE, "key": "lj_merchant_" + "x" * 43}
REVOKED_EXAMPLE = {**KEY_EXAMPLE, "revoked_at": "2025-11-02T09:00:00.000+08:00"}


@router.post(
    "/v1/merchants/{merchant_id}/keys",
    status_code=201,
    summary="A key for a merchant's tills · 新建商户密钥",
    responses=answer(201, KeyMade, MADE_EXAMPLE) | refusals(*GUARDED, *WITH_BODY, "not_found"),
    openapi_extra=body_of(NewMerchantKey, {"client": "重庆路店收银系统"}, required=False),
)
async def create_merchant_key(request: Request, merchant_id: str) -> Response:
    await caller(request, Role.OPERATOR)
    new = validate(NewMerchantKey, await read_optional_json(request))
    made = await keys.create_for_merchant(
        request.app.state.database,
        merchant_id=known_form(merchant_id),
        client=new.client,
        pepper=pepper_of(request),
    )
    return json_answer(made_data(made), 201)


@router.get(
    "/v1/merchants/{merchant_id}/keys",
    summary="The keys that act for a merchant · 商户密钥列表",
    responses=answer(200, KeyPage, {"keys": [KEY_EXAMPLE], "next_cursor": None})
    | refusals(*GUARDED, "invalid_field", "not_found"),
)
async def list_merchant_keys(
    request: Request, merchant_id: str, limit: Limit = PAGE_ROWS_DEFAULT, cursor: Cursor = None
) -> Response:
    """In order of making, revoked ones and those of gateways too."""
    return await _list(request, known_form(merchant_id), limit, cursor)


@router.post(
    "/v1/keys",
    status_code=201,
    summary="A key for a gateway, an operator or an auditor · 新建密钥",
    responses=answer(201, KeyMade, {**MADE_EXAMPLE, "role": "gateway", "key": "lj_gateway_" + "x" * 43})
    | refusals(*GUARDED, *WITH_BODY),
    openapi_extra=body_of(NewKey, {"role": "gateway", "client": "支付网关", "merchant_ids": ["ccbh"]}),
)
async def create_key(request: Request) -> Response:
    await caller(request, Role.OPERATOR)
    new = validate(NewKey, await read_json(request))
    if bool(new.merchant_ids) != (new.role == "gateway"):
        raise problem_of_faults((fault("/merchant_ids", "wrong_count"),))
    try:
        made = await keys.create(
            request.app.state.database,
            role=Role(new.role),
            client=new.role if new.client is None else new.client,
            merchant_ids=frozenset(new.merchant_ids),
            pepper=pepper_of(request),
        )
    except UnknownMerchants as unknown:
        raise problem_of_faults(
            fault(f"/merchant_ids/{place}", "invalid")
            for place, merchant_id in enumerate(new.merchant_ids)
            if merchant_id in unknown.merchant_ids
        ) from None
    return json_answer(made_data(made), 201)


@router.get(
    "/v1/keys",
    summary="All keys, page by page · 密钥列表",
    responses=answer(200, KeyPage, {"keys": [KEY_EXAMPLE], "next_cursor": None}) | refusals(*GUARDED, "invalid_field"),
)
async def list_keys(request: Request, limit: Limit = PAGE_ROWS_DEFAULT, cursor: Cursor = None) -> Response:
    """In order of making, revoked ones too."""
    return await _list(request, None, limit, cursor)


@router.post(
    "/v1/keys/{key_id}/rotate",
    status_code=201,
    summary="Replace a key · 更换密钥",
    responses=answer(201, KeyMade, MADE_EXAMPLE) | refusals(*GUARDED, *WITH_BODY, "not_found", "key_retired"),
    openapi_extra=body_of(Rotation, {"overlap_seconds": 3600}, required=False),
)
async def rotate_key(request: Request, key_id: str) -> Response:
    """A new key for the same client; the old one works a while longer, so that tills can change over."""
    await caller(request, Role.OPERATOR)
    rotation = validate(Rotation, await read_optional_json(request))
    made = await keys.rotate(
        request.app.state.database,
        known_form(key_id),
        overlap_seconds=rotation.overlap_seconds,
        pepper=pepper_of(request),
    )
    return json_answer(made_data(made), 201)


@router.delete(
    "/v1/keys/{key_id}",
    summary="Revoke a key at once · 吊销密钥",
    responses=answer(200, KeyShown, REVOKED_EXAMPLE) | refusals(*GUARDED, "not_found"),
)
async def revoke_key(request: Request, key_id: str) -> Response:
    """A second time changes nothing."""
    await caller(request, Role.OPERATOR)
    return json_answer(key_data(await keys.revoke(request.app.state.database, known_form(key_id))))


async def _list(request: Request, merchant_id: str | None, limit: int, cursor: str | None) -> Response:
    await caller(request, *READERS)
    rows = await keys.page(request.app.state.database, merchant_id=merchant_id, after=cursor, rows_max=limit + 1)
    page = rows[:limit]
    return json_answer(
        {
            "keys": [key_data(key) for key in page],
            "next_cursor": page[-1].key_id if len(rows) > limit else None,
        }
    )


def key_data(key: ApiKey) -> Mapping[str, object]:
    return {
        "key_id": key.key_id,
        "client": key.client,
        "role": key.role,
        "merchant_ids": key.merchant_ids,
        "created_at": at(key.created_at),
        "expires_at": at_or_none(key.expires_at),
        "revoked_at": at_or_none(key.revoked_at),
    }


def made_data(made: keys.NewKey) -> Mapping[str, object]:
    return {**key_data(made.key), "key": made.secret}
