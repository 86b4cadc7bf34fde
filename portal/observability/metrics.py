"""Owns the instruments of this process for Prometheus: counters and histograms whose label values are closed sets.

Every combination of a closed instrument exists from the start, at 0, so that a rate is right from the first event on.
Each process counts for itself and starts at 0; Prometheus scrapes each one and adds up.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import product
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY: Final = CollectorRegistry(auto_describe=True)
"""What this process counts, and what the system says about it. Not prometheus-client's own: tests want theirs empty."""

ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)


class ClosedCounter:
    """Counts events by labels; each label's values are an enum."""

    def __init__(self, name: str, says: str, **labels: type[StrEnum]) -> None:
        counter = Counter(name, says, tuple(labels), registry=REGISTRY)
        self._children = {values: counter.labels(*values) for values in product(*labels.values())}

    def add(self, *values: StrEnum) -> None:
        """Count one event; the values in the order of the labels.

        Raises:
            KeyError: a value of another enum; a mistake of ours.
        """
        self._children[values].inc()


class ClosedHistogram:
    """Counts durations in seconds by labels; each label's values are an enum."""

    def __init__(self, name: str, says: str, buckets: Sequence[float], **labels: type[StrEnum]) -> None:
        histogram = Histogram(name, says, tuple(labels), buckets=buckets, registry=REGISTRY)
        self._children = {values: histogram.labels(*values) for values in product(*labels.values())}

    def observe(self, seconds: float, *values: StrEnum) -> None:
        """Count one duration; the values in the order of the labels.

        Raises:
            KeyError: a value of another enum; a mistake of ours.
        """
        self._children[values].observe(seconds)


def exposition() -> bytes:
    """What this process counted, in Prometheus' text format."""
    return generate_latest(REGISTRY)
