"""Owns reading a masked paste: what kinds of text are in it, and every clue that its own words give. PURE."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from portal.diagnosis.answer import Clue, Kind, Known, Note
from portal.diagnosis.cleaning import Cleaned, clean, readable, undraw
from portal.diagnosis.client_json import unfold_output
from portal.diagnosis.environment import Variables, read_variables
from portal.diagnosis.evidence import Match, matches
from portal.diagnosis.our_report import read_report
from portal.diagnosis.settings_file import read_settings
from portal.diagnosis.status_report import Report
from portal.diagnosis.wording import WHY

_STATUS: Final = re.compile(
    r"(?:apierror:|error:|errorstatus:?|status:?|code:?|http/[12](?:\.[01])?|rejected\(|returnederror:?|statuscode:?|http|"
    r"error\(|error|\|)([1-5]\d\d)(?!\d|\.\d)|apierror(?:\([a-z0-9.:\[\]/-]{1,60}\))?:([45]\d\d)"
)
_RETRY: Final = re.compile(r"^\W{0,12}(?:API Error\W{1,4})?([45]\d\d)\b", re.IGNORECASE)
# A line that begins with a status and goes on with what was answered: `402 This request …`, `429 {"type": …`.
_BARE: Final = re.compile(
    r"^\W{0,12}(4(?:0[0-57-9]|13|2[29]|51)|5(?:0[0-4]|2[0-69]))\s+(?:[{<\[\"']|[A-Z][a-zA-Z]+[\s:]|[\u4e00-\u9fff])"
)
# What `curl -w '%{http_code}'` prints: a line that holds nothing else.
_ALONE: Final = re.compile(r"\s*([1-5]\d\d)\s*")
_VERSION: Final = re.compile(r"\d\.\d{1,3}\.\d{1,4}\b")
_BEFORE_VERSION: Final = re.compile(
    r"(?:claude[ _-]?code[^\n\d]{0,20}|(?<![\"a-z_])Version:\s{1,30}|claude_code_version\W{1,6}|"
    r"(?:npm-global|npm-local|native|homebrew|winget) \(|claude-cli/|claude: )$",
    re.IGNORECASE,
)
_KINDS: Final = (
    (Kind.DOCTOR, ("claudecodedoctor", "configinstallmethod", "autoupdates:", "auto-updatechannel")),
    (Kind.CURL, ("curl:(", "curl-", "*trying", "<http/")),
    (Kind.INSTALLER, ("npmerr!", "npmerror", "npmwarn", "ebadengine", "installclaudecode")),
    (
        Kind.SHELL,
        (
            "commandnotfound",
            "isnotrecognized",
            "notfound:",
            "commandnotfoundexception",
            "pssecurityexception",
            "fullyqualifiederrorid",
        ),
    ),
    (
        Kind.CLIENT,
        (
            "apierror",
            "notloggedin",
            "pleaserun/login",
            "claudecode",
            "retryingin",
            "requesttimedout",
            "selectedmodel",
            "promptistoolong",
            "creditbalance",
            "invalidauthtoken",
            "apikeyhelper",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the clues, and the parts that the context is judged by. `address` is the one `/status` names."""

    cleaned: Cleaned
    clues: tuple[Clue, ...]
    notes: tuple[Note, ...]
    kinds: frozenset[Kind]
    client_version: str | None
    variables: Variables | None
    met: frozenset[str]
    statuses: frozenset[int]
    address: str


def read(text: str, known: Known) -> Reading:
    """Read a paste whose keys are masked."""
    shown = clean(text)
    plain = undraw("\n".join(shown.lines))
    kinds: set[Kind] = set()
    clues: list[Clue] = []
    notes: list[Note] = []
    version = _version(plain)
    report = read_report(plain, shown.lines)
    if report is not None:
        kinds.add(Kind.OUR_REPORT)
        clues += report
        plain = _without(
            plain, plain.rfind("-----BEGIN CLAUDE CODE REPORT"), plain.rfind("-----END CLAUDE CODE REPORT")
        )
    if (settings := read_settings(plain, known)) is not None:
        kinds.add(Kind.SETTINGS_FILE)
        notes += settings.notes
        clues += settings.clues
        plain = _without(plain, settings.start, settings.end)
    status = Report(shown.lines, known)
    status.read_lines(plain)
    status.read_json(plain)
    kinds |= status.kinds
    notes += sorted(status.notes, key=lambda note: (note.line == 0, note.line))  # what is missing comes last
    clues += status.clues
    unfolded, is_json = unfold_output(plain)
    if is_json:
        kinds.add(Kind.JSON_OUTPUT)
    variables = read_variables(unfolded, tuple(unfolded.split("\n")), known)
    if variables:
        kinds.add(Kind.ENVIRONMENT)
        clues += variables.clues
    comparable = clean(unfolded) if unfolded is not plain or plain is not text else shown
    statuses = _statuses(comparable)
    found = tuple(matches(comparable.dense, statuses))
    clues += _clues(found, comparable)
    kinds |= {kind for kind, signs in _KINDS if any(sign in comparable.dense for sign in signs)}
    return Reading(
        comparable,
        tuple(clues),
        tuple(notes),
        frozenset(kinds),
        version,
        variables,
        frozenset(match.pattern.id for match in found),
        frozenset(statuses),
        status.address,
    )


def _without(text: str, start: int, end: int) -> str:
    """The text with a part blanked out; lines keep their numbers."""
    end = len(text) if end < start else end
    return text[:start] + "\n" * text.count("\n", start, end) + text[end:]


def _statuses(comparable: Cleaned) -> dict[int, int]:
    """The HTTP statuses that the text speaks of, and where (offsets of the dense text)."""
    statuses = {int(found[1] or found[2]): found.start() for found in _STATUS.finditer(comparable.dense)}
    asks_status = "http_code" in comparable.dense
    for number, line in enumerate(comparable.lines):
        is_retry = "etrying" in line or "attempt" in line
        asked_alone = asks_status and _ALONE.fullmatch(line[:80])
        if found := asked_alone or (_RETRY if is_retry else _BARE).match(line[:80]):
            statuses[int(found[1])] = comparable.starts[number]
    return statuses


def _clues(found: tuple[Match, ...], comparable: Cleaned) -> list[Clue]:
    """What often stands beside another fault counts less when there is one."""
    strong = any(not match.pattern.aside and match.pattern.weights[0][1] >= 3 for match in found)
    return [_clue(match, comparable, 0.4 if strong and match.pattern.aside else 1.0) for match in found]


def _clue(match: Match, comparable: Cleaned, share: float) -> Clue:
    line = comparable.line_at(match.at)
    recent = share + 0.04 * (match.at / max(1, len(comparable.dense)))
    weights = tuple((cause, points * recent if points > 0 else points) for cause, points in match.pattern.weights)
    return Clue(weights, WHY[match.pattern.why], line + 1, readable(comparable.lines[line]))


def _version(text: str) -> str | None:
    for number, found in enumerate(_VERSION.finditer(text)):
        before = text[max(0, found.start() - 60) : found.start()]
        if number < 200 and (_BEFORE_VERSION.search(before) or text.startswith(" (Claude Code)", found.end())):
            return found[0]
    return None
