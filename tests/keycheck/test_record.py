"""What a check leaves in the operator's numbers: begun, finished, by whom not, and never in the way of the check."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from portal.app import create_app
from portal.db import Database
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.client import GatewayClient
from portal.gateway.fake import create_fake_gateway
from portal.journeys.models import Journey, JourneyEvent
from portal.profile.load import load_profile
from portal.settings import Settings
from tests.real_parts.servers import serve
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

ROUTES = pytest.mark.parametrize("route", ["/key-check", "/key-check/live"])
MAC = {"os": "macos", "shell": "zsh", "scope": "terminal", "install": "homebrew"}


@pytest.fixture
async def portal(database_address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with running_portal(database_url=database_address, key_checks_per_minute=3) as client:
        yield client


async def rows(database: Database) -> list[dict[str, Any]]:
    async with database.reading() as connection:
        found = await connection.execute(
            select(JourneyEvent.__table__).order_by(JourneyEvent.at, JourneyEvent.kind.desc())
        )
        return [dict(row) for row in found.mappings()]


@ROUTES
@pytest.mark.parametrize(
    ("behaviour", "verdict", "cause"),
    [
        (Behaviour.GOOD, "passed", "accepted"),
        (Behaviour.JSON_ONLY, "warning", "not-streamed"),
        (Behaviour.REJECTED, "failed", "rejected"),
    ],
)
async def test_check_is_recorded_with_its_outcome(
    portal: httpx.AsyncClient, database: Database, route: str, behaviour: Behaviour, verdict: str, cause: str
) -> None:
    answer = await portal.post(route, data={"key": DEMO_KEYS[behaviour], **MAC})
    started, finished = await rows(database)
    assert (started["kind"], finished["kind"]) == ("key_check_started", "key_check_finished")
    assert (finished["verdict"], finished["cause"], finished["model"]) == (verdict, cause, "claude-sonnet-4.6")
    assert 0 <= finished["latency_ms"] < 5000
    for row in (started, finished):
        assert {name: row[name] for name in ("platform", "shell", "scope", "install", "language")} == {
            "platform": "macos", "shell": "zsh", "scope": "terminal", "install": "homebrew", "language": "en",
        }  # fmt: skip
    assert "journey=" in answer.headers["set-cookie"]
    await portal.post(route, data={"key": DEMO_KEYS[Behaviour.GOOD]})
    assert len({row["journey_id"] for row in await rows(database)}) == 1
    async with database.reading() as connection:
        (journey,) = (await connection.execute(select(Journey.checked_at, Journey.passed_at))).all()
    assert all(journey)


@ROUTES
@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
async def test_nothing_is_recorded_when_the_browser_asks_for_it(
    portal: httpx.AsyncClient, database: Database, route: str, header: str
) -> None:
    answer = await portal.post(route, data={"key": DEMO_KEYS[Behaviour.GOOD]}, headers={header: "1"})
    assert ("accepted" in answer.text, "set-cookie" in answer.headers) == (True, False)
    assert await rows(database) == []


@ROUTES
async def test_nothing_is_recorded_when_no_check_ran(portal: httpx.AsyncClient, database: Database, route: str) -> None:
    assert (await portal.post(route, data={"key": "no key"})).status_code == 422
    assert await rows(database) == []
    for _ in range(3):
        await portal.post(route, data={"key": "sk-x"})
    assert (await portal.post(route, data={"key": "sk-x"})).status_code == 429
    assert len(await rows(database)) == 6


@ROUTES
async def test_no_word_that_the_visitor_typed_is_recorded(
    portal: httpx.AsyncClient, database: Database, route: str
) -> None:
    typed = {"key": "sk-canary-0123456789", "sonnet": "typed-model", "os": "typed-os", "scope": "typed-scope"}
    await portal.post(route, data=typed)
    found = await rows(database)
    assert found[-1]["model"] == "other"
    assert "typed" not in str(found)
    assert "canary" not in str(found)


async def until(number: int, database: Database) -> list[dict[str, Any]]:
    """The events, once there are so many; five seconds are far more than it may take."""
    deadline = time.monotonic() + 5
    while len(found := await rows(database)) < number and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    return found


async def test_check_that_the_visitor_leaves_is_begun_and_not_finished(
    database_address: str, database: Database
) -> None:
    with serve(create_fake_gateway(slow_seconds=30)) as gateway:
        profile = replace(load_profile("tokenbay"), base_url=gateway)
        with serve(create_app(Settings(database_url=database_address), profile)) as url:
            async with (
                httpx.AsyncClient(base_url=url) as client,
                client.stream("POST", "/key-check/live", data={"key": DEMO_KEYS[Behaviour.SLOW]}) as answer,
            ):
                await anext(answer.aiter_text())
            assert [row["kind"] for row in await until(1, database)] == ["key_check_started"]


async def test_every_check_is_recorded_when_many_come_at_once(database_address: str, database: Database) -> None:
    with serve(create_fake_gateway(event_seconds=0)) as gateway:
        profile = replace(load_profile("tokenbay"), base_url=gateway)
        settings = Settings(database_url=database_address, key_checks_per_minute=100, key_checks_at_once=100)
        with serve(create_app(settings, profile, client=GatewayClient())) as url:

            async def check(route: str) -> None:
                async with httpx.AsyncClient(base_url=url, timeout=60) as client:
                    await client.post(route, data={"key": DEMO_KEYS[Behaviour.REJECTED]})

            await asyncio.gather(*(check(route) for route in ("/key-check", "/key-check/live") * 8))
            found = await until(32, database)
    assert len({row["journey_id"] for row in found}) == 16
    assert [row["kind"] for row in found].count("key_check_finished") == 16


@ROUTES
async def test_check_is_not_slowed_down_when_the_database_is_away(route: str, tmp_path: Path) -> None:
    folder = tmp_path / "no-folder"
    folder.write_text("in the way")
    async with running_portal(database_url=f"sqlite:///{folder}/portal.db") as client:
        answer = await client.post(route, data={"key": DEMO_KEYS[Behaviour.GOOD]})
    assert "accepted" in answer.text


@ROUTES
async def test_verdict_comes_at_once_when_the_database_hangs(route: str) -> None:
    """A server that takes connections and never answers is worse than one that is gone."""
    with ExitStack() as servers:
        silent = servers.enter_context(socket.create_server(("127.0.0.1", 0)))
        address = f"postgresql://portal@127.0.0.1:{silent.getsockname()[1]}/portal"
        profile = replace(load_profile("tokenbay"), base_url=servers.enter_context(serve(create_fake_gateway())))
        app = create_app(Settings(database_url=address), profile)
        url = servers.enter_context(serve(app))
        started, took = time.monotonic(), 60.0
        async with (
            httpx.AsyncClient(base_url=url, timeout=30) as client,
            client.stream("POST", route, data={"key": DEMO_KEYS[Behaviour.REJECTED]}) as answer,
        ):
            async for text in answer.aiter_text():
                if "data-verdict" in text:
                    took = min(took, time.monotonic() - started)
            async with asyncio.timeout(1):
                while app.state.key_checks.running:  # noqa: ASYNC110 - the place is free before the database is asked
                    await asyncio.sleep(0.01)
    assert took < 2
