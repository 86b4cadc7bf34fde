"""No byte sequence may crash the classification or turn it green wrongly."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.gateway.answers import BODY_LIMIT, Answer, Ending, decompress
from portal.gateway.classify import Context, classify
from portal.gateway.results import Accepted, NotMessagesApi, Shape
from portal.keys import ApiKey

CONTEXT = Context("m", ApiKey("sk-Rk3v9QzTfW2mXb7LpYcN5hJd"), 1, datetime(2026, 1, 1, tzinfo=UTC))
JSON = {"content-type": "application/json"}
WORDS = ["id", "type", "message", "role", "assistant", "content", "error", "code", "choices", "detail", "msg", "object",
         "base_resp", "status_code", "success", "errors", "model", ""]  # fmt: skip

statuses = st.integers(-1, 1000)
headers = st.dictionaries(
    st.sampled_from(["content-type", "retry-after", "location", "content-encoding", "www-authenticate"]),
    st.one_of(st.text(max_size=40), st.sampled_from(["application/json", "text/html", "text/event-stream", "gzip"])),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.sampled_from(WORDS)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.sampled_from(WORDS), st.text(max_size=5)), inner, max_size=6),
    ),
    max_leaves=15,
)
bodies = st.one_of(
    st.binary(max_size=400),
    values.map(lambda value: json.dumps(value).encode()),
    values.map(lambda value: b"event: x\ndata: " + json.dumps(value).encode() + b"\n\n"),
    st.tuples(values, st.integers(0, 50)).map(lambda pair: json.dumps(pair[0]).encode()[: -pair[1] or None]),
)


def is_message(answer: Answer) -> bool:
    """The definition of green, written a second time."""
    if not 200 <= answer.status < 300 or answer.ending is not Ending.COMPLETE or "json" not in answer.media_type:
        return False
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return False
    return (
        isinstance(value, dict)
        and isinstance(value.get("id"), str)
        and value["id"].strip() != ""
        and isinstance(value.get("content"), list)
        and not value.get("error")
        and "choices" not in value
        and (value.get("type") == "message" or (value.get("type") is None and value.get("role") == "assistant"))
    )


@settings(max_examples=400, deadline=None)
@given(statuses, headers, bodies, st.sampled_from(Ending))
@example(200, JSON, b'{"id":"x","type":"message","content":[],"error":{"code":' + b"9" * 5000 + b"}}", Ending.COMPLETE)
@example(200, JSON, b'{"error":[[]]}', Ending.COMPLETE)
@example(200, JSON, b'{"error":{"message":"\\ud800"}}', Ending.COMPLETE)
@example(200, JSON, b'{"a":' * 20_000, Ending.COMPLETE)
@example(200, JSON, b'{"id":"x","type":"message","content":[]}', Ending.CUT_OFF)
def test_any_answer_has_an_outcome_and_only_messages_are_green(
    status: int, headers: dict[str, str], body: bytes, ending: Ending
) -> None:
    answer = decompress(Answer(status, headers, body, ending))
    result = classify(answer, CONTEXT)
    assert isinstance(result, Accepted) <= is_message(answer)
    repr(result).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"<title" * 10_000,
        b"<!--" * 15_000,
        b'{"error":{"message":"' + b"litellm.a" * 7_000 + b'"}}',
        b'{"error":{"message":"' + b"model " * 10_000 + b'"}}',
        b'{"error":{"message":"' + b"a+" * 30_000 + b'"}}',
        b"data: {}\n" * 7_000,
    ],
)
def test_classification_is_quick_when_the_body_is_hostile(body: bytes) -> None:
    started = time.perf_counter()
    classify(Answer(500, {"content-type": "text/html" if body[:1] == b"<" else "application/json"}, body), CONTEXT)
    assert time.perf_counter() - started < 1


MESSAGE = b'{"id":"msg_1","type":"message","role":"assistant","content":[]}'


@pytest.mark.parametrize(("coding", "squeeze"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_compressed_message_is_read_although_not_asked_for(coding: str, squeeze: object) -> None:
    assert callable(squeeze)
    answer = decompress(Answer(200, JSON | {"content-encoding": coding}, squeeze(MESSAGE)))
    assert isinstance(classify(answer, CONTEXT), Accepted)


def test_bomb_is_defused() -> None:
    answer = decompress(Answer(200, JSON | {"content-encoding": "gzip"}, gzip.compress(b" " * 50_000_000)[:BODY_LIMIT]))
    assert len(answer.body) <= BODY_LIMIT
    assert answer.ending is not Ending.COMPLETE


@pytest.mark.parametrize("body", [b"not gzip", gzip.compress(MESSAGE)[:-12]])
def test_broken_compression_is_truncated(body: bytes) -> None:
    result = classify(decompress(Answer(200, JSON | {"content-encoding": "gzip"}, body)), CONTEXT)
    assert isinstance(result, NotMessagesApi)
    assert result.kind is Shape.TRUNCATED
