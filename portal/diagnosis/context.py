"""Owns what shifts a ranking beside the words: the model and the address together, the key check, the machine. PURE."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from portal.diagnosis.answer import Clue, Known
from portal.diagnosis.cleaning import readable
from portal.diagnosis.reading import Reading
from portal.diagnosis.values import ALIASES, API_KEY, BASE_URL, TOKEN
from portal.diagnosis.wording import WHY
from portal.snippets.targets import Platform

_SELECTED: Final = re.compile(r"selectedmodel\(([^()]{1,120})\)")
_DOTTED: Final = re.compile(r"claude-[a-z]+-\d+\.\d")
_OTHER_TIER: Final = re.compile(r"claude-(?:haiku|fable)-\d+-\d")
_WANTS_BEARER: Final = re.compile(
    r"(?:missing|no|without|requires?|expected|invalid)[^\n]{0,20}(?:authorization|bearer)|"
    r"(?:authorization|bearer)[^\n]{0,20}(?:missing|required|notfound|isempty|expected)"
)
_WANTS_API_KEY: Final = re.compile(
    r"(?:missing|no|without|requires?|expected)[^\n]{0,12}x-api-key|x-api-key[^\n]{0,20}(?:missing|required|notfound|isempty|expected)"
)
# The prompt of a container is its short id; the others are folders and names that only containers and machines reached
# by `ssh` show.
_CONTAINER: Final = re.compile(
    r"[a-z]@[0-9a-f]{12}:|/workspaces/|/\.dockerenv|host\.docker\.internal|devcontainer|codespace|(?:docker|podman)(?:compose)?(?:run(?!ning|-d|--detach)|exec)|kubectlexec|gitpod|[$>❯#]ssh(?!-(?:keygen|add|agent|copy)|[a-z@.-]{0,40}?-[a-z]{0,3}l\d)[a-z0-9@.-]{2,60}|welcometoubuntu|ssh_connection="
)
_LOCAL: Final = re.compile(r"https?://(?:localhost|127\.|\[::1\])")
# A variable that is handed to a container as an option of the command.
_LOCAL_OPTION: Final = re.compile(r"anthropic_base_url=https?://(?:localhost|127\.|\[::1\])")
_PROXIES: Final = frozenset({"HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"})
_NO_NAME_OF_THE_CLIENT: Final = re.compile(r"(?!claude-|anthropic)")


def weigh_context(reading: Reading, known: Known) -> Iterator[Clue]:
    """Clues that no single line gives."""
    yield from _model_or_path(reading, known)
    yield from _no_key_or_refused(reading)
    yield from _elsewhere(reading, known)
    yield from _other_address(reading)
    yield from _other_header(reading)
    yield from _key_check(reading, known)


def _model_or_path(reading: Reading, known: Known) -> Iterator[Clue]:
    """`There's an issue with the selected model` is said for every 404."""
    said = list(_SELECTED.finditer(reading.cleaned.dense))
    if not said:
        return
    found = said[-1]
    line = reading.cleaned.line_at(found.start())
    quote = readable(reading.cleaned.lines[line])
    identity = found[1].strip()
    bare = identity.removesuffix("[1m]")
    offered = {model.lower() for model in known.models}
    if offered and bare in offered:
        weights = (("base-url-path", 3.5), ("base-url-redirect", 1.5), ("model-unknown", -1.0))
        yield Clue(weights, WHY["model-listed"], line + 1, quote)
    elif offered and bare not in ALIASES:
        yield Clue((("model-unknown", 3.5),), WHY["model-not-listed"], line + 1, quote)
    elif not offered and (identity != bare or _NO_NAME_OF_THE_CLIENT.match(bare)):
        yield Clue((("model-unknown", 3.0),), WHY["model-own-default"], line + 1, quote)
    elif not offered and _OTHER_TIER.match(bare):
        yield Clue((("model-unknown", 2.0),), WHY["tier"], line + 1, quote)
    elif not offered and _DOTTED.match(bare):
        yield Clue((("base-url-path", 1.5),), WHY["model-dotted"], line + 1, quote)


def _no_key_or_refused(reading: Reading) -> Iterator[Clue]:
    if "not-logged-in" not in reading.met:
        return
    if 401 in reading.statuses or "rejected-words" in reading.met:
        yield Clue((("key-rejected", 4.0), ("not-in-effect", -2.5)), WHY["answered-401"], 0)
    elif "(norequestwasanswered)" in reading.cleaned.dense:
        yield Clue((("not-in-effect", 2.0), ("key-rejected", -1.5)), WHY["no-request"], 0)
    if reading.variables and reading.variables.values.get(TOKEN, "").strip():
        yield Clue((("key-rejected", 2.0), ("not-in-effect", -1.0)), WHY["address-seen"], 0)


def _elsewhere(reading: Reading, known: Known) -> Iterator[Clue]:
    if not reading.met & {"refused", "refused-elsewhere", "curl-refused"}:
        return
    values = reading.variables.values if reading.variables else {}
    address = values.get(BASE_URL, "") or next(iter(known.base_urls), "")
    is_local = _LOCAL.match(address) is not None or _LOCAL_OPTION.search(reading.cleaned.dense) is not None
    is_inside = _CONTAINER.search(reading.cleaned.dense) is not None
    if is_local and ("wsl" in reading.met or known.platform is Platform.WSL or is_inside):
        yield Clue((("localhost-elsewhere", 8.0),), WHY["elsewhere"], 0)
    elif known.base_urls and not is_local:
        yield Clue((("localhost-elsewhere", -2.0),), WHY["address-seen"], 0)
    if any(name.upper() in _PROXIES and value.strip() for name, value in values.items()) and not is_local:
        yield Clue((("proxy-refused", 6.0),), WHY["proxy-set"], 0)


def _other_address(reading: Reading) -> Iterator[Clue]:
    """The shell holds one address, Claude Code names another: something wins over the shell."""
    here = reading.variables.values.get(BASE_URL, "").strip().rstrip("/").lower() if reading.variables else ""
    if here and reading.address and here != reading.address.strip().rstrip("/").lower():
        yield Clue((("settings-file-wins", 9.0),), WHY["two-addresses"], 0)


def _other_header(reading: Reading) -> Iterator[Clue]:
    """One header was refused; the other one is asked for, was accepted, or is the one that the set-up does not use."""
    if 401 not in reading.statuses:
        return
    text = reading.cleaned.dense
    if 200 in reading.statuses and "x-api-key:" in text and "authorization:bearer" in text:
        yield Clue((("key-in-wrong-variable", 9.0),), WHY["other-header"], 0)
        return
    values = reading.variables.values if reading.variables else {}
    token, api_key = values.get(TOKEN, "").strip(), values.get(API_KEY, "").strip()
    if bool(token) != bool(api_key):
        asks_for_token = _WANTS_BEARER.search(text) is not None
        asks_for_key = _WANTS_API_KEY.search(text) is not None
        if (api_key and asks_for_token) or (token and asks_for_key):
            yield Clue((("key-in-wrong-variable", 8.0), ("key-rejected", -3.0)), WHY["other-header"], 0)
        elif api_key:
            yield Clue((("key-in-wrong-variable", 4.0),), WHY["api-key-only"], 0)


def _key_check(reading: Reading, known: Known) -> Iterator[Clue]:
    if known.key_check is None or not reading.clues:
        return
    seen = {cause for clue in reading.clues for cause, points in clue.weights if points > 0}
    if known.key_check:
        yield Clue(((known.key_check, 3.5 if known.key_check in seen else 1.5),), WHY["key-check"], 0)
        return
    less = (("key-rejected", -2.5), ("key-malformed", -1.0), ("out-of-credit", -1.5), ("gateway-error", -1.0))
    more = (("not-in-effect", 1.5), ("leftover-api-key", 2.0), ("settings-file-wins", 1.0), ("base-url-path", 0.5))
    weights = (*less, *(pair for pair in more if pair[0] in seen))
    yield Clue(weights, WHY["key-check"], 0)
