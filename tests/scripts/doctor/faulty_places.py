"""Homes in which a right value stands in the wrong place, or a wrong place wins."""

from __future__ import annotations

import json
from typing import Final

from tests.scripts.doctor.faulty import USER, Faulty, user_settings
from tests.scripts.doctor.homes import CLAUDE, GOOD, KEY, OLD_KEY, URL, Prepared, exports, settings

_LOGIN: Final = '{"claudeAiOauth": {"accessToken": "sk-ant-oat01-LoginLoginLogin0123456789"}}'
_COMMENTS: Final = "# mine\n" * 11
_KEYS_ONLY: Final = {name: value for name, value in GOOD.items() if name != "ANTHROPIC_AUTH_TOKEN"}

FAULTY_PLACES: Final[dict[str, Faulty]] = {
    "left-over key in .zshrc": Faulty(
        "left-over-key",
        "~/.zshrc line 12",
        Prepared(
            {USER: settings(), ".zshrc": _COMMENTS + f'export ANTHROPIC_API_KEY="{OLD_KEY}" # old\n'},
            {"ANTHROPIC_API_KEY": OLD_KEY},
            login_shell="/bin/zsh",
        ),
    ),
    "left-over key in fish's universal variables": Faulty(
        "left-over-key",
        "~/.config/fish/fish_variables line 3",
        Prepared(
            {
                USER: settings(),
                ".config/fish/fish_variables": "# fish\n# VERSION: 3.0\nSETUVAR --export ANTHROPIC_API_KEY:"
                + OLD_KEY.replace("-", "\\x2d")
                + "\n",
            },
            login_shell="/usr/bin/fish",
            env={"ANTHROPIC_API_KEY": OLD_KEY},
        ),
    ),
    "left-over key in /etc/environment": Faulty(
        "left-over-key",
        "/etc/environment line 2",
        Prepared({USER: settings(), "/etc/environment": f"LANG=C\nANTHROPIC_API_KEY={OLD_KEY}\n"}),
    ),
    "left-over key in the project's settings": Faulty(
        "left-over-key",
        "./.claude/settings.local.json line 1",
        Prepared(
            {USER: settings(), "./.claude/settings.local.json": json.dumps({"env": {"ANTHROPIC_API_KEY": OLD_KEY}})}
        ),
    ),
    "trailing comma": Faulty(
        "settings-invalid",
        "~/.claude/settings.json line 5, column 3",
        Prepared(
            {
                USER: '{\n  "env": {\n    "ANTHROPIC_MODEL": "sonnet",\n    "ANTHROPIC_AUTH_TOKEN": "'
                + KEY
                + '",\n  }\n}\n'
            }
        ),
    ),
    "settings.json wins over the shell": Faulty(
        "shadowed",
        "~/.claude/settings.json line 3",
        Prepared(
            {USER: settings(ANTHROPIC_BASE_URL="https://old.example.org"), ".bashrc": exports(ANTHROPIC_BASE_URL=URL)},
            {"ANTHROPIC_BASE_URL": URL},
        ),
    ),
    "old env in ~/.claude.json wins over the shell": Faulty(
        "shadowed",
        "~/.claude.json line 4",
        Prepared(
            {
                ".claude.json": '{\n  "numStartups": 3,\n  "env": {\n    "ANTHROPIC_AUTH_TOKEN": "'
                + OLD_KEY
                + '"\n  }\n}\n'
            },
            GOOD,
        ),
    ),
    "managed settings empty the key": Faulty(
        "key-empty",
        "/etc/claude-code/managed-settings.d/20-key.json line 1",
        Prepared(
            {
                USER: settings(),
                "/etc/claude-code/managed-settings.json": settings(),
                "/etc/claude-code/managed-settings.d/20-key.json": '{"env": {"ANTHROPIC_AUTH_TOKEN": ""}}',
            }
        ),
    ),
    "not exported in fish": Faulty(
        "not-exported",
        "~/.config/fish/config.fish line 1",
        Prepared(
            {
                USER: settings(ANTHROPIC_AUTH_TOKEN=None),
                ".config/fish/config.fish": f'set -g ANTHROPIC_AUTH_TOKEN "{KEY}"\n',
            },
            login_shell="/usr/bin/fish",
        ),
    ),
    "start-up file of another shell": Faulty(
        "other-shell", "~/.bashrc line 1", Prepared({".bashrc": exports(**GOOD)}, login_shell="/bin/zsh")
    ),
    "terminal not opened again": Faulty(
        "not-loaded", "~/.zshrc line 1", Prepared({".zshrc": exports(**GOOD)}, login_shell="/bin/zsh")
    ),
    "terminal with another key": Faulty(
        "shadowed",
        "this terminal",
        Prepared({".bashrc": exports(**GOOD)}, env={**GOOD, "ANTHROPIC_AUTH_TOKEN": OLD_KEY}),
    ),
    "settings in a file that is not read": Faulty(
        "wrong-file", "~/.claude/config.json line 3", Prepared({".claude/config.json": settings()})
    ),
    "settings in .env": Faulty(
        "wrong-file",
        "./.env line 2",
        Prepared({"./.env": f"# gateway\nANTHROPIC_BASE_URL={URL}\nANTHROPIC_AUTH_TOKEN={KEY}\n"}),
    ),
    "CLAUDE_CONFIG_DIR": Faulty(
        "config-dir",
        "~/.profile line 2",
        Prepared(
            {USER: settings(), "other/x": "", ".profile": 'umask 022\nexport CLAUDE_CONFIG_DIR="$HOME/other"\n'},
            {"CLAUDE_CONFIG_DIR": "$HOME/other"},
        ),
    ),
    "cloud provider": Faulty(
        "cloud-provider",
        "~/.zshenv line 1",
        Prepared(
            {USER: settings(), ".zshenv": "export CLAUDE_CODE_USE_BEDROCK=1\n"},
            {"CLAUDE_CODE_USE_BEDROCK": "1"},
            login_shell="/bin/zsh",
        ),
    ),
    "saved login and no key": Faulty(
        "login-sent",
        "~/.claude/.credentials.json",
        Prepared({USER: settings(ANTHROPIC_AUTH_TOKEN=None), ".claude/.credentials.json": _LOGIN}),
    ),
    "proxy without scheme": Faulty(
        "proxy-scheme",
        "~/.bashrc line 1",
        Prepared({USER: settings(), ".bashrc": "export HTTPS_PROXY=proxy:3128\n"}, {"HTTPS_PROXY": "proxy:3128"}),
    ),
    "SOCKS proxy": Faulty(
        "proxy-socks", "~/.claude/settings.json line 9", user_settings(all_proxy="socks5://proxy:1080")
    ),
    "local gateway behind a proxy": Faulty(
        "proxy-local",
        "this terminal",
        Prepared(
            {USER: settings(ANTHROPIC_BASE_URL="http://127.0.0.1:4000")},
            {"HTTP_PROXY": "http://proxy:3128", "no_proxy": "example.org"},
            profile={"base_url": "http://127.0.0.1:4000"},
        ),
    ),
    "certificates with ~": Faulty(
        "ca-missing", "~/.claude/settings.json line 9", user_settings(NODE_EXTRA_CA_CERTS="~/company.pem")
    ),
    "certificate check off": Faulty("tls-off", "this terminal", user_settings({"NODE_TLS_REJECT_UNAUTHORIZED": "0"})),
    "placeholder": Faulty(
        "key-placeholder", "~/.claude/settings.json line 4", user_settings(ANTHROPIC_AUTH_TOKEN="YOUR-API-KEY")
    ),
    "small letters": Faulty(
        "odd-name", "~/.claude/settings.json line 8", user_settings(ANTHROPIC_AUTH_TOKEN=None, anthropic_auth_token=KEY)
    ),
    "name with a blank": Faulty(
        "odd-name",
        "~/.claude/settings.json line 1",
        Prepared({USER: json.dumps({"env": {**_KEYS_ONLY, "ANTHROPIC_AUTH_TOKEN ": KEY}})}),
    ),
    "outside env": Faulty(
        "outside-env", "~/.claude/settings.json line 2", Prepared({USER: json.dumps(dict(GOOD), indent=1)})
    ),
    "two env blocks": Faulty(
        "env-twice",
        "~/.claude/settings.json line 3",
        Prepared({USER: '{"env": {"ANTHROPIC_BASE_URL": "https://lost.example"},\n' + settings()[1:]}),
    ),
    "forced login": Faulty(
        "first-party-only",
        "/etc/claude-code/managed-settings.json line 1",
        Prepared({USER: settings(), "/etc/claude-code/managed-settings.json": '{"forceLoginMethod": "claudeai"}'}),
    ),
    "no claude": Faulty("claude-missing", "PATH", Prepared({USER: settings()}, claude=())),
    "two claudes": Faulty(
        "claude-several",
        "~/.local/bin/claude",
        Prepared({USER: settings()}, claude=(CLAUDE, CLAUDE.replace("2.1.330", "1.0.3"))),
    ),
    "claude says nothing": Faulty(
        "claude-silent", "~/.local/bin/claude", Prepared({USER: settings()}, claude=("#!/bin/sh\nexit 1\n",))
    ),
}
