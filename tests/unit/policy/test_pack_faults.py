"""A pack is refused with every fault, each at its place and with its reason; nothing is guessed."""

import re
from datetime import date

import pytest

from app.domain.money import Rounding, RoundingMode
from app.domain.policy.amount import AmountRule, Band, Bands, Battery, Bonus, FixedSum
from app.domain.policy.model import AtLimit, CapPeriod, CountLimit, Restores, Text
from app.domain.policy.pack import PackFault, PackRefused, read_pack

SOUND = """
code = "small"
title = { zh = "小", en = "Small" }
document = { zh = "文件", en = "Document" }

[clauses]
1 = { zh = "第一条", en = "Clause 1" }

[[consumer_caps]]
code = "total"
title = { zh = "上限", en = "Cap" }
cap_fen = 1000
covers = ["home", "shop"]
clause = "1"

[[pools]]
code = "p-home"
programme = "home"
title = { zh = "资金", en = "Fund" }
shares = [{ funder = "city", title = { zh = "市", en = "City" }, share_bps = 10000 }]
clause = "1"

[[pools]]
code = "p-shop"
programme = "shop"
title = { zh = "资金", en = "Fund" }
shares = [{ funder = "city", title = { zh = "市", en = "City" }, share_bps = 10000 }]
clause = "1"

[[programmes]]
code = "home"
title = { zh = "家", en = "Home" }
clause = "1"

[[programmes]]
code = "shop"
title = { zh = "店", en = "Shop" }
clause = "1"

[[categories]]
code = "H1"
programme = "home"
title = { zh = "灯", en = "Lamps" }
amount = { rates_bps = { any = 1500 } }
clause = "1"

[[categories]]
code = "S1"
programme = "shop"
title = { zh = "伞", en = "Umbrellas" }
amount = { sum_fen = 500 }
alternatives = ["H1"]
clause = "1"
"""

LAMPS = "amount = { rates_bps = { any = 1500 } }"
UMBRELLAS = "amount = { sum_fen = 500 }"
PROGRAMME_SHOP = 'title = { zh = "店", en = "Shop" }'
CITY = 'shares = [{ funder = "city", title = { zh = "市", en = "City" }, share_bps = 10000 }]'


CHINESE = re.compile("[\u4e00-\u9fff]")
HALF_WIDTH = re.compile("[\u4e00-\u9fff][,;:?!.()]|[,;:?!()][\u4e00-\u9fff]")


def faults_of(source: str) -> list[PackFault]:
    """All that is wrong with a pack. Every fault is told in Chinese, with its punctuation, and in English."""
    with pytest.raises(PackRefused) as refused:
        read_pack(source)
    faults = [*refused.value.faults]
    for fault in faults:
        assert CHINESE.search(fault.reason.zh), fault
        assert not HALF_WIDTH.search(fault.reason.zh), fault
        assert fault.reason.en, fault
        assert not CHINESE.search(fault.reason.en), fault
    return faults


