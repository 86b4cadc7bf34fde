"""Owns the configure, files and undo sections: the plan of variables as text for the chosen scope."""

from __future__ import annotations

from portal.profile.model import CredentialScheme, GatewayProfile, Toggle
from portal.snippets.choices import Choices
from portal.snippets.dialects import CannotCarry, Dialect, Language, dialect_for
from portal.snippets.guide import Block, BlockKind, Note, NoteKind, Refusal, Section
from portal.snippets.places import GITIGNORE_LINE, NewFile, shown_path
from portal.snippets.settings_json import settings_files
from portal.snippets.targets import Platform, Scope, Shell, Target
from portal.snippets.variables import TOGGLE_VARIABLES, environment
from portal.words import Text, _

_STARTUP_FILES = {Shell.ZSH: "~/.zshrc", Shell.BASH: "~/.bashrc", Shell.GIT_BASH: "~/.bashrc"}
_SHELLS_THAT_OVERWRITE = frozenset({Shell.FISH, Shell.POWERSHELL, Shell.CMD})
"""Their persistent variables have one value each; the other shells get a block that stands after older lines."""

_PROJECT_SCOPES = frozenset({Scope.LOCAL, Scope.PROJECT})
"""Both put a key into a project's folder: the client keeps a settings.local.json out of Git only if it wrote it."""


def configure_section(choices: Choices, profile: GatewayProfile) -> Section:
    """The text that puts the set-up in place, or why this shell cannot carry it."""
    target = choices.target
    dialect = dialect_for(target.platform, target.shell)
    try:
        blocks = _configure_blocks(choices, profile, dialect)
    except CannotCarry as refused:
        return Section(refusal=Refusal(refused.reason, _remedy(target)))
    return Section(blocks=blocks, notes=_notes(choices))


def files_section(choices: Choices, profile: GatewayProfile) -> Section:
    """The content of each file of a file scope, to be put in place by hand or downloaded."""
    platform = choices.target.platform
    return Section(
        blocks=tuple(
            Block(
                kind=BlockKind.FILE,
                text=file.text.removesuffix("\n"),
                language=Language.JSON,
                does=_("The content of `{path}`.", path=shown_path(file.place, platform)),
                path=shown_path(file.place, platform),
                download=file.place.name,
            )
            for file in settings_files(choices, profile)
        ),
    )


def undo_section(choices: Choices, profile: GatewayProfile) -> Section:
    """The text that takes the set-up back."""
    target = choices.target
    dialect = dialect_for(target.platform, target.shell)
    try:
        text = _undo_text(choices, profile, dialect)
    except CannotCarry as refused:
        return Section(refusal=Refusal(refused.reason, _remedy(target)))
    block = Block(
        kind=BlockKind.UNDO,
        text=text,
        language=dialect.language,
        does=_undo_does(target),
        after=_("Close every running `claude`, then start it again: it no longer knows the gateway."),
        shell=target.shell,
    )
    return Section(blocks=(block,), notes=_undo_notes(target))


def _undo_notes(target: Target) -> tuple[Note, ...]:
    notes: list[Note] = []
    if target.scope not in {Scope.TERMINAL, Scope.STARTUP}:
        notes.append(
            Note(
                NoteKind.WARNING,
                _("It knows its own file by the content: make it with the same key and the same choices."),
            ),
        )
    if target.scope in _PROJECT_SCOPES and target.shell is Shell.CMD:
        notes.append(Note(NoteKind.INFO, _("The entry in `.gitignore` stays. It does no harm.")))
    return tuple(notes)


def startup_file(target: Target) -> str:
    """Where the start-up scope writes, as the visitor knows it."""
    if target.platform is Platform.MACOS and target.shell is Shell.BASH:
        return "~/.bash_profile"
    return _STARTUP_FILES.get(target.shell, "")


