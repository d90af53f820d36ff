"""YAML 1.2 to plain data with a place for every node: bounded in size, depth and number, and never a type guessed.

Scalars stay text. Mappings and lists are built from the parser's events without recursion, so that no file can exhaust
the stack; an alias is copied node by node against the same bound, so that no file can explode.

Two parsers give such events. ruamel.yaml says what YAML 1.2 is, and what is wrong with a file. libyaml is thirty times
as fast: what it reads without a problem, from a text that holds nothing the two take differently, is what the other
would have read, place by place (docs/decisions/0022).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from yaml import YAMLError as CompiledError

from mcfsm.expressions.parse import SourceText
from mcfsm.problems import ModelError, Problem, Span, shorten, split_rows

try:
    from yaml.cyaml import CParser
except ImportError:  # a PyYAML that was built without libyaml: the other parser reads everything
    CParser = None

MOST_BYTES = 1_000_000
MOST_NODES = 50_000
MOST_DEPTH = 40
MOST_SCALAR = 20_000
_NO_LINE_END = re.compile("\r(?!\n)|[\x85\u2028\u2029]")  # a line end to a parser of YAML, but not to every editor
_HALF = re.compile("[\ud800-\udfff]")  # of a character, from an escape
_NO_CHARACTER = re.compile(r"\\U(?!000|0010)[0-9a-fA-F]{8}")
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# line ends of YAML 1.1, tabs between words, a mark of the byte order, directives, and # beside the | or > of a text
_BRACKET = re.compile(r"[(){}\[\]]")
_TAKEN_DIFFERENTLY = re.compile("\r(?!\n)|[\t\x85\u2028\u2029\ufeff]|^%|[|>][-+0-9]*#", re.MULTILINE)


class WrittenMapping(dict[SourceText, Any]):
    """A mapping as written; `span` is where it begins."""

    span: Span

    def written(self, key: object) -> SourceText:
        """A key that it has, with its place."""
        return next(known for known in self if known == key)


class Sequence(list[Any]):
    """A list as written; `span` is where it begins."""

    span: Span


Data = SourceText | WrittenMapping | Sequence | None


@lru_cache(maxsize=64)
def load(text: str, file: str) -> tuple[Data, tuple[Problem, ...]]:
    """The data of one YAML document and the problems that do not stop it being read. Raises ModelError (M1xx).

    A text that was read before is not parsed again: what comes back is the same, and nobody may change it.
    """
    unprintable = _UNPRINTABLE.search(text) or _NO_LINE_END.search(text)
    if unprintable:
        place = _place(text, file, unprintable.start())
        message = f"the character U+{ord(unprintable.group()):04X} may not stand in a YAML file"
        hint = "is this a text file, in UTF-8?"
        if _NO_LINE_END.match(unprintable.group()):
            message = f"U+{ord(unprintable.group()):04X} ends a line for some readers of this file, and not for others"
            hint = "end lines as your editor does by default (LF or CRLF); in a text it is written as an escape"
        raise ModelError([Problem("M101", place, message, hint)])
    data = read_ordinary(text, file)
    return read_any(text, file) if data is None else (data, ())


def _place(text: str, file: str, offset: int) -> Span:
    before = split_rows(text[:offset])
    return Span(file, len(before), len(before[-1]) + 1)


def joined(text: str) -> str:
    """The text with the halves of characters joined that stand side by side, as JSON writes them."""
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return text


def read_any(text: str, file: str) -> tuple[Data, tuple[Problem, ...]]:
    """The data of any text as ruamel.yaml reads it, and the problems noted on the way. Raises ModelError."""
    builder = _Builder(file, text)
    return builder.build(), tuple(builder.problems)


def read_ordinary(text: str, file: str) -> WrittenMapping | Sequence | None:
    """The data of a text that both parsers take for the same, as libyaml reads it.

    None where it is another text, or anything is wrong with it that `read_any` says. Raises ModelError (M104) for a
    text beyond the bounds, which nobody should read twice.
    """
    if CParser is None or _TAKEN_DIFFERENTLY.search(text):
        return None
    builder = _Builder(file, text)
    try:
        data = builder.assemble(compiled_events(text))
    except ModelError as error:
        if all(problem.code == "M104" for problem in error.problems):
            raise
        return None
    except CompiledError:
        return None
    if builder.problems or builder.tagged or not isinstance(data, WrittenMapping | Sequence):
        return None
    return data


def compiled_events(text: str) -> Iterator[Any]:
    """The events of a YAML text as libyaml reads it. Raises CompiledError."""
    return iter(CParser(text).get_event, None)


@dataclass
class _Open:
    """A container whose end has not been read yet."""

    container: WrittenMapping | Sequence
    anchor: str | None
    flow: bool
    key: SourceText | None = None  # of a mapping: the key whose value comes next


_INDENTED = "the keys of a mapping begin in one column; an expression with : { } [ ] or # is quoted"
_SYNTAX = (  # what the parser says, what we say, and a hint
    ("mapping values are not allowed", "a colon has no place here", "quote a text with a colon and a blank in it"),
    (r"found character '\\t'", "a tab has no place here", "indent with spaces, not tabs"),
    (r"found character '(.)'", r"a value cannot begin with \1", "quote this expression"),
    (r"expected ',' or '(.)', but got '(.*)'", r"a comma or \1 is expected here, not \2", "quote this expression"),
    (r"expected the node content, but found '(.*)'", r"a value is expected here, not \1", "quote this expression"),
    ("expected alphabetic or numeric", "this is no alias and no anchor", "quote this expression"),
    ("expected chomping", r"| and > begin a text over several lines", "quote this expression"),
    ("expected <block end>", "this does not fit the indentation above", _INDENTED),
    ("could not find expected ':'", "a colon is missing after a key", None),
)


class _Builder:
    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.rows = split_rows(text)
        self.text = text
        self.anchors: dict[str, Data] = {}
        self.nodes = 0
        self.problems: list[Problem] = []
        self.tagged = False  # a tag was read, with a meaning or without
        self.unclosed = 0  # brackets that a plain scalar opened and YAML cut off

    def fail(self, code: str, span: Span | None, message: str, hint: str | None = None) -> ModelError:
        return ModelError([*self.problems, Problem(code, span, message, hint)])

    def span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        line, column = start.line, start.column
        row_end = end.column if end.line == line else len(self.rows[line].rstrip())
        return Span(self.file, line + 1, column + 1, row_end - column if row_end > column else 1)

    def build(self) -> Data:
        """The data as ruamel.yaml reads it. Raises ModelError."""
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        try:
            return self.assemble(iter(YAML(typ="safe", pure=True).parse(self.text)))
        except MarkedYAMLError as error:
            raise self.syntax_error(error) from None
        except AssertionError:
            found = re.search(r"^%YAML", self.text, re.MULTILINE)
            if found is None:
                raise
            place = _place(self.text, self.file, found.start())
            raise self.fail("M101", place, "YAML 1.2 is read here, and 1.1, and no other") from None
        except (YAMLError, ValueError, OverflowError, RecursionError) as error:
            found = _NO_CHARACTER.search(self.text)
            if found is not None and (isinstance(error, OverflowError) or "chr()" in str(error)):
                place = _place(self.text, self.file, found.start())
                message = "this is no YAML: an escape names no character"
                raise self.fail("M101", place, message, "the last is \\U0010FFFF") from None
            raise self.fail("M101", Span(self.file, 1, 1), f"this is no YAML: {shorten(str(error))}") from None

    def syntax_error(self, error: Any) -> ModelError:
        """What the parser found; left out where a problem noted before in that line explains it."""
        mark, opened = error.problem_mark or error.context_mark, error.context_mark
        flow = opened is not None and "flow" in str(error.context)
        if flow and (mark is None or not "".join(self.rows[mark.line :])[mark.column :].strip()):
            return self.fail("M101", self.at(opened), "this is no YAML: this bracket is never closed")
        said = str(error.problem or error.context or "")
        what, hint = shorten(said, 100), None
        for pattern, ours, advice in _SYNTAX:
            found = re.match(pattern, said)
            if found:
                what, hint = found.expand(ours), advice
                break
        row = self.rows[mark.line] if mark is not None and mark.line < len(self.rows) else ""
        if re.match(r"\s*- *[^{\s]", row) and row.rstrip().endswith("}") and row.count("}") > row.count("{"):
            hint = "a { is missing where this entry begins: - {KEY: VALUE, KEY: VALUE}"
        if flow and mark is not None and opened.line < mark.line:
            hint = f"is the bracket of line {opened.line + 1} closed?"
        place = self.at(mark)
        if any(problem.span and problem.span.line == place.line for problem in self.problems):
            return ModelError(self.problems)
        return self.fail("M101", place, f"this is no YAML: {what}", hint)

    def at(self, mark: Any) -> Span:
        return Span(self.file, mark.line + 1, mark.column + 1) if mark else Span(self.file, 1, 1)

    def assemble(self, events: Iterator[Any]) -> Data:
        root: list[Data] = []
        unfinished: list[_Open] = []
        documents = 0
        for event in events:
            match type(event).__name__:
                case "ScalarEvent":
                    self.place(root, unfinished, self.scalar(event, bool(unfinished) and unfinished[-1].flow), event)
                case "MappingStartEvent" | "SequenceStartEvent" as kind:
                    self.count(event)
                    self.no_tag(event)
                    if len(unfinished) >= MOST_DEPTH:
                        message = f"nested deeper than {MOST_DEPTH} levels"
                        raise self.fail("M104", self.span(event), message)
                    container: WrittenMapping | Sequence = (
                        WrittenMapping() if kind == "MappingStartEvent" else Sequence()
                    )
                    container.span = Span(self.file, event.start_mark.line + 1, event.start_mark.column + 1)
                    self.place(root, unfinished, container, event)
                    unfinished.append(_Open(container, event.anchor, bool(event.flow_style)))
                case "MappingEndEvent" | "SequenceEndEvent":
                    done = unfinished.pop()
                    self.unclosed = 0
                    if done.anchor:
                        self.anchors[done.anchor] = done.container
                case "AliasEvent":
                    if event.anchor not in self.anchors:
                        message = f"*{event.anchor} names no anchor that is complete here"
                        raise self.fail("M103", self.span(event), message, "if it begins an expression, quote it")
                    self.place(root, unfinished, self.copy(self.anchors[event.anchor], event), event)
                case "DocumentStartEvent":
                    documents += 1
                    if documents > 1:
                        raise self.fail("M102", self.span(event), "a second document (---) in one file")
        return root[0] if root else None

    def count(self, event: Any) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            message = f"more than {MOST_NODES:,} values, aliases counted in full"
            raise self.fail("M104", self.span(event), message, "split the model over files, or use fewer aliases")

    def no_tag(self, event: Any) -> None:
        tag = event.tag
        self.tagged = self.tagged or tag is not None
        if tag and str(tag) != "!":
            message = f"the tag {shorten(str(tag).rstrip(','))} has no meaning here"
            self.problems.append(Problem("M105", self.span(event), message, "quote this expression; ! is written not"))

    def scalar(self, event: Any, flow: bool) -> SourceText | None:
        self.count(event)
        self.no_tag(event)
        plain, value = not event.style, event.value
        if len(value) > MOST_SCALAR:
            message = f"a value of {len(value):,} characters; at most {MOST_SCALAR:,} are read"
            raise self.fail("M104", self.span(event), message)
        half = _HALF.search(value)
        if half:
            event.value = value = joined(value)
            half = _HALF.search(value)
        if half:
            message = f"the escape \\u{ord(half.group()):04X} is half of a character"
            self.problems.append(Problem("M101", self.span(event), message, "write the character itself"))
        text = self.written(event, plain)
        if plain and flow:
            self.check_cut(text)
        if event.anchor:
            self.anchors[event.anchor] = text
        return None if plain and value in ("", "~", "null") else text

    def written(self, event: Any, plain: bool) -> SourceText:
        """The scalar with the place of each line it fills."""
        start, end, value = event.start_mark, event.end_mark, event.value
        if plain and start.line == end.line:
            return SourceText(value, self.span(event))
        quoted, block = event.style in ("'", '"'), event.style in ("|", ">")
        rows: list[tuple[int, Span]] = []
        done = 0
        for line in range(start.line + block, min(end.line + 1, len(self.rows))):
            begin = start.column + quoted if line == start.line else 0
            row = self.rows[line][begin : end.column - quoted if line == end.line else None]
            content = row.strip()
            if not content:
                continue
            found = value.find(content, done)
            if found < 0 or value[done:found].strip():
                return SourceText(value, self.span(event), ())  # an escape inside: what is written is not what is meant
            column = begin + len(row) - len(row.lstrip()) + 1
            rows.append((found, Span(self.file, line + 1, column, len(content))))
            done = found + len(content)
        if not rows:
            return SourceText(value, self.span(event), ())
        return SourceText(value, rows[0][1], tuple(rows))

    def check_cut(self, text: SourceText) -> None:
        """Note an expression that YAML cut at a comma or bracket (M106), once for all its pieces."""
        if not _BRACKET.search(text):
            return
        opened = sum(text.count(left) - text.count(right) for left, right in ("()", "[]", "{}"))
        if opened != 0 and self.unclosed <= 0:
            message = f"YAML cuts this at a comma or bracket: '{shorten(text)}'"
            self.problems.append(Problem("M106", text.span, message, "quote this expression"))
        self.unclosed = max(0, self.unclosed + opened)

    def place(self, root: list[Data], unfinished: list[_Open], value: Data, event: Any) -> None:
        if not unfinished:
            root.append(value)
            return
        inner = unfinished[-1]
        container, key = inner.container, inner.key
        if isinstance(container, list):
            container.append(value)
        elif key is not None:
            container.setdefault(key, value)
            inner.key = None
        elif not isinstance(value, SourceText):
            raise self.fail("M107", self.span(event), "a key is a name, and this is none", "quote an expression")
        else:
            if value in container:
                message = (
                    f"the key {shorten(value)} stands here twice, first at line {container.written(value).span.line}"
                )
                self.problems.append(Problem("M108", value.span, message))
            inner.key = value

    def copy(self, data: Data, event: Any, depth: int = 0) -> Data:
        self.count(event)
        if depth > MOST_DEPTH:
            raise self.fail("M104", self.span(event), f"nested deeper than {MOST_DEPTH} levels")
        if isinstance(data, WrittenMapping):
            block = WrittenMapping((key, self.copy(value, event, depth + 1)) for key, value in data.items())
            block.span = data.span
            return block
        if isinstance(data, Sequence):
            sequence = Sequence(self.copy(value, event, depth + 1) for value in data)
            sequence.span = data.span
            return sequence
        return data
