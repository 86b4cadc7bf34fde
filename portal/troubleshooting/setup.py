"""PURE: owns the visitor's set-up as the help pages carry it: in every link, in every form, and in a few words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, urlencode

from portal.profile.model import GatewayProfile
from portal.snippets.choices import Choices
from portal.snippets.labels import PLATFORM_LABELS, SCOPE_LABELS, SHELL_LABELS, scope_label
from portal.snippets.query import Query, parse_choices, query_for
from portal.snippets.targets import SHELLS, Platform, Scope
from portal.words import Text

_PICKED: Final = {"os", "shell", "scope"}


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a picker."""

    value: str
    label: Text
    chosen: bool


@dataclass(frozen=True, slots=True)
class SetUp:
    """What a help page knows about the visitor's machine.

    Attributes:
        query: the canonical query of these choices, without `?`; it names no machine that the visitor did not name.
        script_query: the same with the machine and without the page's language, for scripts, which have none.
        language: the code that the query named, or empty.
        platform_given: whether the query named the platform; otherwise the browser may detect it.

    """

    choices: Choices
    query: str
    script_query: str
    language: str
    platform_given: bool

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The query as field names and values, for forms that carry it along."""
        return tuple(parse_qsl(self.query, keep_blank_values=True))

    @property
    def platform(self) -> str:
        """The value of the platform that the visitor named, or empty."""
        return self.choices.target.platform if self.platform_given else ""

    @property
    def in_language(self) -> str:
        """What an address needs that a form is posted to: `?lang=…`, or nothing."""
        return f"?lang={self.language}" if self.language else ""

    @property
    def other_pairs(self) -> tuple[tuple[str, str], ...]:
        """The same without what the pickers name."""
        return tuple(pair for pair in self.pairs if pair[0] not in _PICKED)

    @property
    def platforms(self) -> tuple[Option, ...]:
        """Every platform."""
        return _options(Platform, self.choices.target.platform, PLATFORM_LABELS)

    @property
    def shells(self) -> tuple[Option, ...]:
        """The shells of the platform."""
        return _options(SHELLS[self.choices.target.platform], self.choices.target.shell, SHELL_LABELS)

    @property
    def scopes(self) -> tuple[Option, ...]:
        """Every scope."""
        return _options(Scope, self.choices.target.scope, SCOPE_LABELS)

    @property
    def platform_label(self) -> Text:
        """The machine's name."""
        return PLATFORM_LABELS[self.choices.target.platform]

    @property
    def shell_label(self) -> Text:
        """The shell's name."""
        return SHELL_LABELS[self.choices.target.shell]

    @property
    def scope_label(self) -> Text:
        """Where the settings live, in a few words."""
        return scope_label(self.choices.target)


def read_setup(fields: Query, profile: GatewayProfile, language: str = "") -> SetUp:
    """The set-up that a query or a form names; what it does not name is as the portal proposes.

    `language` is the code that the query named, or empty.
    """
    parsed = parse_choices(fields, profile)
    whole = query_for(parsed.choices, profile)
    named = {name for name, _value in fields}
    unnamed = set() if parsed.platform_given else {"os", "shell"} - named
    pairs = [pair for pair in parse_qsl(whole, keep_blank_values=True) if pair[0] not in unnamed]
    query = urlencode([*pairs, *([("lang", language)] if language else [])], safe="/:@[]")
    return SetUp(parsed.choices, query, whole, language, parsed.platform_given)


def _options(values: Iterable[StrEnum], chosen: StrEnum, labels: Mapping[StrEnum, Text]) -> tuple[Option, ...]:
    return tuple(Option(value, labels[value], value is chosen) for value in values)
