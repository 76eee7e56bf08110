"""Logs: one JSON object a line on stderr, holding only fields that are on a list.

A list of what may be said cannot forget a secret, as a list of what may not be said can. Exceptions are named
by class and place, without their messages, which quote bodies and rows.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, TextIO

import orjson
import structlog
from structlog.typing import EventDict
from typing_extensions import override

request_id: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)
"""Of the request being answered here; in every line that is logged meanwhile."""

FIELDS: Final = frozenset(
    {
        *("at", "level", "logger", "event", "request_id", "pid"),
        *("method", "route", "status", "code", "duration_ms"),
        *("exception", "frames", "sqlstate", "attempt", "cause", "commands", "phase"),
        *("check", "count", "size", "seconds", "rows", "revision", "version", "worker", "workers"),
        *("host", "port", "signal"),
        *(
            "merchant_id",
            "key_id",
            "checkout_id",
            "refund_id",
            "programme",
            "policy",
            "policy_version",
            "pool",
        ),
    }
)
"""All that a line may hold; anything else is left out. None of them may carry what a person is known by."""

_FRAMES_MAX: Final = 12
_TEXT_MAX: Final = 300
_LIKE_AN_IDENTITY: Final = re.compile(r"\d{14,}[\dXx]")
_TRUSTED: Final = re.compile(r"(app|uvicorn|alembic\.runtime)(\.|$)").match
"""Loggers whose messages are known to hold no data. Others are heard from WARNING on, in their templates."""

_CHATTER: Final = frozenset({"Context impl %s.", "Will assume %s DDL."})
"""What Alembic says of itself at every look at the schema, so at every readiness probe."""


def configure_logging(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's logs through one pipeline to `stream` (stderr)."""
    lowest = logging.getLevelNamesMapping()[level.upper()]
    out = stream or sys.stderr
    structlog.configure(
        processors=[_describe_exception, _complete, _only_listed_fields, _render],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=lambda *names: _Line(out, str(names[0]) if names else "app"),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_ThroughStructlog()]
    root.setLevel(lowest)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    # Its lines hold paths and queries; ours hold the route.
    logging.getLogger("uvicorn.access").disabled = True
    logging.captureWarnings(capture=True)


class _Line:
    """Where structlog writes a finished line; knows the name it was asked for."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream = stream
        self.name = name

    def msg(self, line: str) -> None:
        self._stream.write(line)
        self._stream.flush()

    debug = info = warning = error = critical = msg


class _ThroughStructlog(logging.Handler):
    """The standard library's way in: uvicorn, asyncio, SQLAlchemy and whoever else logs."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        trusted = _TRUSTED(record.name) is not None
        if record.levelno < logging.WARNING and (not trusted or record.msg in _CHATTER):
            return
        message = record.getMessage() if trusted else str(record.msg)
        event = message.strip().partition("\n")[0]
        structlog.get_logger(record.name).log(record.levelno, event, exc_info=record.exc_info or None)


def _describe_exception(_line: object, _method: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    failure = given[1] if isinstance(given, tuple) else given
    if isinstance(failure, BaseException):
        chain = list(_chain(failure))
        event["exception"] = " < ".join(type(link).__qualname__ for link in chain)
        event["frames"] = _frames(chain[-1].__traceback__)
        for link in chain:
            if isinstance(state := getattr(link, "sqlstate", None), str):
                event["sqlstate"] = state
    return event


def _chain(failure: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = failure
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _frames(trace: TracebackType | None) -> list[str]:
    """The innermost frames of the first failure: file, line, function; no source text, no values."""
    frames = traceback.extract_tb(trace)[-_FRAMES_MAX:]
    return [f"{'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno} {frame.name}" for frame in frames]


def _complete(line: _Line, method: str, event: EventDict) -> EventDict:
    event["level"] = method
    event["logger"] = line.name
    event["at"] = datetime.now(UTC).isoformat(timespec="milliseconds")
    if (identified := request_id.get()) is not None:
        event["request_id"] = identified
    return event


def _only_listed_fields(_line: object, _method: str, event: EventDict) -> EventDict:
    return {name: _plain(event[name]) for name in sorted(FIELDS & event.keys()) if event[name] is not None}


def _plain(value: object) -> object:
    """A short scalar, or a list of them. A number as long as an identity number is struck out even so."""
    if isinstance(value, str):
        return _LIKE_AN_IDENTITY.sub("…", value[:_TEXT_MAX])
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value[:_FRAMES_MAX]]
    return type(value).__name__


def _render(_line: object, _method: str, event: EventDict) -> str:
    return orjson.dumps(event).decode() + "\n"
