"""The policy in force, for tills that label shelves and for anybody who asks by which clause."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.api.edge.caller import EVERYBODY, caller, registry_of
from app.api.edge.etag import kept_answer
from app.api.edge.openapi import GUARDED, answer, refusals
from app.api.office.policy_data import PolicyShown, policy_data
from app.api.office.programmes import CLAUSE_EXAMPLE, PROGRAMME_EXAMPLE

router = APIRouter(tags=["policies"])

POLICY_EXAMPLE: dict[str, Any] = {
    "policy": "changchun-2025",
    "version": 1,
    "title": {"zh": "长春市消费品以旧换新补贴", "en": "Changchun trade-in subsidy"},
    "document": {"zh": "长春市提振消费若干措施", "en": "Measures of Changchun to boost consumption"},
    "utc_offset_minutes": 480,
    "hold_ttl_seconds": 900,
    "programmes": [PROGRAMME_EXAMPLE],
    "categories": [
        {
            "category": "A01",
            "programme": "appliance",
            "title": {"zh": "冰箱", "en": "Refrigerators"},
            "amount": {
                "rates": [{"grade": 1, "rate_bps": 2000}, {"grade": 2, "rate_bps": 1500}],
                "any_bps": None,
                "cap_fen": None,
                "bonuses": [],
            },
            "item_cap_fen": 200000,
            "price_ceiling_fen": None,
            "count_limit": {"code": "A01", "units": 1},
            "grade_source": "energy",
            "requires_trade_in": [],
            "min_age_years": None,
            "from_date": None,
            "until_date": None,
            "alternatives": [],
            "clause": CLAUSE_EXAMPLE,
            "provisional": False,
            "note": None,
        }
    ],
    "consumer_caps": [
        {
            "cap": "total",
            "title": {"zh": "每人累计", "en": "Cumulative per consumer"},
            "cap_fen": 1500000,
            "covers": ["appliance", "digital", "ebike", "home"],
            "period": "policy",
            "clause": CLAUSE_EXAMPLE,
            "provisional": True,
            "note": None,
        }
    ],
    "pools": [
        {
            "pool": "appliance",
            "programme": "appliance",
            "title": {"zh": "家电补贴资金", "en": "Appliance fund"},
            "shares": [
                {"funder": "central", "title": {"zh": "中央", "en": "Central"}, "share_bps": 9000},
                {"funder": "province", "title": {"zh": "省级", "en": "Province"}, "share_bps": 1000},
            ],
            "clause": CLAUSE_EXAMPLE,
            "provisional": True,
            "note": None,
        }
    ],
}


@router.get(
    "/v1/policies/current",
    summary="The policy in force · 现行政策",
    responses=answer(200, PolicyShown, POLICY_EXAMPLE)
    | {304: {"description": "What the caller has still holds."}}
    | refusals(*GUARDED, "not_ready"),
)
async def get_current_policy(request: Request) -> Response:
    """Programmes with their switches, rates, caps and pools, each with its clause."""
    await caller(request, *EVERYBODY)
    return kept_answer(request, policy_data((await registry_of(request).fresh()).rules))
