"""How it shows that the database cannot be reached, or gave up: the same request may succeed later."""

from typing import Final

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

DATABASE_ERRORS: Final[tuple[type[Exception], ...]] = (
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
"""All that a transaction may raise by itself. OSError takes in refused connections and timeouts, which the driver
passes on as they are; InternalClientError is a driver surprised by a server's last words."""

_NEVER_REACHED: Final = (NoConnectionFree, InterfaceError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
_PASSING_CLASSES: Final = frozenset(("08", "40", "53", "55", "57"))
"""SQLSTATE classes: connection lost, rolled back by a race, out of resources, lock not had, server stopping."""


def is_unavailable(error: Exception) -> bool:
    """Whether one of DATABASE_ERRORS comes from the state of the database, not from what it was asked."""
    if isinstance(error, _NEVER_REACHED):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _is_passing(error.orig)
    return _is_passing(error)


def _is_passing(error: BaseException | None) -> bool:
    sqlstate: str | None = getattr(error, "sqlstate", None)
    return sqlstate is not None and sqlstate[:2] in _PASSING_CLASSES
