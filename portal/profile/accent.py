"""PURE: owns turning an operator's accent colour into colours that can be read (WCAG 2.2, 1.4.3: at least 4.5:1).

The lightness is moved in OKLCH only as far as needed, the hue stays, and the result is mapped into sRGB by reducing
chroma (CSS Color 4, section 13). Contrast is measured on the eight-bit colour that the browser paints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from coloraide import Color

CONTRAST: Final = 4.5
"""WCAG 2.2 level AA for text of normal size."""

_STEPS: Final = 12
"""Halvings of the lightness range: the result is within 1/4096 of the least change."""


@dataclass(frozen=True, slots=True)
class AccentTokens:
    """CSS hex colours for both themes.

    Attributes:
        light_accent: text, links and filled buttons on the light background; `dark_accent` likewise.
        light_on_accent: text on a button filled with `light_accent`; `dark_on_accent` likewise.

    """

    light_accent: str
    light_on_accent: str
    dark_accent: str
    dark_on_accent: str


def accent_tokens(accent: str, *, light_background: str, dark_background: str) -> AccentTokens:
    """Return the accent for both themes, each with at least 4.5:1 against its background and its button text.

    Args:
        accent: the brand's colour, such as `#0f766e`; any CSS colour works.
        light_background: the page background of the light theme, any opaque CSS colour.
        dark_background: the same for the dark theme.

    Raises:
        ValueError: one of the three is not a colour.

    """
    brand = _painted(Color(accent))
    light = _readable(brand, _painted(Color(light_background)))
    dark = _readable(brand, _painted(Color(dark_background)))
    return AccentTokens(
        light_accent=light,
        light_on_accent=_text_on(light),
        dark_accent=dark,
        dark_on_accent=_text_on(dark),
    )


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two colours, from 1 to 21."""
    return float(Color(one).contrast(other, method="wcag21"))


def _readable(accent: str, background: str) -> str:
    """Return the colour nearest in lightness to `accent` that can be read on `background`."""
    if contrast(accent, background) >= CONTRAST:
        return accent
    start = Color(accent).convert("oklch")
    # Black or white always reaches 4.58:1 against any colour, so the better of the two is a goal that holds.
    goal = 0.0 if contrast("#000000", background) > contrast("#ffffff", background) else 1.0
    best, low, high = _painted(start.clone().set("lightness", goal)), 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        candidate = _painted(start.clone().set("lightness", start["lightness"] + (goal - start["lightness"]) * middle))
        if contrast(candidate, background) >= CONTRAST:
            best, high = candidate, middle
        else:
            low = middle
    return best


def _text_on(fill: str) -> str:
    """Return white where it can be read on `fill`, otherwise black, which then can."""
    return "#ffffff" if contrast("#ffffff", fill) >= CONTRAST else "#000000"


def _painted(color: Color) -> str:
    """Return the eight-bit sRGB colour that a browser paints, as `#rrggbb`."""
    in_gamut = color.convert("srgb").fit(method="oklch-chroma", jnd=0)
    return str(in_gamut.set("alpha", 1).to_string(hex=True))
