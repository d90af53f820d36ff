"""A model as a Hypothesis state machine: how steps are named, what is asked of a state, what a failure shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from building import build, write
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from mcfsm.explore.random.calls import Call, key_of, moves_of
from mcfsm.explore.random.machine import REST, ModelMachine
from mcfsm.model import Model
from mcfsm.problems import ModelError
from mcfsm.questions.walk import NotEnabled, PropertyViolated, stateful
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import State, Step

PLAIN = """
model: numbered letters
messages: {letter: {item: 1..3}}
roles:
  writer:
    variables: {next: 1..4 = 1}
    states: [writing]
    initial: writing
    final: [writing]
    transitions:
    - {trigger: post, kind: user, conditions: next < 4, set: {next: next + 1}, send: [{letter: {to: rx, item: next}}]}
  reader:
    variables: {last: 0..3 = 0, disordered: bool}
    states: [reading]
    initial: reading
    final: [reading]
    transitions:
    - {trigger: letter, conditions: msg.item > last, set: {last: msg.item}}
    - {id: late, trigger: letter, conditions: msg.item < last, set: {disordered: true}}
properties:
  in_order: {text: Letters arrive in the order in which they were sent., never: rx.disordered}
scenarios:
  post: {instances: {tx: writer, rx: reader}, channels: {default: {kind: bag, bound: 3}}}
  ordered: {like: post, channels: {default: {kind: fifo, bound: 3}}}
"""

# the same with a colour that may be left out
BAG = (
    PLAIN.replace(
        "messages: {letter: {item: 1..3}}",
        "domains: {Item: 1..3, Colour: [red, blue]}\nmessages: {letter: {item: Item, colour?: Colour}}",
    )
    .replace("set: {next: next + 1}", "choose: {paint: Colour}, set: {next: next + 1}")
    .replace("item: next}", "item: next, colour?: paint}")
    .replace("scenarios:", "  all_arrive: {text: The last letter can arrive., reachable: rx.last == 3}\nscenarios:")
)

STUCK = """
messages: {go: {}}
roles:
  driver:
    states: [here, there]
    initial: here
    final: [here]
    transitions:
    - {trigger: leave, kind: user, source: here, dest: there, send: [{go: {to: gate}}]}
  barrier:
    states: [shut, open]
    initial: shut
    final: [open]
    transitions:
    - {trigger: go, dest: open}
    ignore: {}
properties:
  shut_or_open: {text: The gate is one or the other., always: gate.state == shut or gate.state == open}
scenarios:
  s: {instances: {d: driver, gate: barrier}, channels: {default: {kind: fifo, bound: 1}}}
