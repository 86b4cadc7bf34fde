from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.journeys.events import (
    MAX_AGE_MS,
    Event,
    PostedEvent,
    Problem,
    RefusedEvent,
    StepAnswer,
    key_of,
    read_posted,
)
from portal.journeys.vocabulary import POSTED, Context, Evidence, Kind, StepOutcome, Taken
from portal.snippets.targets import Install, Platform, Scope, Shell

NOW = 1_800_000_000_000
COPIED = {"id": "a1", "kind": "copied", "target": "apply"}


def read(raw: object) -> PostedEvent | RefusedEvent:
    return read_posted(raw, now=NOW, language="en")


def test_event_is_read_when_it_says_only_what_is_known() -> None:
    raw = COPIED | {"platform": "windows", "shell": "cmd", "scope": "user", "install": "winget", "ago_ms": 2000}
    context = Context(Platform.WINDOWS, Shell.CMD, Scope.USER, Install.WINGET, "en")
    expected = Event(key=key_of("a1"), kind=Kind.COPIED, at=NOW - 2000, context=context, target=Taken.APPLY)
    assert read(raw) == PostedEvent("a1", expected)


@pytest.mark.parametrize(
    ("raw", "name", "problem"),
    [
        (None, "", Problem.NOT_AN_EVENT),
        (["copied"], "", Problem.NOT_AN_EVENT),
        ({"kind": "opened"}, "", Problem.BROKEN_ID),
        ({"id": 7, "kind": "opened"}, "", Problem.BROKEN_ID),
        ({"id": "a b", "kind": "opened"}, "", Problem.BROKEN_ID),
        ({"id": "x" * 65, "kind": "opened"}, "", Problem.BROKEN_ID),
        ({"id": "\ud800", "kind": "opened"}, "", Problem.BROKEN_ID),
        ({"id": "a"}, "a", Problem.UNKNOWN_KIND),
        ({"id": "a", "kind": "abandoned"}, "a", Problem.UNKNOWN_KIND),
        ({"id": "a", "kind": ["opened"]}, "a", Problem.UNKNOWN_KIND),
        ({"id": "a", "kind": "key_check_finished"}, "a", Problem.UNKNOWN_KIND),
        ({"id": "a", "kind": "opened", "note": "x"}, "a", Problem.UNKNOWN_FIELD),
        ({"id": "a", "kind": "opened", "target": "apply"}, "a", Problem.UNKNOWN_FIELD),
        ({"id": "a", "kind": "opened", "ago_ms": -1}, "a", Problem.BROKEN_AGE),
        ({"id": "a", "kind": "opened", "ago_ms": True}, "a", Problem.BROKEN_AGE),
        ({"id": "a", "kind": "opened", "ago_ms": 1.0}, "a", Problem.BROKEN_AGE),
        ({"id": "a", "kind": "opened", "ago_ms": MAX_AGE_MS + 1}, "a", Problem.BROKEN_AGE),
        ({"id": "a", "kind": "opened", "platform": "amiga"}, "a", Problem.UNKNOWN_VALUE),
        ({"id": "a", "kind": "opened", "platform": None}, "a", Problem.UNKNOWN_VALUE),
        ({"id": "a", "kind": "opened", "platform": "macos", "shell": "cmd"}, "a", Problem.UNKNOWN_VALUE),
        ({"id": "a", "kind": "opened", "platform": "macos", "install": "apt"}, "a", Problem.UNKNOWN_VALUE),
        ({"id": "a", "kind": "opened", "shell": "zsh"}, "a", Problem.UNKNOWN_VALUE),
        ({"id": "a", "kind": "copied"}, "a", Problem.MISSING_TARGET),
        (COPIED | {"target": "my key"}, "a1", Problem.UNKNOWN_VALUE),
    ],
)
def test_event_is_refused_with_a_reason_when_it_is_broken(raw: object, name: str, problem: Problem) -> None:
    assert read(raw) == RefusedEvent(name, problem)


def test_visit_is_opened_once_when_several_tabs_say_so() -> None:
    first, second = read({"id": "a", "kind": "opened"}), read({"id": "b", "kind": "opened"})
    assert isinstance(first, PostedEvent)
    assert isinstance(second, PostedEvent)
    assert first.event.key == second.event.key


def test_word_of_the_visitor_is_marked_as_such() -> None:
    posted = read({"id": "a", "kind": "verified"})
    assert isinstance(posted, PostedEvent)
    assert posted.event.evidence is Evidence.SELF_REPORTED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
NAMES = st.sampled_from(["id", "kind", "ago_ms", "platform", "shell", "scope", "install", "target", "extra"])
WORDS = st.sampled_from([*POSTED, *Platform, *Shell, *Scope, *Install, *Taken])


@given(JSON | st.dictionaries(NAMES, WORDS | JSON))
def test_whatever_is_posted_is_read_or_refused_and_nothing_of_it_is_kept(raw: object) -> None:
    match read(raw):
        case PostedEvent(_, event):
            assert event.kind in POSTED
            assert NOW - MAX_AGE_MS <= event.at <= NOW
            assert len(event.key) == 32
            assert (event.cause, event.model, event.symptom) == (None, None, None)
        case RefusedEvent(name, problem):
            assert problem in Problem
            assert name == "" or isinstance(raw, dict)


@pytest.mark.parametrize("value", ["", "two words", "ключ", "a" * 65, "-a", "line\nbreak"])
def test_free_text_is_refused_when_an_id_is_expected(value: str) -> None:
    with pytest.raises(ValueError, match="has to be an id") as error:
        Event(key="k", kind=Kind.DIAGNOSED, at=1, symptom=value)
    assert not value or value not in str(error.value)
    with pytest.raises(ValueError, match="has to be an id"):
        StepAnswer(symptom="s", step=value, outcome=StepOutcome.SHOWN, at=1)
