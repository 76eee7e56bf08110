"""The data folder: whose it is while we run, and what is kept in it."""

import fcntl
import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from app.refusal import StartRefused


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach the embedded server: passwords made once, and the port of the last run."""

    owner_password: str
    service_password: str
    port: int

    @classmethod
    def made_up(cls) -> Self:
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24), 0)

    def at(self, port: int) -> Self:
        return replace(self, port=port)


class DataFolder:
    """A folder that one service at a time may hold."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.cluster = self.path / "postgres"
        self.log = self.path / "postgres.log"
        self._access = self.path / "postgres.json"
        self._lock: int | None = None

    def hold(self) -> None:
        """Create the folder if need be and lock it; refuse if another service holds it."""
        try:
            # Where root runs PostgreSQL as a lesser user, that one must walk through to its own subfolder.
            self.path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            lock = os.open(self.path / "lijian.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StartRefused(
                f"数据目录 {self.path} 无法使用：{error.strerror}。",
                f"The data directory {self.path} cannot be used: {error.strerror}.",
            ) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(lock, 20).decode(errors="replace").strip() or "?"
            os.close(lock)
            raise StartRefused(
                f"数据目录 {self.path} 正被另一个立减服务（进程 {holder}）使用。请先停止它，或换一个数据目录。",
                f"The data directory {self.path} is in use by another Lijian service (process {holder}). "
                "Stop that one first, or name another data directory.",
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        self._lock = lock

    def release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def access(self) -> Access | None:
        try:
            return Access(**json.loads(self._access.read_text()))
        except FileNotFoundError:
            return None

    def keep(self, access: Access) -> None:
        """Write durably, readable by us alone."""
        fresh = self._access.with_name("postgres.json.new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(access), file)
            file.flush()
            os.fsync(descriptor)
        fresh.rename(self._access)
