"""PURE: owns the rules for the gateway's base URL and for links.

Claude Code appends `/v1/messages` to `ANTHROPIC_BASE_URL` (measured with 2.1.197 and 2.1.330), so an address that
already ends in a version or an endpoint would be called twice over.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from portal.profile.texts import code_point, text_problems

MAX_LENGTH: Final = 500
"""Longest address accepted, in characters."""

_LEGAL: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_OTHER_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?![0-9/])")
_LABEL: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_APPENDED: Final = "/v1/messages"
_VERSION: Final = re.compile(r"/v1", re.IGNORECASE)
_ENDING: Final = re.compile(
    r"/v1$|/v1/models$|(?:/v1)?/(?:messages(?:/count_tokens|/batches)?|chat/completions|responses)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Address:
    """The parts of an address that a sentence or the profile may repeat: never the user name or password."""

    scheme: str
    host: str
    port: int | None
    path: str

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{'' if self.port is None else f':{self.port}'}{self.path}"


def base_url_problems(text: str, *, includes_version: bool) -> list[str]:
    """Judge a base URL. With `includes_version` it must end in `/v1`, otherwise it must not."""
    problems, address = _examine(text)
    if "?" in text:
        problems.append(f"has a query (?…); remove it, because Claude Code appends {_APPENDED} to the address")
    if "#" in text:
        problems.append("has a fragment (#…), which is never sent; remove it")
    if address is not None:
        problems.extend(_ending_problems(address, includes_version=includes_version))
    return problems


def link_problems(text: str) -> list[str]:
    """Judge a link for people: absolute https; http only on this machine."""
    return _examine(text)[0]


def tidy_base_url(text: str) -> str:
    """Return a good base URL in its one form: scheme and host in lower case, no trailing slash."""
    address = _examine(text)[1]
    return text if address is None else str(address)


def is_loopback(host: str) -> bool:
    """Tell whether a request to `host` stays on this machine (RFC 6761, section 6.3; 127.0.0.0/8 and ::1)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _ending_problems(address: _Address, *, includes_version: bool) -> list[str]:
    found = _ENDING.search(address.path)
    if found is None:
        return (
            ["does not end in /v1 although base_url_includes_version = true; remove that line"]
            if includes_version
            else []
        )
    ending = found.group()
    is_version = _VERSION.fullmatch(ending) is not None
    if is_version and includes_version:
        return []
    scheme = address.scheme if is_loopback(address.host) else "https"
    stem = _Address(scheme, address.host, address.port, address.path[: found.start()].rstrip("/"))
    insist = " (or set base_url_includes_version = true if the gateway really answers there)" if is_version else ""
    wanted = f"{stem}/v1" if includes_version else f"{stem}"
    return [f'ends in {ending}, so Claude Code would call {address}{_APPENDED}; write "{wanted}"{insist}']


def _examine(text: str) -> tuple[list[str], _Address | None]:
    """Return the problems of any address, and its parts as far as they can be told despite the problems."""
    problems = text_problems(text, limit=MAX_LENGTH)
    problems.extend(_character_problems(text))
    legal = "".join(char for char in text if char in _LEGAL)
    if not legal:
        return problems, None
    scheme_match = _SCHEME.match(legal)
    if scheme_match is None and (other := _OTHER_SCHEME.match(legal)):
        problems.append(f"uses {other[1]}:; write an address that begins with https://")
        return problems, None
    if scheme_match is None:
        bare = legal.lstrip(":/")
        scheme = "http" if is_loopback(re.split(r"[:/?#]", bare, maxsplit=1)[0].lower()) else "https"
        legal = f"{scheme}://{bare}"
        problems.append(f"does not begin with https://; write {scheme}:// in front of the host")
    try:
        parts = urlsplit(legal)
        host = parts.hostname or ""
        port = parts.port
    except ValueError:
        problems.append("is not an address (broken port or brackets); write it like https://api.example.com:8443/path")
        return problems, None
    problems.extend(_authority_problems(parts.scheme, parts.netloc, host, port))
    return problems, _Address(parts.scheme, host, port, parts.path.rstrip("/"))


def _character_problems(text: str) -> list[str]:
    problems: list[str] = []
    if any(unicodedata.category(char) == "Zs" for char in text):
        problems.append("contains a blank; remove it")
    if foreign := next((char for char in text if not char.isascii() and not char.isspace()), None):
        problems.append(
            f"contains the non-ASCII character {code_point(foreign)}; write a host name in its xn-- form and "
            "percent-encode a path",
        )
    if odd := next((char for char in text if char.isascii() and char.isprintable() and char not in _LEGAL | {" "}), ""):
        problems.append(f"contains {odd}, which no address has; remove it or fill in what it stands for")
    return problems


def _authority_problems(scheme: str, netloc: str, host: str, port: int | None) -> list[str]:
    problems: list[str] = []
    if "@" in netloc:
        problems.append("contains a user name or password (before the @); remove it, the key travels in a header")
    if not host:
        problems.append("names no host; write it like https://api.example.com")
    elif ":" not in host and not _HOST.fullmatch(host):
        problems.append("has a host that cannot exist; write it like https://api.example.com")
    if port == 0:
        problems.append("has port 0; write a port from 1 to 65535, or none")
    if scheme not in {"http", "https"}:
        problems.append(f"uses {scheme}://; write https://")
    elif scheme == "http" and host and not is_loopback(host):
        problems.append("uses http, which sends keys readable; write https:// (http is for localhost and 127.0.0.1)")
    return problems
