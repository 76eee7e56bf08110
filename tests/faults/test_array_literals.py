"""Columns travel as array literals: whatever a text holds arrives as it was, and what cannot is refused before."""

from datetime import UTC, datetime

import asyncpg
import pytest

from app.domain.checkout import Status
from app.store.book.rows import column
from tests.conftest import driver_url

TEXTS = (
    "", " ", "NULL", "null", None, "{}", "{a,b}", '"', "\\", '\\"', '"},{"', "a,b", "'; DROP TABLE x; --", "\\x41",
    "\\n", "冰箱", "🧊", "\u00a0", "\u3000", "a\u0301", "$1", "%s", "\\\\", 'end\\',
)  # fmt: skip


async def test_every_text_arrives_as_it_was(database_url: str) -> None:
    connection = await asyncpg.connect(driver_url(database_url))
    try:
        assert await connection.fetchval("SELECT $1::text::text[]", column(TEXTS)) == list(TEXTS)
    finally:
        await connection.close()


async def test_numbers_bytes_instants_and_states_arrive_as_they_were(database_url: str) -> None:
    instant = datetime(2026, 1, 1, 23, 59, 59, 999_999, tzinfo=UTC)
    connection = await asyncpg.connect(driver_url(database_url))
    try:
        for kind, values in (
            ("bigint", [0, -1, 2**63 - 1, -(2**63), None]),
            ("bytea", [b"", b"\x00\xff\\", bytes(range(256)), None]),
            ("timestamptz", [instant, None]),
            ("text", [Status.HELD, None]),
        ):
            assert await connection.fetchval(f"SELECT $1::text::{kind}[]", column(values)) == values
    finally:
        await connection.close()


@pytest.mark.parametrize("text", ["a\nb", "\t", "\x00", "\x1f", '\\\n"', "\ud800"])
def test_what_an_array_literal_would_change_is_refused(text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        column([text])
