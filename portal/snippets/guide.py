"""Owns the shape of a finished guide: sections of blocks and notes, ready to be shown as HTML, Markdown or text.

It must not know how any of them is rendered.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.snippets.choices import Choices
from portal.snippets.dialects import Language
from portal.snippets.targets import Shell
from portal.words import Text


class BlockKind(StrEnum):
    """What a block is for; the value of `data-snippet`."""

    APPLY = "apply"
    DOCTOR = "doctor"
    INSTALL = "install"
    PATH = "path"
    CONFIGURE = "configure"
    FILE = "file"
    VERIFY = "verify"
    STEP = "step"
    UNDO = "undo"
    ASK = "ask"
    BUNDLE = "bundle"


class NoteKind(StrEnum):
    """How loudly a note speaks."""

    INFO = "info"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Block:
    """One thing to copy, whole and runnable.

    Attributes:
        text: exactly what is copied; the key stands in it as `portal.keys.PLACEHOLDER`.
        does: what it will do, one line above the block.
        after: what to expect, one line below it.
        expected: lines that must appear, as the client prints them.
        shell: the shell it is for, or None for a file's content and for a line typed inside the client.
        path: the file it writes or shows, as a person of that platform writes it.
        download: the name under which the text can be downloaded, or empty.

    """

    kind: BlockKind
    text: str
    language: Language
    does: Text
    after: Text | None = None
    expected: tuple[str, ...] = ()
    shell: Shell | None = None
    path: str = ""
    download: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark that belongs to the blocks it stands beside."""

    kind: NoteKind
    text: Text


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no text for this target, and what to choose instead."""

    reason: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the guide. With a `refusal` it has no blocks."""

    blocks: tuple[Block, ...] = ()
    notes: tuple[Note, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Guide:
    """Everything a visitor needs for one set-up.

    Attributes:
        install: getting the client onto the machine; without blocks when it is there already.
        not_found: what to do when the shell does not find `claude`.
        configure: the recommended text for the chosen scope.
        files: the content of each file that `configure` writes, for those who place files by hand.
        verify: how to see that it works, with the lines to expect.
        undo: back to the state before.

    """

    choices: Choices
    install: Section
    not_found: Section
    configure: Section
    files: Section
    verify: Section
    undo: Section
