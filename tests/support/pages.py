"""Reading pages as a person does: by role, label and mark, never by substring."""

from __future__ import annotations

from lxml import html
from lxml.html import HtmlElement


def parse(text: str) -> HtmlElement:
    """The page's tree."""
    return html.document_fromstring(text)


def parse_region(text: str) -> HtmlElement:
    """The one element that a region consists of."""
    (element,) = html.fragments_fromstring(text, no_leading_text=True)
    return element


def one(tree: HtmlElement, selector: str) -> HtmlElement:
    """The only element that matches.

    Raises:
        AssertionError: there is none, or more than one.
    """
    found = tree.cssselect(selector)
    assert len(found) == 1, f"{selector}: {len(found)} elements"
    return found[0]


def words(element: HtmlElement) -> str:
    """The text that a person reads, blanks collapsed."""
    return " ".join(element.text_content().split())


def snippet(tree: HtmlElement, kind: str, index: int = 0) -> str:
    """The text that the copy button of a block copies."""
    return str(tree.cssselect(f'[data-snippet="{kind}"]')[index].text_content())


def labelled(tree: HtmlElement, text: str) -> HtmlElement:
    """The form field whose label says `text`."""
    (label,) = [label for label in tree.iter("label") if words(label) == text]
    return one(tree, f'[id="{label.get("for")}"]')
