"""The time of a refusal does not tell whether there is such an account."""

from __future__ import annotations

import statistics
import time

import httpx
import pytest

from portal.admin import throttle
from portal.admin.throttle import Growth
from tests.support.operators import PASSWORD, add_account, disable, post_sign_in

pytestmark = pytest.mark.anyio

ROUNDS = 15
MOST = 1.6
"""How much the medians may differ, as a ratio: without a hash for unknown names it is above 5."""


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_refusals_take_the_same_time_when_the_name_is_unknown_or_the_account_disabled(
    operated: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BY_NAME", "BY_CLIENT"):
        monkeypatch.setattr(throttle, name, Growth(free=10**9, most=1))
    await add_account(operated, "Bert")
    await disable(operated, "bert")
    tries = {"anna": "wrong-wrong-wrong", "nobody": "wrong-wrong-wrong", "bert": PASSWORD}
    took: dict[str, list[float]] = {name: [] for name in tries}
    for _ in range(ROUNDS):  # in turn, so that a busy machine is busy for all
        for name, password in tries.items():
            started = time.perf_counter()
            answer = await post_sign_in(operated, name, password)
            took[name].append(time.perf_counter() - started)
            assert answer.status_code == 401
    medians = {name: statistics.median(times) for name, times in took.items()}
    print("\n" + ", ".join(f"{name} {median * 1000:.1f} ms" for name, median in medians.items()))  # noqa: T201
    assert max(medians.values()) / min(medians.values()) < MOST
