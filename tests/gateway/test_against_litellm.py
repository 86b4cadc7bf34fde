"""Every stage against the real LiteLLM proxy, with the simulated gateway as its upstream."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest

from portal.gateway import results
from portal.gateway.access import Access, access_for
from portal.gateway.client import GatewayClient
from portal.gateway.fake import TOKENBAY_MODELS, create_fake_gateway
from portal.gateway.stages import ClientShape, ModelsListed, ModelsUnlisted, RehearsalFailed, Rehearsed, Streamed
from portal.keys import ApiKey
from tests.gateway.conftest import make_profile
from tests.real_parts.litellm import start_litellm
from tests.real_parts.servers import serve

MODEL = "claude-sonnet-4.6"
UPSTREAM_KEY = "sk-upstream-0123456789"
T = TypeVar("T")


def asked(probe: Callable[[GatewayClient], Awaitable[T]]) -> T:
    async def ask() -> T:
        async with GatewayClient() as client:
            return await probe(client)

    return asyncio.run(ask())


@pytest.mark.real("litellm")
def test_every_stage_tells_the_truth_about_a_real_litellm(tmp_path: Path) -> None:
    with ExitStack() as upstream:
        url = upstream.enter_context(serve(create_fake_gateway(accepted_keys=[UPSTREAM_KEY])))
        with start_litellm(url, folder=tmp_path, upstream_key=UPSTREAM_KEY) as litellm:
            good = _access(litellm.url, litellm.key)
            message = asked(lambda client: client.probe_message(good, MODEL))
            assert isinstance(message.result, results.Accepted)
            assert message.result.input_tokens > 0
            other = asked(lambda client: client.probe_message(good.with_the_other_header(), MODEL))
            assert isinstance(other.result, results.Accepted)

            models = asked(lambda client: client.list_models(good))
            assert isinstance(models, ModelsListed)
            assert (set(models.ids), models.complete) == (set(TOKENBAY_MODELS), True)

            stream = asked(lambda client: client.probe_stream(good, MODEL))
            assert isinstance(stream, Streamed)
            assert not stream.in_one_block

            rehearsal = asked(lambda client: client.rehearse(good, MODEL, ClientShape.CURRENT, count=True))
            assert isinstance(rehearsal, Rehearsed)
            assert rehearsal.counted_tokens

            unknown = asked(lambda client: client.probe_message(good, "no-such-model"))
            assert isinstance(unknown.result, results.ModelUnknown)
            assert unknown.result.key_proven

            bad = _access(litellm.url, "sk-not-the-key-0123456789")
            assert isinstance(asked(lambda client: client.probe_message(bad, MODEL)).result, results.Rejected)
            assert isinstance(asked(lambda client: client.list_models(bad)), ModelsUnlisted)
            assert isinstance(asked(lambda client: client.probe_stream(bad, MODEL)), results.Rejected)

            upstream.close()
            dead = asked(lambda client: client.probe_message(good, MODEL))
            assert isinstance(dead.result, results.GatewayFailed)
            assert isinstance(asked(lambda client: client.probe_stream(good, MODEL)), results.GatewayFailed)
            failed = asked(lambda client: client.rehearse(good, MODEL, ClientShape.CURRENT))
            assert isinstance(failed, RehearsalFailed)
            assert isinstance(failed.result, results.GatewayFailed)


def _access(url: str, key: str) -> Access:
    return access_for(make_profile(url), ApiKey(key))
