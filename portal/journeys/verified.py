"""Owns the visitor's own word that the client works: reading its form, and what is said then (PURE)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from portal.journeys.events import Event, key_of
from portal.journeys.vocabulary import Evidence, Kind, context_of
from portal.snippets.choice_fields import Pairs, as_query, choices_among
from portal.words import Text, _

_KEY: Final = key_of("verified:self")


@dataclass(frozen=True, slots=True)
class VerifiedForm:
    """A posted form: the event in it, and the choices as a query and as pairs, to come back to the same set-up."""

    event: Event
    choice_pairs: Pairs

    @property
    def query(self) -> str:
        """The choices as a query for the guide."""
        return as_query(self.choice_pairs)


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
    pairs = choices_among(fields)
    context = context_of(dict(pairs), language)
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
