"""The help pages over HTTP, on parsed HTML. The database is the test's own, of both kinds where something is saved."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from lxml.html import HtmlElement
from sqlalchemy import select

from portal.db import Database
from portal.diagnosis.load import load_catalogue
from portal.journeys.models import Journey, Outcome
from portal.profile.load import load_profile
from tests.support.pages import one, parse, parse_region, words
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

REGION = {"HX-Request": "true", "HX-Request-Type": "partial"}
LEFT_OUT = [{"DNT": "1"}, {"Sec-GPC": "1"}]
PAGE = "/troubleshoot/rejected-401?os=linux&shell=bash"
SET_UP = {"os": "linux", "shell": "bash"}


@pytest.fixture
async def help_desk(database_address: str) -> AsyncIterator[httpx.AsyncClient]:
    """The portal with an empty database of each kind."""
    async with running_portal(database_url=database_address) as client:
        yield client


def steps(page: HtmlElement) -> list[str]:
    return [str(step.get("data-step")) for step in page.cssselect("#steps .try[data-step]")]


def opened(page: HtmlElement) -> list[str]:
    return [str(fold.getparent().get("data-step")) for fold in page.cssselect("#steps details[name=step][open]")]


def answered(page: HtmlElement) -> dict[str, str]:
    return {str(s.get("data-step")): str(s.get("data-answer")) for s in page.cssselect("#steps [data-answer]")}


def form_fields(page: HtmlElement, form: str = "answer") -> dict[str, str]:
    fields = page.cssselect(f"#{form} input[type=hidden]")
    return {str(field.get("name")): str(field.get("value")) for field in fields}


async def press(client: httpx.AsyncClient, page: HtmlElement, step: str, outcome: str, **headers: str) -> HtmlElement:
    """Press a button below a step, as a browser without JavaScript does."""
    button = one(page, f'#steps [data-step="{step}"] button[value="{outcome}"]')
    assert button.get("form") == "answer"
    answer = await client.post(
        str(button.get("formaction")), data={**form_fields(page), "outcome": outcome}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    return parse(answer.text)


async def open_page(client: httpx.AsyncClient, address: str = PAGE, **headers: str) -> HtmlElement:
    answer = await client.get(address, headers=headers)
    assert answer.status_code == 200
    return parse(answer.text)


async def outcomes(address: str) -> list[tuple[str, str, str]]:
    database = Database(address)
    async with database.reading() as connection:
        rows = (await connection.execute(select(Outcome.symptom, Outcome.step, Outcome.outcome))).all()
    await database.close()
    return sorted((symptom, step, outcome) for symptom, step, outcome in rows if outcome != "shown")


async def test_list_has_every_symptom_and_can_be_cached(portal: httpx.AsyncClient) -> None:
    answer = await portal.get("/troubleshoot?os=windows&shell=cmd")
    page = parse(answer.text)
    shown = [str(symptom.get("data-symptom")) for symptom in page.cssselect(".symptoms [data-symptom]")]
    assert sorted(shown) == sorted(load_catalogue(load_profile("tokenbay")).symptoms)
    assert answer.headers["cache-control"].startswith("public")
    assert "set-cookie" not in answer.headers
    assert {str(link.get("href")).partition("?")[2] for link in page.cssselect(".symptoms a")} == {
        "os=windows&shell=cmd"
    }
    again = await portal.get("/troubleshoot?os=windows&shell=cmd", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_every_symptom_is_two_presses_from_the_guide(portal: httpx.AsyncClient) -> None:
    guide = parse((await portal.get("/?os=linux&shell=fish")).text)
    (first,) = {str(link.get("href")) for link in guide.cssselect("a[data-help]")}
    listed = parse((await portal.get(first)).text)
    for link in listed.cssselect(".symptoms a"):
        page = await open_page(portal, str(link.get("href")))
        assert len(opened(page)) == 1
        assert steps(page)[0] == opened(page)[0]
        assert one(page, "#shell option[selected]").get("value") == "fish"


async def test_page_says_what_to_expect_how_long_and_how_risky(portal: httpx.AsyncClient) -> None:
    page = await open_page(portal)
    for step in page.cssselect("#steps .try"):
        assert re.search(r"about \d+ minutes?", words(one(step, "summary .facts")))
        assert words(one(step, ".expected"))
        assert words(one(step, "summary .risk"))
        assert [str(button.get("value")) for button in step.cssselect(".answers button")] == [
            "resolved",
            "not_resolved",
            "skipped",
        ]
    assert page.cssselect("#steps [data-snippet=step]")
    assert all(code.get("id") for code in page.cssselect("[data-snippet]"))


async def test_change_of_machine_changes_the_commands(portal: httpx.AsyncClient) -> None:
    texts = {
        shell: "\n".join(c.text_content() for c in (await open_page(portal, address)).cssselect("[data-snippet=step]"))
        for shell, address in (("bash", PAGE), ("cmd", "/troubleshoot/rejected-401?os=windows&shell=cmd"))
    }
    assert "unset" in texts["bash"]
    assert "unset" not in texts["cmd"]
    assert "reg " in texts["cmd"]


@pytest.mark.parametrize(
    "address", ["/troubleshoot/nowhere", "/troubleshoot/rejected-401/nowhere", "/troubleshoot/a/b"]
)
async def test_page_with_a_way_on_is_shown_when_there_is_no_such_symptom_or_step(
    portal: httpx.AsyncClient, address: str
) -> None:
    answer = await portal.get(address)
    assert answer.status_code == 404
    assert {str(link.get("href")) for link in parse(answer.text).cssselect("main a")} >= {"/", "/troubleshoot"}
    assert (await portal.post(address, data={"outcome": "resolved"})).status_code == 404


async def test_step_of_another_symptom_is_not_found(portal: httpx.AsyncClient) -> None:
    answer = await portal.post("/troubleshoot/too-long/remove-leftover-key", data={"outcome": "resolved"})
    assert answer.status_code == 404


async def test_address_of_a_step_leads_to_its_symptom(portal: httpx.AsyncClient) -> None:
    answer = await portal.get("/troubleshoot/rejected-401/remove-leftover-key?os=linux")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/troubleshoot/rejected-401?os=linux#step-remove-leftover-key",
    )


async def test_answer_is_saved_and_the_next_step_opens(help_desk: httpx.AsyncClient, database_address: str) -> None:
    page = await open_page(help_desk)
    order = steps(page)
    after = await press(help_desk, page, order[0], "not_resolved")
    assert steps(after) == order
    assert answered(after) == {order[0]: "not_resolved"}
    assert opened(after) == [order[1]]
    assert await outcomes(database_address) == [("rejected-401", order[0], "not_resolved")]


async def test_reload_shows_the_same_order_and_answers(help_desk: httpx.AsyncClient) -> None:
    page = await open_page(help_desk)
    order = steps(page)
    after = await press(help_desk, page, order[2], "skipped")
    again = await open_page(help_desk)
    assert steps(again) == steps(after) == order
    assert answered(again) == answered(after) == {order[2]: "skipped"}


async def test_order_stays_for_one_visitor_when_others_answer(help_desk: httpx.AsyncClient) -> None:
    page = await open_page(help_desk)
    order = steps(page)
    await press(help_desk, page, order[0], "not_resolved")
    mine = dict(help_desk.cookies)
    for _ in range(15):
        help_desk.cookies.clear()
        theirs = await open_page(help_desk)
        await press(help_desk, theirs, order[-1], "resolved")
    help_desk.cookies.clear()
    assert steps(await open_page(help_desk))[0] == order[-1]
    help_desk.cookies.update(mine)
    assert steps(await open_page(help_desk)) == order


async def test_number_of_people_is_shown_from_a_threshold_on(help_desk: httpx.AsyncClient) -> None:
    step = steps(await open_page(help_desk))[1]
    for index in range(12):
        help_desk.cookies.clear()
        page = await open_page(help_desk)
        assert ("helped" in words(one(page, f'[data-step="{step}"] .facts'))) == (index >= 10)
        await press(help_desk, page, step, "resolved" if index % 2 else "not_resolved")
    help_desk.cookies.clear()
    page = await open_page(help_desk)
    assert "helped 6 of 12 people" in words(one(page, f'[data-step="{step}"] .facts'))


async def test_second_answer_replaces_the_first_and_undo_takes_it_back(
    help_desk: httpx.AsyncClient, database_address: str
) -> None:
    page = await open_page(help_desk)
    step = steps(page)[0]
    page = await press(help_desk, page, step, "not_resolved")
    page = await press(help_desk, page, step, "skipped")
    assert await outcomes(database_address) == [("rejected-401", step, "skipped")]
    page = await press(help_desk, page, step, "undone")
    assert answered(page) == {}
    assert opened(page) == [step]
    assert await outcomes(database_address) == []


async def test_first_answer_counts_once_when_it_is_sent_twice(
    help_desk: httpx.AsyncClient, database_address: str
) -> None:
    page = await open_page(help_desk)
    step = steps(page)[0]
    for _ in range(3):
        help_desk.cookies.clear()  # the answer with the cookie never arrived
        await press(help_desk, page, step, "not_resolved")
    assert await outcomes(database_address) == [("rejected-401", step, "not_resolved")]


async def test_visitor_is_told_how_to_check_when_a_step_fixed_it(
    help_desk: httpx.AsyncClient, database_address: str
) -> None:
    page = await open_page(help_desk)
    order = steps(page)
    page = await press(help_desk, page, order[0], "not_resolved")
    page = await press(help_desk, page, order[1], "resolved")
    solved = one(page, ".solved")
    assert one(page, "#steps").get("data-state") == "resolved"
    assert [code.text_content() for code in solved.cssselect("[data-snippet=verify]")] == [
        'claude -p "Reply with one word: connected"'
    ]
    assert steps(page) == order[:2]
    database = Database(database_address)
    async with database.reading() as connection:
        (closed,) = (await connection.execute(select(Journey.resolved_at))).scalars()
    await database.close()
    assert closed is not None
    undo = one(solved, "button[value=undone]")
    back = await help_desk.post(str(undo.get("formaction")), data={**form_fields(page), "outcome": "undone"})
    assert one(parse(back.text), "#steps").get("data-state") == "trying"


async def test_report_for_support_is_opened_when_nothing_helped(help_desk: httpx.AsyncClient) -> None:
    page = await open_page(help_desk, "/troubleshoot/too-long?os=macos&shell=zsh")
    for step in steps(page):
        assert not page.cssselect("#fold-nothing[open]")
        page = await press(help_desk, page, step, "not_resolved")
    assert one(page, "#steps").get("data-state") == "exhausted"
    report = one(page, "#fold-nothing[open] [data-snippet=bundle]").text_content()
    assert "machine: macos, zsh" in report
    assert "symptom: too-long" in report
    assert report.count("not resolved") == len(steps(page))


@pytest.mark.parametrize("headers", LEFT_OUT, ids=["DNT", "GPC"])
async def test_nothing_is_recorded_and_no_cookie_set_when_the_visitor_asks(
    help_desk: httpx.AsyncClient, database_address: str, headers: dict[str, str]
) -> None:
    page = await open_page(help_desk, **headers)
    order = steps(page)
    page = await press(help_desk, page, order[0], "not_resolved", **headers)
    assert "not to be recorded" in words(one(page, "[data-notice]"))
    page = await press(help_desk, page, order[1], "skipped", **headers)
    assert answered(page) == {order[0]: "not_resolved", order[1]: "skipped"}
    assert steps(page) == order
    await help_desk.post("/troubleshoot/diagnose", data={"text": "API Error: 401"}, headers=headers)
    assert not help_desk.cookies
    assert await outcomes(database_address) == []


@pytest.mark.parametrize("outcome", ["", "fixed", "shown"])
async def test_answer_is_refused_when_it_is_none_of_the_buttons(portal: httpx.AsyncClient, outcome: str) -> None:
    answer = await portal.post(
        "/troubleshoot/rejected-401/remove-leftover-key", data={"outcome": outcome}, headers=REGION
    )
    region = parse_region(answer.text)
    assert (answer.status_code, region.get("id")) == (422, "steps")
    assert "none of the answers" in words(one(region, "[data-notice]"))


async def test_page_stays_usable_when_the_database_is_away(database_kind: str, tmp_path: Path) -> None:
    if database_kind == "sqlite":
        (tmp_path / "file").write_text("not a folder")
        address = f"sqlite:///{tmp_path / 'file' / 'portal.db'}"
    else:
        address = "postgresql://nobody:nothing@127.0.0.1:9/none"
    async with running_portal(database_url=address, secret_key="0123456789abcdef") as client:
        page = await open_page(client)
        step = steps(page)[0]
        answer = await client.post(
            f"/troubleshoot/rejected-401/{step}",
            data={**form_fields(page), "outcome": "not_resolved"},
            headers=REGION,
        )
        region = parse_region(answer.text)
        assert answer.status_code == 503
        assert "could not be saved" in words(one(region, "[data-notice]"))
        assert answered(region) == {}
        assert opened(region) == [step]
        assert "set-cookie" not in answer.headers
        assert (await client.post("/troubleshoot/diagnose", data={"text": "API Error: 401"})).status_code == 200


async def test_another_site_cannot_answer(portal: httpx.AsyncClient) -> None:
    for path in ("/troubleshoot/diagnose", "/troubleshoot/rejected-401/remove-leftover-key"):
        answer = await portal.post(path, data={"outcome": "resolved"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
