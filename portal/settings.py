"""Owns the configuration: the only module that reads the environment (`PORTAL_*`)."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from portal import setting_checks
from portal.errors import ConfigurationError
from portal.logs import LogFormat

PREFIX: Final = "PORTAL_"
_FILE_SUFFIX: Final = "_FILE"


class LogLevel(StrEnum):
    """How much the log says."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _listed(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


class Settings(BaseSettings):
    """What an operator can set. Each field is the environment variable `PORTAL_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, str_strip_whitespace=True)

    host: str = Field(
        "127.0.0.1", min_length=1, description="Address to listen on; `0.0.0.0` for every network interface."
    )
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    workers: int = Field(1, ge=1, le=64, description="Processes that serve on the port; one uses one processor core.")
    profile: str = Field("tokenbay", description="The gateway: a preset’s name or the path of a profile file (TOML).")
    public_url: Annotated[str, AfterValidator(setting_checks.check_public_url)] = Field(
        "",
        description="The portal’s own address as visitors see it; used in absolute links. Empty: from the request.",
    )
    log_level: LogLevel = Field(LogLevel.INFO, description="`debug`, `info`, `warning` or `error`.")
    log_format: LogFormat = Field(
        LogFormat.LINE, description="`line` for people, `json` (one object a line) for what collects logs."
    )
    trusted_proxies: Annotated[str, AfterValidator(setting_checks.check_trusted_proxies)] = Field(
        "127.0.0.1",
        description=(
            "Addresses (comma-separated) whose `X-Forwarded-*` headers are believed; "
            "`*` believes everybody, visitors too."
        ),
    )
    allowed_hosts: Annotated[str, AfterValidator(setting_checks.check_hosts)] = Field(
        "",
        description=(
            "Names (comma-separated) that the portal answers to; `*.example.com` for all below one, `*` for any. "
            "Empty: the host of `PORTAL_PUBLIC_URL` and this machine’s own names, or any without that."
        ),
    )
    hsts: Annotated[str, AfterValidator(setting_checks.check_hsts)] = Field(
        "max-age=63072000",
        description="`Strict-Transport-Security` for visitors who come by https. Empty: none.",
    )
    security_contact: Annotated[str, AfterValidator(setting_checks.check_contacts)] = Field(
        "",
        description=(
            "Whom to tell about a weakness: addresses (comma-separated) such as `mailto:security@example.com`. "
            "Empty: there is no `/.well-known/security.txt`."
        ),
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
    redis_url: Annotated[SecretStr, AfterValidator(setting_checks.check_redis_url)] = Field(
        SecretStr(""),
        description=(
            "Where limits (key checks, sign-ins, posts) are counted for all processes, such as "
            "`redis://:password@host:6379/0`. "
            "Empty: in each."
        ),
    )
    database_url: Annotated[SecretStr, AfterValidator(setting_checks.check_database_url)] = Field(
        SecretStr(""),
        description=(
            "Where visits are recorded: `sqlite:////path/to/file` or `postgresql://user:password@host/name`. "
            "Empty: a SQLite file in the state folder."
        ),
    )
    secret_key: Annotated[SecretStr, AfterValidator(setting_checks.check_secret_key)] = Field(
        SecretStr(""),
        description=(
            "Signs cookies; 16 characters or more. Several, separated by commas: the first signs, all are read. "
            "Empty: made once and kept beside the SQLite file."
        ),
    )
    retention_days: int = Field(
        90, ge=1, le=3650, description="For how many days a visit is kept before it is removed."
    )
    time_zone: Annotated[str, AfterValidator(setting_checks.check_time_zone)] = Field(
        "UTC", description="The operator’s time zone (`Europe/Berlin`): statistics cut days in it."
    )
    metrics_token: Annotated[SecretStr, AfterValidator(setting_checks.check_metrics_token)] = Field(
        SecretStr(""),
        description=(
            "What Prometheus sends as `Authorization: Bearer …` to read `/metrics`; 16 characters or more. "
            "Empty: there is no `/metrics`."
        ),
    )
    otlp_endpoint: Annotated[str, AfterValidator(setting_checks.check_otlp_endpoint)] = Field(
        "",
        description=(
            "The OpenTelemetry collector that is sent spans (OTLP over HTTP), such as `http://localhost:4318`. "
            "Empty: none are made."
        ),
    )
    session_idle_minutes: int = Field(
        30, ge=1, le=1440, description="An operator is signed out after so many minutes without a request."
    )
    session_hours: int = Field(12, ge=1, le=168, description="An operator is signed out after so many hours at most.")
    oidc_issuer: Annotated[str, AfterValidator(setting_checks.check_oidc_issuer)] = Field(
        "",
        description="Operators sign in through this OpenID Connect provider, too. Empty: with a password only.",
    )
    oidc_client_id: str = Field("", description="How the provider knows the portal.")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="The portal’s secret at the provider; empty for a public client."
    )
    oidc_allowed_groups: str = Field(
        "",
        description=(
            "Groups (comma-separated) whose members may sign in, from the claim `groups`. "
            "Without a group and a domain nobody may; with both, both have to hold."
        ),
    )
    oidc_allowed_domains: str = Field(
        "", description="Domains (comma-separated) of verified e-mail addresses that may sign in."
    )
    oidc_name: str = Field("Single sign-on", min_length=1, description="What the sign-in page calls the provider.")

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names that the portal answers to, as the operator gave them."""
        return _listed(self.allowed_hosts)

    @property
    def security_contacts(self) -> tuple[str, ...]:
        """Whom to tell about a weakness: addresses."""
        return _listed(self.security_contact)

    @property
    def oidc_groups(self) -> frozenset[str]:
        """The groups whose members may sign in."""
        return frozenset(_listed(self.oidc_allowed_groups))

    @property
    def oidc_domains(self) -> frozenset[str]:
        """The domains of e-mail addresses that may sign in, in lower case, without an at sign."""
        return frozenset(domain.removeprefix("@").lower() for domain in _listed(self.oidc_allowed_domains))

    @property
    def database_address(self) -> str:
        """The database as an SQLAlchemy URL; may hold a password."""
        given = self.database_url.get_secret_value()
        return given or f"sqlite:///{quote(str(state_folder() / 'portal.db'))}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What signs, newest first; empty when the operator set nothing."""
        parts = (part.strip() for part in self.secret_key.get_secret_value().split(","))
        return tuple(part for part in parts if part)


