"""Nothing below /admin answers anything but the way to the sign-in page without a session."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from portal.admin.guard import AdminArea, operator_of
from portal.admin.sessions import PURPOSE
from tests.support.operators import app_of, desk_of, sign_in
from tests.support.pages import parse

pytestmark = pytest.mark.anyio

OPEN = {"/admin/login", "/admin/oidc/start", "/admin/oidc/callback"}
REGION = {"HX-Request": "true", "HX-Request-Type": "partial"}
STRANGE = ["/admin", "/admin/", "/admin//audit", "/admin/./audit", "/admin/nothing", "/admin%2faudit", "/admin/login/x"]
NO_COOKIES: dict[str, Callable[[httpx.AsyncClient], str]] = {
    "none": lambda _: "",
    "rubbish": lambda _: "rubbish",
    "unsigned": lambda _: "A" * 43,
    "signed-but-unknown": lambda client: desk_of(client).signer.sign(PURPOSE, "A" * 43),
    "for-another-purpose": lambda client: desk_of(client).signer.sign("journey", "A" * 43),
}


def area_of(client: httpx.AsyncClient) -> AdminArea:
    (area,) = [route for route in app_of(client).router.routes if isinstance(route, AdminArea)]
    return area


def addresses(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Every method and path of the routes, however they are nested."""
    for route in routes:
        if isinstance(route, Route):
            yield from ((method, route.path) for method in route.methods or {"GET"})
        else:
            router = getattr(route, "original_router", route)  # FastAPI's wrapper around an included router
            assert hasattr(router, "routes"), f"this test cannot look into {route!r}"
            yield from addresses(router.routes)


async def test_open_routes_are_those_that_lead_to_signing_in(portal: httpx.AsyncClient) -> None:
    assert {path for _, path in addresses(area_of(portal).open.routes)} == OPEN


async def test_no_route_stands_outside_of_the_area(portal: httpx.AsyncClient) -> None:
    routes = app_of(portal).router.routes
    place = routes.index(area_of(portal))
    assert {path for _, path in addresses(routes[:place])} <= {"/"}  # what comes later cannot take its addresses
    later = {path for _, path in addresses(routes[place + 1 :])}
    assert "/key-check" in later
    assert [path for path in later if path.startswith(("/admin", "/{"))] == []


@pytest.mark.parametrize("cookie", NO_COOKIES)
async def test_every_route_leads_to_signing_in_without_a_session(portal: httpx.AsyncClient, cookie: str) -> None:
    if value := NO_COOKIES[cookie](portal):
        portal.cookies.set("operator", value)
    routes = list(addresses(area_of(portal).guarded.routes))
    assert ("GET", "/admin/audit") in routes
    for method, template in [*routes, *(("GET", path) for path in STRANGE)]:
        path = re.sub(r"[{}]", "", template)
        answer = await portal.request(method, path, headers={"sec-fetch-site": "same-origin"})
        if answer.status_code == 401:
            assert path.endswith((".csv", ".json")), path
            assert answer.text in {"Sign in first, in a browser.\n", ""}
        else:
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].partition("?")[0] == "/admin/login"
            assert answer.content == b""
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert "set-cookie" not in answer.headers


async def test_data_is_answered_with_401_and_no_page(portal: httpx.AsyncClient) -> None:
    for path in ("/admin/stats.csv", "/admin/stats.json"):
        answer = await portal.get(path)
        assert answer.status_code == 401
        assert answer.headers["content-type"].startswith("text/plain")


async def test_htmx_is_told_to_open_the_sign_in_page_when_a_session_is_over(portal: httpx.AsyncClient) -> None:
    answer = await portal.get("/admin/audit?before=7", headers=REGION)
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/admin/login?next=/admin/audit%3Fbefore%3D7"


async def test_way_back_is_kept_when_a_page_was_asked_for(portal: httpx.AsyncClient) -> None:
    asked = await portal.get("/admin/audit?before=7")
    page = parse((await portal.get(asked.headers["location"])).text)
    assert [field.get("value") for field in page.cssselect("[name=next]")] in ([], ["/admin/audit?before=7"])


async def test_pages_answer_with_their_headers_when_somebody_is_signed_in(portal: httpx.AsyncClient) -> None:
    await sign_in(portal)
    for path, status in (("/admin/audit", 200), ("/admin/nothing-here", 404)):
        answer = await portal.get(path)
        assert answer.status_code == status
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex"
    assert (await portal.get("/admin/login")).headers["location"] == "/admin"


async def test_route_fails_when_it_asks_for_the_operator_outside_of_the_area() -> None:
    with pytest.raises(RuntimeError):
        operator_of(Request({"type": "http", "headers": []}))
