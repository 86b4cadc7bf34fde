"""The browser and the server clean a paste by the same rules (static/js/00-clean-key.js, portal/keys.py)."""

from __future__ import annotations

import random
from typing import Any

import pytest
from playwright.sync_api import Page

from portal.keys import PLACEHOLDER, CleanedKey, parse_key

pytestmark = pytest.mark.real("chromium")

PASTES = [
    "",
    " ",
    "\u200b",
    "sk-abc",
    " sk-abc ",
    "\tsk-abc\r\n",
    "sk-abc\n",
    "sk-a\nbc",
    "sk-a\r\n   bc\n",
    "sk-a bc\ndef",
    "\x1csk-abc\x1f",
    "\x85sk-abc",
    "\xa0sk-abc\u3000",
    "\ufeffsk-abc",
    "sk-\u200bab\u00adc",
    "\u202esk-abc",
    "'sk-abc'",
    '"sk-abc"',
    "`sk-abc`",
    "“sk-abc”",
    "„sk-abc‘",
    "«sk-abc»",
    '" sk-abc "',
    '"',
    "Bearer sk-abc",
    "bearer   sk-abc",
    "Authorization: Bearer sk-abc",
    "AUTHORIZATION:Bearer\tsk-abc",
    "authorızation: bearer sk-abc",
    "Bearer",
    "Bearer ",
    "Bearersk-abc",
    "export ANTHROPIC_AUTH_TOKEN=sk-abc",
    "export ANTHROPIC_AUTH_TOKEN='sk-abc';",
    'ANTHROPIC_API_KEY="sk-abc"',
    "ANTHROPIC_API_KEY: sk-abc",
    '"ANTHROPIC_AUTH_TOKEN": "sk-abc",',
    "MY_GATEWAY_KEY=sk-abc",
    "my_gateway_key=sk-abc",
    "$env:ANTHROPIC_AUTH_TOKEN = 'sk-abc'",
    'set "ANTHROPIC_AUTH_TOKEN=sk-abc"',
    "set ANTHROPIC_AUTH_TOKEN=sk-abc",
    "setx ANTHROPIC_AUTH_TOKEN sk-abc",
    "set -gx ANTHROPIC_AUTH_TOKEN sk-abc",
    "set -Ux ANTHROPIC_AUTH_TOKEN 'sk-abc'",
    "export ANTHROPIC_AUTH_TOKEN=",
    "export ANTHROPIC_AUTH_TOKEN= \n",
    "A_KEY=B_TOKEN=x",
    "OPENAI_API_KEY=Bearer sk-abc",
    PLACEHOLDER,
    f"export X_KEY={PLACEHOLDER}",
    "<your key>",
    "<\n>",
    "<\u2028>",
    "sk-xxx",
    "sk-XXXXXXXX",
    "sk-xx",
    "sk-...",
    "sk-..",
    "sk-…",
    "ключ",
    "sk-аbc",  # a Cyrillic letter that looks like a Latin one
    "sk-😀abc",
    "😀😀😀x y",
    "two words",
    "sk-abc;rm -rf ~",
    "sk-$(id)",
    'sk-"abc',
    "a" * 4096,
    "a" * 4097,
    "😀" * 4097,
    "-._~+/=",
    "sk-abc,",
    "sk-abc\x00",
    "\x1b[200~sk-abc\x1b[201~",
    "\x1b[200~ 'sk-abc'\n\x1b[201~",
    "sk-\x1b[202~abc",
]

_CLEAN = """pastes => {
  const words = document.getElementById('words').dataset;
  const say = (name, fields) => words[name].replace(/\\{(\\w+)\\}/g, (_, field) => fields[field]);
  const title = (word) => word[0].toUpperCase() + word.slice(1);
  return pastes.map((paste) => {
    const { key, removed, reason, fields } = window.portalKey.clean(paste);
    return {
      key,
      removed: key ? removed.map((part) => words[`removed${title(part)}`]) : [],
      reason: reason ? say(`reason${title(reason)}`, fields) : '',
    };
  });
}"""


def as_the_server(paste: str) -> dict[str, Any]:
    result = parse_key(paste)
    if isinstance(result, CleanedKey):
        return {"key": result.key.reveal(), "removed": [str(part) for part in result.removed], "reason": ""}
    return {"key": "", "removed": [], "reason": str(result.reason)}


def check(guide: Page, pastes: list[str]) -> None:
    browser = guide.evaluate(_CLEAN, pastes)
    different = [
        (paste, theirs, ours)
        for paste, theirs in zip(pastes, browser, strict=True)
        if theirs != (ours := as_the_server(paste))
    ]
    assert different == []


def test_browser_and_server_agree_on_every_paste(guide: Page) -> None:
    check(guide, PASTES)


def test_browser_and_server_agree_on_random_pastes(guide: Page) -> None:
    dice = random.Random(20261123)  # noqa: S311 - repeatable, not secret
    parts = [
        *("sk-", "abc", "X_KEY", "_TOKEN", "=", ":", " ", "\n", "\r\n", "\t", '"', "'", "`", ";", ","),
        *("Bearer", "bearer ", "Authorization:", "export ", "set ", "set -x ", "setx ", "$env:", "<", ">", "…"),
        *("\x1b[200~", "\x1b[201~", "\x1b"),
        *("\u200b", "\ufeff", "\x1c", "\x85", "\xa0", "\u2028", "ANTHROPIC_API_KEY", "😀", "..."),
    ]
    check(guide, ["".join(dice.choices(parts, k=dice.randint(1, 7))) for _ in range(4000)])


def test_browser_and_server_agree_on_every_odd_character(guide: Page) -> None:
    codes = [*range(0x20), *range(0x7F, 0xAE), *range(0x1680, 0x1681), *range(0x2000, 0x2070), 0xFEFF, 0x180E, 0x3000]
    check(
        guide, [form.format(chr(code)) for code in codes for form in ("{}sk-abc", "sk-abc{}", "sk{}abc", "A_KEY={}x")]
    )
