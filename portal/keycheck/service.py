"""Owns the running checks of the application: who is let in, and what is asked for them."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator
from typing import Final

from portal.counters import Counters
from portal.keycheck.admission import Admission, AdmissionLimits, Slot, TooManyChecks
from portal.keycheck.findings import Findings
from portal.keycheck.plan import CheckPlan
from portal.keycheck.prober import Prober
from portal.keycheck.run import run_check

ONE_PAGE_SECONDS: Final = 50.0
"""Most time for an answer that is sent in one piece, in seconds."""

LOOK_SECONDS: Final = 1.0
"""How often it is looked whether its visitor is still there, in seconds."""


class KeyChecks:
    """Checks keys, as many as the limits allow."""

    def __init__(self, prober: Prober, limits: AdmissionLimits, counters: Counters) -> None:
        self._prober = prober
        self._admission = Admission(limits, counters)
        self.turn = asyncio.Lock()
        """Held while a region is rendered: one at a time."""
        self._latest = math.inf

    @property
    def running(self) -> int:
        """How many checks run now."""
        return self._admission.running

    async def admit(self, client_address: str) -> Slot | TooManyChecks:
        """Let a client's check in, or say how long to wait."""
        return await self._admission.admit(client_address)

    def end_within(self, seconds: float) -> None:
        """Let every check, running or new, be over in so many seconds: it then ends with what is known."""
        self._latest = time.perf_counter() + seconds

    def check(self, plan: CheckPlan) -> AsyncGenerator[Findings]:
        """Ask the gateway; every failure is a finding. Close the iterator to stop."""
        return run_check(self._prober, plan, latest=lambda: self._latest)

    def check_for_one_page(self, plan: CheckPlan) -> AsyncGenerator[Findings]:
        """The same for a visitor who sees nothing before the end: over in time, and often asked for more.

        A proxy in front of the portal gives up on an answer that does not begin (nginx after 60 seconds), and a
        rehearsal's tokens would be spent for nothing. What is left out then, the verdict calls not checked.
        """
        return run_check(
            self._prober,
            plan,
            most_seconds=ONE_PAGE_SECONDS,
            pulse_seconds=LOOK_SECONDS,
            latest=lambda: self._latest,
        )
