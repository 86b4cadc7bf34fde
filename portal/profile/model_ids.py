"""PURE: owns how gateways write Claude's version numbers in model ids, and what an id may consist of.

The rule speaks about Claude ids only: `gemini-2-5-pro` or `doubao-1-5-pro` are the vendors' own spellings, and a
correction there would break a working id. It must not know which models a gateway has.
"""

from __future__ import annotations

import re
from typing import Final

from portal.keys import PLACEHOLDER
from portal.profile.model import ModelIdRule

MAX_LENGTH: Final = 128
"""Longest model id accepted, in characters, with the suffix."""

_ID: Final = re.compile(r"[A-Za-z0-9._:/@+-]+(?:\[1m\])?")
_CLAUDE: Final = re.compile(r"claude", re.IGNORECASE)
# A version is two numbers of one or two digits. Longer digit runs are dates (-20250929, @20250929, -2025-09-29), a
# letter after the second number makes it something else (-4-32k), and a third number leaves the pair alone.
_HYPHENATED: Final = re.compile(r"(?<![0-9.])(?<![0-9]{4}-)([0-9]{1,2})-([0-9]{1,2})(?!\w|\.[0-9])", re.ASCII)
_DOTTED: Final = re.compile(r"(?<![0-9.])([0-9]{1,2})\.([0-9]{1,2})(?!\w|\.[0-9])", re.ASCII)


def is_model_id(text: str) -> bool:
    """Tell whether `text` can be a model id: ASCII letters, digits and `. _ : / @ + -`, then `[1m]` at most once.

    The placeholder of the key is none: the browser would put the key in its place. `[1m]` is Claude Code's own suffix
    for a one-million-token window; the client removes it before it sends the id (code.claude.com/docs/en/model-config).
    """
    return len(text) <= MAX_LENGTH and PLACEHOLDER not in text and _ID.fullmatch(text) is not None


def correct_model_id(model_id: str, rule: ModelIdRule) -> str | None:
    """Return the id as the rule wants it when `model_id` breaks the rule, else None.

    Prefixes (`anthropic/`, `us.anthropic.`), dates and the suffixes `[1m]` and `-v1:0` stay as they are. Applying the
    function to a corrected id gives None.
    """
    claude = _CLAUDE.search(model_id)
    if claude is None or rule is ModelIdRule.FREE:
        return None
    prefix, name = model_id[: claude.start()], model_id[claude.start() :]
    pattern, replacement = (_HYPHENATED, r"\1.\2") if rule is ModelIdRule.DOTTED else (_DOTTED, r"\1-\2")
    corrected = pattern.sub(replacement, name)
    return None if corrected == name else prefix + corrected
