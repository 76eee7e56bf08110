"""Column 3: PostgreSQL by itself, driven by pgbench, one transaction for each checkout and no HTTP."""

import asyncio
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

from app.store.embedded.cluster import program
from bench.city import BUDGET_FEN
from bench.databases import BenchDatabase
from bench.load import Seen

_SCRIPT = Path(__file__).with_name("engine.sql")
_STRIPES = 200
_LATENCY = re.compile(r"latency average = ([0-9.]+) ms")
_RATE = re.compile(r"tps = ([0-9.]+) ")


@dataclass(frozen=True)
class Engine:
    """A clone of the service's database. `striped`: a fund row for each client instead of one for all."""

    database: BenchDatabase
    gtin: str

    def saturate(self, *, clients: int, seconds: float, striped: bool) -> Seen:
        url = make_url(self.database.service_url)
        command = [str(program("pgbench")), "-n", "-M", "prepared", "-c", str(clients), "-j", "2"]
        command += ["-T", str(round(seconds)), "-D", f"gtin={self.gtin}", "-D", f"striped={int(striped)}"]
        command += ["-f", str(_SCRIPT), "-h", str(url.host), "-p", str(url.port), "-U", str(url.username)]
        environment = os.environ | {"PGPASSWORD": str(url.password)}
        done = subprocess.run(
            [*command, str(url.database)], env=environment, capture_output=True, text=True, check=False
        )
        rate, latency = _RATE.search(done.stdout), _LATENCY.search(done.stdout)
        if done.returncode != 0 or rate is None or latency is None:
            raise RuntimeError(f"pgbench failed: {done.stdout}{done.stderr}")
        return Seen(float(rate[1]), float(latency[1]), float("nan"))


@contextmanager
def engine(database: BenchDatabase, gtin: str) -> Iterator[Engine]:
    asyncio.run(_fund(database))
    yield Engine(database, f"0{gtin}")


async def _fund(database: BenchDatabase) -> None:
    connection = await asyncpg.connect(database.plain_owner_url)
    try:
        await connection.execute(
            """
            INSERT INTO lijian.fund_stripe (lane, pool, budget_fen, available_fen, held_fen, spent_fen)
            SELECT n, 'appliance', $1, $1, 0, 0 FROM generate_series(0, $2) AS n
            """,
            BUDGET_FEN,
            _STRIPES,
        )
    finally:
        await connection.close()
