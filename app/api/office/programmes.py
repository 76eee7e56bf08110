"""Programmes, and the switch by which an operator pauses and resumes one."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from app.api.edge.answers import json_answer
from app.api.edge.caller import READERS, caller, registry_of
from app.api.edge.field_faults import fault
from app.api.edge.fields import Reason
from app.api.edge.openapi import GUARDED, WITH_BODY, answer, body_of, refusals
from app.api.edge.problems import problem_of_faults
from app.api.edge.strict_json import StrictModel, read_json, validate
from app.api.office.policy_data import ProgrammeShown, programme_data, programmes_data
from app.domain.registry import Role
from app.domain.rules import Switch
from app.service import switches

router = APIRouter(tags=["programmes"])


class SwitchSetting(StrictModel):
    """A pause needs a reason: it is what the cashier reads out."""

    state: Literal["open", "paused"]
    reason: Reason | None = None


class ProgrammeList(BaseModel):
    programmes: list[ProgrammeShown]


CLAUSE_EXAMPLE = {"code": "15", "zh": "长春市方案第十五条", "en": "Changchun plan, clause 15"}
PROGRAMME_EXAMPLE = {
    "programme": "appliance",
    "title": {"zh": "家电以旧换新", "en": "Appliances"},
    "state": "open",
    "reason": None,
    "paused_reason": None,
    "pool": "appliance",
    "rounding": {"mode": "half_up", "unit_fen": 1},
    "at_consumer_cap": "reduce",
    "at_pool_end": "reduce",
    "refund_restores": "immediate",
    "min_age_years": None,
    "from_date": None,
    "until_date": None,
    "clause": CLAUSE_EXAMPLE,
    "provisional": False,
    "note": None,
}
PAUSE_EXAMPLE = {"state": "paused", "reason": "本期资金已用完，下期 3 月 1 日开始"}


@router.get(
    "/v1/programmes",
    summary="Programmes and their switches · 补贴项目",
    responses=answer(200, ProgrammeList, {"programmes": [PROGRAMME_EXAMPLE]}) | refusals(*GUARDED, "not_ready"),
)
async def list_programmes(request: Request) -> Response:
    """Those of the policy in force."""
    await caller(request, *READERS)
    rules = (await registry_of(request).fresh()).rules
    return json_answer({"programmes": programmes_data(rules)})


@router.put(
    "/v1/programmes/{programme}/switch",
    summary="Pause or resume a programme · 暂停或恢复",
    responses=answer(200, ProgrammeShown, {**PROGRAMME_EXAMPLE, **PAUSE_EXAMPLE})
    | refusals(*GUARDED, *WITH_BODY, "not_found", "not_ready"),
    openapi_extra=body_of(SwitchSetting, PAUSE_EXAMPLE),
)
async def switch_programme(request: Request, programme: str) -> Response:
    """A paused programme declines new quotes and holds with `programme_paused` and the reason."""
    await caller(request, Role.OPERATOR)
    setting = validate(SwitchSetting, await read_json(request))
    if setting.state == "paused" and setting.reason is None:
        raise problem_of_faults((fault("/reason", "missing"),))
    policy = (await registry_of(request).fresh()).rules.policy
    switch = Switch(setting.state, setting.reason)
    await switches.throw(request.app.state.database, policy, programme, switch)
    return json_answer(programme_data(policy, policy.programmes[programme], switch))
