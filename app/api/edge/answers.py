"""Answers as bytes, written once; instants as the contract writes them."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Final

import orjson
from starlette.responses import Response

CHINA: Final = timezone(timedelta(hours=8))
"""Instants go out in the offset that tills, shops and auditors here read."""


def json_answer(data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`data` as JSON. A value that JSON has no word for is a mistake of ours and raises TypeError."""
    return Response(orjson.dumps(data), status, headers, media_type="application/json")


def at(instant: datetime) -> str:
    """RFC 3339 to the millisecond: `2025-11-01T12:00:00.123+08:00`. The instant knows its own offset."""
    return instant.astimezone(CHINA).isoformat(timespec="milliseconds")


def at_or_none(instant: datetime | None) -> str | None:
    """`at`, for what may not have happened yet."""
    return None if instant is None else at(instant)
