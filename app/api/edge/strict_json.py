"""Reading a request's body: JSON that can be read in one way only, or a refusal. Nothing is repaired.

Refused are: another media type, more than 256 KiB, anything but UTF-8 without a byte order mark, duplicate
keys, NaN and Infinity, U+0000 and lone surrogates. Numbers with a point or an exponent stay floats, which no
strict integer field takes; integers beyond 64 bits become `HUGE_INTEGER`, which no field takes at all.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from json import JSONDecodeError, JSONDecoder
from typing import Annotated, Any, Final, Literal, NoReturn, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError
from starlette.requests import ClientDisconnect, Request

from app.api.edge.field_faults import HUGE_INTEGER, HugeInteger, faults_of
from app.api.edge.problems import Problem, problem_of_faults

BODY_BYTES_MAX: Final = 256 * 1024

_INT64_MAX: Final = 2**63 - 1
_DIGITS_ALWAYS_FIT: Final = 18
_UNFIT_CHARACTER: Final = re.compile("[\x00\ud800-\udfff]").search
_JSON_TYPE: Final = re.compile(rb"application/(?:[a-z0-9!#$&^_.-]+\+)?json", re.IGNORECASE).fullmatch

Model = TypeVar("Model", bound=BaseModel)


class StrictModel(BaseModel):
    """What a request body is made of: no conversions, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


async def read_json(request: Request) -> object:
    """The body as plain data. Problem: `malformed_json`, `body_too_large`, `unsupported_media_type`."""
    body = await _read_json_body(request)
    if not body:
        raise Problem("malformed_json", detail="The body is empty.")
    return decode(body)


async def read_optional_json(request: Request) -> object:
    """Like `read_json`, but no body at all reads as the empty object."""
    body = await _read_json_body(request)
    return decode(body) if body else {}


async def read_body(request: Request, *, bytes_max: int) -> bytes:
    """The raw body; one longer than `bytes_max` is refused as soon as that is known, and not read on."""
    for name, value in request.scope["headers"]:
        if name == b"content-length" and _exceeds(value, bytes_max):
            raise _too_large(bytes_max)
    body = b""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body = message.get("body", b"")
        size += len(body)
        if size > bytes_max:
            raise _too_large(bytes_max)
        if not message.get("more_body", False):
            return b"".join((*chunks, body)) if chunks else body
        chunks.append(body)


def decode(body: bytes) -> object:
    """JSON text as plain data. Problem: `malformed_json`."""
    try:
        text = body.decode()
        data = _DECODER.decode(text)
    except UnicodeDecodeError:
        raise Problem("malformed_json", detail="The body is not UTF-8.") from None
    except JSONDecodeError as fault:
        raise Problem("malformed_json", detail=f"Not JSON at byte or character {fault.pos}.") from None
    except RecursionError:
        raise Problem("malformed_json", detail="The body is nested too deeply.") from None
    # Raw control characters and raw surrogates are refused above, so only an escape can hide one.
    if "\\u" in text:
        _refuse_unfit_characters(data)
    return data


def validate(model: type[Model], data: object) -> Model:
    """`data` as a model; Problem 422 with all faults found, each with a pointer, and never with its value."""
    try:
        return model.__pydantic_validator__.validate_python(data)  # type: ignore[no-any-return]
    except ValidationError as refused:
        raise problem_of_faults(faults_of(refused.errors(include_url=False), data)) from None


async def _read_json_body(request: Request) -> bytes:
    body = await read_body(request, bytes_max=BODY_BYTES_MAX)
    if body:
        for name, value in request.scope["headers"]:
            if name == b"content-type" and value != b"application/json":
                _refuse_other_types(value)
    return body


def _refuse_other_types(content_type: bytes) -> None:
    if not _JSON_TYPE(content_type.partition(b";")[0].strip()):
        raise Problem("unsupported_media_type", detail="Send the body as application/json.")


def _exceeds(content_length: bytes, bytes_max: int) -> bool:
    return content_length.isdigit() and (len(content_length) > _DIGITS_ALWAYS_FIT or int(content_length) > bytes_max)


def _too_large(bytes_max: int) -> Problem:
    # The rest of the body is still on its way: the connection cannot be used for another request.
    return Problem("body_too_large", detail=f"The body may have {bytes_max} bytes.", headers={"Connection": "close"})


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Problem("malformed_json", detail="A key occurs twice in one object.")
    return members


def _integer(digits: str) -> int | HugeInteger:
    if len(digits) <= _DIGITS_ALWAYS_FIT:
        return int(digits)
    if len(digits) > _DIGITS_ALWAYS_FIT + 2:
        return HUGE_INTEGER
    number = int(digits)
    return number if -_INT64_MAX <= number <= _INT64_MAX else HUGE_INTEGER


def _no_constant(_name: str) -> NoReturn:
    raise Problem("malformed_json", detail="NaN and Infinity are not JSON.")


_DECODER: Final = JSONDecoder(object_pairs_hook=_unique, parse_int=_integer, parse_constant=_no_constant)


def _refuse_unfit_characters(data: object) -> None:
    waiting = [data]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            if _UNFIT_CHARACTER(node):
                raise Problem("malformed_json", detail="U+0000 and lone surrogates are not text.")
        elif isinstance(node, dict):
            waiting.extend(node)
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _spelt(shape: str, read: Callable[[str], date], kind: Literal["not_a_date", "not_an_instant"]) -> BeforeValidator:
    """Read a string of exactly this shape; Pydantic by itself would also take numbers and other spellings."""
    fits = re.compile(shape).fullmatch

    def parse(sent: object) -> date:
        if isinstance(sent, str) and fits(sent):
            with suppress(ValueError):
                return read(sent)
        raise PydanticCustomError(kind, "refused")

    return BeforeValidator(parse)


_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME: Final = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"

IsoDate = Annotated[date, _spelt(_DATE, date.fromisoformat, "not_a_date")]
"""A field for a calendar date, sent as YYYY-MM-DD and nothing else."""

Instant = Annotated[datetime, _spelt(f"{_DATE}T{_TIME}", datetime.fromisoformat, "not_an_instant")]
"""A field for an instant, sent as RFC 3339 with its offset."""
