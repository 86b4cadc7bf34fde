"""The database goes away and comes back while the portal runs: the guide goes on, recording recovers."""

from __future__ import annotations

import logging

import pytest

from portal.db import Database
from tests.real_parts.postgresql import PostgreSQL
from tests.support.databases import TEMPLATE, new_database
from tests.support.pages import one, parse
from tests.support.portal import readiness, running_portal

pytestmark = [pytest.mark.anyio, pytest.mark.real("postgresql")]

EVENT = {"id": "a1", "kind": "copied", "target": "apply"}


async def test_recording_recovers_when_postgresql_was_stopped_and_started(
    postgresql: PostgreSQL, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    address = new_database(postgresql, TEMPLATE)
    async with running_portal(database_url=address) as portal:
        assert (await portal.post("/journey", json={"events": [EVENT]})).status_code == 200
        postgresql.stop()
        try:
            for _ in range(3):
                answer = await portal.post("/journey", json={"events": [EVENT]})
                assert (answer.status_code, answer.json()["problem"]) == (503, "database-away")
                assert answer.json()["sentence"].startswith("Nothing was recorded")
                assert answer.headers["retry-after"] == "10"
            form = await portal.post("/journey/verified", data={"os": "macos"})
            assert form.status_code == 503
            assert one(parse(form.text), "#verified").get("data-verified") == "warning"
            assert one(parse(form.text), "#verified button").get("type") == "submit"
            for path in ("/", "/guide.md", "/privacy", "/healthz"):
                assert (await portal.get(path)).status_code == 200
            ready = await portal.get("/readyz")
            assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
            assert ready.json()["parts"]["database"] == "away"
        finally:
            postgresql.start()
        answer = await portal.post("/journey", json={"events": [EVENT]})
        assert (answer.status_code, answer.json()["results"][0]["status"]) == (200, 200)
        assert (await readiness(portal)).json()["status"] == "ready"
    assert "Traceback" not in caplog.text


async def test_portal_starts_and_recovers_when_postgresql_is_away_at_its_start(postgresql: PostgreSQL) -> None:
    address = new_database(postgresql, TEMPLATE)
    postgresql.stop()
    started = False
    try:
        async with running_portal(database_url=address) as portal:
            assert (await portal.get("/")).status_code == 200
            assert (await portal.post("/journey", json={"events": [EVENT]})).status_code == 503
            postgresql.start()
            started = True
            assert (await portal.post("/journey", json={"events": [EVENT]})).status_code == 200
    finally:
        if not started:
            postgresql.start()


async def test_broken_connections_are_replaced_when_the_server_ends_them(postgresql: PostgreSQL) -> None:
    address = new_database(postgresql, TEMPLATE)
    admin = Database(address)
    async with running_portal(database_url=address) as portal:
        for number in range(3):
            answer = await portal.post("/journey", json={"events": [{**EVENT, "id": f"n{number}"}]})
            assert answer.status_code == 200
            async with admin.writing() as connection:
                await connection.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
    await admin.close()
