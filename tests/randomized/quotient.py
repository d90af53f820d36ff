"""What has to hold of a search up to permutation, by a search that tells everybody apart, and by the joint states.

Every permutation maps the steps of a state to the steps of its image, and changes nothing that a property says: asked
of each reachable joint state, one by one. Then the two searches agree on all but the numbers of states and steps, which
are those of the orbits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from mcfsm.explore import reference
from mcfsm.explore.findings import Findings
from mcfsm.explore.symmetry import Symmetry
from mcfsm.model import Model
from mcfsm.problems import ModelError
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import PropertyMonitor
from mcfsm.semantics.steps import State
from randomized.conformance import Difference

SAME = ("depth", "complete", "fired", "coverage", "visited", "paths")


def assert_symmetry(model: Model, found: Findings) -> None:
    """Hold a complete search of a model up to permutation against the model itself. Raises Difference."""
    told = list(_orbits(model, found)) or list(_searches(model, found))
    if told:
        raise Difference(f"{model.name}, scenario {model.scenario}, up to permutation:\n  " + "\n  ".join(told))


def _orbits(model: Model, found: Findings) -> Iterator[str]:
    """What is wrong with the images of reachable states: the first thing of each kind."""
    product, symmetry = Product(model), Symmetry(model)
    monitors = [PropertyMonitor(model, property_) for property_ in model.state_properties]
    states, transitions, orbits, beyond = dict.fromkeys(product.beginnings, 0), 0, 0, 0
    waiting: list[State] = list(states)
    known: set[State] = set()
    for state in waiting:
        for step in product.steps(state):
            if step.target not in states:
                states[step.target] = 0
                waiting.append(step.target)
    for state in waiting:
        steps = Counter(step.target for step in product.steps(state))
        said = [_said(monitor, state) for monitor in monitors]
        images = [symmetry.image(permutation, state) for permutation in symmetry.permutations]
        if state not in known:
            orbits, transitions = orbits + 1, transitions + steps.total()
            beyond += product.beyond(state)
        known.update(images)
        for permutation, image in zip(symmetry.permutations, images, strict=True):
            where = f"{state} with {permutation.names}"
            if image not in states:
                yield f"the image of {where} is not reachable"
                return
            mapped = Counter(symmetry.image(permutation, target) for target in steps.elements())
            if mapped != Counter(step.target for step in product.steps(image)):
                yield f"the steps of {where} are not those of its image"
                return
            if product.beyond(image) is not product.beyond(state):
                yield f"{where} and its image do not lie on one side of the boundary"
                return
            if said != [_said(monitor, image) for monitor in monitors]:
                yield f"properties say of {where} what they do not say of its image"
                return
    if (found.states, found.beyond, found.transitions) != (orbits - beyond, beyond, transitions):
        counts = f"{found.states} states, {found.beyond} beyond, and {found.transitions} transitions"
        yield f"{counts}, but there are {orbits} orbits, {beyond} beyond, with {transitions}"


def _said(monitor: PropertyMonitor, state: State) -> bool | str:
    try:
        return monitor.decides(state)
    except ModelError as error:
        return error.problems[0].code


def _searches(model: Model, found: Findings) -> Iterator[str]:
    """Where the search up to permutation found something else than the one that tells everybody apart."""
    whole = reference.explore(replace(model, interchangeable=()), full=True)
    for name in SAME:
        if getattr(found, name) != getattr(whole, name):
            yield f"{name} differs from that of the search without symmetry"
    lengths = {(fault.check, fault.subject): len(fault.path) for fault in whole.faults}
    for fault in found.faults:
        if lengths.get((fault.check, fault.subject)) != len(fault.path):
            yield f"{fault.check} ({fault.subject}) is not found so early without symmetry"
    first = {fault.check: len(fault.path) for fault in reversed(whole.faults)}
    if first != {fault.check: len(fault.path) for fault in reversed(found.faults)}:
        yield "the built-in checks find something else first without symmetry"
