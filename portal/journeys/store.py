"""Owns writing and reading journeys, on a connection whose transaction the caller owns (`Database.writing`).

Everything written here may be written again (a browser that heard no answer sends again) and in any order: an event
counts once by its key, a stage keeps its earliest time, the set-up its latest. Each function locks the journey's row
first, so that two writers of one visit wait for each other instead of losing something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case, delete, func, literal, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from portal.journeys.events import Event, StepAnswer
from portal.journeys.models import Journey, JourneyEvent, Outcome
from portal.journeys.vocabulary import OF_HELP, STAGES, Context, Kind, StepOutcome, Verdict
from portal.observability.metrics import ClosedCounter
from portal.snippets.targets import Platform

_NOW = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
}
"""The database's own clock in milliseconds since 1970: the same for every host of the portal."""

_RECORDED = ClosedCounter("portal_events_recorded", "Events that were written; each once.", kind=Kind)
_MACHINE = ("platform", "shell", "scope", "install")
_APART = ("language", "client_major", "client_minor")
_ANSWERS = (StepOutcome.RESOLVED, StepOutcome.NOT_RESOLVED)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a step was tried, and how often it resolved the symptom. A visit counts once."""

    tried: int
    resolved: int


async def record_events(connection: AsyncConnection, journey_id: str, events: Sequence[Event]) -> frozenset[str]:
    """Record events of one visit; returns the keys that are new. The others were recorded before."""
    if not events:
        return frozenset()
    await _lock(connection, journey_id, events[0].at)
    rows = [_event_row(journey_id, event) for event in {event.key: event for event in events}.values()]
    statement = _insert(connection, JourneyEvent).on_conflict_do_nothing().returning(JourneyEvent.key)
    new = frozenset((await connection.execute(statement, rows)).scalars())
    fresh = [event for event in events if event.key in new]
    for event in fresh:
        _RECORDED.add(event.kind)
    if fresh:
        await connection.execute(update(Journey).where(Journey.id == journey_id).values(_advance(fresh)))
    return new


async def record_outcome(connection: AsyncConnection, journey_id: str, answer: StepAnswer) -> None:
    """Record what became of a step. A later answer replaces an earlier one; being shown replaces no answer.

    The journey counts as resolved from its first resolving step on, as long as that answer stands.
    """
    await _lock(connection, journey_id, answer.at)
    context = _context_row(answer.context)
    row = {"symptom": answer.symptom, "step": answer.step, "cause": answer.cause, "outcome": answer.outcome.value}
    times = {"shown_at": answer.at, "at": answer.at}
    statement = _insert(connection, Outcome).values({"journey_id": journey_id, **row, **times, **context})
    if answer.outcome is StepOutcome.SHOWN:
        await connection.execute(statement.on_conflict_do_nothing())
        return
    given = statement.excluded
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["journey_id", "symptom", "step"],
            set_={name: given[name] for name in ("outcome", "at", "cause", *context)},
            where=(given.at >= Outcome.at) | (Outcome.outcome == StepOutcome.SHOWN.value),
        )
    )
    resolving = (Outcome.journey_id == journey_id) & (Outcome.outcome == StepOutcome.RESOLVED.value)
    changed = {
        "last_at": _latest(Journey.last_at, answer.at),
        "resolved_at": select(func.min(Outcome.at)).where(resolving).scalar_subquery(),
    }
    await connection.execute(update(Journey).where(Journey.id == journey_id).values(changed))


async def tallies(connection: AsyncConnection, symptom: str) -> Mapping[str, Mapping[Platform | None, Tally]]:
    """For each step of a symptom that was answered: platform (None: not known) -> how often tried and resolved."""
    resolved = func.sum(case((Outcome.outcome == StepOutcome.RESOLVED.value, 1), else_=0))
    statement = (
        select(Outcome.step, Outcome.platform, func.count(), resolved)
        .where(Outcome.symptom == symptom, Outcome.outcome.in_([answer.value for answer in _ANSWERS]))
        .group_by(Outcome.step, Outcome.platform)
    )
    found: dict[str, dict[Platform | None, Tally]] = {}
    for step, platform, tried, helped in await connection.execute(statement):
        found.setdefault(step, {})[Platform(platform) if platform else None] = Tally(tried, int(helped))
    return found


async def answers(connection: AsyncConnection, journey_id: str, symptom: str) -> Mapping[str, StepOutcome]:
    """What this visit said so far about the steps of a symptom: step -> outcome."""
    statement = select(Outcome.step, Outcome.outcome).where(
        Outcome.journey_id == journey_id, Outcome.symptom == symptom
    )
    return {step: StepOutcome(outcome) for step, outcome in await connection.execute(statement)}


async def remove_started(connection: AsyncConnection, first: int, end: int) -> int:
    """Remove the journeys that began from a time until before another (milliseconds since 1970), with all their rows.

    Returns how many. Whoever removes them has counted them before, in the same transaction.
    """
    which = (Journey.started_at >= first) & (Journey.started_at < end)
    result = await connection.execute(delete(Journey).where(which))
    return result.rowcount


async def _lock(connection: AsyncConnection, journey_id: str, at: int) -> None:
    """Make sure of the journey's row, and hold it until the transaction ends."""
    clock = literal_column(_NOW[connection.dialect.name], BigInteger)
    last = select(func.coalesce(func.max(Journey.touched_at), 0)).scalar_subquery()
    now = case((clock > last, clock), else_=last)  # never back, even when the clock is: readers ask "since when?"
    row = {"id": journey_id, "started_at": at, "last_at": at, "touched_at": now}
    statement = _insert(connection, Journey).values(row)
    await connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"touched_at": now}))


