from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable

import pytest

from portal.diagnosis.actions import Action, Do
from portal.diagnosis.model import Risk, Step
from portal.troubleshooting.ranking import Helped, Tally, discounted, helped, rank
from portal.troubleshooting.service import chance_of
from portal.words import _


class Middle:
    """No chance at all: every draw is the median."""

    def random(self) -> float:
        return 0.5


def step(name: str, *, minutes: int = 2, risk: Risk = Risk.SAFE) -> Step:
    return Step(name, ("cause",), _("Do it."), _("It is done."), minutes, risk, (Action(Do.RUN, line="true"),))


def tally(name: str, resolved: int, not_resolved: int, *, age: int = 0, platform: str = "linux") -> Tally:
    return Tally(name, platform, age, resolved, not_resolved)


def order(steps: Iterable[Step], tallies: Iterable[Tally] = (), platform: str = "linux", seed: object = None) -> str:
    chance = Middle() if seed is None else chance_of(str(seed), "symptom")
    return "".join(step.id for step in rank(tuple(steps), tuple(tallies), platform, chance))


ABCD = tuple(step(name) for name in "abcd")


class Crowd:
    """Visitors with a symptom whose steps help with known probabilities; they try one after the other."""

    def __init__(self, seed: int, outcomes_per_day: int = 50) -> None:
        self.seed = seed
        self.chance = random.Random(seed)  # noqa: S311 - a simulation
        self.per_day = outcomes_per_day
        self.outcomes = 0
        self.visitors = 0
        self.days: dict[tuple[str, int], list[int]] = {}

    def tallies(self) -> tuple[Tally, ...]:
        today = self.outcomes // self.per_day
        return tuple(tally(name, *counts, age=today - day) for (name, day), counts in self.days.items())

    def come(self, steps: Iterable[Step], rates: dict[str, float], outcomes: int) -> None:
        end = self.outcomes + outcomes
        while self.outcomes < end:
            self.visitors += 1
            for name in order(steps, self.tallies(), seed=f"{self.seed} {self.visitors}"):
                resolved = self.chance.random() < rates[name]
                counts = self.days.setdefault((name, self.outcomes // self.per_day), [0, 0])
                counts[0 if resolved else 1] += 1
                self.outcomes += 1
                if resolved:
                    break

    def offered_first(self, steps: Iterable[Step], visitors: int = 100) -> Counter[str]:
        return Counter(order(steps, self.tallies(), seed=f"next {self.seed} {index}")[0] for index in range(visitors))


def test_catalogues_order_stands_when_nobody_has_tried_anything() -> None:
    assert {order(ABCD, seed=visitor) for visitor in range(50)} == {"abcd"}


def test_order_is_the_same_when_the_same_visitor_asks_again() -> None:
    tallies = [tally("a", 3, 4), tally("b", 2, 3), tally("c", 1, 1)]
    orders = {order(ABCD, tallies, seed=visitor) for visitor in range(40)}
    assert len(orders) > 1
    # A database returns its rows in any order, and split differently from one day to the next.
    again = [tally("c", 1, 0), tally("b", 2, 3), tally("c", 0, 1), tally("a", 3, 4)]
    assert [order(ABCD, again, seed=v) for v in range(40)] == [order(ABCD, tallies, seed=v) for v in range(40)]


def test_step_moves_up_when_it_helps_and_down_when_it_does_not() -> None:
    assert order(ABCD, [tally("c", 12, 2)]) == "cabd"
    assert order(ABCD, [tally("a", 0, 12)])[-1] == "a"


@pytest.mark.parametrize(
    "rates",
    [
        {"a": 0.2, "b": 0.3, "c": 0.6, "d": 0.1},
        {"a": 0.5, "b": 0.3, "c": 0.3, "d": 0.7},
        {"a": 0.3, "b": 0.3, "c": 0.3, "d": 0.5},
        {"a": 0.05, "b": 0.05, "c": 0.1, "d": 0.35},
    ],
)
def test_best_step_is_first_for_nine_of_ten_visitors_after_five_hundred_outcomes(rates: dict[str, float]) -> None:
    best = max(rates, key=lambda name: rates[name])
    shares = []
    for seed in range(4):
        crowd = Crowd(seed)
        crowd.come(ABCD, rates, 500)
        shares.append(crowd.offered_first(ABCD)[best])
    print(f"\n{rates}: best step first for {shares} of 100 visitors", end="")  # noqa: T201
    assert sum(shares) / len(shares) >= 90


@pytest.mark.parametrize("per_day", [20, 500], ids=["quiet portal", "busy portal"])
def test_step_is_overtaken_when_it_stops_working(per_day: int) -> None:
    works = {"a": 0.8, "b": 0.4, "c": 0.2, "d": 0.1}
    crowd = Crowd(3, per_day)
    crowd.come(ABCD, works, 1000)
    assert crowd.offered_first(ABCD)["a"] >= 90
    crowd.come(ABCD, {**works, "a": 0.05}, 400)
    assert crowd.offered_first(ABCD)["a"] <= 10
    assert crowd.offered_first(ABCD)["b"] >= 80


def test_new_step_is_tried_and_wins_when_it_is_better() -> None:
    old = ABCD[:3]
    crowd = Crowd(5)
    crowd.come(old, {"a": 0.3, "b": 0.2, "c": 0.1}, 500)
    crowd.come(ABCD, {"a": 0.3, "b": 0.2, "c": 0.1, "d": 0.8}, 500)
    assert crowd.offered_first(ABCD)["d"] >= 90


def test_platform_decides_alone_when_there_is_enough_evidence_on_it() -> None:
    elsewhere = [tally("a", 40, 5, platform="windows"), tally("b", 5, 40, platform="windows")]
    assert order(ABCD, elsewhere, "linux")[0] == "a"
    here = [tally("a", 1, 20), tally("b", 18, 3)]
    assert order(ABCD, elsewhere + here, "linux")[0] == "b"
    assert order(ABCD, elsewhere + here, "windows")[0] == "a"
    assert order(ABCD, [*elsewhere, tally("a", 0, 3)], "linux")[0] == "a"


def test_quicker_and_safer_step_is_first_when_both_help_alike() -> None:
    same = [tally("a", 30, 30), tally("b", 31, 29)]
    assert order([step("a", minutes=12), step("b", minutes=1)], same) == "ba"
    assert order([step("a", risk=Risk.CAREFUL, minutes=4), step("b", minutes=2)], same) == "ba"
    much_better = [tally("a", 55, 5), tally("b", 30, 30)]
    assert order([step("a", minutes=12, risk=Risk.CAREFUL), step("b", minutes=1)], much_better) == "ab"


def test_dangerous_step_is_never_first() -> None:
    steps = [step("a", risk=Risk.DANGEROUS), step("b"), step("c")]
    assert order(steps) == "bac"
    tallies = [tally("a", 90, 0), tally("b", 0, 90), tally("c", 2, 40)]
    assert {order(steps, tallies, seed=visitor)[0] for visitor in range(50)} <= {"b", "c"}
    assert order([step("a", risk=Risk.DANGEROUS)]) == ""


def test_outcomes_of_steps_that_are_not_offered_change_nothing() -> None:
    assert order(ABCD[1:], [tally("a", 90, 0), tally("z", 9, 9)]) == "bcd"


def test_old_outcomes_weigh_less_than_new_ones() -> None:
    assert discounted([tally("a", 10, 0, age=90)]).resolved == pytest.approx(
        discounted([tally("a", 10, 0)]).resolved / 4
    )
    behind_many = discounted([tally("a", 10, 0, age=1), tally("a", 0, 120)])
    assert behind_many.resolved < discounted([tally("a", 10, 0, age=1)]).resolved / 3
    assert discounted([tally("a", 5000, 5000)]).weight < 100
    assert discounted([]).weight == discounted([tally("a", 0, 0)]).weight == 0


def test_one_day_weighs_the_same_however_it_is_cut() -> None:
    whole = discounted([tally("a", 30, 12)])
    cut = discounted([tally("a", 10, 2, platform="macos"), tally("a", 20, 10)])
    assert (cut.resolved, cut.not_resolved) == pytest.approx((whole.resolved, whole.not_resolved))


@pytest.mark.parametrize(
    ("resolved", "not_resolved", "shown"),
    [
        (37, 15, Helped(37, 52)),
        (5, 5, Helped(5, 10)),
        (0, 0, None),
        (4, 30, None),  # four people are too few to be told about
        (5, 4, None),  # nine have tried it
        (9, 1, Helped(9, 10, nearly_all=True)),  # one person is not told about
        (51, 0, Helped(51, 51, nearly_all=True)),
    ],
)
def test_numbers_are_shown_when_no_small_group_can_be_read_from_them(
    resolved: int, not_resolved: int, shown: Helped | None
) -> None:
    assert helped([tally("a", resolved, 0), tally("a", 0, not_resolved, platform="macos", age=9)]) == shown
