"""Machines of `transitions` as models: five examples, random ones beside the library, and what is refused."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from transitions import Machine, MachineError
from transitions.extensions import HierarchicalMachine
from transitions.extensions.asyncio import AsyncMachine

import mcfsm
from mcfsm.questions.machines.running import LocalState, _frozen
from mcfsm.report.machine_code import machine_code
from mcfsm.semantics.product import Product

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "machines"))

from machines import ASKED

FOUND = {
    "matter": {"melts": None},
    "traffic_light": {"blinks": None},
    "caffeinated": {"drinks_up": 2},
    "queued": {"order_does_not_fail": 1},
    "cash": {"check.deadlock": 7, "check.reception": 3},
}
NOTES = {
    "matter": "lump: heat never leads from solid to liquid: an earlier transition, to solid, is always executed"
    " instead",
    "traffic_light": "light: next_state never leads from red to blinking: an earlier transition, to green, is always"
    " executed instead",
    "queued": 'order: payment in new ends in MachineError: "Can\'t trigger event settle from state new!"',
    "cash": "client does not leave served",
}


def imported(name: str, *, defect: bool) -> mcfsm.Imported:
    asked = ASKED[name]
    return mcfsm.from_transitions(asked.machines(defect=defect), **asked.options)


@pytest.mark.parametrize("name", ASKED)
def test_the_defect_is_found(name: str) -> None:
    found = imported(name, defect=True)
    verdicts = found.check(engine="reference").violated
    assert {one.id: None if one.trace is None else len(one.trace) for one in verdicts} == FOUND[name]
    assert NOTES.get(name, "") in ("", *found.notes)


@pytest.mark.parametrize("name", ASKED)
def test_without_the_defect_everything_holds(name: str) -> None:
    checked = imported(name, defect=False).check(engine="reference")
    assert {verdict.status for verdict in checked.verdicts} == {"PROVED"}


def test_a_machine_reads_like_a_model() -> None:
    assert (
        "conditions:\n      - warmth <= 1\n      set:\n        warmth: warmth + 1"
        in imported("matter", defect=False).text
    )


def test_a_machine_is_left_as_it_is() -> None:
    machines = ASKED["matter"].machines(defect=False)
    lump = machines["lump"].models[0]
    lump.heat()
    mcfsm.from_transitions(machines, **ASKED["matter"].options)
    assert (lump.state, lump.warmth, len(machines["lump"].get_transitions("heat")[0].before)) == ("solid", 1, 0)


def test_a_number_that_a_truth_gives_is_no_truth() -> None:
    """In Python True is 1; in the language a number is set to numbers."""

    class Thing:
        a, b = 0, True

        def count(self) -> None:
            self.a = 1 if self.b else 0

        def turn(self) -> None:
            self.b = not self.b

        def most(self) -> None:
            self.a = 2

    lines = [
        {"trigger": f"{name}_now", "source": "p", "dest": "p", "before": name} for name in ("count", "turn", "most")
    ]
    machine = Machine(Thing(), states=["p"], transitions=lines, initial="p", auto_transitions=False)
    found = mcfsm.from_transitions({"m": machine}, attributes={"m": {"a": range(3), "b": bool}})
    product = Product(found.model)
    state, reached = product.initial(), []
    for trigger in ("most", "count", "most", "turn", "count"):
        (state,) = [
            s.target for s in product.steps(state) if product.transition(0, s.outcome).trigger == f"{trigger}_now"
        ]
        reached.append(state.locals[0].values)
    assert reached == [(2, True), (1, True), (2, True), (2, False), (0, False)]


# Random machines beside the library

STATES = ("p", "q", "r")
NESTED = ("p", "q", "q_x", "q_y")
TRIGGERS = ("t", "u", "v")
EFFECTS: list[Callable[[Any], None]] = []


def conditions(number: int) -> Callable[[Any], bool]:
    def condition(self: Any) -> bool:
        return [self.a >= 1, self.b, self.a == 2, not self.b, self.a != 1 or self.b, True][number]

    return condition


def effects(number: int, trigger: str) -> Callable[[Any], None]:
    def effect(self: Any) -> None:
        if number == 0:
            self.a = (self.a + 1) % 3
        elif number == 1:
            self.b = not self.b
        elif number == 2:
            self.a = 0
        elif number == 3 and self.b:
            self.a = max(self.a - 1, 0)
        elif number == 4 and self.a < 2:
            self.a += 1
            self.trigger(trigger)

    return effect


@st.composite
def machines(draw: st.DrawFn) -> Machine:
    """A machine with conditions, callbacks everywhere, triggers in callbacks, queued or not, nested or not."""
    body: dict[str, Any] = {"a": draw(st.integers(0, 2)), "b": draw(st.booleans())}
    body |= {f"c{i}": conditions(i) for i in range(6)}
    for i in range(6):
        body[f"e{i}"] = effects(i, draw(st.sampled_from(TRIGGERS)))
    model = type("Thing", (), body)()
    some = st.lists(st.sampled_from([f"e{i}" for i in range(6)]), max_size=1)
    nested = draw(st.booleans())
    states: list[Any] = list(STATES)
    if nested:
        states = ["p", {"name": "q", "initial": draw(st.sampled_from(["x", None])) or "x", "children": ["x", "y"]}]
    else:
        states = [{"name": one, "on_enter": draw(some), "on_exit": draw(some)} for one in STATES]
    names = NESTED if nested else STATES
    lines = []
    for trigger in TRIGGERS:
        for _ in range(draw(st.integers(1, 3))):
            test = st.lists(st.sampled_from([f"c{i}" for i in range(6)]), max_size=2)
            lines.append({
                "trigger": trigger, "source": draw(st.sampled_from([*names, "*"])),
                "dest": draw(st.sampled_from([*names, "=", None])), "conditions": draw(test),
                "unless": draw(st.lists(st.sampled_from(["c1", "c2"]), max_size=1)), "before": draw(some),
                "after": draw(some), "prepare": draw(some),
            })  # fmt: skip
    options: dict[str, Any] = {
        "queued": draw(st.booleans()), "ignore_invalid_triggers": draw(st.booleans()), "auto_transitions": False,
        "before_state_change": draw(some), "after_state_change": draw(some), "send_event": False,
    }  # fmt: skip
    kind = HierarchicalMachine if nested else Machine
    return kind(model, states=states, transitions=lines, initial="p", **options)


@settings(max_examples=25, deadline=None, phases=[Phase.generate])
@given(machines(), st.randoms())
def test_a_random_machine_does_what_its_model_does(machine: Machine, chance: random.Random) -> None:
    found = mcfsm.from_transitions(
        {"m": machine},
        attributes={"m": {"a": range(3), "b": bool}},
        properties={"p": {"text": "x", "reachable": "m.b"}},
    )
    product = Product(found.model)
    thing, names = machine.models[0], found.names["m"]
    runs = {(ran.before, ran.trigger): ran for ran in found.runs["m"]}
    state, here = product.initial(), LocalState("p", (thing.a, thing.b))
    back: dict[str, Any] = {"__name__": "back"}
    exec(machine_code(found.model, "m_machine"), back)  # and a machine again
    again = back["make"]("m", lambda *_: None).model
    for _ in range(30):
        trigger = chance.choice(TRIGGERS)
        steps = [step for step in product.steps(state) if product.transition(0, step.outcome).trigger == trigger]
        assert len(steps) <= 1
        if "RecursionError" in (runs[here, trigger].error or ""):
            assert steps[0].target.locals[0].states == ("machine_failed",)
            return  # the machine itself would go on for ever
        failed = False
        try:
            thing.trigger(trigger)
        except MachineError:
            failed = bool(steps)
        before, here = here, LocalState(_frozen(thing.state), (thing.a, thing.b))
        assert again.do(trigger) is bool(steps)
        if not steps:
            assert here == before
            continue
        state = steps[0].target
        states, values = state.locals[0]
        assert values == here.values == tuple(again.values.values())
        assert states == (again.state,)
        if failed:
            assert states == ("machine_failed",)
            return
        assert states == (names[here.state],)


# Of other kinds


class Colour(Enum):
    RED = 1
    GREEN = 2


def test_states_of_an_enumeration() -> None:
    lines = [["go", Colour.RED, Colour.GREEN], ["go", Colour.GREEN, Colour.RED]]
    machine = Machine(type("Thing", (), {})(), states=Colour, initial=Colour.GREEN, transitions=lines)
    found = mcfsm.from_transitions({"m": machine})
    (role,) = found.model.roles
    assert (role.regions[0].states, role.regions[0].initial, found.notes) == (("GREEN", "RED"), "GREEN", ())


def test_parallel_states_are_states_of_the_model_together() -> None:
    halves = [
        {"name": "x", "children": ["1", "2"], "initial": "1", "transitions": [["t", "1", "2"]]},
        {"name": "y", "children": ["a", "b"], "initial": "a", "transitions": [["u", "a", "b"]]},
    ]
    lines = [["start", "off", "on"], ["stop", "on", "off"]]
    states = ["off", {"name": "on", "parallel": halves}]
    machine = HierarchicalMachine(type("Thing", (), {})(), states=states, transitions=lines, initial="off")
    found = mcfsm.from_transitions({"m": machine})
    (run,) = found.check(engine="reference", everything=True).runs
    assert found.notes == ()
    assert (run.findings.states, run.findings.transitions) == (5, 9)
    assert "on_x_2_and_on_y_b" in found.model.roles[0].regions[0].states


class Kettle(Machine):
    """A machine that is its own model object."""

    def __init__(self) -> None:
        self.hot = False
        super().__init__(states=["off", "on"], initial="off")
        self.add_transition("boil", "off", "on", conditions="is_hot")
        self.add_transition("heat", "*", None, after="warm")

    def is_hot(self) -> bool:
        return self.hot

    def warm(self) -> None:
        self.hot = True


def test_a_machine_that_is_its_own_model_object() -> None:
    found = mcfsm.from_transitions({"kettle": Kettle()}, attributes={"kettle": {"hot": bool}})
    product = Product(found.model)
    assert [product.transition(0, step.outcome).trigger for step in product.steps(product.initial())] == ["heat"]
    assert found.notes == ("kettle does not leave on",)


def test_a_machine_without_triggers_stays_where_it_is() -> None:
    machine = Machine(type("Thing", (), {})(), states=["a"], initial="a")
    assert mcfsm.from_transitions({"m": machine}).notes == ()


# What is refused


def test_an_asynchronous_machine_is_refused() -> None:
    machine = AsyncMachine(type("Thing", (), {})(), states=["a"], initial="a")
    with pytest.raises(mcfsm.ModelError, match="m is an asynchronous machine"):
        mcfsm.from_transitions({"m": machine})


LATER: list[int] = []


class Careless:
    a = 0

    def clock(self) -> bool:
        return time.time() > 0

    def chance(self) -> bool:
        return random.random() > 0.5

    def remember(self) -> None:
        self.secret = 1

    def talk(self) -> None:
        with open("x") as file:
            file.read()

    def grow(self) -> None:
        LATER.append(1)

    def deep(self) -> bool:
        return self.clock()

    def up(self) -> None:
        self.a += 1

    def importing(self) -> None:
        import os

        os.getcwd()

    async def later(self) -> None:
        pass


@pytest.mark.parametrize(
    ("callback", "said"),
    [
        ("clock", "the callback clock (before go in s of m) uses the module time"),
        ("chance", "the callback chance (before go in s of m) uses the module random"),
        ("remember", "the callback remember (before go in s of m) sets the attribute secret, which is not declared"),
        ("talk", "the callback talk (before go in s of m) calls open"),
        ("grow", "the callback grow (before go in s of m) reads LATER, a list that may change"),
        ("deep", "the callback deep (before go in s of m) calls clock, which uses the module time"),
        ("importing", "the callback importing (before go in s of m) imports os"),
        ("later", "the callback later (before go in s of m) is asynchronous"),
        ("nothing", "before go in s of m names nothing, which its model object does not have"),
        (print, "the callback print (before go in s of m) is no Python function but builtin_function_or_method"),
        (LATER.clear, "the callback clear (before go in s of m) is no Python function but builtin_function_or_method"),
    ],
)
def test_what_is_no_function_of_declared_attributes_is_refused_by_name(callback: Any, said: str) -> None:
    machine = Machine(Careless(), states=["s"], initial="s")
    machine.add_transition("go", "s", "s", before=callback)
    with pytest.raises(mcfsm.ModelError) as caught:
        mcfsm.from_transitions({"m": machine}, attributes={"m": {"a": range(2)}})
    assert caught.value.problems[0].message == said


def test_a_value_that_leaves_its_domain_is_refused_with_the_triggers_that_lead_there() -> None:
    machine = Machine(Careless(), states=["s"], initial="s")
    machine.add_transition("go", "s", "s", before="up")
    with pytest.raises(mcfsm.ModelError, match="m: a is 2 after go, go, which is not in its domain"):
        mcfsm.from_transitions({"m": machine}, attributes={"m": {"a": range(2)}})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"attributes": {"x": {}}}, "there is no machine x"),
        ({"attributes": {"m": {"z": bool}}}, "m has no attribute z"),
        ({"attributes": {"m": {"a": [1, 3]}}}, "the values of a of m are"),
        ({"sends": {"m": {"up": ("n", "go")}}}, "a message is sent to n, which is no machine"),
        ({"sends": {"m": {"up": ("m", "gone")}}}, "m has no trigger gone"),
    ],
)
def test_what_does_not_fit_is_said(options: dict[str, Any], said: str) -> None:
    machine = Machine(Careless(), states=["s"], initial="s")
    machine.add_transition("go", "s", "s", before="up")
    with pytest.raises(mcfsm.ModelError, match=said):
        mcfsm.from_transitions({"m": machine}, **options)


def test_triggers_without_end_are_an_exception() -> None:
    thing = type("Thing", (), {"again": lambda self: self.go()})()
    machine = Machine(thing, states=["s"], initial="s", queued=True)
    machine.add_transition("go", "s", "=", after="again")
    found = mcfsm.from_transitions({"m": machine})
    assert found.notes == ("m: go in s ends in RecursionError: there is no end to what its callbacks trigger",)
