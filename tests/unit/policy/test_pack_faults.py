"""A pack is refused with every fault, each at its place and with its reason; nothing is guessed."""

from datetime import date

import pytest

from app.domain.money import Rounding, RoundingMode
from app.domain.policy.amount import AmountRule, Band, Bands, Battery, Bonus, FixedSum
from app.domain.policy.model import AtLimit, CapPeriod, CountLimit, Restores, Text
from app.domain.policy.pack import PackRefused, read_pack

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


def faults_of(source: str) -> list[tuple[str, str]]:
    with pytest.raises(PackRefused) as refused:
        read_pack(source)
    return [(fault.key, fault.reason) for fault in refused.value.faults]


FAULTS = [
    ("no longer TOML", 'code = "small"', "code = small", "", "is not TOML: Invalid value (at line 2"),
    ("an unknown key", PROGRAMME_SHOP, PROGRAMME_SHOP + "\nat_pool_ende = 1", "programmes[1].at_pool_ende",
     "unknown key; did you mean `at_pool_end`?"),
    ("a key of nowhere", 'code = "small"', 'code = "small"\nzzz = 1', "zzz",
     "unknown key; known here: categories, clauses, code"),
    ("a missing key", "cap_fen = 1000\n", "", "consumer_caps[0].cap_fen", "is missing"),
    ("a missing language", 'title = { zh = "灯", en = "Lamps" }', 'title = { zh = "灯" }', "categories[0].title.en",
     "is missing"),
    ("an empty text", 'en = "Lamps"', 'en = " "', "categories[0].title.en", "must not be empty"),
    ("a text with NUL", 'en = "Lamps"', 'en = "La\\u0000mps"', "categories[0].title.en", "visible characters"),
    ("a number for a text", 'en = "Lamps"', "en = 5", "categories[0].title.en", "must be text, not a whole number"),
    ("a float for money", "cap_fen = 1000", "cap_fen = 1000.0", "consumer_caps[0].cap_fen", "1000.0 is a fraction"),
    ("a float for a rate", "any = 1500", "any = 0.15", "categories[0].amount.rates_bps.any", "0.15 is a fraction"),
    ("not a number", "any = 1500", "any = nan", "categories[0].amount.rates_bps.any", "nan is a fraction"),
    ("a text for money", "cap_fen = 1000", 'cap_fen = "1000"', "consumer_caps[0].cap_fen",
     "must be a whole number, not text"),
    ("true for money", "cap_fen = 1000", "cap_fen = true", "consumer_caps[0].cap_fen",
     "must be a whole number, not true or false"),
    ("a negative sum", "sum_fen = 500", "sum_fen = -500", "categories[1].amount.sum_fen", "-500 is out of range"),
    ("more money than there is", "cap_fen = 1000", "cap_fen = 9223372036854775808", "consumer_caps[0].cap_fen",
     "out of range"),
    ("a rate above 100 %", "any = 1500", "any = 10001", "categories[0].amount.rates_bps.any",
     "10001 is out of range: from 1 to 10000"),
    ("a grade that is none", "any = 1500", "10 = 1500", "categories[0].amount.rates_bps.10", "is no grade"),
    ("no rate at all", LAMPS, "amount = { rates_bps = {} }",
     "categories[0].amount.rates_bps.any", "at least one grade"),
    ("two rules in one", UMBRELLAS, "amount = { sum_fen = 500, rates_bps = { any = 1 } }",
     "categories[1].amount.rates_bps", "exactly one of"),
    ("no rule", UMBRELLAS, "amount = {}", "categories[1].amount.rates_bps", "exactly one of"),
    ("a rule that is no table", UMBRELLAS, "amount = 500", "categories[1].amount",
     "must be a table, not a whole number"),
    ("no bands", UMBRELLAS, "amount = { bands = [] }", "categories[1].amount.bands", "must not be empty"),
    ("bands with an end", UMBRELLAS, "amount = { bands = [{ below_fen = 5, sum_fen = 1 }] }",
     "categories[1].amount.bands", "the last band must have no below_fen"),
    ("an open band in between", UMBRELLAS, "amount = { bands = [{ sum_fen = 1 }, { sum_fen = 2 }] }",
     "categories[1].amount.bands", "only the last band"),
    ("bands out of order", UMBRELLAS,
     "amount = { bands = [{ below_fen = 5, sum_fen = 1 }, { below_fen = 5, sum_fen = 1 }, { sum_fen = 2 }] }",
     "categories[1].amount.bands", "must rise"),
    ("a band without an amount", UMBRELLAS, "amount = { bands = [{ below_fen = 5 }, { sum_fen = 2 }] }",
     "categories[1].amount.bands[0].sum_fen", "exactly one of"),
    ("an unknown battery", UMBRELLAS, 'amount = { sum_fen = 5, bonuses = [{ sum_fen = 1, old_battery = "aa" }] }',
     "categories[1].amount.bonuses[0].old_battery", 'must be one of "lithium", "lead_acid"'),
    ("a bonus for no grade", UMBRELLAS, "amount = { sum_fen = 5, bonuses = [{ sum_fen = 1, grades = [1, true] }] }",
     "categories[1].amount.bonuses[0].grades[1]", "must be a grade"),
    ("a code twice", 'code = "S1"', 'code = "H1"', "categories[1].code", "`H1` is already categories[0]"),
    ("a code of blanks", 'code = "S1"', 'code = "S 1"', "categories[1].code", "must be 1 to 64 of"),
    ("an unknown programme", 'programme = "shop"\ntitle = { zh = "伞"', 'programme = "shops"\ntitle = { zh = "伞"',
     "categories[1].programme", "no programme is called `shops`; did you mean `shop`?"),
    ("an unknown alternative", 'alternatives = ["H1"]', 'alternatives = ["H2"]', "categories[1].alternatives[0]",
     "no category is called `H2`"),
    ("itself as alternative", 'alternatives = ["H1"]', 'alternatives = ["S1"]', "categories[1].alternatives[0]",
     "is the category itself"),
    ("an alternative twice", 'alternatives = ["H1"]', 'alternatives = ["H1", "H1"]', "categories[1].alternatives",
     "`H1` stands here 2 times"),
    ("an alternative in the same programme", 'programme = "home"\ntitle = { zh = "灯"',
     'programme = "shop"\ntitle = { zh = "灯"', "categories[1].alternatives[0]", "in the same programme `shop`"),
    ("an unknown old item", LAMPS, LAMPS + '\nrequires_trade_in = ["E1"]', "categories[0].requires_trade_in[0]",
     "no category is called `E1`"),
    ("an unknown clause", 'cap_fen = 1000\ncovers = ["home", "shop"]\nclause = "1"',
     'cap_fen = 1000\ncovers = ["home", "shop"]\nclause = "2"', "consumer_caps[0].clause", "no clause is called `2`"),
    ("a cap over nothing", 'covers = ["home", "shop"]', "covers = []", "consumer_caps[0].covers", "must not be empty"),
    ("a cap over an unknown programme", 'covers = ["home", "shop"]', 'covers = ["home", "shed"]',
     "consumer_caps[0].covers", "no programme is called `shed`"),
    ("a pool for an unknown programme", 'programme = "shop"\ntitle = { zh = "资金"',
     'programme = "cars"\ntitle = { zh = "资金"', "pools[1].programme", "no programme is called `cars`"),
    ("a programme without a pool", 'programme = "shop"\ntitle = { zh = "资金"',
     'programme = "home"\ntitle = { zh = "资金"', "programmes[1]", "no pool pays for `shop`"),
    ("two pools for one programme", 'programme = "shop"\ntitle = { zh = "资金"',
     'programme = "home"\ntitle = { zh = "资金"', "pools[1].programme", "`home` is already paid from `p-home`"),
    ("a programme without a category", 'programme = "shop"\ntitle = { zh = "伞"',
     'programme = "home"\ntitle = { zh = "伞"', "programmes[1]", "`shop` has no category"),
    ("shares that are not whole", "share_bps = 10000", "share_bps = 9999", "pools[0].shares", "sum to 9999, not 10000"),
    ("no shares", CITY, "shares = []", "pools[0].shares", "must not be empty"),
    ("a funder twice", CITY, CITY.replace("10000 }]", "5000 }, ") + CITY[10:].replace("10000", "5000"),
     "pools[0].shares", "`city` stands here 2 times"),
    ("days reversed", PROGRAMME_SHOP, PROGRAMME_SHOP + "\nfrom_date = 2030-02-01\nuntil_date = 2030-01-31",
     "programmes[1].until_date", "2030-01-31 is before from_date 2030-02-01"),
    ("a day in quotes", PROGRAMME_SHOP, PROGRAMME_SHOP + '\nfrom_date = "2030-02-01"', "programmes[1].from_date",
     "must be a day such as"),
    ("an instant for a day", PROGRAMME_SHOP, PROGRAMME_SHOP + "\nfrom_date = 2030-02-01T00:00:00Z",
     "programmes[1].from_date", "must be a day such as"),
    ("a category that outlives its programme", UMBRELLAS,
     UMBRELLAS + "\nfrom_date = 2031-01-01", "categories[1].from_date", "wholly outside"),
    ("paused without a word", PROGRAMME_SHOP, PROGRAMME_SHOP + "\nopen = false", "programmes[1].paused_reason",
     "is missing"),
    ("open by a number", PROGRAMME_SHOP, PROGRAMME_SHOP + "\nopen = 1", "programmes[1].open", "must be true or false"),
    ("an unknown mode", PROGRAMME_SHOP, PROGRAMME_SHOP + '\nrounding = { mode = "ceil" }',
     "programmes[1].rounding.mode", 'must be one of "half_up", "down", "up", "half_even"'),
    ("a rounding unit of nothing", PROGRAMME_SHOP, PROGRAMME_SHOP + "\nrounding = { unit_fen = 0 }",
     "programmes[1].rounding.unit_fen", "0 is out of range"),
    ("an age of nobody", UMBRELLAS, UMBRELLAS + "\nmin_age_years = 0", "categories[1].min_age_years", "out of range"),
    ("provisional without a note", UMBRELLAS, UMBRELLAS + "\nprovisional = true", "categories[1].note", "is missing"),
    ("a table where tables belong", "[[consumer_caps]]", "[consumer_caps]", "consumer_caps",
     "must be an array, not a table"),
    ("a table where an array belongs", 'covers = ["home", "shop"]', 'covers = { home = 1 }',
     "consumer_caps[0].covers", "must be an array, not a table"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "key", "reason"),
    [
        pytest.param(before, after, key, reason, id=name.replace(" ", "-"))
        for name, before, after, key, reason in FAULTS
    ],
)
def test_a_fault_is_told_with_its_place_and_reason(before: str, after: str, key: str, reason: str):
    assert before in SOUND
    source = SOUND.replace(before, after, 1)
    if key.startswith("categories[1].from_date"):
        source = source.replace(PROGRAMME_SHOP, PROGRAMME_SHOP + "\nuntil_date = 2030-12-31")
    found = faults_of(source)
    assert any(where == key and reason in why for where, why in found), found


def test_count_limits_that_share_a_code_must_agree():
    source = SOUND.replace(LAMPS, LAMPS + '\ncount_limit = { code = "shared", units = 2 }').replace(
        UMBRELLAS, UMBRELLAS + '\ncount_limit = { code = "shared", units = 3 }'
    )
    assert faults_of(source) == [("categories[1].count_limit.units", "3, but `shared` counts to 2 above")]


def test_every_fault_is_told_at_once():
    source = (
        SOUND.replace("any = 1500", "any = 0.15")
        .replace("cap_fen = 1000", "cap_fen = -1")
        .replace('alternatives = ["H1"]', 'alternatives = ["X9"]')
        .replace("share_bps = 10000", "share_bps = 1")
    )
    assert [key for key, _ in faults_of(source)] == [
        "categories[0].amount.rates_bps.any",
        "consumer_caps[0].cap_fen",
        "pools[0].shares",
        "pools[1].shares",
        "categories[1].alternatives[0]",
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
