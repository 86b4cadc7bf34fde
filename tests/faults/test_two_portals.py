"""Two portals on one PostgreSQL and one Redis behind the shipped Caddyfile: as one, and either may end unnoticed.

The test is the CDN in front, so that each visitor has an address.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from portal.gateway.fake import create_fake_gateway
from tests.deploy.caddy import running_caddy
from tests.faults.processes import PortalProcess, profile_for, serving
from tests.faults.visitors import add_operator, busy, client, compare, sign_in, some_more
from tests.real_parts.postgresql import PostgreSQL
from tests.real_parts.redis_server import running_redis
from tests.real_parts.servers import free_port, serve
from tests.support.databases import TEMPLATE, new_database
from tests.support.pages import one, parse, words
from tests.support.windows import seconds_to_room

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.real("postgresql", "redis", "caddy"),
    pytest.mark.skipif(os.geteuid() != 0, reason="a name with two addresses needs a hosts file of its own, as root"),
]

HOSTS, NAME = ("127.0.0.2", "127.0.0.3"), "replicas.test"
IN_TOTAL = 25
PAGES = ("/", "/troubleshoot/rejected-401?os=linux&shell=bash", "/privacy", "/guide.md")


@dataclass
class Two:
    proxy: str
    verify: ssl.SSLContext
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
            "port": str(port := free_port()),
        }
        with (
            serving(folder, database, "one", host=HOSTS[0], **shared) as first,
            serving(folder, database, "other", host=HOSTS[1], **shared) as second,
            running_caddy(folder, NAME, port, dict.fromkeys(HOSTS, NAME), CDN_SUBNETS="127.0.0.1/32") as caddy,
        ):
            verify = ssl.create_default_context(cafile=caddy.authority)
            yield Two(f"https://localhost:{caddy.port}", verify, database, (first, second))


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
    async with client(two.proxy, two.verify) as operator:
        await sign_in(operator)
        async with busy(lambda: two.proxy, recorders=4, pages=PAGES, verify=two.verify) as told:
            await some_more(told)
            for portal, kind in zip(two.portals, (signal.SIGTERM, signal.SIGKILL), strict=True):
                await asyncio.to_thread(portal.end, kind)
                await some_more(told)
                assert (await operator.get("/admin")).status_code == 200
                await asyncio.to_thread(portal.start)
                await some_more(told)
        # Not even the page's own repetition was needed for what is read; `busy` saw that every page came.
        # A form that a killed portal had begun to read is the only one that is told to come again.
        assert told.statuses["journey 503"] == told.statuses["journey by the proxy 503"] == 0
        assert told.statuses["journey by the proxy 502"] <= 8
        for portal in two.portals:
            async with client(portal.address) as same:
                # As Caddy passes it on: the cookie is for https only.
                cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in operator.cookies.jar)
                same.headers.update({"cookie": cookies, "x-forwarded-proto": "https"})
                sums = await numbers(same)
                assert (sums["visits"], sums["taken"]) == (len(told.recorded), len(told.recorded))
                page = parse((await same.get("/admin")).text)
                assert str(len(told.recorded)) in words(one(page, "main")).replace(",", "")
    await compare(two.database, told)


async def test_limits_hold_across_both(two: Two) -> None:
    async def check() -> int:
        async with client(two.proxy, two.verify) as browser:
            return (await browser.post("/key-check", data={"key": "sk-demo-rejected"})).status_code

    await asyncio.sleep(seconds_to_room(30))
    statuses = Counter([await check() for _ in range(IN_TOTAL + 10)])
    assert statuses == {200: IN_TOTAL, 429: 10}
    async with client(two.proxy, two.verify) as browser:
        waits = []
        for number in range(8):
            form = {"name": "nobody", "password": f"wrong-wrong-{number}"}
            answer = await browser.post("/admin/login", data=form, headers={"sec-fetch-site": "same-origin"})
            waits.append(answer.status_code)
    assert waits[:5] == [401] * 5
    assert 429 in waits[5:]
