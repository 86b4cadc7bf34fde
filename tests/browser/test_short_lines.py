"""Short lines stay whole: a command leaves no single word behind, and the phone's progress names the step."""

from __future__ import annotations

import itertools
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.real_parts.browser import NewContext

pytestmark = pytest.mark.real("chromium")

LEAST_SHARE: Final = 0.25
"""A last line that is shorter than this share of the longest one is a word left behind."""

_LINES: Final = """(code) => {
  const range = document.createRange();
  range.selectNodeContents(code);
  const lines = new Map();
  for (const box of range.getClientRects()) {
    const line = lines.get(Math.round(box.top)) ?? { left: Infinity, right: 0 };
    lines.set(Math.round(box.top), {
      left: Math.min(line.left, box.left), right: Math.max(line.right, box.right),
    });
  }
  return [...lines.entries()].sort((a, b) => a[0] - b[0]).map(([, line]) => line.right - line.left);
}"""
_SHOWN: Final = """(list) => [...list.querySelectorAll('.step-name')]
  .filter((name) => name.getBoundingClientRect().width > 20).map((name) => name.textContent)"""


@pytest.mark.parametrize("width", [1366, 1280, 1000, 390])
@pytest.mark.parametrize("choices", ["os=macos&shell=zsh", "os=windows&shell=powershell"])
def test_one_line_command_leaves_no_word_behind_when_it_wraps(
    new_context: NewContext, portal_url: str, width: int, choices: str
) -> None:
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    page.goto(f"{portal_url}/?{choices}")
    lines: list[float] = page.locator("#apply-1").evaluate(_LINES)
    assert lines[-1] >= LEAST_SHARE * max(lines), lines
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def phone(new_context: NewContext, portal_url: str, width: int = 390, **options: Any) -> Page:
    page = new_context(viewport={"width": width, "height": 844}, **options).new_page()
    page.goto(f"{portal_url}/?os=macos&shell=zsh")
    return page


def test_progress_on_a_phone_names_the_step_that_comes_next(new_context: NewContext, portal_url: str) -> None:
    page = phone(new_context, portal_url)
    progress = page.locator(".progress ol")
    assert progress.evaluate(_SHOWN) == ["Install"]
    page.locator("#install").select_option("done")
    expect(page.locator("li[data-progress=install]")).to_have_attribute("data-state", "done")
    assert progress.evaluate(_SHOWN) == ["Your key"]


def test_progress_on_a_phone_names_the_first_step_when_there_is_no_script(
    new_context: NewContext, portal_url: str
) -> None:
    page = phone(new_context, portal_url, java_script_enabled=False)
    boxes = [name.bounding_box() for name in page.locator(".progress .step-name").all()]
    assert [box is not None and box["width"] > 20 for box in boxes] == [True, False, False, False]


@pytest.mark.parametrize("width", [390, 360, 320])
def test_progress_on_a_phone_stays_one_line_whichever_step_it_names(
    new_context: NewContext, portal_url: str, width: int
) -> None:
    page = phone(new_context, portal_url, width)
    for done in range(5):
        page.evaluate(
            "done => document.querySelectorAll('.progress li').forEach((step, at) => {"
            " step.dataset.state = at < done ? 'done' : 'waiting'; })",
            done,
        )
        bar = page.locator(".progress").bounding_box()
        assert bar is not None
        assert bar["height"] <= 44, done  # what it was with numbers alone
        boxes = [
            box for box in (piece.bounding_box() for piece in page.locator(".progress li, .progress > p").all()) if box
        ]
        assert all(one["x"] + one["width"] <= other["x"] + 0.5 for one, other in itertools.pairwise(boxes))
        assert boxes[-1]["x"] + boxes[-1]["width"] <= width
        names = page.locator(".progress ol").evaluate(_SHOWN)
        assert len(names) == (0 if done == 4 else 1)
