"""Owns the running checks of the application: who is let in, and what is asked for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from portal.keycheck.admission import Admission, AdmissionLimits, Slot, TooManyChecks
from portal.keycheck.findings import Findings
from portal.keycheck.plan import CheckPlan
from portal.keycheck.prober import Prober
from portal.keycheck.run import run_check


class KeyChecks:
    """Checks keys, as many as the limits allow."""

    def __init__(self, prober: Prober, limits: AdmissionLimits) -> None:
        self._prober = prober
        self._admission = Admission(limits)
        self.turn = asyncio.Lock()
        """Held while a region is rendered: one at a time."""

    @property
    def running(self) -> int:
        """How many checks run now."""
        return self._admission.running

    async def admit(self, client_address: str) -> Slot | TooManyChecks:
        """Let a client's check in, or say how long to wait."""
        return await self._admission.admit(client_address)

    async def close(self) -> None:
        """Let go of what counts for all processes."""
        await self._admission.close()

    def check(self, plan: CheckPlan) -> AsyncGenerator[Findings]:
        """Ask the gateway; every failure is a finding. Close the iterator to stop."""
        return run_check(self._prober, plan)
