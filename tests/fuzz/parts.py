"""Parts of the tool tried by themselves, in this process and without what every command adds: thousands in a second.

An expression is read where it stands in a model, and then held against itself: folded and as it is written, and what
is certain of it against what comes out. A YAML text is held to be the same for both parsers, place by place.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import click

from fuzz import inputs
from fuzz.wrong import Wrong, without_defect
from mcfsm.commands.cli import group
from mcfsm.expressions import nodes as n
from mcfsm.expressions import typecheck
from mcfsm.expressions.domains import Domain, TooManyValues
from mcfsm.expressions.evaluate import EvaluationError, compiled
from mcfsm.expressions.fold import certain, fold
from mcfsm.expressions.functions import FUNCTIONS
from mcfsm.expressions.may_fail import may_fail
from mcfsm.expressions.parse import ExpressionError, SourceText
from mcfsm.expressions.scope import Scope
from mcfsm.language.files.flow_file import read_flow
from mcfsm.language.files.reader import read
from mcfsm.language.files.wording import wording
from mcfsm.language.files.yaml import Sequence, WrittenMapping, load, read_any, read_ordinary
from mcfsm.language.resolving.resolve import resolve
from mcfsm.problems import ModelError, Problem, Span, render
from mcfsm.questions.replay.replay import follow
from mcfsm.questions.replay.steps import ask
from mcfsm.semantics.product import Product

PLACE = Span("text", 1, 1, 1)
FEW_VALUES = 10_000
_HIDDEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})
_JOINERS = frozenset("\u200c\u200d")


@cache
def small(folder: Path) -> Any:
    """The small model of `inputs`: its document, and the product of its first scenario."""
    path = folder / "small.yaml"
    path.write_text(inputs.SMALL, encoding="utf-8")
    document = read(path)
    model = resolve(document, "s", properties=[], symmetry=False)
    return document, model, Product(model)


# ---- expressions


@cache
def _places() -> list[tuple[str, Scope]]:
    """Every expression of the small model, with what names mean where it stands.

    Found once in a process, as what was read before is not read again: they would be others the next time.
    """
    found: list[tuple[str, Scope]] = []
    original = typecheck.Checker.__init__

    def noting(self: Any, text: SourceText, scope: Scope, *more: Any) -> None:
        found.append((str(text), scope))
        original(self, text, scope, *more)

    with TemporaryDirectory() as folder, patch.object(typecheck.Checker, "__init__", noting):
        path = Path(folder, "places.yaml")
        path.write_text(inputs.SMALL, encoding="utf-8")
        for scenario in ("s", "t"):
            resolve(read(path), scenario)
    return found


def expression(rnd: Random, texts: list[str], first: str | None) -> str:
    """Expressions of a model with some things changed, or put together."""
    text = rnd.choice(texts) if first is None else first
    for _ in range(rnd.choice((0, 1, 1, 2, 3))):
        how = rnd.randrange(8)
        other = rnd.choice(texts)
        if how == 0:
            text = f"{text} {rnd.choice(_BETWEEN)} {other}"
        elif how == 1:
            text = f"({text}) {rnd.choice(_BETWEEN)} ({other})"
        elif how == 2:
            text = f"{rnd.choice(_BEFORE)}({text})"
        elif how == 3:
            text = f"({text} if {other} else {rnd.choice(texts)})"
        else:
            text = inputs.changed(text, rnd)
    return text


_BETWEEN = ("and", "or", "==", "!=", "<", "<=", "in", "not in", "+", "-", "*", "//", "%", "|", "&", "is", "->")
_BEFORE = ("not ", "-", *FUNCTIONS)


def try_expression(rnd: Random, _: Path) -> str:
    places = _places()
    written, scope = rnd.choice(places)
    text = expression(rnd, [one for one, _ in places], written if rnd.random() < 0.8 else None)
    with without_defect(text):
        try:
            node = typecheck.check(SourceText(text, PLACE), scope)
        except ExpressionError as error:
            _told(error.problems, text)
            return "refused"
        try:
            folded = fold(node)
        except EvaluationError:
            return "fails at once"
        names = _reads(node)
        if names is None:
            return "read"
        for _ in range(3):
            frame = {name: rnd.choice(domain.values) for name, domain in names.items()}
            one, other = _value(node, frame), _value(folded, frame)
            if one != other and not isinstance(one, Problem):  # what decides nothing may fail, and be left out
                raise Wrong(f"folded it is {other!r}, as written {one!r}, with {frame}\nof: {text!r}")
            if isinstance(one, Problem):
                if not may_fail(node):
                    raise Wrong(f"it cannot fail, and does: {one.message}, with {frame}\nof: {text!r}")
            elif not node.domain.contains(one):
                raise Wrong(f"{one!r} is none of {node.domain}, with {frame}\nof: {text!r}")
            elif isinstance(one, bool) and certain(node) not in (None, one):
                raise Wrong(f"it is certainly {certain(node)}, and is {one!r}, with {frame}\nof: {text!r}")
    return "evaluated"


def _value(node: n.Node, frame: Any) -> Any:
    try:
        return compiled(node)(frame)
    except EvaluationError as error:
        return error.problem


def _reads(node: n.Node) -> dict[str, Domain] | None:
    """What an expression reads of its frame, with the values there are; None where it reads anything else."""
    names: dict[str, Domain] = {}
    bound: set[str] = set()
    for part in node.walk():
        if isinstance(part, n.Element | n.Present | n.Attribute | n.InFlight | n.Frozen):
            return None
        if isinstance(part, n.Quantify):
            bound.add(part.variable)
        if isinstance(part, n.Read):
            names[part.name] = part.domain
    try:
        if any(domain.size() > FEW_VALUES or not domain.values for domain in names.values()):
            return None
    except TooManyValues:
        return None
    return {name: domain for name, domain in names.items() if name not in bound}


def _told(problems: Any, text: str) -> None:
    """That a refusal has a code, a place in the text, and a sentence that can be printed."""
    for problem in problems:
        if not problem.message or (problem.span is not None and problem.span.line < 1):
            raise Wrong(f"{problem}\nof: {text!r}")
    render(tuple(problems), lambda _: text)


# ---- texts


def try_parsers(rnd: Random, _: Path) -> str:
    text = inputs.tokens(rnd) if rnd.random() < 0.8 else inputs.flow(rnd)
    with without_defect(text):
        try:
            _, problems = load(text, "text")
        except ModelError as error:
            _told(error.problems, text)
            return "refused"
        if problems:
            _told(problems, text)
        ordinary = read_ordinary(text, "text")
        if ordinary is not None:
            whole, more = read_any(text, "text")
            if list(_placed(ordinary)) != list(_placed(whole)) or more:
                raise Wrong(f"the parsers differ\nof: {text!r}")
            return "read by both"
    return "read"


def _placed(data: Any) -> Iterator[tuple[str, Any]]:
    """Every part of some data with its place."""
    if isinstance(data, WrittenMapping):
        yield "mapping", data.span
        for key, value in data.items():
            yield from _placed(key)
            yield from _placed(value)
    elif isinstance(data, Sequence):
        yield "list", data.span
        for value in data:
            yield from _placed(value)
    elif data is None:
        yield "nothing", None
    else:
        yield str(data), (data.span, data.rows)


def try_words(rnd: Random, _: Path) -> str:
    text = "".join(rnd.choice((*inputs.ATOMS, *inputs.WORDS, chr(rnd.randrange(0x3000)))) for _ in range(8))
    with without_defect(text):
        said = wording(SourceText(text, PLACE))
        again = wording(said)
        seen = {character for character in said if unicodedata.category(character) in _HIDDEN} - _JOINERS
        if "\n" in said or seen or again != said:
            raise Wrong(f"shown as {said!r}\nof: {text!r}")
    return "as it was" if said == text else "made visible"


def try_flow_file(rnd: Random, folder: Path) -> str:
    document, model, product = small(folder)
    text, path = inputs.flow(rnd), folder / "flow.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    with without_defect(text):
        try:
            steps = ask(read_flow(path), document, model)
            return "allowed" if follow(product, steps, path="flow").allowed else "not allowed"
        except ModelError as error:
            _told(error.problems, text)
            return "refused"


def try_options(rnd: Random, _: Path) -> str:
    """A command line read to its end, and nothing done of it."""
    line = inputs.command_line(rnd, "model.yaml", "flow.yaml")
    with without_defect(line):
        try:
            _, command, rest = group.resolve_command(click.Context(group), line)
            assert command is not None
            command.make_context(line[0], rest, obj={}).close()
        except click.ClickException as error:
            if not error.format_message():
                raise Wrong(f"refused without a word\nof: {line!r}") from None
            return "refused"
        except click.exceptions.Exit:
            return "help"
    return "read"


PARTS = {
    "expressions": try_expression,
    "YAML parsers": try_parsers,
    "shown words": try_words,
    "flow files": try_flow_file,
    "options": try_options,
}