def _insert(connection: AsyncConnection, table: type[Journey | JourneyEvent | Outcome]) -> Any:
    """`INSERT … ON CONFLICT`, which both databases have and SQLAlchemy's common insert has not."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def _advance(events: Sequence[Event]) -> dict[str, Any]:
    """What new events change in their journey's row."""
    values: dict[str, Any] = {
        "started_at": _earliest(Journey.started_at, min(event.at for event in events)),
        "last_at": _latest(Journey.last_at, max(event.at for event in events)),
    }
    reached: dict[str, int] = {}
    for event in events:
        columns = [STAGES[event.kind]] if event.kind in STAGES and event.target not in OF_HELP else []
        if event.kind is Kind.KEY_CHECK_FINISHED and event.verdict is Verdict.PASSED:
            columns.append("passed_at")
        for column in columns:
            reached[column] = min(reached.get(column, event.at), event.at)
    values |= {name: _earliest(getattr(Journey, name), at) for name, at in reached.items()}
    return values | _set_up(events)


def _set_up(events: Sequence[Event]) -> dict[str, Any]:
    """The latest machine and, apart from it, the latest language and version of the client.

    Of another machine, what is not said is not known; of the same one it stays as it was.
    """
    values: dict[str, Any] = {}
    machine: dict[str, Any] = {}
    for event in sorted(events, key=lambda event: event.at):
        newer = (Journey.context_at.is_(None)) | (Journey.context_at <= event.at)
        row = _context_row(event.context)
        for name in _APART:
            if row[name] is not None:
                column = getattr(Journey, name)
                values[name] = case((newer | column.is_(None), row[name]), else_=column)
        if row["platform"]:
            same = machine.get("platform") == row["platform"]
            machine = {name: row[name] or (machine[name] if same else None) for name in _MACHINE}
            same_there = Journey.platform == row["platform"]
            for name, value in machine.items():
                column = getattr(Journey, name)
                kept = case((same_there, func.coalesce(value, column)), else_=value)
                values[name] = case((newer, kept), else_=column)
            values["context_at"] = case((newer, event.at), else_=Journey.context_at)
    return values


def _earliest(column: Any, at: Any) -> ColumnElement[int]:
    return case((column.is_(None) | (column > at), at), else_=column)


def _latest(column: Any, at: int) -> ColumnElement[int]:
    return case((column < at, literal(at)), else_=column)


def _event_row(journey_id: str, event: Event) -> dict[str, Any]:
    return {
        "journey_id": journey_id,
        "key": event.key,
        "kind": event.kind.value,
        "at": event.at,
        "target": event.target and event.target.value,
        "verdict": event.verdict and event.verdict.value,
        "cause": event.cause,
        "model": event.model,
        "latency_ms": event.latency_ms,
        "evidence": event.evidence and event.evidence.value,
        "symptom": event.symptom,
        **_context_row(event.context),
    }


def _context_row(context: Context) -> dict[str, Any]:
    major, minor = context.client or (None, None)
    return {
        "platform": context.platform and context.platform.value,
        "shell": context.shell and context.shell.value,
        "scope": context.scope and context.scope.value,
        "install": context.install and context.install.value,
        "language": context.language,
        "client_major": major,
        "client_minor": minor,
    }
