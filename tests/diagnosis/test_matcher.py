"""What the matcher promises: the true cause of real texts, whatever happened to them on the way, and no guessing."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.diagnosis.answer import Band, Kind, Known
from portal.diagnosis.matcher import diagnose
from portal.profile.model import CredentialScheme
from tests.diagnosis.pasting import (
    CHANGES,
    CORPUS,
    NOTHING,
    TEXTS,
    TOKENBAY,
    causes,
    first,
    labelled,
    quotes,
    shares,
)

SELECTED = (
    "There's an issue with the selected model ({}). It may not exist or you may not have access to it. Run --model"
)
NAMES = ("seen", "unseen", "later", "typical", "wider_typical", "last", "last_typical", "final")
ALL = [row for name in NAMES for row in labelled(TEXTS / f"{name}.jsonl")]


@pytest.mark.parametrize(
    ("path", "first_at_least", "three_at_least"),
    [
        pytest.param(CORPUS, 0.85, 0.98, marks=pytest.mark.real("shared-facts")),
        (TEXTS / "seen.jsonl", 0.90, 0.98),
        (TEXTS / "unseen.jsonl", 0.85, 0.95),
        (TEXTS / "later.jsonl", 0.90, 0.97),
        (TEXTS / "typical.jsonl", 0.97, 0.99),
        # First looks, before any phrase was changed for them: wider 0.73 and 0.89, wider-typical 0.94 and 0.99, last
        # 0.75 and 0.92, last-typical 0.95 and 0.98, final 0.81 and 0.89. In wider, one sentence often has many causes.
        (TEXTS / "wider.jsonl", 0.84, 0.95),
        (TEXTS / "wider_typical.jsonl", 0.97, 0.99),
        (TEXTS / "last.jsonl", 0.90, 0.98),
        (TEXTS / "last_typical.jsonl", 0.97, 0.99),
        (TEXTS / "final.jsonl", 0.97, 0.99),
        # What people of other gateways reported, with the cause that their threads came to. First looks: field 0.83 and
        # 0.87, field-held 0.81 and 0.92. The second half stays unread: nobody looks at what it misses.
        (TEXTS / "field.jsonl", 0.95, 0.98),
        (TEXTS / "field_held.jsonl", 0.83, 0.92),
        # Messages that vendors' documents name, written down before a look; first 0.84 and 0.95.
        (TEXTS / "vendors.jsonl", 0.94, 0.97),
        # Written, not recorded: the client's, gateways' and shells' own sentences with other values, and with the noise
        # of a terminal. First looks 0.89 and 0.94. Of written-held nobody looks at what it misses: 0.88 and 0.93.
        (TEXTS / "written.jsonl", 0.97, 0.99),
        (TEXTS / "written_held.jsonl", 0.91, 0.95),
    ],
    ids=[
        "corpus",
        "seen",
        "unseen",
        "later",
        "typical",
        "wider",
        "wider-typical",
        "last",
        "last-typical",
        "final",
        "field",
        "field-held",
        "vendors",
        "written",
        "written-held",
    ],
)
def test_true_cause_is_found(path: Path, first_at_least: float, three_at_least: float) -> None:
    hits, three, missed = shares(labelled(path))
    assert hits >= first_at_least, missed
    assert three >= three_at_least, missed


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_true_cause_is_found_when_the_text_was_changed_on_the_way(change: type[str]) -> None:
    hits, three, missed = shares(ALL, change)
    assert hits >= 0.88, missed
    assert three >= 0.97, missed


def test_true_cause_is_found_when_the_gateway_is_known() -> None:
    hits, three, missed = shares(ALL, known=TOKENBAY)
    assert hits >= 0.88, missed
    assert three >= 0.97, missed


def test_texts_are_many_and_of_both_clients() -> None:
    assert len(ALL) >= 250
    assert {row.client for row in ALL} >= {"2.1.330", "2.1.197"}
    assert len({row.cause for row in ALL}) >= 40


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t\r\n",
        "Can you help me? I do not know what to do.",
        "$ git status\nOn branch main\nnothing to commit, working tree clean",
        "Traceback (most recent call last):\n  File 'x.py', line 1, in <module>\nKeyError: 'a'",
        "added 3 packages, and audited 4 packages in 3s\nfound 0 vulnerabilities",
        "bash: foo: command not found",
        "The sky is blue and this model is not found in nature.",
        '{\n  "name": "x",\n  "version": "1.0.0"\n}',
        "● Hello! How can I help you today?\n✻ Waffling… (3s)",
        "\x1b[2J\x1b[H\x00\x01",
        "2.1.330 (Claude Code)",
        "install.ps1 ist geladen. Die Ausgabe ist deaktiviert.",
        "claude hat die Datei nicht gefunden",
    ],
)
def test_nothing_is_guessed_when_nothing_was_recognised(text: str) -> None:
    diagnosis = diagnose(text, NOTHING)
    assert (diagnosis.unmatched, diagnosis.findings) == (True, ())


def test_model_or_path_depends_on_what_the_gateway_offers() -> None:
    assert first(SELECTED.format("claude-sonnet-4.6"), TOKENBAY) == "base-url-path"
    assert first(SELECTED.format("claude-sonnet-4-6"), TOKENBAY) == "model-unknown"
    assert first(SELECTED.format("claude-opus-4-8[1m]")) == "model-unknown"
    assert first(SELECTED.format("no-such-model")) == "model-unknown"


def test_address_in_the_text_decides_when_the_message_does_not() -> None:
    text = "$ echo $ANTHROPIC_BASE_URL\nhttps://gw.example/v1\n$ claude -p hi\n" + SELECTED.format("no-such-model")
    assert first(text) == "base-url-path"


def test_doubtful_findings_say_what_tells_them_apart() -> None:
    findings = diagnose(SELECTED.format("claude-opus-5-5"), NOTHING).findings
    assert {"base-url-path", "model-unknown"} == {finding.cause_id for finding in findings[:2]}
    assert "/v1" in str(findings[0].tell_apart)
    assert findings[0].band is not Band.SURE


def test_clear_findings_are_sure_and_need_no_question() -> None:
    (finding, *_rest) = diagnose("API Error: 402 Insufficient balance", NOTHING).findings
    assert (finding.cause_id, finding.band, finding.tell_apart) == ("out-of-credit", Band.SURE, None)


@pytest.mark.parametrize("family", ["new_api_error", "one_api_error"])
def test_gateway_family_in_an_error_type_is_no_fault_of_the_gateway(family: str) -> None:
    """new-api and one-api name themselves in every error of theirs, whoever is to blame."""
    text = f'API Error: 401 {{"error":{{"message":"Invalid token","type":"{family}"}}}}'
    findings = diagnose(text, NOTHING).findings
    assert findings[0].cause_id == "key-rejected"
    assert findings[0].band is Band.SURE
    assert "gateway-error" not in [finding.cause_id for finding in findings]


def test_key_check_moves_the_ranking() -> None:
    text = "Not logged in · Please run /login"
    assert first(text) == "not-in-effect"
    assert first(text, Known(key_check="key-rejected")) == "key-rejected"
    assert first(text, Known(key_check="")) == "not-in-effect"
    both = "Invalid API key · Fix external API key"
    assert first(both) == "key-rejected"
    assert first(both, Known(key_check="")) == "leftover-api-key"


def test_refusal_behind_not_logged_in_is_seen_in_the_events() -> None:
    event = '{"type":"system","subtype":"api_retry","attempt":1,"error_status":401,"error":"authentication_failed"}'
    result = '{"type":"result","is_error":true,"api_error_status":401,"result":"Not logged in · Please run /login"}'
    assert first(f"{event}\n{result}") == "key-rejected"
    assert first(result.replace("401", "null")) == "not-in-effect"


def test_refused_connection_from_wsl_to_localhost_is_about_the_other_machine() -> None:
    text = "$ echo $ANTHROPIC_BASE_URL\nhttp://localhost:4000\n$ claude -p hi\n(ECONNREFUSED) microsoft-standard-WSL2"
    assert first(text) == "localhost-elsewhere"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("╭─── Claude Code v2.1.197 ───╮\nNot logged in", "2.1.197"),
        ("2.1.330 (Claude Code)", "2.1.330"),
        ("Running: npm-global (2.1.330)", "2.1.330"),
        ('{"type":"system","subtype":"init","claude_code_version":"2.1.330"}', "2.1.330"),
        ("node: v18.19.0\ncurl 8.5.0", None),
    ],
)
def test_client_version_is_read_from_the_text(text: str, version: str | None) -> None:
    assert diagnose(text, NOTHING).client_version == version


def test_client_version_told_by_the_visitor_is_used_when_the_text_has_none() -> None:
    assert diagnose("Not logged in", Known(client_version="2.1.197")).client_version == "2.1.197"


@pytest.mark.parametrize("row", ALL[::7], ids=lambda row: row.cause)
def test_evidence_is_one_short_masked_line_of_the_text(row: object) -> None:
    text = getattr(row, "text", "")
    diagnosis = diagnose(f"{text}\nANTHROPIC_AUTH_TOKEN=sk-canary-0123456789abcdefCANARY\u202e\u200b", TOKENBAY)
    assert all(finding.evidence for finding in diagnosis.findings)
    for quote in quotes(diagnosis):
        assert len(quote) <= 200
        assert quote.isprintable()
        assert "sk-canary" not in quote
    lines = text.count("\n") + 2
    assert all(0 <= item.line <= lines for finding in diagnosis.findings for item in finding.evidence)


def test_same_text_gives_the_same_diagnosis() -> None:
    for row in ALL[::20]:
        assert diagnose(row.text, TOKENBAY) == diagnose(row.text, TOKENBAY)


def test_kinds_say_what_was_recognised() -> None:
    assert Kind.JSON_OUTPUT in diagnose('{"type":"result","is_error":true,"result":"x"}', NOTHING).kinds
    assert Kind.DOCTOR in diagnose("Claude Code doctor\n\nConfig install method: not set", NOTHING).kinds
    assert Kind.ENVIRONMENT in diagnose("$ env | grep ANTHROPIC\n", NOTHING).kinds
    assert Kind.CURL in diagnose("curl: (6) Could not resolve host: x", NOTHING).kinds


def test_key_in_the_other_variable_is_named_when_the_header_is_known() -> None:
    text = "$ env | grep ANTHROPIC\nANTHROPIC_AUTH_TOKEN=sk-0123456789abc\nANTHROPIC_BASE_URL=https://gw.example"
    known = Known(credential=CredentialScheme.X_API_KEY, base_urls=("https://gw.example",))
    assert "key-in-wrong-variable" in causes(text, known)


def test_address_of_the_shell_and_of_the_client_are_compared() -> None:
    text = "$ echo $ANTHROPIC_BASE_URL\n{}\n$ claude auth status --text\nAuth token: ANTHROPIC_AUTH_TOKEN\n{}: {}"
    other = text.format("https://new.example/", "Anthropic base URL", "https://old.example")
    assert first(other) == "settings-file-wins"
    assert "settings-file-wins" not in causes(
        text.format("https://gw.example/", "Anthropic base URL", "https://gw.example")
    )


@pytest.mark.parametrize(
    "text",
    [
        "HTTP/2 401\n$ curl -i https://gw.example -H 'Authorization: Bearer sk-1'\nHTTP/2 200\n-H 'x-api-key: sk-1'",
        "$ env | grep ANTHROPIC\nANTHROPIC_API_KEY=sk-1\nAPI Error: 401 Authorization header is missing",
    ],
)
def test_header_that_the_gateway_reads_is_told_from_the_other(text: str) -> None:
    assert first(text) == "key-in-wrong-variable"


def test_settings_that_a_tool_replaced_are_seen_in_the_differences() -> None:
    text = '--- settings.json.bak\n+++ settings.json\n@@ -1,5 +1,3 @@\n {\n-  "hooks": {\n-  },\n   "env": {'
    assert first(text) == "settings-replaced"
    assert "settings-replaced" not in causes(text.replace("-  ", "   ").replace(".bak", ""))


def test_remarks_of_the_client_about_a_model_are_not_the_words_of_the_gateway() -> None:
    remark = '\n\nClaude Code doesn\'t recognize the model "x-1", so it assumes a window. Update it, or set the window.'
    message = "API Error: 400 API key not valid. Pass a valid API key."
    assert first(message) == first(message + remark) == "key-rejected"


def test_rarer_causes_do_not_claim_the_reason_of_the_first() -> None:
    findings = diagnose("API Error: Unable to connect to API (EPROTO)", NOTHING).findings
    said = {finding.cause_id: str(finding.evidence[0].why) for finding in findings}
    assert said["base-url-scheme"] != said["tls-untrusted"]


def test_question_is_asked_exactly_when_the_first_is_not_sure() -> None:
    for row in ALL:
        findings = diagnose(row.text, NOTHING).findings
        if len(findings) > 1 and findings[0].band is Band.SURE:
            assert findings[0].tell_apart is None, row.text
