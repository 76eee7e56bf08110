"""What the engine tells whoever measures it. The engine knows no telemetry."""

from typing import Protocol

from app.domain.commands import Command
from app.domain.outcomes import Outcome


class Observer(Protocol):
    """Called on the event loop between batches: must be quick and must not raise."""

    def batch_taken(self, size: int, waited_seconds: list[float]) -> None:
        """A batch was formed; how long each command of it had waited."""

    def phase_took(self, phase: str, seconds: float) -> None:
        """`begin`, `prefetch`, `apply`, `persist` or `commit` of one batch."""

    def ran_again(self, cause: str) -> None:
        """The batch was rolled back and run again: an SQLSTATE, or `missing`, `rows_lost`, `unknown_outcome`."""

    def constraint_surprised(self, sqlstate: str) -> None:
        """A constraint refused what the book had decided: a bug, never a decline."""

    def decided(self, command: Command, outcome: Outcome) -> None:
        """A command has taken effect and its caller is being answered."""


class Silent:
    """Observes nothing."""

    def batch_taken(self, size: int, waited_seconds: list[float]) -> None: ...
    def phase_took(self, phase: str, seconds: float) -> None: ...
    def ran_again(self, cause: str) -> None: ...
    def constraint_surprised(self, sqlstate: str) -> None: ...
    def decided(self, command: Command, outcome: Outcome) -> None: ...
