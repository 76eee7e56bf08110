"""Reading a catalogue file: comma-separated values, as spreadsheets and shop systems write them.

Every line of the file is one row, so that a stray quote spoils its own row and no other. A row that cannot be
taken is reported with its first fault; the others are read on.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence, Set
from typing import Final, NamedTuple

from app.domain.plain_text import is_plain
from app.domain.policy.model import Text
from app.domain.registry import CatalogueEntry
from app.identifiers import IdentifierFault, parse_gtin
from app.service.refusals import FileRefused

FILE_BYTES_MAX: Final = 64 * 1024 * 1024
ROWS_MAX: Final = 250_000

COLUMNS: Final = CatalogueEntry._fields
COLUMNS_WITH_DEFAULT: Final = frozenset(("serialised", "cellular"))
"""They may be left out of the file; all others must be there, though some may be empty."""

_BRAND_LENGTH_MAX: Final = 64
_NAME_LENGTH_MAX: Final = 128
_PRICE: Final = re.compile(r"[1-9][0-9]{0,11}").fullmatch
_GRADE: Final = re.compile(r"[1-9]").fullmatch
_BOOLEANS: Final = {"true": True, "false": False}


class Rejection(NamedTuple):
    """A row that was not taken. `row` is its line in the file, the header being line 1; `column` is None
    where the row as a whole is at fault."""

    row: int
    column: str | None
    code: str
    message: Text


class ProductFile(NamedTuple):
    """The rows taken, each GTIN once, and those that were not."""

    entries: list[CatalogueEntry]
    rejected: list[Rejection]


class _RowFault(Exception):
    def __init__(self, column: str | None, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.column = column
        self.code = code
        self.message = Text(zh=zh, en=en)


def read_product_file(file: bytes, categories: Set[str]) -> ProductFile:
    """All rows of a file in UTF-8 (with or without a byte order mark) or GB18030.

    `categories` are the codes of the policy in force. Raises FileRefused where no row can be understood.
    """
    lines = enumerate(_lines(file), start=1)
    _, header = next(lines, (1, ""))
    columns = _columns(_split(header.lstrip("\ufeff")))
    entries: dict[str, CatalogueEntry] = {}
    rejected: list[Rejection] = []
    rows = 0
    for row, line in lines:
        if not line.strip(", \t\r\n"):
            continue
        rows += 1
        if rows > ROWS_MAX:
            raise FileRefused(
                "body_too_large",
                f"文件超过 {ROWS_MAX} 行，请拆分后导入。",
                f"The file has more than {ROWS_MAX} rows; please split it.",
            )
        try:
            entry = _entry(columns, _split(line), categories)
            if entry.gtin in entries:
                raise _RowFault(
                    "gtin",
                    "duplicate_gtin",
                    "该商品条码在文件中已出现过。",
                    "This GTIN occurs earlier in the file.",
                )
        except _RowFault as fault:
            rejected.append(Rejection(row, fault.column, fault.code, fault.message))
        else:
            entries[entry.gtin] = entry
    return ProductFile(list(entries.values()), rejected)


def _lines(file: bytes) -> Iterator[str]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            file.decode(encoding)
        except UnicodeDecodeError:
            continue
        return io.TextIOWrapper(io.BytesIO(file), encoding=encoding)
    raise FileRefused(
        "malformed_csv",
        "文件既不是 UTF-8 编码，也不是 GB18030 编码。",
        "The file is neither UTF-8 nor GB18030.",
    )


def _split(line: str) -> list[str]:
    """The cells of one line without blanks around them; none where the quotes do not match."""
    if '"' in line:
        try:
            cells = next(csv.reader((line,), strict=True))
        except csv.Error:
            return []
    else:
        cells = line.split(",")
    return [cell.strip() for cell in cells]


def _columns(header: Sequence[str]) -> list[str]:
    names = [name.lower() for name in header]
    for place, name in enumerate(names, start=1):
        if name not in COLUMNS:
            raise FileRefused(
                "unknown_column",
                f"表头第 {place} 列不认识；可用的列为 {', '.join(COLUMNS)}。",
                f"Column {place} of the header is not known; the columns are {', '.join(COLUMNS)}.",
            )
        if name in names[: place - 1]:
            raise FileRefused(
                "unknown_column",
                f"表头中 {name} 列重复。",
                f"The column {name} occurs twice in the header.",
            )
    missing = [name for name in COLUMNS if name not in names and name not in COLUMNS_WITH_DEFAULT]
    if missing:
        raise FileRefused(
            "missing_column",
            f"表头缺少列：{', '.join(missing)}。",
            f"The header lacks: {', '.join(missing)}.",
        )
    return names


def _entry(columns: Sequence[str], cells: Sequence[str], categories: Set[str]) -> CatalogueEntry:
    if len(cells) != len(columns):
        raise _RowFault(
            None,
            "malformed_row",
            f"该行应有 {len(columns)} 列，且引号须成对。",
            f"The row must have {len(columns)} columns and matching quotes.",
        )
    row = dict(zip(columns, cells, strict=True))
    return CatalogueEntry(
        gtin=_gtin(row["gtin"]),
        category=_category(row["category"], categories),
        brand=_text("brand", row["brand"], length_max=_BRAND_LENGTH_MAX),
        model=_text("model", row["model"], length_max=_BRAND_LENGTH_MAX),
        name=_text("name", row["name"], length_max=_NAME_LENGTH_MAX),
        grade=_number("grade", row["grade"], _GRADE, "1 至 9 的数字", "a figure from 1 to 9"),
        filed_price_fen=_number(
            "filed_price_fen",
            row["filed_price_fen"],
            _PRICE,
            "正整数（分）",
            "a positive number of fen",
        ),
        serialised=_boolean("serialised", row.get("serialised", ""), default=True),
        cellular=_boolean("cellular", row.get("cellular", ""), default=False),
    )


def _gtin(cell: str) -> str:
    try:
        return parse_gtin(cell)
    except IdentifierFault as fault:
        raise _RowFault("gtin", fault.code, fault.message.zh, fault.message.en) from None


def _category(cell: str, categories: Set[str]) -> str:
    if cell not in categories:
        raise _RowFault(
            "category",
            "category_not_in_policy",
            "现行政策中没有该品类。",
            "The policy in force has no such category.",
        )
    return cell


def _text(column: str, cell: str, *, length_max: int) -> str:
    if not (0 < len(cell) <= length_max and is_plain(cell)):
        raise _RowFault(
            column,
            "invalid_field",
            f"应为 1 至 {length_max} 个可见字符。",
            f"This must be 1 to {length_max} visible characters.",
        )
    return cell


def _number(column: str, cell: str, form: Callable[[str], re.Match[str] | None], zh: str, en: str) -> int | None:
    if not cell:
        return None
    if form(cell) is None:
        raise _RowFault(column, "invalid_field", f"应为{zh}，或留空。", f"This must be {en}, or empty.")
    return int(cell)


def _boolean(column: str, cell: str, *, default: bool) -> bool:
    if not cell:
        return default
    value = _BOOLEANS.get(cell.lower())
    if value is None:
        raise _RowFault(
            column, "invalid_field", "应为 true 或 false，或留空。", "This must be true or false, or empty."
        )
    return value
