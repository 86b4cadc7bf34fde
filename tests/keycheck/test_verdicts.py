"""What the visitor is told when the first request says it all, and where its next action happens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.gateway import results
from portal.gateway.results import CheckResult
from portal.gateway.stages import MessageProbe
from portal.keycheck import findings as found
from portal.keycheck.conclusion import Conclusion, conclude
from portal.keycheck.findings import Ending, Findings
from portal.keycheck.progress import StepName, progress_of
from portal.keycheck.steps import StepState
from portal.keycheck.verdict_kinds import VerdictCode
from portal.profile.model import Links
from portal.words import Text
from tests.keycheck.every_result import EVERY_RESULT, MODEL
from tests.keycheck.scripted import PROFILE, findings

LINKS = Links(
    console="https://g.example/console",
    docs="https://g.example/docs",
    models="https://g.example/models",
    status="https://g.example/status",
    support="https://g.example/support",
)
OF_LATER_STAGES = {
    VerdictCode.ACCEPTED,
    VerdictCode.OTHER_HEADER,
    VerdictCode.STREAM_BROKEN,
    VerdictCode.BUFFERED,
    VerdictCode.NOT_STREAMED,
    VerdictCode.PART_REFUSED,
    VerdictCode.MODELS_MISSING,
    VerdictCode.SLOW,
    VerdictCode.CERTIFICATE_ENDS,
}
"""What one request cannot come to; `test_conclusion` reaches these."""


def after(result: CheckResult) -> Findings:
    """A check that ended with its first answer."""
    return found.with_end(found.with_first(findings(), MessageProbe(result)), Ending.COMPLETE, 100)


def told(result: CheckResult, links: Links = LINKS) -> Conclusion:
    return conclude(after(result), replace(PROFILE, links=links))


def credential(result: CheckResult) -> StepState:
    return progress_of(after(result)).state_of(StepName.CREDENTIAL)


@pytest.mark.parametrize("result", EVERY_RESULT, ids=repr)
def test_nothing_after_the_address_is_judged_when_the_address_failed(result: CheckResult) -> None:
    states = [step.state for step in progress_of(after(result)).steps]
    assert not {StepState.WAITING, StepState.RUNNING} & set(states)
    if states[0] is StepState.FAILED:
        assert set(states[1:]) == {StepState.NOT_CHECKED}


@pytest.mark.parametrize("result", EVERY_RESULT, ids=repr)
def test_words_can_be_translated(result: CheckResult) -> None:
    verdict = told(result)
    assert all(isinstance(text, Text) for text in (verdict.sentence, verdict.cause, verdict.next_action))


def test_every_code_of_one_request_is_reached() -> None:
    assert {told(result).code for result in EVERY_RESULT} == set(VerdictCode) - OF_LATER_STAGES


@pytest.mark.parametrize("result", EVERY_RESULT, ids=repr)
def test_link_is_left_out_when_the_profile_has_none(result: CheckResult) -> None:
    assert told(result, Links()).link is None


@pytest.mark.parametrize(
    ("result", "link"),
    [
        (results.Rejected(status=401, duration_ms=1), LINKS.console),
        (results.OutOfCredit(status=403, duration_ms=1), LINKS.console),
        (results.ModelUnknown(status=404, duration_ms=1, model=MODEL, key_proven=True), LINKS.models),
        (results.GatewayFailed(status=500, duration_ms=1), LINKS.status),
        (results.NotMessagesApi(status=200, duration_ms=1, kind=results.Shape.HTML), LINKS.support),
    ],
    ids=lambda value: type(value).__name__,
)
def test_link_leads_to_where_the_next_action_happens(result: CheckResult, link: str) -> None:
    verdict = told(result)
    assert verdict.link
    assert verdict.link.url == link


@pytest.mark.parametrize(
    ("quote", "cause", "cause_id"),
    [
        ("certificate has expired", "has expired", "tls-expired"),
        ("Hostname mismatch, certificate is not valid for 'x'.", "another name", "tls-hostname"),
        ("self-signed certificate", "authority", "tls-untrusted"),
        ("unable to get local issuer certificate", "authority", "tls-untrusted"),
        ("wrong version number", "does not speak HTTPS", "connection-dropped"),
    ],
)
def test_one_reason_is_given_when_the_connection_is_not_secure(quote: str, cause: str, cause_id: str) -> None:
    verdict = told(results.Unreachable(status=None, duration_ms=1, kind=results.Obstacle.TLS, quote=quote))
    assert cause in str(verdict.cause)
    assert verdict.cause_id == cause_id


def test_link_falls_back_when_the_first_is_missing() -> None:
    verdict = told(results.Rejected(status=401, duration_ms=1), Links(docs="https://g.example/docs"))
    assert verdict.link
    assert (verdict.link.url, str(verdict.link.label)) == ("https://g.example/docs", "Read the documentation")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "Wait 1 minute"),
        (1, "Wait 1 second,"),
        (60, "Wait 1 minute"),
        (90, "Wait 90 seconds"),
        (120, "Wait 2 minutes"),
        (121, "Wait 3 minutes"),
        (7200, "Wait 2 hours"),
    ],
)
def test_waiting_time_is_said_in_people_s_units(seconds: int | None, words: str) -> None:
    verdict = told(results.Throttled(status=429, duration_ms=1, retry_after_seconds=seconds))
    assert str(verdict.next_action).startswith(words)


def test_credit_is_not_blamed_on_the_key() -> None:
    result = results.OutOfCredit(status=403, duration_ms=1)
    assert told(result).code is VerdictCode.OUT_OF_CREDIT
    assert credential(result) is StepState.PASSED


def test_proven_key_is_claimed_only_when_it_is() -> None:
    for proven in (True, False):
        result = results.ModelUnknown(status=404, duration_ms=1, model=MODEL, key_proven=proven)
        assert ("key work" in str(told(result).sentence)) is proven
        assert (credential(result) is StepState.PASSED) is proven
