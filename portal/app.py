"""Owns putting the application together: the composition root. Nothing is created at import time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from portal import __version__, paths
from portal.admin import routes as admin_routes
from portal.admin import sign_in_routes
from portal.admin.guard import AdminArea
from portal.admin.services import admin_services
from portal.admin.stats import routes as stats_routes
from portal.admin.stats.gauges import ProcessState
from portal.admin.stats.housekeeping import keep_house
from portal.admin.stats.routes import StatisticsServices
from portal.admin.stats.service import Statistics
from portal.counters import Counters
from portal.db import Database, DatabaseState
from portal.diagnosis.load import load_catalogue
from portal.errors import DatabaseAwayError
from portal.gateway.client import GatewayClient
from portal.gateway.observed import ObservedGateway
from portal.guide import routes as guide_routes
from portal.guide import script_routes
from portal.journeys import routes as journeys_routes
from portal.journeys.recording import POSTS_PER_MINUTE, Journeys
from portal.keycheck import routes as keycheck_routes
from portal.keycheck.admission import AdmissionLimits
from portal.keycheck.service import KeyChecks
from portal.logs import LOGGER
from portal.observability.traces import start_tracing, stop_tracing
from portal.profile.model import GatewayProfile
from portal.settings import Settings, state_folder
from portal.signing import Signer, kept_secret
from portal.troubleshooting import routes as troubleshooting_routes
from portal.troubleshooting.tallies import RecentTallies
from portal.web import routes as web_routes
from portal.web.assets import MEDIA_TYPES, Assets
from portal.web.brand import brand_css
from portal.web.clients import RateLimit
from portal.web.error_pages import error_page, register_error_pages
from portal.web.hosts import KnownHosts, hosts_of
from portal.web.languages import Languages
from portal.web.middleware import Envelope
from portal.web.page_cache import PageCache
from portal.web.readiness import Lookout
from portal.web.services import WebServices
from portal.web.strict_transport import StrictTransport
from portal.web.templating import Site, Templates
from portal.words import Text

NO_TELEMETRY: Final[TelemetryConfig] = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""FastAPI's own records addresses, queries and what was posted, as soon as anything in the process sets a provider."""


def create_app(
    settings: Settings,
    profile: GatewayProfile,
    *,
    client: GatewayClient | None = None,
    demo_keys: Mapping[str, Text] | None = None,
) -> FastAPI:
    """Build the portal for one gateway.

    Args:
        settings: what the operator set.
        profile: the gateway to serve.
        client: how to reach the gateway; tests and the demo pass one that talks to the simulated gateway.
        demo_keys: key -> what it does; shown in a banner that says that the gateway is a simulation.

    Raises:
        ProfileError: the profile's own troubleshooting entries do not fit the catalogue.

    """
    gateway = client or GatewayClient(connections=3 * settings.key_checks_at_once)
    database = Database(settings.database_address)
    signer = _signer(settings, database)
    counters = Counters(settings.redis_url.get_secret_value())
    operators = admin_services(settings, database, signer, counters)
    checks = KeyChecks(
        ObservedGateway(gateway),
        AdmissionLimits(
            per_minute=settings.key_checks_per_minute,
            per_minute_in_total=settings.key_checks_per_minute_in_total,
            at_once=settings.key_checks_at_once,
        ),
        counters,
    )
    statistics = Statistics(database, ZoneInfo(settings.time_zone))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        start_tracing(settings.otlp_endpoint)
        await _prepare(database)
        house = asyncio.create_task(keep_house(statistics, settings.retention_days, operators.now))
        try:
            async with gateway:
                yield
        finally:
            house.cancel()
            with suppress(asyncio.CancelledError):
                await house
            await counters.close()
            await operators.close()
            await database.close()
            await asyncio.to_thread(stop_tracing)

    app = FastAPI(
        title="Onboarding Portal",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
    )
    app.state.services = _web_services(settings, profile, demo_keys or {})
    app.state.catalogue = load_catalogue(profile)
    app.state.key_checks = checks
    app.state.database = database
    app.state.lookout = Lookout(database, counters)
    app.state.help_limit = RateLimit(troubleshooting_routes.POSTS_PER_MINUTE, "help", counters)
    app.state.help_lists = RateLimit(troubleshooting_routes.LISTS_PER_HOUR, "help-lists", counters, minutes=60)
    app.state.help_tallies = RecentTallies()
    app.state.journeys = Journeys(database, signer, RateLimit(POSTS_PER_MINUTE, "journey", counters))
    app.state.admin = operators
    state = ProcessState(database, counters, app.state.services.pages, lambda: checks.running)
    app.state.statistics = StatisticsServices(statistics, settings.metrics_token.get_secret_value(), state)
    app.router.routes.extend(guide_routes.plain_routes)
    app.router.routes.append(
        AdminArea(
            open_routes=sign_in_routes.router.routes,
            guarded_routes=[*admin_routes.router.routes, *stats_routes.router.routes],
        )
    )
    app.include_router(guide_routes.router)
    app.include_router(script_routes.router)
    app.include_router(keycheck_routes.router)
    app.include_router(journeys_routes.router)
    app.include_router(troubleshooting_routes.router)
    app.include_router(stats_routes.metrics_router)
    app.include_router(web_routes.router)
    register_error_pages(app)
    _wrap(app, settings)
    return app


def _web_services(settings: Settings, profile: GatewayProfile, demo_keys: Mapping[str, Text]) -> WebServices:
    """What every page is made with."""
    languages = Languages(paths.LOCALES)
    logo = profile.brand.logo
    endings = {media_type: ending for ending, media_type in MEDIA_TYPES.items()}
    logo_name = f"logo.{endings[logo.media_type]}" if logo else ""
    assets = Assets(paths.STATIC, {logo_name: logo.content} if logo else {}, brand_css(profile.brand.accent))
    site = Site(profile, languages.all, logo_name, tuple(demo_keys.items()))
    return WebServices(
        settings=settings,
        profile=profile,
        templates=Templates(site, languages, assets),
        languages=languages,
        assets=assets,
        pages=PageCache(languages),
    )


def _wrap(app: FastAPI, settings: Settings) -> None:
    """Put around the application what happens to every request; the last one is the outermost."""
    if (known := hosts_of(settings.hosts, settings.public_url)) is not None:
        app.add_middleware(KnownHosts, hosts=known)
    app.add_middleware(Envelope, error_page=error_page)
    if settings.hsts:
        app.add_middleware(StrictTransport, value=settings.hsts, always=settings.public_url.startswith("https:"))


async def _prepare(database: Database) -> None:
    """Bring an SQLite file up to date. Without a database the guide is served all the same, and nothing is recorded."""
    try:
        if database.is_sqlite:
            await database.migrate()
        elif (state := await database.state()) is not DatabaseState.READY:
            LOGGER.error("nothing can be recorded for now: the database is %s", state)
    except DatabaseAwayError as error:
        LOGGER.error("nothing can be recorded for now: %s", error)


def _signer(settings: Settings, database: Database) -> Signer:
    file = database.file.with_suffix(".secret") if database.file else state_folder() / "portal.secret"
    return Signer(settings.secrets or (kept_secret(file),))
