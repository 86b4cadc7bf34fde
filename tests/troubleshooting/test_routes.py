"""The help pages over HTTP, on parsed HTML."""

from __future__ import annotations

import re

import httpx
import pytest

from portal.diagnosis.load import load_catalogue
from portal.profile.load import load_profile
from tests.diagnosis.coverage import GUIDE_ROWS
from tests.support.pages import one, parse, words
from tests.troubleshooting.visitor import PAGE, open_page, opened, steps

pytestmark = pytest.mark.anyio


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


WAYS = [(row, *way) for row, ways in GUIDE_ROWS.items() for way in ways]


@pytest.mark.parametrize("machine", ["os=macos&shell=zsh", "os=windows&shell=cmd&scope=startup"])
@pytest.mark.parametrize(("row", "symptom", "cause"), WAYS, ids=["-".join(way) for way in WAYS])
async def test_every_row_of_the_guides_table_is_two_presses_away(
    portal: httpx.AsyncClient, row: str, symptom: str, cause: str, machine: str
) -> None:
    guide = parse((await portal.get(f"/?{machine}")).text)
    listed = parse((await portal.get(str(guide.cssselect("nav a[data-help]")[0].get("href")))).text)
    address = str(one(listed, f'.symptoms [data-symptom="{symptom}"] a').get("href"))
    page = await open_page(portal, address)
    catalogue = load_catalogue(load_profile("tokenbay"))
    settles = {step.id for step in catalogue.steps.values() if cause in step.causes}
    assert settles & set(steps(page)), row


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


async def test_reason_of_a_step_is_one_that_is_behind_the_symptom(portal: httpx.AsyncClient) -> None:
    catalogue = load_catalogue(load_profile("tokenbay"))
    titles = {str(cause.title).replace("`", ""): cause.id for cause in catalogue.causes.values()}
    looked_at = 0
    for symptom in catalogue.symptoms.values():
        page = await open_page(portal, f"/troubleshoot/{symptom.id}?os=linux&shell=bash")
        for step in page.cssselect("#steps .try"):
            said = words(one(step, ".because")).removeprefix("Helps when: ")
            if said not in titles:
                continue  # it names the gateway
            looked_at += 1
            about = catalogue.steps[str(step.get("data-step"))].causes
            assert titles[said] in set(about) & set(symptom.causes), (symptom.id, step.get("data-step"), said)
    assert looked_at > 100
    page = await open_page(portal)
    reasons = {str(step.get("data-step")): words(one(step, ".because")) for step in page.cssselect("#steps .try")}
    assert "address" not in reasons["see-error-at-once"]
    assert reasons["see-error-at-once"] == reasons["ask-about-key"] != reasons["set-up-again"]


async def test_key_is_checked_with_one_press_in_the_guide(portal: httpx.AsyncClient) -> None:
    page = await open_page(portal)
    step = one(page, '[data-step="ask-gateway-directly"]')
    link, block = one(step, "a.button"), step.cssselect("[data-snippet]")[0]
    assert link.get("href") == "/?os=linux&shell=bash#step-key"
    places = list(step.iter())
    assert places.index(link) < places.index(block)


async def test_step_that_only_looks_has_answers_of_its_own(portal: httpx.AsyncClient) -> None:
    page = await open_page(portal)
    for step in page.cssselect("#steps .try"):
        looks = bool(step.cssselect(".risk-safe"))
        said = [words(button) for button in step.cssselect(".answers button")]
        assert said[:2] == (["It works now", "All fine here"] if looks else ["This fixed it", "Still broken"])
        links = [str(link.get("href")) for link in step.cssselect(".answers a")]
        assert links == (["/troubleshoot?os=linux&shell=bash#text"] if looks else [])


async def test_report_says_what_nobody_chose_and_has_a_place_for_the_error(portal: httpx.AsyncClient) -> None:
    report = one(await open_page(portal, "/troubleshoot/rejected-401"), "[data-snippet=bundle]").text_content()
    assert "machine: not chosen" in report
    assert "installed with: not chosen" in report
    assert "(put the error here, without keys)" in report
    report = one(await open_page(portal), "[data-snippet=bundle]").text_content()
    assert "machine: linux, bash" in report
    assert "client version: (what `claude --version` prints)" in report
    assert "step 2 of the guide has one" in report


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


async def test_another_site_cannot_answer(portal: httpx.AsyncClient) -> None:
    for path in ("/troubleshoot/diagnose", "/troubleshoot/rejected-401/remove-leftover-key"):
        answer = await portal.post(path, data={"outcome": "resolved"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
