"""What a scenario fixes: instances and their groups, channels, budgets, expectations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast

from mcfsm.domains import ANY_INTEGER, Domain, Enumeration, Instances, Integer, Value
from mcfsm.expressions import nodes as n
from mcfsm.expressions.check import Group, Names, Scope, check
from mcfsm.expressions.evaluate import EvaluationError, evaluate
from mcfsm.expressions.parse import ExpressionError, Text
from mcfsm.language.declarations import Declarations
from mcfsm.language.document import ChannelPart, Document, ExpectPart, InstancePart, ScenarioPart
from mcfsm.language.domaintext import parse_domain
from mcfsm.model import CHECKS, Budget, Channel, Instance, Role, Status
from mcfsm.problems import Problems, Span, closest

MOST_INSTANCES = 64
MERGED = ("parameters", "readings", "options", "channels", "budgets", "omit", "expect")
TAKEN = ("instances", "freeze", "properties", "text")


def with_likes(document: Document, name: str, problems: Problems) -> ScenarioPart:
    """The scenario with all it takes from the one it is like."""
    part = document.scenarios[Text(name, Span("", 0, 0))]
    chain, current = [name], part
    while current.like is not None:
        if current.like not in document.scenarios:
            message = f"unknown scenario {current.like}"
            problems.add("M601", current.like.span, message, closest(current.like, document.scenarios))
            return part
        if current.like in chain:
            problems.add(
                "M601", current.like.span, f"scenario {name} is like itself: {' -> '.join([*chain, current.like])}"
            )
            return part
        chain.append(str(current.like))
        current = document.scenarios[current.like]
        updates: dict[str, object] = {}
        for key in MERGED:
            mine, base = getattr(part, key), getattr(current, key)
            if mine or base:
                updates[key] = {**(base or {}), **(mine or {})}
        for key in TAKEN:
            if getattr(part, key) is None:
                updates[key] = getattr(current, key)
        merged = part.model_copy(update=updates)
        merged._span = part.span
        part = merged
    return part


def list_instances(
    document: Document, scenario: ScenarioPart, made: Declarations, problems: Problems
) -> list[tuple[Instance, InstancePart | None]]:
    """The instances in written order, keys as written; their parameters are fixed once the roles are known."""
    found: list[tuple[Instance, InstancePart | None]] = []
    if not scenario.instances:
        problems.add("M202", scenario.span, "the scenario has no instances")

    def add(name: str, group: Text, key: Value, part: Text | InstancePart) -> None:
        role = part if isinstance(part, Text) else part.role
        if role not in document.roles:
            problems.add("M312", role.span, f"unknown role {role}", closest(role, document.roles))
            return
        found.append((Instance(name, str(role), str(group), key, ()), part if isinstance(part, InstancePart) else None))

    for group, part in (scenario.instances or {}).items():
        if isinstance(part, Text) or (isinstance(part, InstancePart) and part.count is None):
            add(str(group), group, None, part)
        elif isinstance(part, InstancePart):
            for i in range(1, _count(part, made, problems) + 1):
                add(f"{group}({i})", group, i, part)
        else:
            for key, member in part.items():
                if isinstance(member, InstancePart) and member.count is not None:
                    problems.add("M203", member.count.span, "count has no place where instances are named by a value")
                add(f"{group}({key})", group, str(key), member)
    if len(found) > MOST_INSTANCES:
        problems.add("M104", scenario.span, f"{len(found)} instances; at most {MOST_INSTANCES} are taken")
    return found


def _count(part: InstancePart, made: Declarations, problems: Problems) -> int:
    assert part.count is not None
    try:
        value = evaluate(check(part.count, Scope(made.names), Integer(1, MOST_INSTANCES), "the count"), {})
    except ExpressionError as error:
        problems.extend([error.problem])
        return 1
    except EvaluationError as error:
        problems.extend([replace(error.problem, code="M404", hint=None)])
        return 1
    return int(value)


def declare_roles(document: Document, instances: Iterable[Instance], made: Declarations, problems: Problems) -> None:
    """Each role's name means the set of its instances."""
    for role in document.roles:
        names = tuple(instance.name for instance in instances if instance.role == role)
        made.declare(problems, role, "role", Names(Instances(names, title=str(role)), "role"))


def declare_groups(
    document: Document, scenario: ScenarioPart, instances: list[Instance], made: Declarations, problems: Problems
) -> dict[str, Group]:
    """Give instances and groups their names; returns the groups named by a value."""
    groups: dict[str, Group] = {}
    for group in scenario.instances or {}:
        members = tuple((i.key, i.name) for i in instances if i.group == group)
        if len(members) == 1 and members[0][0] is None:
            made.declare(problems, group, "instance", n.Constant(Instances((str(group),)), str(group)))
        elif members:
            key_domain = _key_domain(document, group, [key for key, _ in members], made, problems)
            meaning = Group(str(group), key_domain, members)
            groups[str(group)] = meaning
            made.declare(problems, group, "group of instances", meaning)
    return groups


