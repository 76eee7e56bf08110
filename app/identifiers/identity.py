"""People: identity documents by type, each person's number in exactly one spelling."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from stdnum.iso7064 import mod_11_2

from app.identifiers.fault import IdentifierFault
from app.identifiers.spelling import fold_number

OLDEST_BIRTH: Final = date(1850, 1, 1)
"""Nobody alive was born earlier."""

_PROVINCES: Final = frozenset(
    str(code)
    for block in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71,),
    )
    for code in block
)
_RESIDENCE_PERMITS: Final = frozenset(("810000", "820000", "830000"))
"""Residents of Hong Kong, Macau and Taiwan living on the mainland: the number is built like a resident ID."""

_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]").fullmatch
_FIFTEEN_DIGITS = re.compile(r"[0-9]{15}").fullmatch
_OLD_FOREIGN = re.compile(r"[A-Z]{3}[0-9]{12}").fullmatch
_HK_MACAU = re.compile(r"[HM](?:[0-9]{8}|[0-9]{10})").fullmatch
_TAIWAN = re.compile(r"[0-9]{8}(?:[0-9]{2})?").fullmatch
_PASSPORT = re.compile(r"[A-Z0-9]{5,20}").fullmatch


@dataclass(frozen=True, slots=True)
class Identity:
    """One person's document. The number is kept out of `repr`, so that no log or traceback can show it."""

    id_type: str
    id_number: str = field(repr=False)
    birth_date: date | None = field(repr=False)

    def canonical(self) -> bytes:
        """What is hashed to know the person: type and number. A declared birth date is no part of it:
        declaring another one must not make another person."""
        return f"{self.id_type}:{self.id_number}".encode("ascii")


class _Read(NamedTuple):
    id_type: str
    id_number: str
    births: tuple[date, ...]
    """The birth dates the number allows; empty where it tells none."""


def parse_identity(id_type: str, id_number: str, birth_date: date | None, today: date) -> Identity:
    """The person a document names, judged on the local date `today`.

    Raises IdentifierFault `invalid_field` for an unknown type or an impossible declared birth date, and
    `invalid_id_number` for the number itself, also where it contradicts the declared birth date.
    """
    reader = _READERS.get(id_type)
    if reader is None:
        raise IdentifierFault("invalid_field", "不支持的证件类型。", "This type of document is not supported.")
    if birth_date is not None and not OLDEST_BIRTH <= birth_date <= today:
        raise IdentifierFault("invalid_field", "出生日期不合理。", "The birth date is impossible.")
    number = id_number if id_number.isascii() and id_number.isdigit() else fold_number(id_number)
    read = reader(number, today)
    if not read.births:
        return Identity(read.id_type, read.id_number, birth_date)
    if birth_date is None:
        return Identity(read.id_type, read.id_number, read.births[0] if len(read.births) == 1 else None)
    if birth_date not in read.births:
        raise _invalid("证件号码与出生日期不一致。", "The number of the document contradicts the birth date.")
    return Identity(read.id_type, read.id_number, birth_date)


def _resident_id(number: str, today: date) -> _Read:
    """GB 11643. A foreign permanent resident's card looks the same to a card reader, so it is taken here too,
    and stays the same person under either type."""
    if _FIFTEEN_DIGITS(number):
        raise _invalid(
            "15 位的第一代身份证号码已停用，请使用 18 位号码。",
            "Fifteen-digit numbers are no longer valid; use the number of 18 digits.",
        )
    if not _EIGHTEEN(number):
        raise _invalid("身份证号码应为 18 位，末位可为 X。", "An ID number has 18 characters; the last may be X.")
    if number[0] == "9":
        return _foreign_resident_id(number, today)
    if number[:2] not in _PROVINCES and number[:6] not in _RESIDENCE_PERMITS:
        raise _invalid("身份证号码的地区代码不存在。", "The area code of the ID number does not exist.")
    return _Read("resident_id", number, _checked_birth(number, today))


def _foreign_resident_id(number: str, today: date) -> _Read:
    """The card of 2023 (18 digits: 9, province, country, birth …) or the older one (3 letters, 12 digits)."""
    if _EIGHTEEN(number) and number[0] == "9" and number[1:3] in _PROVINCES:
        return _Read("foreign_resident_id", number, _checked_birth(number, today))
    if not _OLD_FOREIGN(number):
        raise _invalid(
            "外国人永久居留身份证号码应为以 9 加省级代码开头的 18 位，或 3 位字母加 12 位数字。",
            "A foreign permanent resident ID has 18 digits beginning with 9 and a province, "
            "or 3 letters and 12 digits.",
        )
    year, month, day = int(number[7:9]), int(number[9:11]), int(number[11:13])
    possible = (_date(century + year, month, day) for century in (1900, 2000))
    births = tuple(born for born in possible if born is not None and born <= today)
    if not births:
        raise _invalid("证件号码中的出生日期不存在。", "The birth date in the number does not exist.")
    return _Read("foreign_resident_id", number, births)


def _hk_macau_permit(number: str, _today: date) -> _Read:
    """H or M and eight digits for life; the two more of the old booklet only count reissues."""
    if not _HK_MACAU(number):
        raise _invalid(
            "港澳居民来往内地通行证号码应为 H 或 M 加 8 位数字（旧版 10 位）。",
            "A Hong Kong and Macau permit has H or M and 8 digits (10 on the old one).",
        )
    return _Read("hk_macau_permit", number[:9], ())


def _taiwan_permit(number: str, _today: date) -> _Read:
    """Eight digits for life. The booklet issued until 2015 appended two that count reissues."""
    if not _TAIWAN(number):
        raise _invalid(
            "台湾居民来往大陆通行证号码应为 8 位数字（旧版 10 位）。",
            "A Taiwan permit has 8 digits (10 on the old one).",
        )
    return _Read("taiwan_permit", number[:8], ())


def _passport(number: str, _today: date) -> _Read:
    if not _PASSPORT(number):
        raise _invalid("护照号码应为 5 至 20 位字母或数字。", "A passport number has 5 to 20 letters or digits.")
    return _Read("passport", number, ())


_READERS: Final[dict[str, Callable[[str, date], _Read]]] = {
    "resident_id": _resident_id,
    "foreign_resident_id": _foreign_resident_id,
    "hk_macau_permit": _hk_macau_permit,
    "taiwan_permit": _taiwan_permit,
    "passport": _passport,
}

ID_TYPES: Final = tuple(_READERS)


def _checked_birth(number: str, today: date) -> tuple[date]:
    """The birth date at places 7–14 of an 18-digit number whose check digit (ISO 7064 MOD 11-2) holds."""
    if mod_11_2.checksum(number) != 1:
        raise _invalid("身份证号码校验位不正确。", "The check digit of the ID number is wrong.")
    born = _date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    if born is None or not OLDEST_BIRTH <= born <= today:
        raise _invalid("身份证号码中的出生日期不存在。", "The birth date in the ID number does not exist.")
    return (born,)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _invalid(zh: str, en: str) -> IdentifierFault:
    return IdentifierFault("invalid_id_number", zh, en)
