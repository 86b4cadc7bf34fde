"""Owns the guide as Markdown and as plain text: the same blocks and notes as the page, for terminals and assistants.

It never holds a key: the texts are functions of choices and profile.
"""

from __future__ import annotations

from collections.abc import Iterator
from gettext import NullTranslations

from portal.guide.views import GuidePage
from portal.snippets.dialects import Language
from portal.snippets.guide import Block, NoteKind, Section
from portal.words import Text, _, say

_FENCE_LANGUAGES = {
    Language.POSIX: "sh",
    Language.FISH: "fish",
    Language.POWERSHELL: "powershell",
    Language.CMD: "bat",
    Language.JSON: "json",
    Language.PLAIN: "text",
}


def to_markdown(page: GuidePage, translations: NullTranslations, origin: str) -> str:
    """The guide as Markdown; `origin` is the portal's address, for the link back to the page."""
    return "\n".join(_document(page, translations, origin, _MarkdownMarks())) + "\n"


def to_plain_text(page: GuidePage, translations: NullTranslations, origin: str) -> str:
    """The guide as plain text: commands are indented by four blanks and have a line of their own."""
    return "\n".join(_document(page, translations, origin, _PlainMarks())) + "\n"


class _MarkdownMarks:
    def title(self, text: str) -> Iterator[str]:
        yield f"# {text}"

    def heading(self, text: str) -> Iterator[str]:
        yield from ("", f"## {text}", "")

    def code(self, block: Block) -> Iterator[str]:
        fence = "```"
        while fence in block.text:
            fence += "`"
        yield from ("", f"{fence}{_FENCE_LANGUAGES[block.language]}", block.text, fence, "")

    def prose(self, text: str) -> str:
        return text


class _PlainMarks:
    def title(self, text: str) -> Iterator[str]:
        yield from (text, "=" * len(text))

    def heading(self, text: str) -> Iterator[str]:
        yield from ("", text, "-" * len(text), "")

    def code(self, block: Block) -> Iterator[str]:
        yield ""
        yield from (f"    {line}" for line in block.text.split("\n"))
        yield ""

    def prose(self, text: str) -> str:
        return text.replace("`", "")


_Marks = _MarkdownMarks | _PlainMarks


def _document(page: GuidePage, translations: NullTranslations, origin: str, marks: _Marks) -> Iterator[str]:
    def words(text: Text) -> str:
        return marks.prose(say(text, translations))

    guide, name = page.guide, page.profile.brand.name
    yield from marks.title(words(_("Set up Claude Code with {gateway}", gateway=name)))
    yield ""
    yield words(
        _(
            "For {platform} with {shell}. Settings live in: {scope}.",
            platform=page.platform_label,
            shell=page.shell_label,
            scope=page.scope_label,
        ),
    )
    yield words(_("`YOUR-API-KEY` stands where your key belongs. Never send the key itself to anybody."))
    yield words(_("This guide as a page: {address}", address=f"{origin}/?{page.query}"))
    for notice in page.notices:
        yield words(notice.text)
    sections = (
        (_("Install"), guide.install),
        (_("If `claude` is not found"), guide.not_found),
        *(((_("Configure with a script (recommended)"), page.script.run),) if page.script else ()),
        (_("Configure without a script") if page.script else _("Configure"), guide.configure),
        (_("The files, to place them by hand"), guide.files),
        (_("Check that it works"), guide.verify),
        (_("If something does not work"), page.doctor),
        *(((_("Undo what the script did"), page.script.undo),) if page.script else ()),
        (_("Undo what the command without a script did") if page.script else _("Undo"), guide.undo),
    )
    for title, section in sections:
        if section.blocks or section.refusal or section.notes:
            yield from marks.heading(words(title))
            yield from _section(section, translations, marks)


def _section(section: Section, translations: NullTranslations, marks: _Marks) -> Iterator[str]:
    def words(text: Text) -> str:
        return marks.prose(say(text, translations))

    if section.refusal:
        yield words(section.refusal.reason)
        yield words(section.refusal.remedy)
    for block in section.blocks:
        yield words(block.does)
        yield from marks.code(block)
        if block.expected:
            yield words(_("Expect these lines:"))
            yield from (f"- `{line}`" if isinstance(marks, _MarkdownMarks) else f"  {line}" for line in block.expected)
            yield ""
        if block.after:
            yield words(block.after)
            yield ""
    for note in section.notes:
        mark = words(_("Note: ")) if note.kind is NoteKind.WARNING else ""
        yield f"- {mark}{words(note.text)}"
