"""Answers that a caller may keep and ask again whether they still hold."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response

from app.api.edge.answers import json_answer


def kept_answer(request: Request, data: object) -> Response:
    """`data` as JSON under a strong ETag, the hash of its bytes; 304 when the caller has just these bytes."""
    full = json_answer(data)
    etag = f'"{hashlib.sha256(full.body).hexdigest()[:32]}"'
    # A shared cache must not answer for us: who may read depends on the key.
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if known & {etag, "*"}:
        return Response(status_code=304, headers=headers)
    full.headers.update(headers)
    return full
