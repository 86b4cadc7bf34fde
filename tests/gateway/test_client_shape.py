"""The rehearsal's request has the measured shape of the real client's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portal.gateway.client_shape import (
    BODY_BYTES,
    ONE_MILLION,
    STAYING_BETAS,
    RehearsalRequest,
    expected_tokens,
    rehearsal,
    token_count,
)
from portal.gateway.stages import ClientShape, RequestPart
from tests.gateway.wire import KEY, access

SHAPES = pytest.mark.parametrize("shape", ClientShape)
MODEL = "claude-sonnet-4.6"
KEYS = {"context_management", "max_tokens", "messages", "metadata", "model", "output_config", "stream", "system",
        "thinking", "tools"}  # fmt: skip
TOOLS = {ClientShape.CURRENT: 12, ClientShape.OLDER: 24}


def made(shape: ClientShape, *without: RequestPart, model: str = MODEL) -> tuple[dict[str, Any], set[str]]:
    request = rehearsal(access(), RehearsalRequest(shape, model, frozenset(without)))
    body: dict[str, Any] = json.loads(request.body)
    return body, set(filter(None, request.headers.get("anthropic-beta", "").split(",")))


@SHAPES
def test_body_has_the_client_s_keys_tools_and_blocks(shape: ClientShape) -> None:
    body, betas = made(shape)
    assert set(body) == KEYS
    assert len(body["tools"]) == TOOLS[shape]
    assert all({"name", "description", "input_schema"} == set(tool) for tool in body["tools"])
    assert [block["type"] for block in body["system"]] == ["text"] * 3
    assert body["system"][0]["text"].startswith("x-anthropic-billing-header: cc_version=")
    assert (body["thinking"]["type"], body["stream"]) == ("adaptive", True)
    assert body["max_tokens"] <= 32
    assert betas > STAYING_BETAS
    assert ONE_MILLION not in betas


@SHAPES
def test_body_is_large_and_trips_firewalls(shape: ClientShape) -> None:
    request = rehearsal(access(), RehearsalRequest(shape, MODEL))
    assert BODY_BYTES <= len(request.body) <= 1.1 * BODY_BYTES
    for mark in (b"rm -rf", b"<script>", b"$(", b"../../etc/passwd", b"SELECT ", b"| sh", b"<?php"):
        assert mark in request.body
    assert KEY.encode() not in request.body


@SHAPES
def test_headers_are_the_client_s_but_for_its_name(shape: ClientShape) -> None:
    headers = rehearsal(access(), RehearsalRequest(shape, MODEL)).headers
    assert headers["x-app"] == "cli"
    assert headers["user-agent"].startswith("onboarding-portal/")


@SHAPES
@pytest.mark.parametrize(
    ("part", "gone", "betas"),
    [
        (RequestPart.CONTEXT_MANAGEMENT, {"context_management"}, {"context-management-2025-06-27"}),
        (RequestPart.THINKING, {"thinking", "context_management"}, {"interleaved-thinking-2025-05-14"}),
        (RequestPart.EFFORT, {"output_config"}, {"effort-2025-11-24"}),
        (RequestPart.TOOLS, {"tools"}, set()),
        (RequestPart.BETAS, {"context_management"}, {"thinking-token-count-2026-05-13"}),
        (RequestPart.SYSTEM_BLOCKS, set(), set()),
        (RequestPart.LARGE_BODY, set(), set()),
    ],
)
def test_part_is_left_out_with_all_that_belongs_to_it(
    shape: ClientShape, part: RequestPart, gone: set[str], betas: set[str]
) -> None:
    (whole, all_betas), (body, left) = made(shape), made(shape, part)
    assert set(whole) - set(body) == gone
    assert betas <= all_betas - left


@SHAPES
def test_without_betas_the_current_client_s_own_three_stay(shape: ClientShape) -> None:
    assert made(shape, RequestPart.BETAS)[1] == STAYING_BETAS


@SHAPES
def test_system_is_one_text_without_its_blocks_and_short_without_the_large_body(shape: ClientShape) -> None:
    assert isinstance(made(shape, RequestPart.SYSTEM_BLOCKS)[0]["system"], str)
    small = made(shape, RequestPart.LARGE_BODY)[0]
    assert len(json.dumps(small)) < 12_000
    assert "rm -rf" not in json.dumps(small)
    assert len(small["tools"]) == TOOLS[shape]


@SHAPES
def test_one_million_is_asked_for_only_with_the_suffix(shape: ClientShape) -> None:
    body, betas = made(shape, model=f"{MODEL}[1M]")
    assert (body["model"], ONE_MILLION in betas) == (MODEL, True)
    assert ONE_MILLION not in made(shape, RequestPart.ONE_MILLION, model=f"{MODEL}[1m]")[1]


@SHAPES
def test_count_tokens_asks_for_the_same_input(shape: ClientShape) -> None:
    asked = RehearsalRequest(shape, MODEL)
    counted = json.loads(token_count(access(), asked).body)
    whole = made(shape)[0]
    assert counted == {name: whole[name] for name in ("model", "messages", "system", "tools", "thinking")}


@SHAPES
def test_expected_tokens_are_round_and_plausible(shape: ClientShape) -> None:
    tokens = expected_tokens(shape)
    assert tokens % 1000 == 0
    assert BODY_BYTES / 4 < tokens < BODY_BYTES / 3
