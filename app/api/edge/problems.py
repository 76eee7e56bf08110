"""Refusals of a request as RFC 9457 problems: raised anywhere at the edge, rendered here, in two languages.

No problem repeats what was sent: pointers name fields, messages name kinds of fault.
"""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.api.edge.catalogue import CATALOGUE, Entry
from app.api.edge.field_faults import CodedFault, FieldFault, SaidInBoth, faults_of

MEDIA_TYPE: Final = "application/problem+json"
FAULTS_SHOWN_MAX: Final = 200
"""A body of 256 KiB can hold tens of thousands of faults; the answer must not outgrow the question."""

_RETRY_AFTER_SECONDS: Final = 1
_CODE_OF_STATUS: Final[Mapping[int, str]] = {
    HTTPStatus.BAD_REQUEST: "malformed_json",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body_too_large",
}
"""What the framework refuses by itself, in our words."""


class _Said(NamedTuple):
    zh: str
    en: str


_NO_SUCH_ADDRESS: Final = _Said(
    "没有这个接口地址，全部接口见 /openapi.json。",
    "There is no such address; the calls are listed in /openapi.json.",
)


class Problem(Exception):
    """Refuse the request with a code of the catalogue. KeyError for a code that is not there.

    `detail` is for the developer and in English; `message` replaces the catalogue's sentence for the cashier.
    Neither may hold anything that was sent.
    """

    def __init__(
        self,
        code: str,
        *,
        detail: str | None = None,
        message: SaidInBoth | None = None,
        errors: Sequence[FieldFault] = (),
        retryable: bool | None = None,
        retry_after_seconds: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.entry: Entry = CATALOGUE[code]
        self.detail = detail
        self.message = message
        self.errors = errors
        self.retryable = self.entry.retryable if retryable is None else retryable
        self.retry_after_seconds = retry_after_seconds
        self.headers = headers


def problem_of_faults(faults: Iterable[FieldFault]) -> Problem:
    """One problem for all: under the code that all share if the catalogue has it, else `invalid_field`."""
    shown = list(faults)
    codes = {fault.code for fault in shown}
    code = codes.pop() if len(codes) == 1 else "invalid_field"
    if code not in CATALOGUE:
        code = "invalid_field"
    message = shown[0] if len(shown) == 1 and code != "invalid_field" else None
    detail = f"Faults: {len(shown)}. First: {shown[0].pointer or 'the body'}: {shown[0].en}"
    return Problem(code, detail=detail, message=message, errors=shown[:FAULTS_SHOWN_MAX])


def problem_at(pointer: str, fault: CodedFault) -> Problem:
    """The problem of one field that a check outside the models found fault with."""
    return problem_of_faults((FieldFault(pointer, fault.code, fault.message.zh, fault.message.en),))


def problem_body(problem: Problem) -> dict[str, Any]:
    """The members of the answer, in the order in which people read them."""
    entry = problem.entry
    said: SaidInBoth = problem.message or entry
    return {
        "type": f"/problems/{problem.code}",
        "title": entry.title,
        "status": entry.status,
        "code": problem.code,
        "detail": problem.detail or said.en,
        "message": {"zh": said.zh, "en": said.en},
        "retryable": problem.retryable,
        "errors": [
            {"pointer": fault.pointer, "code": fault.code, "message": {"zh": fault.zh, "en": fault.en}}
            for fault in problem.errors
        ],
    }


def problem_answer(problem: Problem) -> Response:
    """The answer of a problem, with the headers that its status asks for."""
    headers = dict(problem.headers or ())
    status = problem.entry.status
    if status == HTTPStatus.UNAUTHORIZED:
        headers.setdefault("WWW-Authenticate", "Bearer")
    if status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
        seconds = problem.retry_after_seconds or _RETRY_AFTER_SECONDS
        headers.setdefault("Retry-After", str(seconds))
    return Response(orjson.dumps(problem_body(problem)), status, headers, media_type=MEDIA_TYPE)


def internal_error_answer() -> Response:
    """What a caller gets when we failed; what failed is in the log under the request's id."""
    return problem_answer(Problem("internal_error"))


def install_problems(app: FastAPI) -> None:
    """Answer every refusal and every failure of this application as a problem."""
    app.exception_handler(Problem)(_answer_problem)
    app.exception_handler(HTTPException)(_answer_framework_refusal)
    app.exception_handler(RequestValidationError)(_answer_framework_validation)
    app.exception_handler(ClientDisconnect)(_answer_nobody)
    app.exception_handler(Exception)(_answer_failure)


async def _answer_problem(request: Request, refused: Problem) -> Response:
    # The request log finds the code here.
    request.state.problem_code = refused.code
    return problem_answer(refused)


async def _answer_framework_refusal(request: Request, refused: HTTPException) -> Response:
    status = refused.status_code
    otherwise = "internal_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_field"
    code = _CODE_OF_STATUS.get(status, otherwise)
    # A record that is not there is a Problem of our own; the framework misses addresses only.
    message = _NO_SUCH_ADDRESS if status == HTTPStatus.NOT_FOUND else None
    return await _answer_problem(request, Problem(code, message=message, headers=refused.headers))


async def _answer_framework_validation(request: Request, refused: RequestValidationError) -> Response:
    """A fault of the query points to `/query/<name>`, of path or header likewise; one of the body into it."""
    faults: list[FieldFault] = []
    for error in refused.errors():
        source, *rest = error["loc"]
        if source == "body":
            faults.extend(faults_of([{**error, "loc": tuple(rest)}], refused.body))
        else:
            name = str(rest[0]) if rest else ""
            (found,) = faults_of([{**error, "loc": ()}], None)
            faults.append(found._replace(pointer=f"/{source}/{name}"))
    return await _answer_problem(request, problem_of_faults(faults))


async def _answer_nobody(_request: Request, _gone: ClientDisconnect) -> Response:
    """The caller hung up while it was sending; the status is only for the counters."""
    return Response(status_code=499)


async def _answer_failure(_request: Request, _failure: Exception) -> Response:
    return internal_error_answer()
