"""PURE: owns what the help pages show of the catalogue: the list of symptoms, and a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portal.diagnosis.commands import render_step
from portal.diagnosis.fields import fill
from portal.diagnosis.model import Catalogue, Cause, Group, LinkName, Risk, Step, Symptom, VersionNote
from portal.diagnosis.room import Portal
from portal.journeys.vocabulary import StepOutcome
from portal.profile.model import GatewayProfile
from portal.snippets.guide import Block, Refusal
from portal.troubleshooting.forms import Answer
from portal.troubleshooting.ranking import Helped
from portal.troubleshooting.setup import SetUp
from portal.troubleshooting.wording import (
    ANSWER_LABELS,
    GROUP_LABELS,
    LINK_LABELS,
    LOOKING_LABELS,
    OUTCOME_WORDS,
    RISK_WORDS,
    helped_words,
    minutes_words,
    version_words,
)
from portal.words import Text

_GIVEN: Final = (Answer.RESOLVED, Answer.NOT_RESOLVED, Answer.SKIPPED)


@dataclass(frozen=True, slots=True)
class Place:
    """For whom pages are made: the catalogue, the gateway, the set-up, and the portal's own address.

    `client` is the version of the visitor's client, such as `2.1.330`, or empty.
    """

    catalogue: Catalogue
    profile: GatewayProfile
    setup: SetUp
    origin: str
    client: str = ""

    def say(self, text: Text) -> Text:
        """A sentence of the catalogue with its fields filled for this visitor."""
        return fill(text, self.setup.choices, self.profile)

    def versions_of(self, cause: Cause) -> tuple[Text, ...]:
        """Where versions of the client differ; of a known version only what it does."""
        if not self.client:
            return tuple(version_words(note.since, note.before, self.say(note.text)) for note in cause.versions)
        return tuple(self.say(note.text) for note in cause.versions if _is_about(note, self.client))


@dataclass(frozen=True, slots=True)
class ShownSymptom:
    """A symptom in the list."""

    id: str
    title: Text
    shows: Text


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """The symptoms below one heading."""

    label: Text
    symptoms: tuple[ShownSymptom, ...]


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step to try.

    Attributes:
        symptom: whose step it is.
        address: where an answer goes.
        message: a text to send to somebody.
        refusal: why there are no blocks for this shell.
        why: the explanation of the cause, or None where it stands above the step already.
        risk: the value of `Risk`; `risk_words` says it.
        helped: how many people it helped, if that may be shown.
        answer: what the visitor said about it, or empty; `answer_word` says it.
        buttons: value and label of each answer that can be given now.
        paste: where to paste what a step showed that only looks, or empty.

    """

    id: str
    symptom: str
    address: str
    instruction: Text
    cause_title: Text
    why: Text | None
    versions: tuple[Text, ...]
    blocks: tuple[Block, ...]
    message: Text | None
    refusal: Refusal | None
    expect: Text
    minutes: Text
    risk: str
    risk_words: Text
    undo: Text | None
    undo_blocks: tuple[Block, ...]
    link_url: str
    link_label: Text
    helped: Text | None
    answer: str
    answer_word: Text | None
    buttons: tuple[tuple[str, Text], ...]
    paste: str
    open: bool


def show_groups(place: Place) -> tuple[ShownGroup, ...]:
    """Every symptom, below the heading of its group."""
    return tuple(
        ShownGroup(GROUP_LABELS[group], tuple(_shown_symptom(place, symptom) for symptom in symptoms))
        for group in Group
        if (symptoms := [s for s in place.catalogue.symptoms.values() if s.group is group])
    )


def show_step(  # noqa: PLR0913 - each by its name
    place: Place,
    symptom: str,
    step: Step,
    *,
    outcome: StepOutcome | None = None,
    helped: Helped | None = None,
    is_open: bool = False,
    explained: bool = False,
) -> ShownStep:
    """A step for this visitor; `explained` when the cause's explanation stands above it already."""
    setup = place.setup
    done = render_step(step, setup.choices, place.profile, Portal(place.origin, setup.script_query))
    cause = place.catalogue.causes[_cause_behind(place.catalogue.symptoms[symptom], step)]
    labels = LOOKING_LABELS if step.risk is Risk.SAFE else ANSWER_LABELS
    answers = (*_GIVEN, Answer.UNDONE) if outcome else _GIVEN
    return ShownStep(
        id=step.id,
        symptom=symptom,
        address=answer_address(place, symptom, step),
        instruction=done.instruction,
        cause_title=place.say(cause.title),
        why=None if explained else place.say(cause.explanation),
        versions=() if explained else place.versions_of(cause),
        blocks=done.blocks,
        message=done.message,
        refusal=done.refusal,
        expect=done.expect,
        minutes=minutes_words(step.minutes),
        risk=step.risk.value,
        risk_words=RISK_WORDS[step.risk],
        undo=done.undo,
        undo_blocks=done.undo_blocks,
        link_url=done.link,
        link_label=LINK_LABELS[step.link or LinkName.SUPPORT],
        helped=helped_words(helped) if helped else None,
        answer=outcome.value if outcome else "",
        answer_word=OUTCOME_WORDS[outcome] if outcome else None,
        buttons=tuple((answer.value, labels[answer]) for answer in answers),
        paste=f"/troubleshoot?{setup.query}#text" if step.risk is Risk.SAFE and not outcome else "",
        open=is_open,
    )


def answer_address(place: Place, symptom: str, step: Step) -> str:
    """Where an answer to a step goes."""
    return f"/troubleshoot/{symptom}/{step.id}{place.setup.in_language}"


def _cause_behind(symptom: Symptom, step: Step) -> str:
    """Of the causes that the step settles, the most probable one behind what the visitor sees."""
    return next((cause for cause in symptom.causes if cause in step.causes), step.cause)


def _shown_symptom(place: Place, symptom: Symptom) -> ShownSymptom:
    return ShownSymptom(symptom.id, place.say(symptom.title), place.say(symptom.shows))


def _is_about(note: VersionNote, client: str) -> bool:
    """Whether a note is about this version; versions compare by their numbers."""
    mine = _numbers(client)
    return (not note.since or mine >= _numbers(note.since)) and (not note.before or mine < _numbers(note.before))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
