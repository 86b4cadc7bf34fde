"""PURE: owns in which order the steps of a symptom are offered, and when a number of people is shown.

Each step has a Beta posterior of "it helps somebody with this symptom". The catalogue's order is the prior; outcomes
move it, recent ones more than old ones. The order is one draw from the posteriors (Thompson sampling), so that new
and overtaken steps still get tried. It must not know a visitor, a database, a clock or where chance comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from portal.diagnosis.model import Risk, Step
from portal.troubleshooting.beta import beta_quantile

PRIOR_FIRST: Final = 0.5
"""How often the first step of a symptom is expected to help, before anybody has tried it."""

PRIOR_DECAY: Final = 0.85
"""What each later place takes off that expectation, as a factor."""

PRIOR_STRENGTH: Final = 6.0
"""How many outcomes the catalogue's opinion about a step is worth."""

HALF_LIFE_DAYS: Final = 45.0
"""After this many days an outcome counts half: clients and gateways change."""

HALF_LIFE_OUTCOMES: Final = 60.0
"""After this many newer outcomes of the same step an outcome counts half, so that a busy portal learns in hours."""

ENOUGH_ON_PLATFORM: Final = 12.0
"""From so many (discounted) outcomes on a platform, that platform alone is asked about a step."""

CURIOSITY_AFTER: Final = 10.0
"""With so many outcomes of a symptom, draws have half of their spread: without any, the catalogue's order stands."""

MINUTE_COSTS: Final = 0.004
MOST_MINUTES: Final = 15
RISK_COSTS: Final = {Risk.SAFE: 0.0, Risk.CAREFUL: 0.01, Risk.DANGEROUS: 0.06}
"""What a minute and a risk take off a draw: enough to decide between near-ties, too little to beat what helps."""

SHOWN_FROM: Final = 10
"""How many people have to have tried a step before a number is shown."""

SMALLEST_GROUP: Final = 5
"""Smaller groups are never shown: "one of ten was not helped" could be somebody one knows."""


class Chance(Protocol):
    """Where chance comes from: `random.Random(seed)`, or a fixed sequence in a test."""

    def random(self) -> float:
        """The next number, from 0 to 1."""
        ...


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a step helped and did not, of one symptom, on one platform, on one day.

    Attributes:
        platform: the value of a `Platform`, or empty when it is not known.
        age_days: 0 for today.

    """

    step: str
    platform: str
    age_days: int
    resolved: int
    not_resolved: int


@dataclass(frozen=True, slots=True)
class Helped:
    """What may be shown: `helped` of `tried` people. `nearly_all` when too few were not helped to count them."""

    helped: int
    tried: int
    nearly_all: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Discounted outcomes."""

    resolved: float = 0.0
    not_resolved: float = 0.0

    @property
    def weight(self) -> float:
        """How many fresh outcomes they are worth."""
        return self.resolved + self.not_resolved


def rank(steps: Sequence[Step], tallies: Iterable[Tally], platform: str, chance: Chance) -> tuple[Step, ...]:
    """The steps in the order in which one visitor gets them.

    Args:
        steps: in the catalogue's order.
        tallies: the outcomes of this symptom; of steps that are not in `steps`, too.
        platform: the visitor's.
        chance: seeded by the caller; with the same seed a visitor gets the same draws.

    """
    by_step: dict[str, list[Tally]] = {step.id: [] for step in steps}
    for tally in tallies:
        if tally.step in by_step:
            by_step[tally.step].append(tally)
    known = sum(discounted(rows).weight for rows in by_step.values())
    curiosity = known / (known + CURIOSITY_AFTER)
    scores = {
        step.id: _draw(place, step, by_step[step.id], platform, 0.5 + (chance.random() - 0.5) * curiosity)
        for place, step in enumerate(steps)
    }
    ranked = sorted(steps, key=lambda step: -scores[step.id])
    return harmless_first(ranked)


def discounted(rows: Iterable[Tally]) -> Evidence:
    """The outcomes of one step with the weight that their age leaves them.

    Within a day the order is unknown, so a day's outcomes count as evenly mixed.
    """
    days: dict[int, tuple[int, int]] = {}
    for row in rows:
        before = days.get(row.age_days, (0, 0))
        days[row.age_days] = (before[0] + row.resolved, before[1] + row.not_resolved)
    newer, resolved, not_resolved = 0, 0.0, 0.0
    for age_days, (good, bad) in sorted(days.items()):
        count = good + bad
        weight = _mean_weight(newer, count) * 0.5 ** (age_days / HALF_LIFE_DAYS)
        resolved += weight * good
        not_resolved += weight * bad
        newer += count
    return Evidence(resolved, not_resolved)


def _mean_weight(newer: int, count: int) -> float:
    """What one of `count` outcomes weighs on average when there are `newer` ones: a geometric series."""
    fade = 0.5 ** (1 / HALF_LIFE_OUTCOMES)
    return fade**newer * (1 - fade**count) / (1 - fade) / count if count else 0.0


def helped(rows: Iterable[Tally]) -> Helped | None:
    """How many people a step helped, as far as it may be shown; `rows` are the tallies of one step."""
    rows = tuple(rows)
    resolved = sum(row.resolved for row in rows)
    tried = resolved + sum(row.not_resolved for row in rows)
    if tried < SHOWN_FROM or resolved < SMALLEST_GROUP:
        return None
    return Helped(resolved, tried, nearly_all=tried - resolved < SMALLEST_GROUP)


def helped_by_step(steps: Iterable[Step], tallies: Sequence[Tally]) -> dict[str, Helped]:
    """How many people each step helped, of the steps of which it may be shown."""
    found = {step.id: helped(row for row in tallies if row.step == step.id) for step in steps}
    return {step: number for step, number in found.items() if number}


def harmless_first(ranked: Sequence[Step]) -> tuple[Step, ...]:
    """The same order with a harmless step first, whatever the numbers say; empty when there is none."""
    first = next((step for step in ranked if step.risk is not Risk.DANGEROUS), None)
    if first is None:
        return ()
    return (first, *(step for step in ranked if step is not first))


def _draw(place: int, step: Step, rows: Sequence[Tally], platform: str, share: float) -> float:
    here = discounted(row for row in rows if row.platform == platform)
    evidence = here if here.weight >= ENOUGH_ON_PLATFORM else discounted(rows)
    expected = PRIOR_FIRST * PRIOR_DECAY**place
    drawn = beta_quantile(
        share,
        PRIOR_STRENGTH * expected + evidence.resolved,
        PRIOR_STRENGTH * (1 - expected) + evidence.not_resolved,
    )
    return drawn - MINUTE_COSTS * min(step.minutes, MOST_MINUTES) - RISK_COSTS[step.risk]