def _key_domain(document: Document, group: Text, keys: list[Value], made: Declarations, problems: Problems) -> Domain:
    if all(isinstance(key, int) for key in keys):
        return Integer(1, len(keys))
    for role in document.roles.values():
        for name, text in role.peers.items():
            if name == group:
                try:
                    domain = parse_domain(text, Scope(made.names), made.domains)
                except ExpressionError as error:
                    problems.extend([error.problem])
                    return Enumeration(tuple(keys))
                outside = [str(key) for key in keys if not domain.contains(key)]
                if outside:
                    message = f"{group} is named by {text}, which does not have {', '.join(outside)}"
                    problems.add("M404", group.span, message)
                return domain
    declared = (d for d in made.domains.values() if isinstance(d, Enumeration) and all(d.contains(k) for k in keys))
    domain = next(declared, Enumeration(tuple(keys)))
    if not domain.title:
        hint = "the keys of a group are the values of one declared enumeration"
        problems.add("M404", group.span, f"no domain has all of {', '.join(map(str, keys))}", hint)
    return domain


def resolve_parameters(
    document: Document,
    listed: list[tuple[Instance, InstancePart | None]],
    made: Declarations,
    problems: Problems,
) -> list[Instance]:
    """The instances with the parameters of their roles; all must be given, none is guessed."""
    finished = []
    for instance, part in listed:
        role = document.roles[Text(instance.role, Span("", 0, 0))]
        given = part.parameters if part else {}
        scope = Scope(made.names)
        if instance.key is not None:
            domain: Domain = Enumeration((instance.key,)) if isinstance(instance.key, str) else ANY_INTEGER
            scope = scope.plus({"key": n.Constant(domain, instance.key)})
        for name in given:
            if name not in role.parameters:
                message = f"role {instance.role} has no parameter {name}"
                problems.add("M309", name.span, message, closest(name, role.parameters))
        values: list[tuple[str, Value]] = []
        for name, text in role.parameters.items():
            if name not in given:
                place = part.span if part else name.span
                problems.add("M202", place, f"instance {instance.name} does not give the parameter {name}")
                continue
            try:
                domain = parse_domain(text, Scope(made.names), made.domains)
                values.append((str(name), evaluate(check(given[name], scope, domain, f"parameter {name}"), {})))
            except ExpressionError as error:
                problems.extend([error.problem])
            except EvaluationError as error:
                problems.extend([replace(error.problem, code="M404", hint=None)])
        finished.append(replace(instance, parameters=tuple(values)))
    return finished


def pair_channels(
    scenario: ScenarioPart,
    instances: list[Instance],
    pairs: set[tuple[str, str]],
    made: Declarations,
    problems: Problems,
) -> list[Channel]:
    """A channel for every pair that talks, in the order of instances, each by the most specific line that fits it."""
    lines = _channel_lines(scenario, instances, problems)
    channels: list[Channel] = []
    refused: set[Text] = set()
    for sender in instances:
        for receiver in instances:
            if (sender.name, receiver.name) not in pairs:
                continue
            fitting = [
                (_specific(ends, (sender, receiver)), key)
                for key, ends in lines.items()
                if _specific(ends, (sender, receiver)) is not None
            ]
            if not fitting:
                message = f"no channel is given for {sender.name} -> {receiver.name}, which talk"
                place = next(iter(scenario.channels), None) if scenario.channels else None
                span = place.span if place else scenario.span
                problems.add("M610", span, message, "add a line default: {kind: fifo, bound: 2}")
                return channels
            best = max(score for score, _ in fitting if score is not None)
            keys = [key for score, key in fitting if score == best]
            if len(keys) > 1:
                message = f"{' and '.join(map(repr, map(str, keys)))} fit {sender.name} -> {receiver.name} equally well"
                problems.add("M610", keys[1].span, message, "name the instances")
            assert scenario.channels is not None
            part = scenario.channels[keys[0]]
            bound = None if keys[0] in refused else _bound(part, made, problems)
            if bound == -1:
                refused.add(keys[0])
                bound = None
            channels.append(Channel(sender.name, receiver.name, part.kind, bound, part.when_full))
    return channels


def _channel_lines(
    scenario: ScenarioPart, instances: list[Instance], problems: Problems
) -> dict[Text, tuple[str, str]]:
    known = {"*", *(i.name for i in instances), *(i.group for i in instances)}
    lines: dict[Text, tuple[str, str]] = {}
    for key in scenario.channels or {}:
        if key == "default":
            lines[key] = ("*", "*")
            continue
        ends = [end.strip() for end in key.split("->")]
        if len(ends) != 2:
            hint = "channels are written sender -> receiver"
            problems.add("M610", key.span, f"'{key}' is neither default nor a pair", hint)
            continue
        for end in ends:
            if end not in known:
                problems.add("M602", key.span, f"the scenario has no instance or group {end}", closest(end, known))
        lines[key] = (ends[0], ends[1])
    return lines


def _specific(ends: tuple[str, str], pair: tuple[Instance, Instance]) -> int | None:
    """How closely a line names a pair: two points an instance, one a group; None where it does not fit."""
    score = 0
    for end, instance in zip(ends, pair, strict=True):
        if end == instance.name:
            score += 2
        elif end == instance.group:
            score += 1
        elif end != "*":
            return None
    return score


