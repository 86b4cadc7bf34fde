"""Two hundred visitors go through the real pages, and every number of the dashboard is what they did; both databases.

All of it is real: the portal behind a socket, in front of the simulated gateway. 168 visitors send over HTTP what the
forms and the script of the pages send, read the pages that come, and are several at a time; 32 have a real Chromium.
What happened on the guide was minutes ago for the first (the script tells ages), so that times differ. Besides them
come ten that count nowhere: they only look, or ask for privacy. What is compared is written in `ledger`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

import pytest
from lxml.html import HtmlElement
from playwright.sync_api import Browser, BrowserContext, expect

from portal.admin import accounts
from portal.admin.passwords import Passwords
from portal.app import create_app
from portal.db import Database
from portal.gateway.behaviours import Behaviour
from portal.gateway.fake import create_fake_gateway
from portal.profile.load import load_profile
from portal.settings import Settings
from tests.real_parts.browser import NewContext
from tests.real_parts.servers import serve
from tests.story.ledger import Ledger, Truth, by_day, rows, truth
from tests.story.visitors import Caller, Person, Plan
from tests.support.databases import in_new_loop
from tests.support.operators import PASSWORD
from tests.support.pages import parse, words

pytestmark = pytest.mark.real("chromium")

GOOD, BAD, POOR = Behaviour.GOOD, Behaviour.REJECTED, Behaviour.OUT_OF_CREDIT
OPENED, CHOSEN = ("opened", 50), ("machine_chosen", 48)
COPIED, LOADED, HELP = ("copied", 40), ("downloaded", 30), ("help_opened", 20)
STAYING = 4
"""How many visitors with a browser still look at their page when the next one comes."""
MISSING, MODEL = "command-not-found", "model-not-found"
UNKNOWN_COMMAND = "zsh: command not found: claude"
FIXED, NOT, SKIP = "resolved", "not_resolved", "skipped"

BY_HTTP: Final = (
    Plan(40, "macos", "zsh", (OPENED, CHOSEN, COPIED), (GOOD,), works=True),
    Plan(30, "windows", "powershell", (OPENED, CHOSEN, LOADED), (BAD, GOOD), works=True),
    Plan(34, "windows", "cmd", (OPENED, CHOSEN)),
    Plan(6, "windows", "cmd", (OPENED, CHOSEN, COPIED, HELP), paste="bananas and apples"),
    Plan(12, "linux", "bash", (OPENED, CHOSEN, COPIED), (POOR,), paste="API Error: 402 insufficient credit"),
    Plan(9, "linux", "bash", (OPENED, COPIED), (Behaviour.JSON_ONLY,), works=True),
    Plan(8, "macos", "zsh", (OPENED, COPIED), symptom=MISSING, answers=(NOT, FIXED)),
    Plan(6, "macos", "bash", (OPENED,), symptom=MISSING, answers=(NOT, SKIP, SKIP, NOT)),
    Plan(5, "macos", "fish", (), symptom=MISSING, answers=(FIXED, "undone")),
    Plan(7, "windows", "git-bash", (), (Behaviour.MODEL_UNKNOWN,) * 2, model="typed-by-hand"),
    Plan(4, "wsl", "bash", (OPENED, CHOSEN), symptom=MODEL, answers=(FIXED,)),
    Plan(7, "windows", "powershell", (), works=True),
)
BY_BROWSER: Final = (
    Plan(10, "macos", "zsh", (CHOSEN, COPIED), (GOOD,), works=True),
    Plan(7, "windows", "cmd", (CHOSEN,)),
    Plan(7, "windows", "powershell", (COPIED,), (BAD,)),
    Plan(5, "linux", "bash", (CHOSEN, COPIED), paste=UNKNOWN_COMMAND, symptom=MISSING, answers=(FIXED,)),
    Plan(2, "linux", "bash", (), paste="bananas and apples"),
    Plan(1, "linux", "bash", paste=UNKNOWN_COMMAND, symptom=MISSING, answers=(FIXED,), help_only=True),
)
BY_NOBODY: Final = (
    Plan(5, "macos", "zsh"),
    Plan(3, "macos", "zsh", (OPENED, CHOSEN, COPIED), (GOOD,), works=True, headers={"dnt": "1"}),
    Plan(2, "linux", "bash", (OPENED,), paste="bananas and apples", headers={"sec-gpc": "1"}),
)
assert sum(plan.number for plan in BY_HTTP) == 168
assert sum(plan.number for plan in BY_BROWSER) == 32


@contextmanager
def running(database_address: str) -> Iterator[str]:
    """The portal behind a socket, with an operator; in a zone where it is about noon, so that no day ends meanwhile."""
    in_new_loop(_add_operator(database_address))
    ahead = 12 - datetime.now(UTC).hour
    settings = Settings.model_validate(
        {
            "database_url": database_address,
            "time_zone": f"Etc/GMT{-ahead:+d}",
            "key_checks_per_minute": 10_000,
            "key_checks_per_minute_in_total": 10_000,
        }
    )
    with serve(create_fake_gateway()) as gateway:
        profile = replace(load_profile("tokenbay"), base_url=gateway)
        with serve(create_app(settings, profile)) as portal:
            yield portal


async def _add_operator(address: str) -> None:
    database = Database(address)
    hashed = await Passwords().hashed(PASSWORD)
    async with database.writing() as connection:
        await accounts.add(connection, "Anna", hashed, 0)
    await database.close()


def all_visits(portal: str, browser: Browser) -> list[Ledger]:
    """Everybody, in any order; those without a browser four at a time, while those with one take their turns."""
    callers = [Caller(portal, plan) for plan in (*BY_HTTP, *BY_NOBODY) for _ in range(plan.number)]
    people = [Person(browser, portal, plan) for plan in BY_BROWSER for _ in range(plan.number)]
    Random(6).shuffle(callers)  # noqa: S311 - nothing secret
    with ThreadPoolExecutor(4) as several:
        visits = [several.submit(caller.visit) for caller in callers]
        met = []
        for number, person in enumerate(people):
            met.append(person.visit())
            if number >= STAYING:
                people[number - STAYING].leave()
        called = [visit.result() for visit in visits]
    for person in people[-STAYING:]:
        person.leave()
    for person in people:
        person.close()
    counted = [ledger for caller, ledger in zip(callers, called, strict=True) if caller.plan not in BY_NOBODY]
    return [*counted, *met]


def shown(tree: HtmlElement) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """`data-stat` -> `data-value` of the whole page; and by row for the tables by day. None may be there twice."""
    found: dict[str, str] = {}
    daily: dict[tuple[str, str], str] = {}
    for element in tree.cssselect("[data-stat]"):
        name, value = str(element.get("data-stat")), str(element.get("data-value"))
        tables = [parent.get("id") for parent in element.iterancestors("table")]
        if set(tables) & {"table-checks", "table-help"}:
            day = words(element.getparent().cssselect("th")[0])
            assert (day, name) not in daily
            daily[day, name] = value
        else:
            assert name not in found, name
            found[name] = value
    return found, daily


def assert_true(found: dict[str, str], known: Truth) -> None:
    """The exact numbers are exact, the times as near as their buckets are wide, and there is nothing else."""
    assert {name: value for name, value in found.items() if name not in known.between} == known.exact
    assert found.keys() == known.exact.keys() | known.between.keys()
    for name, limits in known.between.items():
        if limits is None:
            assert found[name] == "", name
        else:
            low, high = limits
            assert 0.955 * low - 1 <= float(found[name]) <= 1.045 * high + 1, (name, found[name], limits)


def await_numbers(operator: BrowserContext, address: str, known: Truth) -> None:
    """What browsers send when a page is left may arrive a moment later."""
    deadline = time.monotonic() + 20
    while True:
        found, _ = shown(parse(operator.request.get(address).text()))
        wrong = {name: (found.get(name), value) for name, value in known.exact.items() if found.get(name) != value}
        if not wrong:
            return
        assert time.monotonic() < deadline, wrong
        time.sleep(0.2)


def test_every_number_is_what_the_visitors_did(
    database_address: str, browser: Browser, new_context: NewContext
) -> None:
    with running(database_address) as portal:
        began = time.monotonic()
        visits = all_visits(portal, browser)
        print(f"\n{len(visits)} visits in {time.monotonic() - began:.0f} s")  # noqa: T201
        assert len(visits) == 200
        operator = new_context()
        page = operator.new_page()
        page.goto(f"{portal}/admin")
        page.get_by_label("Name").fill("anna")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("#figures")).to_be_visible()
        assert truth(visits).exact["funnel.opened"] == "194"
        await_numbers(operator, f"{portal}/admin?days=7", truth(visits))

        page.goto(f"{portal}/admin?days=7")
        found, daily = shown(parse(page.content()))
        assert_true(found, truth(visits))
        today = max(day for day, _ in daily)
        nothing = {**dict.fromkeys(by_day(visits), "0"), "help.share": ""}
        for day in {day for day, _ in daily}:
            expected = by_day(visits) if day == today else nothing
            assert {name: value for (at, name), value in daily.items() if at == day} == expected
        assert len(daily) == 7 * len(nothing)

        for query, some in (
            ("platform=windows", [visit for visit in visits if visit.platform == "windows"]),
            ("shell=zsh", [visit for visit in visits if visit.shell == "zsh"]),
            ("platform=linux&shell=bash&language=en", [visit for visit in visits if visit.platform == "linux"]),
        ):
            narrowed, _ = shown(parse(operator.request.get(f"{portal}/admin?days=7&{query}").text()))
            assert_true(narrowed, truth(some))
        assert files_of(operator, f"{portal}/admin/stats.json?days=7") == rows(visits)


def files_of(operator: BrowserContext, address: str) -> Counter[tuple[str, str, str]]:
    """What the file counts, without times, over all days."""
    found: Counter[tuple[str, str, str]] = Counter()
    answer: dict[str, Any] = operator.request.get(address).json()
    for row in answer["rows"]:
        if not row["from_ms"]:
            found[row["measure"], row["item"], row["detail"]] += row["count"]
    return found
