"""Owns the visitor's own word that the client works: reading its form, and what is said then (PURE)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlencode

from portal.journeys.events import Event, key_of
from portal.journeys.vocabulary import Context, Evidence, Kind
from portal.snippets.targets import INSTALLS, SHELLS, Install, Platform, Scope, Shell
from portal.words import Text, _

_CHOICES: Final = {"os", "shell", "install", "scope", "default", "timeout_ms", "opt", "lang", "opus", "sonnet", "haiku"}
_MAX_VALUE: Final = 200
_Word = TypeVar("_Word", bound=StrEnum)
_KEY: Final = key_of("verified:self")


@dataclass(frozen=True, slots=True)
class VerifiedForm:
    """A posted form: the event in it, and the choices as a query and as pairs, to come back to the same set-up."""

    event: Event
    choice_pairs: tuple[tuple[str, str], ...]

    @property
    def query(self) -> str:
        """The choices as a query for the guide."""
        return urlencode(self.choice_pairs, safe="/:@[]")


@dataclass(frozen=True, slots=True)
class VerifiedView:
    """What the region says.

    Attributes:
        state: "passed", or "warning" when it could not be recorded.
        choice_pairs: fields of the form that tries again; empty when there is nothing to try.

    """

    state: str
    title: Text
    what: Text
    query: str
    choice_pairs: tuple[tuple[str, str], ...] = ()


def read_verified(fields: Sequence[tuple[str, str]], *, now: int, language: str) -> VerifiedForm:
    """Read the form's fields; what is no legal choice is left out. `now` is in milliseconds since 1970."""
    pairs = tuple((name, value) for name, value in fields if name in _CHOICES and len(value) <= _MAX_VALUE)
    values = dict(pairs)
    platform = _known(Platform, values.get("os", ""))
    shell, install = _known(Shell, values.get("shell", "")), _known(Install, values.get("install", ""))
    context = Context(
        platform=platform,
        shell=shell if platform and shell in SHELLS[platform] else None,
        scope=_known(Scope, values.get("scope", "")),
        install=install if platform and install in INSTALLS[platform] else None,
        language=language,
    )
    event = Event(key=_KEY, kind=Kind.VERIFIED, at=now, context=context, evidence=Evidence.SELF_REPORTED)
    return VerifiedForm(event, pairs)


def show_thanks(query: str, *, recorded: bool) -> VerifiedView:
    """What is said when it was recorded, or when the visitor asked for no record."""
    what = (
        _("Noted, without a name. It shows which set-ups work.")
        if recorded
        else _("Your browser asks not to be recorded, so nothing was noted.")
    )
    return VerifiedView("passed", _("Good: you are set up."), what, query)


def show_failed(form: VerifiedForm) -> VerifiedView:
    """What is said when the database does not answer."""
    return VerifiedView(
        "warning",
        _("That could not be noted."),
        _("The portal’s database does not answer. Your set-up is not affected. You can press it again in a minute."),
        form.query,
        form.choice_pairs,
    )


def _known(kind: type[_Word], value: str) -> _Word | None:
    try:
        return kind(value)
    except ValueError:
        return None
