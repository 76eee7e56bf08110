"""A relay between the service and PostgreSQL that can lose the answer to a COMMIT.

Speaks just enough of the protocol to see a simple-query COMMIT pass: byte `Q`, length, text. What it forwards is
forwarded whole; the connection is then cut before the server's answer can come back.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import make_url

_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"


class Relay:
    """`commits_to_cut` more COMMITs will be carried out without an answer; with `drop_before`, not carried out."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self.commits_to_cut = 0
        self.drop_before = False
        self.cut = 0
        self.port = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._swallowed: set[asyncio.StreamWriter] = set()

    async def serve(self, tills: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        answers, forth = await asyncio.open_connection(*self._target)
        self._open |= {back, forth}
        answering = asyncio.create_task(self._pump(answers, back))
        try:
            while chunk := await tills.read(65536):
                if forth in self._swallowed:
                    continue
                if _COMMIT in chunk and self.commits_to_cut > 0:
                    self.commits_to_cut -= 1
                    self.cut += 1
                    answering.cancel()
                    await asyncio.wait((answering,))
                    if not self.drop_before:
                        forth.write(chunk)
                        await forth.drain()
                        await answers.read(65536)
                    break
                forth.write(chunk)
                await forth.drain()
        except OSError:
            pass
        finally:
            answering.cancel()
            for writer in (back, forth):
                self._open.discard(writer)
                writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
        writer.transport.abort()

    def swallow_present_connections(self) -> None:
        """What comes through them from now on is lost without a sign; connections made later work."""
        self._swallowed |= self._open

    def cut_everything(self) -> None:
        """Lose every connection at once."""
        for writer in list(self._open):
            writer.transport.abort()


@asynccontextmanager
async def relay_to(database_url: str) -> AsyncIterator[tuple[Relay, str]]:
    """A relay, and the URL that goes through it."""
    url = make_url(database_url)
    assert url.host is not None
    assert url.port is not None
    relay = Relay(url.host, url.port)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    through = url.set(host="127.0.0.1", port=relay.port).render_as_string(hide_password=False)
    try:
        yield relay, through
    finally:
        server.close()
        relay.cut_everything()
        await server.wait_closed()