def _bound(part: ChannelPart, made: Declarations, problems: Problems) -> int | None:
    """Messages the channel holds; None on a set; -1 where it is wrong."""
    if part.kind == "set":
        if part.bound is not None:
            problems.add("M610", part.bound.span, "a set channel has no bound: a message once sent stays")
            return -1
        return None
    if part.bound is None:
        problems.add("M202", part.span, f"the key bound is missing: how many messages a {part.kind} channel holds")
        return -1
    try:
        return int(evaluate(check(part.bound, Scope(made.names), Integer(1, 1000), "the bound"), {}))
    except ExpressionError as error:
        problems.extend([error.problem])
    except EvaluationError as error:
        problems.extend([replace(error.problem, code="M404", hint=None)])
    return -1


def resolve_budgets(
    scenario: ScenarioPart, named: Mapping[str, Text], made: Declarations, problems: Problems
) -> list[Budget]:
    """The budgets that this scenario's roles name, in written order; every one must be given."""
    budgets = []
    given = scenario.budgets or {}
    for name, text in given.items():
        if name not in named:
            problems.add("M603", name.span, f"no transition names the budget {name}", closest(name, named))
            continue
        limit = None
        if text != "unlimited":
            try:
                limit = int(evaluate(check(text, Scope(made.names), Integer(0, 1000), f"budget {name}"), {}))
            except ExpressionError as error:
                problems.extend([error.problem])
            except EvaluationError as error:
                problems.extend([replace(error.problem, code="M404", hint=None)])
        budgets.append(Budget(str(name), limit))
    for missing in sorted(set(named) - set(map(str, given))):
        hint = f"budgets: {{{missing}: 2}}, or unlimited"
        problems.add("M603", scenario.span, f"the scenario does not say how large the budget {missing} is", hint)
    return budgets


def resolve_expectations(
    scenario: ScenarioPart, known: Iterable[str], selected: Iterable[str], made: Declarations, problems: Problems
) -> dict[str, Status]:
    """Property or check to the status expected of it under the chosen constants; what is not named should be proved."""
    expected: dict[str, Status] = {}
    candidates = {*known, *CHECKS}
    for name, part in (scenario.expect or {}).items():
        if name not in candidates:
            problems.add("M313", name.span, f"unknown property {name}", closest(name, candidates))
        elif name not in {*selected, *CHECKS}:
            continue
        for entry in part if isinstance(part, list) else [part]:
            if isinstance(entry, ExpectPart):
                if _holds(entry, made, problems):
                    expected[str(name)] = cast("Status", entry.status.upper())
            else:
                expected[str(name)] = cast("Status", str(entry).upper())
    return expected


def _holds(entry: ExpectPart, made: Declarations, problems: Problems) -> bool:
    return holds_under(entry.under, made, problems)


def holds_under(under: Mapping[Text, Text | list[Text]], made: Declarations, problems: Problems) -> bool:
    """Whether the chosen readings and options are among those listed (M309, M310 for what does not exist)."""
    result = True
    for name, values in under.items():
        chosen = made.chosen.get(str(name))
        meaning = made.names.get(str(name))
        if chosen is None or not isinstance(meaning, n.Constant) or not isinstance(meaning.domain, Enumeration):
            problems.add("M309", name.span, f"unknown reading or option {name}", closest(name, made.chosen))
            continue
        wanted = values if isinstance(values, list) else [values]
        for value in wanted:
            if not meaning.domain.contains(str(value)):
                problems.add("M310", value.span, f"{name} has no value {value}", closest(value, meaning.domain.names))
        result = result and chosen in wanted
    return result


def talking_pairs(instances: list[Instance], roles: Mapping[str, Role]) -> set[tuple[str, str]]:
    """The ordered pairs of instances that may talk: least fixed point, as `to: sender` depends on who sends."""
    sends: set[tuple[str, str, str]] = set()  # sender, receiver, message
    while True:
        found = set(sends)
        for instance in instances:
            for transition in roles[instance.role].transitions:
                callers = {s for s, r, m in sends if r == instance.name and m == transition.trigger}
                for sending in transition.sends:
                    found |= {
                        (instance.name, target, sending.message) for target in _targets(sending.to, callers, instance)
                    }
        if found == sends:
            return {(sender, receiver) for sender, receiver, _ in sends}
        sends = found


def _targets(to: n.Node, callers: set[str], instance: Instance) -> Iterable[str]:
    if isinstance(to, n.Narrow):
        return _targets(to.inner, callers, instance)
    if isinstance(to, n.Read) and to.name == "sender":
        return callers
    if isinstance(to, n.Read) and to.name == "self":
        return (instance.name,)
    if isinstance(to, n.Constant):
        return to.value if isinstance(to.value, frozenset) else (to.value,)
    domain = getattr(to.domain, "inner", to.domain)
    domain = getattr(domain, "element", domain)
    assert isinstance(domain, Instances)
    return domain.names
