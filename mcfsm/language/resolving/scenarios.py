"""What a scenario fixes: instances and their groups, budgets, expectations. Channels are in `channels`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import cast

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import ANY_INTEGER, Domain, Enumeration, Instances, Integer, Value
from mcfsm.expressions.parse import ExpressionError, SourceText
from mcfsm.expressions.typecheck import Group, Names
from mcfsm.language.files.document import Document, ExpectPart, InstancePart, RolePart, ScenarioPart
from mcfsm.language.resolving.constants import constant, noted_constant
from mcfsm.language.resolving.declarations import Declarations
from mcfsm.language.resolving.domain_text import parse_domain
from mcfsm.language.resolving.effects import as_list
from mcfsm.model import CHECKS, Budget, Instance, Status
from mcfsm.problems import ModelError, Problem, Problems, closest

MOST_INSTANCES = 64
MOST_BUDGET = 1000
UNLIMITED = "unlimited"
_MERGED = ("parameters", "readings", "options", "channels", "crash", "budgets", "omit", "expect")
_TAKEN = ("instances", "interchangeable", "within", "begin", "freeze", "properties", "text")


def find_scenario(document: Document, name: str) -> tuple[SourceText, ScenarioPart]:
    """A scenario by its name, as written. Raises ModelError (M601)."""
    for key, part in document.scenarios.items():
        if key == name:
            return key, part
    raise ModelError([Problem("M601", None, f"unknown scenario {name}", closest(name, document.scenarios))])


def with_likes(document: Document, name: SourceText, problems: Problems) -> ScenarioPart:
    """The scenario with all it takes from the one it is like."""
    part = document.scenarios[name]
    chain, current = [str(name)], part
    while current.like is not None:
        like = current.like
        if like not in document.scenarios:
            problems.add("M601", like.span, f"unknown scenario {like}", closest(like, document.scenarios))
            break
        if like in chain:
            _note_loop(document, chain[chain.index(str(like)) :], problems)
            break
        chain.append(str(like))
        current = document.scenarios[like]
        part = _merged(part, current)
    return _with_default_channel(part)


def _with_default_channel(part: ScenarioPart) -> ScenarioPart:
    """The scenario where every line under channels has from `default` what it does not say itself.

    A line whose kind is written otherwise has nothing from there: bound, when_full and faults are those of a kind.
    """
    default = next((line for name, line in (part.channels or {}).items() if name == "default"), None)
    if default is None or part.channels is None:
        return part
    channels = {}
    for name, line in part.channels.items():
        said = vars(line)
        alike = "kind" not in said or line.kind == default.kind
        taken = {key: getattr(default, key) for key in type(line).keys if alike and key not in said}
        channels[name] = line.but(**taken) if line is not default else line
    return part.but(channels=channels)


def _note_loop(document: Document, loop: list[str], problems: Problems) -> None:
    """Note scenarios that are like each other in a circle: once, where the first of them is written."""
    order = [str(name) for name in document.scenarios]
    start = loop.index(min(loop, key=order.index))
    loop = [*loop[start:], *loop[: start + 1]]
    like = find_scenario(document, loop[0])[1].like
    problems.add("M601", like.span if like else None, f"a scenario is like itself: {' -> '.join(loop)}")


def _merged(part: ScenarioPart, base: ScenarioPart) -> ScenarioPart:
    """The part, with what it does not say itself from another."""
    updates: dict[str, object] = {}
    for key in _MERGED:
        mine, others = getattr(part, key), getattr(base, key)
        if mine or others:
            updates[key] = {**(others or {}), **(mine or {})}
    for key in _TAKEN:
        if getattr(part, key) is None:
            updates[key] = getattr(base, key)
    return part.but(**updates)


def list_instances(
    document: Document, name: SourceText, scenario: ScenarioPart, made: Declarations, problems: Problems
) -> list[tuple[Instance, InstancePart | None]]:
    """The instances in written order, keys as written; their parameters are fixed once the roles are known."""
    found: list[tuple[Instance, InstancePart | None]] = []
    if not scenario.instances:
        problems.add("M202", name.span, f"scenario {name} has no instances", "add instances: {NAME: ROLE}")

    def add(instance: str, group: SourceText, key: Value, part: SourceText | InstancePart) -> None:
        role = part if isinstance(part, SourceText) else part.role
        if role not in document.roles:
            problems.add("M312", role.span, f"unknown role {role}", closest(role, document.roles))
            return
        written = part if isinstance(part, InstancePart) else None
        found.append((Instance(instance, str(role), str(group), key, ()), written))

    for group, part in (scenario.instances or {}).items():
        if isinstance(part, SourceText):
            add(str(group), group, None, part)
        elif isinstance(part, InstancePart):
            count = None if part.count is None else _count(part.count, made, problems)
            for i in [None] if count is None else range(1, count + 1):
                add(str(group) if i is None else f"{group}({i})", group, i, part)
        else:
            if not part.keys() - {"label"}:
                problems.add("M202", group.span, f"group {group} has no instances", "VALUE: ROLE for each")
            for key, member in part.items():
                if key == "label":
                    if not isinstance(member, SourceText):
                        hint = f"{group}: {{label: Words for them, VALUE: ROLE}}"
                        problems.add("M203", key.span, f"label is what the group {group} is called, and no value", hint)
                    continue
                if isinstance(member, InstancePart) and member.count is not None:
                    problems.add("M203", member.count.span, "count has no place where instances are named by a value")
                add(f"{group}({key})", group, str(key), member)
    if len(found) > MOST_INSTANCES:
        problems.add("M104", name.span, f"scenario {name} has {len(found)} instances; at most {MOST_INSTANCES}")
    return found


def _count(text: SourceText, made: Declarations, problems: Problems) -> int:
    value = noted_constant(text, made.scope(), Integer(1, MOST_INSTANCES), "the count", problems)
    return 1 if value is None else int(value)


def declare_roles(document: Document, instances: Iterable[Instance], made: Declarations, problems: Problems) -> None:
    """Each role's name means the set of its instances."""
    for role in document.roles:
        names = tuple(instance.name for instance in instances if instance.role == role)
        made.declare(problems, role, "role", Names(Instances(names, title=str(role)), "role"))


