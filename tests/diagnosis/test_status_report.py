"""Each line of `/status` and `claude auth status` is held against what this set-up expects."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.diagnosis.answer import Kind, Note
from portal.diagnosis.matcher import diagnose
from portal.diagnosis.wording import SEEN_AS_WELL
from portal.profile.model import CredentialScheme
from portal.snippets.targets import Scope
from tests.diagnosis.pasting import TOKENBAY, causes, first

STATUS = """  Settings  Status   Config   Usage   Stats
  Version:                    2.1.330
  Session ID:                 11b2eb30
  cwd:                        /home/user/project
  Auth token:                 ANTHROPIC_AUTH_TOKEN
  Anthropic base URL:         https://api.tokenbay.com

  Model:                      sonnet (claude-sonnet-4.6)
  Setting sources:            User settings
"""
BASE = "  Anthropic base URL:         https://api.tokenbay.com\n"
TOKEN = "  Auth token:                 ANTHROPIC_AUTH_TOKEN\n"


def wrong(text: str) -> list[Note]:
    return [note for note in diagnose(text, TOKENBAY).notes if not note.good]


CASES = {
    "no address": (STATUS.replace(BASE, ""), "not-in-effect", "has no line"),
    "another address": (STATUS.replace("api.tokenbay.com", "old.example"), "settings-file-wins", "another address"),
    "address with v1": (STATUS.replace("bay.com", "bay.com/v1"), "base-url-path", "/v1"),
    "address without s": (STATUS.replace("https:", "http:"), "base-url-redirect", "http://"),
    "Anthropic's address": (STATUS.replace("tokenbay", "anthropic"), "not-in-effect", "Anthropic’s own"),
    "left-over key": (
        STATUS.replace(BASE, f"  API key:   ANTHROPIC_API_KEY\n{BASE}"),
        "leftover-api-key",
        "both are sent",
    ),
    "unused key": (
        STATUS.replace(BASE, f"  Unused API key: ANTHROPIC_API_KEY · claude -p uses it\n{BASE}"),
        "leftover-api-key",
        "left-over",
    ),
    "no token": (STATUS.replace(" ANTHROPIC_AUTH_TOKEN", " none"), "not-in-effect", "`none`"),
    "key in the other variable": (
        STATUS.replace(TOKEN, "  Auth token: none\n  API key: ANTHROPIC_API_KEY\n"),
        "key-in-wrong-variable",
        "other variable",
    ),
    "saved login": (STATUS.replace(TOKEN, "  Login method: Claude Pro account\n"), "login-conflict", "saved login"),
    "login token": (STATUS.replace("ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"), "login-conflict", "saved login"),
    "unknown model": (STATUS.replace("claude-sonnet-4.6", "claude-opus-5-5"), "model-unknown", "does not offer"),
    "managed settings": (
        STATUS.replace("User settings", "User settings, Enterprise managed settings (file)"),
        "settings-file-wins",
        "organization",
    ),
    "cloud provider": (STATUS.replace(BASE, "  API provider: AWS Bedrock\n"), "cloud-provider-flag", "cloud provider"),
}


@pytest.mark.parametrize(("text", "cause", "words"), CASES.values(), ids=CASES.keys())
def test_wrong_line_of_status_is_named(text: str, cause: str, words: str) -> None:
    assert Kind.STATUS in diagnose(text, TOKENBAY).kinds
    assert [note for note in wrong(text) if words in str(note.says)], [str(note.says) for note in wrong(text)]
    assert cause in causes(text, TOKENBAY)[:2]


def test_wrong_line_is_quoted_with_its_number() -> None:
    (note,) = wrong(STATUS.replace("bay.com", "bay.com/v1"))
    assert (note.line, note.quote) == (6, "Anthropic base URL: https://api.tokenbay.com/v1")


def test_remarks_are_in_the_order_of_the_text_and_what_is_missing_comes_last_without_a_line() -> None:
    text = "Login method: Claude Max Account\nAuth token: ANTHROPIC_AUTH_TOKEN\nEmail: me@example.com\n"
    notes = diagnose(text, TOKENBAY).notes
    lines = [note.line for note in notes]
    assert lines[-1] == 0
    assert lines[:-1] == sorted(lines[:-1])
    assert len(lines) > 2
    assert notes[-1].quote == ""
    assert "has no line `Anthropic base URL`" in str(notes[-1].says)


def test_what_is_missing_is_no_words_that_are_seen_with_another_cause() -> None:
    evidence = [item for finding in diagnose(STATUS.replace(BASE, ""), TOKENBAY).findings for item in finding.evidence]
    assert len(evidence) >= 3
    assert [item.why for item in evidence if not item.quote and item.why == SEEN_AS_WELL] == []


def test_right_status_is_said_to_be_right() -> None:
    diagnosis = diagnose(STATUS, TOKENBAY)
    assert diagnosis.findings == ()
    assert len(diagnosis.notes) == 2
    assert all(note.good for note in diagnosis.notes)
    assert diagnosis.client_version == "2.1.330"


def test_status_that_lost_its_line_breaks_is_read() -> None:
    text = " ".join(STATUS.replace(BASE, "").split("\n"))
    assert first(text, TOKENBAY) == "not-in-effect"


def test_project_settings_are_named_when_yours_should_count() -> None:
    text = STATUS.replace("User settings", "User settings, Project local settings")
    assert "settings-file-wins" in causes(text, replace(TOKENBAY, scope=Scope.USER))
    assert causes(text, replace(TOKENBAY, scope=Scope.LOCAL)) == []


def test_unread_user_file_is_named() -> None:
    text = STATUS.replace("User settings", "")
    assert "not-in-effect" in causes(text, replace(TOKENBAY, scope=Scope.USER))


AUTH = '{{\n  "loggedIn": {},\n  "authMethod": "{}",\n  "apiProvider": "{}"{}\n}}'


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (AUTH.format("false", "none", "firstParty", ""), "not-in-effect"),
        (
            AUTH.format("true", "oauth_token", "firstParty", ',\n  "apiKeySource": "ANTHROPIC_API_KEY"'),
            "leftover-api-key",
        ),
        (AUTH.format("true", "claude.ai", "firstParty", ""), "login-conflict"),
        (AUTH.format("true", "third_party", "bedrock", ""), "cloud-provider-flag"),
        (AUTH.format("true", "api_key", "firstParty", ""), "leftover-api-key"),
        ("Auth token: ANTHROPIC_AUTH_TOKEN\nAPI key: ANTHROPIC_API_KEY\n" + BASE.strip(), "leftover-api-key"),
        ("Auth token: ANTHROPIC_AUTH_TOKEN", "not-in-effect"),
        ("Auth token: ANTHROPIC_AUTH_TOKEN\nAnthropic base URL: https://api.tokenbay.com/v1", "base-url-path"),
        ("Not logged in. Run claude auth login to authenticate.", "not-in-effect"),
    ],
)
def test_auth_status_is_read(text: str, cause: str) -> None:
    assert first(text, TOKENBAY) == cause


def test_right_auth_status_is_said_to_be_right() -> None:
    diagnosis = diagnose(AUTH.format("true", "oauth_token", "firstParty", ""), TOKENBAY)
    assert diagnosis.findings == ()
    assert [note.good for note in diagnosis.notes] == [True]


def test_api_key_is_right_where_the_gateway_wants_it() -> None:
    known = replace(TOKENBAY, credential=CredentialScheme.X_API_KEY)
    assert causes(AUTH.format("true", "api_key", "firstParty", ""), known) == []
