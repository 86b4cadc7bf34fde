"""Owns the guess which offered model a visitor meant by an id that the gateway does not know. PURE."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Final

_LIKENESS: Final = 0.6
_DATE: Final = re.compile(r"[-@]20\d{6}$")
_WORD: Final = re.compile(r"[a-z]{3,}")
_NO_FAMILY: Final = {"claude", "anthropic", "latest", "preview", "thinking"}
_TOO_MANY: Final = 2000


def nearest_id(unknown: str, offered: Sequence[str]) -> str:
    """The offered id that looks most like `unknown`, or empty when none does.

    The same words written in another way (`4-6` for `4.6`, a provider before it, a date behind it) come first. At
    most the first 2,000 ids are looked at, which bounds the time that a gateway's list may take.
    """
    family = _family(unknown)
    others = (id_ for id_ in dict.fromkeys(offered[:_TOO_MANY]) if id_ != unknown)
    candidates = [id_ for id_ in others if not family or family & _family(id_)]
    same = [id_ for id_ in candidates if _plain(id_) == _plain(unknown)]
    if same:
        return same[0]
    plain = {_plain(id_): id_ for id_ in reversed(candidates)}
    near = difflib.get_close_matches(_plain(unknown), list(plain), n=1, cutoff=_LIKENESS)
    return plain[near[0]] if near else ""


def _family(id_: str) -> set[str]:
    """The words that name a model's family, such as `haiku`: another family is no correction of a spelling."""
    return set(_WORD.findall(_plain(id_))) - _NO_FAMILY


def _plain(id_: str) -> str:
    """An id without what gateways write differently."""
    return _DATE.sub("", id_.lower().rpartition("/")[2].replace("[1m]", "")).replace(".", "-").replace("_", "-")
