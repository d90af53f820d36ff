"""YAML 1.2 to plain data with a place for every node: bounded in size, depth and number, and never a type guessed.

Scalars stay text. Mappings and lists are built from the parser's events without recursion, so that no file can exhaust
the stack; an alias is copied node by node against the same bound, so that no file can explode.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml import events as ev
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from mcfsm.expressions.parse import Text
from mcfsm.problems import ModelError, Problem, Span, shorten

MOST_BYTES = 1_000_000
MOST_NODES = 50_000
MOST_DEPTH = 40
MOST_SCALAR = 20_000


class Block(dict[Text, Any]):
    """A mapping as written; `span` is where it begins."""

    span: Span


class Sequence(list[Any]):
    """A list as written; `span` is where it begins."""

    span: Span


Data = Text | Block | Sequence | None


def load(text: str, file: str) -> tuple[Data, list[Problem]]:
    """The data of one YAML document and the problems that do not stop it being read. Raises ModelError (M1xx)."""
    return _Builder(file, text).build()


@dataclass
class _Open:
    """A container whose end has not been read yet."""

    container: Block | Sequence
    anchor: str | None
    flow: bool
    key: Text | None = None  # of a mapping: the key whose value comes next


class _Builder:
    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.rows = text.splitlines()
        self.text = text
        self.anchors: dict[str, Data] = {}
        self.nodes = 0
        self.problems: list[Problem] = []

    def fail(self, code: str, span: Span | None, message: str, hint: str | None = None) -> ModelError:
        return ModelError([*self.problems, Problem(code, span, message, hint)])

    def span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        length = end.column - start.column if end.line == start.line else 1
        return Span(self.file, start.line + 1, start.column + 1, max(1, length))

    def build(self) -> tuple[Data, list[Problem]]:
        unprintable = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", self.text)
        if unprintable:
            line = self.text.count("\n", 0, unprintable.start()) + 1
            column = unprintable.start() - self.text.rfind("\n", 0, unprintable.start())
            message = f"the character U+{ord(unprintable.group()):04X} may not stand in a YAML file"
            raise self.fail("M101", Span(self.file, line, column), message, "is this a text file, in UTF-8?")
        try:
            return self.assemble(iter(YAML(typ="safe", pure=True).parse(self.text))), self.problems
        except MarkedYAMLError as error:
            raise self.syntax_error(error) from None
        except (YAMLError, ValueError, RecursionError) as error:
            raise self.fail("M101", Span(self.file, 1, 1), f"this is no YAML: {shorten(str(error))}") from None

    def syntax_error(self, error: MarkedYAMLError) -> ModelError:
        mark = error.problem_mark or error.context_mark
        span = Span(self.file, mark.line + 1, mark.column + 1) if mark else Span(self.file, 1, 1)
        what = shorten(str(error.problem or error.context or "not YAML"))
        row = self.rows[span.line - 1] if span.line <= len(self.rows) else ""
        hint = "quote this expression" if re.search(r"[\[\](){}!&*%@`|]", row) else None
        if "\t" in row[: span.column]:
            hint = "indent with spaces, not tabs"
        return self.fail("M101", span, f"this is no YAML: {what}", hint)

    def assemble(self, events: Iterator[Any]) -> Data:
        root: list[Data] = []
        unfinished: list[_Open] = []
        documents = 0
        for event in events:
            match event:
                case ev.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        raise self.fail("M102", self.span(event), "a second document (---) in one file")
                case ev.ScalarEvent():
                    self.place(root, unfinished, self.scalar(event, bool(unfinished) and unfinished[-1].flow), event)
                case ev.AliasEvent():
                    if event.anchor not in self.anchors:
                        message = f"*{event.anchor} names no anchor that is complete here"
                        raise self.fail("M103", self.span(event), message, "if it begins an expression, quote it")
                    self.place(root, unfinished, self.copy(self.anchors[event.anchor], event), event)
                case ev.MappingStartEvent() | ev.SequenceStartEvent():
                    self.count(event)
                    self.no_tag(event)
                    if len(unfinished) >= MOST_DEPTH:
                        message = f"nested deeper than {MOST_DEPTH} levels"
                        raise self.fail("M104", self.span(event), message)
                    container: Block | Sequence = Block() if isinstance(event, ev.MappingStartEvent) else Sequence()
                    container.span = Span(self.file, event.start_mark.line + 1, event.start_mark.column + 1)
                    self.place(root, unfinished, container, event)
                    unfinished.append(_Open(container, event.anchor, bool(event.flow_style)))
                case ev.MappingEndEvent() | ev.SequenceEndEvent():
                    done = unfinished.pop()
                    if done.anchor:
                        self.anchors[done.anchor] = done.container
        return root[0] if root else None

    def count(self, event: Any) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            message = f"more than {MOST_NODES:,} values, aliases counted in full"
            raise self.fail("M104", self.span(event), message, "split the model over files, or use fewer aliases")

    def no_tag(self, event: Any) -> None:
        tag = event.tag
        if tag and str(tag) != "!":
            message = f"the tag {tag} has no meaning here"
            self.problems.append(Problem("M105", self.span(event), message, "quote this expression; ! is written not"))

    def scalar(self, event: Any, flow: bool) -> Text | None:
        self.count(event)
        self.no_tag(event)
        plain = event.style is None or event.style == ""
        span = self.span(event)
        if len(event.value) > MOST_SCALAR:
            raise self.fail(
                "M104", span, f"a value of {len(event.value):,} characters; at most {MOST_SCALAR:,} are read"
            )
        inline = event.start_mark.line == event.end_mark.line and event.style not in ("|", ">")
        if inline and not plain:
            span = Span(span.file, span.line, span.column + 1, max(1, span.length - 2))
            inline = span.length == len(event.value)  # no escapes inside
        text = Text(event.value, span, inline)
        if plain and flow and _unbalanced(event.value):
            message = f"YAML cuts this at a comma or bracket: '{shorten(event.value)}'"
            self.problems.append(Problem("M106", span, message, "quote this expression"))
        if event.anchor:
            self.anchors[event.anchor] = text
        return None if plain and event.value in ("", "~", "null") else text

    def place(self, root: list[Data], unfinished: list[_Open], value: Data, event: Any) -> None:
        if not unfinished:
            root.append(value)
            return
        inner = unfinished[-1]
        if isinstance(inner.container, Sequence):
            inner.container.append(value)
        elif inner.key is None:
            if not isinstance(value, Text):
                raise self.fail("M107", self.span(event), "a key must be plain text", "quote this expression")
            if value in inner.container:
                self.problems.append(Problem("M108", value.span, f"the key {value} stands here twice"))
            inner.key = value
        else:
            inner.container.setdefault(inner.key, value)
            inner.key = None

    def copy(self, data: Data, event: Any, depth: int = 0) -> Data:
        self.count(event)
        if depth > MOST_DEPTH:
            raise self.fail("M104", self.span(event), f"nested deeper than {MOST_DEPTH} levels")
        if isinstance(data, Block):
            block = Block({key: self.copy(value, event, depth + 1) for key, value in data.items()})
            block.span = data.span
            return block
        if isinstance(data, Sequence):
            sequence = Sequence(self.copy(value, event, depth + 1) for value in data)
            sequence.span = data.span
            return sequence
        return data


def _unbalanced(text: str) -> bool:
    return any(text.count(left) != text.count(right) for left, right in ("()", "[]", "{}"))
