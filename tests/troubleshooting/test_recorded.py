"""What a pasted text and skipped steps leave in the database, of each kind."""

from __future__ import annotations

import json

import httpx
import pytest
from sqlalchemy import select

from portal.db import Database
from portal.journeys.models import JourneyEvent
from tests.troubleshooting.visitor import form_fields, open_page, press, steps

pytestmark = pytest.mark.anyio

HEALTHY = "Auth token: ANTHROPIC_AUTH_TOKEN\nAnthropic base URL: https://api.tokenbay.com\n"
RESULT = {"type": "result", "subtype": "success", "is_error": False, "result": "connected", "session_id": "s"}


async def events(address: str) -> set[tuple[str, str | None, str | None]]:
    database = Database(address)
    async with database.reading() as connection:
        found = await connection.execute(select(JourneyEvent.kind, JourneyEvent.cause, JourneyEvent.evidence))
        rows = {(kind, cause, evidence) for kind, cause, evidence in found}
    await database.close()
    return rows


async def paste(portal: httpx.AsyncClient, text: str) -> None:
    answer = await portal.post("/troubleshoot/diagnose", data={"text": text, "os": "linux", "shell": "bash"})
    assert answer.status_code == 200


async def test_healthy_text_is_no_gap_in_the_catalogue(help_desk: httpx.AsyncClient, database_address: str) -> None:
    await paste(help_desk, HEALTHY)
    assert await events(database_address) == {("help_opened", None, None)}
    await paste(help_desk, "The weather is fine today.")
    assert ("diagnosed", None, None) in await events(database_address)


@pytest.mark.parametrize(
    ("changed", "verified"),
    [({}, True), ({"is_error": True}, False), ({"subtype": "error_during_execution"}, False)],
)
async def test_visit_is_verified_when_the_client_says_that_it_answered(
    help_desk: httpx.AsyncClient, database_address: str, changed: dict[str, object], *, verified: bool
) -> None:
    await paste(help_desk, json.dumps({**RESULT, **changed}))
    assert (("verified", None, "status") in await events(database_address)) is verified


async def test_nothing_helped_is_recorded_only_when_something_was_tried(
    help_desk: httpx.AsyncClient, database_address: str
) -> None:
    page = await open_page(help_desk)
    order = steps(page)
    for step in order:
        page = await press(help_desk, page, step, "skipped")
    gave_up = {**form_fields(page), "outcome": "nothing_helped"}
    assert (await help_desk.post("/troubleshoot/rejected-401", data=gave_up)).status_code == 200
    assert ("nothing_helped", None, None) not in await events(database_address)
    await press(help_desk, page, order[0], "not_resolved")
    assert ("nothing_helped", None, None) in await events(database_address)
