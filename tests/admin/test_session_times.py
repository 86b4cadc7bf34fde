"""How long a session lasts, in the portal's own time."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import pytest

from portal.admin.sessions import Lifetimes
from tests.support.operators import desk_of, operated_portal, post_sign_in, set_clock

pytestmark = pytest.mark.anyio

MINUTE = 60_000
HOUR = 60 * MINUTE


@dataclass
class Clock:
    at: int = 1_800_000_000_000

    def __call__(self) -> int:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def is_in_after(client: httpx.AsyncClient, clock: Clock, milliseconds: int, path: str = "/admin/audit") -> bool:
    clock.at += milliseconds
    return (await client.get(path)).status_code == 200


async def test_session_ends_when_nobody_asks_for_half_an_hour(operated: httpx.AsyncClient, clock: Clock) -> None:
    set_clock(operated, clock)
    await post_sign_in(operated)
    assert await is_in_after(operated, clock, 29 * MINUTE)
    assert await is_in_after(operated, clock, 29 * MINUTE)
    assert not await is_in_after(operated, clock, 30 * MINUTE)


async def test_session_ends_after_half_a_day_however_busy_it_is(operated: httpx.AsyncClient, clock: Clock) -> None:
    set_clock(operated, clock)
    await post_sign_in(operated)
    for _ in range(47):
        assert await is_in_after(operated, clock, 15 * MINUTE)
    assert not await is_in_after(operated, clock, 15 * MINUTE)


async def test_page_that_refreshes_itself_keeps_no_session_alive(operated: httpx.AsyncClient, clock: Clock) -> None:
    set_clock(operated, clock)
    await post_sign_in(operated)
    for _ in range(5):
        assert await is_in_after(operated, clock, 5 * MINUTE, "/admin/audit?live=1")
    assert not await is_in_after(operated, clock, 5 * MINUTE, "/admin/audit?live=1")


async def test_settings_say_how_long_a_session_lasts(database_address: str) -> None:
    async with operated_portal(database_address, session_idle_minutes=5, session_hours=2) as client:
        assert desk_of(client).lifetimes == Lifetimes(idle=5 * MINUTE, absolute=2 * HOUR)
