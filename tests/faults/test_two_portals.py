"""Two portals on one PostgreSQL and one Redis behind Caddy: as one, and either may end without a visitor noticing."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from portal.gateway.fake import create_fake_gateway
from tests.faults.processes import PortalProcess, profile_for, serving
from tests.faults.visitors import add_operator, busy, client, compare, sign_in, some_more
from tests.real_parts.caddy import running_caddy
from tests.real_parts.postgresql import PostgreSQL
from tests.real_parts.redis_server import running_redis
from tests.real_parts.servers import serve
from tests.support.databases import TEMPLATE, new_database
from tests.support.pages import one, parse, words

pytestmark = [pytest.mark.anyio, pytest.mark.real("postgresql", "redis", "caddy")]

IN_TOTAL = 25
PAGES = ("/", "/troubleshoot/rejected-401?os=linux&shell=bash", "/privacy", "/guide.md")


@dataclass
class Two:
    proxy: str
    database: str
    portals: tuple[PortalProcess, PortalProcess]


@pytest.fixture
def two(postgresql: PostgreSQL, tmp_path: Path) -> Iterator[Two]:
    with _running(new_database(postgresql, TEMPLATE), tmp_path) as running:
        yield running


@contextmanager
def _running(database: str, folder: Path) -> Iterator[Two]:
    with running_redis(folder) as redis, serve(create_fake_gateway(event_seconds=0)) as gateway:
        shared = {
            "redis_url": redis.url,
            "profile": profile_for(folder, gateway),
            "key_checks_per_minute_in_total": str(IN_TOTAL),
        }
        with (
            serving(folder, database, "one", **shared) as first,
            serving(folder, database, "other", **shared) as second,
            running_caddy(folder, [first.address, second.address]) as proxy,
        ):
            yield Two(proxy, database, (first, second))


async def numbers(operator: httpx.AsyncClient) -> Counter[str]:
    """The sums of `stats.json`."""
    answer = await operator.get("/admin/stats.json")
    assert answer.status_code == 200, answer.text
    sums: Counter[str] = Counter()
    for row in json.loads(answer.text)["rows"]:
        if not row["item"]:
            sums[row["measure"]] += row["count"]
    return sums


async def test_two_portals_are_one_when_either_is_stopped_or_killed(two: Two) -> None:
    await add_operator(two.database)
    async with client(two.proxy) as operator:
        await sign_in(operator)
        async with busy(lambda: two.proxy, recorders=4, pages=PAGES) as told:
            await some_more(told)
            for portal, kind in zip(two.portals, (signal.SIGTERM, signal.SIGKILL), strict=True):
                await asyncio.to_thread(portal.end, kind)
                await some_more(told)
                assert (await operator.get("/admin")).status_code == 200
                await asyncio.to_thread(portal.start)
                await some_more(told)
        # Not even the page's own repetition was needed for what is read; `busy` saw that every page came.
        assert told.statuses["journey 503"] == 0
        for portal in two.portals:
            async with client(portal.address) as same:
                same.cookies = operator.cookies
                sums = await numbers(same)
                assert (sums["visits"], sums["taken"]) == (len(told.recorded), len(told.recorded))
                page = parse((await same.get("/admin")).text)
                assert str(len(told.recorded)) in words(one(page, "main")).replace(",", "")
    await compare(two.database, told)


async def test_limits_hold_across_both(two: Two) -> None:
    async def check() -> int:
        async with client(two.proxy) as browser:
            return (await browser.post("/key-check", data={"key": "sk-demo-rejected"})).status_code

    statuses = Counter([await check() for _ in range(IN_TOTAL + 10)])
    assert statuses == {200: IN_TOTAL, 429: 10}
    async with client(two.proxy) as browser:
        waits = []
        for number in range(8):
            form = {"name": "nobody", "password": f"wrong-wrong-{number}"}
            answer = await browser.post("/admin/login", data=form, headers={"sec-fetch-site": "same-origin"})
            waits.append(answer.status_code)
    assert waits[:5] == [401] * 5
    assert 429 in waits[5:]
