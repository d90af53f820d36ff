"""Functions and quantifiers of expressions: each turns a call into a checked node, or says what it wants.

The names in FUNCTIONS belong to the language: nothing in a model may have one of them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mcfsm.expressions import maps
from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import ANY_INTEGER, Boolean, Enumeration, Instances, Integer, Record, SetOf
from mcfsm.expressions.narrow import narrow
from mcfsm.expressions.parse import RESERVED, ExpressionError
from mcfsm.expressions.scope import Broken, Group, Meaning, MessageForm, Names
from mcfsm.problems import closest

if TYPE_CHECKING:
    from mcfsm.expressions.typecheck import Checker

BOOLEAN = Boolean()
COUNT = Integer(0, ANY_INTEGER.high)


def call(checker: Checker, tree: ast.Call) -> n.Node:
    """A function, a group's member or a record."""
    if not isinstance(tree.func, ast.Name):
        raise checker.fail("M405", tree.func, f"'{checker.source(tree.func)}' cannot be called", _known())
    name = tree.func.id
    meaning = checker.scope.names.get(name)
    if isinstance(meaning, Group):
        return _member(checker, tree, meaning)
    if isinstance(meaning, Names) and isinstance(meaning.domain, Record):
        return _record(checker, tree, meaning.domain)
    if isinstance(meaning, Broken):
        raise ExpressionError()
    if meaning is not None:
        raise checker.fail("M405", tree, f"{name} is no function", _known())
    if name not in FUNCTIONS:
        better = checker.scope.unknown(name)
        if better:
            raise checker.fail("M403", tree.func, better)
        callable_ = [key for key, item in checker.scope.listed() if isinstance(item, Group | Names)]
        near = closest(name, [*FUNCTIONS, *callable_]) or _known()
        raise checker.fail("M405", tree.func, f"unknown function {name}", near)
    if tree.keywords and name not in ("in_flight", "how_many"):
        raise checker.fail("M405", tree.keywords[0], f"{name} takes no named arguments")
    return FUNCTIONS[name](checker, tree)


def quantify(
    checker: Checker,
    operator: str,
    body: ast.expr | tuple[ast.expr, ast.expr],
    generators: list[ast.comprehension],
    tree: ast.expr,
) -> n.Quantify:
    """`operator(body for x in source if condition for ...)`; operator is any, all, count, sum or set.

    The body of a set may be two expressions: then it is the set of the entries of a map.
    """
    head, rest = generators[0], generators[1:]
    if head.is_async or not isinstance(head.target, ast.Name):
        raise checker.fail("M405", head.target, "a quantifier names one variable", "for x in set")
    name = head.target.id
    if name in checker.scope.names or name in checker.scope.moments or name in RESERVED or name in FUNCTIONS:
        raise checker.fail("M305", head.target, f"{name} already has a meaning here", "choose another variable name")
    source = checker.settled(head.iter)
    if not isinstance(source.domain, SetOf):
        message = f"'{checker.source(head.iter)}' is of {source.domain}; a set is expected"
        raise checker.fail("M404", head.iter, message, checker.untested(head.iter, source))
    inner = checker.within({name: n.Read(source.domain.element, name)})
    tests = list[n.Node]()
    for test in head.ifs:
        tests.append(inner.boolean(test))
        inner = inner.knowing(tests[-1], True)
    condition = None if not tests else tests[0] if len(tests) == 1 else n.And(BOOLEAN, tuple(tests))
    if rest:
        result = quantify(inner, operator, body, rest, tree)
        folded = {"set": "union", "count": "sum"}.get(operator, operator)
        return n.Quantify(result.domain, folded, name, source, condition, result)
    if isinstance(body, tuple):
        pair = maps.entry(inner.settled(body[0]), inner.settled(body[1]))
        return n.Quantify(SetOf(pair.domain), "set", name, source, condition, pair)
    if operator == "set":
        element = inner.settled(body)
        return n.Quantify(SetOf(element.domain), "set", name, source, condition, element)
    if operator == "sum":
        return n.Quantify(ANY_INTEGER, "sum", name, source, condition, inner.integer(body))
    if operator == "count":
        return n.Quantify(COUNT, "sum", name, source, condition, inner.boolean(body))
    return n.Quantify(BOOLEAN, operator, name, source, condition, inner.boolean(body))


def _quantifier(checker: Checker, tree: ast.Call) -> n.Node:
    name = checker.source(tree.func)
    if len(tree.args) != 1 or not isinstance(tree.args[0], ast.GeneratorExp):
        raise checker.fail("M405", tree, f"{name} wants one generator", f"{name}(condition for x in set)")
    generator = tree.args[0]
    return quantify(checker, name, generator.elt, generator.generators, tree)


def _member(checker: Checker, tree: ast.Call, group: Group) -> n.Node:
    if len(tree.args) != 1 or tree.keywords:
        raise checker.fail("M405", tree, f"{group.name} wants one value", f"{group.name}(key)")
    key = narrow(checker.visit(tree.args[0]), group.key, f"the key of {group.name}", checker.span(tree.args[0]))
    if isinstance(key, n.Constant):
        found = dict(group.members).get(key.value)
        if found is None:
            message = f"{checker.scope.scenario} has no instance {group.name}({group.key.show(key.value)})"
            members = ", ".join(group.key.show(member) for member, _ in group.members)
            raise checker.fail("M602", tree, message, f"{group.name} has {members}")
        return n.Constant(Instances((found,)), found)
    return n.Member(group.instances, group.members, key, group.name, checker.span(tree))


