"""PURE: owns what `/troubleshoot/{symptom}` shows: steps in their order, what came of each, and the way out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from portal.diagnosis.model import Step, Symptom
from portal.journeys.vocabulary import StepOutcome
from portal.snippets.guide import Block, Section
from portal.snippets.verify import verify_section
from portal.troubleshooting.bundle import support_report
from portal.troubleshooting.forms import Answers, Carried
from portal.troubleshooting.ranking import Helped
from portal.troubleshooting.setup import SetUp
from portal.troubleshooting.views import Place, ShownStep, answer_address, show_step
from portal.troubleshooting.wording import gave_up_words, progress_words
from portal.words import Text, _

TRIED_ENOUGH: Final = 3
"""After so many steps that did not help, the report is offered: nobody has to try all of them first."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a visitor is with a symptom.

    Attributes:
        steps: in the order in which this visitor has them.
        answers: what was said about them so far.
        helped: how many people a step helped, where that may be shown.

    """

    steps: tuple[Step, ...]
    answers: Answers
    helped: Mapping[str, Helped]


@dataclass(frozen=True, slots=True)
class Resolved:
    """That a step resolved the symptom, and how to see that it holds. `address` takes the answer back."""

    said: Text
    verify: Section
    address: str


@dataclass(frozen=True, slots=True)
class SymptomPage:
    """Everything that the page needs.

    Attributes:
        says: what the client or the shell prints, literally.
        state: "trying", "resolved", or "exhausted" when every step is answered and none resolved it.
        may_give_up: whether enough was tried to offer the report before every step is answered.
        notice: what went wrong with the last answer, or why it is not recorded; None when nothing is to be said.
        carried: what the answers carry along.
        bundle: the report to support.
        support: the operator's page for help, or empty.

    """

    setup: SetUp
    symptom: str
    title: Text
    shows: Text
    says: tuple[str, ...]
    steps: tuple[ShownStep, ...]
    state: str
    heading: Text
    progress: Text | None
    resolved: Resolved | None
    may_give_up: bool
    notice: Text | None
    carried: tuple[tuple[str, str], ...]
    bundle: Block
    support: str


def show_symptom(  # noqa: PLR0913 - each by its name
    place: Place,
    symptom: Symptom,
    progress: Progress,
    carried: Carried,
    notice: Text | None = None,
    *,
    gave_up: bool = False,
) -> SymptomPage:
    """The page of a symptom; `carried` is what the form brought, `notice` what is to be said first."""
    steps, answers = progress.steps, progress.answers
    answered = [step for step in steps if step.id in answers]
    fixed = next((step for step in steps if answers.get(step.id) is StepOutcome.RESOLVED), None)
    upcoming = None if fixed or gave_up else next((step for step in steps if step.id not in answers), None)
    along = replace(carried, order=tuple(step.id for step in steps))
    return SymptomPage(
        setup=place.setup,
        symptom=symptom.id,
        title=place.say(symptom.title),
        shows=place.say(symptom.shows),
        says=symptom.says,
        steps=tuple(
            show_step(
                place,
                symptom.id,
                step,
                outcome=answers.get(step.id),
                helped=progress.helped.get(step.id),
                is_open=step is upcoming,
            )
            for step in (answered if fixed else steps)
        ),
        state="resolved" if fixed else "trying" if upcoming else "exhausted",
        heading=_("What you tried") if fixed else _("What to try"),
        progress=None
        if fixed
        else gave_up_words(len(answered), len(steps))
        if gave_up
        else progress_words(
            len(answered),
            len(steps),
            steps.index(upcoming) + 1 if upcoming else 0,
            [answers[step.id] for step in answered].count(StepOutcome.SKIPPED),
        ),
        resolved=_resolved(place, symptom, fixed, steps) if fixed else None,
        may_give_up=upcoming is not None and list(answers.values()).count(StepOutcome.NOT_RESOLVED) >= TRIED_ENOUGH,
        notice=notice,
        carried=along.pairs,
        bundle=support_report(place, symptom, steps, answers, carried),
        support=place.profile.links.support,
    )


def fitting_steps(place: Place, symptom: Symptom) -> tuple[Step, ...]:
    """The symptom's steps for this set-up and gateway, in the catalogue's order."""
    steps = place.catalogue.steps_for(symptom, place.setup.choices)
    return tuple(step for step in steps if step.when.fits(place.profile))


def in_order(steps: Sequence[Step], order: Iterable[str]) -> tuple[Step, ...]:
    """The steps that `order` names, as it says, then the others as they are."""
    by_id = {step.id: step for step in steps}
    first = [by_id[name] for name in dict.fromkeys(order) if name in by_id]
    return (*first, *(step for step in steps if step not in first))


def _resolved(place: Place, symptom: Symptom, step: Step, steps: Sequence[Step]) -> Resolved:
    return Resolved(
        said=_("Step {number} fixed it.", number=steps.index(step) + 1),
        verify=Section(blocks=_asking(verify_section(place.setup.choices, place.profile))),
        address=answer_address(place, symptom.id, step),
    )


def _asking(verify: Section) -> tuple[Block, ...]:
    """Of the guide's ways to see that it works, the one that gets an answer through the gateway."""
    return tuple(block for block in verify.blocks if block.shell and not block.expected)
