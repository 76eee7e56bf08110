"""`lijian keys`: bearer keys. A key is printed once, by the command that makes it."""

from collections.abc import Awaitable
from typing import Annotated

import typer

from app.api.office.keys import NewKey, NewMerchantKey, Rotation, key_data, made_data
from app.commands.office import PAGE_ROWS, AsJson, DataDir, checked, done, every, say
from app.domain.registry import ApiKey, Role
from app.secrets import Secrets
from app.service import keys
from app.store.database import Database

keys_commands = typer.Typer(no_args_is_help=True, help="Bearer keys. A key is shown once, when it is made.")

KeyId = Annotated[str, typer.Argument(metavar="KEY_ID")]
Client = Annotated[str | None, typer.Option(help="Who will hold the key.")]


@keys_commands.command()
def create(
    role: Annotated[Role, typer.Option(help="What the key may do.")],
    merchant: Annotated[
        list[str] | None,
        typer.Option(help="The merchant it acts for; several for a gateway, none for operators and auditors."),
    ] = None,
    client: Client = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, this once."""
    named = merchant or []
    served = len(named)
    fits = {Role.MERCHANT: served == 1, Role.GATEWAY: served > 0}.get(role, served == 0)
    if not fits:
        raise typer.BadParameter("a merchant's key names one merchant, a gateway's one or more, others none")
    if role is Role.MERCHANT:
        holder = checked(NewMerchantKey, client=client).client or named[0]
    else:
        holder = checked(NewKey, role=role.value, client=client, merchant_ids=named).client or role.value

    def act(database: Database, secrets: Secrets) -> Awaitable[keys.NewKey]:
        return keys.create(database, role=role, client=holder, merchant_ids=frozenset(named), pepper=secrets.pepper)

    _say_made(done(data_dir, act), as_json=as_json)


@keys_commands.command()
def rotate(
    key_id: KeyId,
    overlap_seconds: Annotated[int, typer.Option(help="How long the old key still works; 0 ends it at once.")] = (
        keys.OVERLAP_SECONDS_DEFAULT
    ),
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Replace a key by a new one for the same client, and print the new one, this once."""
    seconds = checked(Rotation, overlap_seconds=overlap_seconds).overlap_seconds

    def act(database: Database, secrets: Secrets) -> Awaitable[keys.NewKey]:
        return keys.rotate(database, key_id, overlap_seconds=seconds, pepper=secrets.pepper)

    _say_made(done(data_dir, act), as_json=as_json)


@keys_commands.command()
def revoke(key_id: KeyId, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Make a key useless at once."""
    key = done(data_dir, lambda database, _: keys.revoke(database, key_id))
    say(key_data(key), [_line(key)], as_json=as_json)


@keys_commands.command("list")
def list_keys(
    merchant: Annotated[str | None, typer.Option(help="Only those that act for this merchant.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Keys in order of making, revoked ones too; never the keys themselves."""

    async def act(database: Database, _secrets: Secrets) -> list[ApiKey]:
        return await every(
            lambda after: keys.page(database, merchant_id=merchant, after=after, rows_max=PAGE_ROWS),
            lambda key: key.key_id,
        )

    found = done(data_dir, act, may_begin=False)
    say({"keys": [key_data(key) for key in found]}, map(_line, found), as_json=as_json)


def _say_made(made: keys.NewKey, *, as_json: bool) -> None:
    say(made_data(made), [_line(made.key), made.secret], as_json=as_json)


def _line(key: ApiKey) -> str:
    state = "revoked" if key.revoked_at else ("lapsing" if key.expires_at else "live")
    return "\t".join((key.key_id, key.role, state, key.client, ",".join(key.merchant_ids))).rstrip()
