"""The program `lijian`."""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from app.commands.demo import demo
from app.commands.keys import keys_commands
from app.commands.merchants import merchants_commands
from app.commands.policy import policy_commands
from app.commands.products import products_commands
from app.commands.verify import verify
from app.config import load_settings
from app.ops.telemetry.logging import configure_logging
from app.refusal import StartRefused
from app.serving import address, bring_up_to_date, listen, prepared, run_workers

program = typer.Typer(
    name="lijian",
    help="立减: instant subsidies at the till. Exit status: 0 done, 1 failed, 2 wrong usage.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Where an embedded PostgreSQL and the secrets are kept.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON object on standard output.")]

_messages = Console(stderr=True, highlight=False)


def main() -> None:
    """The entry point: a refusal is told in both languages, without a traceback."""
    try:
        program()
    except StartRefused as refusal:
        _messages.print(f"[red]{escape(refusal.zh)}\n{escape(refusal.en)}[/red]", soft_wrap=True)
        sys.exit(1)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"lijian {version('lijian')}")
        raise typer.Exit


@program.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """What may stand before a command."""


@program.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Worker processes.")] = None,
    data_dir: DataDir = None,
) -> None:
    """The service, on LIJIAN_DATABASE_URL, or on an embedded PostgreSQL if that is not set."""
    settings = load_settings(host=host, port=port, workers=workers, data_dir=data_dir)
    configure_logging(settings.log_level)
    listener = listen(settings.host, settings.port)
    with listener, prepared(settings, show_progress) as ready:
        show_progress(f"服务地址 … serving on http://{address(settings.host, listener.getsockname()[1])}")
        if not run_workers(ready, listener):
            raise typer.Exit(1)


@program.command()
def migrate(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Bring the schema up to date. Safe from two places at once."""
    settings = load_settings(data_dir=data_dir)
    if settings.database_url is None:
        with prepared(settings, show_progress) as ready:
            revision = bring_up_to_date(ready.database_url or "")
    else:
        revision = bring_up_to_date(settings.database_url)
    print(json.dumps({"revision": revision}) if as_json else f"数据库结构版本 … schema at {revision}")


program.command()(demo)
program.command()(verify)
program.add_typer(policy_commands, name="policy")
program.add_typer(products_commands, name="products")
program.add_typer(merchants_commands, name="merchants")
program.add_typer(keys_commands, name="keys")


def show_progress(text: str) -> None:
    """One line on standard error: standard output is for answers."""
    _messages.print(escape(text), soft_wrap=True)
