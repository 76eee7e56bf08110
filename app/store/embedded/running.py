"""Reaching an embedded PostgreSQL that a service already runs."""

import socket
from pathlib import Path

from app.store.embedded.cluster import DATABASE
from app.store.embedded.folder import DataFolder
from app.store.privileges import SERVICE_ROLE

_CONNECT_SECONDS = 2


def running_service_url(data_dir: Path) -> str | None:
    """The URL for serving of the PostgreSQL that runs on a data folder; None when none does."""
    access = DataFolder(data_dir).access()
    if access is None or not access.port:
        return None
    try:
        socket.create_connection(("127.0.0.1", access.port), timeout=_CONNECT_SECONDS).close()
    except OSError:
        return None
    return f"postgresql+asyncpg://{SERVICE_ROLE}:{access.service_password}@127.0.0.1:{access.port}/{DATABASE}"
