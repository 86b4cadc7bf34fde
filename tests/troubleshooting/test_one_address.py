"""What one client address can do to a list that others taught: visits are free, so it is the address that counts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from portal.troubleshooting.routes import LISTS_PER_HOUR
from portal.web.clients import RateLimit
from tests.support.operators import app_of
from tests.support.pages import one, words
from tests.support.portal import running_portal
from tests.support.windows import seconds_to_room
from tests.troubleshooting.visitor import answered, open_page, outcomes, press, steps

pytestmark = pytest.mark.anyio

HONEST = 40
PUSHES = 20
NEXT = 16


@asynccontextmanager
async def visitor(portal: httpx.AsyncClient, address: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of its own at an address of its own, in front of the same portal."""
    transport = httpx.ASGITransport(app_of(portal), client=(address, 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=portal.base_url) as client:
        yield client


async def test_list_that_others_taught_is_not_turned_by_one_address(help_desk: httpx.AsyncClient) -> None:
    app_of(help_desk).state.help_lists = RateLimit(LISTS_PER_HOUR, minutes=60)
    app_of(help_desk).state.help_limit = RateLimit(10_000)
    order = steps(await open_page(help_desk))
    best, pushed = order[1], order[-1]
    for number in range(HONEST):
        async with visitor(help_desk, f"10.0.0.{number}") as client:
            page = await press(client, await open_page(client), order[0], "not_resolved")
            await press(client, page, best, "resolved")
    assert steps(await open_page(help_desk))[0] == best
    counted = 0
    await asyncio.sleep(seconds_to_room(60, window=3600))
    for _ in range(PUSHES):  # a script that begins a visit for each answer
        async with visitor(help_desk, "192.0.2.1") as client:
            page = await press(client, await open_page(client), best, "not_resolved")
            page = await press(client, page, pushed, "resolved")
            counted += not page.cssselect("[data-notice]")
    assert counted == LISTS_PER_HOUR
    firsts = []
    for number in range(NEXT):
        async with visitor(help_desk, f"10.0.1.{number}") as client:
            firsts.append(steps(await open_page(client))[0])
    assert firsts.count(best) > NEXT / 2  # each draws for themselves; without the limit nobody draws it


async def test_answer_beyond_the_limit_is_thanked_for_and_not_recorded(
    database_address: str,
) -> None:
    async with running_portal(database_url=database_address) as portal:
        app_of(portal).state.help_lists = RateLimit(1, minutes=60)
        page = await open_page(portal)
        first, second, *_others = steps(page)
        await press(portal, page, first, "not_resolved")
        portal.cookies.clear()
        page = await press(portal, await open_page(portal), first, "not_resolved")
        assert "not counted" in words(one(page, "[data-notice]"))
        assert not portal.cookies
        page = await press(portal, page, second, "skipped")
        assert answered(page) == {first: "not_resolved", second: "skipped"}
        assert await outcomes(database_address) == [("rejected-401", first, "not_resolved")]


async def test_second_answer_of_a_visit_begins_no_list(help_desk: httpx.AsyncClient, database_address: str) -> None:
    app_of(help_desk).state.help_lists = RateLimit(1, minutes=60)
    page = await open_page(help_desk)
    for step in steps(page)[:3]:
        page = await press(help_desk, page, step, "not_resolved")
        assert not page.cssselect("[data-notice]")
    assert len(await outcomes(database_address)) == 3
