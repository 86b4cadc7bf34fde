"""What is said of models of the choices that do not answer: how many, why each, and what to do next."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from portal.gateway import results
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.results import Barrier, CheckResult, Fault, Shape
from portal.gateway.stages import MessageProbe
from portal.keycheck import findings as found
from portal.keycheck.conclusion import Conclusion, conclude
from portal.keycheck.findings import Ending, Findings
from portal.keycheck.plan import MappedModel
from portal.keycheck.progress import StepName, progress_of
from portal.keycheck.step_words import words_for_model
from portal.keycheck.steps import StepState
from portal.profile.model import Tier
from tests.keycheck.scripted import HAIKU, OPUS, PLAN, PROFILE, SONNET, UNKNOWN_503, accepted, good, unknown
from tests.support.pages import one, parse_region, words

pytestmark = pytest.mark.anyio

REGION = {"HX-Request": "true", "HX-Request-Type": "partial"}
NOT_IN_PLAN = results.NotAllowed(status=403, duration_ms=1, barrier=Barrier.MODEL)
BUSY = results.Throttled(status=429, duration_ms=1)
LATE = results.TimedOut(status=None, duration_ms=1)


def silent(model: str) -> results.ModelUnknown:
    return replace(UNKNOWN_503, model=model)


def verdict_on(state: Findings) -> Conclusion:
    return conclude(found.with_end(state, Ending.COMPLETE, 100), PROFILE)


def beside(opus: CheckResult, haiku: CheckResult) -> Conclusion:
    return verdict_on(replace(good(), answers={OPUS: opus, HAIKU: haiku}))


def all_of(sonnet: CheckResult, opus: CheckResult, haiku: CheckResult) -> Conclusion:
    state = replace(good(), first=MessageProbe(sonnet), answers={OPUS: opus, HAIKU: haiku}, stream=None)
    return verdict_on(state)


async def region(portal: httpx.AsyncClient, behaviour: Behaviour, **choices: str) -> dict[str, object]:
    """What the verdict says, and what stands beside each model."""
    answer = await portal.post("/key-check", data={"key": DEMO_KEYS[behaviour], **choices}, headers=REGION)
    tree = parse_region(answer.text)
    rows = {
        words(one(row, "code")): words(one(row, ".step-beside")) for row in tree.cssselect(".check-steps .check-model")
    }
    return {
        "sentence": words(one(tree, ".verdict-sentence")),
        "next": words(one(tree, ".next")),
        "rows": rows,
        "key": words(one(tree, "[data-step=credential] .step-found")),
        "presses": [words(press) for press in tree.cssselect("[data-use]") if press.get("class")],
    }


async def test_headline_counts_and_each_row_gives_its_reason_when_models_differ(portal: httpx.AsyncClient) -> None:
    said = await region(portal, Behaviour.OPUS_NOT_ALLOWED, haiku="gpt-4")
    assert said["sentence"] == "Your key works, but TokenBay does not answer with 2 of your 3 models."
    assert said["next"] == "Choose another id in step 3 for claude-opus-4.8, gpt-4, then check again."
    assert said["rows"] == {
        "claude-opus-4.8": "not in this key’s plan",
        "gpt-4": "no channel for it at the gateway",
    }


async def test_headline_counts_all_when_no_model_is_in_the_key_s_plan(portal: httpx.AsyncClient) -> None:
    said = await region(portal, Behaviour.NOT_ALLOWED_MODEL)
    assert said["sentence"] == "Your key works, but its plan at TokenBay does not include 3 of your 3 models."
    assert said["key"].endswith("accepted")  # type: ignore[attr-defined]


POOR = results.OutOfCredit(status=403, duration_ms=1)


def test_credit_and_its_console_are_named_when_it_does_not_pay_for_some_models() -> None:
    one_of, both = beside(POOR, accepted(HAIKU)), beside(POOR, POOR)
    assert (
        str(one_of.sentence) == f"Your key works, but your credit at Test Gateway does not pay for the model `{OPUS}`."
    )
    assert str(both.sentence) == "Your key works, but your credit at Test Gateway does not pay for 2 of your 3 models."
    for verdict in (one_of, both):
        assert str(verdict.next_action).startswith("Add credit in the gateway’s console, or choose another id")
        assert verdict.cause_id == "out-of-credit"
        assert [link.name.value for link in verdict.links][:1] == ["console"]


def test_key_is_known_to_be_good_when_one_of_the_answers_shows_it() -> None:
    shapes = [replace(silent(model), no_channel=False, key_proven=model == HAIKU) for model in (SONNET, OPUS, HAIKU)]
    assert "not known yet" not in str(all_of(*shapes).cause)


def test_model_that_is_not_in_the_plan_is_not_worded_like_a_wrong_key() -> None:
    verdict = all_of(NOT_IN_PLAN, accepted(OPUS), accepted(HAIKU))
    expected = f"Your key works, but its plan at Test Gateway does not include the model `{SONNET}`."
    assert str(verdict.sentence) == expected
    assert (verdict.code, verdict.cause_id) == ("not-allowed", "model-restricted")


@pytest.mark.parametrize("ordinary", [True, False], ids=["the first", "another"])
def test_model_without_a_channel_is_not_called_misspelt_when_it_is_offered(*, ordinary: bool) -> None:
    if ordinary:
        verdict = all_of(silent(SONNET), accepted(OPUS), accepted(HAIKU))
    else:
        verdict = beside(accepted(OPUS), silent(HAIKU))
    said = " ".join(map(str, (verdict.sentence, verdict.cause, verdict.next_action)))
    assert "has no channel for the model" in said
    assert "The id may be right" in said
    assert "ask the gateway’s support to enable this one" in said
    assert "written differently" not in said
    assert verdict.cause_id == "model-restricted"
    assert verdict.changes == ()
    assert "support" in {link.name for link in verdict.links}


def test_model_without_a_channel_is_called_misspelt_only_when_an_offered_id_resembles_it() -> None:
    def told(written: str) -> Conclusion:
        plan = replace(PLAN, models=(*PLAN.models[:2], MappedModel(written, (Tier.HAIKU,))))
        return verdict_on(replace(good(plan), answers={OPUS: accepted(OPUS), written: silent(written)}))

    near = told("claude-haiku-4-5")
    assert [change.value for change in near.changes] == [HAIKU]
    assert "written differently" in str(near.cause)
    assert near.cause_id == "model-unknown"
    far = told("house-model")
    assert far.changes == ()
    assert "The id may be right" in str(far.cause)
    assert far.cause_id == "model-restricted"


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ((silent(SONNET), silent(OPUS), silent(HAIKU)), "has no channel for 3 of your 3 models."),
        ((silent(SONNET), silent(OPUS), accepted(HAIKU)), "has no channel for 2 of your 3 models."),
        ((unknown(SONNET), unknown(OPUS), accepted(HAIKU)), "does not offer you 2 of your 3 models."),
        ((NOT_IN_PLAN, silent(OPUS), LATE), "does not answer with 3 of your 3 models."),
        ((NOT_IN_PLAN, accepted(OPUS), BUSY), "does not answer with 2 of your 3 models."),
    ],
)
def test_number_of_silent_models_is_said_when_the_first_is_among_them(
    answers: tuple[CheckResult, CheckResult, CheckResult], sentence: str
) -> None:
    assert str(all_of(*answers).sentence).endswith(sentence)


def test_one_action_fits_when_some_are_refused_and_others_are_busy() -> None:
    verdict = beside(NOT_IN_PLAN, BUSY)
    assert str(verdict.sentence) == "Your key works, but Test Gateway does not answer with 2 of your 3 models."
    assert str(verdict.next_action) == f"Choose another id in step 3 for `{OPUS}`, then check again."


def test_busy_models_are_counted_when_each_is_busy_in_its_way() -> None:
    verdict = beside(BUSY, LATE)
    assert str(verdict.sentence) == "Your key works, but Test Gateway does not answer with 2 of your 3 models."
    assert str(verdict.next_action).startswith("Check again in a few minutes.")


def test_key_is_not_said_to_work_when_no_answer_proves_it() -> None:
    def unproven(model: str) -> results.ModelUnknown:
        return replace(unknown(model), key_proven=False)

    alike = all_of(unproven(SONNET), unproven(OPUS), unproven(HAIKU))
    assert str(alike.sentence) == "Test Gateway does not know 3 of your 3 models."
    assert "not known yet" in str(alike.cause)
    differ = all_of(unproven(SONNET), BUSY, unproven(HAIKU))
    assert str(differ.sentence) == "Test Gateway does not answer with 3 of your 3 models."


def test_sentence_and_step_agree_when_the_answer_of_another_model_proves_the_key() -> None:
    unproven = replace(unknown(SONNET), key_proven=False)
    for other in (unknown(OPUS), NOT_IN_PLAN):
        answers = {OPUS: other, HAIKU: BUSY}
        state = found.with_end(
            replace(good(), first=MessageProbe(unproven), answers=answers, stream=None), Ending.COMPLETE, 100
        )
        assert "key work" in str(conclude(state, PROFILE).sentence)
        assert progress_of(state).state_of(StepName.CREDENTIAL) is StepState.PASSED


def test_gateway_that_fails_is_not_called_busy_because_it_is_with_another_model() -> None:
    overloaded = results.GatewayFailed(status=529, duration_ms=1, fault=Fault.OVERLOADED)
    verdict = beside(overloaded, replace(overloaded, status=500, fault=Fault.OTHER))
    assert "busy" not in str(verdict.sentence)
    assert str(verdict.sentence).endswith("does not answer with 2 of your 3 models.")


def test_page_instead_of_an_answer_is_not_called_a_refusal_and_the_support_is_named() -> None:
    page = results.NotMessagesApi(status=200, duration_ms=1, kind=Shape.HTML)
    state = found.with_end(replace(good(), answers={OPUS: accepted(OPUS), HAIKU: page}), Ending.COMPLETE, 100)
    (row,) = [row for row in progress_of(state).models if row.model.id == HAIKU]
    assert str(words_for_model(row)) == "another answer than the API’s"
    assert [str(link.label) for link in conclude(state, PROFILE).links][-1:] == ["Contact the support"]


def test_group_without_some_models_leads_to_whoever_can_allow_them() -> None:
    outside = results.NotAllowed(status=403, duration_ms=1, barrier=Barrier.GROUP)
    verdict = beside(outside, outside)
    assert "does not include 2 of your 3 models" in str(verdict.sentence)
    assert "allow them" in str(verdict.next_action)