def _record(checker: Checker, tree: ast.Call, record: Record) -> n.Node:
    titles = [title for title, _ in record.fields]
    given: dict[str, ast.expr] = dict(zip(titles, tree.args, strict=False))
    for keyword in tree.keywords:
        if keyword.arg is None or keyword.arg not in titles:
            message = f"{record} has no field {keyword.arg or checker.source(keyword.value)}"
            raise checker.fail("M403", keyword, message, closest(keyword.arg or "", titles))
        if keyword.arg in given:
            raise checker.fail("M404", keyword, f"the field {keyword.arg} of {record} is given twice")
        given[keyword.arg] = keyword.value
    if len(given) < len(titles) or len(tree.args) > len(titles):
        message = f"{record} has {len(titles)} field{'s' if len(titles) != 1 else ''}, and all must be given, once"
        raise checker.fail("M404", tree, message, f"{record}({', '.join(titles)})")
    parts = tuple(
        narrow(checker.visit(given[title]), domain, f"field {title}", checker.span(given[title]))
        for title, domain in record.fields
    )
    if all(isinstance(part, n.Constant) for part in parts):
        return n.Constant(record, tuple(part.value for part in parts if isinstance(part, n.Constant)))
    return n.Build(record, parts)


def _in_flight(checker: Checker, tree: ast.Call) -> n.Node:
    function = checker.source(tree.func)
    if not checker.scope.joint and not checker.scope.asks:
        message = f"{function} asks the channels, which only a property, a definition or a spontaneous line can see"
        raise checker.fail("M407", tree, message)
    if len(tree.args) != 1 or not isinstance(tree.args[0], ast.Name):
        hint = f"{function}(message, element=value, sender=x)"
        raise checker.fail("M405", tree, f"{function} wants a message", hint)
    name = tree.args[0].id
    form = checker.scope.messages.get(name)
    if form is None:
        raise checker.fail("M302", tree.args[0], f"unknown message {name}", closest(name, checker.scope.messages))
    filters: dict[n.Filter, n.Node] = {}
    for keyword in tree.keywords:
        part, value = _filter(checker, keyword, form)
        if part in filters:
            raise checker.fail("M404", keyword, f"{keyword.arg} is given twice")
        filters[part] = value
    if not checker.scope.joint:
        _check_own(checker, tree, filters)
    counted = function == "how_many"
    domain = Integer(0, ANY_INTEGER.high) if counted else BOOLEAN
    return n.InFlight(domain, name, tuple(filters), tuple(filters.values()), counted)


def _check_own(checker: Checker, tree: ast.Call, filters: Mapping[n.Filter, n.Node]) -> None:
    """Raise ExpressionError (M407) where a line of a role asks for messages that others have between them."""
    own = checker.scope.names["self"]
    assert isinstance(own, n.Read)
    assert isinstance(own.domain, Instances)
    ends = [
        part.domain.names for at, part in filters.items() if at.position is None and isinstance(part.domain, Instances)
    ]
    if len(ends) == 2 and all(names and set(names).isdisjoint(own.domain.names) for names in ends):
        message = f"'{checker.source(tree)}' asks what others send each other, which a role cannot do"
        hint = "let a message carry it, or state it in a property; sender or receiver is self, or left out"
        raise checker.fail("M407", tree, message, hint)


def _filter(checker: Checker, keyword: ast.keyword, form: MessageForm) -> tuple[n.Filter, n.Node]:
    """What one named argument of in_flight asks of a message, and the value it wants."""
    name = keyword.arg or checker.source(keyword.value)
    value = checker.settled(keyword.value)
    if name in ("sender", "receiver"):
        if not isinstance(value.domain, Instances):
            message = f"{name} is an instance, not {value.domain}"
            raise checker.fail("M404", keyword.value, message, checker.untested(keyword.value, value))
        return n.Filter(name), value
    position = form.position(name)
    if position is None:
        elements = [element for element, _, _ in form.elements]
        hint = closest(name, [*elements, "sender", "receiver"])
        raise checker.fail("M303", keyword, f"message {form.name} has no element {name}", hint)
    value = narrow(value, form.elements[position][1], f"element {name}", checker.span(keyword.value))
    return n.Filter(name, position), value


def _one_name(checker: Checker, tree: ast.Call, what: str) -> tuple[str, Meaning | None]:
    if len(tree.args) != 1 or not isinstance(tree.args[0], ast.Name):
        function = checker.source(tree.func)
        raise checker.fail("M405", tree, f"{function} wants the name of {what}", f"{function}(name)")
    name = tree.args[0].id
    meaning = checker.scope.names.get(name)
    if meaning is None:
        raise checker.unknown(tree.args[0], name)
    return name, meaning


