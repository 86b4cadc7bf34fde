"""Which passwords are refused, and why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.admin.strength import MAX_LENGTH, MIN_LENGTH, Weakness, explain, weakness_of

NAMES = ("anna", "TokenBay", "Acme AI Gateway")


@pytest.mark.parametrize(
    "password",
    [
        "Password1234",
        "P@ssw0rd2024!",
        "passwordpassword",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "aaaaaaaaaaaaaaaa",
        "123456789012",
        "abcdefgh1234",
        "xkqxkqxkqxkq",
        "letmeinplease",
        "correct horse battery staple",
        "Summer2026!!",
        "annaannaanna",
        "Anna-2026-anna",
        "tokenbay-2024!",
        "AcmeGateway12",
        "administrator1",
        "                    ",
        "Ｐａｓｓｗｏｒｄ１２３４",
    ],
)
def test_password_is_refused_when_it_is_easy_to_guess(password: str) -> None:
    assert weakness_of(password, NAMES) is Weakness.GUESSABLE


@pytest.mark.parametrize(
    "password",
    [
        "kettle-orbit-mango",
        "Wk4#pq9!zLm2",
        "copper violin thursday fog",
        "anna-and-a-blue-kettle",
        "крапива-и-дождь",
        "雨の日は本を読むのがいい",
    ],
)
def test_password_is_taken_when_it_is_hard_to_guess(password: str) -> None:
    assert weakness_of(password, NAMES) is None


@pytest.mark.parametrize(
    ("length", "weakness"), [(0, Weakness.TOO_SHORT), (11, Weakness.TOO_SHORT), (1025, Weakness.TOO_LONG)]
)
def test_password_is_refused_when_its_length_is_wrong(length: int, weakness: Weakness) -> None:
    assert weakness_of("x" * length, ()) is weakness


@given(st.text(max_size=60), st.lists(st.text(max_size=10), max_size=3))
def test_every_password_gets_an_answer(password: str, names: list[str]) -> None:
    weakness = weakness_of(password, names)
    assert (weakness is Weakness.TOO_SHORT) == (len(password) < MIN_LENGTH)
    assert weakness is None or str(explain(weakness))


def test_long_password_is_judged_in_no_time() -> None:
    assert weakness_of("ab" * (MAX_LENGTH // 2), NAMES) is Weakness.GUESSABLE
    assert weakness_of("".join(chr(0x4E00 + i) for i in range(MAX_LENGTH)), NAMES) is None
