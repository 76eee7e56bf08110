"""Starts the embedded PostgreSQL, keeps it running, and stops it with the service."""

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import structlog

from app.refusal import StartRefused
from app.store.embedded.account import choose_account
from app.store.embedded.cluster import DATABASE, OWNER_ROLE, Cluster, program
from app.store.embedded.folder import Access, DataFolder
from app.store.privileges import SERVICE_ROLE

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    # a sixteenth of the machine: what a city touches in an hour, and nothing a laptop would miss
    "shared_buffers": f"{min(max(psutil.virtual_memory().total // 16 >> 20, 128), 4096)}MB",
    "max_wal_size": "4GB",
    "jit": "off",
    "checkpoint_timeout": "15min",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_size": "0",
    # a DETAIL line would quote the values of a row
    "log_error_verbosity": "terse",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_FORGETFUL = {"fsync": "off", "synchronous_commit": "on", "full_page_writes": "off"}

_START_SECONDS = 120
"""Recovery after a crash replays up to `max_wal_size`, on a slow disk."""

_ENDINGS = ((signal.SIGINT, 30), (signal.SIGQUIT, 5), (signal.SIGKILL, 5))
"""Signals to end it, each with the seconds it gets."""

_PORTS_TRIED = 5

_log = structlog.get_logger(__name__)


class EmbeddedServer:
    """One PostgreSQL on one data folder, for as long as this object is started.

    Listens on 127.0.0.1 alone; every connection gives its password. A server that dies is started again on
    the same port. Not `durable` is for tests: a crash of the machine would lose data.
    """

    def __init__(
        self, data_dir: Path, *, durable: bool = True, progress: Callable[[str], None] = lambda _text: None
    ) -> None:
        self._folder = DataFolder(data_dir)
        self._durable = durable
        self._progress = progress
        self._access = Access("", "", 0)
        self._cluster: Cluster | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: threading.Thread | None = None
        self._stopping = threading.Event()
        self._settled = threading.Event()
        self._up = False

    def start(self) -> Self:
        """Return when it takes connections. Raises StartRefused, with the folder free again."""
        self._folder.hold()
        try:
            self._prepare()
            for port in self._ports():
                self._access = self._access.at(port)
                if self._keep_running():
                    self._folder.keep(self._access)
                    return self
                if "could not bind" not in self._folder.log.read_text(errors="replace"):
                    break
        except BaseException:
            self.stop()
            raise
        self.stop()
        tail = "\n".join(self._folder.log.read_text(errors="replace").splitlines()[-8:])
        raise StartRefused(f"PostgreSQL 无法启动：\n{tail}", f"PostgreSQL does not start:\n{tail}")

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is kept.

        If that takes too long, what a crash would do, which loses nothing either.
        """
        self._stopping.set()
        if self._keeper is not None:
            for number, seconds in _ENDINGS:
                self._signal(number)
                self._keeper.join(seconds)
                if not self._keeper.is_alive():
                    break
            self._keeper = None
        self._folder.release()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return self._access.port

    @property
    def pid(self) -> int | None:
        """Process id of the server; None between a death and the next start."""
        return self._process.pid if self._process is not None else None

    @property
    def service_url(self) -> str:
        """For serving: reads and writes, but may not change what is append-only."""
        return self._url(SERVICE_ROLE, self._access.service_password)

    @property
    def owner_url(self) -> str:
        """For migrating and administration: a superuser."""
        return self._url(OWNER_ROLE, self._access.owner_password)

    def _url(self, role: str, password: str) -> str:
        return f"postgresql+asyncpg://{role}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    def _prepare(self) -> None:
        account = choose_account(self._folder.path, program("postgres"))
        cluster = self._cluster = Cluster(self._folder.cluster, account)
        kept = self._folder.access()
        if kept is not None and cluster.exists():
            self._access = kept
            cluster.refuse_other_version()
            cluster.settle_last_run()
            account.take(cluster.folder)
            return
        if cluster.exists():
            raise StartRefused(
                f"{self._folder.path} 中缺少 postgres.json（数据库口令）。请从备份恢复该文件。",
                f"{self._folder.path} lacks postgres.json (the passwords of its database). Restore it from a backup.",
            )
        self._progress("正在初始化 PostgreSQL … creating a PostgreSQL database")
        self._access = Access.made_up()
        self._folder.keep(self._access)
        cluster.create(self._access, durable=self._durable)

    def _ports(self) -> list[int]:
        """The port of the last run if it is free, then some that are."""
        ports = [self._access.port] if self._access.port and _is_free(self._access.port) else []
        return [*ports, *(_free_port() for _ in range(_PORTS_TRIED))]

    def _keep_running(self) -> bool:
        """Start, and watch from a thread of its own. False if the first start failed."""
        self._progress("正在启动 PostgreSQL … starting PostgreSQL")
        self._stopping.clear()
        self._settled.clear()
        # The thread that starts the server outlives it: the kernel's death signal follows threads.
        self._keeper = threading.Thread(target=self._keep, name="embedded-postgres", daemon=True)
        self._keeper.start()
        self._settled.wait()
        if not self._up:
            self._keeper.join()
            self._keeper = None
        return self._up

    def _keep(self) -> None:
        self._up = self._launch()
        self._settled.set()
        while self._up and not self._stopping.is_set():
            if self._process is not None:
                self._process.wait()
                self._process = None
            if self._stopping.is_set():
                return
            _log.error("embedded_postgres_died", port=self.port)
            while not self._launch() and not self._stopping.wait(0.2):
                pass

    def _launch(self) -> bool:
        """Start the server once and wait until it is ready; False if it ended instead."""
        assert self._cluster is not None  # set by _prepare, before any thread
        settings = {**_SETTINGS, **(_DURABLE if self._durable else _FORGETFUL), "port": str(self.port)}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        cluster = self._cluster
        command = cluster.account.command(cluster.folder, program("postgres"), "-D", ".", *flags)
        with self._folder.log.open("wb") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._process = process
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None and not self._stopping.is_set() and time.monotonic() < deadline:
            if cluster.is_ready(process.pid):
                return True
            time.sleep(0.02)
        self._signal(signal.SIGINT)
        process.wait()
        self._process = None
        return False

    def _signal(self, number: signal.Signals) -> None:
        process = self._process
        if process is not None:
            process.send_signal(number)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # as PostgreSQL itself does: a connection that lingers from the last run does not hold the port
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
