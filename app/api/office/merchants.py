"""Merchants and their stores: registered, suspended and resumed by operators."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel
from starlette.requests import Request
from starlette.responses import Response

from app.api.edge.answers import at, json_answer
from app.api.edge.caller import READERS, caller
from app.api.edge.fields import (
    PAGE_ROWS_DEFAULT,
    Cursor,
    District,
    Identifier,
    Limit,
    Name,
    NextCursor,
    Reason,
    known_form,
)
from app.api.edge.openapi import GUARDED, WITH_BODY, answer, body_of, refusals
from app.api.edge.strict_json import StrictModel, read_json, read_optional_json, validate
from app.domain.registry import Merchant, MerchantStatus, Role, Store
from app.identifiers import parse_uscc
from app.service import merchants

router = APIRouter(tags=["merchants"])


class NewMerchant(StrictModel):
    """`uscc` is the unified social credit code (统一社会信用代码); its check character is checked."""

    merchant_id: Identifier
    name: Name
    uscc: Annotated[str, AfterValidator(parse_uscc)]
    district: District


class NewStore(StrictModel):
    """`district` is the merchant's unless told."""

    store_id: Identifier
    name: Name
    district: District | None = None


class Suspension(StrictModel):
    reason: Reason


class Resumption(StrictModel):
    reason: Reason | None = None


class MerchantShown(BaseModel):
    merchant_id: str
    name: str
    uscc: str
    district: str
    state: MerchantStatus
    reason: str | None
    created_at: str
    changed_at: str


class MerchantPage(BaseModel):
    merchants: list[MerchantShown]
    next_cursor: NextCursor


class StoreShown(BaseModel):
    merchant_id: str
    store_id: str
    name: str
    district: str
    created_at: str


class StorePage(BaseModel):
    stores: list[StoreShown]
    next_cursor: NextCursor


NEW_MERCHANT_EXAMPLE = {
    "merchant_id": "ccbh",
    "name": "长春百货大楼",
    "uscc": "91220101MA0Y00000D",
    "district": "朝阳区",
}
MERCHANT_EXAMPLE = {
    **NEW_MERCHANT_EXAMPLE,
    "state": "active",
    "reason": None,
    "created_at": "2025-11-01T09:00:00.000+08:00",
    "changed_at": "2025-11-01T09:00:00.000+08:00",
}
SUSPENDED_EXAMPLE = {**MERCHANT_EXAMPLE, "state": "suspended", "reason": "发票核查中"}
REASON_EXAMPLE = {"reason": "发票核查中"}
NEW_STORE_EXAMPLE = {"store_id": "S001", "name": "重庆路店", "district": "朝阳区"}
STORE_EXAMPLE = {
    "merchant_id": "ccbh",
    **NEW_STORE_EXAMPLE,
    "created_at": "2025-11-01T09:00:00.000+08:00",
}


@router.post(
    "/v1/merchants",
    status_code=201,
    summary="Register a merchant · 登记商户",
    responses=answer(201, MerchantShown, MERCHANT_EXAMPLE) | refusals(*GUARDED, *WITH_BODY, "already_exists"),
    openapi_extra=body_of(NewMerchant, NEW_MERCHANT_EXAMPLE),
)
async def create_merchant(request: Request) -> Response:
    await caller(request, Role.OPERATOR)
    new = validate(NewMerchant, await read_json(request))
    added = await merchants.add(
        request.app.state.database,
        merchant_id=new.merchant_id,
        name=new.name,
        uscc=new.uscc,
        district=new.district,
    )
    return json_answer(merchant_data(added), 201)


@router.get(
    "/v1/merchants",
    summary="Merchants, page by page · 商户列表",
    responses=answer(200, MerchantPage, {"merchants": [MERCHANT_EXAMPLE], "next_cursor": None})
    | refusals(*GUARDED, "invalid_field"),
)
async def list_merchants(request: Request, limit: Limit = PAGE_ROWS_DEFAULT, cursor: Cursor = None) -> Response:
    """In order of id."""
    await caller(request, *READERS)
    rows = await merchants.page(request.app.state.database, after=cursor, rows_max=limit + 1)
    page = rows[:limit]
    return json_answer(
        {
            "merchants": [merchant_data(merchant) for merchant in page],
            "next_cursor": page[-1].merchant_id if len(rows) > limit else None,
        }
    )


