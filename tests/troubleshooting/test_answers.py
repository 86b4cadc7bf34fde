"""Answers to steps over HTTP. The database is the test's own, of both kinds."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from portal.db import Database
from portal.journeys.models import Journey
from portal.troubleshooting.routes import POSTS_PER_MINUTE
from tests.support.pages import one, parse, parse_region, words
from tests.support.portal import running_portal
from tests.support.windows import seconds_to_room
from tests.troubleshooting.visitor import answered, form_fields, open_page, opened, outcomes, press, steps

pytestmark = pytest.mark.anyio

REGION = {"HX-Request": "true", "HX-Request-Type": "partial"}
LEFT_OUT = [{"DNT": "1"}, {"Sec-GPC": "1"}]


async def test_skipped_steps_are_not_said_to_have_failed(help_desk: httpx.AsyncClient) -> None:
    page = await open_page(help_desk)
    order = steps(page)
    page = await press(help_desk, page, order[0], "not_resolved")
    assert "answered. Step 2 is shown below." in words(one(page, ".steps-head"))
    for step in order[1:]:
        page = await press(help_desk, page, step, "skipped")
    said = words(one(page, ".steps-head"))
    assert f"{len(order) - 1} were not tried; of the others none has helped." in said


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


async def test_pasted_text_reaches_the_report_through_every_answer(help_desk: httpx.AsyncClient) -> None:
    pasted = "错误：额度不足，请充值 API Error: 402\n" * 400
    page = parse((await help_desk.post("/troubleshoot/diagnose", data={"text": pasted})).text)
    button = page.cssselect("#diagnosis button[value=not_resolved]")[0]
    answer = await help_desk.post(str(button.get("formaction")), data={**form_fields(page), "outcome": "not_resolved"})
    page = parse(answer.text)
    page = await press(help_desk, page, opened(page)[0], "skipped")
    assert "额度不足" in one(page, "[data-snippet=bundle]").text_content()


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


async def test_flood_of_answers_from_one_address_is_refused(help_desk: httpx.AsyncClient) -> None:
    page = await open_page(help_desk)
    first, last = steps(page)[0], steps(page)[-1]
    given = []
    await asyncio.sleep(seconds_to_room(20))
    for _ in range(POSTS_PER_MINUTE + 5):
        help_desk.cookies.clear()
        given.append(await help_desk.post(f"/troubleshoot/rejected-401/{last}", data={"outcome": "resolved"}))
    assert [answer.status_code for answer in given] == [200] * POSTS_PER_MINUTE + [429] * 5
    answer = given[-1]
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert "set-cookie" not in answer.headers
    refused = parse(answer.text)
    assert "not taken" in words(one(refused, "[data-notice]"))
    assert answered(refused) == {}
    assert {first, last} <= set(steps(refused))
    pasted = await help_desk.post("/troubleshoot/diagnose", data={"text": "API Error: 401"})
    assert (pasted.status_code, pasted.headers.get("set-cookie")) == (429, None)
    assert "API Error: 401" in one(parse(pasted.text), "#text").text_content()
