"""Reading TOML values strictly: each kind of value says what it takes, and every fault is noted with its
place.

A fault does not stop the reading: a stand-in takes the value's place, so that the rest is read too. Whoever
reads must look at the faults before he uses what was read.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import Generic, TypeVar

from app.domain.plain_text import is_plain
from app.domain.policy.faults import PackFault, entry_names
from app.domain.policy.model import Text

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
E = TypeVar("E", bound=StrEnum)

MAX_FEN = 10**15
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_TEXT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Place:
    """One value and where it stands."""

    value: object
    key: str
    faults: list[PackFault]

    def note(self, reason: Text) -> None:
        self.faults.append(PackFault(self.key, reason))


class Wrong(Exception):
    """Raised by a kind's `read` with the reason; it never leaves this package."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.reason = Text(zh, en)


@dataclass(frozen=True, slots=True)
class Kind(Generic[T_co]):
    """How to read one kind of value, and what stands in for it after a fault."""

    read: Callable[[Place], T_co]
    stand_in: T_co

    def take(self, place: Place) -> T_co:
        try:
            return self.read(place)
        except Wrong as wrong:
            place.note(wrong.reason)
            return self.stand_in


@dataclass(slots=True)
class Table:
    """A TOML table being read. `close` notes the keys nobody asked for."""

    values: Mapping[str, object]
    key: str
    faults: list[PackFault]
    known: set[str] = field(default_factory=set)

    def place(self, key: str) -> Place:
        return Place(self.values.get(key), f"{self.key}.{key}" if self.key else key, self.faults)

    def note(self, key: str, reason: Text) -> None:
        self.place(key).note(reason)

    def optional(self, key: str, kind: Kind[T]) -> T | None:
        self.known.add(key)
        return kind.take(self.place(key)) if key in self.values else None

    def default(self, key: str, kind: Kind[T], default: T) -> T:
        self.known.add(key)
        return kind.take(self.place(key)) if key in self.values else default

    def required(self, key: str, kind: Kind[T]) -> T:
        if key not in self.values:
            self.note(key, Text("缺少此项", "is missing"))
        return self.default(key, kind, kind.stand_in)

    def close(self) -> None:
        for key in self.values:
            if key not in self.known:
                self.note(key, self._unknown(key))

    def _unknown(self, key: str) -> Text:
        close = get_close_matches(key, self.known, n=1)
        if close:
            return Text(f"无法识别的键；是否应为 `{close[0]}`？", f"unknown key; did you mean `{close[0]}`?")
        known = sorted(self.known)
        return Text(f"无法识别的键；此处可用：{'、'.join(known)}", f"unknown key; known here: {', '.join(known)}")


def whole(low: int, high: int) -> Kind[int]:
    """A whole number from `low` to `high`, both included."""

    def read(place: Place) -> int:
        value = place.value
        if isinstance(value, float):
            raise Wrong(
                f"{value} 带小数；金额请写整数分（12.50 元写 1250），比例请写万分数（15 % 写 1500）",
                f"{value} is a fraction; write whole fen (12.50 yuan = 1250) or basis points (15 % = 1500)",
            )
        if isinstance(value, bool) or not isinstance(value, int):
            raise _must_be(Text("整数", "a whole number"), value)
        if not low <= value <= high:
            raise Wrong(f"{value} 超出范围：应为 {low} 至 {high}", f"{value} is out of range: from {low} to {high}")
        return value

    return Kind(read, low)


def choice(values: type[E]) -> Kind[E]:
    """One of an enumeration's values."""
    first, *_ = values
    known = [f'"{value}"' for value in values]

    def read(place: Place) -> E:
        value = place.value
        if not isinstance(value, str) or value not in [*values]:
            raise Wrong(f"应为以下之一：{'、'.join(known)}", f"must be one of {', '.join(known)}")
        return values(value)

    return Kind(read, first)


