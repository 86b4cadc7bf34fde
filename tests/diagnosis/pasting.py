"""The labelled texts, and the ways in which a terminal and a person change a text on its way into the field."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portal.diagnosis.answer import Diagnosis, Known
from portal.diagnosis.matcher import diagnose
from portal.profile.model import CredentialScheme

TEXTS: Final = Path(__file__).with_name("texts")
CORPUS: Final = Path(__file__).parents[3] / "shared" / "corpus" / "pasted-errors.jsonl"
NOTHING: Final = Known()
TOKENBAY: Final = Known(
    credential=CredentialScheme.BEARER,
    base_urls=("https://api.tokenbay.com",),
    models=("claude-opus-4.8", "claude-sonnet-4.6", "claude-haiku-4.5"),
)


@dataclass(frozen=True, slots=True)
class Labelled:
    cause: str
    client: str
    text: str


def labelled(path: Path) -> list[Labelled]:
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [Labelled(row["cause"], row["client"], row["text"]) for row in rows]


def causes(text: str, known: Known = NOTHING) -> list[str]:
    return [finding.cause_id for finding in diagnose(text, known).findings]


def first(text: str, known: Known = NOTHING) -> str:
    return next(iter(causes(text, known)), "")


def shares(
    rows: list[Labelled], change: Callable[[str], str] = str, known: Known = NOTHING
) -> tuple[float, float, list[str]]:
    """How often the true cause is first, and among the first three; and which were missed altogether."""
    ranked = [(row, causes(change(row.text), known)) for row in rows]
    hits = sum(ids[:1] == [row.cause] for row, ids in ranked)
    missed = [f"{row.cause}: {ids[:3]} {row.text[-160:]!r}" for row, ids in ranked if row.cause not in ids[:3]]
    return hits / len(rows), 1 - len(missed) / len(rows), missed


def quotes(diagnosis: Diagnosis) -> list[str]:
    evidence = [item.quote for finding in diagnosis.findings for item in finding.evidence]
    return [*evidence, *(note.quote for note in diagnosis.notes)]


def wrapped(width: int) -> Callable[[str], str]:
    """As a terminal of that width shows it when its lines are copied: broken in the middle of words."""

    def wrap(text: str) -> str:
        lines = text.split("\n")
        return "\n".join(line[at : at + width] for line in lines for at in range(0, max(1, len(line)), width))

    return wrap


def boxed(text: str) -> str:
    lines = [f"│ {line:<70} │" for line in wrapped(70)(text).split("\n")]
    return "\n".join(["╭" + "─" * 72 + "╮", *lines, "╰" + "─" * 72 + "╯"])


def coloured(text: str) -> str:
    return "\x1b[2K\x1b[1G\x1b[38;5;211m" + text.replace(" ", "\x1b[0m \x1b[1m") + "\x1b[39m\x1b]0;claude\x07"


def surrounded(text: str) -> str:
    return f"ada@box:~/app$ ls\nREADME.md  src\nada@box:~/app$ git status\nOn branch main\n{text}\nada@box:~/app$ "


def quoted(text: str) -> str:
    return "> " + text.replace("\n", "\n> ")


CHANGES: Final[Mapping[str, Callable[[str], str]]] = {
    "wrapped at 80": wrapped(80),
    "wrapped at 37": wrapped(37),
    "in a box": boxed,
    "with colours": coloured,
    "among other output": surrounded,
    "as a quotation": quoted,
    "with Windows line ends": lambda text: text.replace("\n", "\r\n"),
    "with typographic quotes": lambda text: text.replace("'", "’") if "{" not in text else text,
}
