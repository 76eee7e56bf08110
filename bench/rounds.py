"""Rounds: everybody measured in turn, again and again, and the middle of what was seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

from bench.load import Seen


@dataclass(frozen=True)
class Figures:
    """All rounds of one contender."""

    rounds: tuple[Seen, ...]

    def middle(self, figure: str) -> float:
        values: list[float] = [getattr(seen, figure) for seen in self.rounds]
        return median(values)

    @property
    def per_second(self) -> float:
        return self.middle("per_second")

    @property
    def spread(self) -> str:
        rates = sorted(seen.per_second for seen in self.rounds)
        return f"{rates[0]:,.0f}–{rates[-1]:,.0f}"


def alternate(rounds: int, contenders: Mapping[str, Callable[[int], Seen]]) -> dict[str, Figures]:
    """Each contender once a round, each round beginning with another: what a neighbour on the machine does
    in one minute falls upon all of them."""
    seen: dict[str, list[Seen]] = {name: [] for name in contenders}
    names = list(contenders)
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            seen[name].append(contenders[name](number))
    return {name: Figures(tuple(measured)) for name, measured in seen.items()}


def ratio(figures: Mapping[str, Figures], first: str, second: str, figure: str = "per_second") -> float:
    """The median over the rounds of the ratio within a round: neighbours in time, so that noise cancels."""
    values: list[float] = [
        getattr(one, figure) / getattr(other, figure)
        for one, other in zip(figures[first].rounds, figures[second].rounds, strict=True)
    ]
    return median(values)
