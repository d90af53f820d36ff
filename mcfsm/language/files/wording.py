"""The words of a model as they are shown, whoever shows them: on one line, and nothing in them that does anything.

What may live here: which characters and marks of a text mean something to what shows it. All texts of a model pass here
as it is read, so no renderer - text, dot, svg, Mermaid, Markdown, JSON - can be made to move a cursor, hide words, turn
them around, print a line of its own, or start a command of a build server. Names are held to their form instead (M307).
"""

from __future__ import annotations

import re
from unicodedata import category

from mcfsm.expressions.parse import SourceText

_JOINERS = "\u200c\u200d"  # which some scripts are written with
_COMMAND = re.compile(r"(^|\s)(:)(:\w)|(##)(\[|vso\[)")  # of GitHub Actions at the start of a line, of Azure anywhere


def wording(text: SourceText) -> SourceText:
    """A text as its words are shown; the same text where it is so already."""
    plain = in_words(text)
    return text if plain == text else SourceText(plain, text.span, ())


def in_words(text: str) -> str:
    """A text on one line, with what cannot be seen written as an escape."""
    plain = " ".join(text.split())
    if not plain.isprintable():
        plain = "".join(map(_visible, plain))
    return _COMMAND.sub(r"\1\2\4 \3\5", plain)


def nameable(name: str, *, filed: bool = False) -> bool:
    """Whether a name that is no word of expressions can be shown as it is; `filed`: and be part of a file's name."""
    if not name.isprintable() or name != " ".join(name.split()) or _COMMAND.search(name):
        return False
    return not filed or not re.search(r"[/\\]|^\.", name)


def _visible(character: str) -> str:
    if character.isprintable() or category(character) == "Zs" or character in _JOINERS:
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 1 << 8 else f"\\u{number:04x}" if number < 1 << 16 else f"\\U{number:08x}"
