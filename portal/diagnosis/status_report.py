"""Owns reading `/status` and `claude auth status`: each line against what this set-up expects. PURE.

The lines were measured with 2.1.197 and 2.1.330. No line about the base URL at all means that it is not in effect.
"""

from __future__ import annotations

import re
from typing import Final

from portal.diagnosis.answer import Clue, Kind, Known, Note
from portal.diagnosis.cleaning import readable
from portal.diagnosis.values import ALIASES, API_KEY, BASE_URL, TOKEN, defects
from portal.profile.model import CredentialScheme
from portal.snippets.targets import Scope
from portal.words import Text, _

_LABELS: Final = (
    *("Version", "Session ID", "cwd", "Auth token", "Unused API key", "API key", "Anthropic base URL", "Login method"),
    *("Model", "Setting sources", "Organization", "Email", "Proxy", "API provider", "Session name"),
)
_LINE: Final = re.compile(rf"^[^\w\n]{{0,12}}({'|'.join(_LABELS)})\s?:[^\S\n]*([^\n]*)$", re.MULTILINE | re.IGNORECASE)
# A screen that was copied without its line breaks.
_RUN_ON: Final = re.compile(
    rf"(?:^|(?<=[\s│|]))({'|'.join(_LABELS)})\s?:[^\S\n]*((?:(?!\s(?:{'|'.join(_LABELS)})\s?:)[^\n]){{0,300}})",
    re.MULTILINE,
)
_SEEN: Final = ("Auth token", "API key", "Anthropic base URL", "Login method", "Setting sources", "Version:")
_STATUS_ONLY: Final = frozenset({"version", "session id", "cwd", "session name", "setting sources"})
_CREDENTIAL: Final = frozenset({"auth token", "api key", "login method", "anthropic base url", "unused api key"})
_FIELD: Final = re.compile(
    r'"(loggedIn|authMethod|apiProvider|apiKeySource|subscriptionType|email)"\s*:\s*"?([^",}\n]*)'
)
_ID: Final = re.compile(r"\(([^()\s]{2,120})\)")


