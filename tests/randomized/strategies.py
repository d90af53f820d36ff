"""Hypothesis strategies for random small models: a model file that resolves, with few states and much going on.

What is drawn is the text of a model, so that a failing example prints as a file that `mcfsm check` runs. The models are
valid by construction; a few of them stop with an error of the values (M701 to M705), which explorers must agree on too.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, cast

from hypothesis import strategies as st

from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model import CHANNEL_FAULTS, CHANNEL_POLICIES, FAULTS_OF_ORDER, Model
from randomized.lines import fill
from randomized.machines import DOMAINS, Form, Member, World, domain_of, outline
from randomized.promises import boundary, definition, joint_terms, observer, property_, response
from randomized.terms import DIGITS, Atom, Dice, Draw, plain

SCENARIO = "s"
_LAYOUTS = (
    ("i0", "i1"), ("i0", "g"), ("h",), ("i0", "h"), ("g",), ("i0", "p"), ("i0", "i1", "i2"), ("i0",), ("g", "q"),
    ("ggg",),
)  # fmt: skip


class ModelText(str):
    """The text of a model file; it prints as the file."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"\n{self!s}"


def resolve_text(text: str, scenario: str = SCENARIO) -> Model:
    """One scenario of a model text, resolved. Raises ModelError where the text is no model."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.yaml"
        path.write_text(text, encoding="utf-8")
        return resolve(read(path), scenario)


@st.composite
def model_texts(draw: st.DrawFn, *, spice: int = 3, live: bool = False, faulty: bool = False) -> ModelText:
    """Texts of random small models with scenario `s`.

    `spice` is how often, per cent, a guard is left out that keeps a value in its domain. `live` adds liveness
    properties. Where they are `faulty`, every channel has a fault.
    """
    return ModelText(written(build(Dice(cast("Draw", draw), spice), live=live, faulty=faulty)))


def build(dice: Dice, *, live: bool = False, together: bool = False, faulty: bool = False) -> dict[str, Any]:
    """A random model as data; `together` leaves out what variants that are explored together cannot have."""
    members, instances = cast_members(dice)
    world = World(dice, [], members, together=together)
    roles = sorted({member.role for member in members})
    world.forms = [message(world, f"m{i}") for i in range(dice.pick((2, 1, 3)))]
    crash = crashes(world)
    if not crash and dice.chance(20):
        world.open_at_first = 35
    for role in roles:
        world.machines[role] = outline(world, role)
    for role in roles:
        fill(world, world.machines[role])
    for role, entry in instances:
        if "parameters" in world.machines[role].part:
            entry["parameters"] = {"par": str(dice.between(0, 1))}
    observers: dict[str, dict[str, Any]] = {}
    seen: dict[str, list[Atom]] = {}
    for i in range(dice.pick((0, 1, 0, 1, 2))):
        observers[f"z{i}"], seen[f"z{i}"] = observer(world)
    terms = joint_terms(world, seen)
    define: dict[str, str] = {}
    if dice.chance(25):
        define["f0"] = definition(terms)
        terms.atoms.append(Atom("bool", "f0"))
    properties: dict[str, Any] = {}
    for i in range(max(dice.between(1, 3), len(seen))):
        name = f"z{i}"
        must = [atom for atom in terms.atoms if atom.text.startswith(f"{name}.")] if name in seen else []
        properties[f"P{i}"] = property_(world, terms, must)
    for i in range(dice.between(2, 4) if live else 0):
        properties[f"L{i}"] = response(world, terms)
    scenario: dict[str, Any] = {"instances": listed(instances), "channels": channels(world, faulty)}
    scenario |= {"crash": crash} if crash else {}
    world.budgets |= {name for name in ("k0", "k1") if f"'{name}'" in str(scenario)}  # those that faults use up
    if world.budgets:
        scenario["budgets"] = {
            name: dice.pick(("1", "2", "unlimited" if len(members) < 3 else "1", "2", "3", "0"))
            for name in sorted(world.budgets)
        }
    if dice.chance(35):
        scenario["freeze"] = True
    if not together and dice.chance(12):
        scenario["within"] = boundary(world)
    begin = beginning(world)
    scenario |= {"begin": begin} if begin else {}
    stored = {
        "storage": {"text": "Where.", "default": dice.pick(("disk", "memory")), "values": {"disk": "", "memory": ""}}
    }
    return {
        "options": stored if "'storage'" in str(world.machines) else {},
        "domains": DOMAINS,
        "messages": {form.name: form.written() for form in world.forms},
        "roles": {name: machine.part for name, machine in world.machines.items()},
        "observers": observers,
        "define": define,
        "properties": properties,
        "scenarios": {SCENARIO: scenario},
    }


def cast_members(dice: Dice) -> tuple[list[Member], list[tuple[str, dict[str, Any]]]]:
    """Who takes part: the members, and for each entry of the scenario its role and itself."""
    members: list[Member] = []
    entries: list[tuple[str, dict[str, Any]]] = []
    layout = dice.pick(_LAYOUTS)
    names = ["r0", "r1", "r2"][: dice.between(1, 3)]
    known: list[str] = []

    def role() -> str:
        """A role, those not used yet first."""
        fresh = next((name for name in names if name not in known), None)
        chosen = fresh if fresh is not None and dice.chance(70) else dice.pick(known or names[:1])
        known.extend([] if chosen in known else [chosen])
        return chosen

    for part in layout:
        name = role()
        if part[0] == "g":
            count = max(2, len(part))
            members += [Member(f"g({i})", name, "g", str(i)) for i in range(1, count + 1)]
            entries.append((name, {"name": "g", "role": name, "count": str(count)}))
        elif part in ("h", *DIGITS):
            for key in DIGITS if part == "h" else (part,):
                members.append(Member(f"h({key})", name, "h", key))
                entries.append((name, {"name": "h", "key": key, "role": name}))
                name = role() if part == "h" and key == DIGITS[0] else name
        else:
            members.append(Member(part, name, "", ""))
            entries.append((name, {"name": part, "role": name}))
    used = {name for name, _ in entries}
    members = [member for member in members if member.role in used]
    return members, entries


def listed(entries: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """The instances as a scenario lists them."""
    found: dict[str, Any] = {}
    for _, entry in entries:
        part: Any = {key: value for key, value in entry.items() if key in ("role", "count", "parameters")}
        if "key" in entry:
            found.setdefault("h", {})[entry["key"]] = part
        else:
            found[entry["name"]] = part if len(part) > 1 else part["role"]
    return found


def message(world: World, name: str) -> Form:
    """A message with at most two elements."""
    dice = world.dice
    elements = []
    for i in range(dice.pick((1, 0, 1, 0, 2))):
        sort = dice.pick(("D", "int", "bool", "D", "Rec", "D?", "set", "inst"))
        role = dice.pick(sorted({member.role for member in world.members}))
        elements.append((f"e{i}", sort, dice.chance(40), domain_of(sort, 1, role)))
    return Form(name, elements)


def channels(world: World, faulty: bool) -> dict[str, Any]:
    """How messages travel: by default, and between some pairs."""
    dice, few = world.dice, len(world.members) < 3
    found = {"default": channel(world, few, faulty)}
    for _ in range(dice.pick((0, 1, 0, 2))):
        found[f"{dice.pick(world.members).text} -> {dice.pick(world.members).text}"] = channel(world, few, faulty)
    groups = sorted({member.group for member in world.members if member.group})
    if groups and dice.chance(20):
        found[f"{dice.pick(groups)} -> *"] = channel(world, few, faulty)
    return found


def channel(world: World, few: bool, faulty: bool) -> dict[str, Any]:
    """One kind of channel, perhaps (or surely, where `faulty`) with faults; not wide where it is one of many."""
    dice = world.dice
    kind = dice.pick(("fifo", "fifo", "bag") if faulty else ("fifo", "fifo", "bag", "set"))
    if kind == "set":
        return {"kind": "set"}
    found: dict[str, Any] = {
        "kind": kind,
        "bound": dice.pick(("1", "2", "3", "2") if few else ("1", "1", "2", "1")),
        "when_full": dice.pick(CHANNEL_POLICIES),
    }
    if dice.chance(20):
        found["may_stay"] = "true"
    if faulty or dice.chance(40):
        kinds = [fault for fault in CHANNEL_FAULTS if kind == "fifo" or fault not in FAULTS_OF_ORDER]
        found["faults"] = {fault: fault_budget(dice) for fault in dice.some(kinds, 1)}
        if kind == "fifo" and "loss" in found["faults"] and dice.chance(30):
            found["faults"] = {"head_loss" if fault == "loss" else fault: b for fault, b in found["faults"].items()}
    return found


def fault_budget(dice: Dice) -> str:
    """How often a fault may happen."""
    return dice.pick(("1", "unlimited", "k0", "2", "k1"))


def crashes(world: World) -> dict[str, Any]:
    """Who may crash, seldom anybody."""
    dice = world.dice
    if not dice.chance(30):
        return {}
    member = dice.pick(world.members)
    budget = fault_budget(dice)
    end = dice.pick((member.text, member.role, member.group or member.text))
    world.crashing = [other for other in world.members if end in (other.text, other.role, other.group)]
    arrivals = dice.pick(("lost", "wait", ""))
    return {end: {"budget": budget, "arrivals": arrivals} if arrivals else budget}


def beginning(world: World) -> dict[str, Any]:
    """What initial values go together, and messages that are on their way at first; seldom anything."""
    dice = world.dice
    found: dict[str, Any] = {}
    left_open = [
        (f"{member.text}.{name}", text.partition(" in ")[0])
        for member in world.members
        for name, text in world.machines[member.role].part.get("variables", {}).items()
        if " in " in text
    ]
    if left_open and dice.chance(60):
        conditions = []
        one, domain = dice.pick(left_open)
        alike = [other for other, its in left_open if its == domain and other != one]
        if alike:
            conditions.append(f"{one} {dice.pick(('==', '!='))} {dice.pick(alike)}")
        conditions += [
            f"{text} == {_FIRST[its]} or not in_flight(m0)" for text, its in left_open[:1] if dice.chance(50)
        ]
        if conditions:
            found["conditions"] = conditions
    if dice.chance(20):
        form = dice.pick(world.forms)
        ends = {"sender": dice.pick(world.members).text, "receiver": dice.pick(world.members).text}
        values = {
            name: world.those(domain)[0] if sort == "inst" else _FIRST[sort] for name, sort, _, domain in form.elements
        }
        left_out = {name for name, _, optional, _ in form.elements if optional and dice.chance(40)}
        found["messages"] = [{form.name: ends | {name: v for name, v in values.items() if name not in left_out}}]
    return found


_FIRST = {
    "D": "p", "int": "1", "bool": "true", "Rec": "Rec(q, 0)", "D?": "q", "set": "{q}", "0..1": "0", "0..2": "0",
    "set[D]": "{q}",
}  # fmt: skip


def written(data: dict[str, Any]) -> str:
    """The text of a model: a line for each declaration, and for each transition."""
    lines = ["model: random"]
    for key, parts in data.items():
        if not parts:
            continue
        lines.append(f"{key}:")
        for name, part in parts.items():
            if key not in ("roles", "observers", "scenarios"):
                lines.append(f"  {name}: {plain(part)}")
                continue
            lines.append(f"  {name}:")
            for inner, value in part.items():
                if inner == "transitions":
                    lines += ["    transitions:", *(f"    - {plain(line)}" for line in value)]
                else:
                    lines.append(f"    {inner}: {plain(value)}")
    return "\n".join(lines) + "\n"
