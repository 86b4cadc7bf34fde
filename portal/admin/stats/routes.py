"""Owns the routes of statistics: the dashboard, what its numbers mean, its files; and, outside the area, `/metrics`."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from portal.admin import audit
from portal.admin.guard import operator_of
from portal.admin.services import admin
from portal.admin.stats.definitions import COLUMNS, DEFINITIONS, DefinitionsPage
from portal.admin.stats.dimensions import Dimension
from portal.admin.stats.export import as_csv, as_json
from portal.admin.stats.figures import Answer
from portal.admin.stats.gauges import ProcessState
from portal.admin.stats.metrics import MEDIA_TYPE, exposition
from portal.admin.stats.names import Names
from portal.admin.stats.question import Question, read_question
from portal.admin.stats.service import Statistics
from portal.admin.stats.views import DashboardPage, show_dashboard
from portal.admin.vocabulary import Action
from portal.db import DatabaseState
from portal.diagnosis.model import Catalogue
from portal.errors import DatabaseAwayError
from portal.logs import LOGGER
from portal.observability.metrics import exposition as own_exposition
from portal.web.respond import respond
from portal.web.services import services
from portal.web.templating import Template

router = APIRouter()
metrics_router = APIRouter()

DASHBOARD = Template("admin/dashboard.html", DashboardPage, "figures")
DEFINITIONS_PAGE = Template("admin/definitions.html", DefinitionsPage)


@dataclass(frozen=True, slots=True)
class StatisticsServices:
    """What these routes need; `app.state.statistics`. An empty token: no `/metrics`."""

    statistics: Statistics
    metrics_token: str
    state: ProcessState


def statistics_of(request: Request) -> Statistics:
    """The statistics of the application that got this request."""
    return cast(StatisticsServices, request.app.state.statistics).statistics


@router.api_route("/admin", methods=["GET", "HEAD"], name="admin:dashboard")
async def dashboard(request: Request) -> Response:
    """The dashboard for the period and filters in the address."""
    question, answer = await _asked(request)
    statistics, web = statistics_of(request), services(request)
    page = show_dashboard(
        operator_of(request),
        question,
        answer,
        called=Names(cast(Catalogue, request.app.state.catalogue), web.profile),
        zone=statistics.zone.key,
        updated=f"{datetime.fromtimestamp(admin(request).now() / 1000, statistics.zone):%H:%M}",
        simulated=bool(web.templates.site.demo_keys),
    )
    return respond(request, DASHBOARD, page)


@router.api_route("/admin/definitions", methods=["GET", "HEAD"], name="admin:definitions")
async def definitions(request: Request) -> Response:
    """What every number means."""
    return respond(request, DEFINITIONS_PAGE, DefinitionsPage(operator_of(request), DEFINITIONS, COLUMNS))


@router.get("/admin/stats.csv", name="admin:stats-csv")
async def stats_csv(request: Request) -> Response:
    """The numbers of the dashboard by day, as CSV."""
    question, answer = await _asked(request, by_day=True)
    await _note(request, Action.EXPORTED_CSV)
    return _file(as_csv(question, answer), "text/csv; charset=utf-8", question, "csv")


@router.get("/admin/stats.json", name="admin:stats-json")
async def stats_json(request: Request) -> Response:
    """The numbers of the dashboard by day, as JSON."""
    question, answer = await _asked(request, by_day=True)
    await _note(request, Action.EXPORTED_JSON)
    return _file(as_json(question, answer), "application/json", question, "json")


@metrics_router.get("/metrics", name="admin:metrics")
async def metrics(request: Request) -> Response:
    """What Prometheus collects of this process, for whoever sends the token of the settings."""
    token = cast(StatisticsServices, request.app.state.statistics).metrics_token
    if not token:
        raise HTTPException(404)
    given = request.headers.get("authorization", "").encode()
    if not hmac.compare_digest(given, f"Bearer {token}".encode()):
        raise HTTPException(401, headers={"www-authenticate": "Bearer"})
    return Response(await _metrics_of(request), media_type=MEDIA_TYPE, headers={"cache-control": "no-store"})


async def _metrics_of(request: Request) -> bytes:
    """What this process knows of itself, and the sums of all days when the database answers."""
    statistics, state = statistics_of(request), cast(StatisticsServices, request.app.state.statistics).state
    found = await statistics.database.state()
    try:
        sums = exposition(await statistics.totals(now=admin(request).now()))
        closed_until = await statistics.closed_until()
    except DatabaseAwayError as error:
        LOGGER.warning("metrics without the sums of the statistics: %s", error)
        if found is not DatabaseState.NOT_MIGRATED:
            found = DatabaseState.AWAY  # perhaps since a moment ago
        return state.exposition(found, closed_until=None) + own_exposition()
    return sums + state.exposition(found, closed_until=closed_until) + own_exposition()


async def _asked(request: Request, *, by_day: bool = False) -> tuple[Question, Answer]:
    """The question and its answer; `by_day`: with all that is counted of each day, which the page does not show."""
    statistics, now = statistics_of(request), admin(request).now()
    question = read_question(request.query_params, today=statistics.today(now))
    ask = statistics.answer if by_day else statistics.overview
    return question, await ask(question, now=now)


async def _note(request: Request, action: Action) -> None:
    desk = admin(request)
    async with desk.database.writing() as connection:
        await audit.note(connection, action, at=desk.now(), name=operator_of(request).name)


def _file(pieces: Iterator[str], media_type: str, question: Question, ending: str) -> Response:
    async def sent() -> AsyncIterator[str]:
        for piece in pieces:
            yield piece

    only = "".join(f"-{question.filters[dimension]}" for dimension in Dimension if dimension in question.filters)
    name = f"portal-{question.first.isoformat()}-{question.last.isoformat()}{only}.{ending}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return StreamingResponse(sent(), media_type=media_type, headers=headers)
