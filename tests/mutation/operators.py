"""What is changed: one operator, condition, number or statement of a module, in its syntax tree.

What stands in annotations, decorators, assertions, `raise` statements and texts is left alone: a change there means the
same, or is a message of another wording.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}
LEFT_ALONE = {"annotation", "returns", "decorator_list", "type_params"}  # fields of a syntax tree


class Change(NamedTuple):
    """What is changed, said so that it stays the same where lines move."""

    module: str  # the file, from the root of the project
    function: str  # the qualified name, or nothing at the level of the module
    before: str
    after: str
    number: int  # 1, or which one of those that read alike in this function

    def __str__(self) -> str:
        number = f" (number {self.number})" if self.number > 1 else ""
        return f"{self.module} {self.function or 'module'}: {self.before}  ->  {self.after}{number}"


class Mutation(NamedTuple):
    """A change, and where it is now."""

    change: Change
    lines: tuple[int, int]  # first and last of the statement, or of its head
    parent: ast.AST
    field: str
    position: int | None  # among several
    node: ast.AST


class Module:
    """A source file and its mutations."""

    def __init__(self, root: Path, path: str) -> None:
        self.path = path
        self.tree = ast.parse((root / path).read_text(encoding="utf-8"), path)
        self.mutations = list(self._found())

    def _found(self) -> Iterator[Mutation]:
        seen: Counter[tuple[str, str, str]] = Counter()
        for place, node in _places(self.tree, (), (0, 0)):
            parent, field, index, function, lines = place
            for made in _instead(node):
                mutation = Mutation(Change(self.path, function, "", "", 0), lines, parent, field, index, made)
                key = function, *self._said(mutation, node)
                seen[key] += 1
                yield mutation._replace(change=Change(self.path, *key, seen[key]))

    def _said(self, mutation: Mutation, node: ast.AST) -> tuple[str, str]:
        """What is changed, and into what; of a number or a word all that it stands in."""
        if not isinstance(node, ast.Constant) or not isinstance(mutation.parent, ast.expr | ast.keyword):
            return _text(node), _text(mutation.node)
        before = _text(mutation.parent)
        with self.mutated(mutation):
            return before, _text(mutation.parent)

    @contextmanager
    def mutated(self, mutation: Mutation) -> Iterator[ast.Module]:
        """The tree with a mutation, until this is left."""
        before = _put(mutation, mutation.node)
        try:
            yield ast.fix_missing_locations(self.tree)
        finally:
            _put(mutation, before)


Place = tuple[ast.AST, str, int | None, str, tuple[int, int]]


def _places(parent: ast.AST, names: tuple[str, ...], lines: tuple[int, int]) -> Iterator[tuple[Place, ast.AST]]:
    """Every node that may be changed, with where it is."""
    for field, value in ast.iter_fields(parent):
        if field in LEFT_ALONE:
            continue
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(node, ast.AST) or _is_left_alone(node, parent):
                continue
            around, inside = _head(node) if isinstance(node, ast.stmt) else lines, names
            yield (parent, field, index, ".".join(names), around), node
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                inside = (*names, node.name)
            yield from _places(node, inside, around)


def _head(node: ast.stmt) -> tuple[int, int]:
    """The lines of a statement, or of what stands before its body."""
    body: list[ast.stmt] = getattr(node, "body", [])
    last = node.end_lineno or node.lineno
    return node.lineno, max(node.lineno, min([last, *(part.lineno - 1 for part in body[:1])]))


def _is_left_alone(node: ast.AST, parent: ast.AST) -> bool:
    if isinstance(node, ast.Assert | ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "fetch":
        return True  # tells the processor what is looked at soon
    if isinstance(parent, ast.keyword) and parent.arg == "strict":
        return True  # of zip, which asserts that there are as many
    return isinstance(parent, ast.Expr) and isinstance(node, ast.Constant)  # a docstring


def _put(mutation: Mutation, node: ast.AST) -> ast.AST:
    """Put a node at the place of a mutation; what was there before."""
    if mutation.position is None:
        before: ast.AST = getattr(mutation.parent, mutation.field)
        setattr(mutation.parent, mutation.field, node)
    else:
        several = getattr(mutation.parent, mutation.field)
        before, several[mutation.position] = several[mutation.position], node
    return before


def _text(node: ast.AST) -> str:
    """A node in one line; of a compound statement its head."""
    return ast.unparse(node).split("\n")[0]


def _instead(node: ast.AST) -> list[Any]:
    """What may stand in place of a node."""
    return [made for kind, of in OPERATORS if isinstance(node, kind) for made in of(node)]


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for i, operator in enumerate(node.ops):
        ops = [*node.ops[:i], COMPARED[type(operator)](), *node.ops[i + 1 :]]
        yield ast.Compare(node.left, ops, node.comparators)


def _compute(node: ast.BinOp) -> Iterator[ast.AST]:
    other = COMPUTED.get(type(node.op))
    texts = [part for part in (node.left, node.right) if isinstance(part, ast.JoinedStr)]
    if other is not None and not texts and not any(_is_text(part) for part in (node.left, node.right)):
        yield ast.BinOp(node.left, other(), node.right)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _augment(node: ast.AugAssign) -> Iterator[ast.AST]:
    other = COMPUTED.get(type(node.op))
    if other is not None:
        yield ast.AugAssign(node.target, other(), node.value)
    yield ast.Pass()


def _join(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    for i in range(len(node.values)):
        rest = [*node.values[:i], *node.values[i + 1 :]]
        yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield ast.Constant(node.value + 1)


def _call(node: ast.Call) -> Iterator[ast.AST]:
    if isinstance(node.func, ast.Name) and node.func.id in CALLED:
        yield ast.Call(ast.Name(CALLED[node.func.id], ast.Load()), node.args, node.keywords)


def _branch(node: ast.If | ast.While) -> Iterator[ast.AST]:
    if not isinstance(node.test, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.Constant):  # which change by themselves
        yield type(node)(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)


def _either(node: ast.IfExp) -> Iterator[ast.AST]:
    yield ast.IfExp(node.test, node.orelse, node.body)


def _each(node: ast.comprehension) -> Iterator[ast.AST]:
    for i in range(len(node.ifs)):
        yield ast.comprehension(node.target, node.iter, [*node.ifs[:i], *node.ifs[i + 1 :]], node.is_async)


def _unary(node: ast.UnaryOp) -> Iterator[ast.AST]:
    if not isinstance(node.op, ast.USub):
        yield node.operand


def _statement(node: ast.Expr) -> Iterator[ast.AST]:
    if isinstance(node.value, ast.Call):
        yield ast.Pass()


def _return(node: ast.Return) -> Iterator[ast.AST]:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield ast.Return(ast.Constant(None))


def _leave(node: ast.Continue | ast.Break) -> Iterator[ast.AST]:
    yield ast.Break() if isinstance(node, ast.Continue) else ast.Continue()


OPERATORS: list[tuple[Any, Callable[[Any], Iterator[ast.AST]]]] = [
    (ast.Compare, _compare),
    (ast.BinOp, _compute),
    (ast.AugAssign, _augment),
    (ast.BoolOp, _join),
    (ast.Constant, _constant),
    (ast.Call, _call),
    (ast.If | ast.While, _branch),
    (ast.IfExp, _either),
    (ast.comprehension, _each),
    (ast.UnaryOp, _unary),
    (ast.Expr, _statement),
    (ast.Return, _return),
    (ast.Continue | ast.Break, _leave),
]
