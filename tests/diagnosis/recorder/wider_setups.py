"""Further set-ups with one mistake each: rows of the measured tables that the first ones leave out."""

from __future__ import annotations

from typing import Final

from tests.diagnosis.recorder.answers import anthropic, openai, page
from tests.diagnosis.recorder.servers import Reply
from tests.diagnosis.recorder.setups import API_KEY, FILE, KEY, MODEL, OLD_KEY, TOKEN, URL, Setup

_NONE: Final = {URL: None, TOKEN: None}
_REFUSED: Final = anthropic(401, "authentication_error", "invalid x-api-key")
_BOTH: Final = ("print", "session")
_REPORTS: Final = ("status", "status-text", "slash-status")
_OTHER_KEY: Final = "sk-live-2Hq7Lw9Zx4Nb"

WIDER_SETUPS: Final[tuple[Setup, ...]] = (
    *(
        Setup("base-url-path", {URL: "{url}" + path, MODEL: model}, reply, commands=commands)
        for path, model, reply, commands in (
            ("/v1", "glm-5.3", openai(404, "Invalid URL (POST /v1/v1/messages)"), ("stream", "echo")),
            ("/v1", "claude-opus-4.6", Reply(404, '{"message":"no Route matched with those values"}'), ("print",)),
            ("/v1/", "claude-opus-4-6", Reply(404, "404 page not found", "text/plain"), ("json", "echo")),
            ("/api/v1", "qwen3-max", page(404, "Error", "Cannot POST /api/v1/v1/messages"), ("session",)),
            ("/v1/messages", "claude-opus-5", Reply(405, '{"detail":"Method Not Allowed"}'), ("print", "json")),
            ("/v1", "claude-haiku-4.5", page(200, "Acme", "app"), ("print",)),
            ("/v1/chat/completions", "deepseek-v4", Reply(405, "", "text/plain"), ("print",)),
        )
    ),
    *(
        Setup(
            "base-url-invalid",
            {URL: value},
            Reply(404, "") if "{url}" in value else Reply(200, "not the path"),
            commands=("print",),
        )
        for value in ("localhost:4000", "'https://gw.acme.example'", "https//gw.acme.example", "http://", "gw acme")
    ),
    *(
        Setup(
            "base-url-invalid",
            {URL: "{url}" + tail},
            Reply(200, "Welcome, friend", "text/plain"),
            commands=("print", "json"),
        )
        for tail in ("?team=a", "/#/keys")
    ),
    Setup("not-in-effect", _NONE, settings=FILE.replace(f'"{KEY}"', '""'), commands=("print", "status-text")),
    Setup(
        "not-in-effect", _NONE, settings=f'{{"{URL}": "{{url}}", "{TOKEN}": "{KEY}"}}', commands=("print", "session")
    ),
    Setup("not-in-effect", _NONE, settings=FILE.replace(TOKEN, TOKEN.lower()), commands=("print", "slash-status")),
    Setup("not-in-effect", {URL: None}, commands=("print",)),
    Setup("base-url-scheme", {URL: "{tlsurl}/v1"}, commands=("print", "session", "stream")),
    Setup("connection-refused", {URL: "http://127.0.0.1:{closed}/anthropic"}, commands=("json", "retrying")),
    Setup(
        "connection-dropped", {}, Reply(mode="cut", body="event: x\n", media="text/event-stream"), commands=("print",)
    ),
    Setup("connection-dropped", {}, Reply(mode="reset"), commands=("json", "retrying")),
    Setup("host-unknown", {URL: "http://gatway.acme.invalid:8080"}, commands=("print", "stream", "retrying")),
    Setup("timeout", {"API_TIMEOUT_MS": "900"}, Reply(mode="slow"), commands=("json", "stream", "retrying")),
    *(
        Setup(
            "base-url-redirect", {URL: "{url}"}, Reply(status, "", "text/html", {"location": target}), commands=commands
        )
        for status, target, commands in (
            (301, "https://127.0.0.1:{port}/v1/messages", ("print", "session")),
            (302, "http://127.0.0.1:9/login", ("print", "json")),
        )
    ),
    *(
        Setup(cause, {URL: "{tlsurl}"}, certificate=kind, commands=("json", "retrying"))
        for cause, kind in (
            ("tls-untrusted", "self"),
            ("tls-untrusted", "ca"),
            ("tls-hostname", "host"),
            ("tls-expired", "expired"),
        )
    ),
    Setup(
        "tls-untrusted", {URL: "{tlsurl}", "NODE_EXTRA_CA_CERTS": "/etc/ssl/acme.pem"}, certificate="ca", commands=_BOTH
    ),
    *(
        Setup(
            "proxy-refused", {URL: "https://gw.acme.example", "HTTPS_PROXY": "{proxy}"}, proxy=reply, commands=commands
        )
        for reply, commands in (
            (Reply(407, "<h1>Proxy Authentication Required</h1>", "text/html"), ("print", "json")),
            (page(403, "ERR_ACCESS_DENIED", "Squid"), ("session", "stream")),
            (Reply(502, ""), ("json", "retrying")),
        )
    ),
    Setup(
        "proxy-refused",
        {URL: "https://gw.acme.example", "HTTPS_PROXY": "http://127.0.0.1:{closed}"},
        commands=("print",),
    ),
    Setup(
        "proxy-scheme",
        {URL: "https://gw.acme.example", "HTTPS_PROXY": "socks5h://10.0.0.1:1080"},
        commands=("json", "session"),
    ),
    *(
        Setup("key-malformed", {TOKEN: value}, commands=commands)
        for value, commands in (
            ("‘sk-gw-12345’", ("print", "session")),
            ("sk-gw-\ufeffA7cQ9", ("print",)),
            ("密钥sk-gw", ("stream",)),
            ("sk-gw-A7cQ9tLm2X…", ("print",)),
        )
    ),
    Setup(
        "key-malformed",
        {TOKEN: None, API_KEY: "sk-“live”"},
        state={"approved": "sk-“live”"},
        commands=("json", "session"),
    ),
    Setup(
        "key-placeholder",
        {TOKEN: "<your-key>"},
        anthropic(401, "authentication_error", "Invalid bearer token"),
        commands=("env",),
    ),
    Setup(
        "key-placeholder",
        {TOKEN: "YOUR_API_KEY"},
        openai(401, "Incorrect API key provided: YOUR_API_KEY."),
        commands=("print",),
    ),
    Setup("key-placeholder", {TOKEN: "sk-xxxxxxxxxxxx"}, openai(401, "Invalid API key"), commands=("env",)),
    Setup("key-rejected", {}, _REFUSED, commands=("json", "retrying")),
    Setup("key-rejected", {TOKEN: None, API_KEY: _OTHER_KEY}, _REFUSED, commands=("stream",)),
    Setup("leftover-api-key", {API_KEY: _OTHER_KEY}, commands=("slash-status", "status", "session")),
    Setup("leftover-api-key", {API_KEY: _OTHER_KEY}, _REFUSED, commands=("print", "env", "stream")),
    Setup(
        "leftover-api-key",
        {API_KEY: _OTHER_KEY},
        state={"approved": _OTHER_KEY},
        commands=("slash-status", "status-text", "session"),
    ),
    Setup(
        "login-conflict",
        {TOKEN: None},
        anthropic(401, "authentication_error", "Invalid bearer token"),
        login=True,
        commands=("slash-status", "status"),
    ),
    Setup(
        "login-conflict",
        {TOKEN: None, API_KEY: OLD_KEY},
        login=True,
        state={"approved": OLD_KEY},
        commands=("session", "slash-status"),
    ),
    Setup("leftover-api-key", {}, settings=f'{{"apiKeyHelper": "echo {_OTHER_KEY}"}}', commands=("session",)),
    *(
        Setup(
            "helper-failing",
            {TOKEN: None},
            anthropic(401, "authentication_error", "Invalid bearer token"),
            settings=f'{{"apiKeyHelper": "{line}"}}',
            commands=commands,
        )
        for line, commands in (
            ("exit 1", ("json", "retrying")),
            ("vault read -field=key secret/llm", _BOTH),
            ("cat /nowhere/key", ("print",)),
        )
    ),
    *(
        Setup("settings-file-broken", _NONE, settings=content, commands=commands)
        for content, commands in (
            (FILE.replace("{\n  ", '{\n  "model": 5,\n  ', 1), ("print", "slash-status")),
            (FILE.replace("{\n  ", '{\n  "permissions": {"allow": "Bash"},\n  ', 1), ("print", "doctor")),
            (FILE.replace('"env": {', '"env": [').replace("  }\n}", "  ]\n}"), ("json", "session")),
            (FILE.replace('"",', '""'), ("doctor", "session")),
            (FILE.replace(",\n", "\n", 1), ("print", "status-text", "slash-status")),
            ("ANTHROPIC_AUTH_TOKEN=" + KEY, ("print", "session")),
        )
    ),
    Setup(
        "settings-file-wins",
        {URL: "https://new.acme.example"},
        settings=f'{{"env":{{"{URL}":"http://old.acme.example"}}}}',
        commands=("env-status",),
    ),
    Setup("cloud-provider-flag", {"CLAUDE_CODE_USE_BEDROCK": "true"}, commands=("stream", "slash-status", "session")),
    Setup("cloud-provider-flag", {"CLAUDE_CODE_USE_VERTEX": "1"}, commands=("json", "status", "slash-status")),
    Setup("cloud-provider-flag", {"CLAUDE_CODE_USE_FOUNDRY": "1"}, commands=("status-text", "session")),
    Setup(
        "model-unknown",
        {MODEL: "claude-opus-4-8[1m]"},
        anthropic(404, "not_found_error", "model: claude-opus-4-8"),
        commands=("print", "stream"),
    ),
    Setup(
        "model-unknown",
        {MODEL: "default"},
        openai(404, "The model `default` does not exist", code="model_not_found"),
        commands=("json",),
    ),
    Setup("context-window-unknown", {MODEL: "deepseek-v4"}, commands=_BOTH),
    Setup("legacy-model-remap", {MODEL: "claude-opus-4-20250514"}, commands=_BOTH),
    Setup("anthropic-unreachable-first-run", {TOKEN: None, API_KEY: _OTHER_KEY}, commands=("first",)),
    Setup("folder-not-trusted", {}, commands=("untrusted",)),
    *(
        Setup(cause, {}, reply, commands=("retrying",))
        for cause, reply in (
            ("gateway-error", page(502, "502 Bad Gateway")),
            ("gateway-overloaded", anthropic(529, "overloaded_error", "Overloaded")),
            ("rate-limited", openai(429, "Rate limit reached for requests")),
            ("model-unknown", openai(503, "No available channel for model claude-opus-5-5 under group default")),
        )
    ),
    *(Setup("not-in-effect", _NONE, commands=(form,)) for form in ("scroll", *_REPORTS)),
)
