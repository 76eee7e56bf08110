"""From what a validator found to what a till is told: pointers, stable codes, two languages, no values."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, Protocol

from app.api.edge.catalogue import CATALOGUE, FAULT_KINDS


class FieldFault(NamedTuple):
    """`pointer` is RFC 6901, from the root of the body; `code` is one of CATALOGUE or of FAULT_KINDS."""

    pointer: str
    code: str
    zh: str
    en: str


class SaidInBoth(Protocol):
    """A sentence in both languages."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


class CodedFault(Protocol):
    """A fault that knows its code and says itself in both languages, such as `IdentifierFault`."""

    @property
    def code(self) -> str: ...
    @property
    def message(self) -> SaidInBoth: ...


class HugeInteger:
    """Stands where a number beyond 64 bits was sent: no field takes it, and nothing can compute with it."""


HUGE_INTEGER: Final = HugeInteger()

_KIND_OF_TYPE: Final[Mapping[str, str]] = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "model_type": "not_an_object",
    "model_attributes_type": "not_an_object",
    "dict_type": "not_an_object",
    "list_type": "not_a_list",
    "string_type": "not_a_string",
    "int_type": "not_an_integer",
    "int_parsing": "not_an_integer",
    "int_from_float": "not_an_integer",
    "bool_type": "not_a_boolean",
    "bool_parsing": "not_a_boolean",
    "greater_than": "out_of_range",
    "greater_than_equal": "out_of_range",
    "less_than": "out_of_range",
    "less_than_equal": "out_of_range",
    "int_parsing_size": "out_of_range",
    "string_too_short": "wrong_length",
    "string_too_long": "wrong_length",
    "too_short": "wrong_count",
    "too_long": "wrong_count",
    "string_pattern_mismatch": "wrong_format",
    "literal_error": "not_one_of",
    "enum": "not_one_of",
    "union_tag_invalid": "not_one_of",
}
_BOUNDS: Final = (
    ("ge", "≥ {}"),
    ("gt", "> {}"),
    ("le", "≤ {}"),
    ("lt", "< {}"),
    ("min_length", "≥ {}"),
    ("max_length", "≤ {}"),
)
_A_FIELD_NAME: Final = re.compile(r"[A-Za-z_]{1,40}[0-9]{0,2}").fullmatch
"""An unknown field is named only if its name looks like one: it may be an identity number sent as a key."""


def faults_of(errors: Iterable[Mapping[str, Any]], data: object) -> Iterator[FieldFault]:
    """The faults in Pydantic's `errors` about `data`, in the order in which they were found."""
    for error in errors:
        kind: str = error["type"]
        context: Mapping[str, Any] = error.get("ctx") or {}
        pointer = _pointer(error["loc"], kind, data)
        raised: Any = context.get("error")
        if kind == "value_error" and hasattr(raised, "code") and hasattr(raised, "message"):
            yield FieldFault(pointer, raised.code, raised.message.zh, raised.message.en)
        elif kind in CATALOGUE:
            entry = CATALOGUE[kind]
            yield FieldFault(pointer, kind, entry.zh, entry.en)
        else:
            yield fault(pointer, _kind(kind, error.get("input")), context)


def fault(pointer: str, kind: str, context: Mapping[str, Any] | None = None) -> FieldFault:
    """A fault of one of FAULT_KINDS; `context` holds the bounds of the schema under Pydantic's names."""
    said = FAULT_KINDS[kind]
    stated = context or {}
    bounds = ", ".join(form.format(stated[name]) for name, form in _BOUNDS if stated.get(name) is not None)
    choices = str(stated.get("expected") or stated.get("expected_tags") or "").replace(" or ", ", ")
    fill = {"bounds": f" ({bounds})" if bounds else "", "choices": choices}
    return FieldFault(pointer, kind, said.zh.format(**fill), said.en.format(**fill))


def _kind(error_type: str, sent: object) -> str:
    if sent is HUGE_INTEGER:
        return "out_of_range"
    if error_type in FAULT_KINDS:
        return error_type
    return _KIND_OF_TYPE.get(error_type, "invalid")


def _pointer(location: tuple[str | int, ...], kind: str, data: object) -> str:
    """RFC 6901; steps that are not in the body (the tag of a union, the name of a validator) are left out."""
    pointer = ""
    node = data
    last = len(location) - 1
    for depth, step in enumerate(location):
        if isinstance(node, dict) and step in node:
            if kind == "extra_forbidden" and depth == last and not _A_FIELD_NAME(str(step)):
                break
            node = node[step]
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
        elif not (kind == "missing" and depth == last):
            continue
        pointer += "/" + str(step).replace("~", "~0").replace("/", "~1")
    return pointer
