"""The merge as `apply.sh` does it, in Python: the reference engine, and the putting together of its pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from portal.scripts.engines.merge import merge

SCHEMA: Final = 'set . $schema "https://json.schemastore.org/claude-code-settings.json"'
_MARK: Final = b"\xef\xbb\xbf"
_STOPPERS: Final = {0x00: 0x01, 0x0C: 0x01, 0x0D: 0x0C, 0x1A: 0x01, 0x1E: 0x01}


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of a file. `problem` is the engine's word for a document that cannot be changed, with its position.

    Attributes:
        record: what `--undo` needs; empty when nothing was changed.
        removed: an undo left nothing in a file that was not there before.

    """

    data: bytes
    record: bytes = b""
    lines: tuple[str, ...] = ()
    problem: str = ""
    changed: bool = False
    removed: bool = False


def mask(data: bytes) -> str:
    """One character a byte, none of which could stop an engine."""
    return bytes(0x7F if byte >= 0x80 else _STOPPERS.get(byte, byte) for byte in data).decode("ascii")


def body_of(data: bytes) -> tuple[bytes, str]:
    """The document without its byte order mark and never blank, and what the file was."""
    body = data.removeprefix(_MARK)
    return (body, "no") if body.strip(b" \t\r\n") else (b"{}\n", "empty")


def request(mode: str, created: str, orders: Sequence[str], record: bytes, body: bytes) -> str:
    """What an engine is asked."""
    return "\x1e".join(["\n".join([mode, f"created {created}", *orders, ""]), mask(record), mask(body)])


def apply_merge(data: bytes | None, orders: Sequence[str], record: bytes = b"") -> Merged:
    """What `apply.sh` makes of a file; None when there is none."""
    body, created = body_of(data or b"")
    if data is None:
        created = "absent"
    if created != "no":
        orders = [SCHEMA, *orders]
    return _put_together(data or b"", body, record, merge(request("apply", created, orders, record, body)))


def undo_merge(data: bytes, record: bytes) -> Merged:
    """What `apply.sh --undo` makes of it."""
    body, _created = body_of(data)
    answer = merge(request("undo", "no", [], record, body))
    merged = _put_together(data, body, record, answer)
    created = next(line for line in merged.lines if line.startswith("created "))
    if "bare" in merged.lines and created == "created empty":
        return Merged(b"", lines=merged.lines, changed=True)
    removed = "bare" in merged.lines and created == "created absent"
    return Merged(merged.data, lines=merged.lines, changed=merged.changed, removed=removed)


def _put_together(data: bytes, body: bytes, record: bytes, answer: str) -> Merged:
    lines = answer.split("\n")
    assert (lines[0], lines[-2:]) == ("portal-merge 1", ["end", ""])
    lines = lines[1:-2]
    if lines[0].startswith(("invalid", "shape")):
        return Merged(data, problem=lines[0])
    if "document" not in lines:
        return Merged(data, record, tuple(lines[:-1]))
    start = lines.index("document")
    stop = lines.index("record") if "record" in lines else len(lines)
    return Merged(
        assemble(lines[start + 1 : stop], body, record),
        assemble(lines[stop + 1 :], body, record),
        tuple(lines[:start]),
        changed=True,
    )


def assemble(pieces: Sequence[str], body: bytes, record: bytes) -> bytes:
    """The text that the pieces say."""
    out = bytearray()
    for piece in pieces:
        match piece[0]:
            case "T":
                out += piece[2:].encode("ascii")
            case "L":
                out += b"\n"
            case "C":
                out += b"\r\n"
            case letter:
                start, end = map(int, piece[2:].split())
                out += (body if letter == "D" else record)[start:end]
    return bytes(out)
