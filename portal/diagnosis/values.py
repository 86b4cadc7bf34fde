"""Owns what is wrong with one value of a set-up: an address, a key, a model, a switch. PURE.

Used for settings files, for the environment, and for `/status`. Values come masked; a masked key is `***` with what
was around it. What the client does with each was measured with 2.1.197 and 2.1.330.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from portal.diagnosis.answer import Known
from portal.profile.model import CredentialScheme
from portal.words import Text, _

BASE_URL: Final = "ANTHROPIC_BASE_URL"
TOKEN: Final = "ANTHROPIC_AUTH_TOKEN"  # noqa: S105 - a variable's name
API_KEY: Final = "ANTHROPIC_API_KEY"
CREDENTIALS: Final = (TOKEN, API_KEY)
CLOUD: Final = ("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY")
MODELS: Final = re.compile(r"ANTHROPIC_(?:MODEL|DEFAULT_MODEL|SMALL_FAST_MODEL|DEFAULT_[A-Z]+_MODEL)")
ALIASES: Final = frozenset({"sonnet", "opus", "haiku", "best", "opusplan", "default", "fable", "inherit"})
LEGACY_IDS: Final = ("claude-opus-4-1-20250805", "claude-opus-4-20250514", "claude-opus-4-1", "claude-opus-4-0")

_ENDPOINT: Final = re.compile(r"/(?:v1/)?(?:messages|chat/completions|completions|responses|models)/*$")
_QUOTED: Final = re.compile(r"[\"'“”‘’„«»`]")
_VARIABLE: Final = re.compile(r"\$\{?[A-Za-z_]|%[A-Za-z_]+%")
_PLACEHOLDER: Final = re.compile(
    r"<[^>]*>|(?:sk[-_])?x{3,}|(?:sk[-_])?\.{3,}|(?:sk[-_])?…+|your[-_ ]?\S*(?:key|token)\S*|"
    r"(?:sk-)?your\S*|.*YOUR[-_]?(?:API[-_]?)?(?:KEY|TOKEN).*",
    re.IGNORECASE,
)
_LOOPBACK: Final = re.compile(r"https?://(?:localhost|127\.|\[::1\]|0\.0\.0\.0)", re.IGNORECASE)
Defect: TypeAlias = tuple[str, float, Text]


def defects(name: str, value: str, known: Known) -> Iterator[Defect]:
    """What is wrong with the value of a variable: cause id, points, and a sentence."""
    if name == BASE_URL:
        yield from _address(value, known)
    elif name in CREDENTIALS:
        yield from _key(name, value)
    elif name in CLOUD:
        if value.strip() and value.strip().lower() not in {"0", "false"}:
            yield (
                "cloud-provider-flag",
                11,
                _("`{name}` is set, so Claude Code goes to that cloud and ignores the gateway.", name=name),
            )
    elif MODELS.fullmatch(name):
        yield from _model(name, value, known)
    elif name.upper() in {"HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"}:
        yield from _proxy(name, value)
    elif name == "API_TIMEOUT_MS" and not re.fullmatch(r"\s*\d[\d_]*(?:e\d)?\s*", value):
        yield "timeout", 5, _("`API_TIMEOUT_MS` is a number of milliseconds, for example `600000`.")


def _address(value: str, known: Known) -> Iterator[Defect]:  # noqa: C901 - one case per mistake
    trimmed = value.strip()
    if not trimmed:
        yield "not-in-effect", 8, _("The address is empty, so Claude Code goes to api.anthropic.com.")
        return
    if _QUOTED.search(trimmed):
        yield "base-url-invalid", 10, _("The quotation marks are part of the address, so it is not one.")
        return
    if _VARIABLE.search(trimmed):
        yield "base-url-invalid", 9, _("Claude Code does not replace variables such as `$NAME` in a settings file.")
        return
    if not re.match(r"https?://", trimmed, re.IGNORECASE):
        yield "base-url-invalid", 10, _("The address does not begin with `https://`.")
        return
    if value != trimmed:
        yield "base-url-invalid", 1, _("There are blanks around the address. Claude Code copes with them.")
    bare = trimmed.rstrip("/")
    expected = known.base_urls
    if bare.lower() in {url.rstrip("/").lower() for url in expected}:
        return
    if _ENDPOINT.search(trimmed):
        yield "base-url-path", 11, _("The address ends in an endpoint. Claude Code adds `/v1/messages` itself.")
    elif bare.endswith("/v1"):
        yield "base-url-path", 11, _("The address ends in `/v1`. Claude Code adds `/v1/messages` itself.")
    elif "?" in trimmed or "#" in trimmed:
        yield "base-url-invalid", 8, _("The address holds a `?` or `#`, after which nothing can be added.")
    elif "api.anthropic.com" in trimmed:
        yield "not-in-effect", 7, _("The address is Anthropic’s own, not the gateway’s.")
    elif expected:
        yield from _other_address(bare, expected)
    elif trimmed.lower().startswith("http://") and not _LOOPBACK.match(trimmed):
        yield "base-url-redirect", 5, _("The address begins with `http://`. Most gateways redirect it to `https://`.")


def _other_address(bare: str, expected: tuple[str, ...]) -> Iterator[Defect]:
    wanted = expected[0].rstrip("/")
    if any(bare.lower() == url.rstrip("/").lower().replace("https://", "http://") for url in expected):
        yield "base-url-redirect", 9, _("The address begins with `http://`; the gateway’s begins with `https://`.")
    elif any(bare.lower() == url.rstrip("/").lower().replace("http://", "https://") for url in expected):
        yield "base-url-scheme", 9, _("The address begins with `https://`; the gateway’s begins with `http://`.")
    elif _host(bare) in {_host(url) for url in expected}:
        yield "base-url-path", 9, _("The path is not the gateway’s: the address has to be `{url}`.", url=wanted)
    else:
        yield "settings-file-wins", 5, _("This is another address than `{url}`.", url=wanted)


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()


def _key(name: str, value: str) -> Iterator[Defect]:  # noqa: C901 - one case per mistake
    trimmed = value.strip()
    if not trimmed:
        return
    if trimmed.strip("\"'“”") == "null":
        yield "key-malformed", 8, _("The value is `null`; Claude Code sends that word as the key.")
    elif _VARIABLE.match(trimmed):
        yield "key-malformed", 8, _("Claude Code sends `$NAME` as it stands: it does not replace variables.")
    elif _PLACEHOLDER.fullmatch(trimmed.strip("\"'“”")):
        yield "key-placeholder", 11, _("This is the placeholder of an example, not a key.")
    elif re.search(r"[“”„‘’«»]", trimmed):
        yield "key-malformed", 11, _("Typographic quotation marks are part of the key.")
    elif _QUOTED.search(trimmed):
        yield "key-malformed", 10, _("The quotation marks are part of the key, so the gateway does not know it.")
    elif re.match(r"bearer\b", trimmed, re.IGNORECASE):
        yield "key-malformed", 11, _("The word `Bearer` is part of the key. Claude Code adds it itself.")
    elif not trimmed.isascii():
        yield "key-malformed", 11, _("The key holds a character that no key has, perhaps an invisible one.")
    elif re.search(r"\s", trimmed):
        yield "key-malformed", 9, _("There is a blank or a line break inside the key.")
    elif value != trimmed:
        yield "key-malformed", 3, _("There are blanks around the key in `{name}`. Older versions send them.", name=name)


def _model(name: str, value: str, known: Known) -> Iterator[Defect]:
    trimmed = value.strip()
    bare = re.sub(r"\[1m\]$", "", trimmed, flags=re.IGNORECASE)
    if not trimmed or (bare.lower() in ALIASES and value == trimmed):
        return
    if _QUOTED.search(trimmed):
        yield "model-unknown", 9, _("The quotation marks are part of the model name.")
    elif bare in LEGACY_IDS and bare not in known.models:
        yield "legacy-model-remap", 7, _("Claude Code replaces this retired model by the newest one.")
    elif value != trimmed:
        yield "model-unknown", 5, _("There are blanks around the model name in `{name}`.", name=name)
    elif known.models and bare not in known.models and name != "ANTHROPIC_SMALL_FAST_MODEL":
        yield "model-unknown", 8, _("The gateway does not offer the model `{model}`.", model=bare)


def _proxy(name: str, value: str) -> Iterator[Defect]:
    if value.strip() and "://" not in value:
        yield "proxy-scheme", 8, _("`{name}` has no `http://` in front; older versions then end silently.", name=name)
    elif value.strip().lower().startswith("socks"):
        yield "proxy-scheme", 9, _("Claude Code does not speak SOCKS. It needs an HTTP proxy.")


def together(values: Mapping[str, str], known: Known, *, whole: bool) -> Iterator[Defect]:
    """What is wrong with the variables as a set. `whole`: the set is all there is, so what is missing is missing."""
    token, api_key = values.get(TOKEN, "").strip(), values.get(API_KEY, "").strip()
    if token and api_key:
        yield "leftover-api-key", 10, _("Both `ANTHROPIC_AUTH_TOKEN` and `ANTHROPIC_API_KEY` have a value.")
    elif api_key and known.credential is CredentialScheme.BEARER:
        yield "key-in-wrong-variable", 7, _("The key is in `ANTHROPIC_API_KEY`, but this gateway reads the other one.")
        yield "leftover-api-key", 5, _("`ANTHROPIC_API_KEY` has a value, and `ANTHROPIC_AUTH_TOKEN` has none.")
    elif token and known.credential is CredentialScheme.X_API_KEY:
        yield (
            "key-in-wrong-variable",
            8,
            _("The key is in `ANTHROPIC_AUTH_TOKEN`, but this gateway reads the other one."),
        )
    if whole and not token and not api_key and "apiKeyHelper" not in values:
        yield "not-in-effect", 7, _("No variable holds a key.")
    if whole and BASE_URL not in values and (token or api_key):
        yield "not-in-effect", 8, _("`ANTHROPIC_BASE_URL` is missing, so requests go to api.anthropic.com.")
