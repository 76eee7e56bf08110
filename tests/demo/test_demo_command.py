"""`lijian demo` as a person or a program starts it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from app.demo.seed import BUDGETS_YUAN

FIELDS = {
    "base_url",
    "console_url",
    "merchant_key",
    "merchant_id",
    "second_merchant_key",
    "second_merchant_id",
    "gateway_key",
    "operator_key",
    "auditor_key",
    "database_url",
}
COMMAND = (sys.executable, "-c", "from app.cli import main; main()", "demo")
ENVIRONMENT = {name: told for name, told in os.environ.items() if not name.startswith("LIJIAN_")}


class Demo:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.process = process
        self.told: dict[str, str | None] = json.loads(process.stdout.readline())
        self.http = httpx.Client(base_url=str(self.told["base_url"]), timeout=10, trust_env=False)

    def get(self, path: str, key: str) -> httpx.Response:
        return self.http.get(path, headers={"Authorization": f"Bearer {self.told[key]}"})

    def post(self, path: str, key: str, body: object) -> httpx.Response:
        return self.http.post(path, headers={"Authorization": f"Bearer {self.told[key]}"}, json=body)

    def pools(self) -> dict[str, dict[str, int]]:
        pools = self.get("/v1/pools", "auditor_key").json()["pools"]
        return {pool["programme"]: pool for pool in pools}


@contextmanager
def demo(data_dir: Path, *options: str, end_with: signal.Signals = signal.SIGTERM) -> Iterator[Demo]:
    """A running demo of one worker; it must stop by itself, with success, when told to."""
    arguments = [*COMMAND, "--json", "--port", "0", "--workers", "1", "--data-dir", str(data_dir), *options]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        try:
            running = Demo(process)
            with running.http:
                yield running
            process.send_signal(end_with)
            assert process.wait(30) == 0
        finally:
            process.kill()


def started_and_refused(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *options], capture_output=True, text=True, timeout=60, check=False, env=ENVIRONMENT
    )


def checkout(order_no: str) -> dict[str, object]:
    return {
        "order_no": order_no,
        "channel": "in_store",
        "store_id": "S001",
        "consumer": {"id_type": "resident_id", "id_number": "220102196001010013"},
        "lines": [
            {
                "line_no": 1,
                "gtin": "6901234567892",
                "serial_no": order_no,
                "price_fen": 899_900,
                "quantity": 1,
            }
        ],
    }


def test_a_demo_tells_its_keys_serves_its_city_and_keeps_everything_for_the_next_start(tmp_path: Path) -> None:
    with demo(tmp_path, "--no-traffic") as first:
        budgets = {programme: pool["budget_fen"] for programme, pool in first.pools().items()}
        held = first.post("/v1/checkouts", "merchant_key", checkout("SN-0001"))
        second = {**checkout("SN-0002"), "merchant_id": first.told["second_merchant_id"]}
        by_gateway = first.post("/v1/quotes", "gateway_key", second)
        refused = started_and_refused("--data-dir", str(tmp_path))
    with demo(tmp_path, "--no-traffic", end_with=signal.SIGINT) as again:
        kept = again.get("/v1/orders/SN-0001", "merchant_key")
        budgets_again = {programme: pool["budget_fen"] for programme, pool in again.pools().items()}

    assert set(first.told) == FIELDS
    assert first.told["console_url"] is None
    assert budgets == budgets_again == {programme: yuan * 100 for programme, yuan in BUDGETS_YUAN.items()}
    assert (held.status_code, held.json()["subsidy_fen"]) == (201, 179_980)
    assert by_gateway.status_code == 200
    assert refused.returncode == 1
    assert "数据目录" in refused.stderr
    assert "in use" in refused.stderr
    assert kept.json()["checkout_id"] == held.json()["checkout_id"]
    assert {name: again.told[name] for name in FIELDS if name.endswith(("key", "id"))} == {
        name: first.told[name] for name in FIELDS if name.endswith(("key", "id"))
    }
    assert (tmp_path / "demo.json").stat().st_mode & 0o777 == 0o600


def test_tills_move_the_pools_and_every_fen_stays_accounted_for(tmp_path: Path) -> None:
    with demo(tmp_path) as running:
        deadline = time.monotonic() + 30
        while sum(pool["spent_fen"] > 0 for pool in running.pools().values()) < 2 and time.monotonic() < deadline:
            time.sleep(0.3)
        pools = running.pools()
        invariants = running.get("/v1/invariants", "auditor_key").json()

    assert sum(pool["spent_fen"] for pool in pools.values()) > 0
    assert all(
        pool["available_fen"] + pool["held_fen"] + pool["spent_fen"] == pool["budget_fen"] for pool in pools.values()
    )
    assert invariants["ok"] is True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_start_broken_off_ends_well_and_can_be_repeated(tmp_path: Path, number: signal.Signals) -> None:
    arguments = [*COMMAND, "--port", "0", "--data-dir", str(tmp_path)]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        process.send_signal(number)
        rest = process.stderr.read()

    assert process.returncode == 0
    assert "PostgreSQL" in said
    assert "stopped" in rest
    if number is signal.SIGTERM:
        with demo(tmp_path, "--no-traffic") as running:
            assert running.http.get("/readyz").status_code == 200


def test_a_named_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with socket_in_use() as port:
        refused = started_and_refused("--port", str(port), "--data-dir", str(tmp_path))

    assert refused.returncode == 1
    assert str(port) in refused.stderr
    assert not (tmp_path / "postgres").exists()


@contextmanager
def socket_in_use() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]
