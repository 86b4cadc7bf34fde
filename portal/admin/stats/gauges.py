"""Owns the state of this process for `/metrics`: what is so now, read when Prometheus asks."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from portal import __version__
from portal.counters import Counters, Counting
from portal.db import Database, DatabaseState
from portal.web.page_cache import PageCache
from portal.web.readiness import Readiness, ReadyState

_POOL: Final = {
    "size": "Most connections that a pool keeps.",
    "checked_out": "Connections of a pool that are in use.",
    "overflow": "Connections of a pool beyond its size.",
}


@dataclass(frozen=True, slots=True)
class ProcessState:
    """What is looked at: the parts of one application. `running_checks` says how many key checks run now."""

    database: Database
    counters: Counters
    pages: PageCache
    running_checks: Callable[[], int]

    def exposition(self, found: DatabaseState, *, closed_until: float | None) -> bytes:
        """The state in Prometheus' text format. Redis is not waited for: what is told of it may be one scrape old.

        Args:
            found: what the database said just now.
            closed_until: the end of the last day whose statistics are closed, in seconds since 1970; None for none.

        """
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Gauges(self, Readiness(found, self.counters.look_beside()), closed_until=closed_until))
        return generate_latest(registry)


class _Gauges(Collector):
    def __init__(self, state: ProcessState, found: Readiness, *, closed_until: float | None) -> None:
        self._state = state
        self._found = found
        self._closed_until = closed_until

    @override
    def collect(self) -> Iterator[Metric]:
        pages = self._state.pages
        build = {"version": __version__, "python": platform.python_version()}
        yield _gauge("portal_build_info", "The version that runs; always 1.", {tuple(build.values()): 1}, tuple(build))
        found = self._found
        states: dict[tuple[str, ...], float] = {(state.value,): found.state is state for state in ReadyState}
        yield _gauge("portal_state", "1 for what `/readyz` says now, 0 for the other states.", states, ("state",))
        can_record = found.database is DatabaseState.READY
        yield _gauge("portal_database_ready", "1 if everything can be recorded, 0 if not.", {(): can_record})
        if found.counting is not Counting.ALONE:
            away = found.counting is Counting.AWAY
            yield _gauge("portal_redis_away", "1 if Redis does not answer, 0 if it does.", {(): away})
        pools = self._state.database.pools()
        for name, says in _POOL.items():
            values: dict[tuple[str, ...], float] = {(pool,): getattr(now, name) for pool, now in pools.items()}
            yield _gauge(f"portal_database_pool_{name}", says, values, ("pool",))
        running = self._state.running_checks()
        yield _gauge("portal_key_checks_running", "Key checks that run now.", {(): running})
        yield _gauge("portal_page_cache_entries", "Pages that are kept.", {(): len(pages)})
        yield _gauge("portal_page_cache_bytes", "Memory of kept pages with their keys, in bytes.", {(): pages.size})
        lookups = CounterMetricFamily("portal_page_cache_lookups", "Pages that were asked for.", labels=["result"])
        lookups.add_metric(["hit"], pages.hits)
        lookups.add_metric(["miss"], pages.misses)
        yield lookups
        if self._closed_until is not None:
            says = "The end of the last day whose statistics are closed, in seconds since 1970."
            yield _gauge("portal_statistics_closed_until_seconds", says, {(): self._closed_until})


def _gauge(
    name: str, says: str, values: Mapping[tuple[str, ...], float], labels: tuple[str, ...] = ()
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=labels)
    for label_values, value in values.items():
        family.add_metric(label_values, value)
    return family
