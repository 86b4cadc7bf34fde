"""What the visitors of the story did, as they know it themselves, and the dashboard that follows from it.

Counting is written anew here, from what the words on the page mean; nothing of the portal's statistics is used. A time
that a visitor cannot know to the millisecond is kept as the two moments between which it happened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, sqrt
from statistics import NormalDist

STAGES = ("opened", "chosen", "taken", "passed", "verified")
VERDICTS = ("passed", "warning", "failed")
FEWEST = 5
"""Of fewer visits or tries, no share is shown."""

Between = tuple[int, int]
"""The earliest and the latest moment, or the shortest and the longest duration; milliseconds."""


@dataclass
class Check:
    """A key check, with the verdict that the visitor was shown."""

    verdict: str
    cause: str
    model: str
    took: Between


@dataclass
class Ledger:
    """What one visitor did.

    Attributes:
        reached: stage -> when it was reached first; "opened" is the first thing done on the guide with a script that
            told so.
        diagnosed: what was found in each pasted text; None: nothing.
        steps: (symptom, step) that the visitor was shown once there was an answer -> what was said last.
        took: (symptom, step) that helped -> how long since the list was known to the portal.

    """

    platform: str
    shell: str
    reached: dict[str, Between] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    sought_help: bool = False
    diagnosed: list[str | None] = field(default_factory=list)
    nothing_helped: set[str] = field(default_factory=set)
    steps: dict[tuple[str, str], str] = field(default_factory=dict)
    took: dict[tuple[str, str], Between] = field(default_factory=dict)

    def at(self, stage: str, moment: Between) -> None:
        """A stage was reached; the first time counts."""
        low, high = self.reached.get(stage, moment)
        self.reached[stage] = (min(low, moment[0]), min(high, moment[1]))

    @property
    def stages(self) -> int:
        """How many stages are behind this visitor: whoever reached one is past all before it.

        Keys are checked on the guide only; who did nothing there is at no stage, whatever a text pasted in the help
        shows.
        """
        if set(self.reached) == {STAGES[-1]} and self.sought_help and not self.checks:
            return 0
        return max((STAGES.index(stage) + 1 for stage in self.reached), default=1 if self.checks else 0)

    @property
    def resolved(self) -> bool:
        return "resolved" in self.steps.values()

    @property
    def symptoms(self) -> set[str]:
        return {symptom for symptom, _ in self.steps} | self.nothing_helped

    @property
    def unresolved(self) -> set[str]:
        """What nothing helped against, and nothing did later."""
        return self.nothing_helped - {symptom for (symptom, _), said in self.steps.items() if said == "resolved"}

    @property
    def needed_help(self) -> bool:
        return bool(self.sought_help or self.diagnosed or self.steps)


@dataclass
class Truth:
    """What the page has to say: exact values, and for times the shortest and longest that they can be."""

    exact: dict[str, str]
    between: dict[str, tuple[float, float] | None]


def truth(visits: Sequence[Ledger]) -> Truth:
    """Every number of the page but those of its two tables by day."""
    reached = {stage: sum(visit.stages > index for visit in visits) for index, stage in enumerate(STAGES)}
    exact = {f"funnel.{stage}": str(count) for stage, count in reached.items()}
    if len(visits) > reached["opened"]:
        exact["visits.elsewhere"] = str(len(visits) - reached["opened"])
    for before, stage in pairwise(STAGES):
        exact[f"funnel.{stage}.share"] = share(reached[stage], reached[before])
        exact[f"funnel.{stage}.stopped"] = str(reached[before] - reached[stage])
    times = {f"funnel.{stage}": durations(visits, before, stage) for before, stage in pairwise(STAGES)}
    times["funnel.whole"] = durations(visits, "opened", "verified")
    checks = [check for visit in visits for check in visit.checks]
    times["checks.latency"] = [(check.took, True) for check in checks]
    between = {
        f"{name}.{which}": limits(known, part)
        for name, known in times.items()
        for which, part in (("median", 0.5), ("p90", 0.9))
    }
    exact |= _platforms(visits) | _checks(visits, checks) | _help(visits)
    steps, step_times = _steps(visits)
    return Truth(exact | steps, between | step_times)


def by_day(visits: Sequence[Ledger]) -> dict[str, str]:
    """The tables by day have these numbers on the day of all visits, and none on the others."""
    verdicts = Counter(check.verdict for visit in visits for check in visit.checks)
    helped = [visit for visit in visits if visit.needed_help]
    resolved = sum(visit.resolved for visit in helped)
    return {
        **{f"checks.{verdict}": str(verdicts[verdict]) for verdict in VERDICTS},
        "help.visits": str(len(helped)),
        "help.resolved": str(resolved),
        "help.share": share(resolved, len(helped)),
    }


def rows(visits: Sequence[Ledger]) -> Counter[tuple[str, str, str]]:
    """What the files count, without times: (measure, item, detail) -> how many."""
    found: Counter[tuple[str, str, str]] = Counter()
    for visit in visits:
        found["visits", "", ""] += 1
        found.update((stage, "", "") for stage in STAGES[: visit.stages])
        for check in visit.checks:
            found[f"check_{check.verdict}", "", ""] += 1
            found["check_cause", check.cause, check.verdict] += 1
            found["check_model", check.model, check.verdict] += 1
        if visit.checks:
            found["first_checks", "", ""] += 1
            found["first_passed", "", ""] += visit.checks[0].verdict == "passed"
        found["helped", "", ""] += visit.needed_help
        found["resolved", "", ""] += visit.resolved
        found.update(("symptom", symptom, "") for symptom in visit.symptoms)
        found.update(("nothing", symptom, "") for symptom in visit.unresolved)
        found.update(("diagnosed", cause, "") for cause in set(visit.diagnosed) if cause)
        found["unmatched", "", ""] += None in visit.diagnosed
        for (symptom, step), said in visit.steps.items():
            found["step", f"{symptom}/{step}", "shown"] += 1
            found["step", f"{symptom}/{step}", "tried"] += said in {"resolved", "not_resolved"}
            found["step", f"{symptom}/{step}", "resolved"] += said == "resolved"
    return +found


def _platforms(visits: Sequence[Ledger]) -> dict[str, str]:
    found = {}
    for platform in {visit.platform for visit in visits}:
        of = [visit for visit in visits if visit.platform == platform]
        opened = sum(visit.stages > 0 for visit in of)
        for index, stage in enumerate(STAGES):
            count = sum(visit.stages > index for visit in of)
            if opened >= FEWEST:
                found[f"platform.{platform}.{stage}"] = str(count)
                found[f"platform.{platform}.{stage}.share"] = share(count, opened)
    shown = {name.split(".")[1] for name in found}
    return found if len(shown) > 1 else {}


def _checks(visits: Sequence[Ledger], checks: Sequence[Check]) -> dict[str, str]:
    firsts = [visit.checks[0].verdict for visit in visits if visit.checks]
    found = {"checks": str(len(checks)), "checks.first_passed": share(firsts.count("passed"), len(firsts))}
    kinds: dict[str, Callable[[Check], str]] = {"cause": lambda one: one.cause, "model": lambda one: one.model}
    for kind, of in kinds.items():
        for name in {of(check) for check in checks}:
            for verdict in VERDICTS:
                count = sum(of(check) == name and check.verdict == verdict for check in checks)
                found[f"{kind}.{name}.{verdict}"] = str(count)
    return found


def _help(visits: Sequence[Ledger]) -> dict[str, str]:
    counts = rows(visits)
    helped, resolved = counts["helped", "", ""], counts["resolved", "", ""]
    found = {"help.visits": str(helped), "help.resolved": str(resolved), "help.share": share(resolved, helped)}
    for (kind, item, _), count in counts.items():
        match kind:
            case "symptom" | "diagnosed":
                found[f"{kind}.{item}"] = str(count)
            case "nothing":
                found[f"unresolved.{item}"] = str(count)
            case "unmatched":
                found["unmatched"] = str(count)
    return found


def _steps(visits: Sequence[Ledger]) -> tuple[dict[str, str], dict[str, tuple[float, float] | None]]:
    exact: dict[str, str] = {}
    between: dict[str, tuple[float, float] | None] = {}
    for symptom, step in {one for visit in visits for one in visit.steps}:
        name, said = f"step.{symptom}.{step}", [visit.steps.get((symptom, step)) for visit in visits]
        resolved = said.count("resolved")
        tried = resolved + said.count("not_resolved")
        exact[f"{name}.shown"] = str(len(said) - said.count(None))
        exact[f"{name}.tried"], exact[f"{name}.resolved"] = str(tried), str(resolved)
        exact[f"{name}.rate"] = share(resolved, tried) if tried >= FEWEST else ""
        exact[f"{name}.interval"] = likely(resolved, tried) if tried >= FEWEST else ""
        known = [(visit.took[symptom, step], True) for visit in visits if (symptom, step) in visit.took]
        between[f"{name}.median"] = limits(known, 0.5)
    return exact, between


def durations(visits: Iterable[Ledger], first: str, then: str) -> list[tuple[Between, bool]]:
    """From one stage to another, and whether it is certain that they came in this order."""
    found = []
    for visit in visits:
        if first in visit.reached and then in visit.reached:
            a, b = visit.reached[first], visit.reached[then]
            if b[1] >= a[0]:
                found.append(((max(0, b[0] - a[1]), b[1] - a[0]), b[0] >= a[1]))
    return found


def limits(known: Sequence[tuple[Between, bool]], part: float) -> tuple[float, float] | None:
    """Between which the quantile lies (nearest rank). What may not have been in order is short, or is not there."""
    shortest = sorted(low for (low, _), _ in known)
    longest = sorted(high for (_, high), certain in known if certain)
    if not known:
        return None
    return shortest[ceil(part * len(shortest)) - 1], longest[ceil(part * len(longest)) - 1]


def share(count: int, of: int) -> str:
    return f"{count / of:.4f}" if of else ""


def likely(hits: int, tries: int) -> str:
    """Wilson's interval at 95 %."""
    z, rate = NormalDist().inv_cdf(0.975), hits / tries
    middle = (rate + z * z / (2 * tries)) / (1 + z * z / tries)
    half = z * sqrt(rate * (1 - rate) / tries + z * z / (4 * tries * tries)) / (1 + z * z / tries)
    return f"{abs(max(0.0, middle - half)):.4f} {min(1.0, middle + half):.4f}"
