"""The fields that the portal reads, with good values for each; a test holds the guide's to the page's own form."""

from __future__ import annotations

from typing import Final

from portal.snippets.targets import Install, Platform, Scope, Shell
from tests.fuzz.nasty import Fields

_YES: Final = ("yes", "1", "")

CHOICES: Final[Fields] = {
    "os": list(Platform),
    "shell": list(Shell),
    "scope": list(Scope),
    "install": list(Install),
    "opus": ("claude-opus-4-1", "other/model[1m]"),
    "sonnet": ("claude-sonnet-4-5",),
    "haiku": ("claude-haiku-4-5", ""),
    "fable": ("fable-5",),
    "default": ("opus", "sonnet", "haiku"),
    "timeout_ms": ("60000", ""),
    "context_tokens": ("200000", ""),
    "opt": ("", "no-flicker", "disable-telemetry"),
    "auth": ("x-api-key", "bearer"),
    "region": ("eu", "us"),
    "lang": ("en", "de", ""),
}
GUIDE: Final[Fields] = {**CHOICES, "file": ("settings.json", "settings.local.json"), "key": ("sk-good",), "q": ("",)}

CARRIED: Final[Fields] = {
    "order": ("check-key,restart-shell", "a"),
    "answered": ("check-key:resolved", "check-key:skipped,a:not_resolved"),
    "seen": ("401 invalid x-api-key",),
    "client": ("2.0.14",),
    "check": ("key-rejected",),
    "once": ("a" * 22,),
}
HELP: Final[Fields] = {**CHOICES, **CARRIED, "cause": ("key-rejected", "dns")}
DIAGNOSE: Final[Fields] = {
    **CHOICES,
    **CARRIED,
    "text": ("API Error: 401 invalid x-api-key", "ECONNREFUSED", "Unable to connect to Anthropic services"),
    "cut": ("0", "12000"),
}
ANSWER: Final[Fields] = {
    **CHOICES,
    **CARRIED,
    "outcome": ("resolved", "not_resolved", "skipped", "undone"),
}
KEY_CHECK: Final[Fields] = {**CHOICES, "key": ("sk-unknown-key-0123456789", ""), "rehearsal": _YES}
SIGN_IN: Final[Fields] = {"name": ("anna", "Anna "), "password": ("kettle",), "next": ("/admin", "/admin/audit")}
SIGN_OUT: Final[Fields] = {"everywhere": _YES}
STATISTICS: Final[Fields] = {
    "from": ("2026-01-01",),
    "to": ("2026-02-01",),
    "days": ("7", "30", ""),
    "compare": ("yes", "no"),
    "live": ("1",),
    "before": ("3", ""),
    "next": ("/admin",),
    "platform": list(Platform),
    "shell": list(Shell),
    "code": ("abc",),
    "state": ("abc",),
    "error": ("access_denied",),
}
