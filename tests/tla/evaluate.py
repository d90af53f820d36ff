"""What a module means: expressions as functions of a state and the next, actions as the next states that they give.

Next states are found as TLC finds them: conjuncts from the left, each assigning what it says of a primed variable;
every disjunct, and every element of an existential quantifier, is a way of its own, also where it says nothing of the
next state. So a guard with two ways to hold gives a state twice. Names are looked at as SANY does: each is there
before it is used, and nothing is called as something that is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tla.parser import Definition, Module, Tree
from tla.values import (
    OPERATORS,
    STANDARD,
    Function,
    ModelValue,
    Refused,
    Value,
    applied,
    domain,
    elements,
    equal,
    function,
    functions,
    listed,
    pairs,
    records,
    set_of,
    subsets,
    truth,
)

State = dict[str, Value]
Bound = dict[str, Any]
Code = Callable[[Bound, State, State | None], Value]
Ways = Callable[[Bound, State, State], Iterator[State]]
EXTENDED = {
    "Integers": [],
    "Sequences": ["Len", "Head", "Tail", "Append", "SubSeq", "SelectSeq"],
    "FiniteSets": ["Cardinality"],
    "TLC": [],
}


class Misnamed(Exception):
    """A name that is not there, or there already, or applied to too many or too few."""


@dataclass
class _Operator:
    definition: Definition
    code: Code | None = None
    ways: Ways | None = None


class Meaning:
    """A module ready to be evaluated."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.constants = {name: ModelValue(name) for name in module.constants}
        self.arity: dict[str, int] = dict.fromkeys([*module.constants, *module.variables], 0)
        for one in module.extends:
            for name in EXTENDED[one]:
                self.arity[name] = STANDARD[name].__code__.co_argcount
        self.operators: dict[str, _Operator] = {}
        self._scope: dict[str, int] = {}
        self._code: dict[int, Code] = {}
        self.fixed: set[str] = set()  # definitions of constants, evaluated once
        declared: set[str] = set()
        for definition in module.definitions:
            name, count = definition.name, len(definition.parameters)
            if name in self.arity and name not in declared:
                raise Misnamed(f"line {definition.line}: {name} is there already")
            if definition.body is None:
                self.arity[name] = count
                declared.add(name)
                continue
            if name in declared and self.arity[name] != count:
                raise Misnamed(f"line {definition.line}: {name} was declared with {self.arity[name]}")
            self._check(definition.body, self._with({}, definition.parameters, definition.line), definition.line)
            declared.discard(name)
            self.arity[name] = count
            self.operators[name] = _Operator(definition)
            if not count and not self._named(definition.body) & (
                set(module.variables) | set(self.operators) - self.fixed
            ):
                self.fixed.add(name)
        if declared:
            raise Misnamed(f"{declared} is not defined")

    # ---- names

    def _with(self, scope: dict[str, int], names: Any, line: int, arity: int = 0) -> dict[str, int]:
        for name in names:
            if name in scope or name in self.arity:
                raise Misnamed(f"line {line}: {name} is bound, and there already")
        return {**scope, **dict.fromkeys(names, arity)}

    def _check(self, tree: Tree, scope: dict[str, int], line: int) -> None:
        """Look at every name of an expression."""
        match tree:
            case ("value", _):
                return
            case ("call", name, arguments, at):
                for argument in arguments:
                    self._check(argument, scope, at)
                wanted = scope.get(name, self.arity.get(name))
                if wanted is None:
                    raise Misnamed(f"line {at}: unknown {name}")
                if wanted != len(arguments):
                    raise Misnamed(f"line {at}: {name} is of {wanted}, not {len(arguments)}")
            case (("\\E" | "\\A"), bounds, body) | ("function", bounds, body) | ("image", body, bounds):
                for _, among in bounds:
                    self._check(among, scope, line)
                self._check(body, self._with(scope, [name for name, _ in bounds], line), line)
            case ("choose" | "filter", name, among, condition):
                self._check(among, scope, line)
                self._check(condition, self._with(scope, [name], line), line)
            case ("lambda", names, body):
                self._check(body, self._with(scope, names, line), line)
            case ("let", definitions, body):
                for one in definitions:
                    inner = self._with(scope, one.parameters, one.line)
                    self._check(one.body, inner, one.line)
                    scope = self._with(scope, [one.name], one.line, len(one.parameters))
                self._check(body, scope, line)
            case ("except", whole, updates):
                self._check(whole, scope, line)
                for path, value in updates:
                    for sort, part in path:
                        if sort == "[":
                            self._check(part, {**scope, "@": 0}, line)
                    self._check(value, {**scope, "@": 0}, line)
            case ("fair", _, name, action) | ("square", action, name):
                if name not in self.arity:
                    raise Misnamed(f"line {line}: unknown {name}")
                self._check(action, scope, line)
            case _:
                for part in tree[1:]:
                    self._check_part(part, scope, line)

    def _check_part(self, part: Any, scope: dict[str, int], line: int) -> None:
        if isinstance(part, tuple) and part and isinstance(part[0], str) and len(part) > 1:
            if part[0] in _KINDS:
                self._check(part, scope, line)
            else:
                self._check_part(part[1], scope, line)  # a field and what is said of it
        elif isinstance(part, tuple | list):
            for each in part:
                self._check_part(each, scope, line)

    def _named(self, tree: Any) -> set[str]:
        """Every name that is called in an expression."""
        found = {tree[1]} if isinstance(tree, tuple) and len(tree) == 4 and tree[0] == "call" else set()
        parts = tree if isinstance(tree, tuple | list) else [tree.body] if isinstance(tree, Definition) else []
        return found.union(*(self._named(part) for part in parts))

    # ---- expressions

    def code(self, tree: Tree) -> Code:
        """An expression, ready to be evaluated."""
        found = self._code.get(id(tree))
        if found is None:
            found = self._code[id(tree)] = self._compiled(tree)
        return found

    def evaluate(self, name: str, state: State) -> Value:
        """A definition without parameters, in a state."""
        return self._operator(name)({}, state, None)

    def _operator(self, name: str) -> Code:
        operator = self.operators[name]
        if operator.code is None:
            assert operator.definition.body is not None
            operator.code = self.code(operator.definition.body)
        return operator.code

    def _compiled(self, tree: Tree) -> Code:
        match tree:
            case ("value", value):
                return lambda b, s, t: value
            case ("group", inner):
                return self.code(inner)
            case ("call", name, arguments, _):
                return self._call(name, [self._argument(argument) for argument in arguments])
            case ("prime", ("call", name, [], _)):
                return lambda b, s, t: _primed(name, t)
            case ("and", parts):
                return _all([self.code(part) for part in parts])
            case ("or", parts):
                return _any([self.code(part) for part in parts])
            case ("/\\", left, right):
                return _all([self.code(left), self.code(right)])
            case ("\\/", left, right):
                return _any([self.code(left), self.code(right)])
            case ("=>", left, right):
                one, other = self.code(left), self.code(right)
                return lambda b, s, t: not truth(one(b, s, t)) or truth(other(b, s, t))
            case ("\\in" | "\\notin" as sign, left, right):
                one, member = self.code(left), self.member(right)
                return lambda b, s, t: member(one(b, s, t), b, s, t) is (sign == "\\in")
            case (sign, left, right) if sign in OPERATORS:
                one, other, operate = self.code(left), self.code(right), OPERATORS[sign]
                return lambda b, s, t: operate(one(b, s, t), other(b, s, t))
            case (str(sign), inner) if sign.startswith("prefix "):
                return self._prefix(sign.removeprefix("prefix "), inner)
            case ("\\E", bounds, body):
                each, holds = self._each(bounds), self.code(body)
                return lambda b, s, t: any(truth(holds(inner, s, t)) for inner in each(b, s, t))
            case ("\\A", bounds, body):
                each, holds = self._each(bounds), self.code(body)
                return lambda b, s, t: all(truth(holds(inner, s, t)) for inner in each(b, s, t))
            case ("if", condition, then, otherwise):
                test, yes, no = self.code(condition), self.code(then), self.code(otherwise)
                return lambda b, s, t: yes(b, s, t) if truth(test(b, s, t)) else no(b, s, t)
            case ("case", arms, other):
                return self._case([(self.code(test), self.code(value)) for test, value in arms], self.code(other))
            case ("let", definitions, body):
                bind, inner_ = self._let(definitions), self.code(body)
                return lambda b, s, t: inner_(bind(b, s, t), s, t)
            case ("choose", name, among, condition):
                each, holds = self._each([(name, among)]), self.code(condition)
                return lambda b, s, t: _chosen(name, each(b, s, t), lambda inner: truth(holds(inner, s, t)))
            case _:
                return self._made(tree)

    def _made(self, tree: Tree) -> Code:
        """Sets, functions, records and what is done with them."""
        match tree:
            case ("set", parts):
                each = [self.code(part) for part in parts]
                return lambda b, s, t: set_of(part(b, s, t) for part in each)
            case ("filter", name, among, condition):
                walk, holds = self._each([(name, among)]), self.code(condition)
                return lambda b, s, t: frozenset(i[name] for i in walk(b, s, t) if truth(holds(i, s, t)))
            case ("image", body, bounds):
                walk, value = self._each(bounds), self.code(body)
                return lambda b, s, t: set_of(value(inner, s, t) for inner in walk(b, s, t))
            case ("function", [(name, among)], body):
                walk, value = self._each([(name, among)]), self.code(body)
                return lambda b, s, t: function({inner[name]: value(inner, s, t) for inner in walk(b, s, t)})
            case ("record", parts):
                named = [(name, self.code(part)) for name, part in parts]
                return lambda b, s, t: function({name: part(b, s, t) for name, part in named})
            case ("records", parts):
                named = [(name, self.code(part)) for name, part in parts]
                return lambda b, s, t: records({name: part(b, s, t) for name, part in named})
            case ("functions", left, right):
                of, to = self.code(left), self.code(right)
                return lambda b, s, t: functions(of(b, s, t), to(b, s, t))
            case ("tuple", parts):
                each = [self.code(part) for part in parts]
                return lambda b, s, t: tuple(part(b, s, t) for part in each)
            case ("apply", left, [key]):
                whole, at = self.code(left), self.code(key)
                return lambda b, s, t: applied(whole(b, s, t), at(b, s, t))
            case ("field", left, name):
                whole = self.code(left)
                return lambda b, s, t: applied(whole(b, s, t), name)
            case ("except", left, updates):
                return self._except(self.code(left), updates)
        raise Refused(f"{tree[0]} is not evaluated")

    def _argument(self, tree: Tree) -> Code:
        if tree[0] != "lambda":
            return self.code(tree)
        (name,), body = tree[1], self.code(tree[2])
        return lambda b, s, t: lambda value: body({**b, name: value}, s, t)

    def _call(self, name: str, arguments: list[Code]) -> Code:
        if name in self.operators and name in self.arity:
            return self._applied(self.operators[name], arguments)
        if name in self.module.variables:
            return lambda b, s, t: s[name]
        if name in self.constants:
            value = self.constants[name]
            return lambda b, s, t: value
        if name in STANDARD:
            return lambda b, s, t: STANDARD[name](*(argument(b, s, t) for argument in arguments))
        if arguments:
            return lambda b, s, t: b[name](s, t, *(argument(b, s, t) for argument in arguments))
        return lambda b, s, t: b[name]() if isinstance(b[name], _Later) else b[name]

    def _applied(self, operator: _Operator, arguments: list[Code]) -> Code:
        name, parameters = operator.definition.name, operator.definition.parameters
        if name in self.fixed:
            known: list[Value] = []

            def once(b: Bound, s: State, t: State | None) -> Value:
                if not known:
                    known.append((operator.code or self._operator(name))({}, {}, None))
                return known[0]

            return once

        def call(b: Bound, s: State, t: State | None) -> Value:
            inner = {p: argument(b, s, t) for p, argument in zip(parameters, arguments, strict=True)}
            return (operator.code or self._operator(name))(inner, s, t)

        return call

    def _prefix(self, sign: str, inner: Tree) -> Code:
        if sign == "ENABLED":
            ways = self.ways(inner)
            return lambda b, s, t: any(True for _ in ways(b, s, {}))
        if sign == "UNCHANGED":
            return self.code(("=", ("prime", inner), inner))
        of = self.code(inner)
        match sign:
            case "~":
                return lambda b, s, t: not truth(of(b, s, t))
            case "-":
                return lambda b, s, t: -of(b, s, t)
            case "DOMAIN":
                return lambda b, s, t: domain(of(b, s, t))
            case "SUBSET":
                return lambda b, s, t: subsets(of(b, s, t))
            case "UNION":
                return lambda b, s, t: set_of(x for part in elements(of(b, s, t)) for x in elements(part))
        raise Refused(f"{sign} is not evaluated")

    def _case(self, arms: list[tuple[Code, Code]], other: Code) -> Code:
        def chosen(b: Bound, s: State, t: State | None) -> Value:
            for test, value in arms:
                if truth(test(b, s, t)):
                    return value(b, s, t)
            return other(b, s, t)

        return chosen

    def _let(self, definitions: list[Definition]) -> Code:
        each = [(one.name, one.parameters, one.body or ()) for one in definitions]

        def bind(b: Bound, s: State, t: State | None) -> Bound:
            found = dict(b)
            for name, parameters, body in each:
                assert not parameters
                found[name] = _Later(self.code(body), body, dict(found), s, t)
            return found

        return bind

    def _each(self, bounds: list[tuple[str, Tree]]) -> Callable[[Bound, State, State | None], Iterator[Bound]]:
        sets = [(name, self.code(among)) for name, among in bounds]

        def walk(b: Bound, s: State, t: State | None) -> Iterator[Bound]:
            found = [b]
            for name, among in sets:
                values = listed(among(b, s, t))
                found = [{**inner, name: value} for inner in found for value in values]
            yield from found

        return walk

    def _except(self, whole: Code, updates: list[tuple[list[tuple[str, Any]], Tree]]) -> Code:
        each = [
            ([(sort, self.code(part) if sort == "[" else part) for sort, part in path], self.code(value))
            for path, value in updates
        ]

        def changed(b: Bound, s: State, t: State | None) -> Value:
            found = whole(b, s, t)
            for path, value in each:
                found = self._updated(found, path, value, b, s, t)
            return found

        return changed

    def _updated(self, old: Value, path: list[Any], value: Code, b: Bound, s: State, t: State | None) -> Value:
        if not path:
            return value({**b, "@": old}, s, t)
        (sort, part), *rest = path
        key = part(b, s, t) if sort == "[" else part
        of = pairs(old)
        if key not in of:
            raise Refused(f"EXCEPT of {key!r}, which is not in the domain of {old!r}")
        new = self._updated(of[key], rest, value, b, s, t)
        if isinstance(old, tuple):
            return (*old[: key - 1], new, *old[key:])
        return Function({**of, key: new})

    # ---- membership, of sets that nobody writes out

    def member(self, tree: Tree) -> Callable[[Value, Bound, State, State | None], bool]:
        """Whether a value is in the set that an expression is."""
        match tree:
            case ("group", inner):
                return self.member(inner)
            case ("prefix SUBSET", inner):
                one = self.member(inner)
                return lambda x, b, s, t: all(one(each, b, s, t) for each in elements(x))
            case ("functions", left, right):
                of, to = self.code(left), self.member(right)
                return lambda x, b, s, t: (
                    not isinstance(x, ModelValue)
                    and (domain(x) == of(b, s, t) and all(to(each, b, s, t) for each in pairs(x).values()))
                )
            case ("records", parts):
                named = {name: self.member(part) for name, part in parts}
                return lambda x, b, s, t: (
                    not isinstance(x, ModelValue)
                    and (
                        domain(x) == frozenset(named) and all(part(applied(x, n), b, s, t) for n, part in named.items())
                    )
                )
            case ("\\cup", left, right):
                first, second = self.member(left), self.member(right)
                return lambda x, b, s, t: first(x, b, s, t) or second(x, b, s, t)
            case ("..", low, high):
                least, most = self.code(low), self.code(high)
                return lambda x, b, s, t: type(x) is int and least(b, s, t) <= x <= most(b, s, t)
        whole = self.code(tree)
        return lambda x, b, s, t: _inside(x, whole(b, s, t))

    # ---- actions

    def ways(self, tree: Tree, *, initial: bool = False) -> Ways:
        """The next states that an action gives, each as often as TLC finds it; of Init, the initial ones."""

        def of(part: Tree) -> Ways:
            return self.ways(part, initial=initial)

        match tree:
            case ("group", inner):
                return of(inner)
            case ("and", parts):
                return _joint([of(part) for part in parts])
            case ("/\\", left, right):
                return _joint([of(left), of(right)])
            case ("or", parts):
                return _several([of(part) for part in parts])
            case ("\\/", left, right):
                return _several([of(left), of(right)])
            case ("\\E", bounds, body):
                each, inside = self._each(bounds), of(body)
                return lambda b, s, t: (way for inner in each(b, s, t) for way in inside(inner, s, t))
            case ("if", condition, then, otherwise):
                test, yes, no = self.code(condition), of(then), of(otherwise)
                return lambda b, s, t: yes(b, s, t) if truth(test(b, s, t)) else no(b, s, t)
            case ("let", definitions, body):
                bind, inside = self._let(definitions), of(body)
                return lambda b, s, t: inside(bind(b, s, t), s, t)
            case ("call", name, arguments, _) if name in self.operators:
                return self._action(self.operators[name], [self._argument(one) for one in arguments], initial)
            case ("call", name, [], _) if name not in self.arity:
                return self._later_ways(name, self.code(tree))
            case ("=", ("call", name, [], _), value) if initial and name in self.module.variables:
                return _assigning(name, self.code(value))
            case ("=", ("prime", ("call", name, [], _)), value) if not initial:
                return _assigning(name, self.code(value))
            case ("prefix UNCHANGED", ("tuple", parts)):
                return _joint([self.ways(("prefix UNCHANGED", part)) for part in parts])
            case ("prefix UNCHANGED", ("call", name, [], _)):
                if name in self.module.variables:
                    return _assigning(name, lambda b, s, t: s[name])
        holds = self.code(tree)
        return lambda b, s, t: iter((t,) if truth(holds(b, s, t)) else ())

    def _later_ways(self, name: str, holds: Code) -> Ways:
        """The ways of what a LET says, or of a truth value that is bound."""

        def ways(b: Bound, s: State, t: State) -> Iterator[State]:
            if isinstance(b[name], _Later):
                yield from self.ways(b[name].tree)(b[name].bound, s, t)
            elif truth(holds(b, s, t)):
                yield t

        return ways

    def _action(self, operator: _Operator, arguments: list[Code], initial: bool) -> Ways:
        parameters = operator.definition.parameters

        def ways(b: Bound, s: State, t: State) -> Iterator[State]:
            if operator.ways is None:
                assert operator.definition.body is not None
                operator.ways = self.ways(operator.definition.body, initial=initial)
            inner = {p: argument(b, s, t) for p, argument in zip(parameters, arguments, strict=True)}
            yield from operator.ways(inner, s, t)

        return ways


