"""Text of an expression or a domain to a syntax tree: bounded in length and depth, never executed."""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from functools import lru_cache

from mcfsm.problems import Problem, Span, shorten

MOST_CHARACTERS = 4000
MOST_DEPTH = 40
MOST_NAME = 60
RESERVED = frozenset(
    {"true", "false", "none", "bool", "self", "sender", "receiver", "actor", "key", "msg", "frozen", "state", "to"}
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_WORDS = frozenset({"and", "or", "not", "in", "is", "if", "else", "for", "True", "False", "None"})
_WRITTEN = {
    "≠": "!=", "≤": "<=", "≥": ">=", "∧": "and", "∨": "or", "¬": "not", "∈": "in", "∪": "|", "∩": "&", "∅": "{}",
    "−": "-", "–": "-", "×": "*", "→": "not a or b", "⇒": "not a or b", "…": "..", "\xa0": "a plain space",
}  # fmt: skip


class SourceText(str):
    """A scalar as it stands in a file: its text, and where it stands.

    `rows` are the lines it fills: (offset in the text, place of the rest of the line). A text that does not stand in
    the file as it is, because of an escape, has none; then the place of any part is the place of the whole.
    """

    span: Span
    rows: tuple[tuple[int, Span], ...]

    __slots__ = ("rows", "span")

    def __new__(cls, text: str, span: Span, rows: tuple[tuple[int, Span], ...] | None = None) -> SourceText:
        """A text with its place; on one line, unless told otherwise."""
        made = str.__new__(cls, text)
        made.span = span
        made.rows = ((0, span),) if rows is None else rows
        return made

    def __reduce__(self) -> tuple[type[SourceText], tuple[str, Span, tuple[tuple[int, Span], ...]]]:
        return SourceText, (str(self), self.span, self.rows)

    def place(self, offset: int, length: int) -> Span:
        """The place of a part of the text; of a part that spreads over lines, that of its first line."""
        for start, row in reversed(self.rows):
            if start <= offset:
                inside = min(offset - start, row.length - 1)
                return row.inside(inside, min(length, row.length - inside))
        return self.span

    def part(self, start: int, end: int) -> SourceText:
        """A part of the text, without the blanks around it, with its own place."""
        inner = str(self)[start:end]
        begin = start + len(inner) - len(inner.lstrip())
        inner = inner.strip()
        rows = []
        stops = [*(offset for offset, _ in self.rows[1:]), len(self) + 1]
        for (offset, row), stop in zip(self.rows, stops, strict=False):
            if stop > begin and offset < begin + max(1, len(inner)):
                inside = max(0, begin - offset)
                rows.append((max(0, offset - begin), row.inside(inside, row.length - inside)))
        return SourceText(inner, self.place(begin, len(inner)), tuple(rows))


class ExpressionError(Exception):
    """An expression is wrong: one problem, raised at the innermost place that is; none where it reads what is wrong."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("; ".join(problem.message for problem in problems))


def is_name(text: str) -> bool:
    """Whether the text has the form of a name."""
    return bool(_NAME.match(text)) and len(text) <= MOST_NAME


def parse_expression(text: SourceText) -> ast.expr:
    """The syntax tree of an expression; its columns count in `text`. Raises ExpressionError (M401, M402)."""
    if len(text) > MOST_CHARACTERS:
        message = f"an expression of {len(text):,} characters; at most {MOST_CHARACTERS:,} are read"
        raise ExpressionError(Problem("M402", text.span, message, "name its parts under define"))
    _only_plain_characters(text)
    _no_range(text)
    flat = re.sub(r"[\n\r\t]", " ", text)
    try:
        tree = _tree(flat)
    except SyntaxError as error:
        if "nested" in str(error.msg):
            raise _too_deep(text) from None
        raise _no_expression(text, error) from None
    except (ValueError, RecursionError, MemoryError):
        raise _too_deep(text) from None
    if tree is None:
        raise _too_deep(text)
    return tree


@lru_cache(maxsize=4096)
def _tree(text: str) -> ast.expr | None:
    """The tree of a text on one line, read once for all scenarios; None where it is too deep."""
    lead = len(text) - len(text.lstrip())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text.strip(), mode="eval").body
    level: list[ast.AST] = [tree]
    for _ in range(MOST_DEPTH):
        for node in level:
            if isinstance(node, ast.expr | ast.keyword) and node.end_col_offset is not None:
                node.col_offset += lead
                node.end_col_offset += lead
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return None if level else tree


def names_in(text: SourceText) -> set[str]:
    """The names that an expression reads; none where it is no expression."""
    try:
        return {node.id for node in ast.walk(parse_expression(text)) if isinstance(node, ast.Name)}
    except ExpressionError:
        return set()


def _only_plain_characters(text: SourceText) -> None:
    found = re.search(r"[^\n\r\t\x20-\x7e]|#", text)
    if not found:
        return
    character = found.group()
    if character == "#":
        message, hint = "# has no place in an expression", "a comment stands outside the quotes"
    else:
        shown = f"{character} (U+{ord(character):04X})" if character.isprintable() else f"U+{ord(character):04X}"
        message, hint = f"the character {shown} has no place in an expression", "expressions are plain ASCII"
        if character in _WRITTEN:
            hint = f"write {_WRITTEN[character]}"
        elif character in "“”‘’„«»":
            hint = "values are bare names: write them without quotes"
    raise ExpressionError(Problem("M401", text.place(found.start(), 1), message, hint))


def _too_deep(text: SourceText) -> ExpressionError:
    message = f"an expression nested deeper than {MOST_DEPTH} levels"
    return ExpressionError(Problem("M402", text.span, message, "name its parts under define"))


def _no_expression(text: SourceText, error: SyntaxError) -> ExpressionError:
    """The problem of a text that Python cannot parse: what was probably meant, or the place where Python gave up."""
    body = text.rstrip()
    if not body:
        return ExpressionError(Problem("M401", text.span, "the expression is empty"))
    found, hint = _slip(body)
    if found is None:
        offset = len(text) - len(text.lstrip()) + (error.offset or 1) - 1
        if offset >= len(body) or error.offset in (None, 0):
            message = f"'{shorten(text)}' is no expression: something is missing at its end"
            return ExpressionError(Problem("M401", text.place(len(body) - 1, 1), message))
        found = re.compile(r"\w+|[^\w\s]|\s").search(body, offset)
    assert found is not None
    what = "is never closed" if found.group() in "([{" else "is not expected here"
    message = f"'{shorten(text)}' is no expression: {found.group()} {what}"
    return ExpressionError(Problem("M401", text.place(found.start(), len(found.group())), message, hint))


_EITHER = "one of two values is written: 2 if ready else 1"
_SLIPS = (
    (r"&&", "write and"),
    (r"\|\|", "write or"),
    (r"<>", "write !="),
    (r"[=-]>", "a implies b is written: not a or b"),
    (r"!(?!=)", "write not"),
    (r"^if\b|\bthen\b|\?(?=.*:)", _EITHER),
    (r"\+\+$", "write x + 1: what is set is a value"),
    (r"--$", "write x - 1: what is set is a value"),
    (r"[+-](?==)", "write x + 1 alone: the key of set says which variable gets it"),
)


def _no_range(text: SourceText) -> None:
    """Refuse a range, which Python may take for a number and an attribute: what it says is written in another way."""
    found = re.search(r"(?<!\.)\.\.(?!\.)", text)
    if not found:
        return
    message = f"'{shorten(text)}' is no expression: a range is a domain, and no value"
    meant = re.search(r"([\w.()\[\]]+)\s+(not\s+)?in\s+([\w.]*?\w)\.\.(\w[\w.]*)", text)
    hint = "x is in a range where low <= x <= high; a domain declared under domains may be named"
    if meant:
        value, none, low, high = meant.groups()
        hint = f"write {'not ' if none else ''}{low} <= {value} <= {high}"
    raise ExpressionError(Problem("M401", text.place(found.start(), 2), message, hint))


def _slip(text: str) -> tuple[re.Match[str] | None, str | None]:
    """The first of some well-known slips, and what to write instead."""
    for pattern, hint in _SLIPS:
        found = re.search(pattern, text)
        if found:
            return found, hint
    found = _unbalanced(text)
    if found:
        return found, None
    for found in re.finditer(r"(?<![=!<>])=(?!=)", text):
        before = text[: found.start()]
        if before.count("(") == before.count(")"):
            return found, "equality is written =="
    for found in re.finditer(r"[A-Za-z_]\w*", text):
        if keyword.iskeyword(found.group()) and found.group() not in _WORDS:
            return found, f"{found.group()} is a word of Python and cannot be a name"
    return None, None


def _unbalanced(text: str) -> re.Match[str] | None:
    """The first bracket that closes nothing, or the last that is never closed."""
    opened: list[re.Match[str]] = []
    for found in re.finditer(r"[()\[\]{}]", text):
        if found.group() in "([{":
            opened.append(found)
        elif not opened or opened.pop().group() + found.group() not in ("()", "[]", "{}"):
            return found
    return opened[-1] if opened else None
