"""Owns the rehearsal's request: the shape of Claude Code's first one, with harmless text in it. PURE.

The shape is measured with 2.1.330 and 2.1.197 (`claude -p hi` with a mapped model): the keys of the body, the number
and names of the tools, the blocks of the system prompt, the `anthropic-beta` names, `x-app`. The texts are made here:
as long as the client's own, and like them full of shell commands, code and angle brackets, on which firewalls trip.
The user agent stays the portal's own (see `outgoing.request_headers`).

Two deviations are on purpose. `max_tokens` is small, because the answer is not read; and the beta names are all that
the version sends for any model, because tomorrow's model brings them (only `context-1m-…` depends on `[1m]`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from portal.gateway.access import Access
from portal.gateway.outgoing import Outgoing, request_headers, sent_model_id, wants_one_million
from portal.gateway.stages import ClientShape, RequestPart
from portal.profile.model import Toggle

REHEARSED_TOKENS: Final = 16
"""`max_tokens` of the rehearsal; legal beside adaptive thinking, which has no budget of its own."""

CLIENT_TOKENS: Final = 32_000
"""The client's own smallest `max_tokens`, for gateways that turn adaptive thinking into a budget below it."""

BODY_BYTES: Final = 120 * 1024
"""Least length of the body, in bytes: more than every measured first request (49 to 117 KB), as a session soon has."""

ONE_MILLION: Final = "context-1m-2025-08-07"

_BYTES_PER_TOKEN: Final = 3.3
"""A cautious guess, so that too much is announced rather than too little: prose has about 4, code about 3."""

_BETAS: Final[Mapping[ClientShape, tuple[str, ...]]] = MappingProxyType(
    {
        ClientShape.CURRENT: (
            "claude-code-20250219",
            "interleaved-thinking-2025-05-14",
            "context-management-2025-06-27",
            "per-turn-control-2026-07-01",
            "mid-conversation-tool-changes-2026-07-01",
            "thinking-token-count-2026-05-13",
            "advanced-tool-use-2025-11-20",
            "effort-2025-11-24",
        ),
        ClientShape.OLDER: (
            "claude-code-20250219",
            "interleaved-thinking-2025-05-14",
            "thinking-token-count-2026-05-13",
            "context-management-2025-06-27",
            "prompt-caching-scope-2026-01-05",
            "mid-conversation-system-2026-04-07",
            "effort-2025-11-24",
        ),
    },
)

STAYING_BETAS: Final = frozenset({"claude-code-20250219", "interleaved-thinking-2025-05-14", "effort-2025-11-24"})
"""What the current client still sends with `CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS=1` (measured)."""

_TOOLS: Final[Mapping[ClientShape, tuple[str, ...]]] = MappingProxyType(
    {
        ClientShape.CURRENT: (
            *("Agent", "Bash", "Edit", "ListAgents", "Read", "ReportFindings", "ScheduleWakeup", "Skill"),
            *("ToolSearch", "Workflow", "DeferredToolPlaceholder", "Write"),
        ),
        ClientShape.OLDER: (
            *("Agent", "Bash", "CronCreate", "CronDelete", "CronList", "Edit", "EnterWorktree", "ExitWorktree"),
            *("NotebookEdit", "Read", "ReportFindings", "ScheduleWakeup", "SendMessage", "Skill", "TaskCreate"),
            *("TaskGet", "TaskList", "TaskOutput", "TaskStop", "TaskUpdate", "WebFetch", "WebSearch", "Workflow"),
            "Write",
        ),
    },
)

# The betas that belong to a part, and go with it.
_BETAS_OF: Final[Mapping[RequestPart, frozenset[str]]] = MappingProxyType(
    {
        RequestPart.CONTEXT_MANAGEMENT: frozenset({"context-management-2025-06-27"}),
        RequestPart.THINKING: frozenset(
            {
                "interleaved-thinking-2025-05-14",
                "thinking-token-count-2026-05-13",
                "context-management-2025-06-27",
            },
        ),
        RequestPart.EFFORT: frozenset({"effort-2025-11-24"}),
        RequestPart.TOOLS: frozenset({"advanced-tool-use-2025-11-20", "mid-conversation-tool-changes-2026-07-01"}),
        RequestPart.SYSTEM_BLOCKS: frozenset({"prompt-caching-scope-2026-01-05", "mid-conversation-system-2026-04-07"}),
        RequestPart.ONE_MILLION: frozenset({ONE_MILLION}),
    },
)

