"""However a cashier, a scanner or a keyboard spells a number, it names one thing."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean, luhn
from stdnum.iso7064 import mod_11_2

from app.identifiers import parse_gtin, parse_identity, parse_imei, parse_serial_no, parse_uscc, show_gtin

TODAY = date(2031, 5, 6)
FULL_WIDTH = {code: chr(code + 0xFEE0) for code in range(ord("!"), ord("~") + 1)}
DIGITS = "0123456789"


@st.composite
def spellings(draw: st.DrawFn, number: str, *, separators: str = " -\u3000\u00a0\uff0d") -> str:
    """The number in any mixture of case, width, blanks and hyphens."""
    spelled = []
    for character in number:
        cased = draw(st.sampled_from((character, character.lower())))
        spelled.append(cased.translate(FULL_WIDTH) if draw(st.booleans()) else cased)
        spelled.append(draw(st.sampled_from(("", "", "", *separators))))
    return " " + "".join(spelled)


@given(st.data(), st.text(DIGITS, min_size=12, max_size=12))
def test_every_spelling_of_a_gtin_is_one_gtin(data: st.DataObject, body: str) -> None:
    gtin13 = body + ean.calc_check_digit(body)
    if int(gtin13) == 0:
        return
    expected = "0" + gtin13

    assert parse_gtin(gtin13) == expected
    assert parse_gtin(data.draw(spellings(gtin13))) == expected
    assert parse_gtin(data.draw(spellings("0" + gtin13))) == expected
    assert show_gtin(expected) == gtin13


@given(st.text(DIGITS, min_size=7, max_size=7))
def test_short_gtins_are_the_long_ones_without_leading_zeros(body: str) -> None:
    gtin8 = body + ean.calc_check_digit(body)
    if int(gtin8) == 0:
        return

    assert parse_gtin(gtin8) == parse_gtin(gtin8.zfill(12)) == parse_gtin(gtin8.zfill(13)) == gtin8.zfill(14)


@given(
    st.data(),
    st.text(DIGITS, min_size=14, max_size=14).filter(lambda device: int(device) > 0),
    st.integers(0, 99),
)
def test_every_spelling_of_an_imei_is_one_imei(data: st.DataObject, device: str, software: int) -> None:
    imei = device + luhn.calc_check_digit(device)

    assert parse_imei(data.draw(spellings(imei))) == imei
    assert parse_imei(data.draw(spellings(device))) == imei
    assert parse_imei(data.draw(spellings(f"{device}{software:02}"))) == imei


@given(st.data(), st.dates(date(1850, 1, 1), TODAY), st.integers(0, 999))
def test_every_spelling_of_a_resident_id_is_one_person(data: st.DataObject, born: date, sequence: int) -> None:
    body = f"220102{born:%Y%m%d}{sequence:03}"
    number = body + mod_11_2.calc_check_digit(body)
    expected = parse_identity("resident_id", number, None, TODAY)

    spelled = parse_identity("resident_id", data.draw(spellings(number)), born, TODAY)

    assert (spelled.canonical(), spelled.birth_date) == (expected.canonical(), born)


@pytest.mark.parametrize(
    ("id_type", "aliases"),
    [
        ("hk_macau_permit", ("H12345678", "h12345678", "H1234567801", "H12345678-02", "Ｈ１２３４５６７８")),
        ("taiwan_permit", ("01234567", "0123456701", "01234567 02", "０１２３４５６７")),
        ("passport", ("E12345678", "e12345678", "E 1234-5678", "Ｅ１２３４５６７８")),
        ("foreign_resident_id", ("JPN110080061502", "jpn110080061502", "JPN-1100-800615-02")),
        ("foreign_resident_id", ("911392198006150014", "911392 19800615-0014")),
    ],
)
def test_every_spelling_of_a_permit_is_one_person(id_type: str, aliases: tuple[str, ...]) -> None:
    people = {parse_identity(id_type, alias, None, TODAY).canonical() for alias in aliases}

    assert len(people) == 1


def test_a_foreign_resident_is_the_same_person_under_either_type() -> None:
    number = "911392198006150014"

    as_resident = parse_identity("resident_id", number, None, TODAY)
    as_foreigner = parse_identity("foreign_resident_id", number, None, TODAY)

    assert as_resident.canonical() == as_foreigner.canonical()


def test_the_same_digits_under_two_types_are_two_people() -> None:
    taiwan = parse_identity("taiwan_permit", "01234567", None, TODAY)
    passport = parse_identity("passport", "01234567", None, TODAY)

    assert taiwan.canonical() != passport.canonical()


def test_declaring_another_birth_date_does_not_make_another_person() -> None:
    young = parse_identity("passport", "E12345678", date(1990, 1, 1), TODAY)
    old = parse_identity("passport", "E12345678", date(1950, 1, 1), TODAY)

    assert young.canonical() == old.canonical()


@given(st.data(), st.text("ABCXYZ0123456789./_+-", min_size=4, max_size=32))
def test_every_spelling_of_a_serial_number_is_one_serial_number(data: st.DataObject, serial_no: str) -> None:
    assert parse_serial_no(data.draw(spellings(serial_no, separators=" \u3000"))) == serial_no


def test_hyphens_tell_serial_numbers_apart() -> None:
    assert parse_serial_no("SN\u20130001") == "SN-0001" != parse_serial_no("SN0001")


def test_every_spelling_of_a_credit_code_is_one_company() -> None:
    assert parse_uscc("91110108-39717380 6m") == parse_uscc("９1110108397173806Ｍ") == "91110108397173806M"
