"""A city behind a socket."""

import asyncio
import socket
import threading

import uvicorn

from tests.city import City, a_city
from tests.contract.scene import Scene, a_scene


class ServedCity:
    """A city behind a socket, in a thread of its own: what generates calls is not asynchronous."""

    def __init__(self, database_url: str) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve(database_url)))
        self.city: City
        self.scene: Scene
        self.server: uvicorn.Server

    async def _serve(self, database_url: str) -> None:
        async with a_city(database_url) as self.city:
            self.scene = await a_scene(self.city)
            self.server = uvicorn.Server(uvicorn.Config(self.city.app, lifespan="off", log_config=None))
            self.ready.set()
            await self.server.serve(sockets=[self.socket])

    def key_of(self, caller: str) -> dict[str, str]:
        return {} if caller == "nobody" else {"Authorization": f"Bearer {self.city.keys[caller]}"}
