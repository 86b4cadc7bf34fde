"""Merges settings into a JSON text by position; what the request and the answer look like is told in `__init__.py`.

Standard library of Python 3.7 only: this file travels inside `apply.sh` to machines with an old `python3`.
"""

from __future__ import annotations

import sys
from typing import NamedTuple

from portal.scripts.engines.scan import Member, Scan, last, scan


class Splice(NamedTuple):
    """Put the pieces where the text from `start` to `end` was."""

    start: int
    end: int
    pieces: list[str]


class Change(NamedTuple):
    """An order and what it means: `old` is the member it finds, `new` the wanted value as a piece, `text` its text."""

    action: str
    section: str
    name: str
    old: Member | None
    new: list[str]
    text: str


class Style(NamedTuple):
    """How new text is laid out: over lines or in one, the unit of indent, the line break, what follows a name."""

    lines: bool
    unit: str
    feed: str
    colon: str

    def block(self, items: list[list[str]], depth: int) -> list[str]:
        """What stands between the braces of an object that had no member."""
        comma = "T , " if not self.lines and self.colon == ": " else "T ,"
        pieces: list[str] = []
        for number, item in enumerate(items):
            pieces += [comma] if number else []
            pieces += [self.feed, "T " + self.unit * (depth + 1)] if self.lines else []
            pieces += item
        return [*pieces, self.feed, "T " + self.unit * depth] if self.lines else pieces


def style_of(text: str, found: Scan) -> Style:
    """The layout of the text, taken from the first member and the last."""
    feed, members = "C" if "\f\n" in text else "L", found.inside(None)
    if not members:
        return Style(True, "  ", feed, ": ")  # noqa: FBT003 - the fields' names are above
    gap = text[members[0].gap : members[0].key]
    if "\n" in gap:
        return Style(True, gap[gap.rindex("\n") + 1 :].replace("\f", ""), feed, ": ")  # noqa: FBT003
    return Style(False, "", feed, ":" if text[members[-1].value - 1] == ":" else ": ")  # noqa: FBT003


class Body(NamedTuple):
    """An object in the text: its members, the positions of its braces, how deep it is."""

    text: str
    members: list[Member]
    start: int
    close: int
    depth: int

    def edit(self, changes: list[Change], style: Style) -> list[Splice]:
        """The splices that carry out the changes: replaced values, members cut out, new ones after the last kept."""
        members = self.members
        dropped = {change.name for change in changes if not change.new}
        kept = [index for index, member in enumerate(members) if member.name not in dropped]
        splices = [Splice(c.old.value, c.old.end, c.new) for c in changes if c.new and c.old]
        splices += [
            Splice(member.key, members[index + 1].key, [])
            for index, member in enumerate(members)
            if kept and index < kept[-1] and member.name in dropped
        ]
        before, colon = self._joints(style)
        items = [[f'T "{c.name}"', *colon, *c.new] for c in changes if c.new and not c.old]
        if not members or not (kept or items):
            block = style.block(items, self.depth) if items else []
            return [*splices, Splice(self.start + 1, self.close, block)] if items or members else splices
        tail = [piece for item in items for piece in ("T ,", *before, *item)]
        if not kept:
            return [*splices, Splice(members[0].key, members[-1].end, tail[1 + len(before) :])]
        return [*splices, Splice(members[kept[-1]].end, members[-1].end, tail)]

    def _joints(self, style: Style) -> tuple[list[str], list[str]]:
        """What the last member has before its name and between name and value, to be repeated for a new one."""
        if not self.members:
            return [], ["T " + style.colon]
        at = self.members[-1]
        gap, colon = self.text[at.gap : at.key], self.text[at.colon : at.value]
        between = ["T : "] if "\n" in colon else [f"D {at.colon} {at.value}"]
        if "\n" in gap:
            feed = gap.rindex("\n")
            feed -= 1 if gap[:feed].endswith("\f") else 0
            return [f"D {at.gap + feed} {at.key}"], between
        if len(self.members) == 1:
            return ([] if colon[-1] == ":" else ["T  "]), between
        return ([f"D {at.gap} {at.key}"] if gap else []), between


def piece(letter: str, member: Member | None) -> list[str]:
    """The member's value as a piece of the document (D) or of the record (R)."""
    return [] if member is None else [f"{letter} {member.value} {member.end}"]


def value(text: str, member: Member | None) -> str:
    """The text of the member's value; empty when there is none."""
    return "" if member is None else text[member.value : member.end]


class Record(NamedTuple):
    """What an earlier run left: its entries by "SECTION NAME", and what the file was before the first run."""

    text: str
    entries: dict[str, Member]
    found: Scan
    created: str

    def part(self, key: str, name: str) -> Member | None:
        """The value that the entry remembers as `written` or `before`."""
        return last(self.found.inside(self.entries[key]), name)


def read_record(text: str, created: str) -> Record:
    """Read the record; one that is no JSON object counts as none."""
    found = scan(text)
    if found.error >= 0 or text[found.start] != "{":
        return Record(text, {}, found, created)
    entries = {member.name: member for member in found.inside(None) if " " in member.name}
    known = value(text, last(found.inside(None), "created")).strip('"')
    return Record(text, entries, found, known or created)


