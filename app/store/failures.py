"""What can go wrong between us and PostgreSQL, sorted by what is to be done about it. Matched by SQLSTATE only."""

from sqlalchemy.exc import DBAPIError

RERUN = frozenset({"40001", "40P01", "23505", "55P03"})
"""Serialization failures, deadlocks, unique-key races, lock waits: the whole batch runs again, decisions included."""

POISON_CLASSES = ("22", "23", "42")
"""Data and constraint errors that are no race, and statements the database does not take: one command is to blame."""


class StoreFailure(Exception):
    """Root: RunAgain, Poisoned, Unavailable, OutcomeUnknown."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class RunAgain(StoreFailure):
    """A race was lost: run the whole batch again."""


class Poisoned(StoreFailure):
    """The database refuses what a command would write: a bug, to be found by halving the batch."""


class Unavailable(StoreFailure):
    """No connection, or no resources: nothing was changed."""


class OutcomeUnknown(StoreFailure):
    """The connection was lost while COMMIT was under way: only running the same commands again can tell."""


def classify(error: BaseException) -> StoreFailure:
    """The failure behind an exception of the driver or of SQLAlchemy."""
    if isinstance(error, StoreFailure):
        return error
    if isinstance(error, DBAPIError) and error.orig is not None and error.orig.__cause__ is not None:
        error = error.orig.__cause__
    sqlstate = getattr(error, "sqlstate", None)
    if isinstance(sqlstate, str):
        if sqlstate in RERUN:
            return RunAgain(sqlstate)
        if sqlstate[:2] in POISON_CLASSES:
            return Poisoned(sqlstate)
    return Unavailable(sqlstate if isinstance(sqlstate, str) else type(error).__name__)
