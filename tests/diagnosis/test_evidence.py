"""The file of patterns is well-formed: every clue can be met, names known causes, and has its sentence."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from portal.diagnosis import evidence
from portal.diagnosis.our_report import CAUSES
from portal.diagnosis.wording import WHY, tell_apart

ROOM = Path(evidence.__file__).parent
WEIGHED = {cause for pattern in evidence.patterns() for cause, _points in pattern.weights} | set(CAUSES.values())
PROMISED = """
base-url-path base-url-invalid base-url-scheme base-url-redirect not-an-api model-unknown model-restricted
legacy-model-remap context-window-unknown key-rejected key-malformed key-placeholder key-committed leftover-api-key
login-conflict not-in-effect settings-file-broken settings-file-wins wrong-file helper-failing cloud-provider-flag
first-party-login-required out-of-credit not-allowed blocked-by-waf rate-limited gateway-error gateway-overloaded
connection-refused connection-dropped host-unknown timeout buffering-proxy tls-untrusted tls-hostname tls-expired
proxy-refused proxy-scheme betas-rejected thinking-rejected context-too-long request-too-large
anthropic-unreachable-first-run folder-not-trusted auto-mode-check webfetch-check command-not-found wrong-shell
execution-policy old-node old-client wsl-two-homes localhost-elsewhere vscode-not-reading models-missing-in-picker
"""


def test_every_promised_cause_has_a_clue() -> None:
    assert set(PROMISED.split()) - WEIGHED == set()


def test_every_weighed_cause_is_in_the_catalogue() -> None:
    catalogue = ROOM / "catalogue.toml"
    if not catalogue.exists():
        pytest.skip("the catalogue is not in this tree")
    assert WEIGHED - {cause["id"] for cause in tomllib.loads(catalogue.read_text(encoding="utf-8"))["causes"]} == set()


@pytest.mark.parametrize("pattern", evidence.patterns(), ids=lambda pattern: pattern.id)
def test_clue_has_its_sentence_and_can_be_met(pattern: evidence.Pattern) -> None:
    assert pattern.why in WHY
    assert all(-12 <= points <= 12 and points for _cause, points in pattern.weights)
    assert not pattern.regex or pattern.needs
    text = "…".join((*pattern.says[:1], *pattern.also))
    if not pattern.regex and not pattern.unless_regex:
        statuses = dict.fromkeys(pattern.statuses, 0)
        met = {match.pattern.id for match in evidence.matches(text, statuses)}
        assert pattern.id in met or any(phrase in text for phrase in pattern.unless)


@pytest.mark.parametrize("pattern", evidence.patterns(), ids=lambda pattern: pattern.id)
def test_every_phrase_is_long_enough_to_mean_something(pattern: evidence.Pattern) -> None:
    assert all(len(phrase) >= 2 if not phrase.isascii() else len(phrase) >= 4 for phrase in pattern.says)


def test_any_two_causes_can_be_told_apart() -> None:
    for first in sorted(WEIGHED):
        for second in sorted(WEIGHED):
            assert str(tell_apart(first, second))


@pytest.mark.parametrize(
    "clue",
    [
        {"id": "a", "why": "rate", "weigh": {}},
        {"id": "a", "why": "rate", "weigh": {}, "says": ["x"], "color": 1},
    ],
)
def test_malformed_clue_is_refused(clue: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="clue"):
        evidence._read(clue)
