"""The way back after signing in leads below /admin and nowhere else."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.admin.forms import HOME, Password, read_sign_in, way_back
from tests.support.operators import post_sign_in
from tests.support.pages import one, parse

ELSEWHERE = [
    "//evil.test",
    "//evil.test/admin",
    "/\\evil.test",
    "\\\\evil.test",
    "https://evil.test/admin",
    "https:evil.test",
    "javascript:alert(1)",
    "/admin//evil.test",
    "/admin/\\evil.test",
    "/admin/..//evil.test",
    "/admin/%2e%2e//evil.test",
    "/admin/%2f%2fevil.test",
    "%2f%2fevil.test",
    "/%2fevil.test",
    "/admin/../key-check",
    "/admin/%2e%2e/",
    "/adminevil",
    "/admin@evil.test",
    "/admin.evil.test",
    "/",
    "",
    "admin",
    " /admin",
    "/admin\r\nset-cookie: a=b",
    "/admin\t/audit",
    "/\t/evil.test",
    "/admin#//evil.test",
    "/admin?next=\\",
    "/admin/login",
    "/admin/login?next=/admin",
    "/admin/logout",
    "/admin/oidc/start",
    "/admin/" + "a" * 2000,
]
HERE = [
    "/admin",
    "/admin?days=30&platform=windows",
    "/admin/audit",
    "/admin/audit?before=7",
    "/admin/stats.csv?from=2026-01-01",
]


@pytest.mark.parametrize("given_way", ELSEWHERE)
def test_way_back_is_the_overview_when_it_leads_elsewhere(given_way: str) -> None:
    assert way_back(given_way) == HOME


@pytest.mark.parametrize("given_way", HERE)
def test_way_back_is_kept_when_it_leads_below_admin(given_way: str) -> None:
    assert way_back(given_way) == given_way


@given(st.text() | st.text("/\\.%2ef5c:@?#&=admin \t\n", max_size=30).map(lambda tail: f"/admin{tail}"))
@example("/admin/..")
def test_way_back_never_leaves_this_host_and_folder(text: str) -> None:
    target = urlsplit(urljoin("https://portal.test/admin/login", way_back(text)))
    assert (target.scheme, target.netloc) == ("https", "portal.test")
    assert target.path == "/admin" or target.path.startswith("/admin/")


def test_password_is_in_no_repr() -> None:
    form = read_sign_in([("name", " anna "), ("password", "kettle-orbit-mango")])
    assert form.name == "anna"
    assert form.password.reveal() == "kettle-orbit-mango"
    assert "kettle" not in repr(form) + str(form) + repr(Password("kettle")) + f"{form.password}"


@pytest.mark.anyio
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_no_answer_leads_elsewhere_whatever_the_form_and_the_query_say(operated: httpx.AsyncClient) -> None:
    for way in ("//evil.test", "/\\evil.test", "https://evil.test", "/admin/%2e%2e//evil.test"):
        page = parse((await operated.get("/admin/login", params={"next": way})).text)
        assert one(page, "[name=next]").get("value") == "/admin"
        answer = await post_sign_in(operated, next=way)
        assert answer.headers["location"] == "/admin"
        assert (await operated.get("/admin/login", params={"next": way})).headers["location"] == "/admin"
        operated.cookies.clear()
