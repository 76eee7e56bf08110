"""When a batch that did not work is run again, taken apart, or given up."""

import random
import time
from typing import NamedTuple

from app.engine.failures import Broken, Busy, CommandFailed
from app.store.failures import OutcomeUnknown, Poisoned, RunAgain, StoreFailure

LOST_MAX = 6
LOST_SECONDS_MAX = 5.0
"""Races lost are run again so often, and for so long: a lock waited for in vain takes two seconds."""

WIDENED_MAX = 3
WIDENED_ALONE_MAX = 20
"""A batch that lacks rows again and again is taken apart; alone, a basket may find one limit after another short."""

RELIEF_SECONDS_MAX = 3.0
"""For so long a batch has lapsed holds expired in front of it, twice as many commits each time."""

SETTLE_SECONDS_MAX = 8.0
"""How long a COMMIT of unknown outcome is asked after while the database does not answer."""


class Verdict(NamedTuple):
    """The end of a batch: every command fails so, or (`apart`) its halves are run to find the one to blame."""

    failure: CommandFailed
    apart: bool


class Tries:
    """What one batch has been through. Each `after…` gives None to run again."""

    def __init__(self, *, alone: bool) -> None:
        self._widened_max = WIDENED_ALONE_MAX if alone else WIDENED_MAX
        self._widened = 0
        self._lost = 0
        self._reliefs = 0
        self._began = time.monotonic()
        self._settle_until: float | None = None

    def after_missing(self) -> Verdict | None:
        self._widened += 1
        return Verdict(Busy("rows kept changing"), apart=True) if self._widened > self._widened_max else None

    def relief_commits(self) -> int:
        """How many commits the next relief may take."""
        return int(2**self._reliefs)

    def after_relief(self) -> Verdict | None:
        self._reliefs += 1
        if time.monotonic() - self._began < RELIEF_SECONDS_MAX:
            return None
        return Verdict(Busy("lapsed holds kept coming"), apart=False)

    def after(self, failure: StoreFailure) -> Verdict | None:
        if isinstance(failure, Poisoned):
            return Verdict(Broken(failure.cause), apart=True)
        if isinstance(failure, RunAgain):
            return self._after_race(failure.cause)
        return self._after_loss(failure)

    def _after_race(self, cause: str) -> Verdict | None:
        self._lost += 1
        if self._lost < LOST_MAX and time.monotonic() - self._began < LOST_SECONDS_MAX:
            return None
        # A unique key that is refused again and again is no race: one command is to blame.
        unique = cause == "23505"
        return Verdict(Broken(cause) if unique else Busy(cause), apart=unique)

    def _after_loss(self, failure: StoreFailure) -> Verdict | None:
        """Without a connection nothing was changed, unless an earlier COMMIT is still unsettled."""
        if isinstance(failure, OutcomeUnknown) and self._settle_until is None:
            self._settle_until = time.monotonic() + SETTLE_SECONDS_MAX
        if self._settle_until is not None and time.monotonic() < self._settle_until:
            return None
        return Verdict(Busy(failure.cause), apart=False)

    def pause_seconds(self) -> float:
        """Before the next run: nothing after missing rows, a little jitter after a race, longer without a database."""
        if self._settle_until is not None:
            return 0.1
        return random.uniform(0, 0.005 * 2**self._lost) if self._lost else 0.0  # noqa: S311 - jitter
