"""What another grammar of TLA+ says of a module: that of the tree-sitter project, where it is installed."""

from __future__ import annotations

import warnings
from functools import cache
from importlib.util import find_spec
from typing import Any

INSTALLED = all(find_spec(name) is not None for name in ("tree_sitter", "tree_sitter_tlaplus"))


@cache
def _parser() -> Any:
    import tree_sitter
    import tree_sitter_tlaplus

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the grammar gives its language as a number
        return tree_sitter.Parser(tree_sitter.Language(tree_sitter_tlaplus.language()))


def mistakes(text: str) -> list[str]:
    """Where a module is not of the grammar, by line; nothing is looked at where the grammar is not installed."""
    if not INSTALLED:
        return []
    found, waiting = list[str](), [_parser().parse(text.encode()).root_node]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            found.append(f"line {node.start_point[0] + 1}: {node.text.decode()[:80]!r}")
        elif node.has_error:
            waiting += node.children
    return found
