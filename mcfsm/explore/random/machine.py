"""A model as a Hypothesis state machine: its steps are joint steps of the product, its invariants the properties.

A step is drawn by name and values (see `moves`) from lists that are the same in every state, never by a place among
the steps enabled, so that deleting a step while shrinking leaves the meaning of those after it alone. There are two
ways to draw one. To find something, a move is drawn among those enabled. To shrink it, any move is, and one that is not
enabled is no step: a flow stays a flow whatever is deleted from it. The second is the simpler choice and reads the same
numbers, so Hypothesis turns the first into it by itself.

What it prints in the end is a program of calls such as `state.server_A__register(sender='client')`, which runs.

Random walks prove nothing. `always` and `never` are invariants, asked of the initial state too; `reachable` is not one,
because no single walk decides it. A walk ends at its first violation, and of several in one state only the first in
declared order is reported: name properties to look behind it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import new_class
from typing import Any, ClassVar, NamedTuple, cast

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mcfsm.explore.random.calls import Call, Drawn, Move, identifier, key_of, moves_of, unique
from mcfsm.model import CHECKS, Model
from mcfsm.problems import ModelError, Problem, closest, counted
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import PropertyMonitor
from mcfsm.semantics.steps import State, Step
from mcfsm.semantics.trace import Trace, replay, with_flow

Render = Callable[[Trace, Model], str]
REST = Move("rest")
_DRAW_MODES = st.integers(0, 15)
_ANY_MOVE, _NEW_BIAS = 0, 1  # the draw modes in which any move is drawn, and in which a walk changes its bias
_FREEZE, _FAULTS = 0.2, 0.6  # how much less than an instance the environment is preferred
_MOST_REMEMBERED = 1 << 16  # joint states whose steps are remembered


class PropertyViolated(AssertionError):
    """A walk reached a state that violates a property or a built-in check; the message shows the flow to it."""

    def __init__(self, property_id: str, sentence: str, walk_model: WalkModel, steps: tuple[Step, ...]) -> None:
        super().__init__(property_id)
        self.property_id = property_id
        self.sentence = sentence
        self.steps = steps
        self._walk_model = walk_model

    @cached_property
    def trace(self) -> Trace:
        """The flow, replayed through the definition. Raises ReplayError where that does not allow it."""
        return replay(Product(self._walk_model.model), self.steps)

    @cached_property
    def _message(self) -> str:
        head = f"{self.property_id} is violated after {counted(len(self.steps), 'step')}: {self.sentence}"
        return f"{head}\n\n{self._walk_model.render(self.trace, self._walk_model.model)}" if self.steps else head

    def __str__(self) -> str:
        return self._message


class NotEnabled(Exception):
    """A call of a printed program is not enabled in the state it is made in."""


def build(
    model: Model, *, render: Render, properties: Iterable[str] | None = None, checks: bool = False
) -> type[RuleBasedStateMachine]:
    """The state machine of a model; its `.TestCase` is a test, with settings of Hypothesis that suit it.

    `properties` narrows the invariants to some, and may name built-in checks; `checks` adds all of these. `render`
    shows a trace in the message of a violation. Raises ModelError (M313) for a name that is no invariant.
    """
    return machine_of(WalkModel(model, invariants_of(model, properties, checks), render))


def invariants_of(model: Model, properties: Iterable[str] | None, checks: bool) -> tuple[str, ...]:
    """The properties and checks asked for that a walk can violate, in declared order. Raises ModelError (M313)."""
    safety = [property_.id for property_ in model.state_properties if property_.form != "reachable"]
    wanted = set(safety if properties is None else properties) | set(CHECKS if checks else ())
    for name in sorted(wanted.difference(safety, CHECKS)):
        if name in model.property_of or name in model.liveness_property_of:
            form = "reachable" if name in model.property_of else model.liveness_property_of[name].form
            message = f"{name} is a {form} property: no single walk decides it"
            raise ModelError([Problem("M313", None, message, "mcfsm check does")])
        hint = closest(name, [*safety, *CHECKS])
        raise ModelError([Problem("M313", None, f"unknown property {name} in scenario {model.scenario}", hint)])
    return tuple(name for name in [*safety, *CHECKS] if name in wanted)


class EnabledSteps(NamedTuple):
    """A state as a walk sees it: its steps by move and values, and the first asked that it violates."""

    options: dict[str, dict[tuple[Drawn, ...], Step]]
    violated: str | None
    subject: str  # what exactly a built-in check found


@dataclass
class WalkStats:
    """How far walks have come, up to the end of the first that violates something."""

    examples: int = 0
    steps: int = 0
    states: set[State] = field(default_factory=set)
    fired: set[str] = field(default_factory=set)
    ended: bool = False


class WalkModel:
    """A model prepared for walks: its moves, and what each joint state offers, remembered from walk to walk."""

    def __init__(self, model: Model, invariants: tuple[str, ...], render: Render) -> None:
        self.model, self.invariants, self.render = model, invariants, render
        self.product = Product(model)
        self.monitors = [
            PropertyMonitor(model, model.property_of[name]) for name in invariants if name in model.property_of
        ]
        self.moves = moves_of(model, set(dir(ModelMachine)))
        self.move_of = {move.name: move for move in (REST, *self.moves.values())}
        self.names = tuple(self.move_of)
        self.enabled = lru_cache(maxsize=_MOST_REMEMBERED)(self._enabled)
        self.preferred = lru_cache(maxsize=1 << 12)(self._preferred)
        self.initial = self.product.initial()
        self.stats = WalkStats()

    def count(self, state: State, step: Step | None) -> None:
        """Note that a walk has come to a state: by a step, or as it began."""
        if self.stats.ended:
            return
        if state.begun:
            self.stats.states.add(state)
        if step is None:
            self.stats.examples += 1
            return
        self.stats.steps += 1
        transition = None if step.outcome is None else self.product.transition(step.instance, step.outcome)
        if transition is not None:
            self.stats.fired.add(transition.id)

    def sentence(self, name: str, subject: str) -> str:
        """What a violated property says, with its clause; of a check, what it found."""
        property_ = self.model.property_of.get(name)
        if property_ is None:
            return subject
        return f"{property_.text}  [{property_.clause}]" if property_.clause else property_.text

    def _preferred(self, bias: int) -> frozenset[str]:
        """The moves that a walk of some bias prefers where it can: those of some instances, so that others are late.

        The freeze is seldom among them: a walk that begins with it has seen nothing of what users do.
        """
        chance = random.Random(bias)
        least, zeal = chance.random(), [chance.random() for _ in self.model.instances]
        zeal.append(chance.random() * _FREEZE)
        faults = chance.random() * _FAULTS
        return frozenset(
            move.name
            for (instance, what), move in self.moves.items()
            if (faults if isinstance(what, tuple) and what[0] != "restart" else zeal[instance]) >= least
        )

    def _enabled(self, state: State) -> EnabledSteps:
        expansion = self.product.expand(state)
        options: dict[str, dict[tuple[Drawn, ...], Step]] = {}
        for step in expansion.steps:
            move = self.moves[key_of(step)]
            options.setdefault(move.name, {})[move.values(step)] = step
        for monitor in self.monitors:
            if monitor.decides(state):
                return EnabledSteps(options, monitor.property.id, "")
        for check, subject in self.product.faults(state, expansion):
            if check in self.invariants:
                return EnabledSteps(options, check, subject)
        return EnabledSteps(options, None, "")


@lru_cache(maxsize=1 << 14)
def _among(values: tuple[Drawn, ...], enabled: tuple[Drawn, ...] | None) -> st.SearchStrategy[Drawn]:
    """Some of the values, found by their places among all of them."""
    strategy = st.sampled_from(values)
    return strategy if enabled is None else strategy.filter(enabled.__contains__)


@st.composite
def _calls(draw: st.DrawFn) -> Call:
    """A step for the state the machine is in, in one of the two ways that the module's docstring tells."""
    machine: ModelMachine = draw(st.runner())
    walk_model, options = machine.walk_model, machine.enabled.options
    if not options:
        return Call(REST, ())
    draw_mode = draw(_DRAW_MODES)
    names: tuple[str, ...] | None = None
    if draw_mode != _ANY_MOVE:
        if machine.bias is None or draw_mode == _NEW_BIAS:
            machine.bias = (31 * (machine.bias or 0) + 17 * len(machine.path) + draw_mode) % (1 << 32)
        preferred = walk_model.preferred(machine.bias)
        names = tuple(name for name in options if name in preferred) or tuple(options)
    move = walk_model.move_of[str(draw(_among(walk_model.names, names)))]
    values: tuple[Drawn, ...] = ()
    for position, part in enumerate(move.parts):
        fitting = (known for known in options.get(move.name, ()) if known[:position] == values)
        enabled = tuple(dict.fromkeys(known[position] for known in fitting))
        if part.values is not None:
            values += (draw(_among(part.values, None if draw_mode == _ANY_MOVE else enabled)),)
        else:  # too many to list: there is nothing but the enabled ones to draw from
            values += (draw(st.sampled_from(enabled)) if enabled else None,)
    return Call(move, values)


