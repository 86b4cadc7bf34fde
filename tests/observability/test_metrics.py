"""What `/metrics` says after something happened, and that its labels are words from the code."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from prometheus_client import Metric

from portal.app import create_app
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.profile.load import load_profile
from portal.settings import Settings
from tests.observability.scraping import TOKEN, Scrape, scrape
from tests.real_parts.postgresql import PostgreSQL
from tests.real_parts.redis_server import running_redis
from tests.support.databases import migrated, new_database
from tests.support.portal import running_portal
from tests.support.windows import seconds_to_room

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
WORD = re.compile(r"[a-z][a-z0-9_:-]{0,40}|[1-5]xx|GET|HEAD|POST")


async def test_requests_are_counted_by_the_name_of_their_route_when_they_come() -> None:
    async with running_portal(metrics_token=TOKEN) as portal:
        before = await scrape(portal)
        await portal.get("/?os=linux")
        await portal.get("/?os=macos")
        await portal.head("/guide.md")
        await portal.get("/no/such/page")
        after = await scrape(portal)

    def more(name: str, **labels: str) -> float:
        return after.value(name, **labels) - before.value(name, **labels)

    assert more("portal_requests_total", route="guide:show", method="GET", status="2xx") == 2
    assert more("portal_requests_total", method="HEAD") == 1
    assert more("portal_requests_total", route="none", status="4xx") == 1
    assert more("portal_request_seconds_count", route="guide:show") == 2
    assert more("portal_requests_total", route="admin:metrics") == 1
    assert after.value("portal_page_cache_entries") == 3
    assert after.value("portal_page_cache_lookups_total", result="miss") == 3
    assert after.value("portal_page_cache_bytes") > 1000


async def test_page_cache_counts_a_hit_when_a_page_is_asked_for_again() -> None:
    async with running_portal(metrics_token=TOKEN) as portal:
        for _ in range(3):
            await portal.get("/")
        seen = await scrape(portal)
    assert seen.value("portal_page_cache_lookups_total", result="hit") == 2
    assert seen.value("portal_page_cache_lookups_total", result="miss") == 1


async def test_key_check_is_counted_with_verdict_steps_and_gateway_when_it_ends() -> None:
    async with running_portal(metrics_token=TOKEN) as portal:
        before = await scrape(portal)
        await portal.post("/key-check", data={"key": DEMO_KEYS[Behaviour.GOOD]})
        await portal.post("/key-check/live", data={"key": DEMO_KEYS[Behaviour.REJECTED]}, headers={"dnt": "1"})
        after = await scrape(portal)

    def more(name: str, **labels: str) -> float:
        return after.value(name, **labels) - before.value(name, **labels)

    assert more("portal_key_checks_run_total", end="passed") == 1
    assert more("portal_key_checks_run_total", end="failed") == 1
    assert more("portal_key_checks_run_total") == 2
    assert more("portal_key_check_verdicts_total", code="accepted") == 1
    assert more("portal_key_check_verdicts_total", code="rejected") == 1
    assert more("portal_key_check_steps_total", step="credential", state="failed") == 1
    assert more("portal_key_check_steps_total", step="credential", state="passed") == 1
    assert more("portal_gateway_answers_total", step="message", outcome="refused") >= 1
    assert more("portal_gateway_answers_total", step="stream", outcome="good") == 1
    assert more("portal_gateway_seconds_count", step="message") >= 2
    assert more("portal_events_recorded_total", kind="key_check_finished") == 1, "the other one asks not to be recorded"
    assert after.value("portal_key_checks_running") == 0


async def test_refusal_is_counted_by_its_reason_when_a_limit_is_reached() -> None:
    async with running_portal(metrics_token=TOKEN, key_checks_per_minute=1) as portal:
        before = await scrape(portal)
        form = {"key": DEMO_KEYS[Behaviour.REJECTED]}
        await asyncio.sleep(seconds_to_room(5))
        answers = [await portal.post("/key-check", data=form) for _ in range(2)]
        await portal.post("/key-check", data={"key": "x"}, headers={"sec-fetch-site": "cross-site"})
        await portal.post("/key-check", json={})
        after = await scrape(portal)
    assert [answer.status_code for answer in answers] == [200, 429]
    for reason in ("key_checks_of_client", "other_site", "no_form"):
        name = "portal_refused_total"
        assert after.value(name, reason=reason) - before.value(name, reason=reason) == 1, reason


async def test_metrics_come_without_the_sums_when_the_database_does_not_answer(tmp_path: Path) -> None:
    file = tmp_path / "gone" / "portal.db"
    async with running_portal(metrics_token=TOKEN, database_url=f"sqlite:///{file}") as portal:
        there = await scrape(portal)
        file.rename(file.with_suffix(".away"))
        file.parent.joinpath("portal.db").mkdir()
        away = await scrape(portal)
    assert (there.value("portal_database_ready"), away.value("portal_database_ready")) == (1, 0)
    assert "portal_visits" in there.families
    assert "portal_visits" not in away.families
    assert away.value("portal_requests_total") > 0


async def test_pool_and_build_are_told_when_prometheus_asks() -> None:
    async with running_portal(metrics_token=TOKEN) as portal:
        seen = await scrape(portal)
    assert {sample.labels["pool"] for sample in seen.families["portal_database_pool_size"].samples} == {"read", "write"}
    assert seen.value("portal_database_pool_size", pool="write") == 1
    assert seen.value("portal_database_pool_checked_out") == 0
    (build,) = seen.families["portal_build_info"].samples
    assert set(build.labels) == {"version", "python"}


async def test_no_label_is_what_a_visitor_sent_when_everything_is_sent() -> None:
    canary = "canary-7f3a"
    async with running_portal(metrics_token=TOKEN, key_checks_per_minute=1000) as portal:
        for method in ("GET", "PATCH", "CANARY-7F3A"):
            for path in (f"/{canary}", f"/?os={canary}&{canary}=1", f"/troubleshoot/{canary}", f"/static/{canary}"):
                await portal.request(method, path, headers={"user-agent": canary, "x-request-id": canary})
        await portal.post("/key-check", data={"key": f"sk-{canary}", "model": canary, "os": canary})
        await portal.post("/journey", json={"events": [{"id": canary, "kind": canary}]})
        await portal.post("/troubleshoot/diagnose", data={"text": f"{canary} 401"})
        await portal.post("/admin/login", data={"name": canary, "password": canary})
        seen = await scrape(portal)
    assert canary not in seen.text.lower()
    routes = {*_route_names(), "none"}
    for family in seen.families.values():
        for sample in family.samples:
            for label, value in sample.labels.items():
                if not family.name.startswith("portal_") or label in {"le", "version", "python"}:
                    continue
                assert WORD.fullmatch(value), (sample.name, label, value)
                assert label != "route" or value in routes
                assert label != "method" or value in {"GET", "HEAD", "POST", "other"}


def _route_names() -> set[str]:
    """Every name that a route of the application has, inside the operators' area, too."""
    names: set[str] = set()
    waiting: list[object] = [create_app(Settings(), load_profile("tokenbay"))]
    while waiting:
        one = waiting.pop()
        names.add(getattr(one, "name", None) or "")
        waiting += getattr(one, "routes", None) or []
        waiting += [router for part in ("open", "guarded", "original_router") if (router := getattr(one, part, None))]
    return names