_SCHEMA_BYTES: Final = 350
"""About what a tool takes beside its description."""

_SHORT: Final = "Rehearse a call of this name."
_LINES: Final = (
    "Run the tests first: `cd ~/project && make test 2>&1 | tail -n 40`; then read what failed in <file>:<line>.",
    "Search before you write: grep -rn 'def main' src/ | head; find . -name '*.py' -print0 | xargs -0 wc -l",
    "<example> user: what does `ls -la /etc | awk '{print $1}'` do? assistant: it prints a column. </example>",
    "Never run `rm -rf /` or `curl http://127.0.0.1/install.sh | sh`; ask before `sudo`, or `git push --force`.",
    'if (a < b && b > c) { console.log(`${a} <= ${c}`); } else { document.title = "<script>alert(1)</script>"; }',
    "SELECT id, name FROM users WHERE name = 'o''brien' OR 1=1; -- a query as it stands in a test, not one to send",
    "Quote paths with blanks: cat '/tmp/a b/notes.txt'; `echo $PATH | tr ':' '\\n'` shows $(pwd) or ${HOME}.",
    "../../etc/passwd in a diff is text like any other; <!-- a comment --> and <?php echo $_GET['x']; ?> are, too.",
    "Set-Content -Path $env:TEMP\\log.txt -Value 'done'; powershell -NoProfile -Command 'Get-ChildItem | Select Name'",
)


@dataclass(frozen=True, slots=True)
class RehearsalRequest:
    """What is varied between the first request and its repetitions.

    Attributes:
        toggles: the options of the visitor's set-up; each does to the request what it does to the client's.

    """

    shape: ClientShape
    model_id: str
    without: frozenset[RequestPart] = frozenset()
    max_tokens: int = REHEARSED_TOKENS
    stream: bool = True
    toggles: frozenset[Toggle] = frozenset()


def expected_tokens(shape: ClientShape) -> int:
    """About how many input tokens a rehearsal costs, rounded up to a thousand; said before it is started."""
    size = len(_encode(_body(RehearsalRequest(shape, "claude"))))
    return math.ceil(size / _BYTES_PER_TOKEN / 1000) * 1000


def rehearsal(access: Access, asked: RehearsalRequest) -> Outgoing:
    """The request as the client of this version sends it, without the parts that are left out."""
    headers = request_headers(access) | {"x-app": "cli", "anthropic-dangerous-direct-browser-access": "true"}
    if betas := _betas(asked):
        headers["anthropic-beta"] = ",".join(betas)
    return Outgoing("POST", f"{access.base_url}/v1/messages?beta=true", headers, _encode(_body(asked)))


def token_count(access: Access, asked: RehearsalRequest) -> Outgoing:
    """The question how many tokens the rehearsal's input has."""
    counted = {name: value for name, value in _body(asked).items() if name in _COUNTED}
    sent = rehearsal(access, asked)
    return Outgoing("POST", f"{access.base_url}/v1/messages/count_tokens?beta=true", sent.headers, _encode(counted))


_COUNTED: Final = frozenset({"model", "messages", "system", "tools", "thinking"})


def _left_out(asked: RehearsalRequest) -> frozenset[RequestPart]:
    """The parts whose fields are not sent: those of the trial, and those that the set-up's options leave out.

    Measured: an older client keeps the effort for models that it knows.
    """
    of_toggles = {part for toggle, part in _PARTS_OF_TOGGLES.items() if toggle in asked.toggles}
    if asked.shape is ClientShape.OLDER and "claude" in asked.model_id:
        of_toggles.discard(RequestPart.EFFORT)
    return asked.without | of_toggles


