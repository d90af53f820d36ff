"""Text of an expression or a domain to a syntax tree: bounded in length and depth, never executed."""

from __future__ import annotations

import ast
import keyword
import re
import warnings

from mcfsm.problems import Problem, Span, shorten

MOST_CHARACTERS = 4000
MOST_DEPTH = 40
RESERVED = frozenset({"true", "false", "none", "self", "sender", "receiver", "key", "msg", "frozen", "state", "to"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Text(str):
    """A scalar as it stands in a file: its text, and where it stands. `inline` if it fills one line as written."""

    span: Span
    inline: bool

    __slots__ = ("inline", "span")

    def __new__(cls, text: str, span: Span, inline: bool = True) -> Text:
        """A text with its place."""
        made = super().__new__(cls, text)
        made.span = span
        made.inline = inline
        return made

    def part(self, offset: int, length: int) -> Span:
        """The place of a part of the text, or of the whole where the text spreads over lines."""
        return self.span.inside(offset, length) if self.inline else self.span


class ExpressionError(Exception):
    """An expression is wrong: one problem, raised at the innermost place that is."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


def is_name(text: str) -> bool:
    """Whether the text can name something in expressions."""
    return bool(_NAME.match(text)) and not keyword.iskeyword(text) and len(text) <= 60


def parse_expression(text: Text) -> ast.expr:
    """The syntax tree of an expression. Raises ExpressionError (M401, M402) for what is no expression."""
    if len(text) > MOST_CHARACTERS:
        message = f"an expression of {len(text):,} characters; at most {MOST_CHARACTERS:,} are read"
        raise ExpressionError(Problem("M402", text.span, message, "name its parts under define"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(str(text).strip() or "?", mode="eval").body
    except SyntaxError as error:
        if "nested" in str(error.msg):
            raise _too_deep(text) from None
        offset = max(0, (error.offset or 1) - 1)
        span = text.part(min(offset, max(0, len(text) - 1)), 1)
        raise ExpressionError(
            Problem("M401", span, f"'{shorten(text)}' is no expression: {error.msg}", _syntax_hint(text))
        ) from None
    except (ValueError, RecursionError, MemoryError):
        raise _too_deep(text) from None
    level: list[ast.AST] = [tree]
    depth = 0
    while level:
        depth += 1
        if depth > MOST_DEPTH:
            raise _too_deep(text)
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return tree


def _too_deep(text: Text) -> ExpressionError:
    message = f"an expression nested deeper than {MOST_DEPTH} levels"
    return ExpressionError(Problem("M402", text.span, message, "name its parts under define"))


def _syntax_hint(text: str) -> str:
    if "&&" in text or "||" in text or text.strip().startswith("!"):
        return "write and, or, not"
    if "=" in text and not re.search(r"[=!<>]=", text):
        return "equality is written =="
    return "expressions follow Python's syntax; see docs/language.md"
