"""The OpenAPI document: what each call takes, answers and refuses, with an example of each.

A hot route takes the raw request and answers bytes, so it states its body and its answers here by hand:

    @router.post(
        "/v1/things", status_code=201, summary="Make a thing · 新建",
        responses=answer(201, Thing, A_THING) | refusals(*GUARDED, *WITH_BODY, "already_exists"),
        openapi_extra=body_of(NewThing, A_NEW_THING),
    )
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

from app.api.edge.catalogue import CATALOGUE
from app.api.edge.problems import MEDIA_TYPE, Problem, problem_body

TITLE: Final = "立减 · Lijian"
DESCRIPTION: Final = """\
消费补贴“即买即补”服务：收银台报价、预占、核销、撤销与退款，运营方管理政策、资金与商户。

Instant subsidies at the till: quote, hold, capture, void and refund for tills; policy, funds and merchants
for operators.

- 金额为整数“分”（`_fen`），比例为万分之一（`_bps`），时刻为带时区的 RFC 3339（`_at`）。
  Money is an integer number of fen (`_fen`), rates are basis points (`_bps`), instants are RFC 3339 (`_at`).
- 请求被拒时返回 `application/problem+json`，`code` 稳定不变，`message` 有中英文，可读给顾客听。
  A refused request gets `application/problem+json`; `code` is stable, `message` is in both languages.
- 补贴被拒不是错误：返回 200 和完整结果，每行附原因。
  A declined subsidy is no error: 200 with the full shape and a reason per line.
"""

GUARDED: Final = ("unauthenticated", "forbidden", "too_many_requests", "busy", "internal_error")
"""What any call that needs a key may be refused with."""

WITH_BODY: Final = ("malformed_json", "body_too_large", "unsupported_media_type", "invalid_field")
"""What any call with a JSON body may be refused with."""

PUBLIC: Final[dict[str, Any]] = {"security": []}
"""For `openapi_extra`: this call needs no key."""

_BEARER: Final = {
    "type": "http",
    "scheme": "bearer",
    "description": "每个客户端一个密钥，一个角色。One key per client, one role per key.",
}
_REF: Final = "#/components/schemas/{model}"
_NULL: Final = "\0null"
_JSON: Final = "application/json"

Responses = dict[int | str, dict[str, Any]]


def body_of(model: type[BaseModel], example: object, *, required: bool = True) -> dict[str, Any]:
    """For `openapi_extra`: the request body that the route reads by hand."""
    return {"requestBody": {"required": required, "content": {_JSON: _content(model, example)}}}


def csv_body(example: str) -> dict[str, Any]:
    """For `openapi_extra`: a request body of CSV."""
    content = {"schema": {"type": "string"}, "example": example}
    return {"requestBody": {"required": True, "content": {"text/csv": content}}}


def answer(status: int, model: type[BaseModel], example: object = None, **examples: object) -> Responses:
    """For `responses`: one answer, with an example or several under their names; join several with `|`."""
    content = _content(model, example, mode="serialization")
    if examples:
        named = {name: {"value": _with_nulls_marked(value)} for name, value in examples.items()}
        content = {"schema": content["schema"], "examples": named}
    return {status: {"description": HTTPStatus(status).phrase, "content": {_JSON: content}}}


def refusals(*codes: str) -> Responses:
    """For `responses`: the problems that the call may answer, by status, with an example of each code."""
    responses: Responses = {}
    for code in dict.fromkeys(codes):
        problem = Problem(code)
        status = problem.entry.status
        content = responses.setdefault(
            status,
            {
                "description": HTTPStatus(status).phrase,
                "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}, "examples": {}}},
            },
        )["content"]
        content[MEDIA_TYPE]["examples"][code] = {
            "summary": problem.entry.title,
            "value": problem_body(problem),
        }
    return responses


def operation_id(route: APIRoute) -> str:
    """For `generate_unique_id_function`: the function's name in camelCase. A name stands for one call."""
    first, *rest = route.name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def install_openapi(app: FastAPI) -> None:
    """Complete the document that FastAPI writes. Call it when all routes are in place."""
    written: Callable[[], dict[str, Any]] = app.openapi

    @cache
    def openapi() -> dict[str, Any]:
        return _complete(written())

    app.openapi = openapi  # type: ignore[method-assign]


def _content(model: type[BaseModel], example: object, mode: JsonSchemaMode = "validation") -> dict[str, Any]:
    schema = model.model_json_schema(ref_template=_REF, mode=mode)
    return {"schema": schema, "example": _with_nulls_marked(example)}


def _with_nulls_marked(example: object) -> object:
    """FastAPI leaves every null out of the document, also those that belong to an example."""
    if isinstance(example, Mapping):
        return {name: _with_nulls_marked(value) for name, value in example.items()}
    if isinstance(example, list | tuple):
        return [_with_nulls_marked(value) for value in example]
    return _NULL if example is None else example


def _with_nulls(example: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(example, dict):
        return {name: _with_nulls(value) for name, value in example.items()}
    if isinstance(example, list):
        return [_with_nulls(value) for value in example]
    return None if example == _NULL else example


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    components = document.setdefault("components", {})
    schemas: dict[str, Any] = components.setdefault("schemas", {})
    for operation in _operations(document):
        _replace_framework_refusal(operation)
        bodies = (operation.get("requestBody", {}), *operation["responses"].values())
        for body in bodies:
            for content in body.get("content", {}).values():
                content["schema"] = _moved(content.get("schema", {}), schemas)
                for holder, key in _places_of_examples(content):
                    holder[key] = _with_nulls(holder[key])
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM_SCHEMA
    components["schemas"] = dict(sorted(schemas.items()))
    components["securitySchemes"] = {"bearer": _BEARER}
    document["security"] = [{"bearer": []}]
    return document


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from (operation for operation in path.values() if isinstance(operation, dict))


def _places_of_examples(content: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    if "example" in content:
        yield content, "example"
    for example in content.get("examples", {}).values():
        yield example, "value"


def _replace_framework_refusal(operation: dict[str, Any]) -> None:
    """FastAPI documents its own form of 422 for any call with parameters; ours is a problem."""
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422", "")):
        del responses["422"]
        if any(parameter["in"] == "query" for parameter in operation.get("parameters", ())):
            responses.update({str(status): said for status, said in refusals("invalid_field").items()})


def _moved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Move a model's schema and those it is made of to the components. ValueError if two share a name."""
    if "title" not in schema or "$ref" in schema:
        return schema
    parts = schema.pop("$defs", {})
    for name, part in (*parts.items(), (schema["title"], schema)):
        if schemas.setdefault(name, part) != part:
            raise ValueError(f"two models are called {name}")
    return {"$ref": _REF.format(model=schema["title"])}


_TEXT_SCHEMA: Final = {
    "type": "object",
    "required": ["zh", "en"],
    "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
    "additionalProperties": False,
}
_PROBLEM_SCHEMA: Final = {
    "title": "Problem",
    "description": "RFC 9457. 请求被拒的原因。Why the request was refused.",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "message", "retryable", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": list(CATALOGUE)},
        "detail": {"type": "string", "description": "For developers, in English."},
        "message": {
            **_TEXT_SCHEMA,
            "description": "收银员可以念出来的一句话。A sentence a cashier can read out.",
        },
        "retryable": {"type": "boolean", "description": "The very same request may succeed later."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string", "format": "json-pointer"},
                    "code": {"type": "string"},
                    "message": _TEXT_SCHEMA,
                },
                "additionalProperties": False,
            },
        },
    },
}