def declare_groups(
    document: Document, scenario: ScenarioPart, instances: list[Instance], made: Declarations, problems: Problems
) -> None:
    """Give instances and groups their names."""
    written = scenario.instances or {}
    everywhere = {str(group) for part in document.scenarios.values() for group in part.instances or {}}
    made.elsewhere = everywhere - set(map(str, written))
    for group in written:
        members = tuple((i.key, i.name) for i in instances if i.group == group)
        if len(members) == 1 and members[0][0] is None:
            made.declare(problems, group, "instance", n.Constant(Instances((str(group),)), str(group)))
        elif members:
            keys = tuple(key for key, _ in members)
            domain = _key_domain(document.roles, group, keys, made, problems)
            made.declare(problems, group, "group of instances", Group(str(group), domain, members))


def _key_domain(
    roles: Mapping[SourceText, RolePart],
    group: SourceText,
    keys: tuple[Value, ...],
    made: Declarations,
    problems: Problems,
) -> Domain:
    """What names the members of a group: as a role's peers say, or the first enumeration that has all the keys."""
    if all(isinstance(key, int) for key in keys):
        return Integer(1, len(keys))
    text = next((text for role in roles.values() for name, text in role.peers.items() if name == group), None)
    if text is not None:
        try:
            domain = parse_domain(text, made.scope(), made.domains)
        except ExpressionError as error:
            problems.extend(error.problems)
            return Enumeration(keys)
        outside = [str(key) for key in keys if not domain.contains(key)]
        if outside:
            message = f"{group} is named by {text}, which does not have {', '.join(outside)}"
            problems.add(
                "M404", group.span, message, f"peers: {{{group}: ...}} of a role says what names its instances"
            )
        return domain
    declared = (d for d in made.domains.values() if isinstance(d, Enumeration) and all(d.contains(k) for k in keys))
    found = next(declared, None)
    if found is None:
        hint = "the keys of a group are the values of one declared enumeration"
        problems.add("M404", group.span, f"no domain has all of {', '.join(map(str, keys))}", hint)
    return found or Enumeration(keys)


def resolve_parameters(
    document: Document,
    scenario: ScenarioPart,
    listed: list[tuple[Instance, InstancePart | None]],
    made: Declarations,
    problems: Problems,
) -> list[Instance]:
    """The instances with the parameters of their roles; all must be given, none is guessed."""
    roles = {str(name): role for name, role in document.roles.items()}
    groups = {str(group): group for group in scenario.instances or {}}
    return [
        replace(instance, parameters=_given_parameters(instance, part, roles, groups[instance.group], made, problems))
        for instance, part in listed
    ]


