from __future__ import annotations

import copy
import logging
import pickle
import timeit
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.keys import MAX_LENGTH, PLACEHOLDER, ApiKey, CleanedKey, UnusableKey, mask, parse_key

KEY = "sk-Ab0-._~+/=="


@pytest.mark.parametrize(
    ("paste", "removed"),
    [
        (KEY, []),
        (f"  {KEY}\t\n", ["blanks around it"]),
        (f'"{KEY}"', ["quotation marks"]),
        (f"“{KEY}”", ["quotation marks"]),
        (f"`{KEY}`", ["quotation marks"]),
        (f"Bearer {KEY}", ["the word “Bearer”"]),
        (f"bearer   {KEY}", ["the word “Bearer”"]),
        (f"Authorization: Bearer {KEY}", ["the word “Bearer”"]),
        (f"export ANTHROPIC_AUTH_TOKEN={KEY}", ["the variable name before it"]),
        (f'export ANTHROPIC_AUTH_TOKEN="{KEY}"', ["the variable name before it", "quotation marks"]),
        (f"set -gx ANTHROPIC_API_KEY '{KEY}'", ["the variable name before it", "quotation marks"]),
        (f'set "ANTHROPIC_AUTH_TOKEN={KEY}"', ["the variable name before it", "quotation marks"]),
        (f'setx ANTHROPIC_AUTH_TOKEN "{KEY}"', ["the variable name before it", "quotation marks"]),
        (f"$env:ANTHROPIC_AUTH_TOKEN = '{KEY}'", ["the variable name before it", "quotation marks"]),
        (f'"ANTHROPIC_AUTH_TOKEN": "{KEY}",', ["the variable name before it", "quotation marks"]),
        (f"TOKENBAY_API_KEY={KEY};", ["the variable name before it"]),
        (f"sk-\u200bAb0-._~+/=={''}", ["invisible characters"]),
        (f"\ufeff{KEY}", ["invisible characters"]),
        (f"\x1b[200~{KEY}\x1b[201~", ["invisible characters"]),
        ("sk-Ab0\n-._~+/==", ["line breaks"]),
        ("sk-Ab0\r\n  -._~+/==", ["line breaks"]),
    ],
)
def test_key_is_found_when_a_paste_adds_to_it(paste: str, removed: list[str]) -> None:
    cleaned = parse_key(paste)
    assert isinstance(cleaned, CleanedKey)
    assert cleaned.key.reveal() == KEY
    assert [str(part) for part in cleaned.removed] == removed


@pytest.mark.parametrize(
    ("paste", "reason"),
    [
        ("", "empty"),
        (" \n ", "empty"),
        ("''", "empty"),
        (PLACEHOLDER, "placeholder"),
        ("<your-key>", "placeholder"),
        ("sk-XXXXXXX", "placeholder"),
        ("sk-...", "placeholder"),
        ("sk-one sk-two", "Character 7"),
        ("sk-клю", "Character 4"),
        ("sk-a,b", "Character 5"),
        ("first\nsecond third", "Character 6"),
        ("x" * (MAX_LENGTH + 1), "too long"),
        (" " * 100_000, "too long"),
    ],
)
def test_reason_is_given_when_a_paste_is_no_key(paste: str, reason: str) -> None:
    unusable = parse_key(paste)
    assert isinstance(unusable, UnusableKey)
    assert reason in str(unusable.reason)


@pytest.mark.parametrize("filling", [" ", "\n", "\n ", '"', "A", "A_", "\u200b"])
def test_paste_is_read_in_linear_time_when_it_is_hostile(filling: str) -> None:
    def seconds(length: int) -> float:
        paste = "x\ny" + (filling * length)[:length] + "z"
        return min(timeit.repeat(lambda: parse_key(paste), number=1, repeat=5))

    # Quadratic time would make it sixteen times longer; linear time four times, and machines are noisy.
    assert seconds(12_000) < 10 * seconds(3_000) + 0.002


@given(st.text(max_size=80))
def test_result_is_a_bearer_token_or_a_reason_whatever_is_pasted(paste: str) -> None:
    match parse_key(paste):
        case CleanedKey(key=key):
            assert ApiKey(key.reveal()).reveal() == key.reveal()
        case UnusableKey(reason=reason):
            assert len(paste) < 5 or paste not in str(reason)


@given(st.from_regex(r"[A-Za-z0-9\-._~+/=]{20,60}", fullmatch=True))
def test_clean_key_stays_as_it_is(key: str) -> None:
    parsed = parse_key(key)
    assert isinstance(parsed, CleanedKey)
    assert parsed.key.reveal() == key


def test_key_is_nowhere_to_be_seen_when_it_is_shown_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    key = ApiKey(KEY)
    shown = [repr(key), str(key), f"{key}", f"{key!r:>30}", "%s" % key, repr([key]), repr({"k": key})]  # noqa: UP031
    logging.getLogger("portal").warning("%s %r", key, key)
    try:
        ApiKey(KEY + " ")
    except ValueError:
        shown.append(traceback.format_exc())
    assert KEY not in "".join(shown) + caplog.text


def test_key_is_not_copied_to_bytes_when_somebody_tries() -> None:
    for attempt in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            attempt(ApiKey(KEY))


def test_key_is_masked_when_a_gateway_quotes_it() -> None:
    assert mask(f"bad key {KEY} ({KEY})", ApiKey(KEY)) == "bad key ••• (•••)"
