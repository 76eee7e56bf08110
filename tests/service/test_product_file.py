import pytest

from app.service.product_file import ROWS_MAX, ProductFile, read_product_file
from app.service.refusals import FileRefused
from tests.registry import PHONE, REFRIGERATOR, an_entry

HEADER = "gtin,category,brand,model,name,grade,filed_price_fen,serialised,cellular"
ROW = "6901234567892,A01,海尔,BCD-500,冰箱,1,899900,true,false"
PHONE_ROW = "6901010101098,D01,华为,Mate,手机,,,,true"
CATEGORIES = frozenset(("A01", "D01"))


def read(*lines: str) -> ProductFile:
    return read_product_file("\n".join(lines).encode(), CATEGORIES)


def fault_of(row: str) -> tuple[int, str | None, str]:
    """The one fault of a row that follows a good one; the good one is taken."""
    entries, (rejection,) = read(HEADER, PHONE_ROW, row)
    assert [entry.gtin for entry in entries] == [PHONE]
    assert rejection.message.zh
    assert rejection.message.en
    return rejection.row, rejection.column, rejection.code


def test_a_row_becomes_an_entry():
    assert read(HEADER, ROW) == ([an_entry()], [])


def test_what_is_left_empty_takes_its_default():
    (entry,), _ = read(HEADER, "6901010101098,D01,华为,Mate,手机,,,,")

    assert entry == an_entry(
        PHONE, category="D01", brand="华为", model="Mate", name="手机", grade=None, filed_price_fen=None
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_spreadsheets_of_all_kinds_are_read(encoding: str, newline: str):
    file = newline.join((HEADER, ROW, PHONE_ROW, "")).encode(encoding)

    entries, rejected = read_product_file(file, CATEGORIES)

    assert [entry.brand for entry in entries] == ["海尔", "华为"]
    assert rejected == []


def test_columns_may_stand_in_any_order_and_case():
    header = ",".join(reversed(HEADER.split(","))).upper()
    row = ",".join(reversed(ROW.split(",")))

    assert read(header, row) == ([an_entry()], [])


def test_columns_with_a_default_may_be_left_out():
    header = HEADER.removesuffix(",serialised,cellular")

    (entry,), _ = read(header, ROW.removesuffix(",true,false"))

    assert (entry.serialised, entry.cellular) == (True, False)


def test_quotes_hold_commas_and_quotes():
    (entry,), rejected = read(HEADER, ROW.replace("冰箱", '"冰箱, ""大"""'))

    assert rejected == []
    assert entry.name == '冰箱, "大"'


def test_blanks_around_cells_and_empty_lines_are_nothing():
    spaced = ROW.replace(",", " , ")

    assert read(HEADER, "", spaced, ",,,,,,,,", "   ") == ([an_entry()], [])


@pytest.mark.parametrize("gtin", ["06901234567892", "690-1234-567892", "６９０１２３４５６７８９２", "6901234567892"])
def test_every_spelling_of_a_gtin_is_the_same_product(gtin: str):
    (entry,), _ = read(HEADER, ROW.replace("6901234567892", gtin))

    assert entry.gtin == REFRIGERATOR


@pytest.mark.parametrize(
    ("wrong", "column", "code"),
    [
        (ROW.replace("6901234567892", "6901234567893"), "gtin", "invalid_gtin"),
        (ROW.replace("6901234567892", ""), "gtin", "invalid_gtin"),
        (ROW.replace("6901234567892", "6.90123E+12"), "gtin", "invalid_gtin"),
        (ROW.replace("A01", "Z99"), "category", "category_not_in_policy"),
        (ROW.replace("A01", ""), "category", "category_not_in_policy"),
        (ROW.replace("A01", "a01"), "category", "category_not_in_policy"),
        (ROW.replace("海尔", ""), "brand", "invalid_field"),
        (ROW.replace("BCD-500", "x" * 65), "model", "invalid_field"),
        (ROW.replace("冰箱", "x" * 129), "name", "invalid_field"),
        (ROW.replace("冰箱", "冰\x00箱"), "name", "invalid_field"),
        (ROW.replace("冰箱", "冰\u202e箱"), "name", "invalid_field"),
        (ROW.replace(",1,", ",0,"), "grade", "invalid_field"),
        (ROW.replace(",1,", ",1.0,"), "grade", "invalid_field"),
        (ROW.replace(",1,", ",１,"), "grade", "invalid_field"),
        (ROW.replace("899900", "0"), "filed_price_fen", "invalid_field"),
        (ROW.replace("899900", "-1"), "filed_price_fen", "invalid_field"),
        (ROW.replace("899900", "8999.00"), "filed_price_fen", "invalid_field"),
        (ROW.replace("899900", "9" * 13), "filed_price_fen", "invalid_field"),
        (ROW.replace("true", "yes"), "serialised", "invalid_field"),
        (ROW.replace("false", "0"), "cellular", "invalid_field"),
        (ROW + ",more", None, "malformed_row"),
        (ROW.removesuffix(",false"), None, "malformed_row"),
        (ROW.replace("冰箱", '"冰箱'), None, "malformed_row"),
        (ROW.replace("冰箱", '"冰"箱'), None, "malformed_row"),
    ],
)
def test_a_bad_row_is_reported_with_its_line_and_column(wrong: str, column: str | None, code: str):
    assert fault_of(wrong) == (3, column, code)


def test_a_stray_quote_spoils_no_other_row():
    entries, rejected = read(HEADER, ROW.replace("海尔", '"海尔'), PHONE_ROW)

    assert [entry.gtin for entry in entries] == [PHONE]
    assert [rejection.row for rejection in rejected] == [2]


def test_the_later_of_two_rows_with_one_gtin_is_rejected():
    entries, (rejection,) = read(HEADER, ROW, ROW.replace("6901234567892", "06901234567892").replace(",1,", ",2,"))

    assert [entry.grade for entry in entries] == [1]
    assert (rejection.row, rejection.column, rejection.code) == (3, "gtin", "duplicate_gtin")


def test_a_bad_row_does_not_use_up_its_gtin():
    entries, rejected = read(HEADER, ROW.replace("A01", "Z99"), ROW)

    assert entries == [an_entry()]
    assert [rejection.code for rejection in rejected] == ["category_not_in_policy"]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "unknown_column"),
        (ROW, "unknown_column"),
        (HEADER + ",price", "unknown_column"),
        (HEADER.replace(",", ";"), "unknown_column"),
        (HEADER + ",gtin", "unknown_column"),
        (HEADER.removeprefix("gtin,"), "missing_column"),
        (HEADER.replace(",grade", ""), "missing_column"),
    ],
)
def test_a_header_that_is_not_ours_refuses_the_file(header: str, code: str):
    with pytest.raises(FileRefused) as refused:
        read(header, ROW)

    assert refused.value.code == code
    assert refused.value.message.zh


def test_an_empty_file_is_refused():
    with pytest.raises(FileRefused):
        read_product_file(b"", CATEGORIES)


@pytest.mark.parametrize("file", [b"\xff\xfe" + HEADER.encode("utf-16-le"), b"PK\x03\x04\xff\xff", b"\x80"])
def test_bytes_that_are_no_text_are_refused(file: bytes):
    with pytest.raises(FileRefused) as refused:
        read_product_file(file, CATEGORIES)

    assert refused.value.code == "malformed_csv"


def test_a_file_of_too_many_rows_is_refused_whole():
    with pytest.raises(FileRefused) as refused:
        read(HEADER, *["x"] * (ROWS_MAX + 1))

    assert refused.value.code == "body_too_large"


def test_a_header_alone_is_an_empty_import():
    assert read(HEADER) == ([], [])
