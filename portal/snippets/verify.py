"""Owns how a visitor sees that the set-up works: commands, and the exact lines that the client prints.

Source: `claude auth status --text`, `/status` and the first-run screens of 2.1.197 and 2.1.330, as measured.
"""

from __future__ import annotations

from typing import Final

from portal.profile.model import CredentialScheme, GatewayProfile, base_url_for
from portal.snippets.choices import Choices
from portal.snippets.configure import needs_anthropic_on_first_run
from portal.snippets.dialects import Language, dialect_for
from portal.snippets.guide import Block, BlockKind, Note, NoteKind, Section
from portal.snippets.targets import Scope, Shell
from portal.words import Text, _

_UNSEEN_BY_AUTH_STATUS: Final = {Scope.LOCAL, Scope.PROJECT}
"""Scopes whose settings `claude auth status` does not read, trusted folder or not (measured with both versions)."""


def verify_section(choices: Choices, profile: GatewayProfile) -> Section:
    """Up to three looks: without the network, one answer through the gateway, and inside a session."""
    target = choices.target
    language = dialect_for(target.platform, target.shell).language
    status = Block(
        kind=BlockKind.VERIFY,
        text="claude auth status --text",
        language=language,
        does=_("Ask the client which settings it sees. This does not use the network."),
        expected=status_lines(choices, profile),
        shell=target.shell,
    )
    blocks = (
        *(() if target.scope in _UNSEEN_BY_AUTH_STATUS else (status,)),
        Block(
            kind=BlockKind.VERIFY,
            text='claude -p "Reply with one word: connected"',
            language=language,
            does=_("Send one question through the gateway."),
            after=_(
                "It answers `connected` within a few seconds. Silence for minutes means that it cannot get through."
            ),
            shell=target.shell,
        ),
        Block(
            kind=BlockKind.VERIFY,
            text="/status",
            language=Language.PLAIN,
            does=_("In a session (start it with `claude`), type:"),
            expected=session_lines(choices, profile),
        ),
    )
    return Section(blocks=blocks, notes=_notes(choices))


def status_lines(choices: Choices, profile: GatewayProfile) -> tuple[str, ...]:
    """What `claude auth status --text` prints when the set-up is in effect."""
    return (_credential_line(choices.credential), f"Anthropic base URL: {base_url_for(profile, choices.region)}")


def session_lines(choices: Choices, profile: GatewayProfile) -> tuple[str, ...]:
    """What `/status` shows when the set-up is in effect."""
    model = choices.models[choices.default_tier]
    return (*status_lines(choices, profile), f"Model: {choices.default_tier.value} ({model})")


def _credential_line(credential: CredentialScheme) -> str:
    name = credential.variable
    return f"Auth token: {name}" if credential is CredentialScheme.BEARER else f"API key: {name}"


def _notes(choices: Choices) -> tuple[Note, ...]:
    scope = choices.target.scope
    notes = [_new_window(choices)]
    if needs_anthropic_on_first_run(choices):
        notes.append(
            Note(
                NoteKind.WARNING,
                _(
                    "At its first start the client asks whether to use this API key, with “No” preselected: choose "
                    "Yes. A "
                    "machine that cannot reach `api.anthropic.com` does not get past that first start.",
                ),
            ),
        )
    notes += [
        Note(
            NoteKind.WARNING,
            _("When `claude` asks whether you trust the folder, choose Yes. Recent versions preselect “No, exit”."),
        ),
        Note(
            NoteKind.INFO,
            _(
                "Only if `claude` warns that two credentials are set: type `/logout` in a session and start it "
                "again. That "
                "also resets the first-launch screens. It does not remove a left-over `{name}` from your shell.",
                name=choices.credential.other_variable,
            ),
        ),
    ]
    if scope in _UNSEEN_BY_AUTH_STATUS:
        notes.append(
            Note(
                NoteKind.INFO,
                _(
                    "`claude auth status` does not read a project’s settings. If it says “Not logged in” here, nothing "
                    "is wrong.",
                ),
            ),
        )
    if scope is not Scope.TERMINAL:
        notes.append(
            Note(
                NoteKind.INFO,
                _(
                    "No line “Anthropic base URL” means that the settings did not arrive, and that `claude` asks "
                    "Anthropic."
                ),
            ),
        )
    return tuple(notes)


def _new_window(choices: Choices) -> Note:
    return Note(NoteKind.INFO, _when_it_counts(choices))


def _when_it_counts(choices: Choices) -> Text:
    target = choices.target
    match target.scope:
        case Scope.TERMINAL:
            return _("Run these in the same terminal.")
        case Scope.STARTUP if target.shell in {Shell.POWERSHELL, Shell.CMD}:
            return _("It counts in this window and in every new one. A running `claude` has to be started again.")
        case Scope.STARTUP:
            return _("It counts in this terminal and in every new one. A running `claude` has to be started again.")
        case Scope.LOCAL | Scope.PROJECT:
            return _("Run these in the project’s folder. A running `claude` has to be started again.")
        case Scope.USER | Scope.MANAGED:
            return _("A running `claude` has to be started again.")
