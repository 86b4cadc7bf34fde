"""Bytes in codings that were not asked for."""

from __future__ import annotations

import json

import pytest

from portal.gateway import replies
from portal.gateway.answers import Answer, Ending, Inflater, decompress
from portal.gateway.bodies import MessageBody, read_body

MESSAGE = json.dumps(replies.message("m", "ready", 16, 30)).encode()


@pytest.mark.parametrize("coding", ["br", "BR ", "zstd"])
def test_coding_that_only_the_client_reads_is_broken(coding: str) -> None:
    headers = {"content-type": "application/json", "content-encoding": coding}
    answer = decompress(Answer(200, headers, MESSAGE))
    assert (answer.body, answer.ending) == (b"", Ending.CUT_OFF)
    assert Inflater(coding).feed(MESSAGE) == b""


@pytest.mark.parametrize("coding", ["", "identity", "utf-8", "none"])
def test_coding_that_nobody_knows_changes_nothing(coding: str) -> None:
    answer = decompress(Answer(200, {"content-type": "application/json", "content-encoding": coding}, MESSAGE))
    assert isinstance(read_body(answer), MessageBody)
    assert Inflater(coding).feed(MESSAGE) == MESSAGE
