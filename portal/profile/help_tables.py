"""Owns the shape of catalogue entries: `[[symptoms]]`, `[[causes]]` and `[[steps]]`, in a profile or in the catalogue.

Everything but `id` may be left out: an entry with a known id changes what it says and keeps the rest. Whether an entry
makes sense (known references, complete when new) is judged where the catalogue is, in `portal.diagnosis`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Annotated, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from portal.profile.model import HelpEntries, HelpEntry
from portal.profile.problems import obeying
from portal.profile.texts import shown, text_problems


def _id_problems(text: str) -> list[str]:
    if re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", text) and len(text) <= 60:
        return []
    return [f'{shown(text)} is not an id; write small letters, digits and hyphens, for example id = "key-expired"']


EntryId = Annotated[str, obeying(_id_problems)]
Short = Annotated[str, obeying(partial(text_problems, limit=120))]
Sentences = Annotated[str, obeying(partial(text_problems, limit=500))]
Word = Annotated[str, obeying(partial(text_problems, limit=300))]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SymptomTable(_Table):
    """One `[[symptoms]]`: what a visitor sees."""

    id: EntryId = Field(examples=['id = "my-symptom"'])
    group: Word = Field("", examples=['group = "refused"'])
    title: Short = Field("", examples=['title = "what a visitor would say"'])
    shows: Sentences = Field("", examples=['shows = "how it looks"'])
    says: list[Word] = Field([], examples=['says = ["what the client prints"]'])
    causes: list[EntryId] = Field([], examples=['causes = ["key-rejected"]'])


class VersionTable(_Table):
    """One of a cause's `versions`."""

    text: Sentences = Field(examples=['text = "what these versions do"'])
    since: Word = Field("", examples=['since = "2.1.330"'])
    before: Word = Field("", examples=['before = "2.1.330"'])


class CauseTable(_Table):
    """One `[[causes]]`: why something does not work."""

    id: EntryId = Field(examples=['id = "my-cause"'])
    title: Short = Field("", examples=['title = "the key has expired"'])
    explanation: Sentences = Field("", examples=['explanation = "what happens and why"'])
    versions: list[VersionTable] = Field([], examples=['versions = [{ since = "2.1.330", text = "…" }]'])


class ActionTable(_Table):
    """One of a step's `actions`."""

    do: Word = Field(examples=['do = "run-doctor"'])
    line: Word = Field("", examples=['line = "claude doctor"'])
    names: list[Word] = Field([], examples=['names = ["ANTHROPIC_API_KEY"]'])
    env: dict[str, str] = Field({}, examples=['env = { API_TIMEOUT_MS = "1200000" }'])
    keys: dict[str, Any] = Field({}, examples=["keys = { skipWebFetchPreflight = true }"])
    file: Word = Field("own", examples=['file = "user"'])
    url: Word = Field("", examples=['url = "https://gateway.example.com"'])
    program: Word = Field("", examples=['program = "claude"'])
    model: Word = Field("", examples=['model = "{model}"'])
    text: Sentences = Field("", examples=['text = "what to send"'])


class StepTable(_Table):
    """One `[[steps]]`: something to try."""

    id: EntryId = Field(examples=['id = "my-step"'])
    causes: list[EntryId] = Field([], examples=['causes = ["key-rejected"]'])
    instruction: Sentences = Field("", examples=['instruction = "what to do"'])
    expect: Sentences = Field("", examples=['expect = "what you see when it worked"'])
    minutes: int = Field(0, ge=1, le=60, description="write minutes from 1 to 60", examples=["minutes = 2"])
    risk: Word = Field("", examples=['risk = "safe"'])
    undo: Sentences = Field("", examples=['undo = "how to take it back"'])
    link: Word = Field("", examples=['link = "support"'])
    actions: list[ActionTable] = Field([], examples=['actions = [{ do = "run-doctor" }]'])
    undo_actions: list[ActionTable] = Field([], examples=['undo_actions = [{ do = "take-back" }]'])
    platforms: list[Word] = Field([], examples=['platforms = ["windows"]'])
    shells: list[Word] = Field([], examples=['shells = ["fish"]'])
    scopes: list[Word] = Field([], examples=['scopes = ["user"]'])
    installs: list[Word] = Field([], examples=['installs = ["npm"]'])
    credentials: list[Word] = Field([], examples=['credentials = ["bearer"]'])
    features: list[Word] = Field([], examples=['features = ["models-endpoint"]'])


class HelpTables(_Table):
    """A whole catalogue file."""

    symptoms: list[SymptomTable] = Field([], examples=["one table [[symptoms]] for each"])
    causes: list[CauseTable] = Field([], examples=["one table [[causes]] for each"])
    steps: list[StepTable] = Field([], examples=["one table [[steps]] for each"])


class HasHelpTables(Protocol):
    """A document with the three lists: a profile, or the catalogue."""

    @property
    def symptoms(self) -> list[SymptomTable]:
        """Its symptoms."""

    @property
    def causes(self) -> list[CauseTable]:
        """Its causes."""

    @property
    def steps(self) -> list[StepTable]:
        """Its steps."""


def help_entries(document: HasHelpTables) -> HelpEntries:
    """The entries of a document as frozen data: only what was written."""
    return HelpEntries(
        symptoms=tuple(_entry(table, number) for number, table in enumerate(document.symptoms, start=1)),
        causes=tuple(_entry(table, number) for number, table in enumerate(document.causes, start=1)),
        steps=tuple(_entry(table, number) for number, table in enumerate(document.steps, start=1)),
    )


def _entry(table: SymptomTable | CauseTable | StepTable, number: int) -> HelpEntry:
    fields = table.model_dump(exclude_unset=True)
    return HelpEntry(table.id, number, MappingProxyType({name: _freeze(value) for name, value in fields.items()}))


def _freeze(value: object) -> object:
    match value:
        case Mapping():
            return MappingProxyType({name: _freeze(inner) for name, inner in value.items()})
        case list():
            return tuple(map(_freeze, value))
        case _:
            return value
