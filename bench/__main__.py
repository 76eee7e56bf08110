"""`python -m bench`: every figure of docs/performance.md, in one run."""

import os
import platform
import tempfile
from datetime import datetime
from pathlib import Path

import psutil

from bench.bench import Bench
from bench.city import build_city
from bench.databases import MUST_BE_ON, TEMPLATE, bench_server
from bench.goods import HANDFUL
from bench.load import WRK
from bench.options import Options, read_options
from bench.report import Report
from bench.scenarios import SCENARIOS

_MERCHANTS = 5


def main() -> None:
    options = read_options(tuple(SCENARIOS))
    report = Report()
    with tempfile.TemporaryDirectory(prefix="lijian-bench-", dir=options.data_dir) as made:
        folder = Path(made)
        # root starts PostgreSQL as a lesser user, who must walk through to its folder
        folder.chmod(0o711)
        report.say(_machine(options))
        with bench_server(folder / "data") as server:
            city = build_city(server.create_empty(TEMPLATE), folder, HANDFUL, _MERCHANTS)
            bench = Bench(options, server, city, folder, report)
            for name in options.only:
                SCENARIOS[name](bench)
    report.conclude()
    if options.json_file is not None:
        report.write(options.json_file)


def _machine(options: Options) -> str:
    load = "wrk" if WRK else "our own generator (wrk is not installed: it takes more of the processor)"
    return (
        f"{datetime.now().astimezone():%Y-%m-%d %H:%M} · {platform.machine()}, {os.cpu_count()} cores, "
        f"{psutil.virtual_memory().total / 2**30:.0f} GiB · load average before {os.getloadavg()[0]:.1f} · "
        f"Python {platform.python_version()} · {options.workers} workers · "
        f"{options.rounds} rounds of {options.seconds:g} s · load by {load} · {', '.join(MUST_BE_ON)} on"
    )


if __name__ == "__main__":
    main()
