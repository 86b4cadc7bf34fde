"""Owns the diagnosis: from a paste and what the portal knows to ranked causes with their evidence. PURE.

Every observation is a `Clue` with points for causes; the points are added up, so that every rank can be explained by
the lines that are quoted. It must not know sentences (`wording`) nor phrases (`evidence.toml`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from portal.diagnosis import wording
from portal.diagnosis.answer import Band, Clue, Diagnosis, Evidence, Finding, Known
from portal.diagnosis.context import weigh_context
from portal.diagnosis.masking import mask_keys
from portal.diagnosis.reading import read

_MOST_FINDINGS: Final = 5
_MOST_EVIDENCE: Final = 4
_ENOUGH: Final = 1.5
"""Points below which a cause is not named."""
_CLEAR: Final = 5
"""Points between the first and the second from which on nothing has to tell them apart."""
_ASIDE: Final = 0.45
"""Share of a clue's points below which its sentence is not about the cause: the words are only seen with it as well."""


def diagnose(text: str, known: Known) -> Diagnosis:
    """Rank the causes that the text speaks for. Deterministic; time in proportion to the length of the text."""
    reading = read(mask_keys(text), known)
    clues = (*reading.clues, *weigh_context(reading, known))
    scores = _add_up(clues)
    ranked = sorted(((points, cause) for cause, points in scores.items() if points >= _ENOUGH), key=_rank)
    if ranked:
        ranked = [(points, cause) for points, cause in ranked if points >= 0.14 * ranked[0][0]][:_MOST_FINDINGS]
    findings = tuple(_finding(index, ranked, clues) for index in range(len(ranked)))
    return Diagnosis(
        findings=findings,
        client_version=reading.client_version or known.client_version,
        kinds=reading.kinds,
        notes=reading.notes,
        unmatched=not findings and not reading.notes,
    )


def _rank(scored: tuple[float, str]) -> tuple[float, str]:
    return -round(scored[0], 3), scored[1]


def _add_up(clues: Iterable[Clue]) -> dict[str, float]:
    """Points by cause. Of clues with the same sentence for a cause only the strongest counts."""
    best: dict[tuple[str, str], float] = {}
    for clue in clues:
        for cause, points in clue.weights:
            key = cause, clue.why.msgid
            if key not in best or abs(points) > abs(best[key]):
                best[key] = points
    scores: dict[str, float] = defaultdict(float)
    for (cause, _why), points in best.items():
        scores[cause] += points
    return scores


def _finding(index: int, ranked: list[tuple[float, str]], clues: tuple[Clue, ...]) -> Finding:
    cause = ranked[index][1]
    band = _band(index, ranked)
    rival = ranked[1][1] if index == 0 and len(ranked) > 1 else ranked[0][1]
    needs_telling = len(ranked) > 1 and ranked[0][0] - ranked[1][0] < _CLEAR and index < 3
    apart = wording.tell_apart(cause, rival) if needs_telling else None
    return Finding(cause, _evidence(cause, clues), band, apart)


def _band(index: int, ranked: list[tuple[float, str]]) -> Band:
    points, top = ranked[index][0], ranked[0][0]
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    if index == 0 and points >= 8 and points - second >= _CLEAR:
        return Band.SURE
    return Band.LIKELY if points >= 5 and points >= 0.6 * top else Band.POSSIBLE


def _evidence(cause: str, clues: tuple[Clue, ...]) -> tuple[Evidence, ...]:
    """The strongest clues for the cause, each sentence once."""
    for_cause = [(points, clue) for clue in clues for name, points in clue.weights if name == cause and points > 0]
    for_cause.sort(key=lambda pair: -pair[0])
    chosen: dict[str, Evidence] = {}
    for points, clue in for_cause:
        is_about_it = points >= _ASIDE * max(other for _name, other in clue.weights)
        why = clue.why if is_about_it or not clue.quote else wording.SEEN_AS_WELL  # "the same words" takes words
        chosen.setdefault(str(why), Evidence(clue.quote, clue.line, why))
    if len(chosen) > 1:
        chosen.pop(str(wording.SEEN_AS_WELL), None)
    return tuple(chosen.values())[:_MOST_EVIDENCE]
