"""PURE: owns the one-line commands that fetch and run the scripts, as sections of the guide.

`origin` is the portal's own address; the scripts are at its root, with the guide's query.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from portal.profile.model import GatewayProfile
from portal.scripts.apply import render_apply_ps1, render_apply_sh
from portal.snippets.choices import Choices
from portal.snippets.dialects import CannotCarry, ScriptOption, dialect_for
from portal.snippets.guide import Block, BlockKind, Note, NoteKind, Section
from portal.snippets.script_lines import ScriptName, apply_line, doctor_line, script_for
from portal.snippets.targets import Scope, Shell
from portal.words import Text, _


@dataclass(frozen=True, slots=True)
class ApplyScript:
    """The script of a set-up, and how to run it.

    Attributes:
        name: its file name, `apply.sh` or `apply.ps1`.
        address: where it can be read, with the query.
        sha256: of its text in UTF-8, in hexadecimal digits.
        compare: how to see the same digits for a downloaded copy.
        run: the command that applies it, and what to know before.
        undo: the command that takes it back.
    """

    name: ScriptName
    address: str
    sha256: str
    compare: Text
    run: Section
    undo: Section


def apply_script(choices: Choices, profile: GatewayProfile, origin: str, query: str) -> ApplyScript | None:
    """The script for these choices; None for one terminal, and for an address that the shell cannot carry."""
    name = script_for(choices.target)
    if name is None:
        return None
    address = f"{origin}/{name}?{query}"
    dialect = dialect_for(choices.target.platform, choices.target.shell)
    try:
        run = apply_line(name, choices.target, origin, query)
        undo = apply_line(name, choices.target, origin, query, ScriptOption.UNDO)
    except CannotCarry:
        return None
    text = script_text(name, choices, profile, f"{origin}/?{query}")

    def block(kind: BlockKind, command: str, does: Text, after: Text) -> Block:
        return Block(kind, command, dialect.language, does, after, shell=choices.target.shell)

    return ApplyScript(
        name=name,
        address=address,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        compare=_compare(name, choices.target.shell),
        run=Section(
            blocks=(
                block(
                    BlockKind.APPLY,
                    run,
                    _run_does(choices.target.scope),
                    _("It asks for your key without showing it, tries it once, and says what it changed."),
                ),
            ),
            notes=_notes(choices),
        ),
        undo=Section(
            blocks=(
                block(
                    BlockKind.UNDO,
                    undo,
                    _("Give every setting that the script touched its previous value back."),
                    _("What you changed since then stays. A running `claude` has to be started again."),
                ),
            ),
        ),
    )


def script_text(name: ScriptName, choices: Choices, profile: GatewayProfile, guide_url: str) -> str:
    """The text of a script.

    Raises:
        ValueError: these choices have another script, or none.
    """
    render = render_apply_sh if name is ScriptName.SH else render_apply_ps1
    return render(choices, profile, guide_url)


def doctor_section(choices: Choices, origin: str, query: str = "") -> Section:
    """The command that looks for the cause when the client does not do what it should.

    `query` tells the script which address and header to look for, when they are not the profile's own.
    """
    target = choices.target
    dialect = dialect_for(target.platform, target.shell)
    try:
        command = doctor_line(target, origin, query)
    except CannotCarry:
        return Section()
    block = Block(
        kind=BlockKind.DOCTOR,
        text=command,
        language=dialect.language,
        does=_("Find out which setting comes from where, and which one wins."),
        after=_("It changes nothing, sends no key anywhere, and shows keys only masked."),
        shell=target.shell,
    )
    return Section(blocks=(block,))


def _compare(name: ScriptName, shell: Shell) -> Text:
    if shell is Shell.CMD:
        return _("`certutil -hashfile apply.ps1 SHA256` prints the same for the file that you download.")
    if name is ScriptName.PS1:
        return _("`Get-FileHash apply.ps1` prints the same for the file that you download.")
    return _("`shasum -a 256 apply.sh` prints the same for the file that you download.")


def _run_does(scope: Scope) -> Text:
    match scope:
        case Scope.USER:
            return _("Put the settings into your settings.json. What is already in it stays.")
        case Scope.LOCAL | Scope.PROJECT:
            return _(
                "Run it in the project’s folder. What is already in the files stays, and the key stays out of Git."
            )
        case Scope.MANAGED:
            return _("The administrator runs it first, then each person: what is already in the files stays.")
        case Scope.STARTUP | Scope.TERMINAL:
            return _("Set the variables for every new terminal.")


def _notes(choices: Choices) -> tuple[Note, ...]:
    if choices.target.scope is Scope.MANAGED and choices.target.shell not in {Shell.POWERSHELL, Shell.CMD}:
        return (Note(NoteKind.INFO, _("For the administrator, end the command with `sudo sh` instead of `sh`.")),)
    return ()
