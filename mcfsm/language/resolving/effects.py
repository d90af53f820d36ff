"""What roles and observers share: variables, guards and simultaneous assignments, from text to checked nodes."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Boolean, Domain, Enumeration, Map, SetOf, natural_default
from mcfsm.expressions.may_fail import facts
from mcfsm.expressions.parse import ExpressionError, SourceText, parse_expression
from mcfsm.expressions.typecheck import Broken, Scope, check
from mcfsm.language.resolving.declarations import Declarations
from mcfsm.language.resolving.domain_text import parse_domain
from mcfsm.model import Assignment, Guard, Variable
from mcfsm.problems import Problem, Problems, Span, closest, shorten


def as_list(value: SourceText | list[SourceText] | None) -> list[SourceText]:
    """One thing, several or none, as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def resolve_variable(
    name: SourceText, text: SourceText, scope: Scope, made: Declarations, problems: Problems
) -> Variable | None:
    """A variable from `DOMAIN`, `DOMAIN = INITIAL` or `DOMAIN in SET`.

    Noted where it has no initial value and none is natural.
    """
    mark = re.search(r"=|\bin\b", text)
    try:
        domain = parse_domain(text.part(0, mark.start() if mark else len(text)), scope, made.domains)
        if mark:
            several, written = mark.group() == "in", text.part(mark.end(), len(text))
            what = f"the set of initial values of {name}" if several else f"the initial value of {name}"
            initial = check(written, scope, SetOf(domain) if several else domain, what)
            return Variable(str(name), domain, initial, several)
    except ExpressionError as error:
        problems.extend(error.problems)
        return None
    natural, value = natural_default(domain)
    if not natural:
        message = f"variable {name} of {domain} has no initial value"
        hint = f"write {name}: {text} = VALUE"
        if isinstance(domain, Map):
            hint = f"write {name}: {text} = {{k: VALUE for k in {_set_named(domain.key)}}}"
        problems.add("M202", text.span, message, hint)
        return None
    return Variable(str(name), domain, n.Constant(domain, value))


def _set_named(domain: Domain) -> str:
    """A set that has every value of a domain, as a name where it has one."""
    return str(domain) if isinstance(domain, Enumeration) and domain.title else "KEYS"


def resolve_guards(
    conditions: SourceText | list[SourceText] | None,
    unless: SourceText | list[SourceText] | None,
    scope: Scope,
    problems: Problems,
) -> tuple[tuple[Guard, ...], Scope]:
    """The conditions, each a bool, then those that must not hold; and the scope of what is read where all is so.

    Each is asked where those before it are as wanted, so it knows what they say.
    """
    guards = []
    for texts, wanted in ((as_list(conditions), True), (as_list(unless), False)):
        for text in texts:
            try:
                node = check(text, scope, Boolean(), "a condition")
                guards.append(Guard(str(text), node, wanted))
                scope = scope.knowing(facts(node, wanted))
            except ExpressionError as error:
                problems.extend(error.problems)
    return tuple(guards), scope


def resolve_assignments(
    written: Mapping[SourceText, SourceText], variables: Mapping[str, int], scope: Scope, owner: str, problems: Problems
) -> tuple[Assignment, ...]:
    """Simultaneous assignments to variables or entries of map variables; no variable twice (M503)."""
    found: list[Assignment] = []
    for target, text in written.items():
        try:
            variable, key, domain = _target(target, variables, scope, owner)
            if any(other.variable == variable and not _entries_differ(other.key, key) for other in found):
                message = f"{target} is assigned twice in one step"
                raise ExpressionError(Problem("M503", target.span, message, "assignments are simultaneous: keep one"))
            found.append(Assignment(variable, key, check(text, scope, domain, f"the new value of {target}")))
        except ExpressionError as error:
            problems.extend(error.problems)
    return tuple(found)


def _entries_differ(first: n.Node | None, second: n.Node | None) -> bool:
    """Whether two keys may be different entries of one map; found out when the step is taken (M704)."""
    return first is not None and second is not None and first != second


def _target(
    target: SourceText, variables: Mapping[str, int], scope: Scope, owner: str
) -> tuple[int, n.Node | None, Domain]:
    tree = parse_expression(target)
    name = tree.value if isinstance(tree, ast.Subscript) else tree
    if not isinstance(name, ast.Name):
        raise _wrong_target(target.span, f"'{shorten(target)}' cannot be assigned", "a variable, or an entry: map[key]")
    if isinstance(scope.names.get(name.id), Broken):
        raise ExpressionError()
    if name.id not in variables:
        raise _wrong_target(target.span, f"{name.id} is no variable of {owner}", _other_hint(name.id, variables, scope))
    node = scope.names[name.id]
    assert isinstance(node, n.Read)
    if not isinstance(tree, ast.Subscript):
        return variables[name.id], None, node.domain
    if not isinstance(node.domain, Map):
        raise _wrong_target(target.span, f"{name.id} is of {node.domain}, which is no map", None)
    key = target.part(tree.slice.col_offset, tree.slice.end_col_offset or len(target))
    return variables[name.id], check(key, scope, node.domain.key, "the key"), node.domain.value


def _other_hint(name: str, variables: Mapping[str, int], scope: Scope) -> str | None:
    """What to do about a name that is assigned and is no variable."""
    own = scope.names.get(name)
    if isinstance(own, n.Read) and isinstance(own.domain, Enumeration) and own.domain.title == name:
        return "a state changes by dest"
    if own is not None:
        return f"{name} never changes; only variables do"
    return closest(name, variables)


def _wrong_target(span: Span, message: str, hint: str | None) -> ExpressionError:
    return ExpressionError(Problem("M304", span, message, hint))
