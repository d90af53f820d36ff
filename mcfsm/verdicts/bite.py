"""That a PROVED can fail: for each, the shortest flow to where it comes nearest to being broken.

VACUOUS says that a premise or an operand was never put to the test; this goes on from there and shows the test. Of a
property of states it is the first reachable state in which the premise is met and another value of one variable of one
instance would break it; failing that, of one element of a message in flight, or of what an observer has seen; failing
that, the first in which the premise is met. Of a property of runs it is the first in which its cause holds and its goal
does not yet. Where there is none, nothing that the roles can do comes near it, and the PROVED says as little as a
VACUOUS does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

from mcfsm.explore.findings import Findings
from mcfsm.explore.stopping import INTERRUPTED, SIGNALS, Stopped
from mcfsm.model import LivenessProperty, Model, Property
from mcfsm.problems import ModelError, counted
from mcfsm.semantics.near_miss import (
    OtherValue,
    breaking,
    breaking_message,
    declared,
    near_message,
    near_miss,
    other_values,
    premise_met,
    waiting,
)
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import LivenessMonitor, PropertyMonitor
from mcfsm.semantics.steps import State
from mcfsm.semantics.trace import ReplayError, replay
from mcfsm.verdicts.run import Effort, explorer
from mcfsm.verdicts.verdict import Bite, BiteKind, Run


@dataclass(frozen=True)
class _Sought:
    """A kind of state that is looked for, as a property that has it for a witness."""

    kind: BiteKind
    witness: Property
    others: tuple[OtherValue, ...] = ()


def with_bites(run: Run, effort: Effort = Effort()) -> Run:
    """A run with the bite of every PROVED that is a property, and no flow by itself.

    Raises ReplayError where a flow does not end in such a state, and KeyboardInterrupt where somebody interrupted it
    and no budget takes notice of that.
    """
    if effort.over is not None:
        return run
    proved = {verdict.id for verdict in run.verdicts if verdict.status == "PROVED" and verdict.trace is None}
    by_id = {property_.id: property_ for property_ in run.model.properties if property_.id in proved}
    sought = {name: list(_sought(run.model, property_)) for name, property_ in by_id.items()}
    found = _searched(run, [one for some in sought.values() for one in some], effort)
    product = Product(run.model, avoid=frozenset(run.avoided))
    bites = {name: _bite(product, by_id[name], some, found) for name, some in sought.items()}
    return replace(run, verdicts=tuple(replace(verdict, bite=bites.get(verdict.id)) for verdict in run.verdicts))


def _sought(model: Model, property_: Property | LivenessProperty) -> Iterator[_Sought]:
    """What is looked for, the best first."""
    if isinstance(property_, LivenessProperty):
        yield _Sought("waiting", waiting(property_, f"{property_.id}: waiting"))
        return
    others = tuple(other_values(model, property_, observers=False))
    seen = tuple(other_values(model, property_, observers=True))
    for kind, witness, values in (
        ("variable", near_miss(property_, list(others), f"{property_.id}: variable"), others),
        ("message", near_message(property_, f"{property_.id}: message"), ()),
        ("observed", near_miss(property_, list(seen), f"{property_.id}: observed"), seen),
    ):
        if witness is not None:
            yield _Sought(cast("BiteKind", kind), witness, values)
    met = premise_met(property_, f"{property_.id}: premise")
    if met is not None:
        yield _Sought("premise", met)


def _searched(run: Run, sought: list[_Sought], effort: Effort) -> dict[str, Findings]:
    """What is found of each, by its id: in one search, which ends when all is met.

    Where another value would leave some expression without one each is looked for alone, and that one is left out.
    """
    if not sought:
        return {}
    witnesses = tuple(one.witness for one in sought)
    try:
        found = explorer(effort.engine)(
            replace(run.model, state_properties=witnesses, liveness_properties=()),
            property_ids=[witness.id for witness in witnesses],
            limits=effort.left,
            avoid=frozenset(run.avoided),
            on_progress=effort.reporter(run.model),
            workers=effort.workers,
        )
    except ModelError:
        each = sought if len(sought) > 1 else []
        return {name: findings for one in each for name, findings in _searched(run, [one], effort).items()}
    if effort.budget is not None:
        effort.budget.note(found.stopped)
    elif found.stopped in SIGNALS:
        raise Stopped(found.stopped or INTERRUPTED)
    return {witness.id: found for witness in witnesses}


def _bite(
    product: Product, property_: Property | LivenessProperty, sought: list[_Sought], found: dict[str, Findings]
) -> Bite:
    """The best of what was looked for and met, replayed."""
    at_start = isinstance(property_, LivenessProperty) and property_.at_start
    for one in (one for one in sought if one.witness.id in found):
        path, stopped = found[one.witness.id].paths.get(one.witness.id), found[one.witness.id].stopped
        trace = None if path is None else replay(product, path)
        if trace is not None and (not at_start or product.is_initial(trace.states[-1])):
            after = f"after {counted(len(trace), 'step')}" if len(trace) else "at the start"
            said = _said(product.model, property_, one, trace.states[-1], after)
            if said is not None:
                return Bite(one.kind, said, trace)
            continue
        if stopped is not None:
            return Bite("undecided", f"how near it comes could not be told: stopped by {stopped}; raise it")
    if isinstance(property_, LivenessProperty):
        return Bite("nothing", "nothing has to happen for it: whenever what sets it off holds, its goal holds already")
    return Bite(
        "nothing",
        "nothing the roles can do comes near it: no other value of what it reads would ever break it",
    )


def _said(model: Model, property_: Property | LivenessProperty, one: _Sought, state: State, after: str) -> str | None:
    """What a flow shows, checked by the definition. Raises ReplayError where it does not."""
    wrong = ReplayError(f"the trace of {one.witness.id} does not end in such a state")
    if isinstance(property_, LivenessProperty):
        if LivenessMonitor(model, property_).values(state, initial=property_.at_start) != (True, False):
            raise wrong
        return f"{after} what sets it off holds, and its goal does not yet"
    if not PropertyMonitor(model, one.witness).decides(state):
        raise wrong
    if one.kind == "premise":
        return f"{after} its premise is met; no other value would break it in any such state"
    if one.kind == "message":
        said = breaking_message(model, property_, state)  # none: the value asked for is no value of the element
        return None if said is None else f"{after} it would be broken if {said}"
    other = breaking(model, property_, list(one.others), state)
    if other is None:
        raise wrong
    local = state.locals[other.place.instance]
    now = (local.states if other.place.in_states else local.values)[other.place.position]
    _, domain = declared(model, other.place)
    seen = "" if one.kind == "variable" else " (an observer's)"
    return f"{after} it would be broken if {other.name}{seen} were {domain.show(other.value)}, not {domain.show(now)}"
