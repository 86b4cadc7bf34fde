"""PURE: owns what a setting's value has to look like; each check gives the value back or raises ValueError.

The sentences end up behind "PORTAL_… cannot be …:", and never repeat a value that may hold a secret.
"""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import SecretStr

MIN_SECRET: Final = 16
"""Fewest characters of a secret."""

_HOST = re.compile(r"(?:\*\.)?(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}|\[[0-9A-Fa-f:.]+\]")
_HSTS = re.compile(r"max-age=[0-9]{1,10}(?:; includeSubDomains(?:; preload)?)?")
_CONTACT = re.compile(r"mailto:[^\s,@]+@[^\s,@]+|https://[^\s,/]+[^\s,]*|tel:\+?[0-9-]+")
_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?/?")


def check_public_url(value: str) -> str:
    """The value without a trailing slash."""
    if not value:
        return value
    if not re.match(r"https?://[^/]", value):
        raise ValueError("must be an address such as https://start.example.com")
    if not _ORIGIN.fullmatch(value):
        raise ValueError("must be only scheme, host and port: the portal is served from the root of its host")
    if (port := urlsplit(value.rstrip("/")).netloc.rpartition(":")[2]).isdigit() and not 0 < int(port) < 65536:
        raise ValueError("has a port that does not exist")
    return value.rstrip("/")


def check_trusted_proxies(value: str) -> str:
    """The value, when each part is an address or a network, or all of it is `*`; networks as the server reads them."""
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if parts == ["*"]:
        return "*"
    for number, part in enumerate(parts):
        if part == "*":
            raise ValueError(
                "must be either * or a list of addresses: * believes everybody, so the others mean nothing"
            )
        try:
            network = ip_network(part, strict=False)
        except ValueError:
            raise ValueError(f"must be IP addresses or networks, separated by commas, or *; {part!r} is none") from None
        if "/" in part:
            parts[number] = str(network)  # the server takes 10.0.0.1/8 for the name of a host
    return ",".join(parts)


def check_hosts(value: str) -> str:
    """The value, when each part can be the name of a host; no scheme, no port."""
    for part in filter(None, map(str.strip, value.split(","))):
        if part != "*" and not _HOST.fullmatch(part):
            raise ValueError(f"must be names of hosts, separated by commas, without scheme and port; {part!r} is none")
    return value


def check_hsts(value: str) -> str:
    """The value, when it can be the header's (RFC 6797)."""
    if value and not _HSTS.fullmatch(value):
        raise ValueError("must be such as max-age=63072000 or max-age=63072000; includeSubDomains")
    return value


def check_contacts(value: str) -> str:
    """The value, when each part is an address of a kind that RFC 9116 names."""
    for part in filter(None, map(str.strip, value.split(","))):
        if not _CONTACT.fullmatch(part):
            raise ValueError(f"must be mailto:, https:// or tel: addresses, separated by commas; {part!r} is none")
    return value


def check_database_url(value: SecretStr) -> SecretStr:
    """Look at the beginning only, and never repeat the value: it may hold a password."""
    if not (address := value.get_secret_value()):
        return value
    if not re.match(r"(?:sqlite(?:\+aiosqlite)?:///|postgres(?:ql)?(?:\+asyncpg)?://)", address):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    if re.fullmatch(r"sqlite(?:\+aiosqlite)?:///(?::memory:)?(?:\?.*)?", address):
        raise ValueError("must name a file, such as sqlite:////var/lib/portal/portal.db")
    return value


def check_secret_key(value: SecretStr) -> SecretStr:
    """The value, when each of its secrets is long enough."""
    secrets = [secret.strip() for secret in value.get_secret_value().split(",")]
    if secrets != [""] and min(map(len, secrets)) < MIN_SECRET:
        raise ValueError(f"must have at least {MIN_SECRET} characters (each, when there are several)")
    return value


def check_metrics_token(value: SecretStr) -> SecretStr:
    """The value, when it is long enough to be a secret."""
    if value.get_secret_value() and len(value.get_secret_value()) < MIN_SECRET:
        raise ValueError(f"must have at least {MIN_SECRET} characters")
    return value


_COLLECTOR = re.compile(r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?")


def check_otlp_endpoint(value: str) -> str:
    """The value without a trailing slash."""
    if value and not _COLLECTOR.fullmatch(value):
        raise ValueError("must be an address such as http://localhost:4318, without a name, a password and a query")
    return value.rstrip("/")


def check_time_zone(value: str) -> str:
    """The value, when this machine knows the zone."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be the name of a time zone that this machine knows, such as Europe/Berlin") from None
    return value


def check_redis_url(value: SecretStr) -> SecretStr:
    """Look at the beginning only: the value may hold a password."""
    address = value.get_secret_value()
    if address and not re.match(r"(?:rediss?|redis\+unix)://.", address):
        raise ValueError("must be an address such as redis://localhost:6379/0")
    return value


_PROVIDER = re.compile(r"(?:https://[^/?#\s]+|http://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?)(?:/[^?#\s]*)?")


def check_oidc_issuer(value: str) -> str:
    """The value, when it can be an issuer."""
    if value and not _PROVIDER.fullmatch(value):
        raise ValueError("must be an https:// address without a query, exactly as the provider calls itself")
    return value
