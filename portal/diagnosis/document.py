"""PURE: owns putting the catalogue together: the portal's entries, changed and continued by the operator's.

An operator's entry with a known id replaces the fields that it writes; one with a new id is added, symptoms and causes
at the end, steps before all others, because an operator's own advice comes first. All findings come at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from types import MappingProxyType
from typing import TypeVar

from portal.diagnosis import entries
from portal.diagnosis.entries import Fields
from portal.diagnosis.model import Catalogue, Cause, Condition, Risk, Step, Symptom
from portal.profile.model import CredentialScheme, GatewayProfile, HelpEntries, HelpEntry
from portal.profile.texts import nearest, shown
from portal.snippets.choices import Choices, recommended_choices
from portal.snippets.targets import INSTALLS, all_targets

_Entry = TypeVar("_Entry", Symptom, Cause, Step)


def read_catalogue(shipped: HelpEntries, profile: GatewayProfile) -> Catalogue | tuple[str, ...]:
    """Return the catalogue for a gateway, or every problem as "place: what is wrong; remedy".

    Steps that are not meant for this gateway (its credential, its endpoints) are left out.
    """
    problems: list[str] = []
    own = profile.help
    symptoms = _read(_merge("symptoms", shipped.symptoms, own.symptoms), _symptom, problems)
    causes = _read(_merge("causes", shipped.causes, own.causes), _cause, problems)
    steps = _read(_merge("steps", shipped.steps, own.steps, own_first=True), _step, problems)
    catalogue = Catalogue(
        symptoms=MappingProxyType({symptom.id: symptom for _, symptom in symptoms}),
        causes=MappingProxyType({cause.id: cause for _, cause in causes}),
        steps=MappingProxyType({step.id: step for _, step in steps if step.when.fits(profile)}),
    )
    if not problems:
        places = {cause.id: place for place, cause in causes}
        problems += _references(symptoms, steps, catalogue)
        problems += _dead_ends(catalogue, places)
        problems += _only_dangerous(catalogue, {symptom.id: place for place, symptom in symptoms}, profile)
    return tuple(problems) or catalogue


Placed = tuple[str, Mapping[str, object]]


def _merge(
    kind: str, shipped: Sequence[HelpEntry], own: Sequence[HelpEntry], *, own_first: bool = False
) -> Iterator[Placed]:
    known = {entry.id for entry in shipped}
    changes = {entry.id: entry for entry in own}
    added = [(f"{kind} #{entry.number}", entry.fields) for entry in own if entry.id not in known]
    if own_first:
        yield from added
    for entry in shipped:
        change = changes.get(entry.id)
        if change is None:
            yield f"{kind} {entry.id}", entry.fields
        else:
            yield f"{kind} #{change.number}", {**entry.fields, **change.fields}
    if not own_first:
        yield from added


def _read(
    placed: Iterable[Placed], build: Callable[[Fields], _Entry | None], problems: list[str]
) -> list[tuple[str, _Entry]]:
    found = [(place, build(Fields(place, fields, problems))) for place, fields in placed]
    return [(place, entry) for place, entry in found if entry is not None]


def _symptom(fields: Fields) -> Symptom | None:
    group = entries.group(fields)
    if not fields.need("group", "title", "shows", "causes") or group is None:
        return None
    return Symptom(
        id=fields.text("id"),
        group=group,
        title=fields.sentence("title"),
        shows=fields.sentence("shows"),
        says=fields.texts("says"),
        causes=fields.texts("causes"),
    )


def _cause(fields: Fields) -> Cause | None:
    if not fields.need("title", "explanation"):
        return None
    return Cause(
        id=fields.text("id"),
        title=fields.sentence("title"),
        explanation=fields.sentence("explanation"),
        versions=entries.versions(fields),
    )


def _step(fields: Fields) -> Step | None:
    risk = entries.risk(fields)
    if not fields.need("causes", "instruction", "expect", "minutes", "risk", "actions") or risk is None:
        return None
    if risk is not Risk.SAFE:
        fields.need("undo")
    return Step(
        id=fields.text("id"),
        causes=fields.texts("causes"),
        instruction=fields.sentence("instruction"),
        expect=fields.sentence("expect"),
        minutes=fields.number("minutes"),
        risk=risk,
        actions=entries.actions(fields, "actions"),
        undo=fields.optional("undo"),
        undo_actions=entries.actions(fields, "undo_actions"),
        link=entries.link(fields),
        when=entries.condition(fields),
    )


def _references(
    symptoms: Iterable[tuple[str, Symptom]], steps: Iterable[tuple[str, Step]], catalogue: Catalogue
) -> Iterator[str]:
    """Causes that are named and do not exist, or that are named twice."""
    naming = [(place, symptom.causes) for place, symptom in symptoms]
    naming += [(place, step.causes) for place, step in steps]
    for place, causes in naming:
        for at, cause in enumerate(causes):
            if cause not in catalogue.causes:
                near = nearest(cause, catalogue.causes)
                remedy = f"did you mean {near}?" if near else "add a table [[causes]] with this id"
                yield f"{place}.causes: there is no cause {shown(cause)}; {remedy}"
            elif cause in causes[:at]:
                yield f"{place}.causes: {shown(cause)} is named twice; remove one of the two"


def _dead_ends(catalogue: Catalogue, places: Mapping[str, str]) -> Iterator[str]:
    """Causes without a step, and causes that no symptom leads to."""
    settled = {cause for step in catalogue.steps.values() for cause in step.causes}
    listed = {cause for symptom in catalogue.symptoms.values() for cause in symptom.causes}
    for cause in catalogue.causes:
        if cause not in settled:
            yield f'{places[cause]}: no step settles it; name it under "causes" of a table [[steps]]'
        if cause not in listed:
            yield f'{places[cause]}: no symptom leads to it; name it under "causes" of a table [[symptoms]]'


def _only_dangerous(catalogue: Catalogue, places: Mapping[str, str], profile: GatewayProfile) -> Iterator[str]:
    """Symptoms that offer somebody steps and no harmless one: a dangerous step is never the first, so none is shown."""
    for symptom in catalogue.symptoms.values():
        steps = [step for step in catalogue.steps.values() if set(step.causes) & set(symptom.causes)]
        harmless = [step for step in steps if step.risk is not Risk.DANGEROUS]
        if len(harmless) == len(steps) or any(step.when == Condition() for step in harmless):
            continue
        for choices in _everybody(profile):
            if not any(step.when.admits(choices) for step in harmless) and any(s.when.admits(choices) for s in steps):
                where = f"{choices.target.platform}, {choices.target.shell}, {choices.target.scope}"
                yield (
                    f"{places[symptom.id]}: for {where} every step is dangerous, and a dangerous one is never first; "
                    'add a table [[steps]] with risk = "safe" or "careful" against one of its causes'
                )
                break


def _everybody(profile: GatewayProfile) -> Iterator[Choices]:
    """Every machine that a step may be meant for."""
    for target in all_targets():
        plain = recommended_choices(profile, target.platform)
        for install, credential in product(INSTALLS[target.platform], CredentialScheme):
            yield replace(plain, target=target, install=install, credential=credential)
