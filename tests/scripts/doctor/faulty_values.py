"""Homes in which one value is wrong: the key, the address, a model."""

from __future__ import annotations

import json
from typing import Final

from tests.scripts.doctor.faulty import USER, Faulty, user_settings
from tests.scripts.doctor.homes import GOOD, KEY, OLD_KEY, URL, Prepared, settings

FAULTY_VALUES: Final[dict[str, Faulty]] = {
    "base URL with /v1": Faulty(
        "url-v1", "~/.claude/settings.json line 3", user_settings(ANTHROPIC_BASE_URL=URL + "/v1/")
    ),
    "base URL of one function": Faulty(
        "url-endpoint", "~/.claude/settings.json line 3", user_settings(ANTHROPIC_BASE_URL=URL + "/v1/messages")
    ),
    "base URL without scheme": Faulty(
        "url-scheme", "~/.claude/settings.json line 3", user_settings(ANTHROPIC_BASE_URL="api.example.com")
    ),
    "base URL in quotes": Faulty(
        "url-quotes", "~/.claude/settings.json line 3", user_settings(ANTHROPIC_BASE_URL=f"“{URL}”")
    ),
    "base URL with a blank": Faulty(
        "url-blanks", "~/.claude/settings.json line 3", user_settings(ANTHROPIC_BASE_URL=URL + " ")
    ),
    "base URL elsewhere": Faulty(
        "url-other", "~/.claude/settings.json line 3", user_settings(ANTHROPIC_BASE_URL="https://api.anthropic.com")
    ),
    "base URL with another path": Faulty(
        "url-path", "~/.claude/settings.json line 3", user_settings(ANTHROPIC_BASE_URL=URL + "/anthropic")
    ),
    "base URL without s": Faulty(
        "url-http", "~/.claude/settings.json line 3", user_settings(ANTHROPIC_BASE_URL="http://api.example.com")
    ),
    "no base URL": Faulty("url-missing", "~/.claude/settings.json", user_settings(ANTHROPIC_BASE_URL=None)),
    "no key": Faulty("key-missing", "~/.claude/settings.json", user_settings(ANTHROPIC_AUTH_TOKEN=None)),
    "not exported": Faulty(
        "not-exported",
        "~/.bashrc line 2",
        Prepared(
            {USER: settings(ANTHROPIC_AUTH_TOKEN=None), ".bashrc": f"alias ll='ls -l'\nANTHROPIC_AUTH_TOKEN={KEY}\n"}
        ),
    ),
    "key in quotes": Faulty(
        "key-quotes", "~/.claude/settings.json line 4", user_settings(ANTHROPIC_AUTH_TOKEN=f"'{KEY}'")
    ),
    "key with Bearer": Faulty(
        "key-bearer", "~/.claude/settings.json line 4", user_settings(ANTHROPIC_AUTH_TOKEN=f"Bearer {KEY}")
    ),
    "key with a blank": Faulty(
        "key-blanks", "~/.claude/settings.json line 4", user_settings(ANTHROPIC_AUTH_TOKEN=f" {KEY}")
    ),
    "key with smart quotes": Faulty(
        "key-characters", "~/.claude/settings.json line 4", user_settings(ANTHROPIC_AUTH_TOKEN=f"“{KEY}”")
    ),
    "key with an invisible character": Faulty(
        "key-characters",
        "~/.claude/settings.json line 1",
        Prepared({USER: json.dumps({"env": {**GOOD, "ANTHROPIC_AUTH_TOKEN": "\u200b" + KEY}})}),
    ),
    "key as a variable": Faulty(
        "key-variable", "~/.claude/settings.json line 4", user_settings(ANTHROPIC_AUTH_TOKEN="$MY_KEY")
    ),
    "key in the other variable": Faulty(
        "wrong-variable",
        "~/.claude/settings.json line 8",
        user_settings(ANTHROPIC_AUTH_TOKEN=None, ANTHROPIC_API_KEY=KEY),
    ),
    "key in the shared file": Faulty(
        "key-shared", "./.claude/settings.json line 4", Prepared({"./.claude/settings.json": settings()})
    ),
    "key declined": Faulty(
        "key-declined",
        "~/.claude.json",
        Prepared(
            {
                USER: settings(ANTHROPIC_AUTH_TOKEN="", ANTHROPIC_API_KEY=KEY),
                ".claude.json": json.dumps({"customApiKeyResponses": {"approved": [], "rejected": [KEY[-20:]]}}),
            },
            profile={"credential": "x-api-key"},
        ),
    ),
    "helper beside the key": Faulty(
        "helper-and-key",
        "~/.claude/settings.json line 1",
        Prepared({USER: json.dumps({"apiKeyHelper": "echo nothing", "env": dict(GOOD)})}),
    ),
    "login token in place of the key": Faulty(
        "oauth-token",
        "this terminal",
        Prepared({USER: settings(ANTHROPIC_AUTH_TOKEN=None)}, {"CLAUDE_CODE_OAUTH_TOKEN": OLD_KEY}),
    ),
    "unknown model": Faulty(
        "model-unknown", "~/.claude/settings.json line 5", user_settings(ANTHROPIC_MODEL="claude-opus-4-1-20250805")
    ),
    "old model key": Faulty(
        "model-unknown",
        "~/.claude/settings.json line 2",
        Prepared(
            {USER: '{"model":\n"gpt-4",\n' + settings(ANTHROPIC_MODEL=None, ANTHROPIC_DEFAULT_OPUS_MODEL=None)[1:]}
        ),
    ),
    "no model": Faulty(
        "model-unset",
        "~/.claude/settings.json",
        user_settings(ANTHROPIC_MODEL=None, ANTHROPIC_DEFAULT_OPUS_MODEL=None),
    ),
    "timeout": Faulty("timeout-invalid", "~/.claude/settings.json line 9", user_settings(API_TIMEOUT_MS="10min")),
    "headers missing": Faulty(
        "headers-missing",
        "~/.claude/settings.json",
        Prepared({USER: settings()}, profile={"headers__x-team": "{key}"}),
    ),
}