def list_of(kind: Kind[T]) -> Kind[tuple[T, ...]]:
    """An array; the faults of its members are noted under their `entry_names`."""

    def read(place: Place) -> tuple[T, ...]:
        if not isinstance(place.value, list):
            raise _must_be(Text("数组", "an array"), place.value)
        names = entry_names([_code_of(member) for member in place.value])
        members = zip(names, place.value, strict=True)
        return tuple(kind.take(Place(member, f"{place.key}[{name}]", place.faults)) for name, member in members)

    return Kind(read, ())


def some_of(kind: Kind[T]) -> Kind[tuple[T, ...]]:
    """An array with at least one member."""

    def read(place: Place) -> tuple[T, ...]:
        members = list_of(kind).read(place)
        if not members:
            raise Wrong("不能为空", "must not be empty")
        return members

    return Kind(read, ())


def table_of(read_table: Callable[[Table], T]) -> Kind[T]:
    """A table with exactly the keys that `read_table` asks for."""

    def read(place: Place) -> T:
        if not isinstance(place.value, dict):
            raise _must_be(Text("表", "a table"), place.value)
        table = Table(place.value, place.key, place.faults)
        value = read_table(table)
        table.close()
        return value

    return Kind(read, stand_in=read_table(Table({}, "", [])))


def _read_flag(place: Place) -> bool:
    if not isinstance(place.value, bool):
        raise _must_be(Text("true 或 false", "true or false"), place.value)
    return place.value


def _read_code(place: Place) -> str:
    if not isinstance(place.value, str):
        raise _must_be(Text("文本", "text"), place.value)
    if not _CODE.fullmatch(place.value):
        raise Wrong(
            "应为 1 至 64 个字符，只能用 A-Z a-z 0-9 - _，并以字母或数字开头",
            "must be 1 to 64 of A-Z a-z 0-9 - _, beginning with a letter or a digit",
        )
    return place.value


def _read_words(place: Place) -> str:
    value = place.value
    if not isinstance(value, str):
        raise _must_be(Text("文本", "text"), value)
    if not value.strip() or value != value.strip():
        raise Wrong("不能为空，首尾也不能有空白", "must not be empty, nor begin or end with a blank")
    if not is_plain(value) or len(value) > _TEXT_LENGTH:
        raise Wrong(
            f"应为一行文字，最多 {_TEXT_LENGTH} 个可见字符",
            f"must be at most {_TEXT_LENGTH} visible characters on one line",
        )
    return value


def _read_day(place: Place) -> date:
    if not isinstance(place.value, date) or isinstance(place.value, datetime):
        day = Text("日期，如 2025-01-01（不加引号）", "a day such as 2025-01-01 (without quotes)")
        raise _must_be(day, place.value)
    return place.value


def _read_bilingual(table: Table) -> Text:
    return Text(zh=table.required("zh", WORDS), en=table.required("en", WORDS))


def _code_of(member: object) -> str:
    """The code an entry of a list is known by; empty if it has none, or none that can be read."""
    code = member.get("code") if isinstance(member, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _must_be(wanted: Text, value: object) -> Wrong:
    found = _named(value)
    return Wrong(f"应为{_spaced(wanted.zh)}，而不是{_spaced(found.zh)}", f"must be {wanted.en}, not {found.en}")


def _spaced(words: str) -> str:
    """Chinese sets Latin words off by a blank."""
    return f" {words}" if words[0].isascii() else words


def _named(value: object) -> Text:
    names = {
        bool: Text("true 或 false", "true or false"),
        str: Text("文本", "text"),
        dict: Text("表", "a table"),
        list: Text("数组", "an array"),
        float: Text("小数", "a decimal fraction"),
        int: Text("整数", "a whole number"),
    }
    return names.get(type(value), Text("日期或时间", "a date or time"))


FLAG = Kind(_read_flag, stand_in=False)
CODE = Kind(_read_code, "")
WORDS = Kind(_read_words, "")
DAY = Kind(_read_day, date.min)
BILINGUAL = table_of(_read_bilingual)
FEN = whole(1, MAX_FEN)
FEN_OR_ZERO = whole(0, MAX_FEN)
BPS = whole(1, 10_000)
CODES = list_of(CODE)
