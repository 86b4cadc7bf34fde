"""Owns how a block of text is coloured: Pygments' tokens as a handful of classes, with the key's place marked.

The text content of what it makes is exactly the text it was given: what is copied is what the dialect wrote.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from markupsafe import Markup, escape
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, Punctuation, String, _TokenType

from portal.keys import PLACEHOLDER
from portal.snippets.dialects import Language

_CLASSES: Final[tuple[tuple[_TokenType, str], ...]] = (
    (Comment, "c"),
    (Name.Tag, "n"),
    (Name.Variable, "n"),
    (Name.Builtin, "b"),
    (Keyword, "b"),
    (String, "s"),
    (Number, "s"),
    (Punctuation, ""),
)


@lru_cache(maxsize=512)
def highlight(text: str, language: Language) -> Markup:
    """Return HTML for `text`: spans for tokens, and a `data-key` span wherever the key belongs."""
    lexer = get_lexer_by_name(language.value, stripnl=False, ensurenl=False)
    runs: list[tuple[str, str]] = []
    for token, value in lexer.get_tokens(text):
        name = _class_of(token)
        if runs and runs[-1][0] == name:
            runs[-1] = (name, runs[-1][1] + value)
        else:
            runs.append((name, value))
    return Markup("").join(_span(name, value) for name, value in _rejoin_key(runs))


def _class_of(token: _TokenType) -> str:
    return next((name for kind, name in _CLASSES if token is kind or kind in token.split()), "")


def _rejoin_key(runs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Merge runs until no placeholder is cut in two (a lexer may see its hyphens as operators)."""
    whole = "".join(value for _, value in runs)
    merged: list[tuple[str, str, bool]]
    start = whole.find(PLACEHOLDER)
    while start >= 0:
        end, position, merged = start + len(PLACEHOLDER), 0, []
        for name, value in runs:
            begins, position = position, position + len(value)
            cut_in = begins < end and position > start
            if cut_in and merged and merged[-1][2]:
                merged[-1] = (merged[-1][0], merged[-1][1] + value, True)
            else:
                merged.append((name, value, cut_in))
        runs = [(name, value) for name, value, _ in merged]
        start = whole.find(PLACEHOLDER, end)
    return runs


def _span(name: str, value: str) -> Markup:
    inner = (
        Markup("<span data-key>{}</span>").format(PLACEHOLDER).join(escape(part) for part in value.split(PLACEHOLDER))
    )
    return Markup('<span class="{}">{}</span>').format(name, inner) if name and value.strip() else inner