class ModelMachine(RuleBasedStateMachine):
    """What the state machines of all models share: where a walk stands, and how it takes a step."""

    walk_model: ClassVar[WalkModel]
    errors: ClassVar[dict[str, type[PropertyViolated]]]

    def __init__(self) -> None:
        super().__init__()
        self.state: State = self.walk_model.initial
        self.path: list[Step] = []
        self.bias: int | None = None  # which instances this walk prefers, for a while
        self.taken = True  # whether the last call drawn was a step
        self.walk_model.count(self.state, None)
        self.enabled = self._look()

    @rule(call=_calls())
    def step(self, call: Call) -> None:
        """The one rule: the step that a call means, or none where it is not enabled."""
        self.taken = True
        self.taken = self.take(call)

    def rest(self) -> None:
        """No step: Hypothesis wants a rule that applies, also where nothing is enabled."""

    def take(self, call: Call) -> bool:
        """Take the step that a call means; False where it is not enabled."""
        step = self.enabled.options.get(call.move.name, {}).get(call.values)
        if step is None:
            return False
        self.path.append(step)
        self.state = step.target
        self.walk_model.count(self.state, step)
        self.enabled = self._look()
        return True

    def perform(self, move: Move, arguments: dict[str, Drawn]) -> None:
        """Take the step of a printed program. Raises NotEnabled, and TypeError for arguments not the move's."""
        names = [part.name for part in move.parts]
        if set(arguments) != set(names):
            raise TypeError(f"{move.name} takes {', '.join(names) or 'no arguments'}, not {', '.join(arguments)}")
        call = Call(move, tuple(arguments[name] for name in names))
        if not self.take(call):
            lines = [
                f"{call} is not enabled after {counted(len(self.path), 'step')}; enabled:",
                *map(repr, self.calls()),
            ]
            raise NotEnabled("\n  ".join(lines))

    def calls(self) -> list[Call]:
        """The steps enabled, in declared order."""
        options = self.enabled.options
        return [Call(move, v) for move in self.walk_model.moves.values() for v in options.get(move.name, ())]

    def ask(self, name: str) -> None:
        """Raise PropertyViolated where a property or check is the first that the state violates."""
        if self.enabled.violated == name:
            self.walk_model.stats.ended = True
            sentence = self.walk_model.sentence(name, self.enabled.subject)
            raise self.errors[name](name, sentence, self.walk_model, tuple(self.path))

    def _look(self) -> EnabledSteps:
        try:
            return self.walk_model.enabled(self.state)
        except ModelError as error:
            raise with_flow(error, self.walk_model.product, self.path) from None

    def _repr_step(self, rule: Any, data: Any, result: Any) -> str:
        """`state.move(...)` for `state.step(call=move(...))`, which Hypothesis would print without this override."""
        if set(data) != {"call"}:
            return str(super()._repr_step(rule, data, result))
        return f"state.{data['call']}" if self.taken else f"# not enabled, so no step: state.{data['call']}"


