"""Nothing below /admin answers anything but the sign-in page without a session."""

from __future__ import annotations

import httpx
import pytest

from tests.support.operators import sign_in

pytestmark = pytest.mark.anyio


async def test_sign_in_page_is_the_only_answer_when_nobody_is_signed_in(portal: httpx.AsyncClient) -> None:
    for path in ("/admin", "/admin/audit", "/admin/nothing-here"):
        answer = await portal.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/admin/login")
    assert (await portal.get("/admin/login")).status_code == 200


async def test_pages_answer_when_somebody_is_signed_in(portal: httpx.AsyncClient) -> None:
    await sign_in(portal)
    assert (await portal.get("/admin/audit")).status_code == 200
    assert (await portal.get("/admin/nothing-here")).status_code == 404