@router.get(
    "/v1/merchants/{merchant_id}",
    summary="One merchant · 查询商户",
    responses=answer(200, MerchantShown, MERCHANT_EXAMPLE) | refusals(*GUARDED, "not_found"),
)
async def get_merchant(request: Request, merchant_id: str) -> Response:
    await caller(request, *READERS)
    return json_answer(merchant_data(await merchants.get(request.app.state.database, known_form(merchant_id))))


@router.post(
    "/v1/merchants/{merchant_id}/suspend",
    summary="Turn new quotes and holds away · 暂停商户",
    responses=answer(200, MerchantShown, SUSPENDED_EXAMPLE) | refusals(*GUARDED, *WITH_BODY, "not_found"),
    openapi_extra=body_of(Suspension, REASON_EXAMPLE),
)
async def suspend_merchant(request: Request, merchant_id: str) -> Response:
    """What is held stays a promise: it can still be captured, voided and refunded."""
    await caller(request, Role.OPERATOR)
    suspension = validate(Suspension, await read_json(request))
    suspended = await merchants.suspend(request.app.state.database, known_form(merchant_id), suspension.reason)
    return json_answer(merchant_data(suspended))


@router.post(
    "/v1/merchants/{merchant_id}/resume",
    summary="Let a merchant sell with subsidy again · 恢复商户",
    responses=answer(200, MerchantShown, MERCHANT_EXAMPLE) | refusals(*GUARDED, *WITH_BODY, "not_found"),
    openapi_extra=body_of(Resumption, {"reason": "核查完毕"}, required=False),
)
async def resume_merchant(request: Request, merchant_id: str) -> Response:
    await caller(request, Role.OPERATOR)
    resumption = validate(Resumption, await read_optional_json(request))
    resumed = await merchants.resume(request.app.state.database, known_form(merchant_id), resumption.reason)
    return json_answer(merchant_data(resumed))


@router.post(
    "/v1/merchants/{merchant_id}/stores",
    status_code=201,
    summary="Register a store · 登记门店",
    responses=answer(201, StoreShown, STORE_EXAMPLE) | refusals(*GUARDED, *WITH_BODY, "not_found", "already_exists"),
    openapi_extra=body_of(NewStore, NEW_STORE_EXAMPLE),
)
async def create_store(request: Request, merchant_id: str) -> Response:
    await caller(request, Role.OPERATOR)
    new = validate(NewStore, await read_json(request))
    added = await merchants.add_store(
        request.app.state.database,
        merchant_id=known_form(merchant_id),
        store_id=new.store_id,
        name=new.name,
        district=new.district,
    )
    return json_answer(store_data(added), 201)


@router.get(
    "/v1/merchants/{merchant_id}/stores",
    summary="A merchant's stores, page by page · 门店列表",
    responses=answer(200, StorePage, {"stores": [STORE_EXAMPLE], "next_cursor": None})
    | refusals(*GUARDED, "invalid_field", "not_found"),
)
async def list_stores(
    request: Request, merchant_id: str, limit: Limit = PAGE_ROWS_DEFAULT, cursor: Cursor = None
) -> Response:
    """In order of id."""
    await caller(request, *READERS)
    rows = await merchants.page_of_stores(
        request.app.state.database, known_form(merchant_id), after=cursor, rows_max=limit + 1
    )
    page = rows[:limit]
    return json_answer(
        {
            "stores": [store_data(store) for store in page],
            "next_cursor": page[-1].store_id if len(rows) > limit else None,
        }
    )


def merchant_data(merchant: Merchant) -> Mapping[str, object]:
    return {
        "merchant_id": merchant.merchant_id,
        "name": merchant.name,
        "uscc": merchant.uscc,
        "district": merchant.district,
        "state": merchant.state,
        "reason": merchant.state_reason,
        "created_at": at(merchant.created_at),
        "changed_at": at(merchant.changed_at),
    }


def store_data(store: Store) -> Mapping[str, object]:
    return {
        "merchant_id": store.merchant_id,
        "store_id": store.store_id,
        "name": store.name,
        "district": store.district,
        "created_at": at(store.created_at),
    }
