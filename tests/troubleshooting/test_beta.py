from __future__ import annotations

import random

import pytest

from portal.troubleshooting.beta import beta_quantile, beta_share

SHARES = [0.001, 0.05, 0.3, 0.5, 0.77, 0.95, 0.999]


@pytest.mark.parametrize("share", SHARES)
def test_quantile_is_the_closed_form_when_there_is_one(share: float) -> None:
    assert beta_quantile(share, 1, 1) == pytest.approx(share, abs=1e-6)
    assert beta_quantile(share, 7, 1) == pytest.approx(share ** (1 / 7), abs=1e-6)
    assert beta_quantile(share, 1, 7) == pytest.approx(1 - (1 - share) ** (1 / 7), abs=1e-6)


@pytest.mark.parametrize(("a", "b"), [(0.9, 2.3), (4, 9), (37, 15), (144, 20), (1500, 2500)])
def test_quantile_and_share_undo_each_other(a: float, b: float) -> None:
    for share in SHARES:
        assert beta_share(beta_quantile(share, a, b), a, b) == pytest.approx(share, abs=1e-5)
        assert beta_quantile(share, a, b) == pytest.approx(1 - beta_quantile(1 - share, b, a), abs=1e-6)


@pytest.mark.parametrize(("a", "b"), [(0.4, 2.3), (4, 9), (37, 15), (144, 20)])
def test_share_is_how_often_a_drawn_number_lies_below(a: float, b: float) -> None:
    chance = random.Random(7)  # noqa: S311 - a simulation
    drawn = sorted(chance.betavariate(a, b) for _ in range(20_000))
    for at in (1_000, 6_000, 10_000, 14_000, 19_000):
        assert beta_share(drawn[at], a, b) == pytest.approx(at / 20_000, abs=0.012)


@pytest.mark.parametrize(("share", "a", "b"), [(-0.1, 1, 1), (1.1, 1, 1), (0.5, 0, 1), (0.5, 1, -2)])
def test_quantile_is_refused_when_a_parameter_is_out_of_range(share: float, a: float, b: float) -> None:
    with pytest.raises(ValueError, match="share"):
        beta_quantile(share, a, b)


def test_share_is_all_or_nothing_when_x_is_at_an_end() -> None:
    assert (beta_share(0, 2, 3), beta_share(1, 2, 3)) == (0, 1)
    assert [beta_quantile(0, 2, 3), beta_quantile(1, 2, 3)] == pytest.approx([0, 1], abs=1e-5)
