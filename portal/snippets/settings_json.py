"""Owns Claude Code's settings.json: building the document for a set-up, and writing it as text.

Every value under `env` is a string, `$schema` comes first, the text is ASCII (so UTF-8 without a byte order mark
under any code page) and ends in one line break. The client skips a whole file that is not strict JSON (measured).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from portal.profile.model import GatewayProfile, Toggle
from portal.snippets.choices import Choices
from portal.snippets.dialects import Variable
from portal.snippets.places import LOCAL_SETTINGS, PROJECT_SETTINGS, USER_SETTINGS, NewFile, managed_settings
from portal.snippets.targets import Scope
from portal.snippets.variables import environment, is_private

SCHEMA_URL: Final = "https://json.schemastore.org/claude-code-settings.json"

Document = dict[str, object]


def build_document(variables: Iterable[Variable], toggles: frozenset[Toggle]) -> Document:
    """The settings document that carries `variables`, and those of `toggles` that are keys of the file."""
    document: Document = {
        "$schema": SCHEMA_URL,
        "env": {variable.name: variable.value for variable in variables},
    }
    if Toggle.NO_WEBFETCH_CHECK in toggles:
        document["skipWebFetchPreflight"] = True
    if Toggle.NO_AUTO_MODE in toggles:
        document["permissions"] = {"disableAutoMode": "disable"}
    return document


def dump_document(document: Document) -> str:
    """The document as text: two blanks of indent, ASCII only, a line break at the end."""
    return json.dumps(document, indent=2) + "\n"


def settings_files(choices: Choices, profile: GatewayProfile) -> tuple[NewFile, ...]:
    """The files of a file scope, in the order in which they are created; empty for the other scopes.

    Where a file is shared (a repository, a whole machine), what holds the key goes to a second, private file.
    """
    variables = environment(choices, profile)
    shared = [variable for variable in variables if not is_private(variable, choices)]
    secret = [variable for variable in variables if is_private(variable, choices)]
    whole = dump_document(build_document(variables, choices.toggles))
    common = dump_document(build_document(shared, choices.toggles))
    private = dump_document(build_document(secret, frozenset()))
    match choices.target.scope:
        case Scope.USER:
            return (NewFile(USER_SETTINGS, whole, private=True),)
        case Scope.LOCAL:
            return (NewFile(LOCAL_SETTINGS, whole, private=True),)
        case Scope.PROJECT:
            return (NewFile(PROJECT_SETTINGS, common), NewFile(LOCAL_SETTINGS, private, private=True))
        case Scope.MANAGED:
            place = managed_settings(choices.target.platform)
            return (NewFile(place, common, admin=True), NewFile(USER_SETTINGS, private, private=True))
        case Scope.TERMINAL | Scope.STARTUP:
            return ()


def downloadable_file(choices: Choices, profile: GatewayProfile, name: str = "") -> NewFile | None:
    """The file that `/settings.json` offers: the one called `name`, or the scope's first; None for an unknown name.

    A scope without files gets the whole set-up as the user's own settings.json.
    """
    files = settings_files(choices, profile) or (
        NewFile(
            USER_SETTINGS,
            dump_document(build_document(environment(choices, profile), choices.toggles)),
            private=True,
        ),
    )
    return next((file for file in files if name in {"", file.place.name}), None)