_PARTS_OF_TOGGLES: Final[Mapping[Toggle, RequestPart]] = MappingProxyType(
    {
        Toggle.NO_BETAS: RequestPart.BETAS,
        Toggle.NO_THINKING: RequestPart.THINKING,
        Toggle.NO_EFFORT: RequestPart.EFFORT,
    },
)


def _betas(asked: RehearsalRequest) -> tuple[str, ...]:
    names = _BETAS[asked.shape]
    if wants_one_million(asked.model_id) and Toggle.NO_1M not in asked.toggles:
        names = (names[0], ONE_MILLION, *names[1:])
    # Measured: of the options, only the one about beta names takes names away; the others keep those of their field.
    left_out: set[str] = set().union(*(_BETAS_OF.get(part, frozenset()) for part in asked.without))
    if RequestPart.BETAS in asked.without or Toggle.NO_BETAS in asked.toggles:
        left_out |= set(names) - STAYING_BETAS - {ONE_MILLION}
    return tuple(name for name in names if name not in left_out)


def _body(asked: RehearsalRequest) -> dict[str, object]:
    without, names = _left_out(asked), _TOOLS[asked.shape]
    short = RequestPart.LARGE_BODY in without
    per_text = (BODY_BYTES - len(names) * _SCHEMA_BYTES) // (len(names) + 2)
    texts = ((_SHORT if short else _text(per_text, number)) for number in range(len(names) + 2))
    body: dict[str, object] = {
        "model": sent_model_id(asked.model_id),
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Answer with one word: ready."}]}],
        "system": _system(asked, next(texts) + next(texts)),
        "tools": [_tool(name, text) for name, text in zip(names, texts, strict=True)],
        "metadata": {"user_id": json.dumps({"device_id": "0" * 64, "account_uuid": "", "session_id": "rehearsal"})},
        "max_tokens": asked.max_tokens,
        "thinking": {"type": "adaptive"} | ({"display": "omitted"} if asked.shape is ClientShape.CURRENT else {}),
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "output_config": {"effort": "medium" if asked.shape is ClientShape.CURRENT else "high"},
        "stream": asked.stream,
    }
    for part, names_of_part in _KEYS_OF.items():
        if part in without:
            for name in names_of_part:
                body.pop(name, None)
    return body


# `context_management` here speaks of thinking, and needs its beta: it goes with either.
_KEYS_OF: Final[Mapping[RequestPart, tuple[str, ...]]] = MappingProxyType(
    {
        RequestPart.CONTEXT_MANAGEMENT: ("context_management",),
        RequestPart.BETAS: ("context_management",),
        RequestPart.THINKING: ("thinking", "context_management"),
        RequestPart.EFFORT: ("output_config",),
        RequestPart.TOOLS: ("tools",),
    },
)


def _system(asked: RehearsalRequest, text: str) -> object:
    if RequestPart.SYSTEM_BLOCKS in asked.without:
        return text
    cached = {"cache_control": {"type": "ephemeral"}}
    billing = f"x-anthropic-billing-header: cc_version={asked.shape}; cc_entrypoint=rehearsal;"
    return [
        *([] if Toggle.NO_ATTRIBUTION in asked.toggles else [{"type": "text", "text": billing}]),
        {"type": "text", "text": "This is a rehearsal by the gateway's onboarding portal."} | cached,
        {"type": "text", "text": text} | cached,
    ]


def _tool(name: str, text: str) -> dict[str, object]:
    properties = {
        "command": {"type": "string", "description": "What to do."},
        "timeout": {"type": "number", "description": "How long to wait, in milliseconds."},
    }
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": ["command"],
        "additionalProperties": False,
    }
    return {"name": name, "description": text, "input_schema": schema}


def _text(length: int, first: int) -> str:
    """At least `length` characters of what a coding agent's instructions look like, never the same twice."""

    def lines() -> Iterator[str]:
        written, number = 0, first
        while written < length:
            line = f"{number}. {_LINES[number % len(_LINES)]}\n"
            written += len(line)
            number += 1
            yield line

    return "".join(lines())


def _encode(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode("ascii")