FAULTS = [
    ("no longer TOML", 'code = "small"', "code = small", "", "is not TOML: Invalid value (at line 2"),
    ("an unknown key", PROGRAMME_SHOP, PROGRAMME_SHOP + "\nat_pool_ende = 1", "programmes[shop].at_pool_ende",
     "unknown key; did you mean `at_pool_end`?"),
    ("a key of nowhere", 'code = "small"', 'code = "small"\nzzz = 1', "zzz",
     "unknown key; known here: categories, clauses, code"),
    ("a missing key", "cap_fen = 1000\n", "", "consumer_caps[total].cap_fen", "is missing"),
    ("a missing language", 'title = { zh = "灯", en = "Lamps" }', 'title = { zh = "灯" }', "categories[H1].title.en",
     "is missing"),
    ("an empty text", 'en = "Lamps"', 'en = " "', "categories[H1].title.en", "must not be empty"),
    ("a text with NUL", 'en = "Lamps"', 'en = "La\\u0000mps"', "categories[H1].title.en", "visible characters"),
    ("a number for a text", 'en = "Lamps"', "en = 5", "categories[H1].title.en", "must be text, not a whole number"),
    ("a float for money", "cap_fen = 1000", "cap_fen = 1000.0", "consumer_caps[total].cap_fen", "1000.0 is a fraction"),
    ("a float for a rate", "any = 1500", "any = 0.15", "categories[H1].amount.rates_bps.any", "0.15 is a fraction"),
    ("not a number", "any = 1500", "any = nan", "categories[H1].amount.rates_bps.any", "nan is a fraction"),
    ("a text for money", "cap_fen = 1000", 'cap_fen = "1000"', "consumer_caps[total].cap_fen",
     "must be a whole number, not text"),
    ("true for money", "cap_fen = 1000", "cap_fen = true", "consumer_caps[total].cap_fen",
     "must be a whole number, not true or false"),
    ("a negative sum", "sum_fen = 500", "sum_fen = -500", "categories[S1].amount.sum_fen", "-500 is out of range"),
    ("more money than there is", "cap_fen = 1000", "cap_fen = 9223372036854775808", "consumer_caps[total].cap_fen",
     "out of range"),
    ("a rate above 100 %", "any = 1500", "any = 10001", "categories[H1].amount.rates_bps.any",
     "10001 is out of range: from 1 to 10000"),
    ("a grade that is none", "any = 1500", "10 = 1500", "categories[H1].amount.rates_bps.10", "is no grade"),
    ("no rate at all", LAMPS, "amount = { rates_bps = {} }",
     "categories[H1].amount.rates_bps.any", "at least one grade"),
    ("two rules in one", UMBRELLAS, "amount = { sum_fen = 500, rates_bps = { any = 1 } }",
     "categories[S1].amount.rates_bps", "exactly one of"),
    ("no rule", UMBRELLAS, "amount = {}", "categories[S1].amount.rates_bps", "exactly one of"),
    ("a rule that is no table", UMBRELLAS, "amount = 500", "categories[S1].amount",
     "must be a table, not a whole number"),
    ("no bands", UMBRELLAS, "amount = { bands = [] }", "categories[S1].amount.bands", "must not be empty"),
    ("bands with an end", UMBRELLAS, "amount = { bands = [{ below_fen = 5, sum_fen = 1 }] }",
     "categories[S1].amount.bands", "the last band must have no below_fen"),
    ("an open band in between", UMBRELLAS, "amount = { bands = [{ sum_fen = 1 }, { sum_fen = 2 }] }",
     "categories[S1].amount.bands", "only the last band"),
    ("bands out of order", UMBRELLAS,
     "amount = { bands = [{ below_fen = 5, sum_fen = 1 }, { below_fen = 5, sum_fen = 1 }, { sum_fen = 2 }] }",
     "categories[S1].amount.bands", "must rise"),
    ("a band without an amount", UMBRELLAS, "amount = { bands = [{ below_fen = 5 }, { sum_fen = 2 }] }",
     "categories[S1].amount.bands[1].sum_fen", "exactly one of"),
    ("an unknown battery", UMBRELLAS, 'amount = { sum_fen = 5, bonuses = [{ sum_fen = 1, old_battery = "aa" }] }',
     "categories[S1].amount.bonuses[1].old_battery", 'must be one of "lithium", "lead_acid"'),
    ("a bonus for no grade", UMBRELLAS, "amount = { sum_fen = 5, bonuses = [{ sum_fen = 1, grades = [1, true] }] }",
     "categories[S1].amount.bonuses[1].grades[2]", "must be a grade"),
    ("a code twice", 'code = "S1"', 'code = "H1"', "categories[2].code", "`H1` is already categories[1]"),
    ("a code of blanks", 'code = "S1"', 'code = "S 1"', "categories[2].code", "must be 1 to 64 of"),
    ("no code", 'code = "S1"\n', "", "categories[2].code", "is missing"),
    ("an unknown programme", 'programme = "shop"\ntitle = { zh = "伞"', 'programme = "shops"\ntitle = { zh = "伞"',
     "categories[S1].programme", "no programme is called `shops`; did you mean `shop`?"),
    ("an unknown alternative", 'alternatives = ["H1"]', 'alternatives = ["H2"]', "categories[S1].alternatives[1]",
     "no category is called `H2`"),
    ("itself as alternative", 'alternatives = ["H1"]', 'alternatives = ["S1"]', "categories[S1].alternatives[1]",
     "is the category itself"),
    ("an alternative twice", 'alternatives = ["H1"]', 'alternatives = ["H1", "H1"]', "categories[S1].alternatives",
     "`H1` stands here 2 times"),
    ("an alternative in the same programme", 'programme = "home"\ntitle = { zh = "灯"',
     'programme = "shop"\ntitle = { zh = "灯"', "categories[S1].alternatives[1]", "in the same programme `shop`"),
    ("an unknown old item", LAMPS, LAMPS + '\nrequires_trade_in = ["E1"]', "categories[H1].requires_trade_in[1]",
     "no category is called `E1`"),
    ("an unknown clause", 'cap_fen = 1000\ncovers = ["home", "shop"]\nclause = "1"',
     'cap_fen = 1000\ncovers = ["home", "shop"]\nclause = "2"', "consumer_caps[total].clause",
     "no clause is called `2`"),
    ("a cap over nothing", 'covers = ["home", "shop"]', "covers = []", "consumer_caps[total].covers",
     "must not be empty"),
    ("a cap over an unknown programme", 'covers = ["home", "shop"]', 'covers = ["home", "shed"]',
     "consumer_caps[total].covers", "no programme is called `shed`"),
    ("a pool for an unknown programme", 'programme = "shop"\ntitle = { zh = "资金"',
     'programme = "cars"\ntitle = { zh = "资金"', "pools[p-shop].programme", "no programme is called `cars`"),
    ("a programme without a pool", 'programme = "shop"\ntitle = { zh = "资金"',
     'programme = "home"\ntitle = { zh = "资金"', "programmes[shop]", "no pool pays for `shop`"),
    ("two pools for one programme", 'programme = "shop"\ntitle = { zh = "资金"',
     'programme = "home"\ntitle = { zh = "资金"', "pools[p-shop].programme", "`home` is already paid from `p-home`"),
    ("a programme without a category", 'programme = "shop"\ntitle = { zh = "伞"',
     'programme = "home"\ntitle = { zh = "伞"', "programmes[shop]", "`shop` has no category"),
    ("shares that are not whole", "share_bps = 10000", "share_bps = 9999", "pools[p-home].shares",
     "sum to 9999, not 10000"),
    ("no shares", CITY, "shares = []", "pools[p-home].shares", "must not be empty"),
    ("a funder twice", CITY, CITY.replace("10000 }]", "5000 }, ") + CITY[10:].replace("10000", "5000"),
     "pools[p-home].shares", "`city` stands here 2 times"),
    ("days reversed", PROGRAMME_SHOP, PROGRAMME_SHOP + "\nfrom_date = 2030-02-01\nuntil_date = 2030-01-31",
     "programmes[shop].until_date", "2030-01-31 is before from_date 2030-02-01"),
    ("a day in quotes", PROGRAMME_SHOP, PROGRAMME_SHOP + '\nfrom_date = "2030-02-01"', "programmes[shop].from_date",
     "must be a day such as"),
    ("an instant for a day", PROGRAMME_SHOP, PROGRAMME_SHOP + "\nfrom_date = 2030-02-01T00:00:00Z",
     "programmes[shop].from_date", "must be a day such as"),
    ("a category that outlives its programme", UMBRELLAS,
     UMBRELLAS + "\nfrom_date = 2031-01-01", "categories[S1].from_date", "wholly outside"),
    ("paused without a word", PROGRAMME_SHOP, PROGRAMME_SHOP + "\nopen = false", "programmes[shop].paused_reason",
     "is missing"),
    ("open by a number", PROGRAMME_SHOP, PROGRAMME_SHOP + "\nopen = 1", "programmes[shop].open",
     "must be true or false"),
    ("an unknown mode", PROGRAMME_SHOP, PROGRAMME_SHOP + '\nrounding = { mode = "ceil" }',
     "programmes[shop].rounding.mode", 'must be one of "half_up", "down", "up", "half_even"'),
    ("a rounding unit of nothing", PROGRAMME_SHOP, PROGRAMME_SHOP + "\nrounding = { unit_fen = 0 }",
     "programmes[shop].rounding.unit_fen", "0 is out of range"),
    ("an age of nobody", UMBRELLAS, UMBRELLAS + "\nmin_age_years = 0", "categories[S1].min_age_years", "out of range"),
    ("provisional without a note", UMBRELLAS, UMBRELLAS + "\nprovisional = true", "categories[S1].note", "is missing"),
    ("a table where tables belong", "[[consumer_caps]]", "[consumer_caps]", "consumer_caps",
     "must be an array, not a table"),
    ("a table where an array belongs", 'covers = ["home", "shop"]', 'covers = { home = 1 }',
     "consumer_caps[total].covers", "must be an array, not a table"),
]  # fmt: skip


