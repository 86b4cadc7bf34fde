"""The secret is rotated: who was here before stays, on each side, and is signed by the new secret from then on."""

from __future__ import annotations

import httpx
import pytest

from portal.admin import sessions
from portal.journeys import cookie
from portal.signing import Signer
from tests.support.operators import PASSWORD, add_account, post_sign_in
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

OLD, NEW = "the-old-secret-of-a-portal", "the-new-secret-of-a-portal"


async def record(browser: httpx.AsyncClient, name: str) -> bool:
    """Record one event; whether a cookie was set, that is: whether the visit is a new one."""
    event = {"id": name, "kind": "copied", "target": "apply"}
    answer = await browser.post("/journey", json={"events": [event]})
    assert answer.status_code == 200
    return "set-cookie" in answer.headers


async def test_visit_and_session_go_on_when_the_secret_is_rotated(database_address: str) -> None:
    async with running_portal(database_url=database_address, secret_key=OLD) as before:
        await add_account(before)
        assert (await post_sign_in(before, password=PASSWORD)).status_code == 303
        assert await record(before, "a1")
        kept = before.cookies
    async with running_portal(database_url=database_address, secret_key=f"{NEW},{OLD}") as rotated:
        rotated.cookies = kept
        assert (await rotated.get("/admin")).status_code == 200
        assert not await record(rotated, "a2"), "the visit goes on"
        rotated.cookies.clear()
        assert (await post_sign_in(rotated, password=PASSWORD)).status_code == 303
        assert await record(rotated, "a3")
        for purpose, name in ((sessions.PURPOSE, "operator"), (cookie.PURPOSE, "journey")):
            assert Signer((NEW,)).read(purpose, rotated.cookies[name], 60)
    async with running_portal(database_url=database_address, secret_key=NEW) as without:
        without.cookies = kept
        assert (await without.get("/admin")).status_code == 303
        assert await record(without, "a4"), "a new visit"
