"""PURE: owns the sentences of the help pages that no catalogue holds: headings, answers, risks, numbers of people."""

from __future__ import annotations

from typing import Final

from portal.diagnosis.answer import Band
from portal.diagnosis.model import Group, LinkName, Risk
from portal.journeys.vocabulary import StepOutcome
from portal.snippets.targets import Shell
from portal.troubleshooting.forms import Answer
from portal.troubleshooting.ranking import Helped
from portal.words import Text, _, ngettext

GROUP_LABELS: Final[dict[Group, Text]] = {
    Group.INSTALLING: _("Installing"),
    Group.STARTING: _("Starting"),
    Group.SIGN_IN: _("Signing in"),
    Group.REFUSED: _("Key and account"),
    Group.MODEL: _("Models"),
    Group.SETTINGS: _("Settings"),
    Group.NETWORK: _("Network"),
    Group.SPEED: _("Waiting"),
    Group.LIMITS: _("Limits"),
    Group.TOOLS: _("Tools"),
    Group.EDITOR: _("Editors and apps"),
}

RISK_WORDS: Final[dict[Risk, Text]] = {
    Risk.SAFE: _("only looks"),
    Risk.CAREFUL: _("changes a setting"),
    Risk.DANGEROUS: _("something can get lost: read it first"),
}

ANSWER_LABELS: Final[dict[Answer, Text]] = {
    Answer.RESOLVED: _("This fixed it"),
    Answer.NOT_RESOLVED: _("Still broken"),
    Answer.SKIPPED: _("Skip"),
    Answer.UNDONE: _("Undo"),
}
"""What the buttons below a step say; "Undo" takes the answer back."""

LOOKING_LABELS: Final[dict[Answer, Text]] = {
    **ANSWER_LABELS,
    Answer.RESOLVED: _("It works now"),
    Answer.NOT_RESOLVED: _("All fine here"),
}
"""The same below a step that only looks."""

OUTCOME_WORDS: Final[dict[StepOutcome, Text]] = {
    StepOutcome.RESOLVED: _("fixed it"),
    StepOutcome.NOT_RESOLVED: _("did not help"),
    StepOutcome.SKIPPED: _("skipped"),
}

BAND_WORDS: Final[dict[Band, Text]] = {
    Band.SURE: _("Almost certainly"),
    Band.LIKELY: _("Probably"),
    Band.POSSIBLE: _("Possibly"),
}

LINK_LABELS: Final[dict[LinkName, Text]] = {
    LinkName.CONSOLE: _("Open the console"),
    LinkName.DOCS: _("Open the documentation"),
    LinkName.MODELS: _("Open the list of models"),
    LinkName.STATUS: _("Open the status page"),
    LinkName.SUPPORT: _("Ask for help"),
    LinkName.KEY_CHECK: _("Check the key in the guide"),
    LinkName.REPAIR: _("Repair the file in the guide"),
}

SHOW_VARIABLES: Final[dict[Shell, str]] = {
    Shell.POWERSHELL: "Get-ChildItem Env:ANTHROPIC*",
    Shell.CMD: "set ANTHROPIC",
}
"""What prints the client's variables, where it is not `OTHER_VARIABLES`."""

OTHER_VARIABLES: Final = "env | grep ANTHROPIC"

NOT_SAVED: Final = _(
    "Your answer could not be saved: the portal’s database does not answer at the moment. The steps work all the same. "
    "Go on, or press again in a minute."
)
NOT_RECORDED: Final = _(
    "Your browser asks not to be recorded. Your answers stay on this page and are gone when you leave it."
)
NOT_COUNTED: Final = _(
    "Thank you. Many people at your network’s address have answered within the last hour, so yours is not counted. It "
    "stays on this page. The steps work all the same."
)
TOO_MANY: Final = _(
    "Too much comes from your network at the moment, so this was not taken. Try again in a minute. The steps work all "
    "the same."
)
NO_SUCH_ANSWER: Final = _("That is none of the answers. Choose one of the buttons below a step.")
EMPTY_TEXT: Final = _("There is nothing to look at yet. Paste what you see, an error or a whole terminal.")
TOO_LONG: Final = _(
    "That is more than can be looked at. Paste the last 200 lines or so: what matters stands at the end."
)


def minutes_words(minutes: int) -> Text:
    """How long a step takes."""
    return ngettext("about {count} minute", "about {count} minutes", minutes)


def version_words(since: str, before: str, note: Text) -> Text:
    """A remark on certain versions of the client."""
    if since and before:
        return _("From {since} on, and before {before}: {note}", since=since, before=before, note=note)
    if since:
        return _("From {since} on: {note}", since=since, note=note)
    return _("Before {before}: {note}", before=before, note=note) if before else note


def helped_words(helped: Helped) -> Text:
    """How many people a step helped."""
    if helped.nearly_all:
        return ngettext(
            "helped nearly all of {count} person",
            "helped nearly all of {count} people",
            helped.tried,
        )
    return ngettext(
        "helped {helped} of {count} person",
        "helped {helped} of {count} people",
        helped.tried,
        helped=helped.helped,
    )


def cut_words(cut: int) -> Text:
    """That the beginning of a paste was left out."""
    return ngettext(
        "That was long. The end of it was looked at, without the first character.",
        "That was long. The end of it was looked at, without the first {count} characters.",
        cut,
    )


def gave_up_words(answered: int, total: int) -> Text:
    """How far somebody came who wants no further step."""
    return _(
        "{answered} of {total} answered. The report is below; the other steps stay here.",
        answered=answered,
        total=total,
    )


def progress_words(answered: int, total: int, upcoming: int = 0, skipped: int = 0) -> Text:
    """How far a visitor is; `upcoming` is the number of the step that is open, from 1."""
    if answered == 0:
        return ngettext(
            "{count} step. Try it, then say whether it helped.",
            "{count} steps; what has helped others tends to come first. Try one, then say whether it helped.",
            total,
        )
    if answered < total:
        return _(
            "{answered} of {total} answered. Step {number} is shown below.",
            answered=answered,
            total=total,
            number=upcoming,
        )
    if skipped:
        return ngettext(
            "Every step is answered. {count} was not tried; of the others none has helped.",
            "Every step is answered. {count} were not tried; of the others none has helped.",
            skipped,
        )
    return _("Every step is answered, and none has helped.")
