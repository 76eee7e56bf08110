"""Every answer to a cashier is one sentence in each language, with the amounts, the limit and the clause."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import app
from app.domain.explanation import explain
from app.domain.policy.model import Policy, Text
from app.domain.policy.pack import read_pack
from app.domain.reasons import LimitedBy, Reason

PACK = read_pack((Path(app.__file__).parent / "policies" / "changchun-2025.toml").read_text("utf-8"))


def said(
    outcome: str,
    reason: str | None = None,
    *,
    limited_by: str | None = None,
    category: str | None = "A01",
    price_fen: int = 89_990,
    quantity: int = 1,
    grade: int | None = 1,
    rate_bps: int | None = 2000,
    entitled_fen: int = 17_998,
    subsidy_fen: int | None = None,
    note: str | None = None,
    programme: str | None = None,
    policy: Policy = PACK,
) -> Text:
    return explain(
        policy,
        outcome=outcome,
        reason=reason,
        limited_by=limited_by,
        programme=programme or (None if category is None else PACK.categories[category].programme),
        category=category,
        price_fen=price_fen,
        quantity=quantity,
        grade=grade,
        rate_bps=rate_bps,
        entitled_fen=entitled_fen,
        subsidy_fen=entitled_fen if subsidy_fen is None else subsidy_fen,
        note=note,
    )


def test_a_grant_names_goods_grade_rate_amount_and_clause():
    assert said("granted") == Text(
        zh="冰箱 1级能效 补贴20%：179.98元（依据长春市方案第十五条）",
        en="Refrigerators, energy grade 1, subsidy 20%: 179.98 yuan (Changchun plan, clause 15)",
    )


def test_a_water_label_is_called_one_and_goods_without_a_label_have_none():
    assert said("granted", category="A09", grade=2, rate_bps=1500).zh.startswith("净水器 2级水效 补贴15%：")
    assert said("granted", category="D01", grade=None, rate_bps=1500).zh.startswith("手机 补贴15%：")


def test_a_grant_tells_the_item_cap_and_the_number_of_items():
    text = said("granted", limited_by="item_cap", price_fen=1_200_000, quantity=2, entitled_fen=400_000)
    assert "补贴20%，每件封顶2,000.00元，共2件：4,000.00元" in text.zh
    assert "at most 2,000.00 yuan an item, 2 items: 4,000.00 yuan" in text.en


def test_the_bonus_of_an_e_bike_is_told_apart_from_its_cap():
    text = said("granted", limited_by="item_cap", category="E01", price_fen=399_900, grade=1, entitled_fen=60_000)
    assert text.zh.startswith("电动自行车 补贴20%，每件封顶500.00元，另加100.00元：600.00元")
    assert "plus 100.00 yuan: 600.00 yuan" in text.en


def test_a_sum_has_no_rate_to_tell():
    assert said("granted", rate_bps=None, entitled_fen=50_000).en.startswith(
        "Refrigerators, energy grade 1, subsidy: 500.00 yuan"
    )


def test_a_broken_rate_is_told_as_it_is():
    assert "补贴12.5%：" in said("granted", rate_bps=1250).zh
    assert "补贴0.05%：" in said("granted", rate_bps=5).zh


@pytest.mark.parametrize(
    ("reason", "limited_by", "zh", "en"),
    [
        (Reason.CONSUMER_CAP_REACHED, LimitedBy.CONSUMER_CAP, "个人累计补贴上限15,000.00元", "cap of 15,000.00 yuan"),
        (Reason.FUND_EXHAUSTED, LimitedBy.POOL, "补贴资金余额不足", "the fund has less left"),
        (Reason.CATEGORY_LIMIT_REACHED, LimitedBy.CATEGORY_LIMIT, "每人每年限1件", "the limit of 1 for each buyer"),
    ],
)
def test_a_reduction_names_the_limit_and_both_amounts(reason: Reason, limited_by: LimitedBy, zh: str, en: str):
    text = said("reduced", reason, limited_by=limited_by, subsidy_fen=5_000)
    assert "应补179.98元" in text.zh
    assert zh in text.zh
    assert "实补50.00元" in text.zh
    assert "entitled to 179.98 yuan" in text.en
    assert en in text.en
    assert "granted 50.00 yuan" in text.en


@pytest.mark.parametrize("reason", Reason)
def test_every_decline_has_a_sentence_in_both_languages_for_every_category(reason: Reason):
    for category in (None, *PACK.categories):
        text = said("declined", reason, category=category, rate_bps=None, entitled_fen=0)
        assert text == said("declined", reason.value, category=category, rate_bps=None, entitled_fen=0)
        assert any("一" <= character <= "鿿" for character in text.zh)
        assert text.en
        assert text.en.isascii()


@pytest.mark.parametrize(
    ("reason", "category", "zh"),
    [
        (Reason.CATEGORY_NOT_IN_POLICY, "A01", "冰箱 3级能效不在补贴范围内（依据长春市方案第十五条）。"),
        (Reason.CATEGORY_NOT_IN_POLICY, None, "该商品的品类不在现行补贴政策内，不能享受补贴。"),
        (Reason.PROGRAMME_PAUSED, "A01", "家电以旧换新补贴已暂停。"),
        (
            Reason.PRICE_ABOVE_CEILING,
            "D01",
            "手机单件售价6,000.01元，超过补贴限价6,000.00元（依据长春市方案第十五条）。",
        ),
        (
            Reason.CATEGORY_LIMIT_REACHED,
            "A04",
            "该消费者本年度空调补贴件数不足：每人每年限3件（依据长春市方案第十五条）。",
        ),
        (
            Reason.CONSUMER_NOT_ELIGIBLE,
            "W01",
            "适老化智能穿戴设备补贴仅限年满60周岁的消费者（依据长春市方案第十四条）。",
        ),
        (
            Reason.TRADE_IN_REQUIRED,
            "E01",
            "电动自行车须交旧换新，请先登记交回的旧电动自行车（依据长春市方案第十五条）。",
        ),
        (
            Reason.CONSUMER_CAP_REACHED,
            "A01",
            "冰箱应补179.98元，个人累计补贴上限15,000.00元的剩余额度不足，本次不能补贴。",
        ),
        (Reason.FUND_EXHAUSTED, "A01", "家电以旧换新补贴资金余额不足，应补179.98元，本次不能补贴。"),
    ],
)
def test_a_decline_says_what_is_in_the_way(reason: Reason, category: str | None, zh: str):
    assert said("declined", reason, category=category, grade=3, price_fen=600_001, subsidy_fen=0).zh == zh


def test_an_appliance_without_a_grade_is_told_so():
    text = said("declined", Reason.CATEGORY_NOT_IN_POLICY, grade=None)
    assert "冰箱（未标能效或水效等级）不在补贴范围内" in text.zh
    assert "without an energy or water grade" in text.en


@pytest.mark.parametrize("programme", ["home", "no-such-programme"])
def test_goods_that_do_not_belong_to_the_programme_named_are_told_so(programme: str):
    text = said("declined", Reason.CATEGORY_NOT_IN_POLICY, programme=programme)
    assert text == Text(zh="冰箱不属于所选的补贴项目。", en="Refrigerators: not subsidised under the programme named.")


def test_a_pause_is_told_in_the_operators_words_before_the_packs():
    paused = replace(PACK.programmes["appliance"], open=False, paused_reason=Text("资金调整", "Funds are moved."))
    policy = replace(PACK, programmes={**PACK.programmes, "appliance": paused})
    assert said("declined", Reason.PROGRAMME_PAUSED, policy=policy) == Text(
        zh="家电以旧换新补贴已暂停：资金调整", en="Home appliances: paused. Funds are moved."
    )
    assert said("declined", Reason.PROGRAMME_PAUSED, policy=policy, note="系统维护").zh.endswith("已暂停：系统维护")


def test_days_out_of_effect_are_named():
    category = replace(PACK.categories["A01"], from_date=date(2030, 3, 1))
    programme = replace(PACK.programmes["appliance"], until_date=date(2030, 5, 31))
    policy = replace(PACK, categories={"A01": category}, programmes={"appliance": programme})
    assert said("declined", Reason.PROGRAMME_NOT_IN_EFFECT, policy=policy) == Text(
        zh="冰箱补贴当前不在实施期内（自2030-03-01起至2030-05-31止）。",
        en="Refrigerators: the subsidy is not in effect today; it runs from 2030-03-01 until 2030-05-31.",
    )


def test_a_line_left_out_of_a_capture_is_told_so():
    assert said("released").zh == "本行未随订单结算，预留的补贴已退回。"
