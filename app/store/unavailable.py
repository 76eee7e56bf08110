"""How it shows that the database cannot be reached, or gave up."""

from typing import Final

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

UNAVAILABLE: Final[tuple[type[Exception], ...]] = (
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
)
"""OSError takes in timeouts and refused connections, which the driver passes on as they are."""
