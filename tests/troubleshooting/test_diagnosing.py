"""A pasted text over HTTP: what is found in it, what is said when nothing is, and that no key of it is repeated."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx
import pytest
from lxml.html import HtmlElement

from portal.profile.load import load_profile
from portal.profile.model import Region
from portal.troubleshooting.forms import LONGEST_TEXT
from portal.web.middleware import MAX_BODY
from tests.support.pages import labelled, one, parse, parse_region, words
from tests.support.portal import running_portal
from tests.troubleshooting.visitor import outcomes

pytestmark = pytest.mark.anyio

REGION = {"HX-Request": "true", "HX-Request-Type": "partial"}
KEY = "sk-canary-0123456789abcdefghij"
WRONG_ADDRESS = "There's an issue with the selected model (claude-sonnet-4.6). It may not exist or you may not"


def causes(tree: HtmlElement) -> list[str]:
    return [str(cause.get("data-cause")) for cause in tree.cssselect("#diagnosis [data-cause]")]


async def diagnose(portal: httpx.AsyncClient, text: str, status: int = 200, **more: str) -> HtmlElement:
    answer = await portal.post("/troubleshoot/diagnose", data={"text": text, "os": "linux", "shell": "bash", **more})
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    return parse(answer.text)


async def test_causes_are_ranked_with_evidence_reasons_and_steps(portal: httpx.AsyncClient) -> None:
    page = await diagnose(portal, f"$ claude -p hi\n{WRONG_ADDRESS}\n")
    found = causes(page)
    assert set(found[:3]) >= {"base-url-path", "model-unknown"}
    first = page.cssselect("#diagnosis [data-cause]")[0]
    assert "issue with the selected model" in words(first.cssselect(".evidence blockquote")[0])
    assert "Line 2" in words(first.cssselect(".evidence figcaption")[0])
    assert words(one(first, ".tell-apart"))
    opened = page.cssselect("#diagnosis .try > details[open]")
    assert [str(fold.getparent().get("data-step")) for fold in opened] == [first.cssselect(".try")[0].get("data-step")]
    assert first.cssselect("[data-snippet=step]")
    assert first.get("data-band") in {"sure", "likely", "possible"}


async def test_step_of_a_cause_leads_on_to_the_other_causes_steps(portal: httpx.AsyncClient) -> None:
    page = await diagnose(portal, WRONG_ADDRESS)
    shown = [str(step.get("data-step")) for step in page.cssselect("#diagnosis .try")]
    button = page.cssselect("#diagnosis .try button[value=not_resolved]")[0]
    fields = {str(f.get("name")): str(f.get("value")) for f in page.cssselect("#answer input[type=hidden]")}
    answer = await portal.post(str(button.get("formaction")), data={**fields, "outcome": "not_resolved"})
    after = parse(answer.text)
    listed = [str(step.get("data-step")) for step in after.cssselect("#steps .try")]
    known = [step for step in dict.fromkeys(shown) if step in listed]
    assert listed[: len(known)] == known
    assert after.cssselect("#steps .try")[0].get("data-answer") == "not_resolved"
    report = one(after, "[data-snippet=bundle]").text_content()
    assert "issue with the selected model" in report


async def test_report_holds_nothing_of_a_key(portal: httpx.AsyncClient) -> None:
    page = await diagnose(portal, f"export ANTHROPIC_AUTH_TOKEN={KEY}\n{WRONG_ADDRESS}")
    button = page.cssselect("#diagnosis .try button[value=not_resolved]")[0]
    fields = {str(f.get("name")): str(f.get("value")) for f in page.cssselect("#answer input[type=hidden]")}
    after = parse((await portal.post(str(button.get("formaction")), data={**fields, "outcome": "not_resolved"})).text)
    report = one(after, "[data-snippet=bundle]").text_content()
    assert "export ANTHROPIC_AUTH_TOKEN=***\n" in report
    assert KEY[-4:] not in report


async def test_client_version_is_carried_to_the_report(portal: httpx.AsyncClient) -> None:
    page = await diagnose(portal, f"Claude Code v2.1.330\n{WRONG_ADDRESS}")
    fields = {str(f.get("name")): str(f.get("value")) for f in page.cssselect("#answer input[type=hidden]")}
    assert fields["client"] == "2.1.330"
    assert "2.1.330" in words(one(page, "#diagnosis .lead"))


async def test_versions_are_named_until_the_client_is_known(portal: httpx.AsyncClient) -> None:
    settings = '{\n  "env": {\n    "ANTHROPIC_BASE_URL": "https://api.tokenbay.com",\n  }\n}\n'
    notes = '#diagnosis [data-cause="settings-file-broken"] > .hint'
    page = await diagnose(portal, settings)
    assert [words(note)[:5] for note in page.cssselect(notes)] == ["From ", "Befor"]
    page = await diagnose(portal, f"Claude Code v2.1.330\n{settings}")
    (note,) = page.cssselect(notes)
    assert words(note)[:5] not in {"From ", "Befor"}


async def test_field_keeps_the_masked_text(portal: httpx.AsyncClient) -> None:
    page = await diagnose(portal, f"export ANTHROPIC_AUTH_TOKEN={KEY}\nAPI Error: 401 {KEY}")
    field = labelled(page, "Paste what you see")
    assert "API Error: 401" in field.text_content()
    assert "masked" in words(one(page, "#diagnosis .field-notice"))
    assert "canary" not in words(page)


async def test_unmatched_text_is_said_so_with_a_way_on(portal: httpx.AsyncClient) -> None:
    page = await diagnose(portal, "The weather is fine today.")
    assert causes(page) == []
    assert "Nothing was recognised" in words(one(page, "#title-diagnosis"))
    links = [str(link.get("href")) for link in page.cssselect("#diagnosis a.button")]
    assert links == ["#title-symptoms", "/?os=linux&shell=bash#fold-doctor"]
    assert "ask" not in words(one(page, "#diagnosis .lead"))
    assert page.cssselect(".symptoms [data-symptom]")


async def test_status_lines_are_compared_with_the_profile(portal: httpx.AsyncClient) -> None:
    page = await diagnose(portal, "Auth token: ANTHROPIC_AUTH_TOKEN\nAnthropic base URL: https://api.tokenbay.com/v1\n")
    bad = [words(remark) for remark in page.cssselect("#diagnosis .remark.bad")]
    assert any("https://api.tokenbay.com/v1" in line for line in bad)
    assert page.cssselect("#diagnosis .remark.good")


@pytest.mark.parametrize(("region", "good"), [("", True), ("eu", True), ("us", False)])
async def test_address_of_a_region_is_right_unless_another_one_is_chosen(region: str, *, good: bool) -> None:
    regions = (Region("eu", "Europe", "https://eu.tokenbay.com"), Region("us", "America", "https://us.tokenbay.com"))
    status = "Auth token: ANTHROPIC_AUTH_TOKEN\nAnthropic base URL: https://eu.tokenbay.com\n"
    async with running_portal(replace(load_profile("tokenbay"), regions=regions)) as portal:
        page = await diagnose(portal, status, region=region)
    said = [words(remark) for remark in page.cssselect("#diagnosis .remark.bad")]
    assert any("eu.tokenbay.com" in line for line in said) is not good


async def test_answers_are_of_one_visit_when_the_browser_keeps_no_cookie(
    help_desk: httpx.AsyncClient, database_address: str
) -> None:
    page = await diagnose(help_desk, WRONG_ADDRESS)
    help_desk.cookies.clear()
    buttons = page.cssselect("#diagnosis .try button[value=not_resolved]")
    addresses = sorted({str(button.get("formaction")) for button in buttons})[:2]
    fields = {str(f.get("name")): str(f.get("value")) for f in page.cssselect("#answer input[type=hidden]")}
    for address in (*addresses, *addresses):
        await help_desk.post(address, data={**fields, "outcome": "not_resolved"})
        help_desk.cookies.clear()
    assert len(addresses) == len(await outcomes(database_address)) == 2


async def test_defects_of_a_settings_file_are_named_with_their_line(portal: httpx.AsyncClient) -> None:
    page = await diagnose(portal, '{\n  "env": {\n    "ANTHROPIC_BASE_URL": "https://api.tokenbay.com",\n  }\n}\n')
    assert "settings-file-broken" in causes(page)
    remarks = [words(remark) for remark in page.cssselect("#diagnosis .remark")]
    assert re.search(r"Line [34]", remarks[0])
    assert remarks[-1].startswith("Because of that")
    assert one(page, '[data-step="repair-settings-file"] a.button').get("href") == "/?os=linux&shell=bash#fold-merge"
    assert "It says that a settings file has an error" in words(
        one(page, '#diagnosis [data-cause="settings-file-broken"]')
    )


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u200b\u200d\ufeff", " \u2060\u00a0\u3164\n"])
async def test_empty_text_is_refused_with_a_sentence(portal: httpx.AsyncClient, text: str) -> None:
    page = await diagnose(portal, text, 422)
    assert "nothing to look at" in words(one(page, "#diagnosis .field-notice"))
    answer = await portal.post("/troubleshoot/diagnose", data={"text": text}, headers=REGION)
    assert (answer.status_code, parse_region(answer.text).get("id")) == (422, "diagnosis")


async def test_end_of_a_long_text_is_looked_at(portal: httpx.AsyncClient) -> None:
    page = await diagnose(portal, "x " * (LONGEST_TEXT // 2) + f"\n{WRONG_ADDRESS}")
    assert "base-url-path" in causes(page)
    assert re.search(r"without the first \d+ characters", words(page.cssselect("#diagnosis .field-notice")[0]))


async def test_longest_text_of_wide_signs_is_read_and_a_longer_one_refused(portal: httpx.AsyncClient) -> None:
    fits = "错误\n" * (LONGEST_TEXT // 8) + WRONG_ADDRESS
    answer = await portal.post("/troubleshoot/diagnose", files={"text": (None, fits)})
    assert answer.status_code == 200
    assert "base-url-path" in causes(parse(answer.text))
    answer = await portal.post("/troubleshoot/diagnose", files={"text": (None, "错" * 22_000)})
    assert answer.status_code == 413
    assert "at the end" in words(one(parse(answer.text), "#diagnosis .field-notice"))


async def test_what_was_not_read_is_said_when_nothing_is_known_in_the_rest(portal: httpx.AsyncClient) -> None:
    for page in (
        await diagnose(portal, f"{WRONG_ADDRESS}\n" + "fine " * (LONGEST_TEXT // 4)),
        await diagnose(portal, "fine " * 20, cut="154377"),  # the browser had cut it
    ):
        lead = words(one(page, "#diagnosis .lead"))
        assert lead.startswith("Nothing is known in the last 48 KB")
        assert "Paste the lines around the error." in lead
        assert "without the first" in words(page.cssselect("#diagnosis .field-notice")[0])
    page = await diagnose(portal, "fine " * 20, cut="none of it")
    assert "48 KB" not in words(one(page, "#diagnosis .lead"))


@pytest.mark.parametrize("as_files", [False, True], ids=["urlencoded", "multipart"])
async def test_much_too_long_text_is_refused_with_a_sentence(portal: httpx.AsyncClient, *, as_files: bool) -> None:
    text = "y" * (MAX_BODY + 10)
    body = {"files": {"text": (None, text)}} if as_files else {"data": {"text": text}}
    answer = await portal.post("/troubleshoot/diagnose", **body)
    assert answer.status_code == 413
    assert "at the end" in words(one(parse(answer.text), "#diagnosis .field-notice"))


async def test_long_text_is_read_when_the_form_sends_it_as_parts(portal: httpx.AsyncClient) -> None:
    text = "z" * 40_000 + f"\n{WRONG_ADDRESS}"
    answer = await portal.post("/troubleshoot/diagnose", files={"text": (None, text), "os": (None, "linux")})
    assert answer.status_code == 200
    assert "base-url-path" in causes(parse(answer.text))


async def test_key_check_leads_to_its_cause(portal: httpx.AsyncClient) -> None:
    answer = await portal.get("/troubleshoot?os=windows&shell=powershell&cause=out-of-credit&seen=planted+words")
    assert "planted" not in answer.text
    page = parse(answer.text)
    found = one(page, ".found [data-cause]")
    assert found.get("data-cause") == "out-of-credit"
    assert found.cssselect("[data-step] [data-snippet], [data-step] .message-text")
    assert answer.headers["cache-control"].startswith("public")
    assert one(page, "#paste input[name=check]").get("value") == "out-of-credit"
    assert not parse((await portal.get("/troubleshoot?cause=nothing")).text).cssselect(".found")


async def test_address_of_a_diagnosis_starts_again(portal: httpx.AsyncClient) -> None:
    answer = await portal.get("/troubleshoot/diagnose?os=linux")
    assert (answer.status_code, answer.headers["location"]) == (303, "/troubleshoot?os=linux")


async def test_support_is_named_when_the_profile_has_it() -> None:
    profile = load_profile("tokenbay")
    profile = replace(profile, links=replace(profile.links, support="https://support.example.com"))
    async with running_portal(profile) as portal:
        page = await diagnose(portal, "The weather is fine today.")
    assert "https://support.example.com" in [a.get("href") for a in page.cssselect("#diagnosis a")]


async def test_key_check_is_not_the_first_step_for_whoever_comes_from_it(portal: httpx.AsyncClient) -> None:
    page = parse((await portal.get("/troubleshoot?cause=key-rejected&os=linux&shell=bash")).text)
    shown = [str(step.get("data-step")) for step in page.cssselect('[data-cause="key-rejected"] [data-step]')]
    assert len(shown) > 1
    assert shown[-1] == "ask-gateway-directly"
    pasted = await portal.post("/troubleshoot/diagnose", data={"text": "API Error: 401 invalid api key"})
    found = parse(pasted.text).cssselect('[data-cause="key-rejected"] [data-step]')
    assert str(found[0].get("data-step")) == "ask-gateway-directly"
