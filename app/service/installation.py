"""Whether this process has the secrets that its database was begun with."""

from app.refusal import StartRefused
from app.secrets import Secrets, check_matches, check_value
from app.store.database import Database
from app.store.installation import replace_secret_check, secret_check


async def recognise_secrets(database: Database, secrets: Secrets) -> None:
    """Raises StartRefused for other secrets: they would know no buyer again, and every cap would begin anew."""
    mine = check_value(secrets)
    async with database.transaction() as tx:
        stored = await secret_check(tx, if_absent=mine)
        if not check_matches(stored, secrets):
            raise StartRefused(
                "密钥文件与该数据库不匹配：请使用最初的 secrets.json（LIJIAN_SECRETS_FILE）。",
                "These are not the secrets this database was begun with: use the first secrets.json"
                " (LIJIAN_SECRETS_FILE).",
            )
        if stored != mine:
            await replace_secret_check(tx, mine)
