"""Start-up files as people have them, generated, the same in every run; and what has to become of them."""

from __future__ import annotations

import random
from typing import Final

from portal.snippets.dialects.unix import BLOCK_BEGIN, BLOCK_END

COUNT: Final = 300

_BEGIN: Final = BLOCK_BEGIN.encode()
_END: Final = BLOCK_END.encode()
_LINES: Final = (
    b"",
    b"alias ll='ls -l'",
    b'export PATH="$HOME/bin:$PATH"',
    b"[ -f ~/.extra ] && . ~/.extra",
    "# é – 漢字 🎉".encode(),
    b"# latin: \xe9\xff",
    b"export ANTHROPIC_MODEL=old # left over",
    b"\texport PS1='\\u@\\h \\$ '",
    b"cat <<'X'",
    b"x" * 5000,
    b"echo " + _BEGIN,
    _END + b" ",
)
_OLD: Final = (_BEGIN, b"export ANTHROPIC_AUTH_TOKEN='sk-old-0123456789'", _END)
_ODD: Final = (
    None,
    b"",
    b"\n",
    b"\n\n",
    b"no line break",
    b"\r\n",
    b"\n".join(_OLD),
    b"\n".join((*_OLD, *_OLD, b"")),
    b"\n".join((_BEGIN, *_OLD, b"")),
    b"\n".join((_BEGIN, b"export A=1", b"")),
    b"\r\n".join((b"export A=1", *_OLD, b"export B=2", b"")),
    b"\n".join((_END, b"export A=1", _BEGIN)),
)


def startup_file(number: int) -> bytes | None:
    """File `number` of the collection; None when there is none."""
    if number < len(_ODD):
        return _ODD[number]
    chance = random.Random(number)  # noqa: S311 - a collection, not a secret
    pieces: list[tuple[bytes, ...]] = [(line,) for line in chance.choices(_LINES, k=chance.choice((0, 1, 3, 8)))]
    for _ in range(chance.choice((0, 0, 1, 2))):
        pieces.insert(chance.randrange(len(pieces) + 1), _OLD if chance.random() < 0.8 else _OLD[:-1])
    feed = chance.choice((b"\n", b"\n", b"\n", b"\r\n"))
    return feed.join(line for piece in pieces for line in piece) + chance.choice((feed, b""))


def without_block(data: bytes) -> bytes:
    """The file without complete blocks of ours, and with a line break at its end."""
    kept: list[bytes] = []
    held: list[bytes] = []
    inside = False
    for line in data.removesuffix(b"\n").split(b"\n") if data else []:
        word = line.removesuffix(b"\r")
        if word == _BEGIN:
            kept += held
            held, inside = [line], True
        elif inside:
            held.append(line)
            if word == _END:
                held, inside = [], False
        else:
            kept.append(line)
    return b"".join(line + b"\n" for line in [*kept, *held])


def with_block(data: bytes, block: str) -> bytes:
    """What the script makes of the file."""
    return without_block(data) + b"\n".join((_BEGIN, block.encode(), _END, b""))
