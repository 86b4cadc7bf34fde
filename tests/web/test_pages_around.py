"""What every answer has in common: headers, limits, error pages, static files, brand, logs."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import httpx
import pytest

from portal import paths
from portal.profile.accent import contrast
from portal.profile.load import load_profile
from portal.web.brand import DARK_BACKGROUND, LIGHT_BACKGROUND, brand_css
from portal.web.middleware import MAX_BODY, OF_PAGES, SECURITY_HEADERS
from tests.support.pages import one, parse, words
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    "path", ["/", "/guide.md", "/settings.json", "/healthz", "/nothing", "/robots.txt", "/llms.txt", "/admin"]
)
async def test_security_headers_are_there_whatever_is_answered(portal: httpx.AsyncClient, path: str) -> None:
    headers = (await portal.get(path)).headers
    is_page = headers.get("content-type", "").startswith("text/html")
    expected = {name: value for name, value in SECURITY_HEADERS.items() if is_page or name not in OF_PAGES}
    assert {name: headers[name] for name in SECURITY_HEADERS if name in headers} == expected


async def test_pages_have_nothing_inline_and_nothing_foreign_when_shown(portal: httpx.AsyncClient) -> None:
    page = parse((await portal.get("/")).text)
    assert not page.cssselect("style, [style], script:not([src])")
    assert not [a for element in page.iter() for a in element.attrib if str(a).startswith("on")]
    loaded = [
        e.get("src") or e.get("href") for e in page.cssselect("script, img, link[rel=stylesheet], link[rel=icon]")
    ]
    assert all(address.startswith("/static/") for address in loaded)
    for address in loaded:
        answer = await portal.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/static/portal.css", 404),
        ("GET", "/static/portal.000000000000.css", 404),
        ("GET", "/key-check", 405),
        ("PUT", "/", 405),
        ("POST", "/key-check", 415),
    ],
)
async def test_error_page_says_what_to_do_when_something_cannot_be_served(
    portal: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await portal.request(method, path, content=b"{}", headers={"Content-Type": "application/json"})
    page = parse(answer.text)
    assert answer.status_code == status
    assert words(one(page, "h1"))
    assert [link.get("href") for link in page.cssselect("main a")] == ["/", "/troubleshoot"]
    assert answer.headers["cache-control"] == "no-store"


async def test_body_is_refused_when_it_is_too_long(portal: httpx.AsyncClient) -> None:
    answer = await portal.post("/key-check", content=b"key=" + b"x" * MAX_BODY, headers=FORM)
    assert answer.status_code == 413
    assert words(one(parse(answer.text), "h1")) == "That is too long"


async def test_unexpected_error_shows_a_page_and_tells_nothing_when_code_breaks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_it(*_: object) -> None:
        raise RuntimeError("sk-secret-in-a-message")

    monkeypatch.setattr("portal.guide.routes.parse_choices", break_it)
    async with running_portal(raise_app_exceptions=False) as portal:
        answer = await portal.get("/?opus=sk-secret-in-a-query")
    assert answer.status_code == 500
    assert words(one(parse(answer.text), "h1")) == "Something broke on our side"
    assert "RuntimeError" in caplog.text
    assert "sk-secret" not in caplog.text + answer.text


async def test_log_line_has_route_and_status_but_no_query_when_a_page_is_served(
    portal: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "portal")
    await portal.get("/?opus=something-private")
    (record,) = [record for record in caplog.records if record.name == "portal"]
    assert re.fullmatch(r"GET guide:show 200 \d+\.\d ms", record.getMessage())


def test_stylesheet_uses_the_backgrounds_that_the_accent_was_checked_against() -> None:
    css = "".join(path.read_text() for path in sorted((paths.STATIC / "css").glob("*.css")))
    assert LIGHT_BACKGROUND in css
    assert DARK_BACKGROUND in css


@pytest.mark.parametrize("accent", ["#ffee00", "#0000ff", "#0f766e", "#ffffff", "#000000"])
def test_accent_can_be_read_in_both_themes_whatever_the_operator_chose(accent: str) -> None:
    found = re.findall(r"--([a-z-]+):light-dark\(([^,]+),([^)]+)\)", brand_css(accent))
    colours = {name: (light, dark) for name, light, dark in found}
    for index, background in enumerate((LIGHT_BACKGROUND, DARK_BACKGROUND)):
        assert contrast(colours["accent"][index], background) >= 4.5
        assert contrast(colours["accent"][index], colours["on-accent"][index]) >= 4.5


async def test_logo_is_served_when_the_profile_has_one(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')
    text = (paths.PRESETS / "litellm.toml").read_text()
    text = re.sub(r"(?m)^\[brand\]", '[brand]\nlogo = "logo.svg"', text)
    (tmp_path / "ours.toml").write_text(text)
    async with running_portal(load_profile(str(tmp_path / "ours.toml"))) as portal:
        page = parse((await portal.get("/")).text)
        answer = await portal.get(one(page, "header img").get("src"))
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
