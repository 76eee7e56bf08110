"""What the registry's commands share: finding the database, and telling what was refused."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import orjson
import typer
from pydantic import BaseModel

from app.api.edge.catalogue import CATALOGUE
from app.api.edge.problems import Problem
from app.api.edge.strict_json import validate
from app.config import Settings, load_settings
from app.refusal import StartRefused
from app.secrets import Secrets, find_or_create_secrets, load_secrets
from app.service.installation import recognise_secrets
from app.service.refusals import FileRefused, NoPolicyInForce, RegistryRefusal, UnknownMerchants
from app.serving import prepared
from app.store.database import Database
from app.store.embedded.running import running_service_url
from app.store.unavailable import DATABASE_ERRORS, is_unavailable

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Where an embedded PostgreSQL and the secrets are kept.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON object on standard output.")]

Result = TypeVar("Result")
Model = TypeVar("Model", bound=BaseModel)

PAGE_ROWS = 1_000


def done(
    data_dir: Path | None, act: Callable[[Database, Secrets], Awaitable[Result]], *, may_begin: bool = True
) -> Result:
    """Run one act on the database that the settings name, or on the embedded one of the data folder.

    That one is the running service's, if there is one; else it is started for as long as the act takes, and made
    unless it must not begin here. Raises StartRefused for whatever is refused.
    """
    with _reached(load_settings(data_dir=data_dir), may_begin=may_begin) as settings:
        return asyncio.run(_on(settings, act))


def checked(model: type[Model], **given: object) -> Model:
    """What was given on the command line under the rules of the HTTP call; typer.BadParameter names every fault."""
    try:
        return validate(model, given)
    except Problem as refused:
        faults = "; ".join(f"{fault.pointer.removeprefix('/')}: {fault.en} {fault.zh}" for fault in refused.errors)
        raise typer.BadParameter(faults) from None


async def every(page: Callable[[str | None], Awaitable[list[Result]]], key: Callable[[Result], str]) -> list[Result]:
    """All rows of a list that is read page by page of PAGE_ROWS."""
    rows: list[Result] = []
    while True:
        found = await page(key(rows[-1]) if rows else None)
        rows += found
        if len(found) < PAGE_ROWS:
            return rows


def say(data: object, lines: Iterable[str], *, as_json: bool) -> None:
    """The answer: as one JSON object, or as lines for people."""
    typer.echo(orjson.dumps(data).decode() if as_json else "\n".join(lines))


@contextmanager
def _reached(settings: Settings, *, may_begin: bool) -> Iterator[Settings]:
    running = running_service_url(settings.data_dir) if settings.database_url is None else None
    if running is None:
        with prepared(settings, _show_progress, may_begin=may_begin) as ready:
            yield ready
        return
    secrets_file, _ = find_or_create_secrets(settings.secrets_file, settings.data_dir)
    yield settings.model_copy(update={"database_url": running, "secrets_file": secrets_file})


async def _on(settings: Settings, act: Callable[[Database, Secrets], Awaitable[Result]]) -> Result:
    assert settings.database_url is not None
    assert settings.secrets_file is not None
    secrets = load_secrets(settings.secrets_file)
    database = Database(settings.database_url)
    try:
        await recognise_secrets(database, secrets)
        return await act(database, secrets)
    except RegistryRefusal as refused:
        raise _told(refused) from refused
    except DATABASE_ERRORS as error:
        if not is_unavailable(error):
            raise
        raise StartRefused("数据库无法使用，请稍候再试。", "The database cannot be used; try again later.") from error
    finally:
        await database.close()


def _told(refused: RegistryRefusal) -> StartRefused:
    match refused:
        case FileRefused(message=message):
            return StartRefused(message.zh, message.en)
        case NoPolicyInForce():
            return StartRefused("尚未发布任何政策。", "No policy has been published yet.")
        case UnknownMerchants(merchant_ids=unknown):
            names = ", ".join(sorted(unknown))
            return StartRefused(f"没有这些商户：{names}。", f"There are no such merchants: {names}.")
    entry = CATALOGUE[refused.code]
    return StartRefused(entry.zh, entry.en)


def _show_progress(text: str) -> None:
    typer.echo(text, err=True)
