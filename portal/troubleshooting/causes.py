"""PURE: owns which steps a cause is offered with, in which order, and what a page shows of the cause.

It must not know where outcomes come from: they are handed in, as in `ranking`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from portal.diagnosis.answer import Evidence, Finding
from portal.diagnosis.model import Catalogue, LinkName, Step, Symptom
from portal.troubleshooting.ranking import Chance, Helped, Tally, harmless_first, helped_by_step, rank
from portal.troubleshooting.views import Place, ShownStep, show_step
from portal.troubleshooting.wording import BAND_WORDS
from portal.words import Text


@dataclass(frozen=True, slots=True)
class Offer:
    """The steps that a cause is offered with.

    Attributes:
        symptom: the one that takes the answers.
        steps: in the order in which this visitor gets them; never a dangerous one first.
        helped: how many people a step helped, where that may be shown.

    """

    cause: str
    symptom: Symptom
    steps: tuple[Step, ...]
    helped: Mapping[str, Helped] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class ShownEvidence:
    """A quoted line and why it speaks for a cause. `line` is 0 when there is no line to name."""

    quote: str
    line: int
    reasons: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class ShownCause:
    """A cause with what speaks for it and what settles it. Without a band nobody has weighed it against others.

    Attributes:
        leads_on: whether the way to all steps of its symptom stands below it.

    """

    id: str
    title: Text
    explanation: Text
    versions: tuple[Text, ...]
    steps: tuple[ShownStep, ...]
    symptom: str
    symptom_title: Text
    band: str = ""
    band_words: Text | None = None
    evidence: tuple[ShownEvidence, ...] = ()
    tell_apart: Text | None = None
    leads_on: bool = True


def offers_for(place: Place, causes: Sequence[str], *, checked: bool = False) -> tuple[Offer, ...]:
    """An offer for each cause, in the catalogue's order; `checked`: the key check found the cause.

    The symptom that has most of the causes takes the answers. Whoever comes from the key check is not sent back to
    it first.
    """
    return tuple(
        Offer(
            cause,
            symptom_for(place.catalogue, cause, causes),
            harmless_first(sorted(_fitting(place, cause), key=lambda one: checked and one.link is LinkName.KEY_CHECK)),
        )
        for cause in causes
    )


def ranked(place: Place, offer: Offer, tallies: Sequence[Tally], chance: Chance) -> Offer:
    """The same by what helped others with the symptom; see `ranking.rank`."""
    steps = rank(_fitting(place, offer.cause), tallies, place.setup.platform, chance)
    return replace(offer, steps=steps, helped=helped_by_step(steps, tallies))


def order_of(offers: Iterable[Offer]) -> tuple[str, ...]:
    """The ids of the offered steps, cause by cause: what the list of their symptom begins with."""
    return tuple(dict.fromkeys(step.id for offer in offers for step in offer.steps))


def show_cause(place: Place, offer: Offer, finding: Finding | None = None, *, first: bool = True) -> ShownCause:
    """A cause of the catalogue with its steps; of the `first` one on a page the first step is open."""
    cause = place.catalogue.causes[offer.cause]
    shown = ShownCause(
        id=cause.id,
        title=place.say(cause.title),
        explanation=place.say(cause.explanation),
        versions=place.versions_of(cause),
        steps=tuple(
            show_step(
                place,
                offer.symptom.id,
                step,
                helped=offer.helped.get(step.id),
                is_open=first and step is offer.steps[0],
                explained=True,
            )
            for step in offer.steps
        ),
        symptom=offer.symptom.id,
        symptom_title=place.say(offer.symptom.title),
    )
    if finding is None:
        return shown
    return replace(
        shown,
        band=finding.band.value,
        band_words=BAND_WORDS[finding.band],
        evidence=_shown_evidence(finding.evidence),
        tell_apart=finding.tell_apart,
    )


def symptom_for(catalogue: Catalogue, cause_id: str, beside: Iterable[str]) -> Symptom:
    """The symptom behind which this cause and most of the others may be; of several the one that it most often has."""
    others = {*beside, cause_id}
    return max(
        catalogue.symptoms_of(cause_id),
        key=lambda symptom: (len(others & set(symptom.causes)), -symptom.causes.index(cause_id)),
    )


def _fitting(place: Place, cause_id: str) -> tuple[Step, ...]:
    """What helps against a cause here, in the catalogue's order."""
    steps = place.catalogue.steps_against(cause_id, place.setup.choices)
    return tuple(step for step in steps if step.when.fits(place.profile))


def _shown_evidence(evidence: Iterable[Evidence]) -> tuple[ShownEvidence, ...]:
    """Each line once, with everything that it says."""
    lines: dict[tuple[str, int], list[Text]] = {}
    for one in evidence:
        lines.setdefault((one.quote, one.line), []).append(one.why)
    return tuple(ShownEvidence(quote, line, tuple(dict.fromkeys(why))) for (quote, line), why in lines.items())
