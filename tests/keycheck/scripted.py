"""A gateway's client that says what a test wants, and the values that tests build findings from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType

from portal.gateway import results
from portal.gateway.access import Access
from portal.gateway.results import CheckResult
from portal.gateway.stages import (
    ClientShape,
    Connection,
    MessageProbe,
    ModelListing,
    ModelsListed,
    Moment,
    Rehearsal,
    Rehearsed,
    Streamed,
    StreamFinding,
)
from portal.keycheck.findings import Findings
from portal.keycheck.plan import CheckPlan, MappedModel, OtherAddress
from portal.keys import ApiKey
from portal.profile.model import Brand, CredentialScheme, GatewayProfile, Links, Model, Tier, Toggle

SONNET, OPUS, HAIKU = "claude-sonnet-4.6", "claude-opus-4.8", "claude-haiku-4.5"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
PROFILE = GatewayProfile(
    slug="test",
    name="Test Gateway",
    base_url="https://gateway.example",
    credential=CredentialScheme.BEARER,
    models=MappingProxyType(
        {Tier.OPUS: Model(OPUS, "Opus"), Tier.SONNET: Model(SONNET, "Sonnet"), Tier.HAIKU: Model(HAIKU, "Haiku")}
    ),
    brand=Brand("Test"),
    links=Links(
        console="https://g.example/console", models="https://g.example/models", support="https://g.example/support"
    ),
)
ACCESS = Access(PROFILE.base_url, CredentialScheme.BEARER, {}, ApiKey("sk-x"))
PLAN = CheckPlan(
    access=ACCESS,
    models=(
        MappedModel(SONNET, (Tier.SONNET,)),
        MappedModel(OPUS, (Tier.OPUS,)),
        MappedModel(HAIKU, (Tier.HAIKU,)),
    ),
    offered=(OPUS, SONNET, HAIKU),
)
ELSEWHERE = OtherAddress("elsewhere", "Elsewhere", "https://elsewhere.example")

REJECTED = results.Rejected(status=401, duration_ms=5, quote="no such key")
UNKNOWN_503 = results.ModelUnknown(status=503, duration_ms=5, model=HAIKU, key_proven=True, no_channel=True)
STREAMED = Streamed(in_one_block=False, first_token_ms=30, duration_ms=90, events=9, input_tokens=8, output_tokens=4)
LISTED = ModelsListed(ids=(SONNET, OPUS, HAIKU, "gpt-9"), complete=True, duration_ms=3)


def accepted(model: str = SONNET, duration_ms: int = 20) -> results.Accepted:
    return results.Accepted(status=200, duration_ms=duration_ms, model=model, input_tokens=8, output_tokens=1)


def unknown(model: str) -> results.ModelUnknown:
    return results.ModelUnknown(status=404, duration_ms=5, model=model, key_proven=True)


def findings(plan: CheckPlan = PLAN) -> Findings:
    return Findings(plan, NOW)


def good(plan: CheckPlan = PLAN) -> Findings:
    """Everything was asked, and everything is good; not ended yet."""
    return replace(
        findings(plan),
        first=MessageProbe(accepted(), Connection(connect_ms=12, tls_version="TLSv1.3")),
        answers=MappingProxyType({OPUS: accepted(OPUS), HAIKU: accepted(HAIKU)}),
        listing=LISTED,
        stream=STREAMED,
    )


@dataclass
class Scripted:
    """What the gateway says; `calls` are what it was asked, `open` how many questions are under way."""

    messages: Mapping[tuple[CredentialScheme, str] | str, CheckResult] = field(default_factory=dict)
    listing: ModelListing = LISTED
    stream: StreamFinding = STREAMED
    rehearsals: Mapping[ClientShape, Rehearsal] = field(default_factory=dict)
    hangs: frozenset[str] = frozenset()
    breaks: frozenset[str] = frozenset()
    pause: float = 0.0
    calls: list[str] = field(default_factory=list)
    open: int = 0
    most_open: int = 0
    cancelled: list[str] = field(default_factory=list)

    async def probe_message(
        self, access: Access, model_id: str, notify: Callable[[Moment], None] | None = None
    ) -> MessageProbe:
        name = f"{access.credential} {model_id}" if access.base_url != ELSEWHERE.base_url else access.base_url
        if notify:
            for moment in Moment:
                notify(moment)
        await self._take_part(name)
        told = self.messages.get(name) or self.messages.get((access.credential, model_id))
        return MessageProbe(told or self.messages.get(model_id) or accepted(model_id))

    async def list_models(self, _access: Access) -> ModelListing:
        await self._take_part("list")
        return self.listing

    async def probe_stream(self, _access: Access, model_id: str) -> StreamFinding:
        await self._take_part(f"stream {model_id}")
        return self.stream

    async def rehearse(
        self,
        _access: Access,
        _model_id: str,
        shape: ClientShape,
        *,
        count: bool = False,
        toggles: frozenset[Toggle] = frozenset(),
    ) -> Rehearsal:
        await self._take_part(" ".join((f"rehearse {shape} {count}", *sorted(toggles))))
        good_one = Rehearsed(shape=shape, body_bytes=123_456, duration_ms=9, input_tokens=30_000, output_tokens=2)
        return self.rehearsals.get(shape, good_one)

    async def _take_part(self, name: str) -> None:
        self.calls.append(name)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            if name in self.breaks:
                raise RuntimeError(name)
            await asyncio.sleep(60 if name in self.hangs else self.pause)
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise
        finally:
            self.open -= 1
