"""What an OpenAPI document fails to say: one sentence a gap, none if it is complete."""

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs


def gaps_of(document: Mapping[str, Any]) -> list[str]:
    return [
        f"{method.upper()} {path}: {gap}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        for gap in _gaps_of_operation(document, operation)
    ] + _repeated_operation_ids(document)


def _gaps_of_operation(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[str]:
    for member in ("operationId", "summary"):
        if not operation.get(member):
            yield f"no {member}"
    if "requestBody" in operation:
        yield from _gaps_of_content(document, "request", operation["requestBody"])
    statuses = set(operation["responses"])
    for status, answer in operation["responses"].items():
        if status[0] == "2" and not answer.get("content") and status != "204":
            yield f"{status} has no content"
        yield from _gaps_of_content(document, status, answer)
    if operation.get("security") != [] and not statuses >= {"401", "403"}:
        yield "needs a key, but 401 and 403 are not documented"
    if "application/json" in operation.get("requestBody", {}).get("content", {}) and not statuses >= {
        "400",
        "413",
        "415",
        "422",
    }:
        yield "takes JSON, but its refusals are not documented"


def _gaps_of_content(document: Mapping[str, Any], where: str, body: Mapping[str, Any]) -> Iterator[str]:
    for content in body.get("content", {}).values():
        examples = [example["value"] for example in content.get("examples", {}).values()]
        examples += [content["example"]] if "example" in content else []
        if not examples:
            yield f"{where} has no example"
        if not content.get("schema"):
            yield f"{where} has no schema"
            continue
        validator = jsonschema_rs.validator_for({**content["schema"], "components": document["components"]})
        for example in examples:
            for error in validator.iter_errors(example):
                yield f"{where}'s example: {error.message}"


def _repeated_operation_ids(document: Mapping[str, Any]) -> list[str]:
    ids = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    return [f"{operation_id} is the id of several operations" for operation_id in ids if ids.count(operation_id) > 1]
