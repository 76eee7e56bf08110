"""From settings to a running service: the database, the secrets, the supervised workers. Stopped in reverse."""

import asyncio
import contextlib
import gc
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from app.config import Settings
from app.ops.one_write import OneWriteProtocol
from app.ops.supervisor import Supervisor, beat_through
from app.ops.telemetry.multiprocess import prepare_multiprocess_directory
from app.refusal import StartRefused
from app.secrets import find_or_create_secrets, load_secrets
from app.store import migrate
from app.store.embedded import EmbeddedServer
from app.store.embedded.folder import DataFolder
from app.store.unavailable import DATABASE_ERRORS

POSTGRESQL_MIN = 15
_PORTS_TRIED = 50
_BACKLOG = 2048
_GARBAGE_THRESHOLD = 20_000
"""New objects between two collections of the young ones."""


@contextmanager
def prepared(settings: Settings, progress: Callable[[str], None], *, may_begin: bool = True) -> Iterator[Settings]:
    """The same settings, with a database that is up and migrated, and secrets that exist.

    Without a database URL an embedded PostgreSQL runs for as long as the block. Unless it `may_begin` one, a place
    that holds no database of ours is refused and left as it is: a misspelt one would be found in perfect order.
    """
    with contextlib.ExitStack() as stack:
        if settings.database_url is None:
            if not may_begin and DataFolder(settings.data_dir).access() is None:
                raise _nothing_there(str(settings.data_dir))
            embedded = stack.enter_context(EmbeddedServer(settings.data_dir, progress=progress))
            owner_url, url = embedded.owner_url, embedded.service_url
        else:
            owner_url = url = settings.database_url
        progress("正在检查数据库结构 … checking the schema")
        bring_up_to_date(owner_url, may_begin=may_begin)
        secrets_file = _secrets_of(settings, progress)
        yield settings.model_copy(update={"database_url": url, "secrets_file": secrets_file})


def bring_up_to_date(url: str, *, may_begin: bool = True) -> str:
    """Migrate unless there is nothing to do; the revision. Raises StartRefused if the database is not to be had.

    A database ahead of this program is left alone: an older release runs on a newer schema during an upgrade. So is
    one without our schema, unless it `may_begin` there: that one is refused.
    """
    try:
        major = asyncio.run(migrate.server_major(url))
        current = asyncio.run(migrate.current_revision(url)) if major >= POSTGRESQL_MIN else None
        if major >= POSTGRESQL_MIN and current is None and not may_begin:
            raise _nothing_there("LIJIAN_DATABASE_URL")
        if major >= POSTGRESQL_MIN and (current is None or _is_older(current)):
            asyncio.run(migrate.upgrade(url))
            current = migrate.head_revision()
    except DATABASE_ERRORS as error:
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise StartRefused(f"数据库无法使用：{reason}", f"The database cannot be used: {reason}") from None
    if current is None:
        raise StartRefused(
            f"数据库是 PostgreSQL {major}，本程序需要 {POSTGRESQL_MIN} 或更高版本。",
            f"The database is PostgreSQL {major}; this program needs {POSTGRESQL_MIN} or later.",
        )
    return current


def _nothing_there(place: str) -> StartRefused:
    return StartRefused(
        f"{place} 处没有立减的数据库。请检查 --data-dir 或 LIJIAN_DATABASE_URL；新库由 lijian migrate 建立。",
        f"There is no Lijian database at {place}. Check --data-dir or LIJIAN_DATABASE_URL; "
        "lijian migrate makes a new one.",
    )


def _is_older(revision: str) -> bool:
    return migrate.is_known(revision) and revision != migrate.head_revision()


def listen(host: str, port: int, *, or_next: bool = False) -> socket.socket:
    """A listening socket; the next free port after `port` if that is taken and `or_next` is set.

    It listens at once: two starts that only bound it would both believe the port theirs.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, port + (_PORTS_TRIED if or_next else 1)):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            reason = error.strerror
            continue
        listener.set_inheritable(True)
        return listener
    raise StartRefused(
        f"无法监听 {address(host, port)}：{reason}。请用 --port 换一个端口。",
        f"Cannot listen on {address(host, port)}: {reason}. Name another with --port.",
    )


def address(host: str, port: int) -> str:
    """Host and port as a URL writes them: an IPv6 address stands in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def run_workers(settings: Settings, listener: socket.socket) -> bool:
    """Serve on `listener` until told to stop by SIGINT or SIGTERM; False if a worker could not start.

    One worker is supervised like many: whichever is killed is started again.
    """
    os.environ.update(settings.environment())
    with tempfile.TemporaryDirectory(prefix="lijian-metrics-") as metrics:
        prepare_multiprocess_directory(Path(metrics))
        return Supervisor(serve_as_worker, (listener,), settings.workers).run()


def serve_as_worker(beats: Connection, listener: socket.socket) -> None:
    """One worker's process, from its first to its last instruction."""
    server = uvicorn.Server(
        uvicorn.Config(
            _worker_app,
            factory=True,
            loop="uvloop",
            http=OneWriteProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=15,
        )
    )
    beat_through(beats, lambda: server.started)
    server.run(sockets=[listener])


def _worker_app() -> FastAPI:
    from app.main import create_app  # noqa: PLC0415 - the parent never loads it

    app = create_app()
    _settle_garbage_collector()
    return app


def _settle_garbage_collector() -> None:
    """Keep the collector off what lives as long as the worker: going through it cost a fifth of a hold's CPU."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE_THRESHOLD, 20, 50)


def _secrets_of(settings: Settings, progress: Callable[[str], None]) -> Path:
    path, made = find_or_create_secrets(settings.secrets_file, settings.data_dir)
    load_secrets(path)
    if made:
        progress(
            f"已生成密钥文件 {path}：请备份，多台主机须共用同一份 … "
            f"made the secrets in {path}: back them up; every host of one database needs the same"
        )
    return path
