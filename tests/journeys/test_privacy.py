"""Nothing is recorded that the privacy page does not name, and nothing that a person typed is in the database."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from sqlalchemy import CheckConstraint, inspect

from portal.db import Base, Database
from portal.journeys.models import Journey, JourneyEvent, Outcome
from portal.journeys.privacy import ROWS
from portal.journeys.vocabulary import Kind, Taken
from tests.real_parts.postgresql import PostgreSQL
from tests.support.pages import parse, words
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

CANARY = "canary-7f3a"
TABLES = (Journey, JourneyEvent, Outcome)
NOT_OF_VISITORS = {"operator_account", "operator_session", "audit_entry", "stat_day", "stat_more", "stat_state"}
"""What operators do, and sums by day: nothing about a visit."""


async def test_page_names_every_column_of_the_database(database: Database) -> None:
    async with database.reading() as connection:
        columns = await connection.run_sync(
            lambda sync: {
                column["name"]
                for table in inspect(sync).get_table_names()
                if table not in {"alembic_version", *NOT_OF_VISITORS}
                for column in inspect(sync).get_columns(table)
            }
        )
    named = [column for row in ROWS for column in row.columns]
    assert sorted(named) == sorted(columns)


def test_every_text_column_is_a_closed_list_or_short() -> None:
    for table in TABLES:
        made = Base.metadata.tables[table.__tablename__]
        checks = {c.name: str(c.sqltext) for c in made.constraints if isinstance(c, CheckConstraint)}
        for column in made.columns:
            if column.type.python_type is not str or column.foreign_keys:
                continue
            rules = [text for text in checks.values() if re.match(rf"(?:length\()?{column.name}\b", text)]
            assert len(rules) == 1, (table, column.name)
            assert " IN (" in rules[0] or re.fullmatch(r"length\(\w+\) <= \d\d", rules[0])


async def test_page_shows_every_word_and_the_retention() -> None:
    async with running_portal(retention_days=31) as portal:
        answer = await portal.get("/privacy")
    page = parse(answer.text)
    shown = {words(code) for code in page.cssselect("dd code")}
    assert set(Kind) | set(Taken) <= shown
    assert "after 31 days. Then only sums by day stay" in words(page)
    assert "max-age" in answer.headers["cache-control"]


@pytest.mark.parametrize("address", ["http://portal.test", "https://portal.test"])
async def test_page_names_the_cookie_that_is_set(address: str) -> None:
    async with running_portal(public_url=address) as portal:
        answer = await portal.post("/journey/verified", data={"os": "macos"})
        (name,) = [cookie.name for cookie in portal.cookies.jar]
        shown = words(parse((await portal.get("/privacy")).text))
    assert answer.status_code == 200
    assert f"“{name}”" in shown


async def test_footer_leads_to_the_page(portal: httpx.AsyncClient) -> None:
    assert parse((await portal.get("/")).text).cssselect('footer a[href="/privacy"]')


def content_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_database_holds_nothing_that_was_typed(
    database_address: str, database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    headers = {
        "User-Agent": f"Browser/{CANARY}",
        "Referer": f"http://portal.test/?x={CANARY}",
        "Accept-Language": CANARY,
        "X-Forwarded-For": "203.0.113.77",
        "Cookie": f"journey={CANARY}",
    }
    events: list[dict[str, object]] = [
        {"id": CANARY, "kind": "opened"},
        {"id": f"{CANARY}-2", "kind": "copied", "target": "apply", "platform": "macos", "shell": "zsh"},
        {"id": "b", "kind": "copied", "target": CANARY},
        {"id": "c", "kind": CANARY},
        {"id": "d", "kind": "opened", "platform": CANARY},
        {"id": "e", "kind": "opened", CANARY: "x"},
    ]
    fields = {"os": "macos", "shell": CANARY, "scope": CANARY, "opus": CANARY, "key": f"sk-{CANARY}", "lang": CANARY}
    async with running_portal(database_url=database_address) as portal:
        answer = await portal.post(f"/journey?q={CANARY}", json={"events": events}, headers=headers)
        assert [one["status"] for one in answer.json()["results"]] == [201, 201, 422, 422, 422, 422]
        form = await portal.post(f"/journey/verified?q={CANARY}", data=fields, headers=headers)
        assert form.status_code == 200
    if database_kind == "sqlite":
        stored = content_of(tmp_path)
    else:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        server.stop()  # so that everything is on the disk, its log of changes included
        stored = content_of(server.folder)
        server.start()
    assert b"self_reported" in stored
    assert not [word for word in (CANARY, "203.0.113.77", "Browser/") if word.encode() in stored]
