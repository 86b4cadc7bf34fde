"""Owns what recorded ids are called (PURE): the titles of the catalogue of today, with the operator's own entries.

Numbers outlive the catalogue: an id that it no longer has is shown as it is. Files and `data-*` keep the ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portal.admin.stats.sentences import name_of
from portal.diagnosis.fields import fill
from portal.diagnosis.model import Catalogue
from portal.profile.model import GatewayProfile
from portal.snippets.choices import recommended_choices
from portal.snippets.targets import Platform
from portal.words import Text, _

CODES: Final = {
    "accepted": _("The key works"),
    "rejected": _("Key not accepted"),
    "not-allowed": _("Key not allowed to do this"),
    "out-of-credit": _("No credit left"),
    "model-unknown": _("Model not known"),
    "throttled": _("Too many requests"),
    "gateway-error": _("Gateway failed"),
    "timed-out": _("Gateway answered too late"),
    "unreachable": _("Gateway not reached"),
    "not-messages-api": _("Answer of another kind"),
    "refused": _("Request refused"),
    "other-header": _("Key belongs in the other header"),
    "stream-broken": _("Broken stream"),
    "buffered": _("Stream held back"),
    "not-streamed": _("Answer not streamed"),
    "part-refused": _("A part of the request refused"),
    "models-missing": _("Models missing"),
    "slow": _("Slow answer"),
    "certificate-ends": _("Certificate ends soon"),
    "incomplete": _("Check not completed"),
}
"""What a key check ended with, by the code of its verdict (`keycheck.verdict_kinds.VerdictCode`)."""


@dataclass(frozen=True, slots=True)
class Name:
    """What an id is called; `known` is False when it is shown as it is."""

    id: str
    text: Text
    known: bool


@dataclass(frozen=True, slots=True)
class Names:
    """The names of this portal's catalogue. Sentences with fields are filled for whoever takes what is proposed."""

    catalogue: Catalogue
    profile: GatewayProfile

    def symptom(self, symptom: str) -> Name:
        """What visitors see."""
        found = self.catalogue.symptoms.get(symptom)
        return self._said(symptom, found.title if found else None)

    def cause(self, cause: str) -> Name:
        """Why something did not work."""
        found = self.catalogue.causes.get(cause)
        return self._said(cause, found.title if found else None)

    def step(self, step: str) -> Name:
        """What to do, in the words that the visitor gets."""
        found = self.catalogue.steps.get(step)
        platforms = sorted(found.when.platforms) if found else []
        return self._said(step, found.instruction if found else None, platforms[0] if platforms else Platform.MACOS)

    def _said(self, identity: str, text: Text | None, platform: Platform = Platform.MACOS) -> Name:
        if text is None:
            return as_it_is(identity)
        return Name(identity, fill(text, recommended_choices(self.profile, platform), self.profile), known=True)


def code(verdict: str) -> Name:
    """What a key check ended with."""
    return Name(verdict, CODES[verdict], known=True) if verdict in CODES else as_it_is(verdict)


def as_it_is(identity: str) -> Name:
    """An id without a name of its own."""
    return Name(identity, name_of(identity), known=False)