_KINDS = frozenset(
    "value group call prime and or if case let choose set filter image function record records functions tuple apply "
    "field except fair square always lambda".split()
    + [f"prefix {sign}" for sign in ("~", "ENABLED", "UNCHANGED", "[]", "<>", "SUBSET", "UNION", "DOMAIN", "-")]
    + ["\\E", "\\A", "=>", "/\\", "\\/", "~>", "\\in", "\\notin", *OPERATORS]
)


class _Later:
    """What a LET says, evaluated when it is asked for."""

    def __init__(self, code: Code, tree: Tree, bound: Bound, state: State, then: State | None) -> None:
        self.found: list[Value] = []
        self.tree = tree
        self.code, self.bound, self.state, self.then = code, bound, state, then

    def __call__(self) -> Value:
        if not self.found:
            self.found.append(self.code(self.bound, self.state, self.then))
        return self.found[0]


def _primed(name: str, then: State | None) -> Value:
    if then is None or name not in then:
        raise Refused(f"{name}' is read before it is said")
    return then[name]


def _inside(value: Value, whole: Value) -> bool:
    if value in elements(whole):
        return True
    for element in whole:
        if not isinstance(element, ModelValue):
            equal(value, element)
            break
    return False


def _chosen(name: str, each: Iterator[Bound], holds: Callable[[Bound], bool]) -> Value:
    for inner in each:
        if holds(inner):
            return inner[name]
    raise Refused(f"CHOOSE {name} finds none")


def _all(parts: list[Code]) -> Code:
    return lambda b, s, t: all(truth(part(b, s, t)) for part in parts)


def _any(parts: list[Code]) -> Code:
    return lambda b, s, t: any(truth(part(b, s, t)) for part in parts)


def _joint(parts: list[Ways]) -> Ways:
    def ways(b: Bound, s: State, t: State, at: int = 0) -> Iterator[State]:
        if at == len(parts):
            yield t
            return
        for way in parts[at](b, s, t):
            yield from ways(b, s, way, at + 1)

    return ways


def _several(parts: list[Ways]) -> Ways:
    return lambda b, s, t: (way for part in parts for way in part(b, s, t))


def _assigning(name: str, value: Code) -> Ways:
    def ways(b: Bound, s: State, t: State) -> Iterator[State]:
        new = value(b, s, t)
        if name not in t:
            yield {**t, name: new}
        elif equal(t[name], new):
            yield t

    return ways