def _all_of(checker: Checker, tree: ast.Call) -> n.Node:
    name, meaning = _one_name(checker, tree, "a domain, a role or a group")
    match meaning:
        case Names(domain=domain):
            return checker.all_values(tree, domain)
        case Group():
            return checker.all_values(tree, meaning.instances)
    raise checker.fail("M404", tree.args[0], f"{name} is neither a domain nor a role nor a group of instances")


def _keys(checker: Checker, tree: ast.Call) -> n.Node:
    name, meaning = _one_name(checker, tree, "a group of instances")
    if not isinstance(meaning, Group):
        raise checker.fail("M404", tree.args[0], f"{name} is no group of instances named by a value")
    return n.Constant(SetOf(meaning.key), frozenset(key for key, _ in meaning.members))


def _present(checker: Checker, tree: ast.Call) -> n.Node:
    target = tree.args[0] if len(tree.args) == 1 else None
    if not (isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "msg"):
        hint = "present(msg.element); of a value that may be none ask: value != none"
        raise checker.fail("M405", tree, "present wants an element of the message", hint)
    form, position = checker.element(target)
    if not form.elements[position][2]:
        message = f"element {target.attr} of {form.name} is mandatory: it is always present"
        raise checker.fail("M408", tree, message)
    return n.Present(BOOLEAN, target.attr, position)


def _at(checker: Checker, tree: ast.Call) -> n.Node:
    if len(tree.args) != 2 or not isinstance(tree.args[1], ast.Name):
        raise checker.fail("M405", tree, "at wants an instance and a state", "at(instance, state)")
    instance, state = checker.settled(tree.args[0]), tree.args[1].id
    if not isinstance(instance.domain, Instances):
        hint = checker.untested(tree.args[0], instance, checker.source(tree))
        raise checker.fail("M404", tree.args[0], f"'{checker.source(tree.args[0])}' is no instance", hint)
    if not checker.scope.joint or checker.scope.attributes is None:
        raise checker.fail("M407", tree, "at asks another instance, which only a property or a definition can do")
    regions = checker.scope.attributes(instance.domain.names, f"@{state}")
    if isinstance(regions, list):
        raise checker.fail("M301", tree.args[1], f"{instance.domain} has no state {state}", closest(state, regions))
    domain, slots = regions
    region = n.Attribute(domain, instance, f"@{state}", slots)
    return n.Apply(BOOLEAN, "==", (region, n.Constant(Enumeration((state,)), state)))


def _length(checker: Checker, tree: ast.Call) -> n.Node:
    node = checker.settled(tree.args[0]) if len(tree.args) == 1 else None
    if node is None or not isinstance(node.domain, SetOf):
        hint = None if node is None else checker.untested(tree.args[0], node, f"{checker.source(tree)} ...")
        raise checker.fail("M404", tree, "len wants one set", hint or "len(set)")
    return n.Apply(Integer(0, min(node.domain.element.size(), ANY_INTEGER.high)), "len", (node,))


def _extreme(checker: Checker, tree: ast.Call) -> n.Node:
    name = checker.source(tree.func)
    if len(tree.args) == 1:
        return _extreme_of_set(checker, tree, name)
    nodes = tuple(checker.integer(argument) for argument in tree.args)
    if not nodes:
        raise checker.fail("M404", tree, f"{name} wants numbers, or a set of them", f"{name}(a, b), or {name}(set)")
    domains = [node.domain for node in nodes if isinstance(node.domain, Integer)]
    pick = min if name == "min" else max
    domain = Integer(pick(d.low for d in domains), pick(d.high for d in domains))
    return n.Apply(domain, name, nodes)


def _extreme_of_set(checker: Checker, tree: ast.Call, name: str) -> n.Node:
    """The smallest or the largest of a set of numbers, or of what a quantifier goes through."""
    (argument,) = tree.args
    node: n.Node
    if isinstance(argument, ast.GeneratorExp):
        node = quantify(checker, "set", argument.elt, argument.generators, tree)
    else:
        node = checker.settled(argument)
    element = node.domain.element if isinstance(node.domain, SetOf) else None
    if not isinstance(element, Integer):
        message = f"'{checker.source(argument)}' is of {node.domain}; {name} wants numbers, or a set of them"
        hint = checker.untested(argument, node, checker.source(tree)) or f"{name}(a, b), or {name}(set)"
        raise checker.fail("M404", argument, message, hint)
    if isinstance(node, n.Constant) and node.value:
        value = min(node.value) if name == "min" else max(node.value)
        return n.Constant(Integer(value, value), value)
    return n.Extreme(element, name, (node,), checker.span(tree))


FUNCTIONS: dict[str, Callable[[Checker, ast.Call], n.Node]] = {
    "any": _quantifier,
    "all": _quantifier,
    "count": _quantifier,
    "sum": _quantifier,
    "in_flight": _in_flight,
    "how_many": _in_flight,
    "all_of": _all_of,
    "keys": _keys,
    "present": _present,
    "at": _at,
    "len": _length,
    "min": _extreme,
    "max": _extreme,
}


def _known() -> str:
    return f"functions: {', '.join(FUNCTIONS)}"
