from __future__ import annotations

import pytest

from portal.journeys.vocabulary import StepOutcome
from portal.troubleshooting.forms import (
    LONGEST_SEEN,
    LONGEST_TEXT,
    Answer,
    Carried,
    read_answer,
    read_carried,
    read_text,
)

KEY = "sk-canary-0123456789abcdef"


def test_keys_are_masked_when_the_browser_has_not_done_it() -> None:
    read = read_text([("text", f"export ANTHROPIC_AUTH_TOKEN={KEY}\r\nAPI Error: 401")])
    assert "sk-canary" not in read.text
    assert read.text.endswith("\nAPI Error: 401")
    assert read.masked
    again = read_text([("text", read.text)])
    assert (again.text, again.masked, again.cut) == (read.text, False, 0)


def test_end_is_kept_when_the_text_is_too_long() -> None:
    read = read_text([("text", "x" * 100 + f"{KEY}\n" + "line\n" * (LONGEST_TEXT // 5) + "API Error: 402")])
    assert read.text.endswith("API Error: 402")
    assert len(read.text) <= LONGEST_TEXT
    assert read.cut > 100
    assert not read.masked


@pytest.mark.parametrize("sign", ["x", "é", "错", "😀"])
def test_length_is_counted_in_bytes_whatever_the_signs_are(sign: str) -> None:
    width = len(sign.encode())
    fits = read_text([("text", sign * (LONGEST_TEXT // width))])
    assert (fits.cut, fits.masked) == (0, False)
    longer = read_text([("text", sign * (LONGEST_TEXT // width + 7))])
    assert (longer.cut, set(longer.text)) == (7, {sign})
    assert len(longer.text.encode()) <= LONGEST_TEXT


def test_key_is_masked_when_the_cut_goes_through_it() -> None:
    text = f"ANTHROPIC_AUTH_TOKEN={KEY}\n" + "x" * (LONGEST_TEXT - 10)
    assert "0123456789abcd" not in read_text([("text", text)]).text


@pytest.mark.parametrize("given", ["", "RESOLVED", "shown", "resolved ", "fixed"])
def test_answer_is_none_when_it_is_no_button(given: str) -> None:
    assert read_answer([("outcome", given)]) is None


def test_answers_are_the_four_of_the_buttons() -> None:
    assert [read_answer([("outcome", value)]) for value in ("resolved", "not_resolved", "skipped", "undone")] == list(
        Answer
    )


def test_what_is_carried_comes_back_the_same() -> None:
    carried = Carried(
        order=("b-step", "a"),
        answers={"b-step": StepOutcome.SKIPPED, "a": StepOutcome.NOT_RESOLVED},
        seen="API Error: 401\nand more",
        client="2.1.330",
        key_check="key-rejected",
        once="A" * 22,
    )
    assert read_carried(carried.pairs) == carried
    assert Carried().pairs == ()


def test_what_cannot_be_carried_is_left_out() -> None:
    carried = read_carried(
        [
            ("order", "a,<script>,a,,b c,d"),
            ("answered", "a:fixed,b:skipped,:skipped,c"),
            ("seen", "y" * 9000 + f" token={KEY}"),
            ("client", "2.1.330; rm -rf"),
            ("check", "a b"),
            ("once", "short"),
        ]
    )
    assert carried.order == ("a", "d")
    assert dict(carried.answers) == {"b": StepOutcome.SKIPPED}
    assert (carried.client, carried.key_check, carried.once) == ("", "", "")
    assert len(carried.seen) <= LONGEST_SEEN
    assert "canary" not in carried.seen


def test_later_answer_replaces_the_earlier_one_and_undo_takes_it_back() -> None:
    carried = Carried(answers={"a": StepOutcome.NOT_RESOLVED})
    assert dict(carried.answered("a", Answer.RESOLVED).answers) == {"a": StepOutcome.RESOLVED}
    assert dict(carried.answered("b", Answer.SKIPPED).answers) == {
        "a": StepOutcome.NOT_RESOLVED,
        "b": StepOutcome.SKIPPED,
    }
    assert dict(carried.answered("a", Answer.UNDONE).answers) == {}


@pytest.mark.parametrize("version", ["99999.1", "2.99999", "\u0662.\u0661", "2", "2.1.330.4.5"])
def test_version_is_left_out_when_no_column_could_keep_it(version: str) -> None:
    assert read_carried([("client", version)]).client == ""
    assert read_carried([("client", "2.1.330")]).client == "2.1.330"
    assert read_carried([("client", "999.9999")]).client == "999.9999"