def _configure_blocks(choices: Choices, profile: GatewayProfile, dialect: Dialect) -> tuple[Block, ...]:
    target = choices.target
    variables = environment(choices, profile)
    files = settings_files(choices, profile)

    def block(text: str, does: Text, after: Text, path: str = "") -> Block:
        return Block(BlockKind.CONFIGURE, text, dialect.language, does, after, shell=target.shell, path=path)

    match target.scope:
        case Scope.TERMINAL:
            does = _("Set the variables for this terminal, until you close it.")
            return (block(dialect.set_here(variables), does, _("It prints nothing. That is fine.")),)
        case Scope.STARTUP:
            return (
                block(dialect.persist(variables), _startup_does(target), _startup_after(target), startup_file(target)),
            )
        case Scope.USER | Scope.LOCAL:
            (file,) = files
            path = shown_path(file.place, target.platform)
            does = _("Create `{path}` with these settings, if there is none yet.", path=path)
            if target.scope is Scope.LOCAL:
                does = _("Run it in the project’s folder. It creates `{path}` and keeps it out of Git.", path=path)
            return (block(_create(files, dialect, target), does, _file_after(path), path),)
        case Scope.PROJECT:
            path = shown_path(files[0].place, target.platform)
            does = _("Run it in the project’s folder. It creates two files and keeps the one with the key out of Git.")
            return (block(_create(files, dialect, target), does, _file_after(path), path),)
        case Scope.MANAGED:
            machine, own = files
            machine_path, own_path = (shown_path(file.place, target.platform) for file in files)
            return (
                block(
                    dialect.create(machine),
                    _("The administrator, once for each machine: address and models for everybody, without a key."),
                    _file_after(machine_path),
                    machine_path,
                ),
                block(
                    dialect.create(own),
                    _("Each person on the machine: your own key, in a file that only you can read."),
                    _file_after(own_path),
                    own_path,
                ),
            )


def _create(files: tuple[NewFile, ...], dialect: Dialect, target: Target) -> str:
    commands = [dialect.create(file) for file in files]
    if target.scope in _PROJECT_SCOPES:
        commands.append(dialect.ignore(GITIGNORE_LINE))
    return "\n".join(commands)


def _undo_text(choices: Choices, profile: GatewayProfile, dialect: Dialect) -> str:
    names = [variable.name for variable in environment(choices, profile)]
    match choices.target.scope:
        case Scope.TERMINAL:
            return dialect.unset_here(names)
        case Scope.STARTUP:
            return dialect.unpersist(names)
        case Scope.USER | Scope.LOCAL | Scope.PROJECT | Scope.MANAGED:
            commands = [dialect.remove(file) for file in reversed(settings_files(choices, profile))]
            if choices.target.scope in _PROJECT_SCOPES and (line := dialect.unignore(GITIGNORE_LINE)):
                commands.append(line)
            return "\n".join(commands)


def _undo_does(target: Target) -> Text:
    match target.scope:
        case Scope.TERMINAL:
            return _("Remove the variables from this terminal. Closing it does the same.")
        case Scope.STARTUP:
            return _("Take the settings out again, for new terminals and for this one.")
        case Scope.LOCAL | Scope.PROJECT:
            return _("Run it in the project’s folder. It removes what the set-up wrote, if it is unchanged.")
        case Scope.USER | Scope.MANAGED:
            return _("Remove what the set-up wrote, if it is unchanged.")


def _startup_does(target: Target) -> Text:
    if target.shell is Shell.FISH:
        return _("Set universal variables, which every fish on this machine sees at once.")
    if target.shell in {Shell.POWERSHELL, Shell.CMD}:
        return _("Set the variables for your Windows user, and for this window too.")
    path = startup_file(target)
    return _("Write a marked block into `{path}`. Running it again replaces the block.", path=path)


def _startup_after(target: Target) -> Text:
    if target.shell is Shell.CMD:
        return _("It ends with `SUCCESS: Specified value was saved.` Other open windows need to be opened again.")
    if target.shell is Shell.POWERSHELL:
        return _("It prints nothing. Other open windows and VS Code need to be opened again.")
    if target.shell is Shell.FISH:
        return _("It prints nothing. That is fine.")
    return _("It says which file it wrote. Other open terminals need to be opened again.")


