"""The figures of the design, one scenario each. A scenario has databases and services of its own."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median

from bench import services
from bench.bench import HOLDS, QUOTES, Bench
from bench.bodies import person, somebody_new
from bench.city import build_city
from bench.engine import engine
from bench.filled import fill, sold_to
from bench.goods import APPLIANCES, FIVE_POOLS, ONE_FEN, many
from bench.load import Seen
from bench.rounds import alternate, ratio
from bench.services import Service
from bench.usual_tables import create_usual_tables

_OPEN_LOOP_SHARE = 0.7
_SAMPLE_SECONDS = 3
_ROWS_OF_A_DAY = 50_000


def columns(bench: Bench) -> None:
    """The four columns side by side; one pool, every order a new consumer."""
    options = bench.options
    with ExitStack() as stack:
        usual_database = stack.enter_context(bench.server.database("usual", "template0"))
        create_usual_tables(usual_database, bench.city)
        usual = stack.enter_context(services.usual(bench.city, options.workers, usual_database))
        bare = stack.enter_context(services.bare(bench.city, options.workers))
        lijian = stack.enter_context(bench.lijian())
        sql = stack.enter_context(engine(stack.enter_context(bench.server.database("engine")), APPLIANCES[0].gtin))
        for service in (bare, usual):
            bench.warm_up(service)
        for connections in options.connections:
            contenders: dict[str, Callable[[int], Seen]] = {
                service.name: bench.saturating(service, APPLIANCES, connections=connections)
                for service in (bare, usual, lijian)
            }
            clients = min(connections, 128)
            for name, striped in (("engine", False), ("engine, striped", True)):
                contenders[name] = lambda _, striped=striped, clients=clients: sql.saturate(  # type: ignore[misc]
                    clients=clients, seconds=options.seconds, striped=striped
                )
            figures = alternate(options.rounds, contenders)
            bench.report.figures(f"Holds, {connections} connections, {options.workers} workers", figures)
            for other, goal in (("bare", 1.0), ("usual", 15.0), ("engine", 2.0)):
                bench.report.goal(f"lijian / {other}, {connections} connections", goal, ratio(figures, "lijian", other))
            bench.report.say(f"  lijian / engine, striped: {ratio(figures, 'lijian', 'engine, striped'):.2f}")


def hot_consumer(bench: Bench) -> None:
    """One consumer buys everything, against a new one for each order: the same goods, at one fen of subsidy."""
    with bench.lijian() as lijian:
        connections = bench.options.connections[0]
        figures = alternate(
            bench.options.rounds,
            {
                "new consumers": bench.saturating(lijian, ONE_FEN, connections=connections),
                "one consumer": bench.saturating(lijian, ONE_FEN, connections=connections, buyer=lambda: person(0)),
            },
        )
        bench.report.figures("One hot consumer", figures)
        bench.report.goal("one hot consumer / spread", 0.9, ratio(figures, "one consumer", "new consumers"))


def hot_pool(bench: Bench) -> None:
    """All from one pool, against five pools in turn."""
    with bench.lijian() as lijian:
        connections = bench.options.connections[0]
        figures = alternate(
            bench.options.rounds,
            {
                "five pools": bench.saturating(lijian, FIVE_POOLS, connections=connections),
                "one pool": bench.saturating(lijian, APPLIANCES, connections=connections),
            },
        )
        bench.report.figures("One hot pool", figures)
        bench.report.goal("one hot pool / five pools", 0.9, ratio(figures, "one pool", "five pools"))


def quotes(bench: Bench) -> None:
    """Quotes against holds."""
    with bench.lijian() as lijian:
        connections = bench.options.connections[0]
        figures = alternate(
            bench.options.rounds,
            {
                "holds": bench.saturating(lijian, APPLIANCES, connections=connections),
                "quotes": bench.saturating(lijian, APPLIANCES, connections=connections, path=QUOTES),
            },
        )
        bench.report.figures("Quotes and holds", figures)
        bench.report.goal("quote / hold", 1.0, ratio(figures, "quotes", "holds"))


def latency(bench: Bench) -> None:
    """The wait at 70 % of saturation, each column's own, with requests due at a constant rate."""
    options = bench.options
    connections = options.connections[-1]
    with services.bare(bench.city, options.workers) as bare, bench.lijian() as lijian:
        bench.warm_up(bare)
        saturated = alternate(
            options.rounds,
            {s.name: bench.saturating(s, APPLIANCES, connections=connections) for s in (bare, lijian)},
        )
        figures = alternate(
            options.rounds,
            {
                service.name: _at_share(bench, service, saturated[service.name].per_second, connections)
                for service in (bare, lijian)
            },
        )
        bench.report.figures(f"At {_OPEN_LOOP_SHARE:.0%} of saturation, open loop", figures)
        p99 = figures["lijian"].middle("p99_ms")
        bench.report.goal(
            "p99 of a hold / p99 of bare", 3.0, ratio(figures, "lijian", "bare", "p99_ms"), at_least=False
        )
        bench.report.goal("p99 of a hold", 100.0, p99, at_least=False, unit=" ms")