class Report:
    """What was found in a status text. `address` is the base URL that is in effect, empty when none is named."""

    def __init__(self, lines: tuple[str, ...], known: Known) -> None:
        self._lines = lines
        self._known = known
        self.notes: list[Note] = []
        self.clues: list[Clue] = []
        self.kinds: set[Kind] = set()
        self.address = ""

    def _say(self, line: int, says: Text, *weights: tuple[str, float], good: bool = False) -> None:
        quote = readable(self._lines[line - 1]) if line else ""
        self.notes.append(Note(line, 0, quote, says, weights[0][0] if weights else "", good))
        if weights:
            self.clues.append(Clue(weights, says, line, quote))

    def read_lines(self, text: str) -> None:
        """Read `/status` or `claude auth status --text`, if they are there."""
        if not any(label in text for label in _SEEN):
            return
        places: dict[str, tuple[str, int]] = {}
        run_on = "Setting sources:" in text and "Version:" in text
        for match in (_RUN_ON if run_on else _LINE).finditer(text):
            places[match[1].lower()] = (match[2].strip(" │|\r"), match.start(1))
        found = {name: (value, text.count("\n", 0, at) + 1) for name, (value, at) in places.items()}
        is_status = len(found.keys() & _STATUS_ONLY) >= 2 or ("setting sources" in found and len(found) > 1)
        if not is_status and not (found.keys() & _CREDENTIAL):
            return
        self.kinds.add(Kind.STATUS if is_status else Kind.AUTH_STATUS)
        self._read_address(found)
        self._read_credential(found)
        if "model" in found and is_status:
            self._read_model(*found["model"])
        if "setting sources" in found:
            self._read_sources(*found["setting sources"])
        if "api provider" in found:
            self._say(
                found["api provider"][1],
                _("Claude Code goes to a cloud provider, not to the gateway."),
                ("cloud-provider-flag", 11),
            )

    def _read_address(self, found: dict[str, tuple[str, int]]) -> None:
        if "anthropic base url" not in found:
            self._say(
                0,
                _("Your text has no line `Anthropic base URL`: the address is not in effect."),
                ("not-in-effect", 8.5),
                ("wrong-file", 2),
                ("settings-file-broken", 2),
            )
            return
        value, line = found["anthropic base url"]
        self.address = value
        wrong = [defect for defect in defects(BASE_URL, value, self._known) if defect[1] > 1]
        for cause, points, says in wrong:
            self._say(line, says, (cause, points))
        if not wrong and self._known.base_urls:
            self._say(line, _("The address is the gateway’s."), good=True)

    def _read_credential(self, found: dict[str, tuple[str, int]]) -> None:
        token, token_line = found.get("auth token", ("", 0))
        api_key, key_line = found.get("api key", ("", 0))
        has_token = bool(token) and token.lower() != "none"
        if "login method" in found:
            self._say(
                found["login method"][1],
                _("A saved login is used. It is sent to the gateway instead of the key."),
                ("login-conflict", 11),
            )
        if "unused api key" in found:
            self._say(
                found["unused api key"][1],
                _("A left-over `ANTHROPIC_API_KEY` is there. Sessions do not use it, but `claude -p` does."),
                ("leftover-api-key", 9.5),
                ("api-key-declined", 4),
            )
        if api_key and has_token and API_KEY in api_key.upper():
            self._say(
                key_line, _("`ANTHROPIC_API_KEY` has a value as well, and both are sent."), ("leftover-api-key", 11)
            )
        elif api_key and not has_token and self._known.credential is CredentialScheme.BEARER:
            self._say(
                key_line,
                _("The key comes from `ANTHROPIC_API_KEY`, but this gateway reads the other variable."),
                ("leftover-api-key", 6),
                ("key-in-wrong-variable", 6),
            )
        elif token.lower() == "none" and not api_key and "login method" not in found:
            self._say(token_line, _("No key is in effect: `Auth token` says `none`."), ("not-in-effect", 9))
        if has_token and TOKEN in token.upper():
            self._say(token_line, _("The key comes from `ANTHROPIC_AUTH_TOKEN`."), good=True)
        elif has_token and ("OAUTH" in token.upper() or "claude.ai" in token.lower()):
            self._say(token_line, _("A token of a saved login is used, not the gateway’s key."), ("login-conflict", 12))
        if not (has_token or api_key or "login method" in found or "unused api key" in found or token):
            line = max(line for _value, line in found.values())
            self._say(line, _("No line names a key: none is in effect."), ("not-in-effect", 3))

    def _read_model(self, value: str, line: int) -> None:
        identity = match[1] if (match := _ID.search(value)) else value.partition(" ")[0]
        bare = identity.removesuffix("[1m]")
        if self._known.models and bare.lower() not in ALIASES and bare not in self._known.models:
            self._say(
                line,
                _("The gateway does not offer the model `{model}`.", model=readable(bare, limit=80)),
                ("model-unknown", 6),
            )

    def _read_sources(self, value: str, line: int) -> None:
        low = value.lower()
        if "managed" in low and self._known.scope is not Scope.MANAGED:
            self._say(line, _("Settings of your organization are in effect, and they win."), ("settings-file-wins", 4))
        elif "project" in low and self._known.scope in {Scope.USER, Scope.STARTUP, Scope.TERMINAL}:
            self._say(
                line, _("Settings of this project are in effect, and they win over yours."), ("settings-file-wins", 4)
            )
        elif "project" in low and self._known.scope is None:
            self._say(line, _("Settings of this project are in effect as well."), ("settings-file-wins", 2))
        elif "user" not in low and self._known.scope is Scope.USER:
            self._say(
                line,
                _("Your user settings are not among the sources: the file is not read."),
                ("not-in-effect", 3),
                ("settings-file-broken", 3),
                ("wrong-file", 3),
            )

    def read_json(self, text: str) -> None:
        """Read `claude auth status` as JSON, if it is there."""
        if "loggedIn" not in text:
            return
        places = {match[1]: (match[2].strip(), match.start()) for match in _FIELD.finditer(text)}
        found = {name: (value, text.count("\n", 0, at) + 1) for name, (value, at) in places.items()}
        if "loggedIn" not in found:
            return
        self.kinds.add(Kind.AUTH_STATUS)
        logged_in, line = found["loggedIn"]
        method, method_line = found.get("authMethod", ("", line))
        provider, provider_line = found.get("apiProvider", ("firstParty", line))
        if provider != "firstParty":
            self._say(
                provider_line,
                _("Claude Code goes to a cloud provider, not to the gateway."),
                ("cloud-provider-flag", 12),
                ("not-in-effect", -4),
            )
        if logged_in == "false":
            self._say(
                line,
                _("No key is in effect: Claude Code found none in its settings or in this terminal."),
                ("not-in-effect", 7),
                ("settings-file-broken", 4.5),
                ("wrong-file", 3),
            )
        elif "apiKeySource" in found and method == "oauth_token":
            self._say(
                found["apiKeySource"][1],
                _("`ANTHROPIC_API_KEY` has a value as well, and both are sent."),
                ("leftover-api-key", 11),
            )
        elif method.startswith("claude"):
            self._say(
                method_line,
                _("A saved login is used. It is sent to the gateway instead of the key."),
                ("login-conflict", 11),
            )
        elif method == "api_key" and self._known.credential is not CredentialScheme.X_API_KEY:
            self._say(
                method_line,
                _("The key comes from `ANTHROPIC_API_KEY`."),
                ("leftover-api-key", 5),
                ("key-in-wrong-variable", 4.5),
            )
        else:
            self._say(line, _("A key is in effect. Whether the gateway knows it is not checked here."), good=True)
