"""Signing in as a person does: with and without JavaScript, through the provider, on every screen."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from portal.admin import accounts, audit
from portal.admin.passwords import Passwords
from portal.admin.services import now_ms
from portal.admin.vocabulary import Action
from portal.app import create_app
from portal.db import Database
from portal.profile.load import load_profile
from portal.settings import Settings
from tests.admin.provider import RunningProvider, running_provider
from tests.real_parts.browser import NewContext
from tests.real_parts.node_tools import axe_violations, html_problems
from tests.real_parts.servers import serve
from tests.support.databases import in_new_loop
from tests.support.operators import PASSWORD

pytestmark = pytest.mark.real("chromium")

DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 320, "height": 640}


async def fill(address: str) -> None:
    database = Database(address)
    await database.migrate()
    password_hash = await Passwords().hashed(PASSWORD)
    async with database.writing() as connection:
        await accounts.add(connection, "anna", password_hash, now_ms())
        for hours, action in zip(range(20, 0, -1), Action, strict=False):
            name = None if action is Action.PROVIDER_REFUSED else "anna"
            await audit.note(connection, action, at=now_ms() - hours * 3_600_000, name=name)
    await database.close()


@pytest.fixture(scope="module")
def provider() -> Iterator[RunningProvider]:
    with running_provider() as running:
        running.set_user("eva", email="eva@example.com", email_verified=True, groups=["operators"])
        yield running


@pytest.fixture(scope="module")
def operators_url(provider: RunningProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A portal with one account and a provider; its audit log has one of everything."""
    address = f"sqlite:///{tmp_path_factory.mktemp('operators') / 'portal.db'}"
    in_new_loop(fill(address))
    settings = Settings(
        database_url=SecretStr(address),
        oidc_issuer=provider.issuer,
        oidc_client_id="portal",
        oidc_client_secret=SecretStr("any: this provider takes each"),
        oidc_allowed_groups="operators",
        oidc_name="Acme",
    )
    with serve(create_app(settings, load_profile("tokenbay"))) as url:
        yield url


@pytest.fixture(scope="module")
def empty_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A portal without any account."""
    address = SecretStr(f"sqlite:///{tmp_path_factory.mktemp('nobody') / 'portal.db'}")
    with serve(create_app(Settings(database_url=address), load_profile("tokenbay"))) as url:
        yield url


def fill_in(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
def test_operator_signs_in_looks_and_signs_out(
    new_context: NewContext,
    operators_url: str,
    javascript: bool,  # noqa: FBT001
) -> None:
    page = new_context(java_script_enabled=javascript, viewport=DESKTOP).new_page()
    page.goto(f"{operators_url}/admin/audit?before=9")
    fill_in(page, "wrong-wrong-wrong")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    fill_in(page)
    expect(page).to_have_url(re.compile(r"/admin/audit\?before=9$"))
    expect(page.get_by_role("heading", name="Audit log")).to_be_visible()
    page.locator(".account summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page).to_have_url(f"{operators_url}/admin/login")
    page.go_back()
    expect(page).to_have_url(re.compile("/admin/login"))  # nothing was kept of the page


def test_operator_comes_in_through_the_provider(new_context: NewContext, operators_url: str) -> None:
    page = new_context(viewport=DESKTOP).new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.goto(f"{operators_url}/admin/audit")
    page.get_by_role("link", name="Continue with Acme").click()
    page.locator("input[name=sub]").fill("eva")
    page.get_by_role("button", name=re.compile("authorize", re.IGNORECASE)).first.click()
    expect(page).to_have_url(f"{operators_url}/admin/audit")
    expect(page.locator(".account summary")).to_have_text("eva@example.com")
    assert [text for text in refused if "Content Security Policy" in text] == []


def test_htmx_opens_the_sign_in_page_when_the_session_is_over(new_context: NewContext, operators_url: str) -> None:
    page = new_context(viewport=DESKTOP).new_page()
    page.goto(f"{operators_url}/")  # a page of this host that has htmx
    page.wait_for_function("window.htmx")
    page.evaluate("htmx.ajax('GET', '/admin/audit?before=9', '#main')")
    expect(page).to_have_url(f"{operators_url}/admin/login?next=/admin/audit%3Fbefore%3D9")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.real("axe")
def test_axe_finds_nothing_and_nothing_is_too_wide(
    new_context: NewContext,
    operators_url: str,
    empty_url: str,
    scheme: str,
    viewport: dict[str, int],
    pictures: Path | None,
) -> None:
    page = new_context(color_scheme=scheme, viewport=viewport, reduced_motion="reduce").new_page()
    found: dict[str, list[str]] = {}

    def judge(name: str) -> None:
        found[name] = [violation["id"] for violation in axe_violations(page)]
        if page.evaluate("document.documentElement.scrollWidth") > viewport["width"]:
            found[name].append("too wide")
        if pictures:
            page.screenshot(path=pictures / f"{name}-{scheme}-{viewport['width']}.png", full_page=True)

    page.goto(f"{empty_url}/admin")
    judge("first-account")
    page.goto(f"{operators_url}/admin/audit")
    judge("sign-in")
    fill_in(page, "wrong-wrong-wrong")
    judge("refused")
    fill_in(page)
    page.locator(".account summary").click()
    judge("audit")
    assert {name: problems for name, problems in found.items() if problems} == {}


@pytest.mark.real("html-validate")
def test_html_is_valid(page: Page, operators_url: str, empty_url: str) -> None:
    config = Path(__file__).with_name("html-validate.json")
    request = page.context.request
    assert html_problems(request.get(f"{empty_url}/admin").text(), config=config) == []
    assert html_problems(request.get(f"{operators_url}/admin").text(), config=config) == []
    form: dict[str, str | float | bool] = {"name": "anna", "password": "wrong"}
    assert html_problems(request.post(f"{operators_url}/admin/login", form=form).text(), config=config) == []
    request.post(f"{operators_url}/admin/login", form=form | {"password": PASSWORD})
    assert html_problems(request.get(f"{operators_url}/admin/audit").text(), config=config) == []


@pytest.fixture
def pictures() -> Path | None:
    """Where to put screenshots, if somebody wants to look at them."""
    folder = os.environ.get("ONBOARDING_PICTURES")
    return Path(folder) if folder else None
