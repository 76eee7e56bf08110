"""What is no valid number is refused, in two languages, without repeating it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from app.identifiers import (
    ID_TYPES,
    IdentifierFault,
    parse_gtin,
    parse_identity,
    parse_imei,
    parse_serial_no,
    parse_uscc,
    show_gtin,
)

TODAY = date(2031, 5, 6)


def resident_id(area: str, birth: str, sequence: str = "001") -> str:
    body = area + birth + sequence
    return body + mod_11_2.calc_check_digit(body)


@pytest.mark.parametrize("raw", ["6901234567892", "6901010101098", "06901234567892", "036000291452", "73513537"])
def test_a_gtin_with_the_right_check_digit_is_accepted(raw: str) -> None:
    assert parse_gtin(raw) == raw.zfill(14)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "6901234567891",
        "690123456789",
        "0" * 13,
        "0" * 8,
        "69012345678920",
        "6901234567892x",
        "٦901234567892",
    ],
)
def test_a_broken_gtin_is_refused(raw: str) -> None:
    with pytest.raises(IdentifierFault) as fault:
        parse_gtin(raw)

    assert fault.value.code == "invalid_gtin"


def test_a_packing_case_keeps_its_fourteen_digits() -> None:
    assert show_gtin(parse_gtin("16901234567899")) == "16901234567899"


@pytest.mark.parametrize("raw", ["490154203237518", "358882046176540"])
def test_an_imei_with_the_right_check_digit_is_accepted(raw: str) -> None:
    assert parse_imei(raw) == raw


@pytest.mark.parametrize("raw", ["", "490154203237519", "4901542032375", "49015420323751800", "0" * 15, "0" * 14])
def test_a_broken_imei_is_refused(raw: str) -> None:
    with pytest.raises(IdentifierFault) as fault:
        parse_imei(raw)

    assert fault.value.code == "invalid_imei"


@pytest.mark.parametrize("raw", ["91110108397173806M", "91350100M000100Y43", "91220101MA0Y00000D"])
def test_a_credit_code_with_the_right_check_character_is_accepted(raw: str) -> None:
    assert parse_uscc(raw) == raw


@pytest.mark.parametrize(
    "raw", ["", "91110108397173806N", "91110108397173806", "9111O108397173806M", "91110108397I73806M"]
)
def test_a_broken_credit_code_is_refused(raw: str) -> None:
    with pytest.raises(IdentifierFault) as fault:
        parse_uscc(raw)

    assert fault.value.code == "invalid_field"


@pytest.mark.parametrize("raw", ["", "SN1", "S" * 33, "SN#0001", "序列号0001", "ß" * 4, "SN\x000001"])
def test_a_broken_serial_number_is_refused(raw: str) -> None:
    with pytest.raises(IdentifierFault) as fault:
        parse_serial_no(raw)

    assert fault.value.code == "invalid_field"


@pytest.mark.parametrize(
    ("number", "born"),
    [
        ("11010519491231002X", date(1949, 12, 31)),
        ("440524188001010014", date(1880, 1, 1)),
        ("220102196001010013", date(1960, 1, 1)),
        ("220104199003074025", date(1990, 3, 7)),
        (resident_id("810000", "19850102"), date(1985, 1, 2)),
        (resident_id("820000", "19850102"), date(1985, 1, 2)),
        (resident_id("830000", "19850102"), date(1985, 1, 2)),
        (resident_id("220102", "20000229"), date(2000, 2, 29)),
        (resident_id("220102", TODAY.strftime("%Y%m%d")), TODAY),
    ],
)
def test_a_resident_id_tells_its_birth_date(number: str, born: date) -> None:
    assert parse_identity("resident_id", number, None, TODAY).birth_date == born


@pytest.mark.parametrize(
    "number",
    [
        "43102119910910512X",  # the payment channel's own documentation sample
        "11010519491231002",
        "110105491231002",
        "110105194912310021",
        "",
        "11010519491231002Y",
        resident_id("990102", "19850102"),
        resident_id("810101", "19850102"),
        resident_id("220102", "19850230"),
        resident_id("220102", "19000229"),
        resident_id("220102", "18491231"),
        resident_id("220102", "20990101"),
        resident_id("220102", (TODAY + timedelta(days=1)).strftime("%Y%m%d")),
    ],
)
def test_a_broken_resident_id_is_refused(number: str) -> None:
    with pytest.raises(IdentifierFault) as fault:
        parse_identity("resident_id", number, None, TODAY)

    assert fault.value.code == "invalid_id_number"


def test_a_number_of_the_first_generation_is_told_why() -> None:
    with pytest.raises(IdentifierFault) as fault:
        parse_identity("resident_id", "110105491231002", None, TODAY)

    assert "15" in fault.value.message.zh
    assert "Fifteen" in fault.value.message.en


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        ("hk_macau_permit", "X12345678"),
        ("hk_macau_permit", "H1234567"),
        ("hk_macau_permit", "H123456789"),
        ("taiwan_permit", "1234567"),
        ("taiwan_permit", "123456789"),
        ("passport", "E123"),
        ("passport", "E" * 21),
        ("passport", "E1234567#"),
        ("foreign_resident_id", "220102196001010013"),
        ("foreign_resident_id", "JPN110080131502"),
        ("foreign_resident_id", "JP1110080061502"),
        ("foreign_resident_id", "911392198006150016"),
    ],
)
def test_a_broken_permit_is_refused(id_type: str, number: str) -> None:
    with pytest.raises(IdentifierFault) as fault:
        parse_identity(id_type, number, None, TODAY)

    assert fault.value.code == "invalid_id_number"


def test_a_birth_date_that_contradicts_the_number_is_refused() -> None:
    number = "220102196001010013"

    assert parse_identity("resident_id", number, date(1960, 1, 1), TODAY).birth_date == date(1960, 1, 1)
    with pytest.raises(IdentifierFault) as fault:
        parse_identity("resident_id", number, date(1960, 1, 2), TODAY)
    assert fault.value.code == "invalid_id_number"


@pytest.mark.parametrize("born", [date(1849, 12, 31), TODAY + timedelta(days=1)])
def test_an_impossible_declared_birth_date_is_refused(born: date) -> None:
    with pytest.raises(IdentifierFault) as fault:
        parse_identity("passport", "E12345678", born, TODAY)

    assert fault.value.code == "invalid_field"


def test_an_unknown_document_is_refused() -> None:
    with pytest.raises(IdentifierFault) as fault:
        parse_identity("driving_licence", "220102196001010013", None, TODAY)

    assert fault.value.code == "invalid_field"


def test_two_digits_of_a_year_tell_the_birth_date_only_where_one_century_fits() -> None:
    clear = parse_identity("foreign_resident_id", "JPN110080061502", None, TODAY)
    doubtful = parse_identity("foreign_resident_id", "JPN110010061502", None, TODAY)
    declared = parse_identity("foreign_resident_id", "JPN110010061502", date(2010, 6, 15), TODAY)

    assert clear.birth_date == date(1980, 6, 15)
    assert doubtful.birth_date is None
    assert declared.birth_date == date(2010, 6, 15)
    with pytest.raises(IdentifierFault):
        parse_identity("foreign_resident_id", "JPN110010061502", date(2010, 6, 16), TODAY)


def refusal(parse: Callable[[str], object], raw: str) -> IdentifierFault | None:
    try:
        parse(raw)
    except IdentifierFault as fault:
        return fault
    return None


@given(st.sampled_from(ID_TYPES), st.text(min_size=5, max_size=80))
def test_whatever_is_typed_is_read_or_refused_without_being_repeated(id_type: str, raw: str) -> None:
    fault = refusal(lambda number: parse_identity(id_type, number, None, TODAY), raw)

    assert fault is None or raw not in f"{fault!r}{fault.message}"


def test_an_identity_never_shows_its_number() -> None:
    identity = parse_identity("resident_id", "220102196001010013", None, TODAY)

    assert "1960" not in repr(identity)


@pytest.mark.parametrize("parse", [parse_gtin, parse_imei, parse_serial_no, parse_uscc])
@given(raw=st.text(max_size=80))
def test_every_refusal_speaks_two_languages(parse: Callable[[str], str], raw: str) -> None:
    fault = refusal(parse, raw)

    assert fault is None or (fault.message.zh and fault.message.en)


@pytest.mark.parametrize("parse", [parse_gtin, parse_imei, parse_serial_no])
@given(raw=st.text("0123456789 -xX", max_size=20))
def test_a_number_once_read_reads_the_same_again(parse: Callable[[str], str], raw: str) -> None:
    if refusal(parse, raw) is None:
        assert parse(parse(raw)) == parse(raw)
