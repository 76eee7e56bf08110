"""The tables, printed as they come; and every single measurement for whoever wants to look closer."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.rounds import Figures

_HEAD = ("", "/s", "rounds", "p50 ms", "p99 ms", "CPU µs", "of PostgreSQL")


@dataclass(frozen=True)
class Goal:
    """A figure of the design beside what was seen. `at_least` tells which way it must not err."""

    what: str
    goal: float
    seen: float
    at_least: bool = True
    unit: str = ""

    @property
    def met(self) -> bool:
        return self.seen >= self.goal if self.at_least else self.seen <= self.goal


@dataclass
class Report:
    goals: list[Goal] = field(default_factory=list)
    measured: dict[str, dict[str, list[dict[str, float]]]] = field(default_factory=dict)

    def say(self, text: str) -> None:
        print(text, flush=True)

    def title(self, text: str) -> None:
        self.say(f"\n## {text}\n")

    def figures(self, title: str, figures: Mapping[str, Figures]) -> None:
        """One row for each contender, the middle of its rounds. CPU is per request: all workers', PostgreSQL's."""
        self.title(title)
        rows = [
            (
                name,
                f"{seen.per_second:,.0f}",
                seen.spread,
                f"{seen.middle('p50_ms'):.1f}",
                f"{seen.middle('p99_ms'):.1f}",
                f"{seen.middle('service_cpu_us'):,.0f}",
                f"{seen.middle('database_cpu_us'):,.0f}",
            )
            for name, seen in figures.items()
        ]
        self.table(_HEAD, rows)
        self.measured[title] = {name: [asdict(one) for one in seen.rounds] for name, seen in figures.items()}

    def goal(self, what: str, goal: float, seen: float, *, at_least: bool = True, unit: str = "") -> None:
        found = Goal(what, goal, seen, at_least, unit)
        self.goals.append(found)
        self.say(f"\n→ {what}: {seen:.2f}{unit}, goal {'≥' if at_least else '≤'} {goal:g}{unit}: {_verdict(found)}")

    def conclude(self) -> None:
        self.title("Goals")
        self.table(
            ("figure", "goal", "seen", ""),
            [
                (g.what, f"{'≥' if g.at_least else '≤'} {g.goal:g}{g.unit}", f"{g.seen:.2f}{g.unit}", _verdict(g))
                for g in self.goals
            ],
        )

    def table(self, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
        lines = [head, *rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
        for number, line in enumerate(lines):
            cells = (
                cell.ljust(width) if place == 0 else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
            self.say(f"| {' | '.join(cells)} |")
            if number == 0:
                rules = ("-" * width + (":" if place else "-") for place, width in enumerate(widths))
                self.say(f"|-{'|-'.join(rules)}|")

    def write(self, path: Path) -> None:
        path.write_text(json.dumps({"goals": [asdict(g) for g in self.goals], "measured": self.measured}, indent=1))


def _verdict(goal: Goal) -> str:
    return "met" if goal.met else "NOT met"
