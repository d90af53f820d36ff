"""A breadth-first search over `Product`, short enough to be checked by eye: what the tests of models count with."""

from __future__ import annotations

from dataclasses import dataclass, field

from mcfsm.expressions.evaluate import JOINT, LINKS, compiled
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model import Model
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import State
from mcfsm.semantics.transition import IGNORE


@dataclass
class Findings:
    """What a complete search saw. Lengths are in steps: of a shortest violation, or of a shortest witness."""

    states: int = 0
    transitions: int = 0
    depth: int = 0
    verdicts: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    premises: set[str] = field(default_factory=set)  # properties whose premise held somewhere
    deadlock: int | None = None  # depth of the first one
    receptions: set[tuple[str, str]] = field(default_factory=set)  # unspecified: (instance, message)
    overflows: set[str] = field(default_factory=set)
    fired: set[str] = field(default_factory=set)
    transition_ids: set[str] = field(default_factory=set)

    @property
    def counts(self) -> tuple[int, int, int]:
        """States, transitions, depth."""
        return self.states, self.transitions, self.depth


def explore_file(path: object, scenario: str, *, properties: list[str] | None = None, **chosen: object) -> Findings:
    """The findings of one scenario of a model file."""
    document = read(str(path))
    fixed = {name: str(value) for name, value in chosen.items()}
    return explore(resolve(document, scenario, chosen=fixed, properties=properties))


def explore(model: Model, *, most: int = 200_000) -> Findings:
    """The findings of a complete search, level by level. Fails past `most` states."""
    product = Product(model)
    links = [(channel.sender, channel.receiver) for channel in model.channels]
    asked = [
        (p, compiled(p.condition), None if p.premise is None else compiled(p.premise)) for p in model.state_properties
    ]
    found = Findings(transition_ids={t.id for role in model.roles for t in role.transitions})
    first: dict[str, int] = {}
    level, depth = [*product.beginnings], 0
    seen: set[State] = {*level}
    while level:
        found.depth = depth
        onward: list[State] = []
        for state in level:
            frame = {JOINT: state, LINKS: links}
            for property_, condition, premise in asked:
                if premise is not None and not premise(frame):
                    continue
                found.premises.add(property_.id)
                if condition(frame) is (property_.form != "always"):  # a violation, or the witness of a reachable one
                    first.setdefault(property_.id, depth)
            expansion = product.expand(state)
            found.transitions += len(expansion.steps)
            found.receptions |= {(model.instances[r.instance].name, r.event.message.name) for r in expansion.refused}
            found.overflows |= {model.channels[o.channel].name for o in expansion.overflows}
            if product.deadlocked(state, expansion) and found.deadlock is None:
                found.deadlock = depth
            for step in expansion.steps:
                if step.outcome is not None and step.outcome.transition != IGNORE:
                    found.fired.add(product.transitions[step.instance][step.outcome.transition].id)
                if step.target not in seen and not product.beyond(step.target):
                    seen.add(step.target)
                    onward.append(step.target)
        assert len(seen) <= most, f"more than {most} states"
        level, depth = onward, depth + 1
    found.states = len(seen)
    for property_ in model.state_properties:
        length = first.get(property_.id)
        good = (length is not None) is (property_.form == "reachable")
        found.verdicts[property_.id] = ("PROVED" if good else "VIOLATED", length)
    return found
