"""A real system as a Hypothesis state machine: the steps of its model's other instances are done to it.

The same numbers are drawn for every step, whatever the system does: a move by its place among all of them, which stands
for the next one that may be taken; the values that it leaves open; and whether the next step follows `at_once`, before
an answer to this one is heard. So a system that answers now this way and now that is no inconsistent test, and a step
keeps its meaning where one before it is left out. `silence` is a move too: to hear that nothing comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property, wraps
from typing import Any, ClassVar

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, rule

from mcfsm.explore.random.adapter import Adapter, Done, NonConformance, Render
from mcfsm.explore.random.calls import Call, Drawn, Move, OpenValue
from mcfsm.explore.random.machine import REST, EnabledSteps, ModelMachine, WalkModel, machine_of
from mcfsm.explore.random.session import Session, SystemModel, Waits
from mcfsm.model import Model
from mcfsm.semantics.steps import Step

SILENCE = Move("silence")
AT_ONCE = OpenValue("at_once", (False, True), lambda _: False)
_PLACES = st.integers(0, 1023)
_MOST_TRIES = 300  # to leave steps out of a failure


class TestedModel(WalkModel):
    """A model prepared for walks that are done to a system."""

    __test__ = False  # it is nothing that pytest collects

    def __init__(
        self, model: Model, under_test: Iterable[str], make: Callable[[], Adapter], waits: Waits, render: Render
    ) -> None:
        plain = replace(model, observers=(), state_properties=(), liveness_properties=(), boundary=None)
        super().__init__(plain, (), render)
        self.system = SystemModel(self.model, under_test, self.moves, render)
        self.moves = {key: self._with_at_once(move) for key, move in self.system.moves.items()}
        self.move_of |= {move.name: move for move in (SILENCE, *self.moves.values())}
        self.names = (SILENCE.name, *(move.name for move in self.moves.values()))
        self.make, self.waits = make, waits

    def _with_at_once(self, move: Move) -> Move:
        """The move, of a step that may send something with whether the next is taken at once."""
        return replace(move, parts=(*move.parts, AT_ONCE)) if self.system.sends(move.name) else move

    @cached_property
    def adapter(self) -> Adapter:
        """The adapter, made when the first example begins."""
        return self.make()


@st.composite
def _calls(draw: st.DrawFn) -> Call:
    """A step that may be taken now, whichever of the states that fit it is."""
    machine: TestedMachine = draw(st.runner())
    names, options = machine.walk_model.names, machine.enabled.options
    drawn, which, at_once = draw(_PLACES) % len(names), draw(_PLACES), draw(st.booleans())
    name = next((name for name in (*names[drawn:], *names[:drawn]) if name in options), None)
    if name is None:
        return Call(REST, ())
    move, values = machine.walk_model.move_of[name], list(options[name])
    if AT_ONCE in move.parts:
        values = [each for each in values if each[-1] == at_once]
    return Call(move, values[which % len(values)] if values else ())


class TestedMachine(ModelMachine):
    """What the state machines of all systems under test share: an example is a session with the system."""

    __test__ = False
    walk_model: ClassVar[TestedModel]

    def __init__(self) -> None:
        self.session = Session(self.walk_model.system, self.walk_model.adapter, self.walk_model.waits)
        self.session.start()
        super().__init__()

    @rule(call=_calls())
    def step(self, call: Call) -> None:
        """The one rule: the step that a call means, done to the system."""
        self.taken = self.take(call)

    def take(self, call: Call) -> bool:
        """Take the step that a call means; False where it is not possible."""
        step = self.enabled.options.get(call.move.name, {}).get(call.values)
        if call.move is SILENCE and self.session.unsure:
            self.session.silence()
        elif step is None:
            return False
        else:
            self.path.append(step)
            sends = AT_ONCE in call.move.parts
            values = call.values[:-1] if sends else call.values
            self.session.take(call.move.name, values, at_once=sends and bool(call.values[-1]))
        self.enabled = self._look()
        return True

    def teardown(self) -> None:
        """Hear whether anything comes that should not, and end the system."""
        self.session.stop()

    def _look(self) -> EnabledSteps:
        options: dict[str, dict[tuple[Drawn, ...], Step]] = {}
        for (name, values), (step, _) in self.session.options().items():
            sends = AT_ONCE in self.walk_model.move_of[name].parts
            for more in ((False,), (True,)) if sends else ((),):
                options.setdefault(name, {})[(*values, *more)] = step
        if self.session.unsure:
            options[SILENCE.name] = {}
        return EnabledSteps(options, None, "")


def build_tested(
    model: Model, make: Callable[[], Adapter], *, under_test: Iterable[str], waits: Waits, render: Render
) -> type[RuleBasedStateMachine]:
    """The state machine of a system under test. Raises ModelError for instances that the model does not have."""
    tested = TestedModel(model, under_test, make, waits, render)
    made = machine_of(tested, TestedMachine)
    chosen = made.TestCase.settings
    unshrunk = [phase for phase in chosen.phases if phase != Phase.shrink]  # `shortened` takes a tenth of the time
    made.TestCase.settings = settings(chosen, report_multiple_bugs=False, phases=unshrunk)
    made.TestCase.runTest = _shortening(made.TestCase.runTest, tested)  # type: ignore[method-assign, assignment]
    return made


def _shortening(run: Callable[[Any], None], tested: TestedModel) -> Callable[[Any], None]:
    """The test; what it fails with in as few steps as are found, also where the system does not do it each time."""

    @wraps(run)
    def run_test(self: Any) -> None:
        tested.system.shortest = None
        try:
            run(self)
        except (NonConformance, Flaky):
            found = tested.system.shortest
            if found is None:
                raise
            error = shortened(tested, found).with_traceback(None)
            program = [f"state = {type(self).__name__.partition('.')[0]}()", *error.calls, "state.teardown()"]
            error.add_note("\n".join(["What was done to it:", *program]))
        else:
            return
        raise error

    return run_test


def shortened(tested: TestedModel, found: NonConformance) -> NonConformance:
    """A failure without the steps that it does without: halves of them are left out, quarters and so on, then each.

    After Zeller and Hildebrandt, Simplifying and isolating failure-inducing input, 2002, over steps by their meaning;
    each try is done to the system. Then every answer is heard before the next step, where it fails so, too.
    """
    size, tried = len(found.done) // 2, 0
    while size and tried < _MOST_TRIES:
        before = len(found.done)
        for begin in range(len(found.done) - size, -1, -size):
            tried += 1
            again = _played(tested, (*found.done[:begin], *found.done[begin + size :]))
            found = found if again is None or len(again.done) >= len(found.done) else again
        if len(found.done) == before or size > 1:
            size //= 2
    for at in [at for at, one in enumerate(found.done) if one.at_once]:
        heard = found.done[at]._replace(at_once=False)
        again = _played(tested, (*found.done[:at], heard, *found.done[at + 1 :]))
        found = found if again is None or len(again.done) > len(found.done) else again
    return found


def _played(tested: TestedModel, steps: Iterable[Done]) -> NonConformance | None:
    """What the system fails with when these steps are done to it, as far as they are possible; None for nothing."""
    session = Session(tested.system, tested.adapter, tested.waits)
    try:
        session.start()
        try:
            for one in steps:
                if one.move == SILENCE.name:
                    if session.unsure:
                        session.silence()
                elif (one.move, one.values) in session.options():
                    session.take(one.move, one.values, at_once=one.at_once)
        finally:
            session.stop()
    except NonConformance as error:
        return error
    return None
