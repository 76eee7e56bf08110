"""What a run is told."""

import argparse
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """`rows` preloads that many consumers and checkouts for the comparison with an empty database; 0 leaves it out.
    `checkouts` is how many the memory of a worker is watched over."""

    workers: int
    rounds: int
    seconds: float
    connections: tuple[int, ...]
    checkouts: int
    rows: int
    products: int
    merchants: int
    only: tuple[str, ...]
    data_dir: Path | None
    json_file: Path | None


def read_options(names: tuple[str, ...]) -> Options:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5, help="of one measurement")
    parser.add_argument("--connections", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--checkouts", type=int, default=100_000, help="over which memory is watched")
    parser.add_argument("--rows", type=int, default=0, help="consumers and checkouts preloaded; 0: not compared")
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--merchants", type=int, default=10_000)
    parser.add_argument("--only", choices=names, nargs="+", default=list(names))
    parser.add_argument("--data-dir", type=Path, help="where the database is made; on the disk to be measured")
    parser.add_argument("--json-file", type=Path, help="every single measurement, for other programs")
    given = parser.parse_args()
    return Options(
        workers=given.workers,
        rounds=given.rounds,
        seconds=given.seconds,
        connections=tuple(given.connections),
        checkouts=given.checkouts,
        rows=given.rows,
        products=given.products,
        merchants=given.merchants,
        only=tuple(given.only),
        data_dir=given.data_dir,
        json_file=given.json_file,
    )