def state_folder() -> Path:
    """Where this machine keeps what a program wrote: systemd's `STATE_DIRECTORY`, else the user's own place for it."""
    if given := os.environ.get("STATE_DIRECTORY"):
        return Path(given.partition(":")[0])
    home = Path.home()
    base = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_STATE_HOME")
    return Path(base or home / ("AppData/Local" if os.name == "nt" else ".local/state")) / "onboarding-portal"


def load_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read the environment, let `overrides` (command-line options that were given) win, and validate.

    Raises:
        ConfigurationError: one sentence for each broken value or unknown `PORTAL_*` variable.

    """
    given = _read_secret_files() | {name: value for name, value in (overrides or {}).items() if value is not None}
    problems = [_unknown_variable(name) for name in sorted(os.environ) if _is_unknown(name)]
    try:
        settings = Settings(**given)
    except ValidationError as error:
        problems += [_broken_value(str(e["loc"][0]), e["msg"], e["input"], given) for e in error.errors()]
        raise ConfigurationError("\n".join(problems)) from None
    if problems:
        raise ConfigurationError("\n".join(problems))
    if settings.public_url and not settings.secrets and not settings.database_address.startswith("sqlite"):
        raise ConfigurationError(
            f"{PREFIX}SECRET_KEY is needed with PostgreSQL and {PREFIX}PUBLIC_URL: every host of the portal has to "
            "read what the others signed. Set it to the output of `openssl rand -base64 32`."
        )
    if settings.oidc_issuer and not settings.oidc_client_id:
        raise ConfigurationError(
            f"{PREFIX}OIDC_CLIENT_ID is needed with {PREFIX}OIDC_ISSUER: it is how the provider knows the portal."
        )
    return settings


def _secret_fields() -> dict[str, str]:
    """The variables that name a file with a secret in it -> the field that it is for."""
    fields = Settings.model_fields.items()
    return {f"{PREFIX}{name.upper()}{_FILE_SUFFIX}": name for name, field in fields if field.annotation is SecretStr}


def _read_secret_files() -> dict[str, Any]:
    found = {}
    for variable, field in _secret_fields().items():
        if path := os.environ.get(variable):
            try:
                found[field] = SecretStr(Path(path).read_text(encoding="utf-8").strip())
            except (OSError, UnicodeError) as error:
                raise ConfigurationError(
                    f"{variable} names a file that cannot be read: {type(error).__name__}."
                ) from None
    return found


def _is_unknown(name: str) -> bool:
    known = name.removeprefix(PREFIX).lower() in Settings.model_fields or name in _secret_fields()
    return name.startswith(PREFIX) and not known


def _unknown_variable(name: str) -> str:
    known = [field.upper() for field in Settings.model_fields]
    near = difflib.get_close_matches(name.removeprefix(PREFIX), known, n=1)
    hint = f"did you mean {PREFIX}{near[0]}?" if near else f"known are {', '.join(PREFIX + field for field in known)}."
    return f"{name} is not a setting of the portal: {hint}"


def _broken_value(field: str, message: str, value: object, given: Mapping[str, Any]) -> str:
    if Settings.model_fields[field].annotation is SecretStr:
        return f"{PREFIX}{field.upper()} cannot be used: {message.removeprefix('Value error, ')}."  # without the value
    place = f"--{field.replace('_', '-')}" if field in given else PREFIX + field.upper()
    if field_type := Settings.model_fields[field].annotation:
        message = f"must be a whole number ({message})" if field_type is int else message
    return f"{place} cannot be {value!r}: {message.removeprefix('Value error, ')}."
