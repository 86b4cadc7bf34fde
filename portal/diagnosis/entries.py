"""PURE: owns reading one entry's fields: enumerations, sentences, actions; every finding ends up in `problems`.

A finding is "place: what is wrong; remedy", the place written as in TOML (`steps #2.risk`). It must not know whether
an entry is the portal's or an operator's, nor any other entry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar, cast

from portal.diagnosis.actions import Action, Do, File
from portal.diagnosis.fields import brace_problem
from portal.diagnosis.model import Condition, Feature, Group, LinkName, Risk, VersionNote
from portal.profile.model import CredentialScheme
from portal.profile.texts import one_of, shown
from portal.snippets.targets import Install, Platform, Scope, Shell
from portal.words import Text

_Word = TypeVar("_Word", bound=StrEnum)

_PLAIN_WORDS: Final = re.compile(r"[a-z][A-Za-z0-9_.-]*( -{0,2}[A-Za-z0-9_./=:][A-Za-z0-9_./=:@-]*)*")
"""Words that every shell reads alike, without quotes."""

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\*?|\{(other_)?variable\}")
_PROGRAMS: Final = {Do.WHERE_IS: ("claude", "node", "npm"), Do.INSTALL: ("native",), Do.ALLOW_SCRIPTS: ("undo",)}
_NEEDED: Final = {
    Do.RUN: "line", Do.SESSION: "line", Do.PALETTE: "line", Do.MESSAGE: "text", Do.SHOW_VARIABLES: "names",
    Do.FIND_VARIABLES: "names", Do.REMOVE_VARIABLE: "names", Do.SET_VARIABLE: "env", Do.WHERE_IS: "program",
    Do.ASK_GATEWAY: "model",
}  # fmt: skip


class Fields:
    """The fields of one entry, and where it stands."""

    def __init__(self, place: str, fields: Mapping[str, object], problems: list[str]) -> None:
        self.place = place
        self._fields = fields
        self._problems = problems

    def wrong(self, field: str, problem: str) -> None:
        """Note a finding."""
        self._problems.append(f"{self.place}.{field}: {problem}")

    def need(self, *names: str) -> bool:
        """Whether all of these are there; notes each that is not."""
        missing = [name for name in names if not self._fields.get(name)]
        for name in missing:
            self.wrong(name, "is missing, and there is no entry of this id to take it from; write it")
        return not missing

    def sentence(self, name: str) -> Text:
        """A sentence whose fields are known."""
        text = str(self._fields.get(name, ""))
        if problem := brace_problem(text):
            self.wrong(name, problem)
        return Text(text)

    def optional(self, name: str) -> Text | None:
        """A sentence, or None where there is none."""
        return self.sentence(name) if self._fields.get(name) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        return cast("tuple[str, ...]", self._fields.get(name, ()))

    def number(self, name: str) -> int:
        """A whole number."""
        return cast("int", self._fields.get(name, 0))

    def word(self, name: str, known: type[_Word]) -> _Word | None:
        """One of a closed list; None when it is not, or not there."""
        found = self._known(name, (str(self._fields[name]),) if self._fields.get(name) else (), known)
        return next(iter(found), None)

    def words(self, name: str, known: type[_Word]) -> frozenset[_Word]:
        """Several of a closed list."""
        return frozenset(self._known(name, self.texts(name), known))

    def tables(self, name: str) -> tuple[Fields, ...]:
        """The tables of a list."""
        tables = cast("tuple[Mapping[str, object], ...]", self._fields.get(name, ()))
        return tuple(
            Fields(f"{self.place}.{name} #{number}", table, self._problems)
            for number, table in enumerate(tables, start=1)
        )

    def table(self, name: str) -> Mapping[str, object]:
        """A table of free names."""
        return cast("Mapping[str, object]", self._fields.get(name, {}))

    def text(self, name: str, default: str = "") -> str:
        """One text that is not a sentence."""
        text = str(self._fields.get(name, default))
        if problem := brace_problem(text):
            self.wrong(name, problem)
        return text

    def _known(self, name: str, texts: Sequence[str], known: type[_Word]) -> list[_Word]:
        values = [word.value for word in known]
        for text in texts:
            if text not in values:
                self.wrong(name, f"{shown(text)} is not known; {one_of(text, values)}")
        return [known(text) for text in texts if text in values]


def condition(fields: Fields) -> Condition:
    """For whom a step is meant."""
    return Condition(
        platforms=fields.words("platforms", Platform),
        shells=fields.words("shells", Shell),
        scopes=fields.words("scopes", Scope),
        installs=fields.words("installs", Install),
        credentials=fields.words("credentials", CredentialScheme),
        features=fields.words("features", Feature),
    )


def versions(fields: Fields) -> tuple[VersionNote, ...]:
    """The notes on versions of a cause."""
    notes = []
    for table in fields.tables("versions"):
        since, before = table.text("since"), table.text("before")
        for name, version in (("since", since), ("before", before)):
            if version and not re.fullmatch(r"\d+\.\d+\.\d+", version):
                table.wrong(name, f'{shown(version)} is not a version; write three numbers: {name} = "2.1.330"')
        if not since and not before:
            table.wrong("since", 'is missing; write since = "2.1.330" or before = "2.1.330"')
        notes.append(VersionNote(table.sentence("text"), since, before))
    return tuple(notes)


def actions(fields: Fields, name: str) -> tuple[Action, ...]:
    """The actions of a step."""
    found = (_action(table) for table in fields.tables(name))
    return tuple(action for action in found if action is not None)


def link(fields: Fields) -> LinkName | None:
    """The operator's page that a step sends to."""
    return fields.word("link", LinkName)


