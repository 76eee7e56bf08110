"""`lijian merchants`: merchants and their stores."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from app.api.office.merchants import (
    NewMerchant,
    NewStore,
    Resumption,
    Suspension,
    merchant_data,
    store_data,
)
from app.commands.office import PAGE_ROWS, AsJson, DataDir, checked, done, every, say
from app.domain.registry import Merchant
from app.secrets import Secrets
from app.service import merchants
from app.store.database import Database

merchants_commands = typer.Typer(no_args_is_help=True, help="Merchants and their stores.")

MerchantId = Annotated[str, typer.Argument(metavar="MERCHANT")]
Name = Annotated[str, typer.Option(help="As its customers know it.")]


@merchants_commands.command()
def add(
    merchant_id: MerchantId,
    *,
    name: Name,
    uscc: Annotated[str, typer.Option(help="Unified social credit code, 18 characters; it is checked.")],
    district: Annotated[str, typer.Option(help="Such as 朝阳区.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Register a merchant."""
    new = checked(NewMerchant, merchant_id=merchant_id, name=name, uscc=uscc, district=district)

    def act(database: Database, _secrets: Secrets) -> Awaitable[Merchant]:
        return merchants.add(database, merchant_id=new.merchant_id, name=new.name, uscc=new.uscc, district=new.district)

    _say_merchant(data_dir, act, as_json=as_json)


@merchants_commands.command("list")
def list_merchants(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """All merchants in order of id."""

    async def act(database: Database, _secrets: Secrets) -> list[Merchant]:
        return await every(
            lambda after: merchants.page(database, after=after, rows_max=PAGE_ROWS),
            lambda merchant: merchant.merchant_id,
        )

    found = done(data_dir, act, may_begin=False)
    say({"merchants": [merchant_data(merchant) for merchant in found]}, map(_line, found), as_json=as_json)


@merchants_commands.command()
def suspend(
    merchant_id: MerchantId,
    reason: Annotated[str, typer.Option(help="What the merchant is told.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Turn new quotes and holds of a merchant away. What is held stays a promise."""
    said = checked(Suspension, reason=reason).reason
    _say_merchant(data_dir, lambda database, _: merchants.suspend(database, merchant_id, said), as_json=as_json)


@merchants_commands.command()
def resume(
    merchant_id: MerchantId,
    reason: Annotated[str | None, typer.Option(help="Why.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Let a merchant sell with subsidy again."""
    said = checked(Resumption, reason=reason).reason
    _say_merchant(data_dir, lambda database, _: merchants.resume(database, merchant_id, said), as_json=as_json)


@merchants_commands.command()
def add_store(
    merchant_id: MerchantId,
    store_id: Annotated[str, typer.Argument(metavar="STORE")],
    *,
    name: Name,
    district: Annotated[str | None, typer.Option(help="The merchant's unless told.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Register a store of a merchant."""
    new = checked(NewStore, store_id=store_id, name=name, district=district)
    store = done(
        data_dir,
        lambda database, _: merchants.add_store(
            database, merchant_id=merchant_id, store_id=new.store_id, name=new.name, district=new.district
        ),
    )
    line = f"{store.merchant_id}\t{store.store_id}\t{store.district}\t{store.name}"
    say(store_data(store), [line], as_json=as_json)


def _say_merchant(
    data_dir: Path | None, act: Callable[[Database, Secrets], Awaitable[Merchant]], *, as_json: bool
) -> None:
    merchant = done(data_dir, act)
    say(merchant_data(merchant), [_line(merchant)], as_json=as_json)


def _line(merchant: Merchant) -> str:
    columns = (merchant.merchant_id, merchant.state, merchant.uscc, merchant.district, merchant.name)
    return "\t".join((*columns, merchant.state_reason or "")).rstrip()
