"""Owns `portal stats rebuild` and `portal purge`. Exit code 0: done, 1: somebody else is at it, 2: it cannot work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer

from portal.admin.services import now_ms
from portal.admin.stats import closing
from portal.db import Database
from portal.settings import load_settings

stats_commands = typer.Typer(help="Work with the daily statistics.", no_args_is_help=True)
_Result = TypeVar("_Result")


@stats_commands.command("rebuild")
def rebuild() -> None:
    """Count every day again whose visits are still there; after a change of PORTAL_TIME_ZONE, or to be sure."""
    zone = ZoneInfo(load_settings().time_zone)
    try:
        days = _run(lambda database: closing.rebuild(database, zone, now=now_ms()))
    except closing.SomebodyElseError:
        typer.echo("Another process is counting days at the moment. Try again in a minute.", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"Counted {days} days again. Days whose visits are removed keep their numbers.")


def purge(
    days: Annotated[int | None, typer.Option(min=1, help="Keep so many days. [PORTAL_RETENTION_DAYS]")] = None,
) -> None:
    """Remove the visits that are older than the retention; their numbers stay in the statistics."""
    settings = load_settings()
    zone, kept = ZoneInfo(settings.time_zone), days or settings.retention_days
    removed = _run(lambda database: closing.purge(database, zone, kept, now=now_ms()))
    if removed.somebody_else:
        typer.echo("Another process is removing visits at the moment.", err=True)
        raise typer.Exit(1)
    typer.echo(f"Removed {removed.visits} visits that began more than {kept} days ago. Their numbers stay.")


def _run(work: Callable[[Database], Awaitable[_Result]]) -> _Result:
    async def run() -> _Result:
        database = Database(load_settings().database_address)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())
