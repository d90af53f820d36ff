"""Random observers and properties: expressions over the joint state and over steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from mcfsm.model import CHANNEL_FAULTS
from randomized.machines import Form, World, domain_of, element_atoms, shared
from randomized.terms import DIGITS, Atom, Dice, Terms

WATCHED = ("w0", "w1")  # states of observers
_KEPT = {"n": "int", "b": "bool", "m": "D?", "s": "set", "k": "map"}
Events = dict[tuple[str, str], list[str]]  # (event, name) to the roles that may act in it


def boundary(world: World) -> str:
    """What a scenario explores within: true at first, when nothing is on its way and nobody has moved."""
    dice = world.dice
    member, message = dice.pick(world.members), dice.pick(world.forms).name
    region, states = dice.pick(list(world.machines[member.role].regions.items()))
    away = f"{member.text}.{region} {dice.pick((f'== {states[-1]}', f'!= {states[0]}'))}"
    flying = dice.pick((f"in_flight({message})", f"in_flight({message}, receiver={member.text})", "frozen"))
    return dice.pick((f"not ({away} and {flying})", f"not {flying}", f"not ({away})", f"not ({flying} and {away})"))


# ---- observers


def observer(world: World) -> tuple[dict[str, Any], list[Atom]]:
    """An observer, and what a property reads of it by bare names."""
    dice = world.dice
    part: dict[str, Any] = {}
    atoms: list[Atom] = []
    variables: dict[str, str] = {}
    for name in dice.some(list(_KEPT), 0, 2):
        sort, high = _KEPT[name], dice.between(1, 2)
        variables[name] = domain_of(sort, high, "") + (" = 0" if sort == "int" else "")
        atoms.append(Atom(sort, name, high=high))
    if not variables or dice.chance(50):
        part |= {"states": list(WATCHED), "initial": WATCHED[0]}
        atoms.append(Atom("state", "state", options=WATCHED))
    if variables:
        part["variables"] = variables
    lines = []
    taken: set[tuple[str, str]] = set()
    for _ in range(dice.between(1, 3)):
        event = ("freeze", "") if dice.chance(15) else dice.pick(list(events(world)))
        if event not in taken or dice.chance(dice.spice):
            lines.append(observer_line(world, atoms, [event]))
        elif "states" in part:  # the same event in another state
            first = next(line for line in lines if line["on"] == written_event([event]))
            if "source" not in first:
                first["source"] = WATCHED[0]
                lines.append({**observer_line(world, atoms, [event]), "source": WATCHED[1]})
        taken.add(event)
    part["transitions"] = lines
    return part, atoms


def events(world: World) -> Events:
    """What observers may see, and the roles that may act in it."""
    found: Events = {("fired", id_): [role] for id_, role in world.fired}
    for form in world.forms:
        for event in ("received", "sent"):
            roles = [
                machine.name
                for machine in world.machines.values()
                if form.name in (machine.receives if event == "received" else machine.sends)
            ]
            if roles:
                found[event, form.name] = roles
    found["freeze", ""] = []
    for kind in (*CHANNEL_FAULTS, ""):
        found["fault", kind] = []
    if world.crashing:
        for kind in ("crash", "restart"):
            found["fault", kind] = sorted({member.role for member in world.crashing})
    return found


def written_event(names: Sequence[tuple[str, str]]) -> Any:
    """An event as a line has it under `on`."""
    event = names[0][0]
    if event == "freeze":
        return event
    if event == "fault" and len(names) == 1 and names[0][1] == "":
        return {event: ["loss", "restart"]}
    return {event: names[0][1] if len(names) == 1 else [name for _, name in names]}


def observer_line(world: World, own: list[Atom], names: list[tuple[str, str]]) -> dict[str, Any]:
    """One line of an observer: reads its own variables, the acting instance before and after, and the message."""
    dice = world.dice
    event, name = names[0]
    line: dict[str, Any] = {"on": written_event(names)}
    atoms = list(own)
    roles = events(world)[event, name]
    everyone = tuple(member.text for member in world.members)
    if event == "fault" and name in CHANNEL_FAULTS:
        atoms += [Atom("inst", end, options=everyone) for end in ("sender", "receiver")]
    if roles:
        acting = tuple(member.text for member in world.members if member.role in roles)
        if event == "fault":
            acting = tuple(member.text for member in world.crashing)
        atoms += [
            *shared(world, roles, "before"),
            *shared(world, roles, "after"),
            Atom("inst", "actor", options=acting),
        ]
        if event in ("received", "sent"):
            form = next(form for form in world.forms if form.name == name)
            atoms += [Atom("inst", end, options=everyone) for end in ("sender", "receiver")]
            atoms += element_atoms(world, form)
    terms = Terms(dice, atoms)
    if dice.chance(35):
        line[dice.pick(("conditions", "unless"))] = terms.condition(1)
    variables = [atom for atom in own if atom.sort != "state"]
    assigned = {}
    for atom in dice.some(variables, min(1, len(variables)), 2):
        if atom.sort == "map":
            assigned[f"{atom.text}[{terms.value('D')}]"] = terms.value("D?")
        else:
            assigned[atom.text] = terms.value(atom.sort, atom.high)
    if any(atom.sort == "state" for atom in own) and (not assigned or dice.chance(50)):
        line["dest"] = dice.pick(WATCHED[::-1])
    return line | ({"set": assigned} if assigned else {})


# ---- properties


def joint_terms(world: World, observers: dict[str, list[Atom]]) -> Terms:
    """What properties read: instances, observers, channels, quantifiers over instances."""
    dice = world.dice
    atoms: list[Atom] = []
    for member in world.members:
        mine = shared(world, [member.role], member.text)
        atoms += mine
        for atom in mine:  # whatever the value of a variable names
            if atom.sort == "inst?":
                role = next(m.role for m in world.members if m.text == atom.options[0])
                atoms += shared(world, [role], atom.text, f"{atom.text} != none")
            if atom.sort == "D" and world.group("h"):
                guard = "" if world.covered else f"{atom.text} in keys(h)"
                atoms += shared(world, [m.role for m in world.group("h")], f"h({atom.text})", guard)
    for name, own in observers.items():
        seen = [replace(atom, text=f"{name}.{atom.text}") for atom in own]
        atoms += [*seen, *seen]
    terms = Terms(dice, atoms)
    leaves: list[Callable[[], str]] = [partial(flying, world, terms), partial(quantified, world, terms, 0)]
    leaves += [
        partial(at, world),
        partial(quantified, world, terms, 0),
        partial(flying, world, terms),
        lambda: "frozen",
    ]
    terms.leaves = leaves
    return terms


def at(world: World) -> str:
    """Whether an instance is in a state."""
    dice = world.dice
    member = dice.pick(world.members)
    if world.crashing and dice.chance(30):
        return f"at({dice.pick(world.crashing).text}, down)"
    return f"at({member.text}, {dice.pick(world.machines[member.role].states[::-1])})"


def flying(world: World, terms: Terms, *more: str) -> str:
    """Whether a message is in a channel, or how many are; its elements and ends compared with constants or with what
    others hold, ends with `more` as well.
    """
    dice = world.dice
    form: Form = dice.pick(world.forms)
    filters, guards = [], []
    for name, sort, _, domain in form.elements:
        if dice.chance(60):
            atoms = [atom for atom in terms.of(sort) if sort != "inst"]
            if atoms and dice.chance(60):
                atom = dice.pick(atoms)
                filters.append(f"{name}={atom.text}")
                guards += [atom.guard] if atom.guard else []
            elif sort == "inst":
                filters.append(f"{name}={dice.pick(world.those(domain))}")
            else:
                constant = {"int": "1", "D": "p", "D?": "q", "bool": "true", "Rec": "Rec(p, 1)", "set": "{p}"}[sort]
                filters.append(f"{name}={constant}")
    others = False  # whether one end is named that may be somebody else
    for end in ("sender", "receiver"):
        if dice.chance(25):
            values = [atom.text for atom in terms.of("D")] if world.covered else []
            keyed = (
                f"h({dice.pick(values)})"
                if values and dice.chance(50)
                else dice.pick((*more, dice.pick(world.members).text))
            )
            if others and more:
                keyed = more[0]  # a role may not ask for what others send each other
            others = keyed not in more
            filters.append(f"{end}={keyed}")
    text = f"in_flight({', '.join([form.name, *filters])})"
    if dice.chance(25):
        text = f"{text.replace('in_flight', 'how_many')} {dice.pick(('> 1', '== 1', '!= 2', '< 2'))}"
    return f"({' and '.join([*guards, text])})" if guards else text


def quantified(world: World, terms: Terms, depth: int) -> str:
    """A quantifier over instances, or over a set that depends on the state."""
    dice = world.dice
    name = "v" if depth == 0 and dice.chance(30) else dice.fresh("u")  # a definition has names of its own
    sets = [atom for atom in terms.of("set") if not atom.guard]
    if sets and dice.chance(30):
        return over_set(world, terms, name, dice.pick(sets))
    source, roles = instances(world)
    atoms = [*shared(world, roles, name), *parameters(world, roles, name)]
    inner = Terms(dice, atoms or terms.atoms)
    if depth < 1:
        inner.leaves = [partial(quantified, world, replace(terms, atoms=[*terms.atoms, *atoms]), depth + 1)]
    if depth >= 1 and dice.chance(60):  # compare with the outer variable, or with anything else
        inner.atoms = [*inner.atoms, *terms.atoms[-len(atoms) - 1 :]]
    test = f" if {inner.leaf()}" if dice.chance(30) else ""
    clause = f"for {name} in {source}{test}"
    match dice.pick(("any", "all", "count", "set", "sum", "any", "source")):
        case "any":
            return f"any({inner.condition(1)} {clause})"
        case "all":
            return f"all({inner.condition(1)} {clause})"
        case "count":
            return f"count({inner.condition(1)} {clause}) {dice.pick(('> 1', '== 1', '>= 2'))}"
        case "sum":
            return f"sum({inner.number(1)} {clause}) > {dice.between(0, 1)}"
        case "source":
            other = dice.fresh("u")
            again = Terms(dice, shared(world, roles, other) or terms.atoms)
            return f"any({again.leaf()} for {other} in {{{name} {clause}}})"
        case _:
            return set_of(dice, inner, name, clause)


def parameters(world: World, roles: Sequence[str], name: str) -> list[Atom]:
    """The parameter that all instances of some roles have, if they do."""
    there = all("parameters" in world.machines[role].part for role in roles)
    return [Atom("int", f"{name}.par", high=1)] if there else []


def set_of(dice: Dice, inner: Terms, name: str, clause: str) -> str:
    """A condition on a set comprehension."""
    atoms = [atom for atom in inner.of("D", "D?") if not atom.guard]
    if atoms and dice.chance(70):
        return f"q in {{{dice.pick(atoms).text} {clause}}}"
    return f"len({{{name} {clause}}}) {dice.pick(('> 1', '== 0', '== 1'))}"


def over_set(world: World, terms: Terms, name: str, atom: Atom) -> str:
    """A quantifier over the values that a set holds, each of which may name an instance."""
    dice = world.dice
    test = ""
    inner = Terms(dice, [Atom("D", name), *terms.of("D")[:2]])
    if world.group("h") and dice.chance(60):
        test = "" if world.covered else f" if {name} in keys(h)"
        inner = Terms(dice, shared(world, [member.role for member in world.group("h")], f"h({name})") or inner.atoms)
    operator = dice.pick(("any", "all", "count"))
    text = f"{operator}({inner.leaf()} for {name} in {atom.text}{test})"
    return f"{text} > 0" if operator == "count" else text


def instances(world: World) -> tuple[str, list[str]]:
    """A set of instances, and their roles."""
    dice = world.dice
    options = [(name, [name]) for name in world.machines]
    for group in sorted({member.group for member in world.members if member.group}):
        members = world.group(group)
        roles = [member.role for member in members]
        options += [(group, roles), (f"{group} - {{{members[0].text}}}", roles)]
    if len(world.members) > 1:
        pair = dice.some(world.members, 2, 2)
        options.append((f"{{{pair[0].text}, {pair[1].text}}}", [member.role for member in pair]))
    return dice.pick(options)


def property_(world: World, terms: Terms, must_read: Sequence[Atom]) -> dict[str, Any]:
    """A property; it reads one of `must_read` where there are any."""
    dice = world.dice
    form = dice.pick(("never", "reachable", "always"))
    condition = terms.condition(2 if dice.chance(50) else 1)
    if must_read:
        atom = dice.pick(must_read)
        condition = f"{terms.about(atom)} {dice.pick(('or', 'and'))} ({condition})"
    elif dice.chance(30):
        condition = f"{terms.leaf()} and ({condition})"
    part: dict[str, Any] = {"text": "Random."}
    if dice.chance(25):
        part["when"] = [terms.condition(1), terms.leaf()] if dice.chance(30) else terms.condition(1)
    if form == "always":
        shape = dice.pick(("not ({})", "not ({}) or {}", "{1} or not ({0})"))
        condition = shape.format(condition, terms.leaf() if shape.count("{") > 1 else "")
    return part | {form: condition}


def response(world: World, terms: Terms) -> dict[str, Any]:
    """A liveness property. It says nothing of how a run begins more often than not, so that runs can break it late."""
    dice = world.dice
    part: dict[str, Any] = {"text": "Random."}
    form = dice.pick(("leads_to", "always_eventually", "leads_to", "eventually"))
    goal = terms.condition(1) if dice.chance(50) else at(world)
    if form != "eventually" and dice.chance(25):
        part["when"] = terms.condition(1)
    fairness = dice.pick(("", "strong", "", "none"))
    part |= {"fairness": fairness} if fairness else {}
    cause = terms.leaf() if dice.chance(50) else at(world)
    return part | {form: [cause, goal] if form == "leads_to" else goal}


def definition(terms: Terms) -> str:
    """A definition that properties may read."""
    return terms.condition(1)


__all__ = ["DIGITS", "definition", "joint_terms", "observer", "property_", "response"]
