"""Random lines of a role's table: what triggers them, where they lead, what they set and send."""

from __future__ import annotations

from typing import Any

from randomized.machines import Form, Machine, World, element_atoms, own_atoms
from randomized.promises import flying
from randomized.terms import DIGITS, Atom, Terms


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
    if dice.chance(10):
        name, sort = dice.fresh("l"), dice.pick(("int", "D"))
        all_of_it = f"({'0' if sort == 'int' else 'p'} if {terms.leaf()} else {'2' if sort == 'int' else 'q'})"
        line["let"] = {name: f"{terms.value(sort, 2)} if {terms.leaf()} else {all_of_it}"}
        terms = terms.with_atoms([Atom(sort, name, high=2)] * 2)
    if dice.chance(10 if first else 30):
        test = sender_test(world) if form is not None and dice.chance(30) else terms.condition(1)
        conditions.append(f"not ({test})" if dice.chance(50) else test)
    if form is None and not world.together and dice.chance(8 if first else 16):
        asked = flying(world, terms, "self", "self")
        conditions.append(f"not {asked}" if dice.chance(50) else asked)
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
        if atom.sort == "map" and dice.chance(60):
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
        among = {"self": machine.name}.get(elements["to"], elements["to"].partition(" - ")[0])
        able = [m.text for m in world.members if among in ("sender", m.text, m.role, m.group)]
        if sort in ("bool", "int", "D") and able and dice.chance(8):
            one, other = {"bool": ("true", "false"), "int": ("1", "0"), "D": DIGITS}[sort]
            value = f"{one} if receiver == {dice.pick(able)} else {other}"
        if not optional:
            elements[name] = value
        elif dice.chance(75):
            elements[name + "?" * dice.chance(50)] = value
    if any("receiver ==" in value for value in elements.values()):  # what exports write where nothing is left open
        elements = {name.removesuffix("?"): value for name, value in elements.items()}
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
