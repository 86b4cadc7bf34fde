"""The browser masks keys in pasted text as the server does (static/js/03-mask.js, portal/diagnosis/masking.py)."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from playwright.sync_api import Page

from portal.diagnosis.masking import mask_keys

pytestmark = pytest.mark.real("chromium")

ROOM = Path(__file__).parents[1] / "diagnosis"
VECTORS = json.loads((ROOM / "mask_vectors.json").read_text(encoding="utf-8"))


def check(guide: Page, texts: list[str]) -> None:
    browser = guide.evaluate("texts => texts.map((text) => window.portalMask.mask(text))", texts)
    different = [
        (text, theirs, ours) for text, theirs in zip(texts, browser, strict=True) if theirs != (ours := mask_keys(text))
    ]
    assert different == []


def test_browser_and_server_mask_the_table_alike(guide: Page) -> None:
    check(guide, [vector["text"] for vector in VECTORS])


def test_browser_and_server_mask_recorded_texts_alike(guide: Page) -> None:
    files = [path.read_text(encoding="utf-8") for path in (ROOM / "texts").glob("*.jsonl")]
    texts = [json.loads(line)["text"] for file in files for line in file.split("\n") if line]
    assert len(texts) > 250
    check(guide, texts)


def test_browser_and_server_mask_random_texts_alike(guide: Page) -> None:
    dice = random.Random(20261123)  # noqa: S311 - repeatable, not secret
    parts = [
        *(
            "sk-",
            "SK_",
            "abc",
            "0123456789",
            "\x1b[31m",
            "X_KEY",
            "_TOKEN",
            "token",
            "Secret",
            "PASSWORD",
            "=",
            ":",
            " ",
            "\n",
            "\t",
        ),
        *(
            '"',
            "'",
            "`",
            "“",
            "”",
            "\\",
            ";",
            ",",
            "<",
            ">",
            "$",
            "%",
            "*",
            "***",
            "...",
            "…",
            "/",
            "@",
            "://",
            "-",
            ".",
        ),
        *("Bearer ", "basic ", "Authorization", "x-api-key", "invalid value: '", "eyJabcdef.", "YOUR-", "null", "xxx"),
        *(
            "\u200b",
            "\ufeff",
            "\x1c",
            "\x85",
            "\xa0",
            "\u2028",
            "😀",
            "ä",
            "密",
            "İ",
            "ſ",
            "K",
            "0a0a0a0a-",
            "f00d-",
            "1b2c3d4e5f6a",
        ),
    ]
    check(guide, ["".join(dice.choices(parts, k=dice.randint(1, 12))) for _ in range(6000)])
