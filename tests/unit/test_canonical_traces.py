"""The one trace that is shown: shortest, then fewest switches, then declared order; and nobody is shown a false one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from building import build, explore, run, words
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mcfsm.model import Model
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import PropertyMonitor
from mcfsm.semantics.steps import State, Step
from mcfsm.semantics.trace import ReplayError, replay
from mcfsm.verdicts.verdict import judge


def lines(model: Model, path: tuple[Step, ...]) -> list[str]:
    """The steps of a path in words."""
    product = Product(model)
    state, found = product.initial(), []
    for step in path:
        found.append(words(product, state, step))
        state = step.target
    return found


# ---- by hand

TWO = """
roles:
  r:
    states: [x, y, z]
    initial: x
    final: [z]
    transitions:
    - {id: xy, trigger: go, kind: user, source: x, dest: y}
    - {id: yz, trigger: go, kind: user, source: y, dest: z}
    - {id: xz, trigger: go, kind: user, source: x, dest: z, conditions: SHORT}
properties:
  both: {text: Both can be there., reachable: a.state == z and b.state == z}
scenarios: {s: {instances: {a: r, b: r}}}
"""


def test_one_instance_after_the_other_and_the_first_declared_first() -> None:
    model = build(TWO.replace("SHORT", "false"))
    assert lines(model, explore(model).paths["both"]) == ["a xy", "a yz", "b xy", "b yz"]


def test_instances_in_declared_order_not_in_that_of_their_names() -> None:
    model = build(TWO.replace("SHORT", "false").replace("{a: r, b: r}", "{b: r, a: r}"))
    assert lines(model, explore(model).paths["both"]) == ["b xy", "b yz", "a xy", "a yz"]


DETOUR = """
messages: {m: {}}
roles:
  left:
    states: [x, y, z, v, w]
    initial: x
    transitions:
    - {id: ask, trigger: ask, kind: user, source: x, send: [{m: {to: b}}]}
    - {id: slow1, trigger: go, kind: user, source: x, dest: y}
    - {id: slow2, trigger: go, kind: user, source: y, dest: z}
    - {id: slow3, trigger: go, kind: user, source: z, dest: SLOW}
    - {id: slow4, trigger: go, kind: user, source: v, dest: w}
    - {id: done, trigger: m, dest: w}
  right: {states: [u], initial: u, transitions: [{id: answer, trigger: m, send: [{m: {to: a}}]}]}
