"""Measure the operator's dashboard: `python -m benchmarks.dashboard [--events 10000 1000000] [--rounds 40]`.

Each size is made anew in SQLite and in a PostgreSQL of its own (half a year of visits, five events each, by SQL), its
days are closed as the portal closes them, and the page is asked for through the whole application: session, queries,
template. Ten million events (`--events 10000 1000000 10000000`) need some minutes and five gigabytes.
"""

# ruff: noqa: S101, S608, SLF001 - a broken measurement stops; statements are made of constants

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import asyncpg
import httpx
from pydantic import SecretStr
from sqlalchemy import insert, text

from portal.admin import sessions
from portal.admin.models import Account
from portal.admin.stats.closing import close_days
from portal.app import create_app
from portal.db import Database
from portal.profile.load import load_profile
from portal.settings import Settings
from tests.real_parts.postgresql import running_postgresql

DAY: Final = 24 * 60 * 60_000
DAYS: Final = 182
EVENTS_EACH: Final = 5
UTC: Final = ZoneInfo("UTC")
PAGES: Final = ("/admin", "/admin?days=90&compare=yes", "/admin?days=90&platform=windows&shell=cmd&scope=user")
GOAL_MS: Final = 150
GOAL_RATIO: Final = 1.5

_SETUP: Final = """
    CASE WHEN i % 100 < 38 THEN 'macos' WHEN i % 100 < 74 THEN 'windows' WHEN i % 100 < 90 THEN 'linux' ELSE 'wsl' END,
    CASE WHEN i % 100 < 38 THEN CASE i * 7 % 10 WHEN 0 THEN 'fish' WHEN 1 THEN 'bash' ELSE 'zsh' END
         WHEN i % 100 < 74 THEN CASE i * 7 % 10 WHEN 0 THEN 'git-bash' WHEN 1 THEN 'cmd' WHEN 2 THEN 'cmd'
              ELSE 'powershell' END
         ELSE CASE i * 7 % 10 WHEN 0 THEN 'fish' WHEN 1 THEN 'zsh' ELSE 'bash' END END,
    CASE i * 11 % 13 WHEN 0 THEN 'startup' WHEN 1 THEN 'terminal' WHEN 2 THEN 'local' WHEN 3 THEN 'project'
         ELSE 'user' END,
    CASE i * 3 % 7 WHEN 0 THEN 'npm' WHEN 1 THEN 'done' ELSE 'native' END,
    CASE i * 5 % 11 WHEN 0 THEN 'fr' ELSE 'en' END
"""
_STATEMENTS: Final = (
    f"""INSERT INTO journey (id, started_at, last_at, touched_at, context_at, opened_at, chosen_at, taken_at,
        checked_at, passed_at, verified_at, helped_at, platform, shell, scope, install, language,
        client_major, client_minor)
    SELECT {{id}}, {{at}}, {{at}} + 900000, {{at}}, {{at}}, {{at}},
        CASE WHEN i * 13 % 100 < 92 THEN {{at}} + 20000 + i * 17 % 90000 END,
        CASE WHEN i * 13 % 100 < 80 THEN {{at}} + 120000 + i * 19 % 300000 END,
        {{at}} + 430000,
        CASE WHEN i * 13 % 100 < 66 THEN {{at}} + 430000 + i * 23 % 200000 END,
        CASE WHEN i * 13 % 100 < 55 THEN {{at}} + 640000 + i * 29 % 250000 END,
        CASE WHEN i % 9 = 0 THEN {{at}} + 500000 END, {_SETUP},
        CASE WHEN i % 2 = 0 THEN 2 END, CASE WHEN i % 2 = 0 THEN i * 37 % 4 END
    FROM n""",
    """INSERT INTO journey_event (journey_id, key, kind, at, verdict, cause, model, latency_ms)
    SELECT {id}, k.kind, k.kind, {at} + 430000,
        CASE WHEN k.kind = 'key_check_finished' THEN CASE WHEN i * 13 % 100 < 66 THEN 'passed' ELSE 'failed' END END,
        CASE WHEN k.kind = 'key_check_finished' THEN CASE WHEN i * 13 % 100 < 66 THEN 'accepted'
            WHEN i % 3 = 0 THEN 'rejected' WHEN i % 3 = 1 THEN 'model-unknown' ELSE 'unreachable' END END,
        CASE WHEN k.kind = 'key_check_finished' THEN CASE WHEN i % 5 = 0 THEN 'opus' ELSE 'sonnet' END END,
        CASE WHEN k.kind = 'key_check_finished' THEN 300 + i * 41 % 2500 END
    FROM n CROSS JOIN (SELECT 'opened' AS kind UNION ALL SELECT 'machine_chosen' UNION ALL SELECT 'copied'
        UNION ALL SELECT 'key_check_finished' UNION ALL SELECT 'verified') k""",
    """INSERT INTO step_outcome (journey_id, symptom, step, outcome, shown_at, at)
    SELECT {id}, CASE i % 4 WHEN 0 THEN 'rejected' WHEN 1 THEN 'not-found' ELSE 'no-connection' END,
        CASE i % 3 WHEN 0 THEN 'one' WHEN 1 THEN 'two' ELSE 'three' END,
        CASE i % 5 WHEN 0 THEN 'resolved' WHEN 1 THEN 'shown' ELSE 'not_resolved' END, {at} + 500000, {at} + 600000
    FROM n WHERE i % 9 = 0""",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one size took: closing in seconds, the first look in milliseconds, and each page's median,
    p95 and processor time of this process (a busy machine does not change it)."""

    closing: float
    first: float
    pages: tuple[tuple[float, float, float], ...]


async def generate(database: Database, events: int, begin: int, span: int) -> None:
    """Fill an empty database with visits that begin evenly over a span of milliseconds."""
    visits = events // EVENTS_EACH
    at = f"(CAST({begin} AS BIGINT) + CAST(i AS BIGINT) * {span} / {visits})"
    if database.is_sqlite:
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {visits - 1})"
        identity = "printf('b%021d', i)"
    else:
        numbers = f"WITH n AS (SELECT CAST(g AS BIGINT) AS i FROM generate_series(0, {visits - 1}) g)"
        identity = "'b' || lpad(CAST(i AS TEXT), 21, '0')"
    for statement in _STATEMENTS:
        filled = statement.format(id=identity, at=at)
        where = filled.index("SELECT")
        yield_to = f"{filled[:where]} {numbers} {filled[where:]}"
        if database.is_sqlite:
            async with database.writing() as connection:
                await connection.execute(text(yield_to))
        else:
            plain = await asyncpg.connect(
                database._url.set(drivername="postgresql").render_as_string(hide_password=False)
            )
            await plain.execute(yield_to)
            await plain.execute("ANALYZE")
            await plain.close()


@asynccontextmanager
async def looking(address: str, now: int) -> AsyncIterator[httpx.AsyncClient]:
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
        yield client


async def measure(address: str, events: int, rounds: int) -> Measured:
    """Make a database of this size and look at it."""
    today = int(time.time() * 1000) // DAY * DAY
    now = today + DAY - 60 * 60_000  # today is nearly over: all of it is counted as it goes
    database = Database(address)
    await database.migrate()
    await generate(database, events, today - (DAYS - 1) * DAY, now - today + (DAYS - 1) * DAY)
    begin = time.perf_counter()
    await close_days(database, UTC, now=now)
    closing = time.perf_counter() - begin
    await database.close()
    async with looking(address, now) as client:
        begin = time.perf_counter()
        first = await client.get("/admin")
        assert first.status_code == 200, first.status_code
        first_ms = (time.perf_counter() - begin) * 1000
        pages = []
        for page in PAGES:
            times, used = [], time.process_time()
            for _ in range(rounds):
                begin = time.perf_counter()
                answer = await client.get(page)
                times.append((time.perf_counter() - begin) * 1000)
                assert 'data-state="numbers"' in answer.text
            used = (time.process_time() - used) * 1000 / rounds
            pages.append((statistics.median(times), statistics.quantiles(times, n=20)[-1], used))
    return Measured(closing, first_ms, tuple(pages))


def main() -> None:
    """Measure every size on both databases and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, nargs="+", default=[10_000, 1_000_000])
    options.add_argument("--rounds", type=int, default=40)
    options.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    given = options.parse_args()
    print("database    events     closing  first look  " + "  ".join(f"{page:>46}" for page in PAGES))
    for kind in given.databases:
        smallest: tuple[tuple[float, float, float], ...] = ()
        for events in given.events:
            with tempfile.TemporaryDirectory() as folder:
                if kind == "sqlite":
                    found = asyncio.run(measure(f"sqlite:///{Path(folder) / 'bench.db'}", events, given.rounds))
                else:
                    with running_postgresql() as server:
                        found = asyncio.run(measure(server.address("postgres"), events, given.rounds))
            smallest = smallest or found.pages
            cells = [
                f"{median:4.0f} ms × {median / least[0]:.2f}, p95 {p95:3.0f} ms, "
                f"cpu {cpu:3.0f} ms × {cpu / least[2]:.2f}"
                for (median, p95, cpu), least in zip(found.pages, smallest, strict=True)
            ]
            print(
                f"{kind:10} {events:>9}  {found.closing:7.1f} s  {found.first:7.0f} ms  "
                + "  ".join(f"{c:>46}" for c in cells),
                flush=True,
            )
    print(f"goals: p95 at most {GOAL_MS} ms, and {GOAL_RATIO} times the smallest")


if __name__ == "__main__":
    main()
