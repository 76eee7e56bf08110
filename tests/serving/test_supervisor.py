"""The supervisor of the workers, on workers that do nothing."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

SCRIPT = """
import sys, time
from app.ops import supervisor

def serve(beats, behaviour):
    if behaviour == "fails":
        sys.exit(3)
    supervisor.beat_through(beats, lambda: True)
    time.sleep(600)

if __name__ == "__main__":
    supervisor._HANGING_SECONDS = 4.0
    sys.exit(0 if supervisor.Supervisor(serve, (sys.argv[1],), 2).run() else 1)
"""


def supervise(folder: Path, behaviour: str) -> subprocess.Popen[bytes]:
    script = folder / "script.py"
    script.write_text(SCRIPT)
    return subprocess.Popen([sys.executable, script, behaviour])


def workers_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    children = psutil.Process(process.pid).children()
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def wait_for_other_workers(process: subprocess.Popen[bytes], than: set[int]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if len({worker.pid for worker in workers_of(process)} - than) == 2:
                return
        except psutil.Error:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = supervise(tmp_path, "idles")
    wait_for_other_workers(process, set())
    time.sleep(1)
    yield process
    process.send_signal(signal.SIGTERM)
    process.wait(60)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
def test_workers_that_die_or_hang_are_replaced(idle: subprocess.Popen[bytes], number: signal.Signals):
    workers = workers_of(idle)
    for worker in workers:
        worker.send_signal(number)

    wait_for_other_workers(idle, {worker.pid for worker in workers})
    assert idle.poll() is None


def test_a_worker_that_cannot_even_start_ends_the_whole(tmp_path: Path):
    assert supervise(tmp_path, "fails").wait(60) == 1


def test_a_stop_ends_well(idle: subprocess.Popen[bytes]):
    workers = workers_of(idle)
    idle.send_signal(signal.SIGINT)

    assert idle.wait(60) == 0
    assert not any(worker.is_running() for worker in workers)