"""


def machine(text: str, scenario: str = "s", **options: Any) -> type[RuleBasedStateMachine]:
    return stateful(build(text, scenario, whole=False), **options)


def failure(made: type[RuleBasedStateMachine], **options: Any) -> Any:
    """What a run of some walks fails with."""
    chosen = settings(made.TestCase.settings, database=None, **options)
    with pytest.raises((PropertyViolated, ModelError)) as caught:
        run_state_machine_as_test(made, settings=chosen)
    return caught.value


def program(error: BaseException) -> list[str]:
    """The calls that Hypothesis prints for a failure."""
    printed = "\n".join(error.__notes__).splitlines()
    return [line for line in printed if line.startswith("state.") and line != "state.teardown()"]


def every_state(model: Model) -> list[tuple[State, tuple[Step, ...]]]:
    """All reachable states with their steps."""
    product = Product(model)
    seen = {product.initial(): product.steps(product.initial())}
    ahead = list(seen)
    while ahead:
        for step in seen[ahead.pop()]:
            if step.target not in seen:
                seen[step.target] = product.steps(step.target)
                ahead.append(step.target)
    return list(seen.items())


# Names


def test_moves_are_named_by_instance_and_transition() -> None:
    moves = moves_of(build(BAG, "post", whole=False), set())
    assert [move.name for move in moves.values()] == ["tx__post", "rx__letter_1", "rx__late"]
    assert [[part.name for part in move.parts] for move in moves.values()] == [
        ["paint", "send_colour"],
        ["item", "colour"],
        ["item", "colour"],
    ]
    assert [part.values for part in moves[0, 0].parts] == [("red", "blue"), (True, False)]
    assert [part.values for part in moves[1, 0].parts] == [("1", "2", "3"), ("red", "blue", None)]


def test_a_fifo_leaves_no_element_open() -> None:
    moves = moves_of(build(BAG, "ordered", whole=False), set())
    assert [part.name for part in moves[1, 1].parts] == []


def test_the_sender_is_open_where_several_may_send() -> None:
    moves = moves_of(two_writers(), set())
    assert moves[2, 0].name == "board_x__note"
    assert [(part.name, part.values) for part in moves[2, 0].parts] == [("sender", ("w(1)", "w(2)"))]
    assert [move.name for move in moves.values()] == [
        "w_1__put",
        "w_2__put",
        "board_x__note",
        "board_x__ignore_note",
        "environment__freeze",
    ]


def two_writers() -> Model:
    return build(
        """
        domains: {Place: [x]}
        messages: {note: {}}
        roles:
          writer:
            peers: {board: Place}
            states: [on]
            initial: on
            final: [on]
            transitions:
            - {trigger: put, kind: user, send: [{note: {to: board(x)}}], budget: notes}
          wall:
            peers: {w: 1..2}
            states: [bare, full]
            initial: bare
            final: [full]
            transitions:
            - {trigger: note, source: bare, dest: full}
            ignore: {note: [full]}
        properties:
          bare: {text: Nothing is ever noted., always: board(x).state == bare}
        scenarios:
          s:
            instances: {w: {role: writer, count: 2}, board: {x: wall}}
            channels: {default: {kind: fifo, bound: 2}}
            budgets: {notes: 3}
            freeze: true
        """,
        whole=False,
    )


@pytest.mark.parametrize("model", [build(BAG, "post", whole=False), build(BAG, "ordered", whole=False), two_writers()])
def test_a_step_is_the_only_one_of_its_name_and_values_and_they_can_be_drawn_in_any_state(model: Model) -> None:
    moves = moves_of(model, set())
    for _, steps in every_state(model):
        calls = [Call(moves[key_of(step)], moves[key_of(step)].values(step)) for step in steps]
        assert len(set(calls)) == len(steps)
        for call in calls:
            assert all(value in part.values for part, value in zip(call.move.parts, call.values, strict=True))


def test_a_value_of_a_domain_too_large_to_list_is_drawn_among_those_enabled() -> None:
    model = build(
        """
        domains: {Number: 1..13}
        roles:
          keeper:
            variables: {table: "set[Number] = {2, 3}", kept: bool}
            states: [on]
            initial: on
            final: [on]
            transitions:
            - {trigger: keep, kind: user, choose: {copy: "{table}"}, set: {kept: true}}
        properties:
          never_kept: {text: Nothing is kept., never: k.kept}
        scenarios: {s: {instances: {k: keeper}}}
        """,
        whole=False,
    )
    assert [part.values for part in moves_of(model, set())[0, 0].parts] == [None]
    error = failure(stateful(model))
    assert program(error) == ["state.k__keep(copy='{2, 3}')", "state.property_never_kept()"]


# Deleting a step


def test_deleting_a_step_leaves_the_meaning_of_those_after_it() -> None:
    made = machine(BAG, "post")
    walk = made()
    assert isinstance(walk, ModelMachine)
    taken = []
    for wanted in ("tx__post(paint='red', send_colour=True)", "tx__post(paint='blue', send_colour=False)",
                   "rx__letter_1(item='2', colour=None)", "rx__late(item='1', colour='red')"):  # fmt: skip
        call = next(call for call in walk.calls() if repr(call) == wanted)
        assert walk.take(call)
        taken.append(call)
    assert walk.enabled.violated == "in_order"
    outcomes = []
    for left_out in range(4):
        shorter = made()
        outcomes.append([shorter.take(call) for i, call in enumerate(taken) if i != left_out])
    assert outcomes == [
        [True, False, False],  # without the first letter, the next one posted has number 1: no letter 2, none late
        [True, False, False],
        [True, True, False],  # nothing is late
        [True, True, True],
    ]


def test_a_call_that_is_not_enabled_is_no_step() -> None:
    walk: Any = machine(BAG, "post")()
    before = walk.state
    late = next(move for move in walk.walk_model.moves.values() if move.name == "rx__late")
    assert walk.take(Call(late, ("1", None))) is False
    assert walk.take(Call(REST, ())) is False
    assert (walk.state, walk.path) == (before, [])


# What is asked


def test_the_initial_state_is_asked_too() -> None:
    text = STUCK.replace("gate.state == shut or gate.state == open", "gate.state == open")
    error = failure(machine(text))
    assert (error.property_id, len(error.trace)) == ("shut_or_open", 0)
    assert str(error) == "shut_or_open is violated after 0 steps: The gate is one or the other."
    assert program(error) == ["state.property_shut_or_open()"]


@pytest.mark.long
def test_a_model_that_keeps_its_promises_passes_also_where_it_deadlocks() -> None:
    made: Any = machine(STUCK)
    made.TestCase("runTest").debug()
    assert len(made.walk_model.stats.states) == 3
    assert made.walk_model.stats.fired == {"driver.leave.1", "barrier.go.1"}
    assert made.walk_model.stats.steps >= 100


@pytest.mark.long
def test_the_built_in_checks_are_asked_when_wanted() -> None:
    error = failure(machine(STUCK, checks=True))
    assert str(error).splitlines()[0] == (
        "check.deadlock is violated after 2 steps: no step is possible, and not everybody is at rest"
    )
    assert program(error) == ["state.d__leave()", "state.gate__go()", "state.check_deadlock()"]
    assert failure(machine(STUCK, properties=["check.deadlock"])).property_id == "check.deadlock"
    text = STUCK.replace("{trigger: go, dest: open}", "{trigger: go, source: open}")
    error = failure(machine(text, properties=["check.reception"]))
    assert error.sentence == "gate in shut has no answer to go from d"
    text = STUCK.replace("source: here, dest: there,", "")
    error = failure(machine(text, properties=["check.overflow"]))
    assert error.sentence == "d -> gate holds 1 when driver.leave.1 sends one more"


def test_a_reachable_property_is_no_invariant() -> None:
    made: Any = machine(BAG, "post")
    assert made.walk_model.invariants == ("in_order",)
    with pytest.raises(ModelError) as caught:
        machine(BAG, "post", properties=["all_arrive"])
    assert str(caught.value) == "M313 all_arrive is a reachable property: no single walk decides it (mcfsm check does)"


def test_each_violated_property_is_a_failure_of_its_own() -> None:
    text = STUCK.replace(
        "scenarios:",
        "  never_there: {text: Nobody leaves., never: d.state == there}\n"
        "  never_open: {text: Nobody opens., when: d.state == there, never: gate.state == open}\nscenarios:",
    )
    assert failure(machine(text)).property_id == "never_there"  # hides never_open, of which it is on the way
    assert failure(machine(text, properties=["never_open"])).property_id == "never_open"
    text = text.replace(
        "when: d.state == there, never: gate.state == open", "never: d.state == there and gate.state == shut"
    )
    assert failure(machine(text, properties=["never_open", "never_there"])).property_id == "never_there"


def test_a_value_outside_its_domain_is_told_with_the_flow_that_leads_there() -> None:
    text = (
        BAG.replace("conditions: next < 4, ", "")
        .replace("next: 1..4", "next: 1..3")
        .replace("item: Item", "item: 1..4")
    )
    error = failure(machine(text, "post"))
    assert [problem.code for problem in error.problems] == ["M701"]
    assert error.problems[0].hint.endswith("reached by: tx writer.post.1; tx writer.post.1")


# What a failure shows


@pytest.mark.long
def test_a_failure_is_shown_as_a_flow_and_as_a_program_that_runs() -> None:
    made = machine(PLAIN, "post")
    error = failure(made)
    assert str(error).splitlines()[0] == (
        "in_order is violated after 4 steps: Letters arrive in the order in which they were sent."
    )
    assert [step.transition for step in error.trace.steps] == [
        "writer.post.1",
        "writer.post.1",
        "reader.letter.1",
        "late",
    ]
    assert re.search(r"1\s+o\s+\|\s+post, user \(spontaneous\)", str(error))
    assert program(error) == [
        "state.tx__post()",
        "state.tx__post()",
        "state.rx__letter_1(item='2')",
        "state.rx__late(item='1')",
        "state.property_in_order()",
    ]
    names = {"state": made()}
    with pytest.raises(PropertyViolated) as again:
        exec("\n".join(program(error)), {}, names)
    assert str(again.value) == str(error)


def test_a_program_says_what_is_wrong_with_it() -> None:
    state: Any = machine(PLAIN, "post")()
    state.tx__post()
    with pytest.raises(NotEnabled) as caught:
        state.rx__late(item="1")
    assert str(caught.value).splitlines()[:2] == [
        "rx__late(item='1') is not enabled after 1 step; enabled:",
        "  tx__post()",
    ]
    with pytest.raises(TypeError, match=r"^rx__late takes item, not number$"):
        state.rx__late(number=1)


# From a path, under pytest and unittest


def test_a_path_is_read_and_one_of_several_scenarios_must_be_named(tmp_path: Path) -> None:
    path = write(PLAIN, tmp_path)
    with pytest.raises(ModelError) as caught:
        stateful(path)
    assert str(caught.value) == "M601 the model has several scenarios: post, ordered (name one: --scenario post)"
    assert stateful(path, scenario="ordered").__name__ == "NumberedLettersOrdered"
    with pytest.raises(ModelError, match="unknown scenario pots"):
        stateful(path, scenario="pots")
    with pytest.raises(ModelError, match="unknown property in_odrer"):
        stateful(path, scenario="post", properties=["in_odrer"])
    with pytest.raises(ModelError, match="unknown reading or option notify"):
        stateful(path, scenario="post", readings={"notify": "after"})
    with pytest.raises(TypeError, match="fixed in a resolved model"):
        stateful(build(PLAIN, "post", whole=False), scenario="post")


def run(folder: Path, *arguments: str, source: str) -> subprocess.CompletedProcess[str]:
    write(PLAIN, folder)
    (folder / "test_letters.py").write_text(source, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "HYPOTHESIS"))}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_letters.py")
HEAD = (  # whatever profile a CI machine makes Hypothesis choose
    "import hypothesis\nhypothesis.settings.load_profile('default')\nfrom mcfsm.questions.walk import stateful\n"
)


@pytest.mark.slow
@pytest.mark.process
def test_pytest_collects_it_prints_it_and_replays_it(tmp_path: Path) -> None:
    made = "stateful('test.yaml', scenario='post')"
    first = run(tmp_path, *PYTEST, source=f"{HEAD}TestLetters = {made}.TestCase\n")
    assert first.returncode == 1, first.stdout
    assert "FAILED test_letters.py::TestLetters::runTest" in first.stdout
    assert "in_order is violated after 4 steps" in first.stdout
    assert "state.rx__late(item='1')" in first.stdout

    blob = re.search(r"@reproduce_failure\((.*)\) as a decorator", first.stdout)
    assert blob is not None
    decorated = f"TestLetters = hypothesis.reproduce_failure({blob[1]})({made}).TestCase\n"
    again = run(tmp_path, *PYTEST, source=HEAD + decorated)
    assert "in_order is violated after 4 steps" in again.stdout

    settled = "hypothesis.settings(TestLetters.settings, phases=[hypothesis.Phase.reuse])"
    reused = f"{HEAD}TestLetters = {made}.TestCase\nTestLetters.settings = {settled}\n"
    third = run(tmp_path, *PYTEST, source=reused)
    assert "in_order is violated after 4 steps" in third.stdout  # from the example database alone


@pytest.mark.slow
@pytest.mark.process
def test_unittest_runs_it(tmp_path: Path) -> None:
    source = f"{HEAD}TestLetters = stateful('test.yaml', scenario='ordered').TestCase\n"
    passed = run(tmp_path, "-m", "unittest", "-v", "test_letters", source=source)
    assert passed.returncode == 0, passed.stderr
    assert "runTest (hypothesis.stateful.NumberedLettersOrdered.TestCase.runTest) ... ok" in passed.stderr
    failed = run(tmp_path, "-m", "unittest", "test_letters", source=source.replace("ordered", "post"))
    assert failed.returncode == 1
    assert "in_order is violated after 4 steps" in failed.stderr
