"""The composition root of a worker: everything is made here and handed on."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware import Middleware

from app.api.edge.health import health_router
from app.api.edge.openapi import DESCRIPTION, TITLE, install_openapi, operation_id
from app.api.edge.problems import install_problems, internal_error_answer
from app.api.edge.rate_limit import RateLimit
from app.api.edge.registry_refusals import install_registry_refusals
from app.api.office import blocks, invariants, keys, merchants, policies, pools, products, programmes
from app.api.till import checkouts, orders, quotes
from app.api.till.hot_calls import HotCalls
from app.config import Settings, load_settings
from app.domain.lanes import LANE_VALUES
from app.domain.rules import Rules
from app.engine.batch import BatchRunner
from app.engine.engine import Engine
from app.engine.failures import Busy
from app.engine.quoting import QuoteRunner
from app.ops.request_log import RequestLog
from app.ops.sweeper import Sweeper
from app.ops.telemetry.exposition import Exposition, PoolFigures
from app.ops.telemetry.logging import configure_logging
from app.ops.telemetry.metrics import Metrics
from app.secrets import Secrets, load_secrets
from app.service.ids import fresh_id
from app.service.installation import recognise_secrets
from app.service.pools import all_standings
from app.service.refusals import RegistryUnavailable
from app.service.registry import Registry
from app.store import migrate
from app.store.database import Database

ROUTERS = (checkouts, orders, quotes, pools, programmes, products, policies, merchants, keys, blocks, invariants)


def create_app(settings: Settings | None = None, secrets: Secrets | None = None) -> FastAPI:
    """The service of one worker. `settings` name a database that is up and migrated."""
    settings = settings or load_settings()
    if settings.database_url is None:
        raise RuntimeError("a worker is given its database; `lijian serve` starts an embedded one")
    if secrets is None:
        if settings.secrets_file is None:
            raise RuntimeError("a worker is given its secrets; `lijian serve` makes them")
        secrets = load_secrets(settings.secrets_file)
    configure_logging(settings.log_level)
    database = Database(settings.database_url)
    metrics = Metrics()
    app = FastAPI(
        title=TITLE,
        description=DESCRIPTION,
        version=version("lijian"),
        generate_unique_id_function=operation_id,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        telemetry={"logs": False},
        middleware=[
            Middleware(
                RequestLog,
                metrics=metrics,
                failure_answer=internal_error_answer,
                every_request=settings.log_requests == "all",
            ),
            Middleware(HotCalls),
        ],
    )
    app.state.settings, app.state.secrets, app.state.database, app.state.metrics = settings, secrets, database, metrics
    app.state.registry = Registry(database)
    limit = settings.rate_limit_per_second
    app.state.rate_limit = None if limit is None else RateLimit(limit)
    _install_routes(app, database, metrics)
    return app


def _install_routes(app: FastAPI, database: Database, metrics: Metrics) -> None:
    install_problems(app)
    install_registry_refusals(app)
    for module in ROUTERS:
        app.include_router(module.router)

    async def read_pools() -> Mapping[str, PoolFigures]:
        return {
            code: PoolFigures(standing.budget_fen, standing.available_fen, standing.held_fen, standing.spent_fen)
            for code, standing in (await all_standings(database)).items()
        }

    async def schema_current() -> bool:
        """At our revision, or ahead of it: an older release runs on a newer schema during an upgrade."""
        revision = await migrate.current_revision(database.url)
        return revision is not None and (revision == migrate.head_revision() or not migrate.is_known(revision))

    async def database_reachable() -> bool:
        async with database.reading() as connection:
            return await connection.fetchval("SELECT NOT pg_is_in_recovery()") is True

    app.include_router(
        health_router(
            checks={"database": database_reachable, "schema": schema_current},
            metrics=Exposition(metrics, read_pools).write,
        )
    )
    install_openapi(app)


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """The registry first, then the engine, then the sweeper; stopped in reverse, nothing acknowledged is lost."""
    database: Database = app.state.database
    registry: Registry = app.state.registry
    await recognise_secrets(database, app.state.secrets)
    await registry.start()
    engine = await _engine(database, registry, app.state.metrics)
    app.state.engine = engine
    engine.start()
    background = [
        asyncio.create_task(Sweeper(database, engine).run()),
        asyncio.create_task(app.state.metrics.sample_queue_depth(lambda: engine.depth)),
    ]
    try:
        yield
    finally:
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        await engine.stop()
        await registry.stop()
        await database.close()


async def _engine(database: Database, registry: Registry, metrics: Metrics) -> Engine:
    async def rules() -> Rules:
        try:
            return (await registry.fresh()).rules
        except RegistryUnavailable as gone:
            raise Busy("registry unavailable") from gone

    def new_consumer_ids(count: int) -> list[str]:
        now = datetime.now(UTC)
        return [fresh_id("cn_", now) for _ in range(count)]

    home_lane = LANE_VALUES[await database.next_worker_number() % len(LANE_VALUES)]
    runner = BatchRunner(database, rules, home_lane, new_consumer_ids, metrics)
    return Engine([runner], QuoteRunner(database, rules), metrics)
