"""What a visitor does in the fold “Merge it here”, and what it shows, in words that the tests share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from portal.app import create_app
from portal.profile.load import load_profile
from portal.settings import Settings
from tests.real_parts.servers import serve

READY: Final = "() => Boolean(window.portalMerge?.show)"

REFERENCE_PLAN: Final = {
    "ANTHROPIC_BASE_URL": "https://api.tokenbay.com",
    "ANTHROPIC_API_KEY": "",
    "ANTHROPIC_DEFAULT_OPUS_MODEL": "claude-opus-4.8",
    "ANTHROPIC_DEFAULT_SONNET_MODEL": "claude-sonnet-4.6",
    "ANTHROPIC_DEFAULT_HAIKU_MODEL": "claude-haiku-4.5",
    "ANTHROPIC_MODEL": "sonnet",
}
"""What the preset of these tests puts under `env` besides the key."""


@pytest.fixture(scope="module", name="portal_url")
def reference_portal() -> Iterator[str]:
    """The portal for the preset itself: the merge asks no gateway, and its plan is the reference's."""
    with serve(create_app(Settings(), load_profile("tokenbay"))) as url:
        yield url


def open_fold(page: Page) -> Locator:
    """Open the fold and wait until its script has come."""
    fold = page.locator("#fold-merge")
    fold.locator("summary").click()
    page.wait_for_function(READY)
    return fold


def give(page: Page, text: str) -> None:
    """Paste a file's text in place of what stands in the field."""
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    field = page.get_by_label("Paste all that stands in")
    field.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("ControlOrMeta+v")
    expect(page.locator("#merge-out")).to_be_visible()


def choose_file(page: Page, content: bytes, name: str = "settings.json") -> None:
    """Choose a file with the button. What another one gave is cleared first: it must not be taken for this one’s."""
    page.locator("#merged").evaluate("code => code.replaceChildren()")
    with page.expect_file_chooser() as coming:
        page.get_by_role("button", name="Choose the file").click()
    coming.value.set_files(FilePayload(name=name, mimeType="application/json", buffer=content))
    expect(page.locator("#merged")).not_to_be_empty()


def merged(page: Page) -> str:
    """The merged text, as it is copied."""
    return str(page.locator("#merged").text_content())


def env(page: Page) -> dict[str, Any]:
    """What stands under `env` in the merged text."""
    found: dict[str, Any] = json.loads(merged(page))["env"]
    return found


def differences(page: Page) -> list[str]:
    """The lines of the comparison, each with its sign."""
    return str(page.locator("code[data-merge=diff]").text_content()).splitlines()


def problem(page: Page, kind: str) -> Locator:
    """The line that points out a problem of this kind."""
    return page.locator(f"#merge-out [data-problem={kind}]")


def notes(page: Page) -> list[str]:
    """The kinds of what was repaired or is worth knowing."""
    return [
        str(kind) for kind in page.locator("#merge-out [data-note]").evaluate_all("all => all.map(e => e.dataset.note)")
    ]
