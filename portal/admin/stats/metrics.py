"""Owns `/metrics` for Prometheus: the sums of all days, the same on every worker and after a restart.

Visits and checks only grow and are counters. An answer to a step can be taken back, so help is told in gauges.

Labels are closed words only. Symptoms, steps, causes and models are left out: a catalogue grows, and a time series each
would be paid for by whoever runs Prometheus.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from portal.admin.stats.figures import below
from portal.admin.stats.visits import STAGES
from portal.journeys.vocabulary import Verdict

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class _Sums(Collector):
    def __init__(self, total: Counter[str]) -> None:
        self._total = total

    @override
    def collect(self) -> Iterable[Metric]:
        total = self._total
        reached = {stage: total[stage] for stage in STAGES}
        yield _counter(
            "portal_visits", "Visits that reached a stage; those for help only reached none.", "stage", reached
        )
        verdicts = {verdict.value: total[f"check_{verdict}"] for verdict in Verdict}
        yield _counter("portal_key_checks", "Key checks that ended.", "verdict", verdicts)
        firsts = {"passed": total["first_passed"], "other": total["first_checks"] - total["first_passed"]}
        yield _counter("portal_first_key_checks", "First key checks of visits.", "verdict", firsts)
        helped = {"sought": total["helped"], "resolved": total["resolved"]}
        says = "Visits that sought help, and those in which a step resolved the trouble."
        yield _gauge("portal_help_visits", says, "state", helped)
        steps = Counter(dict.fromkeys(("shown", "tried", "resolved"), 0))
        for (_, _, what), count in below(total, "step"):
            steps[what] += count
        says = "Troubleshooting steps of visits: listed (shown), tried and resolved."
        yield _gauge("portal_help_steps", says, "outcome", steps)


def exposition(total: Counter[str]) -> bytes:
    """The sums in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Sums(total))
    return generate_latest(registry)


def _counter(name: str, says: str, label: str, values: dict[str, int] | Counter[str]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, says, labels=[label])
    for value, count in _items(values):
        family.add_metric([value], count)
    return family


def _gauge(name: str, says: str, label: str, values: dict[str, int] | Counter[str]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=[label])
    for value, count in _items(values):
        family.add_metric([value], count)
    return family


def _items(values: dict[str, int] | Counter[str]) -> Iterator[tuple[str, int]]:
    yield from sorted(values.items())
