"""PowerShell's grammar, of which no real one can be had here."""

from __future__ import annotations

from typing import Any

import pytest


def syntax_errors(text: str) -> list[str]:
    """What the grammar cannot read, piece by piece."""
    tree_sitter: Any = pytest.importorskip("tree_sitter")
    grammar: Any = pytest.importorskip("tree_sitter_powershell")
    tree = tree_sitter.Parser(tree_sitter.Language(grammar.language())).parse(text.encode())

    def errors(node: Any) -> list[str]:
        own = [node.text.decode()] if node.type == "ERROR" or node.is_missing else []
        return own + [error for child in node.children for error in errors(child)]

    return errors(tree.root_node)
