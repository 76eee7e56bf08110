"""Sentences for lines that earn nothing: what is in the way and, where something can be done, what to do."""

from collections.abc import Callable

from app.domain.explanation.words import ExplainedLine
from app.domain.money import yuan
from app.domain.policy.model import Text
from app.domain.reasons import Reason


def declined(line: ExplainedLine, reason: str) -> Text:
    fixed = _FIXED.get(reason)
    return _DECLINED[reason](line) if fixed is None else fixed


def _category_not_in_policy(line: ExplainedLine) -> Text:
    if line.category is None:
        return Text(
            zh="该商品的品类不在现行补贴政策内，不能享受补贴。",
            en="Goods of this kind are not in the policy in force.",
        )
    title, (zh, en), (clause_zh, clause_en) = line.title, line.label, line.clause
    if line.programme is None or line.programme.code != line.category.programme:
        return Text(zh=f"{title.zh}不属于所选的补贴项目。", en=f"{title.en}: not subsidised under the programme named.")
    if line.grade is None and line.category.grade_source is not None:
        zh, en = "（未标能效或水效等级）", " without an energy or water grade"
    return Text(zh=f"{title.zh}{zh}不在补贴范围内{clause_zh}。", en=f"{title.en}{en}: not subsidised{clause_en}.")


def _programme_paused(line: ExplainedLine) -> Text:
    title = line.programme_title
    why = None if line.programme is None else line.programme.paused_reason
    if line.note is not None:
        why = Text(zh=line.note, en=line.note)
    if why is None:
        return Text(zh=f"{title.zh}已暂停。", en=f"{title.en}: paused.")
    return Text(zh=f"{title.zh}已暂停：{why.zh}", en=f"{title.en}: paused. {why.en}")


def _programme_not_in_effect(line: ExplainedLine) -> Text:
    title, zh, en = line.title, "", ""
    rules = [rule for rule in (line.programme, line.category) if rule is not None]
    first = max((rule.from_date for rule in rules if rule.from_date is not None), default=None)
    last = min((rule.until_date for rule in rules if rule.until_date is not None), default=None)
    if first is not None:
        zh, en = f"自{first}起", f" from {first}"
    if last is not None:
        zh, en = f"{zh}至{last}止", f"{en} until {last}"
    return Text(
        zh=f"{title.zh}补贴当前不在实施期内{zh and f'（{zh}）'}。",
        en=f"{title.en}: the subsidy is not in effect today{en and f'; it runs{en}'}.",
    )


def _price_above_ceiling(line: ExplainedLine) -> Text:
    title, (clause_zh, clause_en), price = line.title, line.clause, yuan(line.price_fen)
    ceiling = None if line.category is None else line.category.price_ceiling_fen
    zh, en = ("", "") if ceiling is None else (f"{yuan(ceiling)}元", f" of {yuan(ceiling)} yuan")
    return Text(
        zh=f"{title.zh}单件售价{price}元，超过补贴限价{zh}{clause_zh}。",
        en=f"{title.en}: the price of {price} yuan is above the ceiling{en}{clause_en}.",
    )


def _price_above_filed_price(line: ExplainedLine) -> Text:
    price = yuan(line.price_fen)
    return Text(
        zh=f"售价{price}元高于该商品的备案价，请核对售价。",
        en=f"The price of {price} yuan is above the price filed for this product; please check it.",
    )


def _category_limit_reached(line: ExplainedLine) -> Text:
    title, (zh, en), (clause_zh, clause_en) = line.title, line.yearly_limit, line.clause
    return Text(
        zh=f"该消费者本年度{title.zh}补贴件数不足：{zh}{clause_zh}。",
        en=f"{title.en}: {en} does not leave enough{clause_en}.",
    )


def _consumer_cap_reached(line: ExplainedLine) -> Text:
    title, (zh, en), entitled = line.title, line.cap, yuan(line.entitled_fen)
    return Text(
        zh=f"{title.zh}应补{entitled}元，{zh}的剩余额度不足，本次不能补贴。",
        en=f"{title.en}: entitled to {entitled} yuan, but {en} does not leave enough.",
    )


