"""Owns telling the journeys room about a check: that it began, and how it ended if it did.

Both events are written after the answer, in one transaction: the database is never waited for by a check, and what
can be written is. A visitor who leaves in the middle has begun a check and not finished it.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.journeys.recording import (
    keep_visit,
    key_check_finished,
    key_check_started,
    language_of,
    now_ms,
    record_quietly,
    visit_of,
)
from portal.journeys.vocabulary import Verdict, context_of
from portal.keycheck.conclusion import Conclusion, conclude
from portal.keycheck.counted import ENDED, STEPS, VERDICTS, CheckEnd
from portal.keycheck.findings import Findings
from portal.keycheck.forms import KeyCheckForm
from portal.keycheck.progress import progress_of
from portal.profile.model import GatewayProfile


class CheckRecord:
    """One check as the operator's numbers know it. Made when the check begins."""

    def __init__(self, request: Request, form: KeyCheckForm, profile: GatewayProfile) -> None:
        self._request = request
        self._profile = profile
        self._visit = visit_of(request)
        self._counted = False
        self._context = context_of(dict(form.choices), language_of(request))
        self._events = [key_check_started(at=now_ms(), context=self._context)]

    def saw(self, found: Findings) -> Findings:
        """Look at what was found; returns it."""
        if found.ending is not None:
            verdict = conclude(found, self._profile)
            self._count(found, verdict)
            finished = key_check_finished(
                at=now_ms(),
                context=self._context,
                verdict=Verdict(verdict.state.value),
                code=verdict.code,
                model=found.plan.default_model.id,
                offered=frozenset(found.plan.offered),
                latency_ms=found.first.result.duration_ms if found.first else None,
            )
            self._events.append(finished)
        return found

    def keep_visit(self, response: Response) -> None:
        """Let the browser remember the visit that the check belongs to."""
        if self._visit:
            keep_visit(self._request, response, self._visit)

    async def write(self) -> None:
        """Write what happened, once the answer is over. Never raises for want of a database."""
        if not self._counted:
            ENDED.add(CheckEnd.LEFT)
        await record_quietly(self._request, self._visit, self._events)

    def _count(self, found: Findings, verdict: Conclusion) -> None:
        """Count the end; it is told once, however often it is looked at."""
        if self._counted:
            return
        self._counted = True
        ENDED.add(CheckEnd(verdict.state.value))
        VERDICTS.add(verdict.code)
        for step in progress_of(found).steps:
            STEPS.add(step.name, step.state)
