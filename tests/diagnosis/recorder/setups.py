"""Set-ups with one mistake each: the address, the key, the file, the connection. `{url}` is a working gateway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.diagnosis.recorder.answers import anthropic, page
from tests.diagnosis.recorder.servers import Reply

KEY: Final = "sk-gw-A7cQ9tLm2Xw4Zb8Rk1Vn"
OLD_KEY: Final = "sk-ant-api03-leftover-key-0123456789"
GOOD: Final = Reply(
    200,
    '{"id":"msg_01","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hello."}],'
    '"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":2}}',
)
NOT_FOUND: Final = Reply(404, '{"detail":"Not Found"}')
URL, TOKEN, API_KEY, MODEL = "ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "ANTHROPIC_MODEL"
FILE: Final = f'{{\n  "env": {{\n    "{URL}": "{{url}}",\n    "{TOKEN}": "{KEY}",\n    "{API_KEY}": ""\n  }}\n}}\n'


@dataclass(frozen=True, slots=True)
class Setup:
    """One mistake. `env` replaces the usual variables where it names them; None removes one."""

    cause: str
    env: Mapping[str, str | None] = field(default_factory=dict)
    reply: Reply = GOOD
    settings: str | None = None
    state: Mapping[str, object] = field(default_factory=dict)
    login: bool = False
    certificate: str = ""
    proxy: Reply | None = None
    commands: tuple[str, ...] = ("print",)


_NONE: Final = {URL: None, TOKEN: None}
_SELF: Final = ("print", "status", "status-text", "doctor", "session", "slash-status")


def _broken(content: str) -> Setup:
    return Setup(
        "settings-file-broken", _NONE, settings=content, commands=("print", "status-text", "doctor", "session")
    )


SETUPS: Final[tuple[Setup, ...]] = (
    *(
        Setup(
            "base-url-path", {URL: "{url}" + path, MODEL: model}, reply, commands=("print", "json", "session", "echo")
        )
        for path, reply, model in (
            ("/v1", NOT_FOUND, "claude-sonnet-4.6"),
            ("/v1/", page(404, "404 Not Found"), "claude-opus-4.8"),
            ("/v1/messages", anthropic(404, "not_found_error", "Not Found"), "sonnet"),
            ("/v1/chat/completions", Reply(404, ""), "claude-haiku-4.5"),
        )
    ),
    Setup("base-url-path", {URL: "{url}/v1/messages"}, page(405, "405 Not Allowed")),
    *(
        Setup("base-url-invalid", {URL: value}, commands=("print", "status-text", "session"))
        for value in (
            "llm.acme.example",
            '"https://llm.acme.example"',
            "“https://llm.acme.example”",
            "htps//acme.example",
        )
    ),
    Setup("base-url-redirect", {URL: "{url}"}, Reply(301, "", "text/html", {"location": "http://127.0.0.1:{port}/x"})),
    Setup("base-url-scheme", {URL: "{tlsurl}"}),
    Setup("connection-refused", {URL: "http://127.0.0.1:{closed}"}, commands=("print", "stream", "session")),
    Setup("connection-dropped", {}, Reply(mode="reset"), commands=("print", "stream", "session")),
    Setup("host-unknown", {URL: "https://llm.acme.invalid"}, commands=("print", "json", "session")),
    Setup("timeout", {"API_TIMEOUT_MS": "1500"}, Reply(mode="slow"), commands=("print", "session")),
    *(
        Setup(cause, {URL: "{tlsurl}"}, certificate=kind, commands=("print", "stream", "session"))
        for cause, kind in (
            ("tls-untrusted", "self"),
            ("tls-untrusted", "ca"),
            ("tls-hostname", "host"),
            ("tls-expired", "expired"),
        )
    ),
    Setup("tls-untrusted", {URL: "{tlsurl}", "NODE_EXTRA_CA_CERTS": "~/corp-ca.pem"}, certificate="self"),
    *(
        Setup(
            "proxy-refused",
            {URL: "https://llm.acme.example", "HTTPS_PROXY": "{proxy}"},
            proxy=reply,
            commands=("print", "session"),
        )
        for reply in (
            page(403, "Access denied by policy"),
            Reply(407, "", headers={"proxy-authenticate": "Basic"}),
            Reply(502, ""),
        )
    ),
    Setup("proxy-scheme", {URL: "https://llm.acme.example", "HTTPS_PROXY": "socks5://127.0.0.1:1080"}),
    *(
        Setup("key-malformed", {TOKEN: value}, commands=("print", "json"))
        for value in (f"“{KEY}”", "sk-你的密钥", "sk-gw\u200bA7cQ9t", "sk-gw-A7cQ\n9tLm2Xw4", "sk-клюс")
    ),
    Setup("key-malformed", {TOKEN: None, API_KEY: "sk-ant-“abc”"}, commands=("print",)),
    Setup("leftover-api-key", {API_KEY: OLD_KEY}, commands=("status", "status-text", "session", "slash-status")),
    Setup("leftover-api-key", {API_KEY: OLD_KEY}, anthropic(401, "authentication_error", "invalid x-api-key")),
    Setup("leftover-api-key", {API_KEY: OLD_KEY}, state={"approved": OLD_KEY}, commands=("session", "slash-status")),
    Setup("login-conflict", {TOKEN: None}, login=True, commands=("status", "status-text", "slash-status")),
    Setup(
        "login-conflict",
        {TOKEN: None, API_KEY: OLD_KEY},
        login=True,
        state={"approved": OLD_KEY},
        commands=("session",),
    ),
    Setup("not-in-effect", _NONE, commands=_SELF),
    Setup("not-in-effect", {URL: None}, commands=("status-text", "slash-status")),
    Setup(
        "not-in-effect", _NONE, settings=FILE.replace('"env": {', '"environment": {'), commands=("print", "status-text")
    ),
    *map(
        _broken,
        (
            FILE.replace('"",\n', '"",\n').replace('""\n', '"",\n'),
            FILE.replace('"env"', '// gateway\n  "env"'),
            FILE.replace('"', "'"),
            FILE.replace('"env"', "“env”"),
            FILE.rstrip()[:-1],
            "[]",
        ),
    ),
    Setup("cloud-provider-flag", {"CLAUDE_CODE_USE_BEDROCK": "1"}, commands=("print", "json", "status", "status-text")),
    Setup("cloud-provider-flag", {"CLAUDE_CODE_USE_VERTEX": "1"}, commands=("print", "status-text", "session")),
    Setup("cloud-provider-flag", {"CLAUDE_CODE_USE_FOUNDRY": "1"}, commands=("print", "status")),
    *(
        Setup(
            "helper-failing",
            {TOKEN: None},
            anthropic(401, "authentication_error", "missing credential"),
            settings=f'{{"apiKeyHelper": "{command}"}}',
            commands=("print", "session"),
        )
        for command in ("exit 3", "true", "echo Welcome to vault; echo key", "/opt/missing-helper")
    ),
    Setup(
        "key-rejected",
        {},
        anthropic(401, "authentication_error", "invalid x-api-key"),
        commands=("print", "stream", "session"),
    ),
    Setup("key-rejected", {TOKEN: None, API_KEY: KEY}, anthropic(401, "authentication_error", "invalid x-api-key")),
    Setup(
        "model-unknown",
        {MODEL: "gpt-nonesuch"},
        anthropic(404, "not_found_error", "model: gpt-nonesuch"),
        commands=("print", "session", "json"),
    ),
    Setup(
        "model-unknown",
        {MODEL: "claude-opus-4-8"},
        anthropic(404, "not_found_error", "model: claude-opus-4-8"),
        commands=("print", "session"),
    ),
    Setup("context-window-unknown", {MODEL: "qwen3-coder"}, commands=("print",)),
    Setup("legacy-model-remap", {MODEL: "claude-opus-4-1-20250805"}, commands=("print", "session")),
    Setup("anthropic-unreachable-first-run", {TOKEN: None, API_KEY: OLD_KEY}, commands=("first",)),
    Setup("folder-not-trusted", {}, commands=("untrusted",)),
)
