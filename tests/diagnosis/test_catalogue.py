"""The catalogue covers every known trouble, leads everywhere in two presses, and is true to its own rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portal.diagnosis.actions import Do
from portal.diagnosis.blocks import MAKERS
from portal.diagnosis.load import CATALOGUE, load_catalogue
from portal.diagnosis.model import Catalogue, Group, Risk
from portal.profile.load import load_profile, preset_names
from portal.snippets.choices import recommended_choices
from portal.snippets.targets import Platform
from tests.diagnosis.coverage import FAILURE_MODES, GUIDE_ROWS, MEASURED, REQUIRED_CAUSES, Way
from tests.diagnosis.samples import PROFILES, catalogue_for, visitors
from tests.snippets.samples import PLAIN

_SHARED = Path(__file__).parents[2].parent / "shared"
_WAYS = [(f"guide: {name}", way) for name, ways in GUIDE_ROWS.items() for way in ways]
_WAYS += [(f"failure mode {number}", way) for number, way in FAILURE_MODES.items()]
_WAYS += [(f"measured: {name}", way) for name, way in MEASURED.items()]


@pytest.fixture
def catalogue() -> Catalogue:
    return catalogue_for("plain")


@pytest.mark.parametrize("way", [way for _, way in _WAYS], ids=[name for name, _ in _WAYS])
def test_known_trouble_is_reached_in_two_presses(catalogue: Catalogue, way: Way) -> None:
    symptom, cause = way
    assert cause in catalogue.symptoms[symptom].causes
    reached = [
        step
        for choices in visitors(PLAIN)
        for step in catalogue.steps_for(catalogue.symptoms[symptom], choices)
        if cause in step.causes
    ]
    assert reached


@pytest.mark.parametrize("row", GUIDE_ROWS)
def test_guide_rows_have_a_step_on_every_machine(catalogue: Catalogue, row: str) -> None:
    for symptom, cause in GUIDE_ROWS[row]:
        for choices in visitors(PLAIN):
            steps = catalogue.steps_for(catalogue.symptoms[symptom], choices)
            assert any(step.cause == cause for step in steps), choices.target


def test_numbers_of_failure_modes_are_all_there() -> None:
    assert sorted(FAILURE_MODES) == list(range(1, 47))


@pytest.mark.real("shared-facts")
def test_list_of_failure_modes_has_no_more_rows() -> None:
    text = (_SHARED / "facts" / "failure-modes.md").read_text(encoding="utf-8")
    rows = [int(number) for number in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)]
    assert rows == list(range(1, 41))
    assert "**Near misses (41-46)**" in text


@pytest.mark.real("shared-facts")
def test_sentences_are_our_own() -> None:
    ours = CATALOGUE.read_text(encoding="utf-8")
    for name in ("operator-guide.md", "facts/failure-modes.md", "facts/claude-code-measured.md"):
        theirs = re.sub(r"`[^`]*`", "", (_SHARED / name).read_text(encoding="utf-8"))
        copied = [
            sentence
            for sentence in re.findall(r"[A-Z][^.|\n]{40,}\.", theirs)
            if sentence in re.sub(r"`[^`]*`", "", ours)
        ]
        assert not copied


def test_required_causes_are_there(catalogue: Catalogue) -> None:
    assert set(REQUIRED_CAUSES) <= catalogue.causes.keys()


@pytest.mark.parametrize("name", PROFILES)
def test_every_symptom_has_steps_on_every_machine(name: str) -> None:
    catalogue = catalogue_for(name)
    for choices in visitors(PROFILES[name]):
        for symptom in catalogue.symptoms.values():
            steps = catalogue.steps_for(symptom, choices)
            assert len(steps) >= 2, (symptom.id, choices.target)
            assert len({step.id for step in steps}) == len(steps)
            assert {cause for step in steps for cause in step.causes} & set(symptom.causes)


def test_first_step_is_against_the_most_probable_cause_that_the_machine_can_have(catalogue: Catalogue) -> None:
    choices = recommended_choices(PLAIN, Platform.LINUX)
    for symptom in catalogue.symptoms.values():
        possible = next(cause for cause in symptom.causes if catalogue.steps_against(cause, choices))
        assert possible in catalogue.steps_for(symptom, choices)[0].causes


def test_no_dangerous_step_is_first(catalogue: Catalogue) -> None:
    for choices in visitors(PLAIN):
        for symptom in catalogue.symptoms.values():
            assert catalogue.steps_for(symptom, choices)[0].risk is not Risk.DANGEROUS


def test_every_cause_has_steps_and_symptoms(catalogue: Catalogue) -> None:
    for cause in catalogue.causes:
        assert any(catalogue.steps_against(cause, choices) for choices in visitors(PLAIN))
        assert catalogue.symptoms_of(cause)


def test_symptoms_of_a_cause_begin_with_the_most_probable(catalogue: Catalogue) -> None:
    first = catalogue.symptoms_of("tls-untrusted")[0]
    assert first.id == "certificate-error"


def test_steps_written_for_a_cause_come_first(catalogue: Catalogue) -> None:
    steps = catalogue.steps_against("leftover-api-key", recommended_choices(PLAIN))
    assert [step.id for step in steps][:2] == ["remove-leftover-key", "blank-leftover-key"]
    assert steps[-1].cause != "leftover-api-key"


def test_symptoms_are_few_and_every_heading_is_used(catalogue: Catalogue) -> None:
    assert 15 <= len(catalogue.symptoms) <= 27
    assert {symptom.group for symptom in catalogue.symptoms.values()} == set(Group)


def test_every_action_can_be_said() -> None:
    assert set(MAKERS) == set(Do)


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_has_a_catalogue(name: str) -> None:
    assert load_catalogue(load_profile(name)).symptoms


def test_sentences_keep_the_house_style(catalogue: Catalogue) -> None:
    sentences = [str(text.msgid) for cause in catalogue.causes.values() for text in (cause.title, cause.explanation)]
    sentences += [str(text.msgid) for step in catalogue.steps.values() for text in (step.instruction, step.expect)]
    sentences += [str(text.msgid) for entry in catalogue.symptoms.values() for text in (entry.title, entry.shows)]
    outside_code = [re.sub(r"`[^`]*`", "", sentence) for sentence in sentences]
    assert not [s for s in outside_code if re.search(r"(?i)\b(?:simply|just|oops|please|sorry)\b|!", s)]
    assert not [s for s in outside_code if "'" in s]  # typographic apostrophes
    assert not [s for s in sentences if s.count("`") % 2]
    titles = [cause.title.msgid for cause in catalogue.causes.values()]
    assert not [title for title in titles if title.endswith(".")]
