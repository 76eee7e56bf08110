"""What a new OpenAPI document takes away from those who rely on the old one: one sentence a breach."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from typing_extensions import override

Document = Mapping[str, Any]


def breaches(old: Document, new: Document) -> list[str]:
    """Removed paths, operations, answers, fields and choices; and what a caller must send that he need not before."""
    return [breach for where, was, now in _operations(old, new) for breach in _of_operation(where, was, now, old, new)]


def _operations(old: Document, new: Document) -> Iterator[tuple[str, Document, Document | None]]:
    for path, operations in old["paths"].items():
        for method, operation in operations.items():
            yield f"{method.upper()} {path}", operation, new["paths"].get(path, {}).get(method)


def _of_operation(where: str, was: Document, now: Document | None, old: Document, new: Document) -> Iterator[str]:
    if now is None:
        yield f"{where}: removed"
        return
    if was["operationId"] != now["operationId"]:
        yield f"{where}: operationId is no longer {was['operationId']}"
    yield from _of_parameters(where, was.get("parameters", ()), now.get("parameters", ()))
    yield from _of_body(where, was.get("requestBody", {}), now.get("requestBody", {}), _Request(old, new))
    for status, answer in was["responses"].items():
        if status in now["responses"]:
            yield from _of_answer(f"{where}: {status}", answer, now["responses"][status], _Answer(old, new))
        else:
            yield f"{where}: {status} removed"


def _of_parameters(where: str, was: Sequence[Document], now: Sequence[Document]) -> Iterator[str]:
    for parameter in was:
        if not any(_is_same(parameter, other) for other in now):
            yield f"{where}: parameter {parameter['name']} removed"
    for parameter in now:
        if parameter.get("required") and not any(_is_same(parameter, other) for other in was):
            yield f"{where}: parameter {parameter['name']} is now required"


def _of_body(where: str, was: Document, now: Document, schemas: "_Request") -> Iterator[str]:
    for kind, sent, sent_now in _contents(was, now):
        if sent_now is None:
            yield f"{where}: a body of {kind} is no longer taken"
        else:
            yield from schemas.compare(f"{where}: request", sent["schema"], sent_now["schema"])
    if now.get("required") and not was.get("required"):
        yield f"{where}: a body is now required"


def _of_answer(where: str, was: Document, now: Document, schemas: "_Answer") -> Iterator[str]:
    for kind, given, given_now in _contents(was, now):
        if given_now is None:
            yield f"{where} no longer answers {kind}"
            continue
        yield from schemas.compare(where, given["schema"], given_now["schema"])
        if kind == "application/problem+json":
            gone = set(given.get("examples", ())) - set(given_now.get("examples", ()))
            yield from (f"{where} no longer says {code}" for code in sorted(gone))


def _is_same(parameter: Document, other: Document) -> bool:
    return (parameter["name"], parameter["in"]) == (other["name"], other["in"])


def _contents(was: Document, now: Document) -> Iterator[tuple[str, Document, Document | None]]:
    for kind, content in was.get("content", {}).items():
        yield kind, content, now.get("content", {}).get(kind)


class _Schemas:
    """Compares two schemas, following references; `seen` ends recursion."""

    def __init__(self, old: Document, new: Document) -> None:
        self._old, self._new = old, new
        self._seen: set[tuple[str, str]] = set()

    def compare(self, where: str, was: Document, now: Document) -> Iterator[str]:
        pair = (str(was.get("$ref", "")), str(now.get("$ref", "")))
        if all(pair):
            if pair in self._seen:
                return
            self._seen.add(pair)
        was, now = _resolved(self._old, was), _resolved(self._new, now)
        if "anyOf" in was or "anyOf" in now:
            yield from self.compare_choices(where, _choices(was), _choices(now))
            return
        if was.get("type") != now.get("type"):
            yield f"{where}: {was.get('type')} became {now.get('type')}"
        yield from self.compare_values(where, _values(was), _values(now))
        for name, field in was.get("properties", {}).items():
            if name not in now.get("properties", {}):
                yield f"{where}.{name}: removed"
            else:
                yield from self.compare(f"{where}.{name}", field, now["properties"][name])
        if "items" in was and "items" in now:
            yield from self.compare(f"{where}[]", was["items"], now["items"])
        yield from self.compare_required(where, set(was.get("required", ())), set(now.get("required", ())))

    def compare_choices(self, where: str, was: Sequence[Document], now: Sequence[Document]) -> Iterator[str]:
        for choice in was:
            found = [list(type(self)(self._old, self._new).compare(where, choice, other)) for other in now]
            nearest: list[str] = min(found, key=len)
            yield from nearest

    def compare_values(self, where: str, was: set[str] | None, now: set[str] | None) -> Iterator[str]:
        raise NotImplementedError

    def compare_required(self, where: str, was: set[str], now: set[str]) -> Iterator[str]:
        raise NotImplementedError


class _Request(_Schemas):
    """A caller may go on sending what he sent."""

    @override
    def compare_values(self, where: str, was: set[str] | None, now: set[str] | None) -> Iterator[str]:
        if now is not None:
            gone = {"any other"} if was is None else was - now
            yield from (f"{where}: {value} is no longer taken" for value in sorted(gone))

    @override
    def compare_required(self, where: str, was: set[str], now: set[str]) -> Iterator[str]:
        yield from (f"{where}.{name}: now required" for name in sorted(now - was))


class _Answer(_Schemas):
    """A caller goes on finding what he found; a stable code or state is not renamed."""

    @override
    def compare_values(self, where: str, was: set[str] | None, now: set[str] | None) -> Iterator[str]:
        if was is not None:
            yield from (f"{where}: {value} removed" for value in sorted(was - (now or set())))

    @override
    def compare_required(self, where: str, was: set[str], now: set[str]) -> Iterator[str]:
        yield from (f"{where}.{name}: no longer always there" for name in sorted(was - now))


def _resolved(document: Document, schema: Document) -> Document:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Document = document["components"]["schemas"][reference.rpartition("/")[2]]
    return found


def _choices(schema: Document) -> Sequence[Document]:
    choices: Sequence[Document] = schema.get("anyOf") or [schema]
    return choices


def _values(schema: Document) -> set[str] | None:
    if "const" in schema:
        return {str(schema["const"])}
    return {str(value) for value in schema["enum"]} if "enum" in schema else None