properties: {far: {text: Far., reachable: a.state == w}}
scenarios: {s: {instances: {a: left, b: right}, channels: {default: {bound: 1, when_full: block}}}}
"""


def test_of_two_that_are_shortest_the_one_with_fewer_switches() -> None:
    model = build(DETOUR.replace("SLOW", "w"))
    assert lines(model, explore(model).paths["far"]) == ["a slow1", "a slow2", "a slow3"]


def test_shorter_beats_fewer_switches() -> None:
    model = build(DETOUR.replace("SLOW", "v"))
    assert lines(model, explore(model).paths["far"]) == [
        "a ask -> m() b",
        "b answer <- m() a -> m() a",
        "a done <- m() b",
    ]


def test_switches_are_counted_to_the_end_and_not_step_by_step() -> None:
    """Beginning with a, which comes first, would cost a switch more."""
    model = build("""
        messages: {m: {}}
        roles:
          left:
            states: [x, y, z]
            initial: x
            transitions:
            - {id: ready, trigger: ready, kind: user, source: x, dest: y}
            - {id: go, trigger: m, source: y, dest: z}
          right: {states: [u], initial: u, transitions: [{id: call, trigger: call, kind: user, send: [{m: {to: a}}]}]}
        properties: {far: {text: Far., reachable: a.state == z}}
        scenarios: {s: {instances: {a: left, b: right}, channels: {default: {bound: 1, when_full: block}}}}
    """)
    assert lines(model, explore(model).paths["far"]) == ["b call -> m() a", "a ready", "a go <- m() b"]


@pytest.mark.parametrize(
    ("pick", "first"),
    [
        ("- {id: late, trigger: go, kind: user, choose: {p: N}, dest: y}", "a late p=3"),
        ("- {id: late, trigger: go, kind: user, choose: {p: '{2, 1}'}, dest: y}", "a late p=1"),
        (
            "- {id: first, trigger: go, kind: user, dest: y}\n    - {id: another, trigger: go, kind: user, dest: y}",
            "a first",
        ),
        (
            "- {id: another, trigger: go, kind: user, dest: y}\n    - {id: first, trigger: go, kind: user, dest: y}",
            "a another",
        ),
    ],
)
def test_ties_are_broken_by_transition_and_value_in_declared_order(pick: str, first: str) -> None:
    model = build(f"""
        domains: {{N: 3..5}}
        roles:
          r:
            states: [x, y]
            initial: x
            transitions:
            {pick.replace(chr(10) + "    ", chr(10) + " " * 12)}
        properties: {{there: {{text: There., reachable: a.state == y}}}}
        scenarios: {{s: {{instances: {{a: r}}}}}}
    """)
    assert lines(model, explore(model).paths["there"]) == [first]


# ---- against all shortest paths


def all_shortest(product: Product, monitor: PropertyMonitor) -> list[tuple[Step, ...]]:
    """Every shortest path to a state that decides, one by one."""
    paths: list[tuple[tuple[Step, ...], State]] = [((), product.initial())]
    seen = {product.initial()}
    while paths:
        found = [path for path, state in paths if monitor.decides(state)]
        if found:
            return found
        longer = [((*path, step), step.target) for path, state in paths for step in product.steps(state)]
        paths = [(path, state) for path, state in longer if state not in seen]
        seen |= {state for _, state in paths}
        if len(paths) > 1_500:
            return []
    return []


def rank(path: tuple[Step, ...]) -> tuple[int, tuple[Any, ...]]:
    """Switches between instances, then the order of the steps."""
    switches = sum(one.instance != other.instance for one, other in pairwise(path))
    return switches, tuple(step.order for step in path)


@st.composite
def small_models(draw: st.DrawFn) -> str:
    """Two or three machines of three states that move by themselves, send to each other and receive."""
    count = draw(st.integers(2, 3))
    roles, names = [], [f"i{i}" for i in range(count)]
    for i in range(count):
        states = [f"s{i}{j}" for j in range(3)]
        rows = []
        for line in range(draw(st.integers(2, 6))):
            source, dest = draw(st.sampled_from(states)), draw(st.sampled_from(states))
            trigger = draw(st.sampled_from(["go, kind: user", "go, kind: user", "go, kind: user", "m", "k"]))
            send = ""
            if draw(st.booleans()):
                message, to = draw(st.sampled_from("mk")), draw(st.sampled_from(names))
                send = f", send: [{{{message}: {{to: {to}, n: {draw(st.integers(1, 2))}}}}}]"
            choose = ", choose: {c: '1..2'}" if draw(st.integers(0, 3)) == 0 else ""
            rows.append(f"    - {{id: t{i}{line}, trigger: {trigger}, source: {source}, dest: {dest}{choose}{send}}}")
        roles.append(
            f"  r{i}:\n    states: [{', '.join(states)}]\n    initial: s{i}0\n    transitions:\n" + "\n".join(rows)
        )
    kind = draw(st.sampled_from(["fifo, bound: 2", "bag, bound: 2", "set"]))
    when = "" if kind == "set" else ", when_full: block"
    order = draw(st.permutations(range(count)))
    instances = ", ".join(f"i{i}: r{i}" for i in order)
    return "\n".join(
        [
            "messages: {m: {n: 1..2}, k: {n: 1..2}}",
            "roles:",
            *roles,
            "properties: {there: {text: There., reachable: WANTED}}",
            f"scenarios: {{s: {{instances: {{{instances}}}, channels: {{default: {{kind: {kind}{when}}}}}}}}}",
        ]
    )


@pytest.mark.long
@settings(max_examples=60)
@given(text=small_models(), walk=st.lists(st.integers(0, 99), min_size=3, max_size=6))
def test_the_canonical_trace_is_the_least_of_all_shortest_ones(text: str, walk: list[int]) -> None:
    """Asked for the local states that some walk leads to, so that there is a flow, and often many of one length."""
    product = Product(build(text.replace("WANTED", "i0.state == s00")))
    state = product.initial()
    for number in walk:
        steps = product.steps(state)
        state = steps[number % len(steps)].target if steps else state
    names = [instance.name for instance in product.model.instances]
    wanted = " and ".join(f"{i}.state == {local.states[0]}" for i, local in zip(names, state.locals, strict=True))
    model = build(text.replace("WANTED", wanted))
    paths = all_shortest(Product(model), PropertyMonitor(model, model.state_properties[0]))
    assume(paths)
    found = explore(model, property_ids=["there"]).paths["there"]
    assert rank(found) == min(map(rank, paths))
    assert found == min(paths, key=rank)


# ---- replay


def flow() -> tuple[Product, list[Step]]:
    product = Product(build(TWO.replace("SHORT", "false")))
    return product, run(product, "a xy", "b xy", "a yz", "b yz")[0]


def test_replay_says_the_steps_in_words_and_the_states_they_pass() -> None:
    product, steps = flow()
    trace = replay(product, steps)
    assert [(step.instance, step.transition) for step in trace.steps] == [
        ("a", "xy"),
        ("b", "xy"),
        ("a", "yz"),
        ("b", "yz"),
    ]
    assert [(change.instance, change.name, change.before, change.after) for change in trace.steps[2].changes] == [
        ("a", "state", "y", "z")
    ]
    assert trace.states == (product.initial(), *(step.target for step in steps))


def dropped(steps: list[Step]) -> Iterator[Step]:
    yield from steps[1:]


def swapped(steps: list[Step]) -> Iterator[Step]:
    yield from (steps[0], steps[2], steps[1], steps[3])


def elsewhere(steps: list[Step]) -> Iterator[Step]:
    yield from (steps[0], steps[1]._replace(target=steps[2].target))


def relabelled(steps: list[Step]) -> Iterator[Step]:
    outcome = steps[0].outcome
    assert outcome is not None
    yield steps[0]._replace(outcome=outcome._replace(transition=2))


def repeated(steps: list[Step]) -> Iterator[Step]:
    yield from (steps[0], steps[0])


@pytest.mark.parametrize(
    ("tamper", "number"), [(dropped, 1), (swapped, 2), (elsewhere, 2), (relabelled, 1), (repeated, 2)]
)
def test_replay_refuses_a_trace_that_was_tampered_with(tamper: Any, number: int) -> None:
    product, steps = flow()
    with pytest.raises(ReplayError, match=f"^step {number} of a trace is not enabled when it is replayed$"):
        replay(product, tamper(steps))


def test_replay_refuses_a_step_that_is_left_out() -> None:
    product, steps = flow()
    avoiding = Product(product.model, avoid=frozenset({"yz"}))
    with pytest.raises(ReplayError, match=r"^step 3 of"):
        replay(avoiding, steps)


FAULTY = """
messages: {m: {}}
roles:
  talker:
    states: [x, y]
    initial: x
    final: [y]
    transitions: [{id: go, trigger: go, kind: user, source: x, dest: y, send: [{m: {to: l}}]}]
  listener: {states: [z], initial: z, final: [z]}