def _file_after(path: str) -> Text:
    return _(
        "It answers `Wrote …`. If it answers `already exists`, nothing was changed: take the script, or merge your "
        "`{path}` on the guide’s page.",
        path=path,
    )


def _remedy(target: Target) -> Text:
    if target.scope in {Scope.TERMINAL, Scope.STARTUP}:
        return _("Choose your own settings.json as the place, or PowerShell as the shell.")
    return _("Choose PowerShell as the shell, or download the file.")


def _notes(choices: Choices) -> tuple[Note, ...]:
    target = choices.target
    notes: list[Note] = []
    if target.scope in {Scope.TERMINAL, Scope.STARTUP}:
        notes.append(
            Note(
                NoteKind.WARNING,
                _(
                    "A settings.json that names a gateway wins over these variables. If you have an old one, change "
                    "it there."
                ),
            ),
        )
        if lost := [toggle for toggle in choices.toggles if toggle not in TOGGLE_VARIABLES]:
            notes.append(Note(NoteKind.WARNING, _file_only(frozenset(lost))))
    if target.scope is Scope.STARTUP and target.shell in _SHELLS_THAT_OVERWRITE:
        notes.append(
            Note(
                NoteKind.WARNING,
                _("It replaces what these variables hold now. Undo removes them, and does not bring old values back."),
            ),
        )
    if target.scope in _PROJECT_SCOPES:
        notes.append(
            Note(
                NoteKind.WARNING,
                _(
                    "Claude Code reads a project’s settings only after you trust the folder. If it has never run on "
                    "this "
                    "machine, choose your own settings.json instead: its first start would not see the key.",
                ),
            ),
        )
    if target.scope is Scope.STARTUP and target.shell is Shell.FISH:
        notes.append(
            Note(
                NoteKind.WARNING,
                _(
                    "A variable of the same name that comes from outside fish (another shell, the system) hides these. "
                    "Your own settings.json wins over it.",
                ),
            ),
        )
    if target.scope is Scope.PROJECT:
        notes.append(
            Note(
                NoteKind.WARNING,
                _("Commit `.claude/settings.json` only. A key that was ever in Git is public: have it replaced."),
            ),
        )
    if target.scope is Scope.MANAGED:
        notes.append(Note(NoteKind.INFO, _managed_note(target.platform)))
    if target.scope is Scope.STARTUP and target.platform is Platform.WINDOWS and target.shell is not Shell.GIT_BASH:
        notes.append(
            Note(
                NoteKind.INFO,
                _("Windows keeps no empty variables, so `{name}` is removed.", name=choices.credential.other_variable),
            ),
        )
    notes.append(
        Note(NoteKind.INFO, _in_history(target)),
    )
    return tuple(notes)


def _in_history(target: Target) -> Text:
    if target.scope in {Scope.TERMINAL, Scope.STARTUP}:
        return _("The command holds your key and stays in the shell’s history.")
    return _("The command holds your key and stays in the shell’s history. A downloaded file leaves nothing there.")


def _managed_note(platform: Platform) -> Text:
    if platform is Platform.WINDOWS:
        return _("Open the shell with “Run as administrator”. What this file says wins over every other place.")
    return _("It needs the rights of an administrator. What this file says wins over every other place.")


def _file_only(toggles: frozenset[Toggle]) -> Text:
    if len(toggles) > 1:
        return _("Two of your options exist only in a settings.json. They are not part of this text.")
    if Toggle.NO_AUTO_MODE in toggles:
        return _("“Auto mode off” exists only in a settings.json. It is not part of this text.")
    return _("“No WebFetch check” exists only in a settings.json. It is not part of this text.")


def needs_anthropic_on_first_run(choices: Choices) -> bool:
    """Whether a fresh client asks Anthropic before its first prompt: with a key in `x-api-key` it does (measured)."""
    return choices.credential is CredentialScheme.X_API_KEY
