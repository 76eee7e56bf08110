"""The service comes back by itself when a part of it is killed, and leaves nothing behind when it goes."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest


class Service:
    """`lijian serve` in a process of its own, on an embedded database."""

    def __init__(self, data_dir: Path) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("LIJIAN_", "PYTHON"))}
        self.log = data_dir / "serve.log"
        with self.log.open("wb") as log:
            arguments = ["serve", "--port", "0", "--workers", "2", "--data-dir", str(data_dir)]
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app", *arguments], env=environment, stdout=log, stderr=log
            )

    @property
    def url(self) -> str:
        found = re.search(r"http://127\.0\.0\.1:\d+", self.log.read_text())
        return found[0] if found else ""

    def is_ready(self) -> bool:
        try:
            return bool(self.url) and httpx.get(f"{self.url}/readyz", timeout=1).status_code == 200
        except httpx.TransportError:
            return False

    def parts(self, what: str) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if not is_gone(child) and what in " ".join(child.cmdline())]

    @property
    def workers(self) -> list[psutil.Process]:
        return self.parts("multiprocessing.spawn")

    @property
    def postgres(self) -> list[psutil.Process]:
        return self.parts("bin/postgres")


def wait_until(condition: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def is_gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    yield from started(tmp_path_factory.mktemp("service"))


@pytest.fixture
def own_service(tmp_path: Path) -> Iterator[Service]:
    yield from started(tmp_path)


def started(data_dir: Path) -> Iterator[Service]:
    service = Service(data_dir)
    try:
        wait_until(service.is_ready)
        yield service
    finally:
        service.process.send_signal(signal.SIGINT)
        service.process.wait(60)


def test_a_killed_worker_is_replaced(service: Service):
    killed = service.workers[0]
    killed.kill()

    wait_until(lambda: len(service.workers) == 2 and killed.pid not in [worker.pid for worker in service.workers])
    wait_until(service.is_ready)


def test_workers_and_database_killed_together_are_replaced(service: Service):
    killed = [*service.postgres, *service.workers]
    for part in killed:
        part.kill()

    wait_until(lambda: all(is_gone(part) for part in killed) and service.is_ready())
    assert len(service.postgres) == 1


def test_a_stop_leaves_no_process_behind_and_ends_well(own_service: Service):
    parts = [*own_service.workers, *own_service.postgres]
    own_service.process.send_signal(signal.SIGTERM)

    assert own_service.process.wait(60) == 0
    assert all(is_gone(part) for part in parts)


def test_a_killed_supervisor_takes_its_workers_and_its_database_with_it(own_service: Service):
    parts = [*own_service.workers, *own_service.postgres]
    own_service.process.kill()

    wait_until(lambda: all(is_gone(part) for part in parts))