def _at_share(bench: Bench, service: Service, saturation: float, connections: int) -> Callable[[int], Seen]:
    rate = saturation * _OPEN_LOOP_SHARE

    def measure(_round: int) -> Seen:
        with bench.bodies(APPLIANCES) as bodies:
            return bench.load.at_rate(
                service, HOLDS, bodies, rate=rate, connections=connections, seconds=bench.options.seconds
            )

    return measure


def catalogue(bench: Bench) -> None:
    """A large registry against a handful."""
    options = bench.options
    goods = many(options.products)
    template = bench.server.create_empty("large_city")
    large = build_city(template, bench.folder, goods, options.merchants)
    with bench.lijian() as small_service, bench.lijian("large", large, "large_city") as large_service:
        connections = options.connections[0]
        figures = alternate(
            options.rounds,
            {
                "a handful": bench.saturating(small_service, APPLIANCES, connections=connections),
                "large": bench.saturating(large_service, goods, connections=connections, city=large),
            },
        )
        bench.report.figures(f"{options.products:,} products, {options.merchants:,} merchants, 40 categories", figures)
        bench.report.goal("large registry / a handful", 0.95, ratio(figures, "large", "a handful"))


def rows(bench: Bench) -> None:
    """A database that has served for years against one that has served for a day.

    In both half the buyers have bought before. A third contender has new buyers alone, on the filled one.
    """
    options = bench.options
    if not options.rows:
        bench.report.say("\n(rows: left out; --rows 10000000 preloads so many consumers and checkouts)")
        return
    few = min(_ROWS_OF_A_DAY, options.rows)
    with bench.server.database("day") as day, bench.server.database("years") as years:
        fill(day, bench.city, few)
        began = time.monotonic()
        fill(years, bench.city, options.rows)
        bench.report.say(f"\n{options.rows:,} consumers and checkouts made in {time.monotonic() - began:.0f} s")
        with (
            services.lijian(bench.city, options.workers, day) as small,
            services.lijian(bench.city, options.workers, years) as full,
        ):
            contenders = {}
            for name, service, buyer in (
                (f"{few:,}, half known", small, sold_to(few)),
                (f"{options.rows:,}, half known", full, sold_to(options.rows)),
                (f"{options.rows:,}, all new", full, somebody_new),
            ):
                bench.warm_up(service)
                contenders[name] = bench.saturating(
                    service, APPLIANCES[1:], connections=options.connections[0], buyer=buyer
                )
            figures = alternate(options.rounds, contenders)
            bench.report.figures(f"{options.rows:,} consumers and checkouts", figures)
            little, much, _ = figures
            bench.report.goal(f"{much} / {little}", 0.9, ratio(figures, much, little))
            for service in (small, full):
                bench.assert_books_balance(service, bench.city)


def memory(bench: Bench) -> None:
    """What a worker's own memory does over many checkouts."""
    options = bench.options
    with bench.lijian() as lijian:
        seen: list[tuple[int, int]] = []
        done = 0
        while done < options.checkouts:
            with bench.bodies(APPLIANCES, seconds=_SAMPLE_SECONDS) as bodies:
                measured = bench.load.saturate(
                    lijian, HOLDS, bodies, connections=options.connections[0], seconds=_SAMPLE_SECONDS
                )
            done += round(measured.per_second * _SAMPLE_SECONDS)
            seen.append((done, lijian.resident_bytes()))
        _report_memory(bench, seen)


def _report_memory(bench: Bench, seen: list[tuple[int, int]]) -> None:
    """The first third is warming; the slope over the rest, in bytes a checkout and worker."""
    steady = seen[len(seen) // 3 :]
    slopes = [
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for place, earlier in enumerate(steady)
        for later in steady[place + 1 :]
    ]
    slope = median(slopes) / bench.options.workers
    bench.report.title("Memory of a worker")
    for done, size in seen:
        bench.report.say(f"{done:>10,} checkouts: {size / bench.options.workers / 2**20:.1f} MiB")
    bench.report.goal(
        f"memory of a worker over {seen[-1][0]:,} checkouts, bytes each", 8.0, slope, at_least=False, unit=" B"
    )


SCENARIOS: dict[str, Callable[[Bench], None]] = {
    function.__name__: function
    for function in (columns, hot_consumer, hot_pool, quotes, latency, catalogue, rows, memory)
}
"""By name, in the order they are run."""
