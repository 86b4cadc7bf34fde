"""Every behaviour of the simulated gateway in every stage beside the small request, with either header."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest

from portal.gateway import results
from portal.gateway.access import Access, access_for
from portal.gateway.behaviours import DEMO_KEYS, DENYING, Behaviour
from portal.gateway.client import GatewayClient
from portal.gateway.fake import TOKENBAY_MODELS, create_fake_gateway
from portal.gateway.stages import (
    ClientShape,
    ModelsListed,
    ModelsUnlisted,
    NotStreamed,
    PartRefused,
    RehearsalFailed,
    Rehearsed,
    RequestPart,
    StreamBroke,
    Streamed,
    StreamFlaw,
)
from portal.keys import ApiKey
from portal.profile.model import CredentialScheme
from tests.gateway.conftest import make_profile
from tests.gateway.expected import EXPECTED, MODEL, ONLY_ONE_HEADER

pytestmark = pytest.mark.anyio

SCHEMES = pytest.mark.parametrize("scheme", CredentialScheme)
ALL = pytest.mark.parametrize("behaviour", Behaviour)

USELESS = (
    Behaviour.NO_USAGE,
    Behaviour.NO_MODEL,
    Behaviour.EMPTY_CONTENT,
    Behaviour.BARE_TEXTS,
    Behaviour.TEXTLESS_BLOCK,
)
SILENT = (Behaviour.UNCLOSED_BLOCK, Behaviour.EMPTY_TEXT, Behaviour.CONTENTLESS_STREAM, Behaviour.THINKING_ONLY)
STREAMS: Mapping[Behaviour, tuple[type, StreamFlaw | None]] = {
    Behaviour.JSON_ONLY: (NotStreamed, None),
    Behaviour.STREAM_BREAKS: (StreamBroke, StreamFlaw.ERROR_EVENT),
    Behaviour.CUT_STREAM: (StreamBroke, StreamFlaw.CUT_OFF),
    Behaviour.ILLEGAL_ORDER: (StreamBroke, StreamFlaw.ILLEGAL_ORDER),
    Behaviour.UNCLOSED_BLOCK: (StreamBroke, StreamFlaw.ILLEGAL_ORDER),
    Behaviour.DATA_ONLY: (StreamBroke, StreamFlaw.ILLEGAL_ORDER),
    **dict.fromkeys(
        (
            Behaviour.UNTYPED_EVENTS,
            Behaviour.PINGS_ONLY,
            Behaviour.UNTYPED_BLOCK,
            Behaviour.UNTYPED_DELTAS,
            Behaviour.EMPTY_TEXT,
            Behaviour.CONTENTLESS_STREAM,
            Behaviour.THINKING_ONLY,
            Behaviour.BROKEN_STOP,
        ),
        (StreamBroke, StreamFlaw.ILLEGAL_ORDER),
    ),
    Behaviour.MISLABELLED: (StreamBroke, StreamFlaw.CUT_OFF),
    **dict.fromkeys((Behaviour.BARE_MESSAGE, Behaviour.NEWER_MESSAGE), (NotStreamed, None)),
    **dict.fromkeys(USELESS, (results.NotMessagesApi, None)),
    Behaviour.EVENT_STREAM: (Streamed, None),
}
PARTS: Mapping[Behaviour, RequestPart] = {
    Behaviour.NO_BETAS: RequestPart.BETAS,
    Behaviour.NO_CONTEXT_MANAGEMENT: RequestPart.CONTEXT_MANAGEMENT,
    Behaviour.NO_THINKING: RequestPart.THINKING,
    Behaviour.BODY_LIMIT: RequestPart.LARGE_BODY,
    Behaviour.WAF_BODY: RequestPart.LARGE_BODY,
}
LISTED: Mapping[Behaviour, tuple[str, ...]] = {
    Behaviour.HAIKU_MISSING: TOKENBAY_MODELS[:2],
    Behaviour.OPUS_NOT_ALLOWED: TOKENBAY_MODELS[1:],
}


def fake_client(behaviour: Behaviour) -> GatewayClient:
    fake = create_fake_gateway(slow_seconds=30, event_seconds=0)
    seconds = 0.3 if behaviour is Behaviour.SLOW else 20
    return GatewayClient(transport=httpx.ASGITransport(fake), total_seconds=seconds)


def access(behaviour: Behaviour, scheme: CredentialScheme) -> Access:
    return access_for(make_profile(credential=scheme), ApiKey(DEMO_KEYS[behaviour]))


def outcome(behaviour: Behaviour, scheme: CredentialScheme) -> type:
    kind, _ = EXPECTED.get(behaviour) or ONLY_ONE_HEADER[behaviour, scheme]
    return kind


@ALL
@SCHEMES
async def test_stream_fits_the_behaviour(behaviour: Behaviour, scheme: CredentialScheme) -> None:
    kind = outcome(behaviour, scheme)
    expected, flaw = STREAMS.get(behaviour, (Streamed if kind is results.Accepted else kind, None))
    async with fake_client(behaviour) as client:
        found = await client.probe_stream(access(behaviour, scheme), MODEL)
    assert type(found) is expected
    if isinstance(found, StreamBroke):
        assert found.flaw is flaw
    if isinstance(found, Streamed) and behaviour is Behaviour.ONE_BLOCK:
        assert found.in_one_block  # the others cannot be told here: this transport delivers whole bodies
    assert DEMO_KEYS[behaviour] not in repr(found)


@ALL
@SCHEMES
async def test_rehearsal_fits_the_behaviour(behaviour: Behaviour, scheme: CredentialScheme) -> None:
    kind = outcome(behaviour, scheme)
    async with fake_client(behaviour) as client:
        found = await client.rehearse(access(behaviour, scheme), MODEL, ClientShape.CURRENT, count=True)
    if behaviour in PARTS:
        assert isinstance(found, PartRefused)
        assert found.part is PARTS[behaviour]
    elif behaviour in SILENT or behaviour in USELESS:
        assert isinstance(found, RehearsalFailed)
        assert isinstance(found.result, results.NotMessagesApi)
    elif kind is results.Accepted or behaviour is Behaviour.EVENT_STREAM:
        assert isinstance(found, Rehearsed)
        assert found.counted_tokens
        assert found.input_tokens > 25_000 or behaviour in {Behaviour.BARE_STREAM, Behaviour.BARE_MESSAGE}
    else:
        assert isinstance(found, RehearsalFailed)
        assert type(found.result) is kind
    assert DEMO_KEYS[behaviour] not in repr(found)


@ALL
@SCHEMES
async def test_models_fit_the_behaviour(behaviour: Behaviour, scheme: CredentialScheme) -> None:
    async with fake_client(behaviour) as client:
        found = await client.list_models(access(behaviour, scheme))
    denied = behaviour in DENYING or ONLY_ONE_HEADER.get((behaviour, scheme), (None,))[0] is results.Rejected
    if denied or behaviour is Behaviour.MODELS_MISSING:
        assert isinstance(found, ModelsUnlisted)
    else:
        assert isinstance(found, ModelsListed)
        assert (found.ids, found.complete) == (LISTED.get(behaviour, TOKENBAY_MODELS), True)
    assert DEMO_KEYS[behaviour] not in repr(found)


@pytest.mark.parametrize(
    ("behaviour", "model", "kind"),
    [
        (Behaviour.HAIKU_MISSING, "claude-haiku-4.5", results.ModelUnknown),
        (Behaviour.OPUS_NOT_ALLOWED, "claude-opus-4.8", results.NotAllowed),
        (Behaviour.OPUS_SLOW, "claude-opus-4.8", results.TimedOut),
        (Behaviour.OPUS_SLOW, "claude-haiku-4.5", results.Accepted),
    ],
)
async def test_models_differ(behaviour: Behaviour, model: str, kind: type) -> None:
    fake = create_fake_gateway(slow_seconds=30, event_seconds=0)
    async with GatewayClient(transport=httpx.ASGITransport(fake), total_seconds=0.3) as client:
        probe = await client.probe_message(access(behaviour, CredentialScheme.BEARER), model)
    assert type(probe.result) is kind
