"""Owns the words for numbers, groups and findings (PURE)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from portal.admin.stats.dimensions import UNKNOWN, Dimension
from portal.admin.stats.figures import SMALLEST_GROUP, Stage
from portal.admin.stats.findings import INSTALLER, Finding, Loss
from portal.words import Text, _, ngettext

DIMENSIONS: Final = {
    Dimension.PLATFORM: _("Platform"),
    Dimension.SHELL: _("Shell"),
    Dimension.SCOPE: _("Scope"),
    Dimension.INSTALL: _("Way to install"),
    Dimension.CLIENT: _("Client version"),
    Dimension.LANGUAGE: _("Language"),
}

NAMES: Final[Mapping[str, Text]] = {
    UNKNOWN: _("not known"),
    "macos": _("macOS"),
    "linux": _("Linux"),
    "wsl": _("WSL"),
    "windows": _("Windows"),
    "powershell": _("PowerShell"),
    "git-bash": _("Git Bash"),
    "terminal": _("this terminal"),
    "startup": _("start-up file"),
    "user": _("user settings"),
    "local": _("local settings"),
    "project": _("project settings"),
    "managed": _("managed settings"),
    "native": _("native installer"),
    "homebrew": _("Homebrew"),
    "homebrew-latest": _("Homebrew, latest"),
    "winget": _("WinGet"),
    "done": _("installed before"),
}

STAGES: Final = {
    "opened": _("Opened the guide"),
    "chosen": _("Chose the machine"),
    "taken": _("Copied or downloaded"),
    "passed": _("Key check passed"),
    "verified": _("Client works"),
}

_STOPPED: Final = {
    "chosen": _("Of the other {others}, more stop before they choose their machine than anywhere else ({count})."),
    "taken": _(
        "Of the other {others}, more choose their machine and then copy nothing than stop anywhere else ({count})."
    ),
    "passed": _("Of the other {others}, more copy something and pass no key check than stop anywhere else ({count})."),
    "verified": _(
        "Of the other {others}, more pass the key check and never say that it works than stop anywhere else ({count})."
    ),
}

_AGAINST_OTHERS: Final = {
    Loss.CHOSEN: _("{share} of {who} stop before they choose their machine; of {others}, {other}."),
    Loss.TAKEN: _("{share} of {who} stop before they copy or download anything; of {others}, {other}."),
    Loss.LEFT: _("{share} of {who} stop before they copy or download anything; of {others}, {other}."),
    Loss.PASSED: _("{share} of {who} stop before their key check passes; of {others}, {other}."),
    Loss.VERIFIED: _("{share} of {who} stop before the client works; of {others}, {other}."),
    Loss.FIRST_CHECK: _("{share} of {who} do not pass their first key check; of {others}, {other}."),
    Loss.UNRESOLVED: _("{share} of {who} look for help and do not find it; of {others}, {other}."),
}

_SINCE_BEFORE: Final = {
    Loss.CHOSEN: _("{share} stop before they choose their machine; in the period before it was {other}."),
    Loss.TAKEN: _("{share} stop before they copy or download anything; in the period before it was {other}."),
    Loss.LEFT: _("{share} stop before they copy or download anything; in the period before it was {other}."),
    Loss.PASSED: _("{share} stop before their key check passes; in the period before it was {other}."),
    Loss.VERIFIED: _("{share} stop before the client works; in the period before it was {other}."),
    Loss.FIRST_CHECK: _("{share} do not pass their first key check; in the period before it was {other}."),
    Loss.UNRESOLVED: _("{share} look for help and do not find it; in the period before it was {other}."),
}


def name_of(value: str) -> Text:
    """A value of a dimension as a person reads it; what has no name of its own is shown as it is."""
    return NAMES.get(value) or _("{value}", value=value)


def percent(share: float | None) -> Text:
    """A share between 0 and 1; a dash when there is none."""
    if share is None:
        return _("–")
    return _("{number} %", number=round(share * 100))


def duration(milliseconds: float | None) -> Text:
    """A duration with the unit that makes it a small number; a dash when there is none."""
    if milliseconds is None:
        return _("–")
    if milliseconds < 1000:
        return _("{number} ms", number=round(milliseconds))
    if milliseconds < 10_000:
        return _("{number} s", number=f"{milliseconds / 1000:.1f}")
    if milliseconds < 90_000:
        return _("{number} s", number=round(milliseconds / 1000))
    minutes = milliseconds / 60_000
    if minutes < 10:
        return _("{number} min", number=f"{minutes:.1f}")
    return _("{number} min", number=round(minutes)) if minutes < 90 else _("{number} h", number=f"{minutes / 60:.1f}")


def who(group: Mapping[Dimension, str]) -> Text:  # noqa: PLR0911 - a table of sentences
    """The visitors of a group, in the middle of a sentence."""
    if Dimension.SHELL in group:
        shell = name_of(group[Dimension.SHELL])
        if Dimension.PLATFORM not in group:
            return _("visitors with {shell}", shell=shell)
        return _("{platform} visitors with {shell}", platform=name_of(group[Dimension.PLATFORM]), shell=shell)
    if set(group) == set(INSTALLER):
        platform, install = (name_of(group[dimension]) for dimension in INSTALLER)
        return _("{platform} visitors who install with {install}", platform=platform, install=install)
    ((dimension, value),) = group.items()
    match dimension:
        case Dimension.PLATFORM:
            return _("{platform} visitors", platform=name_of(value))
        case Dimension.SCOPE:
            return _("visitors who choose {scope}", scope=name_of(value))
        case Dimension.INSTALL:
            return _("visitors who install with {install}", install=name_of(value))
        case Dimension.CLIENT:
            return _("visitors with client {version}", version=value)
        case _:
            return _("visitors who read in {language}", language=value)


def others(group: Mapping[Dimension, str]) -> Text:
    """Whom a group is compared with, in the middle of a sentence: visits of which the same is known."""
    if Dimension.PLATFORM in group and len(group) > 1:
        return _("other {platform} visitors", platform=name_of(group[Dimension.PLATFORM]))
    if Dimension.CLIENT in group:
        return _("those with another version that is known")
    return _("the others")


def finding(found: Finding) -> Text:
    """What was found, with both shares in it."""
    shares = {"share": percent(found.share), "other": percent(found.other_share)}
    if not found.group:
        return _fill(_SINCE_BEFORE[found.loss], **shares)
    return _fill(_AGAINST_OTHERS[found.loss], who=who(found.group), others=others(found.group), **shares)


def finding_numbers(found: Finding) -> Text:
    """The counts behind a finding."""
    return _(
        "{lost} of {tried} against {other_lost} of {other_tried}",
        lost=found.lost,
        tried=found.tried,
        other_lost=found.other_lost,
        other_tried=found.other_tried,
    )


def headline(stages: tuple[Stage, ...]) -> Text:
    """How many got from the first stage to the last."""
    first, last = stages[0], stages[-1]
    if not first.reached:
        return _("Nobody has opened the guide in this period: all visits came for help only.")
    return ngettext(
        "{done} of {count} visitor got from opening the guide to a working client ({share}).",
        "{done} of {count} visitors got from opening the guide to a working client ({share}).",
        first.reached,
        done=last.reached,
        share=percent(last.reached / first.reached),
    )


def biggest_drop(stages: tuple[Stage, ...]) -> Text | None:
    """Where more stop than anywhere else; None when that is nowhere, or when they are few."""
    worst, next_worst = sorted(stages[1:], key=lambda stage: -stage.stopped)[:2]
    if worst.stopped < SMALLEST_GROUP or worst.stopped == next_worst.stopped:
        return None
    others = stages[0].reached - stages[-1].reached
    return _fill(_STOPPED[worst.name], count=worst.stopped, others=others)


def _fill(sentence: Text, **params: str | int | Text) -> Text:
    return Text(sentence.msgid, tuple(sorted(params.items())))
