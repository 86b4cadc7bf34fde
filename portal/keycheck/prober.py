"""Owns what the key check needs of a gateway's client; `portal.gateway.client` has it, and tests script it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from portal.gateway.access import Access
from portal.gateway.stages import ClientShape, MessageProbe, ModelListing, Moment, Rehearsal, StreamFinding
from portal.profile.model import Toggle


class Prober(Protocol):
    """Asks the gateway. Every failure is a value; nothing is raised but cancellation, which ends the request."""

    async def probe_message(
        self, access: Access, model_id: str, notify: Callable[[Moment], None] | None = None
    ) -> MessageProbe:
        """Ask a model for one token."""
        ...

    async def list_models(self, access: Access) -> ModelListing:
        """Ask for the list of models."""
        ...

    async def probe_stream(self, access: Access, model_id: str) -> StreamFinding:
        """Ask a model for a short streamed answer."""
        ...

    async def rehearse(
        self,
        access: Access,
        model_id: str,
        shape: ClientShape,
        *,
        count: bool = False,
        toggles: frozenset[Toggle] = frozenset(),
    ) -> Rehearsal:
        """Ask a model as the real client does with these options; `count` asks `count_tokens` as well."""
        ...
