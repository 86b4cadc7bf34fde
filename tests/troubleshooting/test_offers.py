"""What helped others decides what a diagnosis offers: two visitors, the real routes, a database of each kind."""

from __future__ import annotations

import random
from dataclasses import replace

import httpx
import pytest
from lxml.html import HtmlElement

from portal.diagnosis.load import load_catalogue
from portal.diagnosis.model import Catalogue, Risk
from portal.profile.load import load_profile
from portal.troubleshooting.causes import offers_for, ranked
from portal.troubleshooting.ranking import Tally
from portal.troubleshooting.setup import read_setup
from portal.troubleshooting.views import Place
from portal.web.clients import RateLimit
from tests.support.operators import app_of
from tests.support.pages import one, parse, words
from tests.troubleshooting.visitor import form_fields, open_page, press, steps

pytestmark = pytest.mark.anyio

MACHINE = {"os": "linux", "shell": "bash"}
PAGE = "/troubleshoot/rejected-401?os=linux&shell=bash"
PASTED = "API Error: 401 Invalid API key"
CAUSE = "#diagnosis [data-cause]"


def offered(page: HtmlElement) -> list[str]:
    """The ids of the steps below the first cause."""
    return [str(step.get("data-step")) for step in page.cssselect(CAUSE)[0].cssselect(".try")]


def opened(page: HtmlElement) -> list[str]:
    return [str(fold.getparent().get("data-step")) for fold in page.cssselect("#diagnosis .try > details[open]")]


async def diagnosed(portal: httpx.AsyncClient, **more: str) -> HtmlElement:
    answer = await portal.post("/troubleshoot/diagnose", data={"text": PASTED, **MACHINE, **more})
    assert answer.status_code == 200
    return parse(answer.text)


async def teach(portal: httpx.AsyncClient, symptom: str, resolves: str, fails: str, visitors: int = 30) -> None:
    """Visitors of whom each says what a step did."""
    app_of(portal).state.help_limit = RateLimit(10_000, minutes=1)
    page = await open_page(portal, f"/troubleshoot/{symptom}?os=linux&shell=bash")
    for index in range(2 * visitors):
        portal.cookies.clear()
        fields = {**form_fields(page), "once": f"{index:022d}"}
        step, outcome = (resolves, "resolved") if index % 2 else (fails, "not_resolved")
        answer = await portal.post(f"/troubleshoot/{symptom}/{step}", data={**fields, "outcome": outcome})
        assert answer.status_code == 200
    portal.cookies.clear()


async def test_step_that_helped_others_is_first_and_open_below_a_diagnosis(help_desk: httpx.AsyncClient) -> None:
    before = offered(await diagnosed(help_desk))
    page = await diagnosed(help_desk)
    button = page.cssselect(f"{CAUSE} .try button[value=resolved]")[0]
    symptom = str(button.get("formaction")).split("/")[2]
    assert opened(page) == before[:1]
    await teach(help_desk, symptom, resolves=before[-1], fails=before[0])

    page = await diagnosed(help_desk)
    after = offered(page)
    assert after[0] == before[-1] != before[0]
    assert opened(page) == after[:1]
    assert sorted(after) == sorted(before)
    first = page.cssselect(f'{CAUSE} [data-step="{after[0]}"]')[0]
    assert "helped nearly all of 30 people" in words(one(first, ".facts"))
    assert form_fields(page)["order"].split(",")[: len(after)] == after

    answered = await press_below(help_desk, page, after[0])
    assert steps(answered)[: len(after)] == after


async def press_below(portal: httpx.AsyncClient, page: HtmlElement, step: str) -> HtmlElement:
    button = page.cssselect(f'#diagnosis [data-step="{step}"] button[value="not_resolved"]')[0]
    data = {**form_fields(page), "outcome": "not_resolved"}
    return parse((await portal.post(str(button.get("formaction")), data=data)).text)


async def test_what_the_key_check_found_stays_a_function_of_its_address(help_desk: httpx.AsyncClient) -> None:
    address = "/troubleshoot?cause=key-rejected&os=linux&shell=bash"
    first = await help_desk.get(address)
    assert "set-cookie" not in first.headers
    assert first.headers["etag"]
    fails, resolves = steps(await open_page(help_desk))[:2]
    await teach(help_desk, "rejected-401", resolves=resolves, fails=fails, visitors=8)
    assert (await help_desk.get(address)).text == first.text


def place(catalogue: Catalogue) -> Place:
    profile = load_profile("tokenbay")
    return Place(catalogue, profile, read_setup(tuple(MACHINE.items()), profile), "http://portal")


def test_dangerous_step_is_never_first_below_a_cause() -> None:
    catalogue = load_catalogue(load_profile("tokenbay"))
    against = offers_for(place(catalogue), ("key-rejected",))[0].steps
    feared = replace(against[0], risk=Risk.DANGEROUS)
    changed = replace(catalogue, steps={**catalogue.steps, feared.id: feared})
    (offer,) = offers_for(place(changed), ("key-rejected",))
    assert offer.steps[0].id == against[1].id
    tallies = (Tally(feared.id, "linux", 0, 90, 0), Tally(against[1].id, "linux", 0, 0, 90))
    for seed in range(20):
        chance = random.Random(seed)  # noqa: S311 - a simulation
        assert ranked(place(changed), offer, tallies, chance).steps[0].id != feared.id


async def test_newcomers_get_draws_of_their_own_and_each_keeps_theirs(help_desk: httpx.AsyncClient) -> None:
    first, second = steps(await open_page(help_desk))[:2]
    await teach(help_desk, "rejected-401", resolves=second, fails=second, visitors=8)
    await teach(help_desk, "rejected-401", resolves=first, fails=first, visitors=8)
    seen = {tuple(steps(await open_page(help_desk))) for _ in range(25)}
    assert len(seen) > 1
    page = await open_page(help_desk)
    after = await press(help_desk, page, steps(page)[0], "skipped")
    assert steps(after) == steps(page) == steps(await open_page(help_desk))


async def test_browser_without_cookies_takes_one_list_of_its_offices(help_desk: httpx.AsyncClient) -> None:
    app_of(help_desk).state.help_lists = RateLimit(1, minutes=60)
    page = await open_page(help_desk)
    for step in steps(page)[:4]:
        help_desk.cookies.clear()
        page = await press(help_desk, page, step, "not_resolved")
        assert not page.cssselect("#steps .field-notice")
