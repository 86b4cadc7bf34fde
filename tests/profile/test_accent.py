from __future__ import annotations

import re

import pytest
from coloraide import Color
from hypothesis import given
from hypothesis import strategies as st

from portal.profile.accent import CONTRAST, accent_tokens, contrast

LIGHT, DARK = "#fbfbfa", "#111418"
colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(colours, st.sampled_from(["#ffffff", LIGHT, "oklch(0.97 0.01 250)"]), st.sampled_from(["#000000", DARK]))
def test_accent_tokens_when_the_accent_is_any_colour_can_be_read(accent: str, light: str, dark: str) -> None:
    tokens = accent_tokens(accent, light_background=light, dark_background=dark)
    assert contrast(tokens.light_accent, light) >= CONTRAST - 0.02  # the background's own rounding to eight bits
    assert contrast(tokens.dark_accent, dark) >= CONTRAST
    assert contrast(tokens.light_on_accent, tokens.light_accent) >= CONTRAST
    assert contrast(tokens.dark_on_accent, tokens.dark_accent) >= CONTRAST
    for colour in (tokens.light_accent, tokens.light_on_accent, tokens.dark_accent, tokens.dark_on_accent):
        assert re.fullmatch("#[0-9a-f]{6}", colour)


@given(colours, colours)
def test_accent_tokens_when_the_background_is_any_colour_can_be_read(accent: str, background: str) -> None:
    tokens = accent_tokens(accent, light_background=background, dark_background=background)
    assert contrast(tokens.light_accent, background) >= CONTRAST


@given(colours)
def test_accent_tokens_when_corrected_keeps_the_hue(accent: str) -> None:
    tokens = accent_tokens(accent, light_background=LIGHT, dark_background=DARK)
    brand = Color(accent).convert("oklch")
    for colour in (tokens.light_accent, tokens.dark_accent):
        shown = Color(colour).convert("oklch")
        if min(brand["chroma"], shown["chroma"]) > 0.04:  # in a near-grey, eight bits do not hold a hue
            turn = abs(brand["hue"] - shown["hue"]) % 360
            assert min(turn, 360 - turn) < 6


@given(colours)
def test_accent_tokens_when_the_accent_can_be_read_leave_it_alone(accent: str) -> None:
    tokens = accent_tokens(accent, light_background=LIGHT, dark_background=DARK)
    if contrast(accent, LIGHT) >= CONTRAST:
        assert tokens.light_accent == accent
    if contrast(accent, DARK) >= CONTRAST:
        assert tokens.dark_accent == accent


@pytest.mark.parametrize("accent", ["#ffff00", "#000000", "#ffffff", "#808080", "#0000ff"])
def test_accent_tokens_when_corrected_go_no_further_than_needed(accent: str) -> None:
    tokens = accent_tokens(accent, light_background=LIGHT, dark_background=DARK)
    for colour, background in ((tokens.light_accent, LIGHT), (tokens.dark_accent, DARK)):
        if colour != accent:
            assert contrast(colour, background) < CONTRAST + 0.15


def test_accent_tokens_when_the_accent_is_no_colour() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        accent_tokens("nonsense", light_background=LIGHT, dark_background=DARK)
