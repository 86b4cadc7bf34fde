"""Measure the operator's dashboard: `python -m benchmarks.dashboard [--events 10000 1000000 10000000] [--rounds 60]`.

Each size is made anew in SQLite and in a PostgreSQL of its own (half a year of visits, five events each, by SQL), and
its days are closed as the portal closes them; the databases are made side by side, one for each processor. Then, with
nothing else running, the page is asked for through the whole application: session, queries, template. The sizes take
turns, look by look, because a machine is faster at one time than at another. Before each look
somebody's visit of today is written to. "new" is a look whose sums of closed days this process does not have at hand;
"again" is one whose sums it has. "first" is the first look of a process, which counts all of today. A process gets the
sums of all visits ready by itself, for each period to choose from; so only a filter or a period of one's own is ever
"new", once a day. Judged are "again" of every page, "new" of the pages without filters, and every 95th percentile.

Ten million events need some minutes and five gigabytes on each database, under TMPDIR.
"""

# ruff: noqa: S101, S608 - a broken measurement stops; statements are made of constants

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import asyncpg
import httpx
from pydantic import SecretStr
from sqlalchemy import insert, text

from benchmarks.visits import fill_postgresql, fill_sqlite
from portal.admin import sessions
from portal.admin.models import Account
from portal.admin.stats.closing import close_days
from portal.admin.stats.kept import KeptSums
from portal.app import create_app
from portal.db import Database
from portal.profile.load import load_profile
from portal.settings import Settings
from tests.real_parts.postgresql import running_postgresql

DAY: Final = 24 * 60 * 60_000
DAYS: Final = 182
UTC: Final = ZoneInfo("UTC")
PAGES: Final = ("/admin", "/admin?days=90&compare=yes", "/admin?days=90&platform=windows&shell=cmd&scope=user")
GOAL_MS: Final = 150
GOAL_RATIO: Final = 1.5


@dataclass(frozen=True, slots=True)
class Took:
    """Looks at one page in milliseconds: median, p95, and processor time of this process (a busy machine does not
    change it; what PostgreSQL does is not in it, what SQLite does is)."""

    median: float
    p95: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Made:
    """A database that is ready to be looked at: where it is, and how many seconds filling and closing took."""

    address: str
    filling: float
    closing: float


def moments() -> tuple[int, int]:
    """The first moment of today, and an hour before its end: today is nearly over, and counted as it goes."""
    today = int(time.time() * 1000) // DAY * DAY
    return today, today + DAY - 60 * 60_000


def make(address: str, events: int) -> Made:
    """Make a database of this size."""
    return asyncio.run(_make(address, events))


async def _make(address: str, events: int) -> Made:
    today, now = moments()
    database = Database(address)
    await database.migrate()
    begin, span = today - (DAYS - 1) * DAY, now - today + (DAYS - 1) * DAY
    started = time.perf_counter()
    if database.file:
        await asyncio.to_thread(fill_sqlite, str(database.file), events, begin, span)
    else:
        await fill_postgresql(address, events, begin, span)
    filled = time.perf_counter()
    await close_days(database, UTC, now=now)
    await database.close()
    if not database.file:  # as the server does by itself after a while
        connection = await asyncpg.connect(address)
        await connection.execute("VACUUM ANALYZE")
        await connection.close()
    return Made(address, filled - started, time.perf_counter() - filled)


@asynccontextmanager
async def looking(address: str, now: int) -> AsyncIterator[tuple[httpx.AsyncClient, Any]]:
    """The portal on this database at this moment, for somebody who is signed in."""
    settings = Settings(database_url=SecretStr(address), retention_days=3650)
    app = create_app(settings, load_profile("tokenbay"))
    desk = app.state.admin = dataclasses.replace(app.state.admin, now=lambda: now)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal.test")
    async with app.router.lifespan_context(app), client:
        async with desk.database.writing() as connection:
            row = {"name": "bench", "login": "bench", "password_hash": "none", "created_at": now}
            account = (await connection.execute(insert(Account).values(row).returning(Account.id))).scalar_one()
            token = await sessions.start(connection, account, now, desk.lifetimes)
        client.cookies.set("operator", desk.signer.sign(sessions.PURPOSE, token))
        yield client, app


async def measure(addresses: list[str], rounds: int) -> list[tuple[float, dict[str, tuple[Took, Took]]]]:
    """For each database the first look in milliseconds, and each page's looks: new and again.

    The databases take turns, look by look: whatever else the machine does meanwhile, it does to all of them.
    """
    _, now = moments()
    async with AsyncExitStack() as opened:
        places = [await opened.enter_async_context(looking(address, now)) for address in addresses]
        firsts = [await _first(client) for client, _ in places]
        found: list[dict[str, tuple[Took, Took]]] = [{} for _ in places]
        for page in PAGES:
            new = await _looks(places, page, rounds, anew=True)
            again = await _looks(places, page, rounds, anew=False)
            for index, took in enumerate(zip(new, again, strict=True)):
                found[index][page] = took
    return list(zip(firsts, found, strict=True))