def group(fields: Fields) -> Group | None:
    """The heading of a symptom."""
    return fields.word("group", Group)


def risk(fields: Fields) -> Risk | None:
    """What a step may cost."""
    return fields.word("risk", Risk)


def _action(fields: Fields) -> Action | None:
    do, file = fields.word("do", Do), fields.word("file", File) or File.OWN
    if do is None:
        return None
    needed = _NEEDED.get(do)
    if (needed and not fields.need(needed)) or not _has_content(do, fields):
        return None
    _check_values(do, fields)
    return Action(
        do=do,
        line=fields.text("line"),
        names=fields.texts("names"),
        env=MappingProxyType({name: str(value) for name, value in fields.table("env").items()}),
        keys=fields.table("keys"),
        file=file,
        url=fields.text("url"),
        program=fields.text("program"),
        model=fields.text("model"),
        text=fields.optional("text"),
    )


def _has_content(do: Do, fields: Fields) -> bool:
    if do is Do.SETTINGS_JSON and not fields.table("env") and not fields.table("keys"):
        fields.wrong("env", "is missing, and keys too; write at least one of them")
        return False
    return True


def _check_values(do: Do, fields: Fields) -> None:
    line, program = fields.text("line"), fields.text("program")
    if do is Do.RUN and not _PLAIN_WORDS.fullmatch(line):
        fields.wrong("line", f"{shown(line)} is not the same in every shell; write a program and plain words only")
    if do in {Do.OPEN_SETTINGS, Do.SETTINGS_JSON} and fields.text("file") == File.MANAGED:
        fields.wrong("file", "the file of an administrator is only looked at; use own, user, project, local or state")
    if do is Do.SESSION and not line.startswith("/"):
        fields.wrong("line", f"{shown(line)} does not begin with a slash; a line inside the client does")
    if program and program not in _PROGRAMS.get(do, ()):
        fields.wrong("program", f"{shown(program)} is not known; {one_of(program, _PROGRAMS.get(do, ()))}")
    for name in (*fields.texts("names"), *fields.table("env")):
        if not _VARIABLE.fullmatch(name):
            fields.wrong("names", f"{shown(name)} is not the name of a variable; correct it")
        elif name.endswith("*") and do is not Do.SHOW_VARIABLES:
            fields.wrong("names", f"{shown(name)} stands for several variables; name each")
    for value in fields.table("env").values():
        if problem := brace_problem(str(value)):
            fields.wrong("env", problem)
