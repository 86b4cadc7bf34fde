"""PURE: owns what `/troubleshoot` shows: a field to paste into, what a diagnosis found, and the list of symptoms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from portal.diagnosis.answer import Diagnosis
from portal.diagnosis.answer import Note as Remark
from portal.snippets.targets import Shell
from portal.troubleshooting.causes import Offer, ShownCause, offers_for, order_of, show_cause
from portal.troubleshooting.forms import LONGEST_SEEN, LONGEST_TEXT, Carried, PastedText
from portal.troubleshooting.setup import SetUp
from portal.troubleshooting.views import Place, ShownGroup, show_groups
from portal.troubleshooting.wording import OTHER_VARIABLES, SHOW_VARIABLES, cut_words
from portal.words import Text, _, ngettext

MOST_CAUSES = 3
"""More than three causes are no answer; the symptom's page has the rest."""


@dataclass(frozen=True, slots=True)
class ShownRemark:
    """A remark on one line of the paste."""

    says: Text
    quote: str
    line: int
    place: Text
    good: bool
    cause_id: str


@dataclass(frozen=True, slots=True)
class ShownDiagnosis:
    """What was found in a pasted text.

    Attributes:
        lead: what was recognised, or honestly that nothing was.
        carried: what the answers to its steps carry along.

    """

    lead: Text
    notices: tuple[Text, ...]
    remarks: tuple[ShownRemark, ...]
    causes: tuple[ShownCause, ...]
    unmatched: bool
    carried: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HelpPage:
    """Everything that the page needs.

    Attributes:
        cause: what a key check found, when its verdict leads here.
        typed: the text of the field; masked.
        problem: what is wrong with it, or None.
        longest: how many bytes of text the browser may send.
        variables_command: what prints the client's variables in the visitor's shell.
        support: the operator's page for help, or empty.

    """

    place: Place
    groups: tuple[ShownGroup, ...]
    support: str
    carried: tuple[tuple[str, str], ...] = ()
    cause: ShownCause | None = None
    typed: str = ""
    problem: Text | None = None
    diagnosis: ShownDiagnosis | None = None
    longest: int = LONGEST_TEXT

    @property
    def finding(self) -> Text:
        """The heading of what was found."""
        if self.problem:
            return _("Nothing was looked at")
        return _("Nothing was recognised") if self.diagnosis and self.diagnosis.unmatched else _("Likely causes")

    @property
    def setup(self) -> SetUp:
        """The visitor's set-up."""
        return self.place.setup

    @property
    def variables_command(self) -> str:
        """What prints the client's variables in the visitor's shell."""
        shell: Shell = self.place.setup.choices.target.shell
        return SHOW_VARIABLES.get(shell, OTHER_VARIABLES)


def show_help(place: Place, carried: Carried, cause_id: str = "") -> HelpPage:
    """The page before anything is pasted; `cause_id` of an unknown cause shows none."""
    known = Carried(client=carried.client, key_check=carried.key_check)  # the rest has no place in an address
    page = HelpPage(place, show_groups(place), place.profile.links.support, known.pairs)
    if cause_id not in place.catalogue.causes:
        return page
    offers = offers_for(place, (cause_id,), checked=True)  # not ranked: the page is a function of its address
    named = replace(known, key_check=cause_id, order=order_of(offers))
    return replace(page, cause=show_cause(place, offers[0]), carried=named.pairs)


def show_problem(place: Place, carried: Carried, problem: Text, typed: str = "") -> HelpPage:
    """The page when there is nothing to diagnose."""
    return replace(show_help(place, carried), problem=problem, typed=typed)


def shown_causes(diagnosis: Diagnosis) -> tuple[str, ...]:
    """The ids of the causes that the page has, the most probable first."""
    return tuple(finding.cause_id for finding in diagnosis.findings[:MOST_CAUSES])


def show_diagnosis(
    place: Place, carried: Carried, pasted: PastedText, diagnosis: Diagnosis, offers: Sequence[Offer]
) -> HelpPage:
    """The page with what was found in the pasted text; `offers` are the steps for each of `shown_causes`."""
    along = replace(carried, order=order_of(offers), seen=pasted.text[-LONGEST_SEEN:])
    notices = (*((cut_words(pasted.cut),) if pasted.cut else ()), *((_masked(),) if pasted.masked else ()))
    shown = ShownDiagnosis(
        lead=_lead(diagnosis, pasted.cut, place.profile.links.support),
        notices=notices,
        remarks=tuple(_shown_remark(remark) for remark in diagnosis.notes),
        causes=_shown_causes(place, diagnosis, offers),
        unmatched=diagnosis.unmatched,
        carried=along.pairs,
    )
    return replace(show_help(place, carried), typed=pasted.text, diagnosis=shown)


def _shown_causes(place: Place, diagnosis: Diagnosis, offers: Sequence[Offer]) -> tuple[ShownCause, ...]:
    """The most probable causes; the way to all steps of a symptom stands once, below its last cause."""
    findings = diagnosis.findings[:MOST_CAUSES]
    both = enumerate(zip(offers, findings, strict=True))
    shown = [show_cause(place, offer, finding, first=index == 0) for index, (offer, finding) in both]
    last = {cause.symptom: cause.id for cause in shown}
    return tuple(replace(cause, leads_on=last[cause.symptom] == cause.id) for cause in shown)


def _masked() -> Text:
    return _("Keys in your text were masked before anything looked at it.")


def _lead(diagnosis: Diagnosis, cut: int, support: str) -> Text:
    version = diagnosis.client_version
    if diagnosis.unmatched:
        return _unmatched(cut, support)
    if not diagnosis.findings:
        return _(
            "Nothing in this text speaks for a fault. If it still does not work, choose from the list what you see."
        )
    if version:
        return ngettext(
            "One cause fits this text, of Claude Code {version}.",
            "{count} causes fit this text, of Claude Code {version}, the most probable first.",
            min(len(diagnosis.findings), MOST_CAUSES),
            version=version,
        )
    return ngettext(
        "One cause fits this text.",
        "{count} causes fit this text, the most probable first.",
        min(len(diagnosis.findings), MOST_CAUSES),
    )


def _unmatched(cut: int, support: str) -> Text:
    if cut:
        return _(
            "Nothing is known in the last {count} KB; what stands before was not read. Paste the lines around the "
            "error.",
            count=LONGEST_TEXT // 1024,
        )
    if support:
        return _(
            "Nothing in this text is known here. That does not mean that nothing is wrong: choose from the list what "
            "you see, or ask."
        )
    return _(
        "Nothing in this text is known here. That does not mean that nothing is wrong: choose from the list what you "
        "see. Or let a script look at your machine. Below each symptom there is also a report for whoever runs the "
        "gateway."
    )


def _shown_remark(remark: Remark) -> ShownRemark:
    where = (
        _("Line {line}, column {column}:", line=remark.line, column=remark.column)
        if remark.column
        else _("Line {line}:", line=remark.line)
    )
    return ShownRemark(remark.says, remark.quote, remark.line, where, remark.good, remark.cause_id)