def machine_of(walk_model: WalkModel, base: type[ModelMachine] | None = None) -> type[ModelMachine]:
    """The state machine that walks a model: the moves are its methods, the properties its invariants."""
    model, base = walk_model.model, base or ModelMachine
    members: dict[str, Any] = {
        "__module__": __name__,
        "__doc__": f"Random walks of {model.name}, scenario {model.scenario}.",
        "walk_model": walk_model,
        "errors": {},
    }
    for move in walk_model.moves.values():
        members[move.name] = _method(move)
    taken = {*members, *dir(base)}
    for name in walk_model.invariants:
        title = f"PropertyViolated[{name}]"  # a type for each: by it Hypothesis tells violations apart
        members["errors"][name] = type(title, (PropertyViolated,), {"__module__": __name__})
        method = unique(name if name in CHECKS else f"property_{name}", taken)
        members[method] = _invariant(method, name)
    words = re.findall(r"[^\W_]+", f"{model.name} {model.scenario}")
    title = identifier("".join(word[0].upper() + word[1:] for word in words))
    made = cast(type[ModelMachine], new_class(title, (base,), exec_body=lambda space: space.update(members)))
    made.TestCase.settings = settings(
        deadline=None,
        phases=[phase for phase in settings().phases if phase != Phase.explain],  # explains lines of mcfsm, slowly
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    return made


def _method(move: Move) -> Any:
    def step(self: ModelMachine, **arguments: Drawn) -> None:
        self.perform(move, arguments)

    step.__name__ = step.__qualname__ = move.name
    return step


def _invariant(method: str, name: str) -> Any:
    """An invariant that is asked only where it fails, so that Hypothesis prints it there and nowhere else."""

    def violated(machine: ModelMachine) -> bool:
        return machine.enabled.violated == name

    def holds(self: ModelMachine) -> None:
        self.ask(name)

    holds.__name__ = holds.__qualname__ = method
    return precondition(violated)(invariant(check_during_init=True)(holds))
