"""Owns what to fix next (PURE): differences between groups, and since the period before, that are not noise.

A finding needs all three: both groups have `MIN_GROUP` visits, the shares differ by `MIN_EFFECT`, and the difference
stands among all comparisons made (two-proportion z test, Holm's correction at `LEVEL`). It says where people stop, not
why: groups differ in more than the thing they are named after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.admin.stats.dimensions import UNKNOWN, Cell, Dimension, value_in
from portal.admin.stats.intervals import difference_p, which_stand
from portal.admin.stats.visits import COUNTS

MIN_GROUP: Final = 30
MIN_EFFECT: Final = 0.1
LEVEL: Final = 0.05
TOP: Final = 3

MACHINE: Final = (Dimension.PLATFORM, Dimension.SHELL)
INSTALLER: Final = (Dimension.PLATFORM, Dimension.INSTALL)
WITHIN_PLATFORM: Final = (Dimension.SHELL, Dimension.INSTALL)
SPLITS: Final = (
    MACHINE,
    INSTALLER,
    *((dimension,) for dimension in Dimension if dimension not in WITHIN_PLATFORM),
)
"""What is compared with each other: a shell or a way to install with the others of its platform (other platforms have
none of them), and the values of each other dimension."""


class Loss(StrEnum):
    """What fewer visits should do."""

    CHOSEN = "chosen"  # stop before this stage
    TAKEN = "taken"
    LEFT = "left"  # stop before they copy or download, whether they chose or not
    PASSED = "passed"
    VERIFIED = "verified"
    FIRST_CHECK = "first_check"  # do not pass the first key check
    UNRESOLVED = "unresolved"  # look for help and do not find it


_OF: Final = {
    Loss.CHOSEN: ("opened", "chosen"),
    Loss.TAKEN: ("chosen", "taken"),
    Loss.LEFT: ("opened", "taken"),
    Loss.PASSED: ("taken", "passed"),
    Loss.VERIFIED: ("passed", "verified"),
    Loss.FIRST_CHECK: ("first_checks", "first_passed"),
    Loss.UNRESOLVED: ("helped", "resolved"),
}
_CHOICES: Final = frozenset({Dimension.SHELL, Dimension.SCOPE, Dimension.INSTALL})
"""What the guide preselects. Only who changes it "chose the machine", and who keeps it may go on without: leavers of
the preselected value would stop before they choose and leavers of the others after it, with no difference in truth."""

_IN_STEPS: Final = frozenset({Loss.CHOSEN, Loss.TAKEN})
assert {name for pair in _OF.values() for name in pair} <= set(COUNTS)  # noqa: S101 - two tables of this package


@dataclass(frozen=True, slots=True)
class Finding:
    """A group that loses more than the others, or than before.

    Attributes:
        group: dimension -> value; empty for all visits of the period against the period before.
        lost: of `tried` visits of the group.
        other_lost: of `other_tried` visits that it is compared with.

    """

    loss: Loss
    group: Mapping[Dimension, str]
    lost: int
    tried: int
    other_lost: int
    other_tried: int

    @property
    def share(self) -> float:
        """The group's lost share."""
        return self.lost / self.tried

    @property
    def other_share(self) -> float:
        """The others' lost share."""
        return self.other_lost / self.other_tried

    @property
    def excess(self) -> float:
        """How many visits fewer would be lost if the group were like the others."""
        return (self.share - self.other_share) * self.tried

    @property
    def weight(self) -> float:
        """What puts findings in order: many visits, and of two groups that lose the same ones, the narrower."""
        return self.excess * (self.share - self.other_share)


def find(
    splits: Mapping[tuple[Dimension, ...], Mapping[Cell, Mapping[str, int]]],
    total: Mapping[str, int],
    before: Mapping[str, int],
) -> tuple[Finding, ...]:
    """What to fix, the weightiest first: one finding of each loss, then what says the same in other words.

    Args:
        splits: a way to split -> the sums of its cells in the period.
        total: the sums of the period without today, whose visits may still go on; compared with `before` only.
        before: the sums of the period before.

    """
    candidates = [*_between_groups(splits), *_since_before(total, before)]
    compared = [one for one in candidates if min(one.tried, one.other_tried) >= MIN_GROUP]
    p_values = [difference_p(one.lost, one.tried, one.other_lost, one.other_tried) for one in compared]
    standing = which_stand(p_values, LEVEL)
    sound = [
        one
        for one, stands in zip(compared, standing, strict=True)
        if stands and one.share - one.other_share >= MIN_EFFECT
    ]
    sound.sort(key=lambda one: (-one.weight, one.loss, *sorted(one.group.items())))
    return tuple(_one_of_each_first(_without_repeats(sound)))


def _between_groups(
    splits: Mapping[tuple[Dimension, ...], Mapping[Cell, Mapping[str, int]]],
) -> Iterator[Finding]:
    for split, cells in splits.items():
        families: dict[str, list[Cell]] = {}
        for cell in cells:
            if all(value_in(cell, dimension) != UNKNOWN for dimension in split):
                families.setdefault(value_in(cell, split[0]) if len(split) > 1 else "", []).append(cell)
        for family in families.values():
            for cell in family:
                others = [cells[other] for other in family if other != cell]
                group = {dimension: value_in(cell, dimension) for dimension in split}
                yield from _compared(group, cells[cell], others)


def _since_before(total: Mapping[str, int], before: Mapping[str, int]) -> Iterator[Finding]:
    yield from _compared({}, total, [before])


def _compared(
    group: Mapping[Dimension, str], own: Mapping[str, int], others: Iterable[Mapping[str, int]]
) -> Iterator[Finding]:
    rest = list(others)
    for loss, (tries, hits) in _OF.items():
        if loss in (_IN_STEPS if _CHOICES & group.keys() else {Loss.LEFT}):
            continue
        tried, other_tried = own[tries], sum(one[tries] for one in rest)
        other_hits = sum(one[hits] for one in rest)
        yield Finding(loss, group, max(0, tried - own[hits]), tried, max(0, other_tried - other_hits), other_tried)


def _without_repeats(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out the platform one of whose shells or installers says the same: that is what can be fixed."""
    known = list(findings)
    said = {
        (loss, one.group[Dimension.PLATFORM])
        for one in known
        if set(one.group) in (set(MACHINE), set(INSTALLER))
        for loss in (_IN_STEPS if one.loss is Loss.LEFT else {one.loss})
    }
    alone = {Dimension.PLATFORM}
    return [one for one in known if set(one.group) != alone or (one.loss, one.group[Dimension.PLATFORM]) not in said]


def _one_of_each_first(findings: Iterable[Finding]) -> list[Finding]:
    first: dict[Loss, Finding] = {}
    rest = [one for one in findings if first.setdefault(one.loss, one) is not one]
    return [*first.values(), *rest]
