"""Settings files as people have them: generated, the same in every run."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Final

from hypothesis import strategies as st

COUNT: Final = 300

PLANNED: Final = ("ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "ANTHROPIC_MODEL")
UNWANTED: Final = ("CLAUDE_CODE_USE_BEDROCK", "ANTHROPIC_SMALL_FAST_MODEL")

_NUMBERS: Final = ("0", "-0", "1e400", "12345678901234567890123", "0.10", "1E+2", "-1.5e-7")
_TEXTS: Final = (
    '"Bash(npm run:*)"',
    '"é – 漢字 🎉"',
    '"\\u00e9\\/\\ud83d"',
    '"a\\"b\\\\"',
    '""',
    '"\\n\\t"',
    '"http://x/?a=1#b"',
)
_NAMES: Final = ("permissions", "hooks", "model", "theme", "ключ", "a\\u0062c", "", "statusLine", "env2", "x y", "dup")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a document is written down."""

    indent: str | None
    feed: str = "\n"
    colon: str = ": "
    mark: bool = False
    tail: str = "\n"

    def join(self, brackets: str, items: list[str], depth: int) -> str:
        if not items:
            return brackets
        if self.indent is None:
            return brackets[0] + ("," + self.colon[1:]).join(items) + brackets[1]
        line = self.feed + self.indent * (depth + 1)
        return brackets[0] + line + ("," + line).join(items) + self.feed + self.indent * depth + brackets[1]


LAYOUTS: Final = (
    Layout("  "),
    Layout("    "),
    Layout("\t", tail=""),
    Layout("  ", feed="\r\n", tail="\r\n"),
    Layout("", colon=" : "),
    Layout(None),
    Layout(None, colon=":", tail=""),
    Layout("  ", mark=True),
    Layout("\t", feed="\r\n", mark=True, tail=""),
    Layout("  ", feed="\n\n"),
    Layout("   ", colon=":\n      "),
)


def document(number: int) -> bytes:
    """Document `number` of the collection."""
    chance = random.Random(number)  # noqa: S311 - a collection, not a secret
    if number < len(_ODD):
        return _ODD[number]
    layout = chance.choice(LAYOUTS)
    text = _object(chance, layout, 0, top=True)
    if chance.random() < 0.06:
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(["", ",", "}", "'", "\u00a0", "01", "//x", '"']) + text[at + 1 :]
    return (b"\xef\xbb\xbf" if layout.mark else b"") + (text + layout.tail).encode()


def documents() -> list[bytes]:
    return [document(number) for number in range(COUNT)]


def _value(chance: random.Random, layout: Layout, depth: int) -> str:
    kind = chance.random()
    if depth > 5 or kind < 0.5:
        return chance.choice((*_TEXTS, *_NUMBERS, "true", "false", "null"))
    if kind < 0.75:
        count = chance.choice((0, 1, 1, 2, 5))
        return layout.join("[]", [_value(chance, layout, depth + 1) for _ in range(count)], depth)
    return _object(chance, layout, depth)


def _object(chance: random.Random, layout: Layout, depth: int, *, top: bool = False) -> str:
    names = chance.choices(_NAMES, k=chance.choice((0, 1, 2, 4)))
    members = [f'"{name}"{layout.colon}{_value(chance, layout, depth + 1)}' for name in names]
    if top:
        for _ in range(chance.choice((0, 1, 1, 1, 2))):
            members.insert(chance.randrange(len(members) + 1), f'"env"{layout.colon}{_env(chance, layout)}')
        if chance.random() < 0.3:
            members.append(f'"permissions"{layout.colon}{_value(chance, layout, 1)}')
    return layout.join("{}", members, depth)


def _env(chance: random.Random, layout: Layout) -> str:
    if chance.random() < 0.04:
        return chance.choice(("[]", "null", '"x"', "1"))
    names = chance.choices(
        (*PLANNED, *UNWANTED, "PATH", "ÜBER", "dup", "ANTHROPIC\\u005fMODEL"), k=chance.choice((0, 1, 2, 3, 6))
    )
    return layout.join("{}", [f'"{name}"{layout.colon}{_value(chance, layout, 2)}' for name in names], 1)


_ODD: Final = (
    b"",
    b" \r\n\t",
    b"\xef\xbb\xbf",
    b"{}",
    b"{ }\n",
    b"{\n}\n",
    b"[]",
    b"null",
    b'{"env": {}}',
    b'{"env": {"ANTHROPIC_MODEL": "sonnet"}}',
    b'{"env":{},"env":{"ANTHROPIC_MODEL":1,"ANTHROPIC_MODEL":2},"env":{"CLAUDE_CODE_USE_BEDROCK":1}}',
    b'{"a": 1,}',
    b'{"a": 1 // x\n}',
    b"{'a': 1}",
    b'{"a": \xe2\x80\x9cx\xe2\x80\x9d}',
    b'{"a": "x\ny"}',
    b'{"a": "\xff\xfe"}',
    b'{"a": "\x00"}',
    b'{"a": "b',
    b'{"a": tru}',
    b'{"a": +1}',
    b'{"a" 1}',
    b'{"a": 1} {}',
    b'{\r"env": {\r"A": 1\r}\r}\r',
    b'{"a": "' + "é".encode() * 5000 + b'", "env": {"X": "' + "漢".encode() * 3000 + b'"}}',
    b'{"a": ' + b"[" * 400 + b"]" * 400 + b"}",
    b'{"a": "' + b"\\n" * 3000 + b'"}\n',
)


def _json_values() -> st.SearchStrategy[object]:
    leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=8,
    )


def _dump(value: object, indent: str | None, feed: str, *, ascii_only: bool) -> bytes:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    return text.replace("\n", feed).encode("utf-8", "surrogatepass")


def settings() -> st.SearchStrategy[bytes]:
    """Valid documents in which an env, if there is one, is an object; any layout."""
    env = st.dictionaries(st.sampled_from((*PLANNED, *UNWANTED, "PATH", "é")), _json_values(), max_size=6)
    known = st.fixed_dictionaries(
        {}, optional={"env": env, "permissions": st.dictionaries(st.text(), _json_values(), max_size=2)}
    )
    others = st.dictionaries(
        st.text(max_size=6).filter(lambda name: name not in {"env", "permissions"}), _json_values(), max_size=4
    )
    merged = st.builds(lambda a, b, first: {**a, **b} if first else {**b, **a}, known, others, st.booleans())
    return st.builds(
        _dump,
        merged,
        st.sampled_from([None, "  ", "\t", "    "]),
        st.sampled_from(["\n", "\r\n"]),
        ascii_only=st.booleans(),
    )
