"""How fast somebody may try to sign in."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from pydantic import SecretStr

from portal.admin import throttle
from portal.admin.throttle import BY_CLIENT, BY_NAME, Growth, SignInThrottle
from portal.counters import Counters
from tests.support.operators import audit_of, operated_portal, post_sign_in
from tests.support.pages import one, parse, words

pytestmark = pytest.mark.anyio


def test_delay_grows_up_to_its_limit() -> None:
    assert [Growth(free=3, most=10).seconds(attempt) for attempt in (1, 2, 3, 4, 5, 6, 7, 1000)] == [
        *(0, 0, 1, 2, 4, 8, 10, 10)
    ]
    assert BY_NAME.seconds(10**6) == 60
    assert BY_CLIENT.seconds(10**6) == 15 * 60


async def test_name_has_to_wait_from_everywhere_when_it_was_tried_too_often() -> None:
    counted = SignInThrottle(Counters())
    waits = [await counted.admit("anna", f"10.0.0.{number}") for number in range(BY_NAME.free + 2)]
    assert waits[: BY_NAME.free] == [0] * BY_NAME.free
    assert all(waits[BY_NAME.free :])
    assert await counted.admit("bert", "10.0.0.1") == 0


async def test_client_has_to_wait_when_it_tried_many_names() -> None:
    counted = SignInThrottle(Counters())
    waits = [await counted.admit(f"name-{number}", "2001:db8::1") for number in range(BY_CLIENT.free + 1)]
    assert waits[: BY_CLIENT.free] == [0] * BY_CLIENT.free
    assert waits[BY_CLIENT.free] > 0
    assert await counted.admit("anna", "2001:db8::2") > 0  # the same customer
    assert await counted.admit("anna", "2001:db8:1::1") == 0


async def test_many_attempts_at_once_gain_nothing() -> None:
    counted = SignInThrottle(Counters())
    waits = await asyncio.gather(*(counted.admit("anna", f"10.0.{number}.1") for number in range(50)))
    assert waits.count(0) == BY_NAME.free


async def test_next_attempt_is_possible_when_the_delay_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "BY_NAME", Growth(free=1, most=1))
    counted = SignInThrottle(Counters())
    assert await counted.admit("anna", "10.0.0.1") == 0
    assert await counted.admit("anna", "10.0.0.1") == 1
    await asyncio.sleep(1.1)
    assert await counted.admit("anna", "10.0.0.1") == 0
    await counted.forgive("anna")
    assert await counted.admit("anna", "10.0.0.1") == 0


async def test_attempts_are_counted_all_the_same_when_redis_is_away(caplog: pytest.LogCaptureFixture) -> None:
    counters = Counters("redis://:canary-password@127.0.0.1:9/0")
    counted = SignInThrottle(counters)
    waits = [await counted.admit("anna", "10.0.0.1") for _ in range(BY_NAME.free + 1)]
    assert waits[BY_NAME.free] > 0
    await counted.forgive("anna")
    assert await counted.admit("anna", "10.0.0.1") == 0
    await counters.close()
    assert caplog.text.count("each process counts on its own") == 1
    assert "canary" not in caplog.text


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_page_says_how_long_to_wait_alike_for_every_name(
    database_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A first delay of a second can be over before a busy machine asks again.
    monkeypatch.setattr(Growth, "seconds", lambda growth, attempt: 60 if attempt >= growth.free else 0)
    async with operated_portal(database_address) as client:
        for name in ("anna", "nobody"):
            for _ in range(BY_NAME.free):
                assert (await post_sign_in(client, name, "wrong-wrong-wrong")).status_code == 401
            answer = await post_sign_in(client, name)  # the right password does not help now
            assert answer.status_code == 429
            assert int(answer.headers["retry-after"]) >= 1
            assert "several attempts" in words(one(parse(answer.text), "#trouble"))
        assert len(await audit_of(client)) == 2 * BY_NAME.free


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_right_password_ends_the_count_of_its_name(operated: httpx.AsyncClient) -> None:
    for _ in range(3):
        for _ in range(BY_NAME.free - 1):
            await post_sign_in(operated, "anna", "wrong-wrong-wrong")
        assert (await post_sign_in(operated)).status_code == 303


async def test_address_of_redis_is_hidden_in_the_settings() -> None:
    from portal.settings import Settings  # noqa: PLC0415

    assert "canary" not in repr(Settings(redis_url=SecretStr("redis://:canary@127.0.0.1/0")))