async def test_document_has_every_metric_with_its_labels_and_meaning() -> None:
    async with running_portal(metrics_token=TOKEN) as portal:
        await portal.get("/")
        seen = await scrape(portal)
    families = [family for name, family in seen.families.items() if name.startswith("portal_")]
    with_redis = ("portal_redis_away", "gauge", "", "1 if Redis does not answer, 0 if it does.")
    rows = re.findall(r"(?m)^\| `(portal_\w+)` \| (\w+) \| (.*?) ?\| (.+) \|$", DOCUMENT)
    says = "The end of the last day whose statistics are closed, in seconds since 1970."
    when_a_day_is_closed = ("portal_statistics_closed_until_seconds", "gauge", "", says)
    assert sorted({*rows}) == sorted({*map(_row, families), when_a_day_is_closed, with_redis})
    assert len(rows) == len({*rows})


def _row(family: Metric) -> tuple[str, str, str, str]:
    labels = sorted({label for sample in family.samples for label in sample.labels} - {"le"})
    name = f"{family.name}_total" if family.type == "counter" else family.name
    return name, family.type, " ".join(f"`{label}`" for label in labels), family.documentation


async def test_every_name_in_dashboard_and_rules_is_a_metric() -> None:
    async with running_portal(metrics_token=TOKEN) as portal:
        await portal.get("/")
        scraped = await scrape(portal)
    known = {*scraped.sample_names(), "up", "portal_statistics_closed_until_seconds", "portal_redis_away"}
    for file in ("grafana-dashboard.json", "alerts.yml"):
        text = (ROOT / "deploy" / file).read_text(encoding="utf-8")
        used = set(re.findall(r"\b((?:portal|process)_[a-z_]+)(?=\{|\[)", text))
        assert len(used) > 8
        assert used <= known, file


