"""Sentences for lines that earn something, all they are entitled to or less."""

from app.domain.explanation.words import ExplainedLine, Words, percent
from app.domain.money import rate_of, yuan
from app.domain.policy.model import Text
from app.domain.reasons import LimitedBy, Reason


def granted(line: ExplainedLine) -> Text:
    (zh, en), (clause_zh, clause_en), paid = _rule(line), line.clause, yuan(line.subsidy_fen)
    return Text(zh=f"{zh}：{paid}元{clause_zh}", en=f"{en}: {paid} yuan{clause_en}")


def reduced(line: ExplainedLine, reason: str) -> Text:
    (zh, en), (clause_zh, clause_en), (limit_zh, limit_en) = _rule(line), line.clause, _limit(line, reason)
    entitled, paid = yuan(line.entitled_fen), yuan(line.subsidy_fen)
    return Text(
        zh=f"{zh}：应补{entitled}元，{limit_zh}，实补{paid}元{clause_zh}",
        en=f"{en}: entitled to {entitled} yuan, but {limit_en}; granted {paid} yuan{clause_en}",
    )


def _limit(line: ExplainedLine, reason: str) -> Words:
    if reason == Reason.CONSUMER_CAP_REACHED:
        zh, en = line.cap
        return f"{zh}，剩余额度不足", f"{en} leaves less"
    if reason == Reason.CATEGORY_LIMIT_REACHED:
        zh, en = line.yearly_limit
        return f"{zh}，剩余件数不足", f"{en} leaves fewer"
    return "补贴资金余额不足", "the fund has less left"


def _rule(line: ExplainedLine) -> Words:
    """Goods, grade, rate and what bounds or adds to it: `冰箱 1级能效 补贴20%，每件封顶2,000.00元`."""
    title, (label_zh, label_en) = line.title, line.label
    rate = "" if line.rate_bps is None else percent(line.rate_bps)
    zh, en = f"{title.zh}{label_zh} 补贴{rate}", f"{title.en}{label_en}, subsidy{rate and ' ' + rate}"
    bonus_fen = _bonus_fen(line)
    if line.limited_by == LimitedBy.ITEM_CAP:
        cap = yuan(line.entitled_fen // line.quantity - bonus_fen)
        zh, en = f"{zh}，每件封顶{cap}元", f"{en}, at most {cap} yuan an item"
    if bonus_fen:
        bonus = yuan(bonus_fen)
        zh, en = f"{zh}，另加{bonus}元", f"{en}, plus {bonus} yuan"
    if line.quantity > 1:
        zh, en = f"{zh}，共{line.quantity}件", f"{en}, {line.quantity} items"
    return zh, en


def _bonus_fen(line: ExplainedLine) -> int:
    """What a unit earned beyond its rate; a rule by sum states its bonus in the sum."""
    category, programme = line.category, line.programme
    if category is None or programme is None or line.rate_bps is None or not category.amount.bonuses:
        return 0
    base_fen = rate_of(line.price_fen, line.rate_bps, programme.rounding)
    cap_fen = category.amount.cap_fen
    return max(0, line.entitled_fen // line.quantity - (base_fen if cap_fen is None else min(base_fen, cap_fen)))
