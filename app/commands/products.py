"""`lijian products`: import the catalogue."""

from pathlib import Path
from typing import Annotated

import typer

from app.api.office.products import report_data
from app.commands.office import AsJson, DataDir, done, say
from app.refusal import StartRefused
from app.secrets import Secrets
from app.service import products
from app.service.product_file import COLUMNS, FILE_BYTES_MAX
from app.service.registry import Registry
from app.store.database import Database

products_commands = typer.Typer(no_args_is_help=True, help="The catalogue of eligible goods.")


@products_commands.command("import")
def import_products(
    file: Annotated[Path, typer.Argument(help=f"CSV in UTF-8 or GB18030 with the columns {', '.join(COLUMNS)}.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Upsert products by GTIN. One bad row does not stop the others, nor make the command fail: exit status 0.

    The rejected rows are listed on standard output, each with its line, column and fault; with --json, in `rejected`.
    """
    content = _read(file)

    async def act(database: Database, _secrets: Secrets) -> products.ImportReport:
        policy = (await Registry(database).fresh()).rules.policy
        return await products.import_csv(database, content, policy)

    report = done(data_dir, act)
    lines = [
        f"{file}:{rejection.row}: {rejection.column or '-'}: {rejection.message.zh} {rejection.message.en}"
        for rejection in report.rejected
    ]
    lines.append(
        f"新增 imported {report.imported}, 更新 updated {report.updated}, 未变 unchanged {report.unchanged}, "
        f"拒绝 rejected {len(report.rejected)}"
    )
    say(report_data(report), lines, as_json=as_json)


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise StartRefused(
                f"{file} 超过 {FILE_BYTES_MAX >> 20} MiB，请拆分后导入。",
                f"{file} has more than {FILE_BYTES_MAX >> 20} MiB; please split it.",
            )
        return file.read_bytes()
    except OSError as error:
        raise StartRefused(f"无法读取 {file}：{error.strerror}。", f"Cannot read {file}: {error.strerror}.") from None
