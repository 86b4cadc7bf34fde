"""Owns reading the client's JSON output (`--output-format json`, `stream-json`) for the words that matter. PURE.

A line of JSON is replaced by what it says, so that the names of tools and commands in it are not taken for symptoms.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

_MOST_FAILURES: Final = 40
_SIGNS: Final = ('"type":', '"is_error"', '"session_id"', '"api_error_status"')
_TEXTS: Final = ("result", "error", "errors", "error_message", "message", "text", "content", "stderr", "api_error_type")
_STATUSES: Final = ("api_error_status", "error_status", "status")
_DECODER: Final = json.JSONDecoder()
_BREAKS: Final = re.compile(r"\n")


def unfold_output(text: str) -> tuple[str, bool]:
    """Replace every JSON event of the client by its words, on as many lines; also tell whether there was one."""
    if not any(sign in text for sign in _SIGNS):
        return text, False
    lines = text.split("\n")
    found = False
    tried = 0
    index = 0
    while index < len(lines):
        line = lines[index]
        start = line.find('{"')
        if start >= 0 and tried < _MOST_FAILURES:
            value, used = _decode(lines, index, start)
            tried += value is None
            if isinstance(value, dict) and ({"type", "is_error", "session_id", "api_error_status"} & value.keys()):
                found = True
                lines[index] = line[:start] + summary(value)
                for follower in range(index + 1, index + used):
                    lines[follower] = ""
                index += used - 1
        index += 1
    return "\n".join(lines), found


def says_it_worked(text: str) -> bool:
    """Whether this is the client's own word that it got an answer: its last result is a success and no error."""
    lines = text.split("\n")
    starts = [
        (index, line.find('{"')) for index, line in enumerate(lines) if '"type":"result"' in line.replace(" ", "")
    ]
    for index, start in reversed(starts[-_MOST_FAILURES:]):
        value = _decode(lines, index, start)[0] if start >= 0 else None
        if isinstance(value, dict) and value.get("type") == "result":
            return value.get("subtype") == "success" and value.get("is_error") is False
    return False


def _decode(lines: list[str], index: int, start: int) -> tuple[Any, int]:
    """The JSON value that begins there and over how many lines it goes: a terminal may have wrapped it."""
    try:
        return _DECODER.raw_decode(lines[index], start)[0], 1
    except (ValueError, RecursionError):
        pass
    joined = lines[index].rstrip("\r")
    for used in (4, 16, 64, 256):
        part = lines[index + 1 : index + used]
        candidate = joined + "".join(line.rstrip("\r") for line in part)
        try:
            value, end = _DECODER.raw_decode(candidate, start)
        except (ValueError, RecursionError):
            if len(part) < used - 1:
                break
            continue
        return value, _lines_up_to(lines, index, end)
    return None, 1


def _lines_up_to(lines: list[str], index: int, end: int) -> int:
    length, used = 0, 0
    while length < end and index + used < len(lines):
        length += len(lines[index + used].rstrip("\r"))
        used += 1
    return max(1, used)


def summary(event: dict[str, Any]) -> str:
    """One line: the event's kind, its HTTP status, its words, and who gave the key."""
    parts: list[str] = []
    if event.get("subtype") == "init":
        parts.append(
            f"claude_code_version: {event.get('claude_code_version', '')} apiKeySource: {event.get('apiKeySource', '')}"
        )
        return _one_line(parts)
    parts.extend(f"error status: {event[name]} ·" for name in _STATUSES if isinstance(event.get(name), int))
    for name in _TEXTS:
        parts.extend(_words(event.get(name), 0))
    if event.get("is_error") is True and event.get("api_error_status", 0) is None:
        parts.append("(no request was answered)")
    return _one_line(parts)


def _words(value: Any, depth: int) -> list[str]:
    if isinstance(value, str):
        return [value[:4000]]
    if depth < 4 and isinstance(value, list):
        return [word for item in value[:20] for word in _words(item, depth + 1)]
    if depth < 4 and isinstance(value, dict):
        return [
            word
            for name, item in value.items()
            if name in {*_TEXTS, "type", "code"}
            for word in _words(item, depth + 1)
        ]
    return []


def _one_line(parts: list[str]) -> str:
    return _BREAKS.sub(" ", " ".join(parts))
