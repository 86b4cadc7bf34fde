"""PURE: owns one action -> what is copied for it, through the dialect and the probe of the visitor's shell."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from portal.diagnosis.actions import Action, Do, File
from portal.diagnosis.fields import place_of
from portal.diagnosis.room import Room
from portal.keys import PLACEHOLDER
from portal.profile.model import KEY_FIELD, CredentialScheme
from portal.snippets.configure import configure_section, undo_section
from portal.snippets.dialects import CannotCarry, Language, ScriptOption, Variable
from portal.snippets.guide import Block, Section
from portal.snippets.install import install_section
from portal.snippets.places import shown_path
from portal.snippets.probes import ApiCall, KeySource
from portal.snippets.query import way_query_for
from portal.snippets.script_lines import apply_line, doctor_line, script_for
from portal.snippets.targets import INSTALLS, Install, Scope
from portal.snippets.variables import environment
from portal.words import _

_ONE_TRY: Final = Variable("CLAUDE_CODE_MAX_RETRIES", "0")
_QUESTION: Final = "Reply with one word: connected"
_POLICY: Final = "Set-ExecutionPolicy -Scope CurrentUser -ExecutionPolicy {policy} -Force; Get-ExecutionPolicy"


def blocks_for(action: Action, room: Room) -> tuple[Block, ...]:
    """What is copied for an action; nothing for a message, which is a sentence and no block.

    Raises:
        CannotCarry: the shell cannot write a value.

    """
    return MAKERS[action.do](action, room)


def _run(action: Action, room: Room) -> Block:
    return room.command(action.line, _("Run this."))


def _show_variables(action: Action, room: Room) -> Block:
    return room.command(room.probe.variables(room.names(action)), _("See what is set here. Keys are masked."))


def _find_variables(action: Action, room: Room) -> Block:
    does = _("See where it is set for new terminals. It shows no values.")
    return room.command(room.probe.find(room.names(action)), does)


def _remove_variable(action: Action, room: Room) -> Block:
    return room.command(room.probe.forget(room.names(action)), _("Remove it."))


def _set_variable(action: Action, room: Room) -> Block:
    return room.command(room.dialect.set_here(room.env(action)), _("Set it for this terminal."))


def _try_once(action: Action, room: Room) -> Block:
    text = room.probe.run_with((_ONE_TRY, *room.env(action)), "claude", ("-p", _QUESTION))
    return room.command(text, _("Ask one question, without retries."))


def _reach(action: Action, room: Room) -> Block:
    address = room.value(action.url) or room.base_url
    return room.command(room.probe.head(address), _("Ask `{address}` for a sign of life.", address=address))


def _resolve(action: Action, room: Room) -> Block:
    del action
    return room.command(room.probe.resolve(room.value("{host}")), _("Look the name up."))


def _where_is(action: Action, room: Room) -> Block:
    does = _("See which `{name}` is found.", name=action.program)
    return room.command(room.probe.program(action.program), does)


def _add_to_path(action: Action, room: Room) -> Block:
    del action
    return room.command(room.dialect.add_to_path(), _("Add the installer’s folder to the search path."))


def _allow_scripts(action: Action, room: Room) -> Block:
    policy = "Undefined" if action.program == "undo" else "RemoteSigned"
    text = room.probe.in_powershell(_POLICY.format(policy=policy))
    return room.command(text, _("Set the policy of your user to `{policy}`.", policy=policy))


def _run_doctor(action: Action, room: Room) -> Block:
    del action
    does = _("Find out which setting comes from where, and which one wins. It changes nothing.")
    way = way_query_for(room.choices, room.profile)
    return room.command(doctor_line(room.choices.target, room.portal.origin, way), does)


def _session(action: Action, room: Room) -> Block:
    return room.paste(action.line, _("In a session (start it with `claude`), type:"))


def _palette(action: Action, room: Room) -> Block:
    return room.paste(action.line, _("In VS Code, open the Command Palette (Ctrl+Shift+P or F1) and enter:"))


def _settings_json(action: Action, room: Room) -> Block:
    path = shown_path(place_of(action.file, room.choices), room.choices.target.platform)
    document = {name: _plain(value) for name, value in action.keys.items()}
    if action.env:
        document["env"] = {variable.name: variable.value for variable in room.env(action)}
    does = _("`{path}` has to contain this. Keep everything else in it.", path=path)
    return room.paste(json.dumps(document, indent=2), does, Language.JSON, path)


def _vscode_json(action: Action, room: Room) -> Block:
    document = {name: _plain(value) for name, value in action.keys.items()}
    if not document:
        variables = environment(room.choices, room.profile)
        document["claudeCode.environmentVariables"] = [
            {"name": variable.name, "value": variable.value} for variable in variables
        ]
    does = _("The user settings of VS Code have to contain this. Keep everything else in it.")
    return room.paste(json.dumps(document, indent=2), does, Language.JSON)


def _show_settings(action: Action, room: Room) -> Block:
    place = place_of(action.file, room.choices)
    path = shown_path(place, room.choices.target.platform)
    return room.command(room.probe.read(place), _("Show `{path}`. Keys are masked.", path=path), path)


def _open_settings(action: Action, room: Room) -> Block:
    place = place_of(action.file, room.choices)
    path = shown_path(place, room.choices.target.platform)
    # An empty settings file counts as none (measured); `.claude.json` is the client's to make.
    create = action.file is not File.STATE
    text = room.probe.edit(place, create=create, private=action.file is not File.PROJECT)
    return room.command(text, _("Open `{path}` in an editor.", path=path), path)


def _call(action: Action, room: Room) -> Block:
    profile, choices = room.profile, room.choices
    bearer = choices.credential is CredentialScheme.BEARER
    credential = ("Authorization", f"Bearer {PLACEHOLDER}") if bearer else ("x-api-key", PLACEHOLDER)
    own = ((name, value.replace(KEY_FIELD, PLACEHOLDER)) for name, value in profile.headers.items())
    asks = action.do is Do.ASK_GATEWAY
    body: dict[str, object] = {
        "model": room.value(action.model),
        "max_tokens": 1,
        "messages": [{"role": "user", "content": "hi"}],
    }
    by_variable = choices.target.scope in {Scope.TERMINAL, Scope.STARTUP}
    call = ApiCall(
        url=f"{room.base_url}/v1/{'messages' if asks else 'models'}",
        headers=(credential, ("anthropic-version", "2023-06-01"), *own),
        body=body if asks else None,
        source=KeySource.VARIABLE if by_variable else KeySource.PROMPT,
        variable=choices.credential.variable,
    )
    does = _("It takes the key from `{name}`, and does not show it.", name=choices.credential.variable)
    if not by_variable:
        does = _("It asks for your key without showing it, and keeps it nowhere.")
    return room.command(room.probe.call(call), does)


def _apply(action: Action, room: Room) -> tuple[Block, ...]:
    del action
    name = script_for(room.choices.target)
    if name is None:
        return _of_section(configure_section(room.choices, room.profile), room)
    text = apply_line(name, room.choices.target, room.portal.origin, room.portal.query)
    return (room.command(text, _("Write the set-up for these choices. What else is in your files stays.")),)


def _take_back(action: Action, room: Room) -> tuple[Block, ...]:
    del action
    name = script_for(room.choices.target)
    if name is None:
        return _of_section(undo_section(room.choices, room.profile), room)
    text = apply_line(name, room.choices.target, room.portal.origin, room.portal.query, ScriptOption.UNDO)
    return (room.command(text, _("Give every setting that the script touched its previous value back.")),)


def _of_section(section: Section, room: Room) -> tuple[Block, ...]:
    if section.refusal is not None:
        raise CannotCarry(section.refusal.reason)
    return tuple(replace(block, kind=room.kind) for block in section.blocks)


def _install(action: Action, room: Room) -> tuple[Block, ...]:
    """The installer of the chosen way; who has it installed already gets the recommended one."""
    install = room.choices.install
    if action.program == "native":
        install = Install.NATIVE
    elif install is Install.DONE:
        install = INSTALLS[room.choices.target.platform][0]
    return install_section(replace(room.choices, install=install)).blocks


def _plain(value: object) -> object:
    """A frozen value as JSON takes it."""
    match value:
        case Mapping():
            return {name: _plain(inner) for name, inner in value.items()}
        case tuple():
            return [_plain(inner) for inner in value]
        case _:
            return value


def _one(make: Callable[[Action, Room], Block]) -> Callable[[Action, Room], tuple[Block, ...]]:
    return lambda action, room: (make(action, room),)


def _nothing(action: Action, room: Room) -> tuple[Block, ...]:
    del action, room
    return ()


MAKERS: Final[Mapping[Do, Callable[[Action, Room], tuple[Block, ...]]]] = MappingProxyType(
    {
        Do.RUN: _one(_run),
        Do.SESSION: _one(_session),
        Do.PALETTE: _one(_palette),
        Do.MESSAGE: _nothing,
        Do.SHOW_VARIABLES: _one(_show_variables),
        Do.FIND_VARIABLES: _one(_find_variables),
        Do.REMOVE_VARIABLE: _one(_remove_variable),
        Do.SET_VARIABLE: _one(_set_variable),
        Do.TRY_ONCE: _one(_try_once),
        Do.SHOW_SETTINGS: _one(_show_settings),
        Do.OPEN_SETTINGS: _one(_open_settings),
        Do.SETTINGS_JSON: _one(_settings_json),
        Do.VSCODE_JSON: _one(_vscode_json),
        Do.RUN_DOCTOR: _one(_run_doctor),
        Do.APPLY_AGAIN: _apply,
        Do.TAKE_BACK: _take_back,
        Do.ASK_GATEWAY: _one(_call),
        Do.LIST_MODELS: _one(_call),
        Do.REACH: _one(_reach),
        Do.RESOLVE: _one(_resolve),
        Do.WHERE_IS: _one(_where_is),
        Do.INSTALL: _install,
        Do.ADD_TO_PATH: _one(_add_to_path),
        Do.ALLOW_SCRIPTS: _one(_allow_scripts),
    },
)
"""How each action is said; a test holds that none is missing."""