def _fund_exhausted(line: ExplainedLine) -> Text:
    title, entitled = line.programme_title, yuan(line.entitled_fen)
    return Text(
        zh=f"{title.zh}资金余额不足，应补{entitled}元，本次不能补贴。",
        en=f"{title.en}: the fund cannot cover the {entitled} yuan this line is entitled to.",
    )


def _consumer_not_eligible(line: ExplainedLine) -> Text:
    title, (clause_zh, clause_en) = line.title, line.clause
    rules = [rule for rule in (line.programme, line.category) if rule is not None]
    min_age_years = max((rule.min_age_years or 0 for rule in rules), default=0)
    if min_age_years == 0:
        return Text(
            zh=f"该消费者不符合{title.zh}的补贴条件。",
            en=f"{title.en}: this buyer is not eligible for the subsidy.",
        )
    return Text(
        zh=f"{title.zh}补贴仅限年满{min_age_years}周岁的消费者{clause_zh}。",
        en=f"{title.en}: only buyers aged {min_age_years} or over are eligible{clause_en}.",
    )


def _trade_in_required(line: ExplainedLine) -> Text:
    title, (clause_zh, clause_en) = line.title, line.clause
    codes = () if line.category is None else line.category.requires_trade_in
    old = [line.policy.categories[code].title for code in codes]
    zh, en = "、".join(text.zh for text in old), " or ".join(text.en for text in old)
    return Text(
        zh=f"{title.zh}须交旧换新，请先登记交回的旧{zh or '品'}{clause_zh}。",
        en=f"{title.en}: an old item ({en or 'of an accepted kind'}) must be traded in{clause_en}.",
    )


def _zero_subsidy(line: ExplainedLine) -> Text:
    title, price = line.title, yuan(line.price_fen)
    return Text(
        zh=f"{title.zh}按售价{price}元计算，补贴为0.00元。",
        en=f"{title.en}: at a price of {price} yuan the subsidy comes to 0.00 yuan.",
    )


_FIXED: dict[str, Text] = {
    Reason.PRODUCT_NOT_IN_CATALOGUE: Text(
        zh="该商品不在补贴商品目录内，不能享受补贴。",
        en="This product is not in the catalogue of subsidised goods.",
    ),
    Reason.SERIAL_NO_REQUIRED: Text(
        zh="请扫描或输入商品序列号（SN）后再试。",
        en="Please scan or enter the serial number of this item, then try again.",
    ),
    Reason.SERIAL_NO_ALREADY_SUBSIDISED: Text(
        zh="该序列号的商品已享受过补贴，不能重复享受。",
        en="The item with this serial number already carries a subsidy.",
    ),
    Reason.IMEI_REQUIRED: Text(
        zh="请扫描或输入设备的IMEI后再试。",
        en="Please scan or enter the IMEI of this device, then try again.",
    ),
    Reason.IMEI_ALREADY_SUBSIDISED: Text(
        zh="该IMEI的设备已享受过补贴，不能重复享受。",
        en="The device with this IMEI already carries a subsidy.",
    ),
    Reason.CONSUMER_BLOCKED: Text(
        zh="该消费者目前不能享受补贴，请联系商务主管部门。",
        en="This buyer cannot receive subsidies at present; please contact the commerce bureau.",
    ),
}
_DECLINED: dict[str, Callable[[ExplainedLine], Text]] = {
    Reason.CATEGORY_NOT_IN_POLICY: _category_not_in_policy,
    Reason.PROGRAMME_PAUSED: _programme_paused,
    Reason.PROGRAMME_NOT_IN_EFFECT: _programme_not_in_effect,
    Reason.PRICE_ABOVE_CEILING: _price_above_ceiling,
    Reason.PRICE_ABOVE_FILED_PRICE: _price_above_filed_price,
    Reason.CATEGORY_LIMIT_REACHED: _category_limit_reached,
    Reason.CONSUMER_CAP_REACHED: _consumer_cap_reached,
    Reason.FUND_EXHAUSTED: _fund_exhausted,
    Reason.CONSUMER_NOT_ELIGIBLE: _consumer_not_eligible,
    Reason.TRADE_IN_REQUIRED: _trade_in_required,
    Reason.ZERO_SUBSIDY: _zero_subsidy,
}
