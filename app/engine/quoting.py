"""Quotes: the same decision on a book that was read without locks and is thrown away."""

from collections.abc import Awaitable, Callable, Sequence

import structlog

from app.domain.book.rows import Missing
from app.domain.commands import Hold
from app.domain.outcomes import Outcome
from app.domain.rules import Rules
from app.engine.failures import Broken, Busy, CommandFailed
from app.store.book.preview import Preview, read_preview
from app.store.database import Database
from app.store.failures import classify
from app.store.unavailable import DATABASE_ERRORS

_log = structlog.get_logger("app.engine.quoting")


class QuoteRunner:
    """Runs batches of quotes: one set of reads for all, a book for each."""

    def __init__(self, database: Database, rules: Callable[[], Awaitable[Rules]]) -> None:
        self._database = database
        self._rules = rules

    async def run(self, holds: Sequence[Hold]) -> list[Outcome | CommandFailed]:
        rules = await self._rules()
        try:
            async with self._database.money() as connection:
                preview = await read_preview(connection, rules, holds, whole_pools=False)
                results = [_decide(preview, hold) for hold in holds]
                short = [index for index, result in enumerate(results) if result is None]
                if short:
                    again = [holds[index] for index in short]
                    preview = await read_preview(connection, rules, again, whole_pools=True)
                    for index, hold in zip(short, again, strict=True):
                        results[index] = _decide(preview, hold)
        except DATABASE_ERRORS as broken:
            return [Busy(classify(broken).cause)] * len(holds)
        return [result or Busy("pools kept changing") for result in results]


def _decide(preview: Preview, hold: Hold) -> Outcome | CommandFailed | None:
    """None when a pool is short and has to be seen whole."""
    try:
        return preview.book_for(hold).apply(hold)
    except Missing:
        return None
    except Exception as bug:  # noqa: BLE001 - its callers must get their answer
        _log.error("quote_broken", exc_info=bug)
        return Broken(type(bug).__name__)