SAID = [
    ("an unknown key", "无法识别的键；是否应为 `at_pool_end`？", "unknown key; did you mean `at_pool_end`?"),
    ("a missing key", "缺少此项", "is missing"),
    ("an empty text", "不能为空，首尾也不能有空白", "must not be empty, nor begin or end with a blank"),
    ("a text with NUL", "应为一行文字，最多 500 个可见字符", "must be at most 500 visible characters on one line"),
    ("a number for a text", "应为文本，而不是整数", "must be text, not a whole number"),
    ("a float for a rate", "0.15 带小数；金额请写整数分（12.50 元写 1250），比例请写万分数（15 % 写 1500）",
     "0.15 is a fraction; write whole fen (12.50 yuan = 1250) or basis points (15 % = 1500)"),
    ("true for money", "应为整数，而不是 true 或 false", "must be a whole number, not true or false"),
    ("a rate above 100 %", "10001 超出范围：应为 1 至 10000", "10001 is out of range: from 1 to 10000"),
    ("a grade that is none", '不是等级；应写 1 至 9、"ungraded" 或 "any"',
     'is no grade; write 1 to 9, "ungraded" or "any"'),
    ("two rules in one", "rates_bps、sum_fen、bands 三者必须且只能有一个",
     "an amount needs exactly one of rates_bps, sum_fen and bands"),
    ("bands with an end", "最后一档不能有 below_fen，这样任何价格都落在某一档",
     "the last band must have no below_fen, so that every price falls in one"),
    ("bands out of order", "below_fen 必须逐档递增", "below_fen must rise from band to band"),
    ("an unknown battery", '应为以下之一："lithium"、"lead_acid"', 'must be one of "lithium", "lead_acid"'),
    ("a code twice", "`H1` 已用于 categories[1]", "`H1` is already categories[1]"),
    ("a code of blanks", "应为 1 至 64 个字符，只能用 A-Z a-z 0-9 - _，并以字母或数字开头",
     "must be 1 to 64 of A-Z a-z 0-9 - _, beginning with a letter or a digit"),
    ("an unknown programme", "没有名为 `shops` 的项目；是否应为 `shop`？",
     "no programme is called `shops`; did you mean `shop`?"),
    ("itself as alternative", "`S1` 就是本品类", "`S1` is the category itself"),
    ("an alternative twice", "`H1` 在此出现 2 次", "`H1` stands here 2 times"),
    ("an alternative in the same programme", "`H1` 属于同一项目 `shop`", "`H1` is in the same programme `shop`"),
    ("an unknown clause", "没有名为 `2` 的条款", "no clause is called `2`"),
    ("a programme without a pool", "没有资金池为 `shop` 出资", "no pool pays for `shop`"),
    ("two pools for one programme", "`home` 已由 `p-home` 出资", "`home` is already paid from `p-home`"),
    ("a programme without a category", "`shop` 没有任何品类", "`shop` has no category"),
    ("shares that are not whole", "share_bps 合计为 9999，应为 10000", "share_bps sum to 9999, not 10000"),
    ("days reversed", "2030-01-31 早于 from_date 2030-02-01", "2030-01-31 is before from_date 2030-02-01"),
    ("a day in quotes", "应为日期，如 2025-01-01（不加引号），而不是文本",
     "must be a day such as 2025-01-01 (without quotes), not text"),
    ("a category that outlives its programme", "其日期完全落在项目 `shop` 的日期之外",
     "its days lie wholly outside those of programme `shop`"),
    ("paused without a word", "缺少此项：未开放的项目必须说明原因",
     "is missing: a programme that is not open must say why"),
    ("open by a number", "应为 true 或 false，而不是整数", "must be true or false, not a whole number"),
    ("provisional without a note", "缺少此项：暂定的规则必须写明所作的假设",
     "is missing: what is provisional must say what was assumed"),
    ("a table where tables belong", "应为数组，而不是表", "must be an array, not a table"),
]  # fmt: skip


