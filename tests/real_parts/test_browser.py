from __future__ import annotations

import asyncio
from pathlib import Path

from playwright.sync_api import Page
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send

from tests.real_parts.browser import NewContext
from tests.real_parts.node_tools import axe_violations, csp_findings, html_problems, lighthouse_report
from tests.real_parts.servers import serve

DOCUMENT = """<!DOCTYPE html>
<html lang="en">
  <head><title>Hello</title><meta name="viewport" content="width=device-width"></head>
  <body><main><h1>Hello</h1><button type="button" hx-get="/">Copy</button></main></body>
</html>
"""
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'"


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"
    await HTMLResponse(DOCUMENT, headers={"Content-Security-Policy": POLICY})(scope, receive, send)


def test_page_shows_what_is_served(page: Page) -> None:
    with serve(hello) as url:
        page.goto(url)
        assert page.get_by_role("heading").inner_text() == "Hello"


def test_coroutines_run_when_an_earlier_test_used_the_browser() -> None:
    assert asyncio.run(asyncio.sleep(0.01, result=1)) == 1


def test_clipboard_can_be_written_and_read(page: Page) -> None:
    with serve(hello) as url:
        page.goto(url)
        page.get_by_role("button").focus()
        page.evaluate("navigator.clipboard.writeText('copied')")
        assert page.evaluate("navigator.clipboard.readText()") == "copied"


def test_contexts_take_options(new_context: NewContext) -> None:
    phone = new_context(viewport={"width": 360, "height": 640}, color_scheme="dark").new_page()
    with serve(hello) as url:
        phone.goto(url)
        assert phone.evaluate("[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]") == [360, True]


def test_axe_judges_under_a_strict_policy(page: Page) -> None:
    with serve(hello) as url:
        page.goto(url)
        assert axe_violations(page) == []
        page.locator("button").evaluate("button => { button.textContent = '' }")
        assert [violation["id"] for violation in axe_violations(page)] == ["button-name"]


def test_html_validate_judges() -> None:
    assert html_problems(DOCUMENT) == []
    assert "element-required-attributes" in html_problems(DOCUMENT.replace("<h1>", '<img alt=""><h1>'))[0]


def test_csp_evaluator_judges() -> None:
    assert [finding for finding in csp_findings(POLICY) if finding["severity"] <= 30] == []
    assert any(finding["severity"] == 10 for finding in csp_findings("script-src 'unsafe-inline'"))


def test_lighthouse_judges(tmp_path: Path) -> None:
    with serve(hello) as url:
        report = lighthouse_report(url, folder=tmp_path, options=["--only-categories=accessibility"])
    assert report["categories"]["accessibility"]["score"] == 1
