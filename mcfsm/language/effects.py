"""What roles and observers share: variables, guards and simultaneous assignments, from text to checked nodes."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from mcfsm.domains import Boolean, Domain, Enumeration, Map, natural_default
from mcfsm.expressions import nodes as n
from mcfsm.expressions.check import Scope, check
from mcfsm.expressions.parse import ExpressionError, Text, parse_expression
from mcfsm.language.declarations import Declarations
from mcfsm.language.domaintext import parse_domain
from mcfsm.model import Assignment, Guard, Variable
from mcfsm.problems import Problem, Problems, Span, closest


def as_list(value: Text | list[Text] | None) -> list[Text]:
    """One thing, several or none, as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def resolve_variable(name: Text, text: Text, scope: Scope, made: Declarations, problems: Problems) -> Variable | None:
    """A variable from `DOMAIN` or `DOMAIN = INITIAL`; noted where it has no initial value and none is natural."""
    head, mark, tail = text.partition("=")
    try:
        domain = parse_domain(Text(head, text.part(0, len(head)), text.inline), scope, made.domains)
        if mark:
            initial_text = Text(tail, text.part(len(head) + 1, len(tail)), text.inline)
            return Variable(str(name), domain, check(initial_text, scope, domain, f"the initial value of {name}"))
    except ExpressionError as error:
        problems.extend([error.problem])
        return None
    natural, value = natural_default(domain)
    if not natural:
        message = f"variable {name} of {domain} has no initial value"
        problems.add("M202", text.span, message, f"write {name}: {domain} = VALUE")
        return None
    return Variable(str(name), domain, n.Constant(domain, value))


def resolve_guards(
    conditions: Text | list[Text] | None, unless: Text | list[Text] | None, scope: Scope, problems: Problems
) -> tuple[Guard, ...]:
    """The conditions, each a bool; then those that must not hold."""
    guards = []
    for texts, wanted in ((as_list(conditions), True), (as_list(unless), False)):
        for text in texts:
            try:
                guards.append(Guard(str(text), check(text, scope, Boolean(), "a condition"), wanted))
            except ExpressionError as error:
                problems.extend([error.problem])
    return tuple(guards)


def resolve_assignments(
    written: Mapping[Text, Text], variables: Mapping[str, int], scope: Scope, problems: Problems
) -> tuple[Assignment, ...]:
    """Simultaneous assignments to variables or entries of map variables; no variable twice (M503)."""
    found: list[Assignment] = []
    for target, text in written.items():
        try:
            variable, key, domain = _target(target, variables, scope)
            for other in found:
                same_entry = key is not None and other.key is not None and key != other.key
                if other.variable == variable and not same_entry:
                    message = f"{target} is assigned twice in one step"
                    raise ExpressionError(Problem("M503", target.span, message, "assignments are simultaneous"))
            found.append(Assignment(variable, key, check(text, scope, domain, f"the new value of {target}")))
        except ExpressionError as error:
            problems.extend([error.problem])
    return tuple(found)


def _target(target: Text, variables: Mapping[str, int], scope: Scope) -> tuple[int, n.Node | None, Domain]:
    tree = parse_expression(target)
    name = tree.value if isinstance(tree, ast.Subscript) else tree
    if not isinstance(name, ast.Name):
        raise _wrong_target(target.span, f"'{target}' cannot be assigned", "a variable, or an entry: map[key]")
    if name.id not in variables:
        own = scope.names.get(name.id)
        hint = closest(name.id, variables)
        if isinstance(own, n.Read) and isinstance(own.domain, Enumeration) and own.domain.title == name.id:
            hint = "a region changes by dest"
        raise _wrong_target(target.span, f"{name.id} is no variable of this role", hint)
    node = scope.names[name.id]
    assert isinstance(node, n.Read)
    if not isinstance(tree, ast.Subscript):
        return variables[name.id], None, node.domain
    if not isinstance(node.domain, Map):
        raise _wrong_target(target.span, f"{name.id} is of {node.domain}, which is no map", None)
    source = ast.unparse(tree.slice)
    key = check(Text(source, target.span, False), scope, node.domain.key, "the key")
    return variables[name.id], key, node.domain.value


def _wrong_target(span: Span, message: str, hint: str | None) -> ExpressionError:
    return ExpressionError(Problem("M304", span, message, hint))
