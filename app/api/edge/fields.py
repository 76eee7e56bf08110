"""Fields that calls share: ids, texts in both languages, pages."""

import re
from typing import Annotated, Final

from fastapi import Query
from pydantic import BaseModel, Field, StringConstraints

from app.api.edge.problems import Problem
from app.domain.plain_text import UNFIT

_IDENTIFIER: Final = "[A-Za-z0-9_-]{1,64}"
_VISIBLE: Final = rf"[^\s{UNFIT}]"
_one_line = rf"^{_VISIBLE}(?:[^{UNFIT}]*{_VISIBLE})?$"

Identifier = Annotated[str, StringConstraints(pattern=f"^{_IDENTIFIER}$")]
Name = Annotated[str, StringConstraints(pattern=_one_line, max_length=128)]
District = Annotated[str, StringConstraints(pattern=_one_line, max_length=32)]
Reason = Annotated[str, StringConstraints(pattern=_one_line, max_length=200)]


class Bilingual(BaseModel):
    zh: str
    en: str


PAGE_ROWS_DEFAULT: Final = 100
PAGE_ROWS_MAX: Final = 1_000

Limit = Annotated[int, Query(ge=1, le=PAGE_ROWS_MAX, description="每页最多行数。Rows per page at most.")]
Cursor = Annotated[
    str | None,
    Query(
        pattern=f"^{_IDENTIFIER}$",
        description="上一页的 `next_cursor`。The `next_cursor` of the page before.",
    ),
]
NextCursor = Annotated[
    str | None,
    Field(description="下一页由此开始；没有更多时为 null。Where the next page begins; null at the end."),
]

_identifier = re.compile(_IDENTIFIER, re.ASCII).fullmatch


def known_form(identifier: str) -> str:
    """An id from a path. What cannot be an id names nothing: Problem `not_found`."""
    if _identifier(identifier) is None:
        raise Problem("not_found")
    return identifier