async def _first(client: httpx.AsyncClient) -> float:
    await client.get("/admin/definitions")  # what any page does once in a process
    begin = time.perf_counter()
    answer = await client.get("/admin")
    assert answer.status_code == 200, answer.status_code
    return (time.perf_counter() - begin) * 1000


async def _looks(places: list[tuple[httpx.AsyncClient, Any]], page: str, rounds: int, *, anew: bool) -> list[Took]:
    looks: list[list[tuple[float, float]]] = [[] for _ in places]
    for number in range(rounds):
        for (client, app), took in zip(places, looks, strict=True):
            await _somebody_goes_on(app, number)
            if anew:
                app.state.statistics.statistics.kept = KeptSums()
            begin, cpu = time.perf_counter(), time.process_time()
            answer = await client.get(page)
            took.append(((time.perf_counter() - begin) * 1000, (time.process_time() - cpu) * 1000))
            assert 'data-state="numbers"' in answer.text
    return [_summed_up(took) for took in looks]


async def _somebody_goes_on(app: Any, number: int) -> None:
    async with app.state.statistics.statistics.database.writing() as connection:
        some = f"(SELECT id FROM journey ORDER BY started_at DESC LIMIT 1 OFFSET {number % 20})"
        last = "(SELECT max(touched_at) FROM journey)"
        change = f"touched_at = {last} + 1, verified_at = {last}"
        await connection.execute(text(f"UPDATE journey SET {change} WHERE id = {some}"))


def _summed_up(looks: list[tuple[float, float]]) -> Took:
    times, used = zip(*looks, strict=True)
    return Took(statistics.median(times), statistics.quantiles(times, n=20)[-1], statistics.median(used))


@contextmanager
def addresses(kinds: list[str], sizes: list[int]) -> Iterator[dict[tuple[str, int], str]]:
    """An empty database for each kind and size, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder, running_postgresql() as server:
        found: dict[tuple[str, int], str] = {}
        for events in sorted(sizes, reverse=True):
            for kind in kinds:
                found[kind, events] = f"sqlite:///{Path(folder) / f'bench-{events}.db'}"
                if kind == "postgresql":
                    asyncio.run(_create(server.address("postgres"), f"bench_{events}"))
                    found[kind, events] = server.address(f"bench_{events}")
        yield found


async def _create(address: str, name: str) -> None:
    connection = await asyncpg.connect(address)
    await connection.execute("ALTER SYSTEM SET max_wal_size = '16GB'")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()


def main() -> None:
    """Measure every size on both databases and print a table; exit code 1 when a goal is missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, nargs="+", default=[10_000, 1_000_000])
    options.add_argument("--rounds", type=int, default=60)
    options.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    given = options.parse_args()
    missed = False
    with addresses(given.databases, given.events) as empty:
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as makers:
            jobs = {which: makers.submit(make, address, which[1]) for which, address in empty.items()}
            for which, job in jobs.items():
                job.add_done_callback(lambda _, which=which: print("made", *which, "events", file=sys.stderr))  # type: ignore[misc]
            made = {which: job.result() for which, job in jobs.items()}
        for kind in given.databases:
            sizes = sorted(given.events)
            measured = asyncio.run(measure([made[kind, events].address for events in sizes], given.rounds))
            least = measured[0][1]
            for events, (first, found) in zip(sizes, measured, strict=True):
                one = made[kind, events]
                print(
                    f"{kind}, {events} events: filled in {one.filling:.0f} s, days closed in {one.closing:.0f} s, "
                    f"first look {first:.0f} ms",
                    flush=True,
                )
                for page in PAGES:
                    missed |= _tell(page, found[page], least[page])
    print(f"goals: p95 at most {GOAL_MS} ms, and {GOAL_RATIO} times the smallest: {'missed' if missed else 'met'}")
    sys.exit(missed)


def _tell(page: str, found: tuple[Took, Took], least: tuple[Took, Took]) -> bool:
    """Print a page's line; whether it misses a goal."""
    cells = [
        f"{name} {one.median:4.0f} ms × {one.median / small.median:.2f}, p95 {one.p95:4.0f} ms × "
        f"{one.p95 / small.p95:.2f}, cpu {one.cpu:3.0f} ms × {one.cpu / small.cpu:.2f}"
        for name, one, small in zip(("new", "again"), found, least, strict=True)
    ]
    print(f"  {page:55} " + "  |  ".join(cells), flush=True)
    new, again = found
    judged = [(again, least[1]), *([] if "platform=" in page else [(new, least[0])])]
    slower = any(one.median > GOAL_RATIO * small.median for one, small in judged)
    return slower or max(new.p95, again.p95) > GOAL_MS


if __name__ == "__main__":
    main()
