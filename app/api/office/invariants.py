"""GET /v1/invariants: the books proved from the ledger."""

from dataclasses import asdict

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from app.api.edge.answers import at, json_answer
from app.api.edge.caller import READERS, caller
from app.api.edge.openapi import GUARDED, answer, refusals
from app.service.invariants import MEANINGS, Proof, prove

router = APIRouter(tags=["pools"])


class DifferenceShown(BaseModel):
    invariant: str
    subject: str
    expected: str
    found: str


class InvariantShown(BaseModel):
    invariant: str
    meaning: str
    differences: int


class ProofShown(BaseModel):
    ok: bool
    checked_at: str
    invariants: list[InvariantShown]
    differences: list[DifferenceShown]


EXAMPLE = {
    "ok": True,
    "checked_at": "2025-11-01T12:00:00.000+08:00",
    "invariants": [
        {
            "invariant": "acts_balance",
            "meaning": "the ledger entries of every act sum to zero in each column",
            "differences": 0,
        }
    ],
    "differences": [],
}


@router.get(
    "/v1/invariants",
    summary="Recompute every counter from the ledger · 账目校验",
    responses=answer(200, ProofShown, EXAMPLE) | refusals(*GUARDED),
)
async def get_invariants(request: Request) -> Response:
    """One snapshot of everything; `ok` when nothing differs by a fen."""
    await caller(request, *READERS)
    return json_answer(proof_data(await prove(request.app.state.database)))


def proof_data(proof: Proof) -> dict[str, object]:
    return {
        "ok": proof.ok,
        "checked_at": at(proof.checked_at),
        "invariants": [
            {"invariant": name, "meaning": MEANINGS[name], "differences": count} for name, count in proof.counts.items()
        ],
        "differences": [asdict(difference) for difference in proof.differences],
    }
