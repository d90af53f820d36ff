"""How near a PROVED comes to being broken: by one variable, by what an observer has seen, its premise, or nothing."""

from __future__ import annotations

import pytest
from building import build

from mcfsm.model import CHECKS
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import PropertyMonitor
from mcfsm.verdicts.bite import with_bites
from mcfsm.verdicts.run import ENGINES, Effort, run
from mcfsm.verdicts.verdict import Bite, Verdict

# A door that opens only while nobody is at the window; a bell counts how often.
DOOR = """
messages: {knock: {}}
roles:
  door:
    variables: {open: bool, guest: 0..1?}
    states: [day, night]
    initial: day
    final: [day, night]
    transitions:
    - {id: open, trigger: wind, kind: environment, source: day, unless: open, set: {open: "true", guest: 1}}
    - {id: dusk, trigger: dusk, kind: protocol, source: day, dest: night, conditions: open, set: {open: "false"}}
observers:
  bell:
    variables: {rings: 0..4 = 0}
    transitions:
    - {on: {fired: open}, set: {rings: "min(rings + 1, 4)"}}
properties:
  rings: {text: The bell can ring., reachable: bell.rings > 0}
  P: {text: The door., SAYS}
scenarios:
  s: {instances: {d: door}, channels: {}}
"""


def bite(says: str, engine: str = ENGINES[0]) -> tuple[Verdict, Bite | None]:
    """The verdict on a property of the door, and its bite."""
    model = build(DOOR.replace("SAYS", says))
    effort = Effort(engine, workers=1)
    (verdict,) = with_bites(run(model, ["P"], effort), effort).verdicts
    if verdict.bite is not None and verdict.bite.trace is not None and verdict.id in model.property_of:
        last = verdict.bite.trace.states[-1]
        assert not PropertyMonitor(model, model.property_of["P"]).decides(last)  # near, and no violation
        assert verdict.bite.trace.states[0] == Product(model).initial()
    return verdict, verdict.bite


CERTAIN = "always: (0 if d.guest == none else d.guest) < 2"  # by the type of the guest
NEAR = [
    ("never: d.state == night and d.open", "variable", "after 1 step", "if d.state were night, not day"),
    ("when: d.state == night, always: not d.open", "variable", "after 2 steps", "if d.open were true, not false"),
    ("always: d.guest != 0", "variable", "at the start", "if d.guest were 0, not none"),
    ("when: d.guest != none, always: d.guest > 0", "variable", "after 1 step", "if d.guest were 0, not 1"),
    ("never: bell.rings > 1", "observed", "after 1 step", "if bell.rings (an observer's) were 2, not 1"),
    ("when: d.state == night, never: bell.rings > 1", "observed", "after 2 steps", "were 2, not 1"),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("says", "kind", "when", "what"), NEAR)
def test_one_variable_away(says: str, kind: str, when: str, what: str, engine: str) -> None:
    verdict, found = bite(says, engine)
    assert verdict.status == "PROVED"
    assert found is not None
    assert found.kind == kind
    assert found.text.startswith(f"{when} it would be broken ")
    assert found.text.endswith(what)


def test_the_premise_is_met_and_nothing_would_break_it_there() -> None:
    _, found = bite(f"when: d.open, {CERTAIN}")
    assert found is not None
    assert (found.kind, found.trace is not None and len(found.trace)) == ("premise", 1)
    assert found.text == "after 1 step its premise is met; no other value would break it in any such state"


@pytest.mark.parametrize("says", ["never: bell.rings > 2", CERTAIN])
def test_nothing_comes_near(says: str) -> None:
    """What a bell would have to count is never near: it rings once, and is not taken to have rung three times."""
    verdict, found = bite(says)
    assert verdict.status == "PROVED"
    assert found == Bite(
        "nothing",
        "nothing the roles can do comes near it: no other value of what it reads would ever break it",
    )


def test_a_goal_that_is_not_there_yet() -> None:
    verdict, found = bite("leads_to: [d.open, d.state == night]")
    assert verdict.status == "PROVED"
    assert found is not None
    assert (found.kind, found.trace is not None and len(found.trace)) == ("waiting", 1)


def test_a_goal_that_is_there_whenever_it_is_asked_for() -> None:
    verdict, found = bite("leads_to: [d.open, d.guest != none]")
    assert verdict.status == "PROVED"
    assert found is not None
    assert found.kind == "nothing"
    assert found.text.startswith("nothing has to happen for it")


CALLS = """
messages: {call: {number: 1..3, ring?: 1..2}}
roles:
  caller:
    states: [idle, calling]
    initial: idle
    final: [calling]
    transitions:
    - {id: call, trigger: dial, kind: user, source: idle, dest: calling, send: [{call: {to: b, number: 2}}]}
  called: {states: [there], initial: there, final: [there], transitions: [{trigger: call}]}
properties:
  P: {text: Nobody dials a wrong number., SAYS}
scenarios:
  s: {instances: {a: caller, b: called}, channels: {default: {kind: fifo, bound: 1}}}
"""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("says", "kind", "text"),
    [
        ("never: 'in_flight(call, number=3)'", "message", "were 3, not 2"),
        ("when: a.state == calling, never: 'in_flight(call, number=1, receiver=b)'", "message", "were 1, not 2"),
        (
            "never: 'in_flight(call, number=2, ring=1)'",
            "message",
            "ring of call, on its way a -> b, were 1, not absent",
        ),
        ("never: 'in_flight(call, number=3, ring=1)'", "nothing", "would ever break it"),  # for which it takes two
    ],
)
def test_one_element_of_a_message_away(says: str, kind: str, text: str, engine: str) -> None:
    effort = Effort(engine, workers=1)
    (verdict,) = with_bites(run(build(CALLS.replace("SAYS", says)), ["P"], effort), effort).verdicts
    assert verdict.bite is not None
    assert verdict.bite.kind == kind
    assert verdict.bite.text.endswith(text)
    assert (verdict.bite.text.split(" it would")[0] == "after 1 step") is (kind == "message")


def test_only_what_is_proved_has_one() -> None:
    assert bite("always: not d.open")[1] is None  # violated
    assert bite("reachable: d.open")[1] is None  # its flow is its witness
    model = build(DOOR.replace("SAYS", "always: d.guest != 0"))
    asked = with_bites(run(model, [*CHECKS, "P"]))
    assert [verdict.id for verdict in asked.verdicts if verdict.bite is not None] == ["P"]


def test_of_a_violation_that_an_assignment_keeps_away() -> None:
    """The bite of a property is a real one: without the assignment that keeps it, it is violated."""
    says = "never: d.state == night and d.open"
    assert bite(says)[0].status == "PROVED"
    text = DOOR.replace("SAYS", says).replace('conditions: open, set: {open: "false"}', "conditions: open")
    assert run(build(text), ["P"]).verdicts[0].status == "VIOLATED"
