"""The demo's forty merchants with their stores in the districts of Changchun."""

import random
from dataclasses import dataclass
from typing import Final

from stdnum.cn import uscc

DISTRICTS: Final = {
    "220102": "南关区",
    "220103": "宽城区",
    "220104": "朝阳区",
    "220105": "二道区",
    "220106": "绿园区",
    "220112": "双阳区",
    "220113": "九台区",
    "220122": "农安县",
    "220182": "榆树市",
    "220183": "德惠市",
    "220184": "公主岭市",
}
"""GB/T 2260."""

_CROWDED: Final = ("220102", "220103", "220104", "220105", "220106")
"""The central districts, where most shops are."""

_TRADES: Final = (
    # programmes sold, name endings, how many merchants
    (("appliance",), "电器有限公司", 12),
    (("digital",), "通讯器材有限公司", 8),
    (("home",), "家居建材有限公司", 8),
    (("appliance", "digital", "home"), "商贸有限公司", 6),
    (("ebike",), "车业有限公司", 4),
    (("age_friendly",), "康养用品有限公司", 2),
)
_NAMES: Final = (
    "春城汇",
    "伊通河",
    "净月里",
    "南湖畔",
    "北国兴",
    "长顺德",
    "吉云达",
    "松辽源",
    "白山立",
    "雪原优",
    "红旗渠",
    "文昌阁",
    "永春坊",
    "新立街",
    "同志街",
    "重庆路",
    "桂林里",
    "人民广",
    "胜利园",
    "凯旋门",
    "自由桥",
    "东盛源",
    "临河居",
    "安达隆",
    "硅谷信",
    "锦程和",
    "创业里",
    "西安桥",
    "青年路",
    "正阳和",
    "奢岭兴",
    "龙嘉达",
    "开安顺",
    "五棵树",
    "米沙子",
    "范家屯",
    "怀德兴",
    "响水湾",
    "卡伦湖",
    "双阳河",
)
_STORE_ENDINGS: Final = ("旗舰店", "二店", "社区店")
_LETTERS_OF_ORGANISATIONS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True)
class DemoStore:
    store_id: str
    name: str
    district: str


@dataclass(frozen=True, slots=True)
class DemoMerchant:
    """`programmes` are those whose goods the merchant sells."""

    merchant_id: str
    name: str
    uscc: str
    district: str
    programmes: tuple[str, ...]
    stores: tuple[DemoStore, ...]


def merchants(seed: int) -> tuple[DemoMerchant, ...]:
    """The same forty from the same seed; the first two sell everything that needs no special trade."""
    chance = random.Random(seed)  # noqa: S311 - a world to look at, nothing to guess
    names = chance.sample(_NAMES, len(_NAMES))
    trades = sorted(_TRADES, key=lambda trade: -len(trade[0]))
    made: list[DemoMerchant] = []
    for programmes, ending, count in trades:
        made.extend(_merchant(chance, len(made) + 1, names.pop(), ending, programmes) for _ in range(count))
    return tuple(made)


def _merchant(chance: random.Random, number: int, name: str, ending: str, programmes: tuple[str, ...]) -> DemoMerchant:
    district = _district(chance)
    return DemoMerchant(
        merchant_id=f"M{number:04}",
        name=f"长春市{DISTRICTS[district]}{name}{ending}",
        uscc=_uscc(chance, district),
        district=district,
        programmes=programmes,
        stores=tuple(
            _store(chance, store_no, name, district) for store_no in range(chance.randrange(len(_STORE_ENDINGS)) + 1)
        ),
    )


def _store(chance: random.Random, store_no: int, name: str, home: str) -> DemoStore:
    district = home if store_no == 0 else _district(chance)
    return DemoStore(
        store_id=f"S{store_no + 1:03}",
        name=f"{name}{DISTRICTS[district]}{_STORE_ENDINGS[store_no]}",
        district=district,
    )


def _district(chance: random.Random) -> str:
    return chance.choice((*_CROWDED, *_CROWDED, *DISTRICTS))


def _uscc(chance: random.Random, district: str) -> str:
    organisation = "".join(chance.choice(_LETTERS_OF_ORGANISATIONS) for _ in range(7))
    body = f"91{district}MA{organisation}"
    return body + uscc.calc_check_digit(body)