def spoilt(before: str, after: str, key: str) -> str:
    """The sound pack with the fault of that key in it."""
    assert before in SOUND
    source = SOUND.replace(before, after, 1)
    if key.startswith("categories[S1].from_date"):
        source = source.replace(PROGRAMME_SHOP, PROGRAMME_SHOP + "\nuntil_date = 2030-12-31")
    return source


@pytest.mark.parametrize(
    ("before", "after", "key", "reason"),
    [
        pytest.param(before, after, key, reason, id=name.replace(" ", "-"))
        for name, before, after, key, reason in FAULTS
    ],
)
def test_a_fault_is_told_with_its_place_and_reason(before: str, after: str, key: str, reason: str):
    found = faults_of(spoilt(before, after, key))
    assert any(fault.key == key and reason in fault.reason.en for fault in found), found


@pytest.mark.parametrize(("name", "zh", "en"), [pytest.param(*said, id=said[0].replace(" ", "-")) for said in SAID])
def test_a_fault_is_told_in_these_very_words(name: str, zh: str, en: str):
    ((before, after, key),) = [fault[1:4] for fault in FAULTS if fault[0] == name]
    assert PackFault(key, Text(zh, en)) in faults_of(spoilt(before, after, key))


def test_what_is_no_toml_is_told_with_its_place():
    (broken,) = faults_of(SOUND.replace('code = "small"', "code = small", 1))
    assert (broken.key, broken.reason.zh) == ("", "不是有效的 TOML：错在第 2 行第 8 列")
    (cut,) = faults_of("title = [")
    assert cut.reason.zh == "不是有效的 TOML"


