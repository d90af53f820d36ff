"""A flow among its like: in how many orders a model allows its steps, and how near it is to a broken promise.

A figure shows one order of its steps. Steps of parties that do not wait for each other have others, and an order that
nobody drew is where a procedure goes wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mcfsm.explore.stopping import ended_by
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model import LivenessProperty, Model, Property
from mcfsm.questions.replay.replay import Replayed, follow
from mcfsm.questions.replay.steps import FlowStepPattern
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import PropertyMonitor
from mcfsm.semantics.steps import State, Step
from mcfsm.semantics.trace import Trace, describe, replay
from mcfsm.verdicts.run import Effort, run, watch_over

MOST_SETS = 50_000  # sets of states with steps done, that are followed
MOST_STATES = 30_000  # that are looked at behind the flow
Watching = Callable[[str], None]


@dataclass(frozen=True)
class WrongTurn:
    """The shortest way from a state of a flow to one that breaks a promise: the whole flow, up to there and on.

    Where no promise on states is broken: the shortest flow of the scenario that breaks one on runs, from its beginning.
    """

    after: int  # steps of the flow
    promise: Property | LivenessProperty
    trace: Trace

    @property
    def further(self) -> int:
        """The steps that are not of the flow."""
        return len(self.trace) - self.after


@dataclass(frozen=True)
class Orders:
    """What is to be said of a flow beside its like."""

    model: Model  # with all of its promises
    count: int | None  # orders of its steps that the model allows; None where they were not counted to the end
    turn: WrongTurn | None  # None where nothing is broken, as far as was looked
    whole: bool  # whether all was looked at that could be
    stopped: str | None = None  # the limit or signal that ended it before


def orders(
    path: Path | str, replayed: Replayed, effort: Effort = Effort(), *, watch: Watching = lambda _: None
) -> Orders:
    """The orders of a flow's steps that a model allows, and the shortest way in which it can go wrong.

    `replayed` is the flow, which has to be allowed. Steps that say the same count as one. A limit or a signal ends it
    with what was found up to there. Raises ModelError where a value leaves its domain.
    """
    asked = replayed.model
    chosen = {one.name: str(one.value) for one in (*asked.readings, *asked.options)}
    chosen |= {one.name: str(one.value) for one in asked.parameters}
    model, count, turn, whole, stopped = asked, None, None, False, None
    with watch_over(effort):
        try:
            model = resolve(read(path, asked.changes), asked.scenario, chosen=chosen, symmetry=False)
            watch("counting orders")
            # without observers, whose states say nothing of what is allowed
            count = _count(Product(asked), replayed.steps)
            watch("looking for a wrong turn")
            turn, whole, stopped = _wrong_turn(model, replayed, effort)
        except (KeyboardInterrupt, MemoryError) as error:
            stopped = ended_by(error)
    return Orders(model, count, turn, whole, stopped)


def _wrong_turn(model: Model, replayed: Replayed, effort: Effort) -> tuple[WrongTurn | None, bool, str | None]:
    """How a flow can go wrong, whether all of that was looked at, and what ended it if something did."""
    product = Product(model)
    again = follow(product, replayed.steps, path=replayed.path)
    if again.stopped is not None:
        return None, False, again.stopped
    turn, whole = _turn(product, again.trace)
    if turn is None and whole and model.liveness_properties:
        return _on_runs(model, effort)
    return turn, whole, None


def _count(product: Product, steps: tuple[FlowStepPattern, ...]) -> int | None:
    """How many orders there are: sets of states that steps done may have led to, with the ways that lead there."""
    alike = [str(step) for step in steps]
    earlier = [[j for j in range(i) if alike[j] == alike[i]] for i in range(len(steps))]
    ways: dict[tuple[int, frozenset[State]], int] = {(0, frozenset([product.initial()])): 1}
    told: dict[State, list[tuple[Step, tuple[bool, ...]]]] = {}

    def fitting(state: State) -> list[tuple[Step, tuple[bool, ...]]]:
        if state not in told:
            taken = [(step, describe(product, state, step)) for step in product.steps(state)]
            told[state] = [(step, tuple(one.fits(said) for one in steps)) for step, said in taken]
        return told[state]

    for _ in steps:
        following: dict[tuple[int, frozenset[State]], int] = {}
        for (done, states), number in ways.items():
            for i in range(len(steps)):
                if done >> i & 1 or not all(done >> j & 1 for j in earlier[i]):
                    continue
                after = frozenset(step.target for state in states for step, fits in fitting(state) if fits[i])
                if after:
                    key = (done | 1 << i, after)
                    following[key] = following.get(key, 0) + number
        if len(following) > MOST_SETS:
            return None
        ways = following
    return sum(ways.values())


def _turn(product: Product, trace: Trace) -> tuple[WrongTurn | None, bool]:
    """Breadth first from every state of the flow, the earlier ones first: the first state that breaks a promise.

    None where there is none; and whether all states behind the flow were looked at.
    """
    promises = [one for one in product.model.state_properties if one.form != "reachable"]
    monitors = [PropertyMonitor(product.model, one) for one in promises]
    came: dict[State, tuple[State, Step] | int] = {}
    for after, state in enumerate(trace.states):
        came.setdefault(state, after)
    frontier = list(came)
    while frontier:
        for state in frontier:
            for monitor in monitors:
                if monitor.decides(state):
                    return _told(product, trace, came, state, monitor.property), True
        following = []
        for state in frontier:
            for step in product.steps(state):
                if step.target not in came:
                    came[step.target] = (state, step)
                    following.append(step.target)
            if len(came) > MOST_STATES:
                return None, False
        frontier = following
    return None, True


def _on_runs(model: Model, effort: Effort) -> tuple[WrongTurn | None, bool, str | None]:
    """The shortest flow that breaks a promise on runs; whether all of them were told, and what ended that before."""
    promises = {one.id: one for one in model.liveness_properties}
    found = run(model, list(promises), effort, normative_flows=False)
    verdicts = found.verdicts
    broken = [(verdict.trace, verdict.id) for verdict in verdicts if verdict.trace is not None]
    whole = all(verdict.status != "INCOMPLETE" for verdict in verdicts)
    if not broken:
        return None, whole, found.stopped
    trace, name = min(broken, key=lambda pair: len(pair[0]))
    return WrongTurn(0, promises[name], trace), whole, found.stopped


def _told(
    product: Product, trace: Trace, came: dict[State, tuple[State, Step] | int], state: State, promise: Property
) -> WrongTurn:
    """The way to a state, replayed from the beginning."""
    further: list[Step] = []
    place = came[state]
    while not isinstance(place, int):
        before, step = place
        further.append(step)
        place = came[before]
    return WrongTurn(place, promise, replay(product, [*trace.taken[:place], *reversed(further)]))
