"""Random roles: states or regions, variables, and the lines of their tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mcfsm.testing.terms import DIGITS, Atom, Dice, Terms

STATES = ("s0", "s1", "s2")
OTHERS = ("t0", "t1")  # states of a second region
TIMERS = ("y0", "y1")
DOMAINS: dict[str, Any] = {"D": list(DIGITS), "Rec": {"who": "D", "num": "0..1"}}
_VARIABLES = {
    "n": "int",
    "b": "bool",
    "d": "D",
    "m": "D?",
    "s": "set",
    "rec": "Rec",
    "o": "Rec?",
    "k": "map",
    "w": "inst?",
}


@dataclass
class Member:
    """An instance of the scenario."""

    text: str  # as an expression names it
    role: str
    group: str  # "" of one that stands alone
    key: str


@dataclass
class Form:
    """A message: its elements with their sorts, and what each is declared as."""

    name: str
    elements: list[tuple[str, str, bool, str]]  # name, sort, optional, domain

    def written(self) -> dict[str, str]:
        """The declaration."""
        return {name + "?" * optional: domain for name, _, optional, domain in self.elements}


@dataclass
class Machine:
    """A role under construction."""

    name: str
    regions: dict[str, tuple[str, ...]]
    atoms: list[Atom]  # regions and variables, as the role itself reads them
    part: dict[str, Any]
    sends: set[str] = field(default_factory=set)
    receives: set[str] = field(default_factory=set)
    timers: list[str] = field(default_factory=list)

    @property
    def states(self) -> list[str]:
        """The states of all regions."""
        return [state for states in self.regions.values() for state in states]


@dataclass
class World:
    """What the roles of one model have in common."""

    dice: Dice
    forms: list[Form]
    members: list[Member]
    machines: dict[str, Machine] = field(default_factory=dict)
    budgets: set[str] = field(default_factory=set)
    fired: list[tuple[str, str]] = field(default_factory=list)  # transition id, role
    crashing: list[Member] = field(default_factory=list)

    def those(self, role: str) -> list[str]:
        """The instances of a role."""
        return [member.text for member in self.members if member.role == role]

    def group(self, name: str) -> list[Member]:
        """The members of a group."""
        return [member for member in self.members if member.group == name]

    @property
    def covered(self) -> bool:
        """Whether every value of D names a member of group h."""
        return len(self.group("h")) == len(DIGITS)


def domain_of(sort: str, high: int, role: str) -> str:
    """A sort as a domain of the language."""
    domains = {"int": f"0..{high}", "set": "set[D]", "map": "map[D, D?]", "inst": role, "inst?": f"{role}?"}
    return domains.get(sort, sort)


def outline(world: World, name: str) -> Machine:
    """A role without its table."""
    dice = world.dice
    part: dict[str, Any] = {}
    if dice.chance(25):
        regions: dict[str, tuple[str, ...]] = {"ra": STATES[:2], "rb": OTHERS}
        part["regions"] = {
            region: {"states": list(states), "initial": states[0], "final": final_states(dice, states)}
            for region, states in regions.items()
        }
    else:
        regions = {"state": STATES[: dice.pick((2, 3, 3))]}
        states = regions["state"]
        part |= {"states": list(states), "initial": states[0], "final": final_states(dice, states)}
    atoms = [Atom("state", region, options=states) for region, states in regions.items()]
    parameter = dice.chance(15)
    if parameter:
        part["parameters"] = {"par": "0..1"}
    variables: dict[str, str] = {}
    for variable in dice.some(list(_VARIABLES), 0 if dice.chance(15) else 1, dice.pick((2, 1, 3, 2))):
        sort, high = _VARIABLES[variable], dice.between(1, 2)
        role = dice.pick(sorted({member.role for member in world.members}))
        domain = domain_of(sort, high, role)
        initial = {"int": "0", "D": "p", "Rec": "Rec(p, 0)"}.get(sort)
        if sort == "int" and parameter:
            initial = "par"
        variables[variable] = domain if initial is None else f"{domain} = {initial}"
        atoms.append(Atom(sort, variable, high=high, options=tuple(world.those(role)), guard=""))
    if variables:
        part["variables"] = variables
        if dice.chance(25):
            part["persistent"] = dice.some(list(variables), 1)
    timers = dice.some(TIMERS, 1) if dice.chance(25) else []
    if timers:
        part["timers"] = timers
        atoms += [Atom("bool", timer) for timer in timers]
    return Machine(name, regions, atoms, part, timers=timers)


def final_states(dice: Dice, states: Sequence[str]) -> list[str]:
    """The states in which an instance may rest: all of them, more often than not."""
    return list(states) if dice.chance(60) else dice.some(states)


def fill(world: World, machine: Machine) -> None:
    """Write the table of a role, and what it ignores and defers."""
    dice = world.dice
    lines: list[dict[str, Any]] = []
    for i in range(dice.pick((2, 1, 3, 2))):
        lines.append(spontaneous(world, machine, first=i == 0))
    for form in world.forms:
        for _ in range(dice.pick((1, 1, 2, 1, 1, 0))):
            lines.append(line_of(world, machine, {"trigger": form.name}, form))
            machine.receives.add(form.name)
    for timer in machine.timers:
        timed(world, machine, timer, lines)
    ignore: dict[str, list[str]] = {}
    defer: dict[str, list[str]] = {}
    for form in world.forms:
        ignored = dice.some(machine.states, 1) if dice.chance(45) else []
        left = [state for state in machine.states if state not in ignored]
        deferred = dice.some(left, 1, 2) if left and dice.chance(25) else []
        if ignored:
            ignore[form.name] = ignored
            machine.receives.add(form.name)
        if deferred:
            defer[form.name] = deferred
    count: dict[str, int] = {}
    for line in lines:
        count[line["trigger"]] = count.get(line["trigger"], 0) + 1
        world.fired.append((f"{machine.name}.{line['trigger']}.{count[line['trigger']]}", machine.name))
    machine.part["transitions"] = lines
    machine.part |= {"ignore": ignore} if ignore else {}
    machine.part |= {"defer": defer} if defer else {}


def timed(world: World, machine: Machine, timer: str, lines: list[dict[str, Any]]) -> None:
    """Let some lines start a timer, or stop it, and add its expiry."""
    dice = world.dice
    lines.append(line_of(world, machine, {"trigger": timer, "kind": "timer"}, None))
    starting = dice.some(lines, 1, 2)
    for line in lines:
        if line in starting:
            line["start"] = [*line.get("start", []), timer]
        elif dice.chance(25):
            line["stop"] = [*line.get("stop", []), timer]


def spontaneous(world: World, machine: Machine, *, first: bool) -> dict[str, Any]:
    """A line that needs no message; the first of a role can be taken at once, as a rule."""
    dice = world.dice
    line: dict[str, Any] = {
        "trigger": dice.pick(("x0", "x1", "x2")),
        "kind": dice.pick(("user", "protocol", "environment")),
    }
    line = line_of(world, machine, line, None, first=first)
    if line["kind"] != "protocol" and dice.chance(50 if len(world.members) < 3 else 85):
        line["budget"] = dice.pick(("k0", "k1"))
        world.budgets.add(line["budget"])
    return line


def line_of(
    world: World, machine: Machine, line: dict[str, Any], form: Form | None, *, first: bool = False
) -> dict[str, Any]:
    """A line with its sources, conditions and effects."""
    dice = world.dice
    conditions: list[str] = []
    terms = Terms(dice, [*machine.atoms, *own_atoms(world, machine), *element_atoms(world, form)])
    if form is not None and dice.chance(10):
        line["from"] = dice.pick(peers(world, machine))
    source, dest = moves(world, machine, anywhere=form is not None, first=first)
    line |= {"source": source} if source else {}
    line |= {"dest": dest} if dest else {}
    if not first and dice.chance(20):
        name = dice.fresh("c")
        domain, atom = choice(world, terms, name)
        line["choose"] = {name: domain}
        terms = terms.with_atoms([atom])
    if dice.chance(10 if first else 30):
        test = sender_test(world) if form is not None and dice.chance(30) else terms.condition(1)
        conditions.append(f"not ({test})" if dice.chance(50) else test)
    assigned = assignments(world, machine, terms, form, conditions)
    sends = []
    for _ in range(dice.pick((0, 1, 1) if form is not None else (1, 1, 0, 2))):
        sends.append(sending(world, machine, terms, form, None if first else conditions))
    if not first and dice.chance(10):
        line["unless"] = terms.condition(1)
    if conditions:
        line["conditions"] = conditions[0] if len(conditions) == 1 else conditions
    line |= {"set": assigned} if assigned else {}
    line |= {"send": sends} if sends else {}
    return line


def moves(world: World, machine: Machine, *, anywhere: bool, first: bool) -> tuple[Any, Any]:
    """Where a line starts, and where it leads."""
    dice = world.dice
    region = dice.pick(list(machine.regions))
    states = machine.regions[region]
    source: Any = None
    if not dice.chance(60 if anywhere else 12):
        source = dice.some(states, 2, 2) if dice.chance(15) else states[0] if first else dice.pick(states)
    dest: Any = dice.pick(states[::-1]) if dice.chance(75) else None
    if dest == source and dice.chance(80):
        dest = states[(states.index(dest) + 1) % len(states)] if dest else None
    if len(machine.regions) == 2 and not first and dice.chance(40):
        other = next(name for name in machine.regions if name != region)
        if source:
            source = {region: source, other: dice.pick(machine.regions[other])}
        if dest:
            dest = {region: dest, other: dice.pick(machine.regions[other])}
    return source, dest


def own_atoms(world: World, machine: Machine) -> list[Atom]:
    """What a role reads besides its regions and variables: its parameter, and the keys of its instances."""
    found = [Atom("int", "par", high=1)] if "parameters" in machine.part else []
    mine = [member for member in world.members if member.role == machine.name]
    if all(member.group == "g" for member in mine):
        found.append(Atom("int", "key", high=len(world.group("g"))))
    if world.covered and {member.key for member in mine if member.group == "h"} == set(DIGITS) and len(mine) == 2:
        found.append(Atom("D", "key"))
    return found


def element_atoms(world: World, form: Form | None) -> list[Atom]:
    """The elements of the message at hand."""
    found = []
    for name, sort, optional, domain in form.elements if form is not None else []:
        guard = f"present(msg.{name})" if optional else ""
        options = tuple(world.those(domain)) if sort == "inst" else ()
        found.append(Atom(sort, f"msg.{name}", high=1, guard=guard, options=options, unsure=optional))
    return found


def peers(world: World, machine: Machine) -> list[str]:
    """Expressions for one or more instances that hold in every role."""
    found = [member.text for member in world.members]
    found += sorted({member.group for member in world.members if member.group})
    found += [machine.name, *sorted(world.machines)]
    return [*found, "{" + ", ".join(member.text for member in world.members[-2:]) + "}"]


def sender_test(world: World) -> str:
    """A condition on who sent the message."""
    member = world.dice.pick(world.members)
    return world.dice.pick((f"sender == {member.text}", f"sender != {member.text}", f"sender in {member.role}"))


def choice(world: World, terms: Terms, name: str) -> tuple[str, Atom]:
    """The set that a value is chosen from, and the value."""
    dice = world.dice
    member = dice.pick(world.members)
    options = [
        ("D", Atom("D", name)),
        ("0..1", Atom("int", name, high=1)),
        ("bool", Atom("bool", name)),
        (member.role, Atom("inst", name, options=tuple(world.those(member.role)))),
        *((atom.text, Atom("D", name)) for atom in terms.of("set") if not atom.guard),
    ]
    if dice.chance(30):
        return f"D - {{{terms.value('D')}}}", Atom("D", name)
    return dice.pick(options)


def assignments(
    world: World, machine: Machine, terms: Terms, form: Form | None, conditions: list[str]
) -> dict[str, str]:
    """New values of some variables; conditions that they need are added."""
    dice = world.dice
    found: dict[str, str] = {}
    variables = [atom for atom in machine.atoms if atom.sort != "state" and atom.text not in machine.timers]
    for atom in dice.some(variables, min(len(variables), dice.pick((1, 0, 1, 2)))):
        name = atom.text
        if atom.sort == "map":
            found[f"{name}[{dice.pick(DIGITS) if dice.chance(60) else terms.value('D')}]"] = terms.value("D?")
            if dice.chance(20) and next(iter(found)).startswith(f"{name}[p]"):
                found[f"{name}[q]"] = terms.value("D?")
        elif atom.sort == "inst?":
            found[name] = instance_value(world, atom, terms, form, conditions)
        else:
            found[name] = terms.value(atom.sort, atom.high)
    return found


def instance_value(world: World, atom: Atom, terms: Terms, form: Form | None, conditions: list[str]) -> str:
    """Some instance, or none, for a variable that holds one."""
    dice = world.dice
    role = next(member.role for member in world.members if member.text == atom.options[0])
    options = [*atom.options, "none"]
    options += [other.text for other in terms.of("inst") if set(other.options) <= set(atom.options) and not other.guard]
    if form is not None and dice.chance(60):
        if not dice.chance(dice.spice):
            conditions.append(f"sender in {role}")
        return "sender"
    return dice.pick(options)


def sending(
    world: World, machine: Machine, terms: Terms, form: Form | None, conditions: list[str] | None
) -> dict[str, dict[str, str]]:
    """A message that a line sends; conditions that its receiver needs are added, if they may be."""
    dice = world.dice
    message = dice.pick(world.forms)
    machine.sends.add(message.name)
    elements = {"to": receiver(world, machine, terms, form, conditions)}
    for name, sort, optional, domain in message.elements:
        value = dice.pick(world.those(domain)) if sort == "inst" else terms.value(sort, 1)
        if not optional:
            elements[name] = value
        elif dice.chance(75):
            elements[name + "?" * dice.chance(50)] = value
    return {message.name: elements}


def receiver(world: World, machine: Machine, terms: Terms, form: Form | None, conditions: list[str] | None) -> str:
    """To whom a message goes."""
    dice = world.dice
    others = [member.text for member in world.members if member.role != machine.name]
    if form is not None and dice.chance(35):
        return "sender"
    if others and dice.chance(70 if len(world.members) > 2 else 55):
        return dice.pick(others[-1:] if dice.chance(60) else others)
    options = ["self", *(member.text for member in world.members), *sorted(world.machines)]
    for group in sorted({member.group for member in world.members if member.group}):
        options.append(group)
        mine = [member for member in world.group(group) if member.role == machine.name]
        if mine and len(mine) == len(world.those(machine.name)):
            options.append(f"{group} - {{self}}")
    if world.group("h") and conditions is not None:
        value = terms.value("D")
        if value in DIGITS and not world.covered:
            value = world.group("h")[0].key
        elif not world.covered and not dice.chance(dice.spice):
            conditions.append(f"{value} in keys(h)")
        options += [f"h({value})", f"h({value})"]
    held = terms.of("inst", "inst?")
    if held and conditions is not None and dice.chance(50):
        atom = dice.pick(held)
        guards = [atom.guard] if atom.guard else []
        guards += [f"{atom.text} != none"] if atom.sort == "inst?" else []
        conditions.extend(guard for guard in guards if not dice.chance(dice.spice))
        return atom.text
    return dice.pick(options)


def shared(world: World, roles: Sequence[str], prefix: str, guard: str = "") -> list[Atom]:
    """What the instances of some roles all have, behind a prefix."""
    first, *rest = [world.machines[role] for role in dict.fromkeys(roles)]
    found = []
    for atom in first.atoms:
        same = [next((a for a in m.atoms if (a.text, a.sort) == (atom.text, atom.sort)), None) for m in rest]
        kept = [atom, *(other for other in same if other is not None)]
        if len(kept) == len(rest) + 1:
            options = tuple(dict.fromkeys(option for one in kept for option in one.options))
            high = max(one.high for one in kept)
            found.append(
                replace(atom, text=f"{prefix}.{atom.text}", high=high, options=options, guard=guard, unsure=bool(guard))
            )
    return found
