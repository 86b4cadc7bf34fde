"""The page of a check without JavaScript, and what the region says beside the verdict."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.stages import ClientShape, ModelsUnlisted, Rehearsed
from portal.keycheck.progress import StepName
from portal.keycheck.step_words import words_beside
from portal.profile.load import load_profile
from tests.keycheck.scripted import PLAN, good
from tests.support.pages import one, parse, parse_region, words
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

REGION = {"HX-Request": "true", "HX-Request-Type": "partial"}


async def test_enter_checks_the_key_and_only_a_press_runs_the_rehearsal(portal: httpx.AsyncClient) -> None:
    page = parse((await portal.post("/key-check", data={"key": DEMO_KEYS[Behaviour.GOOD]})).text)
    buttons = [
        button
        for button in page.cssselect("button[type=submit]")
        if button.get("form") == "key-check-form" or next(button.iterancestors("form"), None) is not None
    ]
    of_the_check = [button for button in buttons if "theme" not in (button.get("class") or "")]
    assert [words(button) for button in of_the_check][-2:] == ["Check key", "Run the full rehearsal"]
    assert [button.get("name") for button in of_the_check][-2:] == [None, "rehearsal"]
    assert len([button for button in of_the_check if button.get("name") == "rehearsal"]) == 1
    assert one(page, "#key-check-form #key").get("required") is not None
    assert not page.cssselect("[formnovalidate]"), "an empty field must not wipe what was found"
    assert "input tokens" in words(one(page, "[data-step=rehearsal]"))


async def test_rehearsal_is_offered_beside_its_step_when_the_guide_shows_the_region(portal: httpx.AsyncClient) -> None:
    answer = await portal.post("/key-check", data={"key": DEMO_KEYS[Behaviour.GOOD]}, headers=REGION)
    button = one(parse_region(answer.text), "[data-step=rehearsal] button")
    assert (words(button), button.get("type")) == ("Run it", "button"), "no button that Enter could press"


@pytest.mark.parametrize(
    ("behaviour", "cause"),
    [
        (Behaviour.REJECTED, "key-rejected"),
        (Behaviour.OUT_OF_CREDIT, "out-of-credit"),
        (Behaviour.REDIRECT, "base-url-redirect"),
        (Behaviour.HAIKU_MISSING, "model-restricted"),
        (Behaviour.NO_CHANNEL, "model-restricted"),
    ],
)
@pytest.mark.parametrize("headers", [{}, REGION], ids=["page", "region"])
async def test_found_cause_leads_to_where_it_is_explained(
    portal: httpx.AsyncClient, behaviour: Behaviour, cause: str, headers: dict[str, str]
) -> None:
    data = {"key": DEMO_KEYS[behaviour], "os": "windows", "shell": "cmd"}
    answer = await portal.post("/key-check", data=data, headers=headers)
    region = one(parse_region(answer.text), "#key-check") if headers else one(parse(answer.text), "#key-check")
    link = one(region, ".verdict-actions a[href^='/troubleshoot']").get("href") or ""
    explained = parse((await portal.get(link)).text)
    assert explained.cssselect(f'[data-cause="{cause}"]'), link
    assert "os=windows" in link


async def test_check_that_passed_leads_to_no_cause(portal: httpx.AsyncClient) -> None:
    page = parse((await portal.post("/key-check", data={"key": DEMO_KEYS[Behaviour.GOOD]})).text)
    assert not page.cssselect("#key-check a[href^='/troubleshoot']")


@pytest.mark.parametrize(
    ("status", "said"),
    [(404, "has no list"), (405, "has no list"), (401, "did not give"), (500, "did not give"), (None, "did not give")],
)
def test_missing_list_is_told_from_one_that_was_not_given(status: int | None, said: str) -> None:
    state = replace(good(), listing=ModelsUnlisted(status=status))
    assert said in str(words_beside(StepName.MODELS, state))


def test_counted_tokens_are_said_where_they_were_counted() -> None:
    one_shape = Rehearsed(
        shape=ClientShape.CURRENT,
        body_bytes=123_456,
        duration_ms=1,
        input_tokens=1,
        output_tokens=1,
        counted_tokens=31_234,
    )
    state = replace(good(replace(PLAN, rehearsal=True)), rehearsals=(one_shape,))
    assert "counted as 31,234 tokens" in str(words_beside(StepName.REHEARSAL, state))
    uncounted = replace(state, rehearsals=(replace(one_shape, counted_tokens=None),))
    assert "counted" not in str(words_beside(StepName.REHEARSAL, uncounted))


@pytest.mark.parametrize("preset", ["tokenbay", "cloudflare", "litellm"])
async def test_look_of_a_key_is_said_in_a_sentence_for_every_profile(preset: str) -> None:
    hint = load_profile(preset).key_hint
    profile = replace(load_profile("tokenbay"), key_hint=hint, key_pattern="tb-[a-z]+")
    async with running_portal(profile) as portal:
        guide = words(one(parse((await portal.get("/?os=macos&shell=zsh")).text), "#key-promise"))
        region = parse_region((await portal.post("/key-check", data={"key": "sk-x"}, headers=REGION)).text)
    assert guide.endswith(f"The right one {hint}.")
    assert f"It does not look like a key of TokenBay ({hint})." in words(region)


async def test_models_are_not_said_to_be_usable_when_nobody_asked_them(portal: httpx.AsyncClient) -> None:
    answer = await portal.post("/key-check", data={"key": DEMO_KEYS[Behaviour.HAIKU_MISSING]}, headers=REGION)
    region = parse_region(answer.text)
    usable = str(region.get("data-usable")).split()
    assert "claude-haiku-4.5" not in usable
    assert "can use" not in words(one(region, "#fold-usable"))
    assert "were not tried" in words(one(region, "#fold-usable"))
