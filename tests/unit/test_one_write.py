"""An answer's head and body leave in one write; nothing is kept longer than a turn of the loop."""

import asyncio
import socket
from typing import Any

import pytest
import uvicorn
from typing_extensions import override

from app.ops.one_write import OneWriteProtocol


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers at once; on /slowly, the body a moment after the head; on /pieces, in pieces."""
    headers = [(b"content-length", b"6")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["path"] == "/slowly":
        await asyncio.sleep(0.2)
    if scope["path"] == "/pieces":
        await send({"type": "http.response.body", "body": b"abc", "more_body": True})
        await send({"type": "http.response.body", "body": b"def"})
    else:
        await send({"type": "http.response.body", "body": b"abcdef"})


class Recorded(OneWriteProtocol):
    """Notes what reaches the transport beneath."""

    sent: list[bytes]

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(Noting(transport, type(self).sent))  # type: ignore[arg-type]


class Noting:
    def __init__(self, transport: asyncio.Transport, sent: list[bytes]) -> None:
        self._transport = transport
        self._sent = sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        self._sent.append(data)
        self._transport.write(data)

    def writelines(self, data: tuple[bytes, ...]) -> None:
        self._sent.append(b"".join(data))
        self._transport.writelines(data)


async def answers_to(*paths: str) -> tuple[bytes, list[bytes]]:
    """What a client reads when it asks for these paths on one connection, and the writes that sent it."""
    Recorded.sent = []
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=Recorded, lifespan="off", log_config=None, access_log=False, server_header=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - uvicorn tells by a flag
        await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    seen = b""
    for path in paths:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: till\r\n\r\n".encode())
        seen += await reader.readuntil(b"abcdef")
    writer.write(b"GET / HTTP/1.1\r\nHost: till\r\nConnection: close\r\n\r\n")
    seen += await reader.read()
    writer.close()
    server.should_exit = True
    await serving
    return seen, Recorded.sent


async def test_head_and_body_leave_together():
    seen, sent = await answers_to("/", "/")

    assert len(sent) == 3
    assert all(write.startswith(b"HTTP/1.1 200") and write.endswith(b"abcdef") for write in sent)
    assert seen == b"".join(sent)


@pytest.mark.parametrize("path", ["/slowly", "/pieces"])
async def test_nothing_is_lost_when_the_body_comes_later_or_in_pieces(path: str):
    seen, sent = await answers_to(path)

    assert seen.count(b"abcdef") == 2
    assert seen == b"".join(sent)


async def test_a_head_does_not_wait_for_its_body():
    _, sent = await answers_to("/slowly")

    assert sent[0].endswith(b"\r\n\r\n")
