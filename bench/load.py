"""Load on one service, and what it showed."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.services import Service, cpu_seconds

_LUA = Path(__file__).with_name("wrk.lua")
_ROOT = Path(__file__).parent.parent
WRK = shutil.which("wrk")


@dataclass(frozen=True)
class Seen:
    """One measurement. The processor's time counts less for a noisy machine than the clock's; both are kept."""

    per_second: float
    p50_ms: float
    p99_ms: float
    service_cpu_us: float = 0.0
    database_cpu_us: float = 0.0


@dataclass(frozen=True)
class Load:
    """Puts load on services that use the PostgreSQL with process id `database_pid`."""

    database_pid: int

    def saturate(self, service: Service, path: str, bodies: Path, *, connections: int, seconds: float) -> Seen:
        """As many requests as the service answers, each connection waiting for its answer."""
        if WRK is None:
            return self._run(service, _generator(service, path, bodies, connections, seconds))
        threads = f"-d{round(seconds)}s"
        command = [WRK, "-t1", f"-c{connections}", threads, "--timeout", "10s", "-s", str(_LUA)]
        url = f"http://127.0.0.1:{service.port}{path}"
        return self._run(service, [*command, url, "--", str(bodies), service.key])

    def at_rate(
        self, service: Service, path: str, bodies: Path, *, rate: float, connections: int, seconds: float
    ) -> Seen:
        """Requests at a constant rate, whatever the service does."""
        return self._run(service, [*_generator(service, path, bodies, connections, seconds), str(rate)])

    def _run(self, service: Service, command: list[str]) -> Seen:
        service_before, database_before = service.cpu_seconds(), self._database_cpu_seconds()
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
        service_after, database_after = service.cpu_seconds(), self._database_cpu_seconds()
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}")
        seen = json.loads(done.stdout.strip().splitlines()[-1])
        if seen["refused"] or seen["broken"]:
            raise RuntimeError(f"{service.name} refused {seen['refused']} and broke {seen['broken']} requests")
        requests = seen["requests"]
        if not requests:
            raise RuntimeError(f"{service.name} answered nothing: {done.stderr[-2000:]}")
        return Seen(
            per_second=requests / seen["microseconds"] * 1e6,
            p50_ms=seen["p50_us"] / 1000,
            p99_ms=seen["p99_us"] / 1000,
            service_cpu_us=(service_after - service_before) / requests * 1e6,
            database_cpu_us=(database_after - database_before) / requests * 1e6,
        )

    def _database_cpu_seconds(self) -> float:
        """Of the server, its processes, and those that have ended."""
        server = psutil.Process(self.database_pid)
        ended = server.cpu_times()
        living = sum(cpu_seconds(process) for process in (server, *server.children(recursive=True)))
        return living + ended.children_user + ended.children_system


def _generator(service: Service, path: str, bodies: Path, connections: int, seconds: float) -> list[str]:
    options = [str(service.port), path, str(bodies), service.key, str(seconds), str(connections)]
    return [sys.executable, "-m", "bench.generator", *options]