class Merge:
    """One request: the orders against the document and the record."""

    def __init__(self, request: str) -> None:
        orders, record, self.text = request.split("\x1e")
        lines = [line for line in orders.split("\n") if line]
        self.undo = lines[0] == "undo"
        self.orders = [line.split(" ", 3) for line in lines[2:]]
        self.record = read_record(record, lines[1].split(" ")[1])
        self.found = scan(self.text)
        self.root = self.found.inside(None)

    def answer(self) -> list[str]:
        """The lines of the answer between the first and the last."""
        if self.found.error >= 0:
            return [f"invalid {self.found.error}"]
        if self.text[self.found.start] != "{":
            return [f"shape {self.found.start} root"]
        orders = self._undo_changes() if self.undo else self._apply_changes()
        for section in dict.fromkeys(order.section for order in orders):
            owner = last(self.root, section)
            if section != "." and owner and self.text[owner.value] != "{":
                return [f"shape {owner.value} {section}"]
        changes = [order for order in orders if order.action not in {"same", "found"}]
        lines = [f"created {self.record.created}"]
        lines += [f"found {c.section} {c.name} {piece('D', c.old)[0]}" for c in orders if c.action == "found"]
        for c in changes:
            lines.append(f"change {c.action} {c.section} {c.name} {(piece('D', c.old) or '-')[0]} {(c.new or '-')[0]}")
        splices, bare = self._splices([change for change in changes if change.action != "left"])
        lines += ["bare"] if bare else []
        if not splices:
            return [*lines, "same"]
        lines += ["document", *self._document(splices)]
        return lines if self.undo else [*lines, "record", *self._record(changes)]

    def _current(self, section: str, name: str) -> Member | None:
        if section == ".":
            return last(self.root, name)
        owner = last(self.root, section)
        return last(self.found.inside(owner), name) if owner else None

    def _apply_changes(self) -> list[Change]:
        changes = []
        for verb, section, name, *rest in self.orders:
            old, wanted = self._current(section, name), "".join(rest)
            action = {"look": "found", "drop": "remove"}.get(verb, "replace")
            if not old:
                action = "add" if verb == "set" else "same"
            elif wanted and value(self.text, old) == wanted:
                action = "same"
            changes.append(Change(action, section, name, old, ["T " + wanted] if rest else [], wanted))
        return changes

    def _undo_changes(self) -> list[Change]:
        changes = []
        for key in self.record.entries:
            section, name = key.split(" ", 1)
            if section == "made":
                continue
            old, before = self._current(section, name), self.record.part(key, "before")
            action = ("replace" if before else "remove") if old else ("add" if before else "same")
            if value(self.text, old) != value(self.record.text, self.record.part(key, "written")):
                action = "left"
            changes.append(Change(action, section, name, old, piece("R", before), value(self.record.text, before)))
        return changes

    def _splices(self, changes: list[Change]) -> tuple[list[Splice], bool]:
        """The splices of the whole document, and whether an undo leaves nothing in it."""
        style = style_of(self.text, self.found)
        splices: list[Splice] = []
        top: list[Change] = []
        for number, change in enumerate(changes):
            section = change.section
            if section == ".":
                top.append(change)
                continue
            if any(earlier.section == section for earlier in changes[:number]):
                continue
            inner = [change for change in changes if change.section == section]
            owner = last(self.root, section)
            if owner is None:
                block = style.block([[f'T "{c.name}"', "T " + style.colon, *c.new] for c in inner], 1)
                top.append(Change("add", ".", section, None, ["T {", *block, "T }"], ""))
            elif self._leaves_nothing(section, owner, inner):
                top.append(Change("remove", ".", section, owner, [], ""))
            else:
                body = Body(self.text, self.found.inside(owner), owner.value, owner.end - 1, 1)
                splices += body.edit(inner, style)
        if top:
            splices += Body(self.text, self.root, self.found.start, self.found.close, 0).edit(top, style)
        dropped = {change.name for change in top if not change.new}
        kept = any(change.new for change in top) or any(member.name not in dropped for member in self.root)
        return splices, self.undo and not kept

    def _leaves_nothing(self, section: str, owner: Member, changes: list[Change]) -> bool:
        """Whether the section exists only because of us, and the undo takes its last member."""
        dropped = {change.name for change in changes if not change.new}
        return (
            self.undo
            and f"made {section}" in self.record.entries
            and all(change.old for change in changes)
            and all(member.name in dropped for member in self.found.inside(owner))
        )

    def _document(self, splices: list[Splice]) -> list[str]:
        pieces, at = [], 0
        for splice in sorted(splices, key=lambda splice: splice[:2]):
            pieces += [f"D {at} {splice.start}"] if splice.start > at else []
            pieces += splice.pieces
            at = splice.end
        return [*pieces, f"D {at} {len(self.text)}"] if at < len(self.text) else pieces

    def _record(self, changes: list[Change]) -> list[str]:
        """The record after this run: a touched value keeps the oldest value before it, unless somebody changed it."""
        pieces, entries = ["T {", "L", f'T   "created": "{self.record.created}",', "L"], self.record.entries
        touched = {f"{change.section} {change.name}": change for change in changes}
        for key in entries:
            if key not in touched:
                pieces += [f'T   "{key}": ', *piece("R", entries[key]), "T ,", "L"]
        for key, change in touched.items():
            before = piece("D", change.old)
            if key in entries:
                written = value(self.record.text, self.record.part(key, "written"))
                if written == value(self.text, change.old):
                    before = piece("R", self.record.part(key, "before"))
            pieces += [f'T   "{key}": {{']
            pieces += [f'T "written": {change.text}'] if change.new else []
            pieces += ["T , "] if change.new and before else []
            pieces += ['T "before": ', *before] if before else []
            pieces += ["T },", "L"]
        for section in dict.fromkeys(change.section for change in changes):
            if section != "." and not last(self.root, section) and f"made {section}" not in entries:
                pieces += [f'T   "made {section}": true,', "L"]
        return [*pieces, 'T   "portal-undo": 1', "L", "T }", "L"]


def merge(request: str) -> str:
    """The answer to a request."""
    return "\n".join(["portal-merge 1", *Merge(request).answer(), "end", ""])


if __name__ == "__main__":
    sys.stdout.write(merge(sys.stdin.buffer.read().decode("latin-1")))
