"""Reads `/metrics` of a portal as Prometheus does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import httpx
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

TOKEN: Final = "token-of-the-scraper"


@dataclass(frozen=True, slots=True)
class Scrape:
    """What one scrape gave."""

    families: Mapping[str, Metric]
    text: str

    def value(self, name: str, **labels: str) -> float:
        """The sum of the samples of a name with these labels; 0 when there is none."""
        return sum(
            sample.value
            for family in self.families.values()
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def sample_names(self) -> Iterator[str]:
        """Every name that a query can use."""
        for family in self.families.values():
            yield from (sample.name for sample in family.samples)


async def scrape(portal: httpx.AsyncClient) -> Scrape:
    """Ask a portal that was started with `metrics_token=TOKEN`."""
    answer = await portal.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    families = list(text_string_to_metric_families(answer.text))
    assert len({family.name for family in families}) == len(families), "a family came twice"
    return Scrape({family.name: family for family in families}, answer.text)
