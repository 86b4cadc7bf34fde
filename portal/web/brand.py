"""Owns the brand's colours in the style sheet: the profile's accent, corrected until it can be read."""

from __future__ import annotations

from typing import Final

from portal.profile.accent import accent_tokens

LIGHT_BACKGROUND: Final = "#f5f7f8"
DARK_BACKGROUND: Final = "#1c2027"
"""The raised surfaces of `static/css/` (`--raised`): the accent has less contrast there than on the ground, so what
can be read on them can be read everywhere. `tests/web/test_pages_around.py` keeps them the same."""


def brand_css(accent: str) -> str:
    """The accent as custom properties for both themes. Every pair passes WCAG AA (4.5:1)."""
    tokens = accent_tokens(accent, light_background=LIGHT_BACKGROUND, dark_background=DARK_BACKGROUND)
    return (
        ":root{"
        f"--accent:light-dark({tokens.light_accent},{tokens.dark_accent});"
        f"--on-accent:light-dark({tokens.light_on_accent},{tokens.dark_on_accent})"
        "}\n"
    )
