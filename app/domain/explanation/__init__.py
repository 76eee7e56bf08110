"""What a cashier reads out: one sentence for every line of every answer, in Chinese and English.

Called for every line of every answer, so it only puts strings together.
"""

from app.domain.explanation.declines import declined
from app.domain.explanation.grants import granted, reduced
from app.domain.explanation.words import ExplainedLine
from app.domain.policy.model import Policy, Text

_RELEASED = Text(
    zh="本行未随订单结算，预留的补贴已退回。",
    en="This line was left out of the capture; its subsidy was given back.",
)


def explain(
    policy: Policy,
    *,
    outcome: str,
    reason: str | None,
    limited_by: str | None,
    programme: str | None,
    category: str | None,
    price_fen: int,
    quantity: int,
    grade: int | None,
    rate_bps: int | None,
    entitled_fen: int,
    subsidy_fen: int,
    note: str | None,
) -> Text:
    """`programme` and `category` are codes, where known; `note` is the operator's word on a pause."""
    if outcome == "released":
        return _RELEASED
    line = ExplainedLine(
        policy,
        None if programme is None else policy.programmes.get(programme),
        None if category is None else policy.categories.get(category),
        price_fen,
        quantity,
        grade,
        rate_bps,
        entitled_fen,
        subsidy_fen,
        limited_by,
        note,
    )
    if outcome == "granted" or reason is None:
        return granted(line)
    if outcome == "reduced":
        return reduced(line, reason)
    return declined(line, reason)
