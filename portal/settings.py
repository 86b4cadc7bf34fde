"""Owns the configuration: the only module that reads the environment (`PORTAL_*`)."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import ip_network
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from portal.errors import ConfigurationError

PREFIX: Final = "PORTAL_"


class LogLevel(StrEnum):
    """How much the log says."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?/?")


def _public_url(value: str) -> str:
    if not value:
        return value
    if not re.match(r"https?://[^/]", value):
        raise ValueError("must be an address such as https://start.example.com")
    if not _ORIGIN.fullmatch(value):
        raise ValueError("must be only scheme, host and port: the portal is served from the root of its host")
    if (port := urlsplit(value.rstrip("/")).netloc.rpartition(":")[2]).isdigit() and not 0 < int(port) < 65536:
        raise ValueError("has a port that does not exist")
    return value.rstrip("/")


def _proxies(value: str) -> str:
    for part in value.split(","):
        if part.strip() not in {"", "*"}:
            try:
                ip_network(part.strip(), strict=False)
            except ValueError:
                raise ValueError(
                    f"must be IP addresses or networks, separated by commas, or *; {part!r} is none"
                ) from None
    return value


def _redis_url(value: str) -> str:
    if value and not re.match(r"(?:rediss?|redis\+unix)://.", value):
        raise ValueError("must be an address such as redis://localhost:6379/0")
    return value


class Settings(BaseSettings):
    """What an operator can set. Each field is the environment variable `PORTAL_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, str_strip_whitespace=True)

    host: str = Field(
        "127.0.0.1", min_length=1, description="Address to listen on; `0.0.0.0` for every network interface."
    )
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    profile: str = Field("tokenbay", description="The gateway: a preset’s name or the path of a profile file (TOML).")
    public_url: Annotated[str, AfterValidator(_public_url)] = Field(
        "",
        description="The portal’s own address as visitors see it; used in absolute links. Empty: from the request.",
    )
    log_level: LogLevel = Field(LogLevel.INFO, description="`debug`, `info`, `warning` or `error`.")
    trusted_proxies: Annotated[str, AfterValidator(_proxies)] = Field(
        "127.0.0.1",
        description="Addresses (comma-separated) whose `X-Forwarded-*` headers are believed; `*` believes all.",
    )
    key_checks_per_minute: int = Field(
        10,
        ge=1,
        le=10_000,
        description="Key checks allowed to one client address within a minute.",
    )
    key_checks_per_minute_in_total: int = Field(
        600,
        ge=1,
        le=1_000_000,
        description="Key checks allowed to everybody together within a minute.",
    )
    key_checks_at_once: int = Field(
        30,
        ge=1,
        le=10_000,
        description="Key checks that run at one time in this process; further ones are asked to wait.",
    )
    redis_url: Annotated[str, AfterValidator(_redis_url)] = Field(
        "",
        description="Where key checks are counted for all processes, such as `redis://host:6379/0`. Empty: in each.",
    )


def load_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read the environment, let `overrides` (command-line options that were given) win, and validate.

    Raises:
        ConfigurationError: one sentence for each broken value or unknown `PORTAL_*` variable.

    """
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    problems = [_unknown_variable(name) for name in sorted(os.environ) if _is_unknown(name)]
    try:
        settings = Settings(**given)
    except ValidationError as error:
        problems += [_broken_value(str(e["loc"][0]), e["msg"], e["input"], given) for e in error.errors()]
        raise ConfigurationError("\n".join(problems)) from None
    if problems:
        raise ConfigurationError("\n".join(problems))
    return settings


def _is_unknown(name: str) -> bool:
    return name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() not in Settings.model_fields


def _unknown_variable(name: str) -> str:
    known = [field.upper() for field in Settings.model_fields]
    near = difflib.get_close_matches(name.removeprefix(PREFIX), known, n=1)
    hint = f"did you mean {PREFIX}{near[0]}?" if near else f"known are {', '.join(PREFIX + field for field in known)}."
    return f"{name} is not a setting of the portal: {hint}"


def _broken_value(field: str, message: str, value: object, given: Mapping[str, Any]) -> str:
    place = f"--{field.replace('_', '-')}" if field in given else PREFIX + field.upper()
    if field_type := Settings.model_fields[field].annotation:
        message = f"must be a whole number ({message})" if field_type is int else message
    return f"{place} cannot be {value!r}: {message.removeprefix('Value error, ')}."
