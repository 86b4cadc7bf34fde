"""`make screenshots`: the pictures of the README, taken from the demo portal.

They show the guide as a visitor has it after pasting a key: docs/images/guide-desktop.png, -dark.png, -phone.png.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Final, Literal

from playwright.sync_api import Browser, sync_playwright

from portal.app import create_app
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.profile.load import load_profile
from portal.settings import Settings
from tests.real_parts.parts import PARTS, ROOT
from tests.real_parts.servers import serve

FOLDER: Final = ROOT / "docs" / "images"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: its name, the guide's query, the window and the colours."""

    name: str
    query: str
    width: int
    height: int
    scheme: Literal["light", "dark"] = "light"


PICTURES: Final = (
    Picture("guide-desktop", "os=macos&shell=zsh", 1366, 768),
    Picture("guide-dark", "os=windows&shell=powershell", 1366, 768, "dark"),
    Picture("guide-phone", "os=macos&shell=zsh", 390, 844),
)


def main() -> int:
    """Take every picture and say where it is; exit code 1 without Chromium."""
    chromium = PARTS["chromium"].find()
    if chromium is None:
        sys.stderr.write(f"Chromium is missing; to get it: {PARTS['chromium'].how_to_get}\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with serve(create_app(Settings(), load_profile("tokenbay"))) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=os.geteuid() != 0)
        for picture in PICTURES:
            _take(browser, url, picture)
        browser.close()
    return 0


def _take(browser: Browser, url: str, picture: Picture) -> None:
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme=picture.scheme,
        reduced_motion="reduce",
        locale="en-GB",
    )
    page = context.new_page()
    page.goto(f"{url}/?{picture.query}", wait_until="networkidle")
    page.locator("#key").fill(DEMO_KEYS[Behaviour.GOOD])
    page.locator("#key").blur()
    path = FOLDER / f"{picture.name}.png"
    page.screenshot(path=path)
    sys.stdout.write(f"{path.relative_to(ROOT)} ({path.stat().st_size // 1024} KiB)\n")
    context.close()


if __name__ == "__main__":
    sys.exit(main())
