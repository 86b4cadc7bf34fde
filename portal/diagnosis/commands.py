"""PURE: owns what a step shows to one visitor: its sentences filled, its actions as text for their shell.

Every command comes from a dialect or a probe (`portal.snippets`); what a shell cannot carry becomes a refusal with a
remedy. It must not know HTML, the ranking, or which script stands behind an address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from portal.diagnosis.actions import Action, Do
from portal.diagnosis.blocks import blocks_for
from portal.diagnosis.fields import fill
from portal.diagnosis.model import LinkName, Step
from portal.diagnosis.room import Portal, Room
from portal.profile.model import GatewayProfile
from portal.snippets.choices import Choices
from portal.snippets.dialects import CannotCarry
from portal.snippets.guide import Block, BlockKind, Refusal
from portal.snippets.targets import Scope
from portal.words import Text, _

_NO_FILE: Final = {Scope.STARTUP, Scope.TERMINAL}
"""Scopes for which the guide has no settings file to repair."""


@dataclass(frozen=True, slots=True)
class ShownCommands:
    """A step for one visitor.

    Attributes:
        instruction: what to do.
        blocks: what to copy, in order; their `shell` is None for what is no command.
        message: a text to send to somebody; it stands after the blocks.
        expect: what to see when it worked.
        undo: how to take it back; None when the step only looks.
        undo_blocks: what to copy to take it back.
        link: address of the page that helps, or empty; a part of the guide begins with `/`.
        refusal: why this shell cannot say it, and what to choose instead; there are no blocks then.

    """

    instruction: Text
    blocks: tuple[Block, ...]
    message: Text | None
    expect: Text
    undo: Text | None
    undo_blocks: tuple[Block, ...]
    link: str
    refusal: Refusal | None = None


def render_step(step: Step, choices: Choices, profile: GatewayProfile, portal: Portal) -> ShownCommands:
    """The step for a visitor with these choices. No key is in it: where one belongs stands `keys.PLACEHOLDER`."""
    try:
        blocks = _blocks(step.actions, Room(choices, profile, portal, BlockKind.STEP))
        undo_blocks = _blocks(step.undo_actions, Room(choices, profile, portal, BlockKind.UNDO))
        refusal = None
    except CannotCarry as refused:
        blocks = undo_blocks = ()
        refusal = Refusal(refused.reason, _("Choose PowerShell as the shell."))
    messages = [action.text for action in step.actions if action.do is Do.MESSAGE and action.text]
    return ShownCommands(
        instruction=fill(step.instruction, choices, profile),
        blocks=blocks,
        message=fill(messages[0], choices, profile) if messages else None,
        expect=fill(step.expect, choices, profile),
        undo=fill(step.undo, choices, profile) if step.undo else None,
        undo_blocks=undo_blocks,
        link=_address(step.link, choices, profile, portal),
        refusal=refusal,
    )


def _blocks(actions: Sequence[Action], room: Room) -> tuple[Block, ...]:
    return tuple(block for action in actions for block in blocks_for(action, room))


def _address(link: LinkName | None, choices: Choices, profile: GatewayProfile, portal: Portal) -> str:  # noqa: PLR0911 - one per page
    links = profile.links
    match link:
        case None:
            return ""
        case LinkName.CONSOLE:
            return links.console
        case LinkName.DOCS:
            return links.docs
        case LinkName.MODELS:
            return links.models
        case LinkName.STATUS:
            return links.status
        case LinkName.SUPPORT:
            return links.support
        case LinkName.KEY_CHECK:
            return f"/?{portal.query}#step-key"
        case LinkName.REPAIR:
            return "" if choices.target.scope in _NO_FILE else f"/?{portal.query}#fold-merge"
