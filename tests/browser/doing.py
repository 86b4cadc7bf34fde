"""What a visitor does on the guide, in words that the tests share."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

KEY = "sk-canary-+~/.=_Az0"
"""Made of every kind of character that a key may have; ends with `_Az0`."""


def field(page: Page) -> Locator:
    return page.get_by_label("Paste your TokenBay key")


def paste(page: Page, text: str) -> None:
    """Paste as a person does, so that the browser's own cleaning of a field does not come first."""
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    field(page).focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("ControlOrMeta+v")


def choose(page: Page, name: str, value: str) -> None:
    """Choose in a picker and wait until the guide shows it."""
    before = page.url
    page.locator(f'select[name="{name}"]').select_option(value)
    page.wait_for_function("before => location.href !== before", arg=before)
    settled(page)


def settled(page: Page) -> None:
    """Wait until no request is under way."""
    expect(page.locator("#choices.htmx-request, #key-check[aria-busy]")).to_have_count(0)


def texts(page: Page) -> list[str]:
    """The text of every block, as it is copied."""
    return [str(text) for text in page.locator("[data-snippet]").evaluate_all("all => all.map(e => e.textContent)")]


def unfold(page: Page, selector: str) -> None:
    """Open every fold around an element, as somebody does who looks for it."""
    page.locator(selector).evaluate(
        "element => { for (let e = element; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true }"
    )


def clipboard(page: Page) -> str:
    """What a paste would bring. The pages may not read the clipboard (`Permissions-Policy`), so a paste is made."""
    page.evaluate(
        "addEventListener('paste', (event) => { event.preventDefault(); event.stopImmediatePropagation();"
        " globalThis.pasted = event.clipboardData.getData('text/plain'); }, { capture: true, once: true })"
    )
    page.keyboard.press("ControlOrMeta+v")
    page.wait_for_function("globalThis.pasted !== undefined")
    return str(page.evaluate("(() => { const text = globalThis.pasted; delete globalThis.pasted; return text; })()"))


def copy(page: Page, block: str) -> str:
    """Press a block's copy button and return what is in the clipboard then."""
    button = page.locator(f'[data-copy="{block}"]')
    unfold(page, f"#{block}")
    button.evaluate("(button) => { delete button.dataset.copied; }")  # of an earlier press
    button.click()
    expect(button).to_have_attribute("data-copied", "")
    return clipboard(page)
