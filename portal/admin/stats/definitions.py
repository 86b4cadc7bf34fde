"""Owns what every number means, in words (PURE); the page that numbers link to, and the files' columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portal.admin.vocabulary import Operator
from portal.words import Text, _


@dataclass(frozen=True, slots=True)
class Definition:
    """What a number means; `anchor` is stable."""

    anchor: str
    title: Text
    meaning: Text


@dataclass(frozen=True, slots=True)
class DefinitionsPage:
    """Every definition, and the columns of the exported files."""

    operator: Operator
    definitions: tuple[Definition, ...]
    columns: tuple[tuple[str, Text], ...]


DEFINITIONS: Final = (
    Definition(
        "visit",
        _("Visit"),
        _(
            "One browser, for at most a day from the first thing that is done in it: a scroll, a key or a press on the "
            "guide, or an answer in the help. A page that is only loaded is not counted, and neither is a browser that "
            "asks for privacy. A visit counts on the day on which it began, in your time zone, and under the set-up "
            "that it looked at last. The client’s version is known only of visits that pasted what shows it."
        ),
    ),
    Definition(
        "funnel",
        _("Reached a stage"),
        _(
            "Visits that reached this stage or a later one: who says that the client works is past the key check, "
            "checked or not. The stages are: did something on the guide, chose the machine, copied or downloaded "
            "something there, the key check passed, the client works. Keys are checked on the guide: who tried one "
            "has opened it, whatever came of it. Who did nothing on the guide came for help only: that is a visit, and "
            "no stage; what is copied or pasted in the help is none either. A step that fixed the trouble counts as "
            "resolved; that the client works counts only when the visitor says so, or a text that somebody from the "
            "guide pastes shows it. Of days that an earlier version counted and whose visits are removed, all visits "
            "count as having opened the guide."
        ),
    ),
    Definition(
        "conversion",
        _("Conversion"),
        _("The part of the visits at the stage before that reached this stage."),
    ),
    Definition(
        "drop",
        _("Stopped"),
        _("Visits that reached the stage before and neither this stage nor a later one, so far."),
    ),
    Definition(
        "minutes",
        _("Time between stages"),
        _(
            "From the first time at one stage to the first time at the next, in visits that reached both in "
            "this order. When the guide was opened is known when the browser runs the page’s script. "
            "The median is what half of them do not exceed; the other number is what nine of ten do not exceed. Both "
            "are exact to 4.5 %."
        ),
    ),
    Definition(
        "platforms",
        _("Side by side"),
        _(
            "Of a platform’s visits that opened the guide, the part that reached a stage. Platforms with fewer than 5 "
            "of these visits are not shown."
        ),
    ),
    Definition("checks", _("Key checks"), _("Checks that ended, in visits of the period. One visit may check often.")),
    Definition(
        "verdicts",
        _("Verdict"),
        _("How a key check ended: it passed, it passed with a warning, or it failed. It counts on the visit’s day."),
    ),
    Definition("causes", _("Cause of a verdict"), _("The outcome that the key check told the visitor, by its code.")),
    Definition("models", _("Model"), _("The model that a key check asked; “other” is any that the profile has not.")),
    Definition(
        "first-check", _("First check passes"), _("Visits whose first key check passed, of those that had one.")
    ),
    Definition("latency", _("Answer of the gateway"), _("How long the gateway took to answer a key check.")),
    Definition(
        "help",
        _("Sought help"),
        _("Visits that opened troubleshooting, had a text looked at, or were shown a step."),
    ),
    Definition(
        "resolved", _("Resolved"), _("Visits in which a step resolved the trouble, and that was not taken back.")
    ),
    Definition("symptoms", _("Symptom"), _("Visits that looked for help with this symptom.")),
    Definition("diagnoseds", _("Diagnosed cause"), _("Visits in which a pasted text was recognised as this cause.")),
    Definition(
        "steps",
        _("Step: listed, tried, resolved"),
        _(
            "Visits that had the step in their list, opened or not; that said whether it helped; and that "
            "said it resolved the trouble."
        ),
    ),
    Definition(
        "step-time",
        _("Time of a step"),
        _(
            "From the first answer on the page that showed the step to the answer that it resolved the trouble. It is "
            "not known of a step that resolved it at once."
        ),
    ),
    Definition("rate", _("Rate of a step"), _("Resolved of tried. It is shown from 5 tries on.")),
    Definition(
        "interval",
        _("Likely rate (95 % interval)"),
        _(
            "Where the true rate lies, most probably (Wilson’s interval). A wide one says that there are too "
            "few tries to "
            "judge the step."
        ),
    ),
    Definition(
        "unresolved",
        _("Unresolved"),
        _(
            "Visits in which nothing helped against the symptom and no step resolved it later, or in "
            "which a pasted text matched nothing known."
        ),
    ),
    Definition(
        "findings",
        _("What to fix next"),
        _(
            "A difference is named when both groups have at least 30 visits, their shares are at least 10 "
            "points apart, "
            "and it stands among all comparisons that were made (two-proportion test with Holm’s correction: in "
            "95 of 100 "
            "reports without any true difference, none is named). It says where people stop, not why. Shells, scopes "
            "and ways to install are compared from the start to the copy at once: the guide preselects them, and only "
            "who changes one is known to have chosen."
        ),
    ),
    Definition(
        "small",
        _("Small groups"),
        _(
            "With a filter, numbers are shown only when at least 5 visits have that set-up: fewer would point "
            "at people. The period before is left out when it has fewer, and days (in the files, too) with fewer are "
            "added to the first of them or to the days before. With fewer than 5 visits in all, no causes, models, "
            "symptoms or steps are named. What is not protected: whoever subtracts the numbers of all other groups "
            "from those of all visits learns the numbers of a small group. Give the page and its files only to "
            "people who may know that."
        ),
    ),
)

COLUMNS: Final = (
    ("day", _("The day on which the visits began, in your time zone.")),
    (
        "measure",
        _(
            "What is counted: all visits (`visits`), those past a stage of the funnel (`opened`, `chosen`, `taken`, "
            "`passed`, `verified`), or another number of the dashboard."
        ),
    ),
    ("item", _("What it is counted for: a cause, model, symptom, step or pair of stages; empty for whole visits.")),
    ("detail", _("The verdict of a cause or model; shown (listed), tried or resolved of a step; else empty.")),
    ("from_ms", _("For times, the lower end of the bucket in milliseconds; else empty.")),
    ("count", _("How many.")),
)
