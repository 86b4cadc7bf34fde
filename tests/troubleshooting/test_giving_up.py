"""Who has tried enough gets the report at once, and what is recorded of a machine that nobody named."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select

from portal.db import Database
from portal.journeys.models import Journey, JourneyEvent, Outcome
from portal.journeys.vocabulary import Kind
from tests.support.pages import one, parse, words
from tests.troubleshooting.visitor import form_fields, open_page, opened, press, steps

pytestmark = pytest.mark.anyio

GIVE_UP = "#steps button[value=nothing_helped]"


async def test_report_is_offered_when_three_steps_did_not_help(
    help_desk: httpx.AsyncClient, database_address: str
) -> None:
    page = await open_page(help_desk, "/troubleshoot/hangs?os=linux&shell=bash")
    for step in steps(page)[:3]:
        assert not page.cssselect(GIVE_UP)
        page = await press(help_desk, page, step, "not_resolved")
    button = one(page, GIVE_UP)
    answer = await help_desk.post(
        str(button.get("formaction")), data={**form_fields(page), "outcome": str(button.get("value"))}
    )
    page = parse(answer.text)
    assert answer.status_code == 200
    assert opened(page) == []
    report = one(page, "#fold-nothing[open] [data-snippet=bundle]").text_content()
    assert report.count("not resolved") == 3
    assert f"3 of {len(steps(page))} answered" in words(one(page, ".steps-head"))
    database = Database(database_address)
    async with database.reading() as connection:
        kinds = (await connection.execute(select(JourneyEvent.kind))).scalars().all()
    await database.close()
    assert sorted(kinds) == [Kind.HELP_OPENED, Kind.NOTHING_HELPED]


async def test_report_is_not_offered_early_when_steps_were_only_skipped(help_desk: httpx.AsyncClient) -> None:
    page = await open_page(help_desk, "/troubleshoot/hangs?os=linux&shell=bash")
    for step in steps(page)[:4]:
        page = await press(help_desk, page, step, "skipped")
    assert not page.cssselect(GIVE_UP)


@pytest.mark.parametrize(("query", "machine"), [("", (None, None)), ("?os=linux&shell=fish", ("linux", "fish"))])
async def test_machine_is_recorded_when_the_visitor_named_it_and_else_not(
    help_desk: httpx.AsyncClient, database_address: str, query: str, machine: tuple[str | None, str | None]
) -> None:
    page = await open_page(help_desk, f"/troubleshoot/rejected-401{query}")
    page = await press(help_desk, page, steps(page)[0], "not_resolved")
    await press(help_desk, page, steps(page)[1], "not_resolved")
    await help_desk.post("/troubleshoot/diagnose", data={"text": "API Error: 401"})
    database = Database(database_address)
    async with database.reading() as connection:
        said = select(Outcome.platform, Outcome.shell).where(Outcome.outcome != "shown")
        rows = (await connection.execute(said)).all()
        (journey,) = (await connection.execute(select(Journey.platform, Journey.shell))).all()
    await database.close()
    assert [tuple(row) for row in rows] == [machine, machine]
    assert tuple(journey) == machine