def _given_parameters(
    instance: Instance,
    part: InstancePart | None,
    roles: Mapping[str, RolePart],
    group: SourceText,
    made: Declarations,
    problems: Problems,
) -> tuple[tuple[str, Value], ...]:
    declared, given = roles[instance.role].parameters, part.parameters if part else {}
    names = dict(made.names)
    if instance.key is not None:
        domain: Domain = Enumeration((instance.key,)) if isinstance(instance.key, str) else ANY_INTEGER
        names["key"] = n.Constant(domain, instance.key)
    unknown = [name for name in given if name not in declared]
    for name in unknown:
        message = f"role {instance.role} has no parameter {name}"
        problems.add("M309", name.span, message, closest(name, declared))
    values: list[tuple[str, Value]] = []
    for name, text in declared.items():
        if name not in given:
            if unknown:
                continue  # one mistake, not two
            place = part.role.span if part else group.span
            hint = f"{{role: {instance.role}, parameters: {{{name}: VALUE}}}}"
            problems.add("M202", place, f"the parameter {name} of role {instance.role} is not given", hint)
            continue
        try:
            expected = parse_domain(text, made.scope(), made.domains)
        except ExpressionError:
            continue  # noted where the role is resolved
        try:
            scope = replace(made.scope(), names=names)
            values.append((str(name), constant(given[name], scope, expected, f"parameter {name}")))
        except ExpressionError as error:
            problems.extend(error.problems)
    return tuple(values)


def budgets_of(document: Document) -> frozenset[str]:
    """The budgets that scenarios of a document give, by name."""
    return frozenset(str(name) for scenario in document.scenarios.values() for name in scenario.budgets or {})


def lifted_budgets(document: Document, chosen: Mapping[str, str]) -> frozenset[str]:
    """The budgets whose limit who asks has lifted; an option that has such a value is meant itself."""
    lifted = {name for name, value in chosen.items() if value == UNLIMITED} - set(map(str, document.options))
    return budgets_of(document) & lifted


def resolve_budgets(
    name: SourceText,
    scenario: ScenarioPart,
    named: Mapping[str, SourceText],
    idle: Iterable[str],
    lifted: Collection[str],
    made: Declarations,
    problems: Problems,
) -> list[Budget]:
    """The budgets that this scenario's roles and faults name, in written order; every one must be given.

    `idle` are those named only by transitions whose reading is not chosen: they may be given. Those that are `lifted`
    have no limit, whatever is given.
    """
    budgets = []
    given = scenario.budgets or {}
    known = {*named, *idle}
    for budget, text in given.items():
        if budget not in known:
            problems.add(
                "M603", budget.span, f"no transition or fault names the budget {budget}", closest(budget, known)
            )
            continue
        limit = None
        if text != UNLIMITED and budget not in lifted:
            limit = noted_constant(text, made.scope(), Integer(0, MOST_BUDGET), f"budget {budget}", problems)
        if budget in named:
            budgets.append(Budget(str(budget), limit))
    misspelt = any(budget not in known for budget in given)
    for missing in () if misspelt else sorted(set(named) - set(map(str, given))):
        hint = f"budgets: {{{missing}: 2}}, or {UNLIMITED}"
        message = f"scenario {name} does not say how large the budget {missing} is"
        problems.add("M603", name.span, message, hint)
    return budgets


def resolve_expectations(
    document: Document,
    scenario: ScenarioPart,
    known: Iterable[str],
    selected: Iterable[str],
    made: Declarations,
    problems: Problems,
) -> dict[str, Status]:
    """Property or check to the status expected of it under the chosen constants, with the changes that are applied."""
    expected: dict[str, Status] = {}
    candidates, checked = {*known, *CHECKS}, {*selected, *CHECKS}
    for name, part in (scenario.expect or {}).items():
        if name not in candidates:
            problems.add("M313", name.span, f"unknown property {name}", closest(name, candidates))
            continue
        for entry in part if isinstance(part, list) else [part]:
            status = entry.status if isinstance(entry, ExpectPart) else entry
            stands = not isinstance(entry, ExpectPart) or made.stands_under(problems, entry.under)
            if isinstance(entry, ExpectPart) and entry.with_ is not None:
                stands = _stands_with(document, as_list(entry.with_), problems) and stands
            if stands and name in checked:
                expected[str(name)] = cast("Status", str(status).upper())
    return expected


def _stands_with(document: Document, changes: list[SourceText], problems: Problems) -> bool:
    """Whether these changes, and no others, are applied (M317 for what does not exist); `none`: no change."""
    named = [] if [*map(str, changes)] == ["none"] else changes
    for name in named:
        if name not in document.proposed:
            problems.add("M317", name.span, f"unknown change {name}", closest(name, document.proposed))
    return set(map(str, named)) == set(map(str, document.applied))
