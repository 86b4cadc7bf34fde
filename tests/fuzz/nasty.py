"""Makes bad input: every known field with every kind of bad value, from a seed, so that a finding can be made again."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote_from_bytes

CANARY: Final = "zqcanary"
"""Stands in every value that tries to become markup, script, or a header; nothing of the portal's own is called so."""

VALUES: Final[tuple[bytes, ...]] = tuple(
    value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
    for value in (
        "",
        " ",
        "0",
        "-1",
        "1e309",
        "NaN",
        "9" * 400,
        "٣٤٥",
        "null",
        "true",
        "[]",
        "{}",
        f"<{CANARY}>",
        f"</textarea></title></script><{CANARY} on{CANARY}=1>",
        f'"><{CANARY} onload={CANARY}()>',
        f"'><{CANARY} autofocus onfocus={CANARY}()>",
        f"` on{CANARY}={CANARY} x=`",
        f'" on{CANARY}="{CANARY}" x="',
        f"' on{CANARY}='{CANARY}' x='",
        f"--><{CANARY}><!--",
        f"]]><{CANARY}>",
        f"<script>{CANARY}()</script>",
        f"<svg/onload={CANARY}()>",
        f"<img src=x onerror={CANARY}()>",
        f"javascript:{CANARY}()",
        f"//{CANARY}.example/",
        f"https://{CANARY}.example/\\@portal.test",
        f"data:text/html,<script>{CANARY}()</script>",
        f"{{{{{CANARY}}}}}",
        f"{{% raw %}}{CANARY}{{{{ 7*7 }}}}",
        f"${{{CANARY}}}",
        f"$({CANARY})",
        f"`{CANARY}`",
        f"'; {CANARY}; '",
        f'"; {CANARY}; "',
        f"%24%28{CANARY}%29",
        f"\r\nx-{CANARY}: 1\r\nset-cookie: {CANARY}=1\r\n\r\n<{CANARY}>",
        f"\nx-{CANARY}: 1",
        f"a\x00<{CANARY}>",
        "\x00",
        "\x01\x02\x03\x1b[31m",
        "\x7f",
        b"\xff\xfe",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"<" + CANARY.encode() + b"\xff>",
        f"\u202e<{CANARY}>\u202c",
        "\u2066\u200b\u200d\u2060\ufeff",
        "\u2028\u2029\u0085",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "e\u0301" * 200,
        "\u0130\u0131\ufb03\u1e9e",
        "../" * 12 + "etc/passwd",
        "..\\..\\..\\windows\\win.ini",
        "/etc/passwd\x00.json",
        "file:///etc/passwd",
        "' OR '1'='1",
        "1); DROP TABLE journeys; --",
        "%s%s%n",
        "%(key)s {key} {0.__class__}",
        "${jndi:ldap://x/}",
        "sk-" + "a" * 4096,
        "Bearer sk-ant-api03-" + "x" * 40,
        "a" * 5_000,
        "<" * 3_000,
        "&" * 3_000,
        f"<{CANARY} " * 300,
        "(" * 2_000 + ")" * 2_000,
        "a," * 1_500,
        "a:b," * 900,
        " " * 4_000 + "x",
        "\t\r\n" * 500,
        "0" * 2_000 + "1",
        "model-" + "[1m]" * 300,
        "Error: " * 300 + "401 {" * 200,
    )
)

Fields = Mapping[str, Sequence[str]]
"""The name of a field -> good values for it, so that most of a request is good and one thing in it is bad."""


class Nastiness:
    """A stream of bad requests; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - the same every time, on purpose

    def pairs(self, fields: Fields) -> list[tuple[bytes, bytes]]:
        """Names and values, not quoted yet: some good, at least one bad, some twice, some of no known name."""
        names = list(fields)
        taken = self.chance.sample(names, self.chance.randint(0, min(5, len(names))))
        good = [(name.encode(), self.chance.choice(fields[name]).encode()) for name in taken]
        bad = [(self._name(names), self._value()) for _ in range(self.chance.randint(1, 3))]
        pairs = [*good, *bad]
        if self.chance.random() < 0.1:
            pairs += self.chance.choices(pairs, k=self.chance.randint(1, 80))
        self.chance.shuffle(pairs)
        return pairs

    def query(self, fields: Fields) -> bytes:
        """A query, or the body of a form: mostly quoted as a browser does it, sometimes broken on purpose."""
        text = "&".join(f"{self._quoted(name)}={self._quoted(value)}" for name, value in self.pairs(fields)).encode()
        kind = self.chance.random()
        if kind < 0.05:
            return text.replace(b"%", b"%%", self.chance.randint(1, 5))
        if kind < 0.10:
            place = self.chance.randrange(len(text) + 1)
            return text[:place] + bytes(self.chance.randrange(0x21, 0x100) for _ in range(9)) + text[place:]
        if kind < 0.13:
            return text[: self.chance.randrange(len(text) + 1)]
        if kind < 0.15:
            return text.replace(b"=", b"").replace(b"&", b"=")
        if kind < 0.16:
            return b"&" * self.chance.randrange(3_000) + text + b";" * self.chance.randrange(900)
        return text

    def _name(self, names: Sequence[str]) -> bytes:
        if self.chance.random() < 0.9:
            return self.chance.choice(names).encode()
        return self._value()[:200]

    def _value(self) -> bytes:
        value = self.chance.choice(VALUES)
        kind = self.chance.random()
        if kind < 0.15:
            return value + self.chance.choice(VALUES)
        if kind < 0.25:
            return self.chance.choice((b"opus", b"fable-5", b"macos")) + value
        if kind < 0.30:
            return bytes(self.chance.randrange(256) for _ in range(self.chance.randrange(60)))
        if kind < 0.33:
            return "".join(chr(self.chance.choice((0x20, 0x300, 0x600, 0x2000, 0xFE00, 0x1F300)) + i % 250)
                           for i in range(self.chance.randrange(80))).encode("utf-8", "surrogatepass")  # fmt: skip
        return value

    def _quoted(self, value: bytes) -> str:
        kind = self.chance.random()
        if kind < 0.02:
            return value.decode("latin-1").encode("ascii", "ignore").decode().replace("&", "").replace("\n", "")
        quoted = quote_from_bytes(value, safe="" if kind < 0.6 else "/:@[]!$'()*,;~")
        return quoted if kind < 0.98 else quote_from_bytes(quoted.encode(), safe="")
