"""A paste of 64 KB is read in the blink of an eye, whatever is in it: time grows with the length, never faster."""

from __future__ import annotations

import gc
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.diagnosis.matcher import diagnose
from tests.diagnosis.pasting import NOTHING, TEXTS, TOKENBAY, labelled

SIZE = 65_536
SESSION = "\n".join(row.text for row in labelled(TEXTS / "seen.jsonl") if len(row.text) > 2000)
HOSTILE = [
    *("a", "1a", " ", "\n", "\n ", "\x1b[31m", "\x1b]", "│", "'", '"', "“", "{", "[", '{"a":', "$", "sk-a ", "key= "),
    *("ANTHROPIC_BASE_URL=https://x\n", '{"env": {"ANTHROPIC_MODEL": \'x\',\n', '{"env": {"A":"\n', '{"env":/*'),
    *('{"type":"x"\n', '{"type":"x","error":"y"}\n', "Version: 1 Setting sources: x Model: ", '"loggedIn": true '),
    *(
        "API Error: 401 ",
        "model ",
        "claude: ",
        "bash: ",
        "401 retrying\n",
        "selected model (",
        "http/1.1 4",
        "env | grep ",
    ),
    *(
        "echo $ANTHROPIC_BASE_URL\n",
        "Name : ANTHROPIC_MODEL\n",
        "finding: url-v1 | x | y\n",
        "$env:",
        "当前分组 无 ",
        "://a:",
    ),
    "-----BEGIN CLAUDE CODE REPORT v1-----\n",
    *(
        "c:\\x.ps1 ",
        "停用 c:",
        ".ps1 deaktivier",
        f"停用 c:{'b' * 100}",
        "+++ b/.claude/settings.json + anthropic_",
        "git log ",
    ),
    *(
        "/mnt/c/claude ",
        "claude nicht",
        "nicht gefunden: claude=",
        "token && ",
        "key=sk-",
        "unable to connect retrying in ",
    ),
    *("root@0123456789ab:", "$ssh ", "a/b.c:12:", "api error: 500 respondingto", "http_code 200\n", "curl: (7) "),
]


def seconds(text: str) -> float:
    """The best of three: other work on the machine only ever adds."""
    best = 60.0
    gc.disable()
    try:
        for _ in range(3):
            started = time.process_time()
            diagnose(text, TOKENBAY)
            best = min(best, time.process_time() - started)
    finally:
        gc.enable()
    return best


def filled(piece: str, size: int = SIZE) -> str:
    return (piece * (size // len(piece) + 1))[:size]


def test_long_real_session_is_read_fast() -> None:
    # 20 ms is promised on an idle machine; the bound allows for a slower or busy one.
    assert seconds(filled(SESSION)) < 0.06


@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_time_grows_no_faster_than_the_text(piece: str) -> None:
    full = seconds(filled(piece))
    assert full < 0.15
    assert full < 8 * seconds(filled(piece, SIZE // 4)) + 0.01


@settings(max_examples=40, deadline=1000)
@given(st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=6), st.text(max_size=20))
def test_any_mixture_is_read_in_bounded_time(pieces: list[str], odd: str) -> None:
    text = filled("".join(pieces) + odd, 30_000)
    started = time.process_time()
    diagnosis = diagnose(text, NOTHING)
    assert time.process_time() - started < 0.5
    assert len(diagnosis.findings) <= 5


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_without_an_error(text: str) -> None:
    diagnosis = diagnose(text, TOKENBAY)
    assert diagnosis.unmatched is (not diagnosis.findings and not diagnosis.notes)