async def test_database_counts_as_not_ready_when_it_can_only_be_read() -> None:
    async with running_portal(metrics_token=TOKEN) as portal:
        there = await scrape(portal)
        app: Any = cast(httpx.ASGITransport, portal._transport).app
        async with app.state.database._writer.connect() as connection:
            await connection.exec_driver_sql("PRAGMA query_only = ON")
        held = await scrape(portal)
    assert (there.value("portal_database_ready"), held.value("portal_database_ready")) == (1, 0)
    assert "portal_visits" in held.families


def states(seen: Scrape) -> dict[str, float]:
    return {sample.labels["state"]: sample.value for sample in seen.families["portal_state"].samples}


async def test_state_is_told_when_nobody_asks_whether_the_portal_is_ready(tmp_path: Path) -> None:
    file = tmp_path / "gone" / "portal.db"
    async with running_portal(metrics_token=TOKEN, database_url=f"sqlite:///{file}") as portal:
        there = await scrape(portal)
        file.rename(file.with_suffix(".away"))
        file.mkdir()
        away = await scrape(portal)
    assert states(there) == {"ready": 1, "degraded": 0, "not-ready": 0}
    assert states(away) == {"ready": 0, "degraded": 1, "not-ready": 0}
    assert "portal_redis_away" not in there.families


@pytest.mark.real("postgresql")
async def test_state_is_not_ready_when_postgresql_was_never_migrated(postgresql: PostgreSQL) -> None:
    address = new_database(postgresql, "template1")
    async with running_portal(metrics_token=TOKEN, database_url=address) as portal:
        before = await scrape(portal)
        migrated(address)
        after = await scrape(portal)
    assert states(before) == {"ready": 0, "degraded": 0, "not-ready": 1}
    assert states(after) == {"ready": 1, "degraded": 0, "not-ready": 0}


@pytest.mark.real("redis")
async def test_scrapes_find_out_beside_themselves_that_redis_is_away_and_that_it_is_back(tmp_path: Path) -> None:
    with running_redis(tmp_path) as redis:
        async with running_portal(metrics_token=TOKEN, redis_url=redis.url) as portal:

            async def scraped_until(*, away: bool) -> Scrape:
                async with asyncio.timeout(30):
                    while (seen := await scrape(portal)).value("portal_redis_away") != away:  # noqa: ASYNC110 - as Prometheus
                        await asyncio.sleep(0.05)
                return seen

            assert "portal_redis_away" in (await scraped_until(away=False)).families
            redis.pause()  # whoever asked it would wait
            assert states(await scraped_until(away=True))["degraded"] == 1
            redis.kill()
            redis.start()
            assert states(await scraped_until(away=False))["ready"] == 1
