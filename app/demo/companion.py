"""What runs beside the demo's service: it funds the pools once the service answers, tells so, and lets tills trade."""

import asyncio
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Final

import httpx

from app.demo.access import AccessFile, DemoAccess
from app.demo.catalogue import catalogue
from app.demo.market import Market
from app.demo.merchants import merchants
from app.demo.seed import SEED, fund
from app.demo.tills import CONNECTIONS_MAX, Tills
from app.refusal import StartRefused

_READY_SECONDS: Final = 90
_POLL_SECONDS: Final = 0.1
_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Companion:
    """A thread with an event loop of its own, for the main thread supervises the workers.

    Should it fail, it ends the program as Ctrl-C would, and `stop` raises what went wrong.
    """

    def __init__(
        self,
        base_url: str,
        *,
        file: AccessFile,
        access: DemoAccess,
        with_traffic: bool,
        announce: Callable[[], None],
    ) -> None:
        self._base_url = base_url
        self._file = file
        self._access = access
        self._with_traffic = with_traffic
        self._announce = announce
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="demo-companion", daemon=True)
        self._task: asyncio.Task[None] | None = None
        self._failure: Exception | None = None

    def start(self) -> None:
        self._task = self._loop.create_task(self._accompany())
        self._thread.start()

    def stop(self) -> None:
        """Stop trading. Raises what the companion failed with."""
        if self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)
            self._thread.join()
        self._loop.close()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        assert self._task is not None
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        except Exception as failure:  # noqa: BLE001 - carried to the thread that calls stop
            self._failure = failure
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())

    async def _accompany(self) -> None:
        # Proxies of the environment are for the outside world, not for this machine's own service.
        async with httpx.AsyncClient(base_url=self._base_url, timeout=10, trust_env=False) as http:
            await self._wait_until_ready(http)
            if not self._access.is_funded:
                await fund(http, self._access.operator_key)
                self._access = self._access.funded()
                self._file.keep(self._access)
        self._announce()
        if self._with_traffic:
            await self._trade()
        else:
            await asyncio.Event().wait()

    async def _wait_until_ready(self, http: httpx.AsyncClient) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            try:
                if (await http.get("/readyz")).status_code == HTTPStatus.OK:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(_POLL_SECONDS)
        raise StartRefused(
            f"服务在 {_READY_SECONDS} 秒内没有就绪。请查看上面的日志。",
            f"The service was not ready within {_READY_SECONDS} seconds. See the log above.",
        )

    async def _trade(self) -> None:
        run = _in_letters(int(time.time()))
        chance = random.Random(f"{SEED}:{run}")  # noqa: S311 - a world to look at, nothing to guess
        market = Market(seed=SEED, run=run, products=catalogue(SEED), merchants=merchants(SEED), chance=chance)
        async with httpx.AsyncClient(
            base_url=self._base_url,
            headers={"Authorization": f"Bearer {self._access.tills_key}"},
            limits=httpx.Limits(max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX),
            timeout=10,
            trust_env=False,
        ) as http:
            await Tills(market, http, chance=chance, now=lambda: datetime.now().astimezone()).trade()


def _in_letters(number: int) -> str:
    """The number in base 36: short, and different for every second a run may start in."""
    letters = ""
    while number:
        number, index = divmod(number, len(_LETTERS))
        letters = _LETTERS[index] + letters
    return letters
