from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.gateway.quotes import MASK, QUOTE_LIMIT, language_of, quote
from portal.keys import ApiKey

KEY = "sk-Rk3v9QzTfW2mXb7LpYcN5hJd"
BEARER_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("invalid x-api-key", "invalid x-api-key"),
        (f"bad key {KEY}", f"bad key {MASK}"),
        (f"bad key {KEY.upper()}!", f"bad key {MASK}!"),
        (f"bad key {KEY[:14]}…", f"bad key {MASK}…"),
        (f"ends with {KEY[-9:]}", f"ends with {MASK}"),
        ("key sk-abc***wxyz is wrong", f"key {MASK} is wrong"),
        ("Authorization: Bearer abc.def1", f"Authorization: {MASK}"),
        ("Invalid bearer token.",) * 2,
        ("jwt eyJhbGciOiJ.eyJzdWIiOiI.SflKxwRJ", f"jwt {MASK}"),
        ("hash 61def7928d739903cc1d300521e6ac87", f"hash {MASK}"),
        ("see https://x.example/?token=abc&b=c", f"see https://x.example/?{MASK}&{MASK}"),
        ("model claude-sonnet-4-5-20250929 (request id: 20260101000000000000000000)",) * 2,
        ("request req_011CSHoEeqs5C35K2UUqR7Fy",) * 2,
        ("a\x00b\u202ec\u200bd\n\te", "abcd e"),
        ("\ud800 lone", "lone"),
        ("无效的令牌", "无效的令牌"),
        (f"bad key {' '.join(KEY)}, sorry", f"bad key {MASK}, sorry"),
        (f"bad key {' '.join(KEY[3:])}", f"bad key {MASK}"),
        (f"bad key {' - '.join(KEY.upper())}", f"bad key {MASK}"),
        (f"bad key {KEY[:7]} {KEY[7:14]} {KEY[14:21]} {KEY[21:]}", f"bad key {MASK}"),
        (f"bad key {KEY[:7]}\n{KEY[7:14]}\n{KEY[14:]}", f"bad key {MASK} {MASK}"),
        (f"İ {KEY}", f"İ {MASK}"),  # a letter that grows in lower case
    ],
)
def test_quote_is_plain_and_masked(said: str, shown: str) -> None:
    assert quote(said, ApiKey(KEY)) == shown


def test_quote_is_shortened_when_long() -> None:
    shown = quote("word " * 100, ApiKey(KEY))
    assert len(shown) <= QUOTE_LIMIT
    assert shown.endswith("…")


def test_quote_leaves_words_alone_when_the_key_contains_them() -> None:
    assert quote("Overloaded", ApiKey("sk-demo-overloaded")) == "Overloaded"


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("Out of credit", "sk-demo-out-of-credit"),
        ("This model is unknown: claude-sonnet-4.6", "sk-demo-model-unknown-litellm"),
        ("You are not allowed to do that", "sk-demo-not-allowed-network"),
    ],
)
def test_words_apart_are_left_alone_when_the_key_is_made_of_them(said: str, key: str) -> None:
    assert quote(said, ApiKey(key)) == said


@given(
    key=st.text("ABCdef0123456789", min_size=16, max_size=40).filter(lambda key: not key.isalpha()),
    between=st.sampled_from([" ", ".", " - ", "\n", "\u200b ", ", "]),
    before=st.text(max_size=30),
)
def test_spelled_key_is_never_quoted(key: str, between: str, before: str) -> None:
    shown = quote(before + between.join(key), ApiKey(key))
    squeezed = "".join(char for char in shown if char.isascii() and char.isalnum())
    assert key.lower() not in squeezed.lower()


def test_spelled_key_is_masked_in_a_long_text_in_no_time() -> None:
    started = time.perf_counter()
    quote("a1 " * 100_000, ApiKey("a1" * 60))
    assert time.perf_counter() - started < 1


@given(
    key=st.text(BEARER_CHARS, min_size=12, max_size=60),
    before=st.text(max_size=300),
    after=st.text(max_size=300),
    noise=st.sampled_from(["", "\x00", "\u200b", "\u202e"]),
)
def test_key_is_never_quoted(key: str, before: str, after: str, noise: str) -> None:
    said = before + key[:5] + noise + key[5:] + after
    shown = quote(said, ApiKey(key))
    assert key not in shown
    assert len(shown) <= QUOTE_LIMIT
    assert shown.isprintable()
    shown.encode()


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("无效的令牌", "zh"),
        ("model: 模型不存在", "zh"),
        ("モデルが見つかりません", "ja"),
        ("invalid x-api-key", ""),
        ("clé refusée …", ""),
        ("", ""),
    ],
)
def test_language_of_a_quote_is_told_by_its_letters(said: str, language: str) -> None:
    assert language_of(said) == language