def test_an_entry_is_named_by_its_code_if_no_other_has_it_else_by_its_number_from_one():
    lost = SOUND.replace('clause = "1"', 'clause = "9"')
    assert {fault.key for fault in faults_of(lost)} == {
        "consumer_caps[total].clause",
        "pools[p-home].clause",
        "pools[p-shop].clause",
        "programmes[home].clause",
        "programmes[shop].clause",
        "categories[H1].clause",
        "categories[S1].clause",
    }
    twins = [fault.key for fault in faults_of(lost.replace('code = "S1"', 'code = "H1"'))]
    assert {"categories[1].clause", "categories[2].clause", "categories[2].code"} <= {*twins}
    half = SOUND.replace(CITY, CITY.replace("10000 }]", '5000 }, { funder = "land", share_bps = 0 }]'), 1)
    assert "pools[p-home].shares[2].share_bps" in [fault.key for fault in faults_of(half)]


def test_the_refusal_itself_names_key_and_reason():
    with pytest.raises(PackRefused, match=r"^consumer_caps\[total\]\.cap_fen: is missing$"):
        read_pack(SOUND.replace("cap_fen = 1000\n", ""))


def test_count_limits_that_share_a_code_must_agree():
    source = SOUND.replace(LAMPS, LAMPS + '\ncount_limit = { code = "shared", units = 2 }').replace(
        UMBRELLAS, UMBRELLAS + '\ncount_limit = { code = "shared", units = 3 }'
    )
    disagree = Text("此处为 3，但 `shared` 在前文为 2", "3, but `shared` counts to 2 above")
    assert faults_of(source) == [PackFault("categories[S1].count_limit.units", disagree)]