properties:
  never: {text: Never., never: t.state == y}
  sure: {text: Sure., reachable: t.state == y}
scenarios: {s: {instances: {t: talker, l: listener}, channels: {default: {bound: 1}}}}
"""


def unused(*_: object) -> Any:
    raise AssertionError("nothing leans on an assumption here")


@pytest.mark.parametrize("name", ["never", "sure"])
def test_a_path_that_does_not_end_in_a_deciding_state_is_refused(name: str) -> None:
    model = build(FAULTY)
    findings = explore(model)
    assert [v.status for v in judge(model, findings, ["never", "sure"], unused).verdicts] == ["VIOLATED", "PROVED"]
    short = replace(findings, paths={**findings.paths, name: findings.paths[name][:-1]})
    with pytest.raises(ReplayError, match=f"^the trace of {name} does not end in a state that decides it$"):
        judge(model, short, ["never", "sure"], unused)


@pytest.mark.parametrize("check", ["check.deadlock", "check.reception"])
def test_a_finding_whose_flow_does_not_end_in_it_is_refused(check: str) -> None:
    model = build(FAULTY)
    findings = explore(model)
    assert {fault.check for fault in findings.faults} == {"check.deadlock", "check.reception"}
    faults = tuple(replace(f, path=()) if f.check == check else f for f in findings.faults)
    with pytest.raises(ReplayError, match=f"^the trace of {check} does not end in a state where "):
        judge(model, replace(findings, faults=faults), [], unused)
