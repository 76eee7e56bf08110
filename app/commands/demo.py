"""`lijian demo`: a whole service with an invented city trading on it, from one command."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from app.config import Settings, default_data_dir, load_settings
from app.demo.access import AccessFile, DemoAccess
from app.demo.companion import Companion
from app.demo.greeting import greeting
from app.demo.seed import seed
from app.ops.telemetry.logging import configure_logging
from app.secrets import load_secrets
from app.serving import address, listen, prepared, run_workers
from app.store.database import Database
from app.store.embedded import EmbeddedServer

_WORKERS = 2


def demo(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; else 8000 or the next free one.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Worker processes; else up to 2.")] = None,
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="Where the demo keeps its data.")] = None,
    traffic: Annotated[bool, typer.Option(help="Let simulated tills trade.")] = True,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print where it runs and its keys as one JSON object, first.")
    ] = False,
) -> None:
    """The service on a database of its own, with the Changchun policy, goods, merchants, keys and live tills."""
    # Until the workers' supervisor takes the signals over, both end a start; a shell's `&` would ignore SIGINT.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        settings = _settings(port, workers, data_dir)
        with listen(settings.host, settings.port, or_next="port" not in settings.model_fields_set) as listener:
            _run(settings, listener, with_traffic=traffic, as_json=as_json)
    except KeyboardInterrupt:
        _say("已停止 … stopped")


def _settings(port: int | None, workers: int | None, data_dir: Path | None) -> Settings:
    """The environment's settings, but on a database of the demo's own, so that no real one can be filled."""
    settings = load_settings(port=port, workers=workers, data_dir=data_dir)
    own: dict[str, object] = {"database_url": None, "secrets_file": None}
    named = settings.model_fields_set
    if "data_dir" not in named:
        own["data_dir"] = default_data_dir().with_name("lijian-demo")
    if "workers" not in named:
        own["workers"] = min(_WORKERS, len(os.sched_getaffinity(0)))
    if "log_level" not in named:
        own["log_level"] = "warning"
    if settings.database_url is not None:
        _say("演示使用自带的数据库，不使用 LIJIAN_DATABASE_URL … the demo uses a database of its own")
    return settings.model_copy(update=own)


def _run(settings: Settings, listener: socket.socket, *, with_traffic: bool, as_json: bool) -> None:
    configure_logging(settings.log_level)
    # From now on the port is ours; who connects early waits for the first worker.
    listener.listen()
    base_url = _base_url(settings.host, listener)
    file = AccessFile(settings.data_dir)
    file.claim()
    with _database(settings) as (ready, database_url):
        access = file.read() or asyncio.run(_seeded(ready, file))

        def announce() -> None:
            shell_file = file.write_for_shells(base_url, access)
            summary = _summary(base_url, access, database_url)
            print(json.dumps(summary) if as_json else greeting(base_url, access, shell_file), flush=True)

        companion = Companion(base_url, file=file, access=access, with_traffic=with_traffic, announce=announce)
        _say(f"正在启动 {settings.workers} 个工作进程 … starting {settings.workers} workers on {base_url}")
        companion.start()
        try:
            started = run_workers(ready, listener)
        finally:
            companion.stop()
    if not started:
        raise typer.Exit(1)
    _say("已停止，数据保留 … stopped; the data is kept")


@contextmanager
def _database(settings: Settings) -> Iterator[tuple[Settings, str]]:
    """Settings to serve with, as the role that may not rewrite the ledger; and the owner's URL, to look around."""
    with EmbeddedServer(settings.data_dir, progress=_say) as embedded:
        as_owner = settings.model_copy(update={"database_url": embedded.owner_url})
        with prepared(as_owner, _say) as ready:
            yield ready.model_copy(update={"database_url": embedded.service_url}), embedded.owner_url


async def _seeded(settings: Settings, file: AccessFile) -> DemoAccess:
    assert settings.database_url is not None
    assert settings.secrets_file is not None
    database = Database(settings.database_url)
    try:
        access = await seed(database, load_secrets(settings.secrets_file).pepper, progress=_say)
    finally:
        await database.close()
    file.keep(access)
    return access


def _summary(base_url: str, access: DemoAccess, database_url: str) -> dict[str, str | None]:
    return {
        "base_url": base_url,
        "console_url": None,
        "merchant_key": access.merchant_key,
        "merchant_id": access.merchant_id,
        "second_merchant_key": access.second_merchant_key,
        "second_merchant_id": access.second_merchant_id,
        "gateway_key": access.gateway_key,
        "operator_key": access.operator_key,
        "auditor_key": access.auditor_key,
        "database_url": database_url,
    }


def _base_url(host: str, listener: socket.socket) -> str:
    """Where a client on this machine reaches the service, also when it listens everywhere."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://{address(reached, listener.getsockname()[1])}"


def _say(text: str) -> None:
    """Progress goes to standard error: standard output is for answers."""
    typer.echo(text, err=True)
