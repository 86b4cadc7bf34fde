"""PostgreSQL is killed, or hangs, under visitors: nothing acknowledged is lost, nobody waits for long, it recovers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.database_engines import ACQUIRE_SECONDS, STATEMENT_SECONDS
from portal.gateway.fake import create_fake_gateway
from tests.faults.processes import profile_for, serving
from tests.faults.visitors import add_operator, busy, client, compare, ready, sign_in, some_more, until
from tests.real_parts.postgresql import PostgreSQL, running_postgresql
from tests.real_parts.servers import serve
from tests.support.databases import execute, migrated
from tests.support.pages import one, parse, words

pytestmark = [pytest.mark.anyio, pytest.mark.real("postgresql")]

SYMPTOM = "/troubleshoot/rejected-401?os=linux&shell=bash"
LONGEST = ACQUIRE_SECONDS + STATEMENT_SECONDS + 2 + 10
"""What `database_engines` promises, and ten seconds for a busy machine."""


@pytest.fixture
def server() -> Iterator[PostgreSQL]:
    """One of its own: it is going to die."""
    with running_postgresql() as running:
        migrated(running.address())
        yield running


async def test_nothing_acknowledged_is_lost_when_postgresql_is_killed_and_started_under_load(
    server: PostgreSQL, tmp_path: Path
) -> None:
    with (
        serve(create_fake_gateway(event_seconds=0)) as gateway,
        serving(tmp_path, server.address(), profile=profile_for(tmp_path, gateway)) as portal,
    ):
        await add_operator(server.address())
        async with client(portal.address) as operator, busy(lambda: portal.address, pages=("/", SYMPTOM)) as told:
            await sign_in(operator)
            await some_more(told)
            server.kill()
            await until(lambda: told.statuses["journey 503"] > 20)
            assert await ready(portal.address) == {
                "status": "degraded",
                "parts": {"database": "away", "redis": "not-used"},
                "reasons": ["database: does not answer; nothing is recorded and nobody can sign in"],
            }
            checked = await operator.post("/key-check", data={"key": "sk-demo-good"})
            assert one(parse(checked.text), "[data-verdict]").get("data-verdict") == "accepted"
            page = await operator.get("/admin")
            assert (page.status_code, page.headers["retry-after"]) == (503, "10")
            assert words(one(parse(page.text), "h1")) == "The statistics cannot be read now"
            assert page.headers["x-request-id"] in page.text
            server.start()
            await some_more(told)
            assert (await ready(portal.address))["status"] == "ready"
            assert (await operator.get("/admin")).status_code == 200
        await compare(server.address(), told)


async def test_nobody_waits_for_long_when_postgresql_hangs(server: PostgreSQL, tmp_path: Path) -> None:
    with serving(tmp_path, server.address()) as portal:
        async with busy(lambda: portal.address, recorders=12, pages=("/", SYMPTOM)) as told:
            await some_more(told)
            server.pause()
            try:
                await until(lambda: told.statuses["journey 503"] > 50)
                started = time.monotonic()
                assert (await ready(portal.address))["status"] == "degraded"
                assert time.monotonic() - started < LONGEST
            finally:
                server.resume()
            await some_more(told)
            assert (await ready(portal.address))["status"] == "ready"
        assert max(told.slowest.values()) < LONGEST
        await compare(server.address(), told)


async def test_readiness_says_so_when_postgresql_takes_no_writes(server: PostgreSQL, tmp_path: Path) -> None:
    with serving(tmp_path, server.address()) as portal:
        async with client(portal.address) as browser:
            await execute(server, "ALTER SYSTEM SET default_transaction_read_only = on")
            await execute(server, "SELECT pg_reload_conf()")
            said: dict[str, object] = {}
            deadline = time.monotonic() + 30
            while said.get("status") != "degraded" and time.monotonic() < deadline:
                said = await ready(portal.address)
            assert said["parts"] == {"database": "read-only", "redis": "not-used"}
            event = {"id": "a1", "kind": "copied", "target": "apply"}
            assert (await browser.post("/journey", json={"events": [event]})).status_code == 503
            assert (await browser.get(SYMPTOM)).status_code == 200
