"""No key survives: not in a file, not in a command, not in a header, not as an odd form of itself."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.diagnosis.masking import mask_keys
from tests.diagnosis.pasting import TEXTS, labelled

VECTORS = json.loads(Path(__file__).with_name("mask_vectors.json").read_text(encoding="utf-8"))
TOKEN = st.text(string.ascii_letters + string.digits + "-_", min_size=20, max_size=60)
FORMS = [
    "sk-{}",
    "export ANTHROPIC_AUTH_TOKEN={}",
    "export ANTHROPIC_API_KEY='{}'",
    '"ANTHROPIC_AUTH_TOKEN": "{}",',
    "'ANTHROPIC_AUTH_TOKEN': '{}',",
    '$env:ANTHROPIC_AUTH_TOKEN = "{}"',
    'set "ANTHROPIC_API_KEY={}"',
    "x-api-key: {}",
    'curl -H "Authorization: {}"',
    "https://ada:{}@proxy.corp:8080",
    "API Error: Header '14' has invalid value: 'Bearer {}'",
]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: repr(vector["text"])[:60])
def test_text_is_masked_as_the_shared_table_says(vector: dict[str, str]) -> None:
    assert mask_keys(vector["text"]) == vector["masked"]


@pytest.mark.parametrize("form", FORMS)
@given(token=TOKEN)
def test_key_of_any_form_does_not_survive(form: str, token: str) -> None:
    assume(token[:-4] not in form)
    masked = mask_keys(form.format("k9" + token))
    assert token not in masked
    assert token[:-4] not in masked


@given(st.text(max_size=200))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask_keys(text)
    assert mask_keys(once) == once


def test_sentences_of_the_client_are_left_alone() -> None:
    sentences = [
        "Invalid bearer token",
        "Both ANTHROPIC_AUTH_TOKEN and ANTHROPIC_API_KEY set · auth may not work as expected",
        "Auth token: ANTHROPIC_AUTH_TOKEN",
        "Invalid Authorization header value from ANTHROPIC_AUTH_TOKEN: it contains a line break at character 6",
        'Claude Code doesn\'t recognize the model "claude-opus-4-1-20250805"',
    ]
    assert [mask_keys(sentence) for sentence in sentences] == sentences


def test_recorded_texts_hold_no_key_after_masking() -> None:
    for row in labelled(TEXTS / "seen.jsonl"):
        assert "A7cQ9tLm2Xw4Zb8R" not in mask_keys(row.text)
        assert "leftover-key-01234" not in mask_keys(row.text)


@given(token=st.text(string.ascii_letters + string.digits, min_size=24, max_size=60), column=st.integers(8, 22))
def test_rest_of_a_key_that_a_terminal_broke_does_not_survive(token: str, column: int) -> None:
    key = "sk-gw-" + token
    pieces = [key[at : at + column + 6] for at in range(0, len(key), column + 6)]
    assume(all(any(c.isdigit() for c in piece) and any(c.isalpha() for c in piece) for piece in pieces))
    for text in ("\n".join(pieces), "\n".join(f"│ {piece} │" for piece in pieces), "\r\n  ".join(pieces)):
        masked = mask_keys(f"$ echo {text}\n$ claude")
        assert masked.endswith("$ claude")
        assert all(piece not in masked for piece in pieces[1:] if len(piece) > 3)


@pytest.mark.parametrize("before", ["Authorization: Bearer ", "Bearer ", "x-api-key: ", "ANTHROPIC_AUTH_TOKEN="])
@pytest.mark.parametrize("key", ["ab12", "k3y9x", "team-7"])
def test_short_key_without_a_prefix_does_not_survive_where_only_a_key_can_stand(before: str, key: str) -> None:
    assert key not in mask_keys(f"curl -H '{before}{key}'")
