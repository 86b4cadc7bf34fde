"""PURE: owns the closed list of things that a step can ask for; `commands` says each in the visitor's shell.

An action has a name and a few parameters, never shell text: `catalogue.toml` writes
`{ do = "remove-variable", names = ["ANTHROPIC_API_KEY"] }`. It must not know any shell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from portal.words import Text


class Do(StrEnum):
    """What an action does. Those with a shell become a command, the others a text to paste where it belongs."""

    RUN = "run"
    """A program with plain words, which every shell reads alike: `claude --version`."""
    SESSION = "session"
    """A line typed inside the client: `/logout`."""
    PALETTE = "palette"
    """A command of VS Code's palette: `Developer: Reload Window`."""
    MESSAGE = "message"
    """A text to send to somebody, for example to the operator."""
    SHOW_VARIABLES = "show-variables"
    """Which variables (`names`, prefixes) this shell gives to programs; keys masked."""
    FIND_VARIABLES = "find-variables"
    """Where `names` are set for new terminals: start-up files by line number, or the Windows environment."""
    REMOVE_VARIABLE = "remove-variable"
    """Take `names` out of this terminal, and out of what the shell keeps (Windows user, fish universal)."""
    SET_VARIABLE = "set-variable"
    """Set `env` for this terminal only."""
    TRY_ONCE = "try-once"
    """Ask one question without the client's silent retries, with `env` for this call only."""
    SHOW_SETTINGS = "show-settings"
    """Print a settings file (`file`), keys masked."""
    OPEN_SETTINGS = "open-settings"
    """Open a settings file (`file`) in an editor."""
    SETTINGS_JSON = "settings-json"
    """What a settings file has to contain: `env`, and `keys` beside it."""
    VSCODE_JSON = "vscode-json"
    """What the user settings of VS Code have to contain: the set-up's variables, and `keys`."""
    RUN_DOCTOR = "run-doctor"
    """The portal's doctor script: every source of settings, faults with their line, keys masked."""
    APPLY_AGAIN = "apply-again"
    """The portal's apply script (or, for one terminal, the guide's text): the whole set-up, as chosen."""
    TAKE_BACK = "take-back"
    """The undo of `apply-again`."""
    ASK_GATEWAY = "ask-gateway"
    """One small request with the visitor's key and `model`; shows status and answer."""
    LIST_MODELS = "list-models"
    """The gateway's model list for the visitor's key."""
    REACH = "reach"
    """Ask for the head of an address (`url`, default the gateway), without a key."""
    RESOLVE = "resolve"
    """Look up the gateway's name in the DNS."""
    WHERE_IS = "where-is"
    """Which program the shell starts for `program`."""
    INSTALL = "install"
    """The installer for the chosen way."""
    ADD_TO_PATH = "add-to-path"
    """Put the installer's folder on the search path."""
    ALLOW_SCRIPTS = "allow-scripts"
    """PowerShell's execution policy for this user."""


class File(StrEnum):
    """Which settings file an action means."""

    OWN = "own"
    """The file of the chosen scope; without one, the user's."""
    USER = "user"
    STATE = "state"
    """`~/.claude.json`, where the client keeps what it was told."""
    PROJECT = "project"
    LOCAL = "local"
    MANAGED = "managed"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to copy, before it has a shell. Values may hold the fields of `fields.FIELDS`.

    Attributes:
        line: for RUN, SESSION and PALETTE.
        names: names of variables; for SHOW_VARIABLES a trailing `*` means a prefix.
        env: variables with their values.
        keys: keys of a JSON file beside `env`, with their values.
        text: for MESSAGE.

    """

    do: Do
    line: str = ""
    names: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    keys: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    file: File = File.OWN
    url: str = ""
    program: str = ""
    model: str = ""
    text: Text | None = None
