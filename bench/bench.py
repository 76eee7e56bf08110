"""What all scenarios stand on: the server, the city cloned for each, bodies, load, and the report."""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import services
from bench.bodies import Buyer, Goods, somebody_new, write_bodies
from bench.city import City
from bench.databases import BenchServer
from bench.load import Load, Seen
from bench.options import Options
from bench.report import Report
from bench.services import Service

PER_SECOND_MAX = 9_000
"""More requests than any column answers in a second: so many bodies are made for each."""

HOLDS = "/v1/checkouts"
QUOTES = "/v1/quotes"


@dataclass
class Bench:
    options: Options
    server: BenchServer
    city: City
    folder: Path
    report: Report
    load: Load = field(init=False)

    def __post_init__(self) -> None:
        self.load = Load(self.server.pid)

    @contextmanager
    def lijian(self, name: str = "service", city: City | None = None, template: str = "city") -> Iterator[Service]:
        """The real service on a fresh clone; its books must balance when all is done."""
        with (
            self.server.database(name, template) as database,
            services.lijian(city or self.city, self.options.workers, database) as service,
        ):
            self.warm_up(service, city)
            yield service
            self.assert_books_balance(service, city or self.city)

    def assert_books_balance(self, service: Service, city: City) -> None:
        found = json.loads(service.get("/v1/invariants", city.auditor_key))
        if not found["ok"]:
            raise RuntimeError(f"the books do not balance: {found['differences'][:3]}")

    def warm_up(self, service: Service, city: City | None = None) -> None:
        """Prepared statements, caches, lazily imported code: nobody is measured cold."""
        with self.bodies(self.city.goods if city is None else city.goods, seconds=1, city=city) as bodies:
            self.load.saturate(service, HOLDS, bodies, connections=16, seconds=1)

    @contextmanager
    def bodies(
        self,
        goods: Sequence[Goods],
        *,
        seconds: float | None = None,
        buyer: Buyer = somebody_new,
        city: City | None = None,
        count: int | None = None,
    ) -> Iterator[Path]:
        count = count or round((self.options.seconds if seconds is None else seconds) * PER_SECOND_MAX)
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".jsonl") as file:
            path = Path(file.name)
            write_bodies(path, count, goods, (city or self.city).merchants, buyer)
            yield path

    def saturating(
        self,
        service: Service,
        goods: Sequence[Goods],
        *,
        connections: int,
        path: str = HOLDS,
        buyer: Buyer = somebody_new,
        city: City | None = None,
    ) -> Callable[[int], Seen]:
        """A contender for `alternate`: fresh bodies each round."""

        def measure(_round: int) -> Seen:
            with self.bodies(goods, buyer=buyer, city=city) as bodies:
                return self.load.saturate(service, path, bodies, connections=connections, seconds=self.options.seconds)

        return measure
