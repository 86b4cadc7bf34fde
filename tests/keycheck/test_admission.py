"""Who is let in: limits for one client, for all, and for checks at one time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.counters import Counters
from portal.keycheck.admission import Admission, AdmissionLimits, Slot, TooManyChecks
from portal.web.clients import bucket_of

pytestmark = pytest.mark.anyio

LIMITS = AdmissionLimits(per_minute=100, per_minute_in_total=100, at_once=100)


async def test_client_waits_when_it_used_up_its_checks_and_another_one_does_not() -> None:
    admission = Admission(replace(LIMITS, per_minute=2), Counters())
    answers = [await admission.admit("192.0.2.1") for _ in range(3)]
    assert [type(answer) for answer in answers] == [Slot, Slot, TooManyChecks]
    assert answers[-1] == TooManyChecks(answers[-1].wait_seconds)  # type: ignore[union-attr]
    assert isinstance(await admission.admit("192.0.2.2"), Slot)


async def test_everybody_waits_when_all_together_used_up_theirs() -> None:
    admission = Admission(replace(LIMITS, per_minute_in_total=2), Counters())
    answers = [await admission.admit(f"192.0.2.{number}") for number in range(3)]
    last = answers[-1]
    assert isinstance(last, TooManyChecks)
    assert last.busy
    assert 1 <= last.wait_seconds <= 60


async def test_place_is_given_on_when_a_check_is_over() -> None:
    admission = Admission(replace(LIMITS, at_once=1), Counters())
    first = await admission.admit("192.0.2.1")
    assert isinstance(first, Slot)
    assert await admission.admit("192.0.2.2") == TooManyChecks(10, busy=True)
    first.release()
    first.release()
    assert admission.running == 0
    with first:
        assert isinstance(await admission.admit("192.0.2.2"), Slot)


async def test_waiting_for_a_place_uses_up_no_checks() -> None:
    admission = Admission(replace(LIMITS, at_once=1, per_minute=2), Counters())
    first = await admission.admit("192.0.2.1")
    assert isinstance(first, Slot)
    for _ in range(5):
        assert isinstance(await admission.admit("192.0.2.1"), TooManyChecks)
    first.release()
    assert isinstance(await admission.admit("192.0.2.1"), Slot)


async def test_one_client_cannot_take_every_place() -> None:
    admission = Admission(replace(LIMITS, at_once=12), Counters())
    held = [await admission.admit("192.0.2.1") for _ in range(5)]
    assert [type(answer) for answer in held] == [Slot] * 4 + [TooManyChecks]
    assert held[-1] == TooManyChecks(10)
    assert isinstance(await admission.admit("192.0.2.2"), Slot)
    assert isinstance(held[0], Slot)
    held[0].release()
    assert isinstance(await admission.admit("192.0.2.1"), Slot)


@pytest.mark.parametrize(
    ("address", "bucket"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("anything", "unknown"),
        ("", "unknown"),
    ],
)
def test_clients_share_a_limit_when_they_are_one_customer(address: str, bucket: str) -> None:
    assert bucket_of(address) == bucket
