"""Owns reading the block that our doctor script prints (its format: `portal.scripts.doctor`). PURE."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from portal.diagnosis.answer import Clue
from portal.diagnosis.cleaning import readable
from portal.words import _

_BEGIN: Final = "-----BEGIN CLAUDE CODE REPORT"
_FINDING: Final = re.compile(r"^\s*finding: ([a-z0-9-]+)(?: \| ([^|\n]{0,200}))?(?: \| ([^\n]{0,400}))?$", re.MULTILINE)
_CAUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("settings-invalid", "settings-unreadable"), "settings-file-broken"),
        **dict.fromkeys(("not-exported", "not-loaded", "other-shell", "outside-env", "odd-name"), "not-in-effect"),
        **dict.fromkeys(("url-empty", "key-missing", "url-missing", "env-twice", "key-empty"), "not-in-effect"),
        **dict.fromkeys(("config-dir", "wrong-file"), "wrong-file"),
        **dict.fromkeys(("login-sent", "oauth-token"), "login-conflict"),
        **dict.fromkeys(("key-quotes", "key-bearer", "key-characters", "key-blanks", "key-variable"), "key-malformed"),
        **dict.fromkeys(("url-quotes", "url-blanks", "url-scheme", "url-query"), "base-url-invalid"),
        **dict.fromkeys(("url-endpoint", "url-v1", "url-path"), "base-url-path"),
        **dict.fromkeys(("shadowed", "url-other"), "settings-file-wins"),
        **dict.fromkeys(("proxy-scheme", "proxy-socks"), "proxy-scheme"),
        **dict.fromkeys(("proxy-local", "network-proxy"), "proxy-refused"),
        **dict.fromkeys(("ca-missing", "tls-off", "network-tls"), "tls-untrusted"),
        **dict.fromkeys(("claude-missing", "claude-silent"), "command-not-found"),
        **dict.fromkeys(("model-unknown", "model-unset"), "model-unknown"),
        **dict.fromkeys(("network-timeout", "timeout-invalid"), "timeout"),
        "cloud-provider": "cloud-provider-flag",
        "first-party-only": "first-party-login-required",
        "wrong-variable": "key-in-wrong-variable",
        "left-over-key": "leftover-api-key",
        "key-placeholder": "key-placeholder",
        "helper-and-key": "helper-failing",
        "url-http": "base-url-redirect",
        "key-declined": "api-key-declined",
        "headers-missing": "not-in-effect",
        "network-dns": "host-unknown",
        "network-refused": "connection-refused",
        "network-failed": "connection-dropped",
        "claude-windows": "wsl-two-homes",
        "claude-several": "old-client",
        "key-shared": "key-committed",
    }
)
CAUSES = _CAUSES
"""From a finding of the doctor to the cause in the catalogue."""


def read_report(text: str, lines: tuple[str, ...]) -> tuple[Clue, ...] | None:
    """The doctor's findings as clues, the first the strongest; None when its block is not in the text."""
    start = text.rfind(_BEGIN)
    if start < 0:
        return None
    clues = []
    for rank, found in enumerate(_FINDING.finditer(text, start)):
        cause = _CAUSES.get(found[1])
        if cause and rank < 12:
            line = text.count("\n", 0, found.start(1)) + 1
            points = max(3.0, 11.0 - 2 * rank)
            weights = (
                ((cause, points), ("leftover-api-key", 3.0)) if found[1] == "wrong-variable" else ((cause, points),)
            )
            clues.append(Clue(weights, _("The doctor found this."), line, readable(lines[line - 1])))
    return tuple(clues)
