"""Random roles as others may speak of them: states or regions, variables, timers; `lines` fills their tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from randomized.terms import DIGITS, Atom, Dice

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
    open_at_first: int = 0  # per cent of the variables that begin with one of several values
    together: bool = False  # without what variants that are explored together cannot have

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
        first = list(states[:2]) if dice.chance(world.open_at_first // 2) else states[0]
        part |= {"states": list(states), "initial": first, "final": final_states(dice, states)}
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
        if dice.chance(world.open_at_first):
            several = {"int": "{0, 1}", "D": "D", "bool": "bool", "set": "{{}, {q}}", "D?": "{none, q}"}.get(sort)
            variables[variable] = variables[variable] if several is None else f"{domain} in {several}"
        atoms.append(Atom(sort, variable, high=high, options=tuple(world.those(role)), guard=""))
    if variables:
        part["variables"] = variables
        if dice.chance(25):
            part["persistent"] = dice.some(list(variables), 1)
            if dice.chance(40):
                part["persistent"][-1] = {
                    "variables": part["persistent"][-1],
                    "under": {"storage": dice.pick(("memory", "disk"))},
                }
    timers = dice.some(TIMERS, 1) if dice.chance(25) else []
    if timers:
        part["timers"] = timers
        atoms += [Atom("bool", timer) for timer in timers]
    return Machine(name, regions, atoms, part, timers=timers)


def final_states(dice: Dice, states: Sequence[str]) -> list[str]:
    """The states in which an instance may rest: all of them, more often than not."""
    return list(states) if dice.chance(60) else dice.some(states)


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
