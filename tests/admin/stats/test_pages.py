"""The dashboard's pages and files: what they show, what they keep to themselves, and who gets them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest

from portal.admin.stats.definitions import COLUMNS
from portal.admin.stats.export import HEADER, as_csv, harmless
from portal.admin.stats.figures import Answer
from portal.admin.stats.question import MAX_DAYS, read_question
from portal.admin.stats.visits import Check, Visit
from portal.journeys.vocabulary import Verdict
from tests.admin.stats.visiting import write
from tests.support.operators import desk_of, sign_in
from tests.support.pages import one, parse, parse_region, words
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

TOKEN = "a-token-for-prometheus"
REGION = {"HX-Request": "true", "HX-Request-Type": "partial"}
HOUR = 60 * 60_000
TODAY = date(2026, 5, 20)


@pytest.fixture
async def operator(tmp_path: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with running_portal(database_url=f"sqlite:///{tmp_path / 'portal.db'}", metrics_token=TOKEN) as client:
        await sign_in(client)
        yield client


async def some(client: httpx.AsyncClient, windows: int, macos: int) -> None:
    """Visits of an hour ago: everybody copies, and those on macOS pass the check."""
    start = desk_of(client).now() - HOUR
    check = Check(start + 9, Verdict.PASSED, "accepted", "model", 250)
    found = [
        Visit(
            f"windows-{n}",
            ("windows", "cmd", "user", "native", "-", "en"),
            start,
            (start, start + 1, start + 2, None, None),
        )
        for n in range(windows)
    ] + [
        Visit(
            f"macos-{n}",
            ("macos", "zsh", "user", "native", "2.1", "en"),
            start,
            (start, start + 1, start + 2, start + 9, start + 10),
            checks=(check,),
        )
        for n in range(macos)
    ]
    await write(desk_of(client).database, found)


async def test_empty_dashboard_says_what_will_appear(operator: httpx.AsyncClient) -> None:
    tree = parse((await operator.get("/admin")).text)
    assert one(tree, "#figures").get("data-state") == "empty"
    assert "how far visitors get" in words(one(tree, "#figures"))


async def test_nothing_is_found_when_nothing_is_sound(operator: httpx.AsyncClient) -> None:
    await some(operator, 10, 10)
    tree = parse((await operator.get("/admin")).text)
    assert "by more than chance" in words(one(tree, "[data-findings=none]"))


async def test_small_groups_are_not_shown(operator: httpx.AsyncClient) -> None:
    await some(operator, 4, 7)
    tree = parse((await operator.get("/admin")).text)
    assert one(tree, '[data-stat="funnel.opened"]').get("data-value") == "11"
    assert tree.cssselect('[data-stat^="platform.windows"]') == []
    narrowed = parse((await operator.get("/admin?platform=windows")).text)
    assert one(narrowed, "#figures").get("data-state") == "small"
    assert narrowed.cssselect("[data-stat]") == []
    assert len((await operator.get("/admin/stats.csv?platform=windows")).text.splitlines()) == 1
    empty = (await operator.get("/admin/stats.json?platform=windows")).json()
    assert (empty["rows"], empty["asked"]["too_few_visits"]) == ([], True)


async def test_filter_narrows_all_numbers(operator: httpx.AsyncClient) -> None:
    await some(operator, 8, 7)
    tree = parse((await operator.get("/admin?platform=macos&client=2.1&days=7")).text)
    values = {number.get("data-stat"): number.get("data-value") for number in tree.cssselect("[data-stat]")}
    assert (values["funnel.opened"], values["funnel.verified"], values["checks"]) == ("7", "7", "7")


async def test_every_number_leads_to_its_definition(operator: httpx.AsyncClient) -> None:
    await some(operator, 8, 7)
    tree = parse((await operator.get("/admin?compare=yes")).text)
    anchors = {str(link.get("href")).partition("#")[2] for link in tree.cssselect('a[href^="/admin/definitions#"]')}
    defined = parse((await operator.get("/admin/definitions")).text)
    assert len(anchors) > 8
    assert anchors <= {element.get("id") for element in defined.cssselect("[id]")}
    assert {code.text for code in defined.cssselect("dt > code")} == set(HEADER)
    assert tuple(name for name, _ in COLUMNS) == HEADER


async def test_open_page_gets_its_numbers_only(operator: httpx.AsyncClient) -> None:
    answer = await operator.get("/admin?days=7&live=1", headers=REGION)
    region = parse_region(answer.text)
    assert region.get("id") == "figures"
    assert region.get("hx-get") == "/admin?days=7&live=1"
    assert region.get("hx-trigger") == "every 30s"


async def test_files_say_what_the_page_says(operator: httpx.AsyncClient) -> None:
    await some(operator, 8, 7)
    answer = await operator.get("/admin/stats.csv?days=7")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert sum(int(row["count"]) for row in rows if row["measure"] == "visits") == 15
    assert sum(int(row["count"]) for row in rows if (row["measure"], row["item"]) == ("check_cause", "accepted")) == 7
    found = (await operator.get("/admin/stats.json?days=7")).json()
    assert [{name: str(value) for name, value in row.items()} for row in found["rows"]] == rows
    log = words(parse((await operator.get("/admin/audit")).text))
    assert "stats.csv" in log
    assert "stats.json" in log


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "|calc", "%0A"])
def test_cell_is_no_formula(value: str) -> None:
    assert harmless(value) == f"'{value}"
    total = Counter({"visits": 9, f"symptom|{value}": 1})
    answer = Answer(total, Counter(), {TODAY: total}, {}, (), 0, {})
    text = "".join(as_csv(read_question({}, today=TODAY), answer))
    for row in csv.reader(io.StringIO(text, newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


@pytest.mark.parametrize("value", ["macos", "2.1", "", "a=b", "7"])
def test_harmless_cell_stays_as_it_is(value: str) -> None:
    assert harmless(value) == value


@pytest.mark.parametrize("address", ["/admin", "/admin/stats.csv", "/admin/stats.json", "/admin/definitions"])
async def test_nobody_gets_anything_without_a_session(operator: httpx.AsyncClient, address: str) -> None:
    operator.cookies.clear()
    answer = await operator.get(address)
    assert answer.status_code in {303, 401}
    assert "data-stat" not in answer.text


async def test_metrics_are_for_whoever_has_the_token(operator: httpx.AsyncClient) -> None:
    await some(operator, 3, 2)
    operator.cookies.clear()
    assert (await operator.get("/metrics")).status_code == 401
    assert (await operator.get("/metrics", headers={"authorization": "Bearer nonsense"})).status_code == 401
    found = await operator.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert 'portal_visits_total{stage="opened"} 5.0' in found.text
    assert 'portal_key_checks_total{verdict="passed"} 2.0' in found.text


async def test_there_are_no_metrics_without_a_token() -> None:
    async with running_portal() as portal:
        assert (await portal.get("/metrics")).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"days": "8"}, {"days": "x"}, {"from": "2026-13-01"}, {"platform": "beos"}, {"client": "2"},
        {"language": "../"}, {"shell": "=cmd"}, {"from": "", "to": "2026-01-01"},
    ],
)  # fmt: skip
def test_question_falls_back_when_it_is_not_understood(query: dict[str, str]) -> None:
    question = read_question(query, today=TODAY)
    assert (question.days, question.filters, question.last) == (30, {}, TODAY)


def test_question_comes_back_from_its_own_query() -> None:
    asked = {"from": "2026-04-01", "to": "2026-04-07", "platform": "windows", "client": "2.1", "compare": "yes"}
    question = read_question(asked, today=TODAY)
    assert dict(question.pairs) == asked
    assert question.before == (date(2026, 3, 25), date(2026, 3, 31))
    assert read_question({"from": "2001-01-01"}, today=TODAY).length == MAX_DAYS


def test_days_of_ones_own_may_come_in_either_order_and_end_today() -> None:
    swapped = read_question({"from": "2026-04-07", "to": "2026-04-01"}, today=date(2026, 5, 1))
    assert (swapped.first, swapped.last) == (date(2026, 4, 1), date(2026, 4, 7))
    assert read_question({"from": "2099-01-01", "to": "2026-04-01"}, today=date(2026, 4, 3)).length == 3
