import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from app.domain.checkout import Checkout, Line, LineOutcome
from app.domain.commands import Hold, Target, Void
from app.domain.outcomes import CheckoutStands, Refused
from app.domain.reasons import Reason
from app.engine.observer import Observer
from app.ops.telemetry.exposition import Exposition, PoolFigures
from app.ops.telemetry.metrics import Metrics
from app.ops.telemetry.multiprocess import VARIABLE, prepare_multiprocess_directory

POOLS = {"city": PoolFigures(budget_fen=1000, available_fen=700, held_fen=100, spent_fen=200)}


async def pools() -> Mapping[str, PoolFigures]:
    return POOLS


def test_everything_that_is_recorded_is_exposed_under_our_names():
    metrics = Metrics()
    metrics.request("/v1/checkouts", "POST", 201, 0.003)
    metrics.batch_taken(64, [0.004, 0.2])
    metrics.phase_took("commit", 0.002)
    metrics.ran_again("40P01")
    metrics.constraint_surprised("23514")

    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(generate_latest(metrics.registry).decode())
        for sample in family.samples
    }
    assert samples["lijian_requests_total", ("code", "201"), ("method", "POST"), ("route", "/v1/checkouts")] == 1
    assert samples["lijian_request_duration_seconds_sum", ("route", "/v1/checkouts")] == 0.003
    assert samples["lijian_batch_size_bucket", ("le", "64.0")] == 1
    assert samples["lijian_batch_size_bucket", ("le", "32.0")] == 0
    assert samples[("lijian_queue_wait_seconds_count",)] == 2
    assert samples["lijian_batch_phase_seconds_count", ("phase", "commit")] == 1
    assert samples["lijian_retries_total", ("cause", "40P01")] == 1
    assert samples[("lijian_constraint_surprises_total",)] == 1


def a_hold(line_outcome: LineOutcome, *, replayed: bool = False) -> tuple[Hold, CheckoutStands]:
    """A hold of two lines, one of them granted."""
    line = Line._make([None] * len(Line._fields))
    lines = (
        line._replace(outcome=LineOutcome.GRANTED),
        line._replace(outcome=line_outcome, reason=Reason.FUND_EXHAUSTED),
    )
    checkout = Checkout._make([None] * len(Checkout._fields))._replace(lines=lines)
    return Hold._make([None] * len(Hold._fields)), CheckoutStands(checkout, replayed=replayed)


def test_only_declined_lines_of_new_holds_are_counted_as_declines():
    metrics = Metrics()
    declined, answer = a_hold(LineOutcome.DECLINED)
    metrics.decided(declined, answer)
    metrics.decided(*a_hold(LineOutcome.DECLINED, replayed=True))
    metrics.decided(*a_hold(LineOutcome.REDUCED))
    metrics.decided(declined, Refused("order_no_reused"))
    metrics.decided(Void(Target("m", order_no="1")), answer)

    text = generate_latest(metrics.registry).decode()
    assert 'lijian_declines_total{reason="fund_exhausted"} 1.0' in text


def test_the_engine_takes_it_for_an_observer():
    observer: Observer = Metrics()

    observer.batch_taken(0, [])


async def test_the_depth_of_the_queue_is_sampled_while_the_worker_runs():
    metrics = Metrics()
    sampling = asyncio.create_task(metrics.sample_queue_depth(lambda: 7))
    await asyncio.sleep(0)
    sampling.cancel()

    assert "lijian_queue_depth 7.0" in generate_latest(metrics.registry).decode()


async def test_the_money_of_each_pool_is_exposed():
    text = (await Exposition(Metrics(), pools).write()).decode()

    assert 'lijian_pool_budget_fen{pool="city"} 1000.0' in text
    assert 'lijian_pool_available_fen{pool="city"} 700.0' in text
    assert 'lijian_pool_held_fen{pool="city"} 100.0' in text
    assert 'lijian_pool_spent_fen{pool="city"} 200.0' in text


async def test_many_scrapes_read_the_pools_once_in_five_seconds():
    now, reads = 0.0, 0

    async def counted() -> Mapping[str, PoolFigures]:
        nonlocal reads
        reads += 1
        await asyncio.sleep(0)
        return POOLS

    exposition = Exposition(Metrics(), counted, clock=lambda: now)
    await asyncio.gather(*(exposition.write() for _ in range(10)))
    now = 4.9
    await exposition.write()
    assert reads == 1

    now = 5.0
    await exposition.write()
    assert reads == 2


async def test_pools_that_cannot_be_read_are_left_out_and_the_rest_is_served():
    async def broken() -> Mapping[str, PoolFigures]:
        raise ConnectionError

    text = (await Exposition(Metrics(), broken).write()).decode()

    assert "lijian_queue_depth 0.0" in text
    assert 'pool="' not in text


WORKER = """
    import asyncio, os, signal, sys
    from app.ops.telemetry.exposition import Exposition
    from app.ops.telemetry.metrics import Metrics

    async def no_pools():
        return {}

    async def sampled(depth):
        sampling = asyncio.create_task(metrics.sample_queue_depth(lambda: depth))
        await asyncio.sleep(0)
        sampling.cancel()

    metrics = Metrics()
    for line in sys.stdin:
        match line.split():
            case ["request"]:
                metrics.request("/v1/checkouts", "POST", 201, 0.003)
            case ["depth", commands]:
                asyncio.run(sampled(int(commands)))
            case ["scrape"]:
                text = asyncio.run(Exposition(metrics, no_pools).write()).decode()
                print(*(line for line in text.splitlines() if line[0] != "#"), sep="\\n")
        print("done", flush=True)
"""


class Worker:
    """A process of its own with the measurements of one worker, told what to do line by line."""

    def __init__(self, directory: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WORKER)],
            env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(directory)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def told(self, line: str) -> list[str]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return list(iter(self.process.stdout.readline, "done\n"))

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


def test_workers_count_together_and_a_killed_one_leaves_its_counts_but_not_its_gauges(tmp_path: Path):
    requests = 'lijian_requests_total{code="201",method="POST",route="/v1/checkouts"} '
    first, second = Worker(tmp_path), Worker(tmp_path)
    try:
        for worker, depth in ((first, 3), (second, 4)):
            worker.told("request")
            worker.told(f"depth {depth}")

        together = first.told("scrape")
        assert f"{requests}2.0\n" in together
        assert "lijian_queue_depth 7.0\n" in together

        second.kill()

        left = first.told("scrape")
        assert f"{requests}2.0\n" in left
        assert "lijian_queue_depth 3.0\n" in left
    finally:
        first.kill()
        second.kill()


def test_a_directory_prepared_for_workers_is_empty_and_named_to_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):

    monkeypatch.setenv(VARIABLE, "elsewhere")
    directory = tmp_path / "measurements"
    directory.mkdir()
    (directory / "counter_1.db").write_bytes(b"old")
    (directory / "somebody's file").write_bytes(b"")

    prepare_multiprocess_directory(directory)

    assert os.environ[VARIABLE] == str(directory)
    assert [path.name for path in directory.iterdir()] == ["somebody's file"]
