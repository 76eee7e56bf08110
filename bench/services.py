"""The columns as running services: started, waited for, watched and stopped."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.city import City, budget
from bench.databases import BenchDatabase

_START_SECONDS = 60
_STOP_SECONDS = 20
_ROOT = Path(__file__).parent.parent
_LIJIAN = "from app.cli import main; main()"


@dataclass(frozen=True)
class Service:
    """A service with its workers, on a port of this machine."""

    name: str
    port: int
    key: str
    process: subprocess.Popen[bytes]

    def workers(self) -> list[psutil.Process]:
        """The worker processes: those that hold the application."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if "multiprocessing-fork" in " ".join(child.cmdline())]

    def cpu_seconds(self) -> float:
        return sum(cpu_seconds(worker) for worker in self.workers())

    def resident_bytes(self) -> int:
        """Of all workers: memory that is theirs alone."""
        return sum(worker.memory_full_info().uss for worker in self.workers())

    def post(self, path: str, body: bytes, key: str) -> bytes:
        return self._call(path, key, body)

    def get(self, path: str, key: str | None = None) -> bytes:
        return self._call(path, key or self.key, None)

    def _call(self, path: str, key: str, body: bytes | None) -> bytes:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            content: bytes = answer.read()
        return content


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


@contextmanager
def bare(city: City, workers: int) -> Iterator[Service]:
    with _running("bare", city.gateway_key, workers, {}) as service:
        yield service


@contextmanager
def usual(city: City, workers: int, database: BenchDatabase) -> Iterator[Service]:
    with _running("usual", city.gateway_key, workers, {"BENCH_DATABASE_URL": database.owner_url}) as service:
        yield service


@contextmanager
def lijian(city: City, workers: int, database: BenchDatabase) -> Iterator[Service]:
    """`lijian serve`, with money in every pool."""
    environment = {"LIJIAN_DATABASE_URL": database.service_url, "LIJIAN_SECRETS_FILE": str(city.secrets_file)}
    port = _free_port()
    command = [sys.executable, "-c", _LIJIAN, "serve", "--port", str(port), "--workers", str(workers)]
    with _started("lijian", command, port, city.gateway_key, environment, workers) as service:
        for pool in city.pools:
            service.post(f"/v1/pools/{pool}/adjustments", budget(pool), city.operator_key)
        yield service


@contextmanager
def _running(column: str, key: str, workers: int, environment: dict[str, str]) -> Iterator[Service]:
    port = _free_port()
    command = [sys.executable, "-m", "bench.serve", column, str(port), str(workers)]
    with _started(column, command, port, key, environment | {"BENCH_KEY": key}, workers) as service:
        yield service


@contextmanager
def _started(
    name: str, command: list[str], port: int, key: str, environment: dict[str, str], workers: int
) -> Iterator[Service]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("LIJIAN_")}
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, cwd=_ROOT, env=given | environment, stderr=log) as process,
    ):
        service = Service(name, port, key, process)
        try:
            if not _comes_up(service, workers):
                log.seek(0)
                raise RuntimeError(f"{name} does not start: {log.read().decode()[-2000:]}")
            yield service
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _comes_up(service: Service, workers: int) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and service.process.poll() is None:
        try:
            service.get("/livez")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
            continue
        if len(service.workers()) >= workers:
            # the first worker answers; its sister is a second behind at most
            time.sleep(1.5)
            return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
