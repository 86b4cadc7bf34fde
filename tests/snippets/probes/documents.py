"""Settings files with a key in them, good and broken, to be shown without it."""

from __future__ import annotations

import json
from typing import Final

SECRET: Final = "0123456789abcdef-ghij.KLMN"

DOCUMENTS: Final = {
    "pretty": json.dumps({"env": {"ANTHROPIC_AUTH_TOKEN": SECRET, "ANTHROPIC_MODEL": "sonnet"}}, indent=2),
    "one-line": json.dumps({"env": {"ANTHROPIC_API_KEY": "", "ANTHROPIC_AUTH_TOKEN": SECRET}}),
    "tight": json.dumps({"env": {"ANTHROPIC_AUTH_TOKEN": SECRET, "A_KEY": "short"}}, separators=(",", ":")),
    "no-closing-quote": f'{{"env": {{"ANTHROPIC_AUTH_TOKEN": "{SECRET}\n}}}}',
    "typographic-quotes": f"{{“ANTHROPIC_AUTH_TOKEN”: “{SECRET}”}}",
    "single-quotes": f"{{'ANTHROPIC_AUTH_TOKEN': '{SECRET}'}}",
    "small-letters": f'{{"anthropic_auth_token": "{SECRET}"}}',
    "bearer-in-front": f'{{"ANTHROPIC_AUTH_TOKEN": "Bearer {SECRET}"}}',
    "headers": json.dumps({"env": {"ANTHROPIC_CUSTOM_HEADERS": f"x-key: Bearer {SECRET}\nx: {SECRET}"}}),
    "elsewhere": json.dumps({"whatever": f"sk-{SECRET}"}),
    "shell-lines": f"export ANTHROPIC_API_KEY={SECRET}",
}