def test_every_fault_is_told_at_once():
    source = (
        SOUND.replace("any = 1500", "any = 0.15")
        .replace("cap_fen = 1000", "cap_fen = -1")
        .replace('alternatives = ["H1"]', 'alternatives = ["X9"]')
        .replace("share_bps = 10000", "share_bps = 1")
    )
    assert [fault.key for fault in faults_of(source)] == [
        "categories[H1].amount.rates_bps.any",
        "consumer_caps[total].cap_fen",
        "pools[p-home].shares",
        "pools[p-shop].shares",
        "categories[S1].alternatives[1]",
    ]


@pytest.mark.parametrize("source", ["", "x", "a = " + "[" * 5000, "[[programmes]]\n", "programmes = [1]", "\ufeff"])
def test_whatever_is_given_the_answer_is_a_list_of_faults(source: str):
    assert faults_of(source)


def test_a_byte_order_mark_does_no_harm():
    assert read_pack("\ufeff" + SOUND).code == "small"


def test_the_defaults_are_those_of_the_reference():
    policy = read_pack(SOUND)
    programme, category = policy.programmes["home"], policy.categories["H1"]
    assert (policy.hold_ttl_seconds, policy.utc_offset_minutes) == (900, 480)
    assert programme.rounding == Rounding(RoundingMode.HALF_UP, 1)
    assert (programme.at_consumer_cap, programme.at_pool_end) == (AtLimit.REDUCE, AtLimit.REDUCE)
    assert programme.refund_restores is Restores.IMMEDIATE
    assert (programme.open, programme.pool, programme.provisional) == (True, "p-home", False)
    assert (category.item_cap_fen, category.price_ceiling_fen, category.count_limit) == (None, None, None)
    assert policy.consumer_caps[0].period is CapPeriod.POLICY


def test_all_that_the_language_can_say_is_read():
    programme = """
rounding = { mode = "up", unit_fen = 100 }
at_consumer_cap = "refuse"
at_pool_end = "refuse"
refund_restores = "next_day"
min_age_years = 18
from_date = 2030-01-01
until_date = 2030-12-31
open = false
paused_reason = { zh = "盘点", en = "Stocktaking" }
"""
    category = """
amount = { bands = [{ below_fen = 5000, sum_fen = 0 }, { rate_bps = 600 }], cap_fen = 900, bonuses = [
  { sum_fen = 100, old_battery = "lithium", grades = [1, "ungraded"] }] }
item_cap_fen = 1000
price_ceiling_fen = 9000
count_limit = { code = "both", units = 2 }
grade_source = "water"
requires_trade_in = ["S1", "H1"]
min_age_years = 60
from_date = 2030-03-01
until_date = 2030-03-31
provisional = true
note = { zh = "待定", en = "Open" }
"""
    source = SOUND.replace(PROGRAMME_SHOP, PROGRAMME_SHOP + programme).replace(UMBRELLAS, category)
    policy = read_pack(source.replace('code = "total"', 'code = "total"\nperiod = "calendar_year"'))
    shop, umbrellas = policy.programmes["shop"], policy.categories["S1"]
    assert shop.rounding == Rounding(RoundingMode.UP, 100)
    assert (shop.at_consumer_cap, shop.at_pool_end) == (AtLimit.REFUSE, AtLimit.REFUSE)
    assert (shop.refund_restores, shop.min_age_years, shop.open) == (Restores.NEXT_DAY, 18, False)
    assert (shop.from_date, shop.until_date) == (date(2030, 1, 1), date(2030, 12, 31))
    assert shop.paused_reason == Text("盘点", "Stocktaking")
    assert umbrellas.amount == AmountRule(
        Bands((Band(5000, sum_fen=0), Band(None, rate_bps=600))),
        cap_fen=900,
        bonuses=(Bonus(100, Battery.LITHIUM, frozenset({1, None})),),
    )
    assert umbrellas.count_limit == CountLimit("both", 2)
    assert umbrellas.requires_trade_in == ("S1", "H1")
    assert policy.categories["H1"].amount != AmountRule(FixedSum(0))
    assert policy.consumer_caps[0].period is CapPeriod.CALENDAR_YEAR
