"""The shortest flow that only one of two models has: refactorings change none, and every mutation shows in one.

    PYTHONPATH=tests python tests/unit/test_difference.py

rewrites the flows in differences.txt; read the difference before it is committed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from building import build
from ruamel.yaml import YAML

from mcfsm.explore.findings import Limits
from mcfsm.questions.compare.flow_difference import FlowDifference, StepLabel, difference, label
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import State

MODEL = """
model: a call that is accepted or refused
messages:
  request: {number: 0..2}
  accept: {number: 0..2}
  refuse: {number: 0..2, reason?: 0..1}
  hang_up: {}
roles:
  caller:
    variables: {tries: 0..2 = 0, cause: 0..1 = 0}
    states: [idle, calling, talking]
    initial: idle
    final: [idle, talking]
    transitions:
    - {id: dial, trigger: dial, kind: user, source: idle, dest: calling, conditions: tries < 2, set: {tries: tries + 1}, send: [{request: {to: server, number: tries}}]}
    - {id: accepted, trigger: accept, source: calling, dest: talking}
    - {id: refused, trigger: refuse, source: calling, dest: idle, set: {cause: 1}}
    - {id: bye, trigger: bye, kind: user, source: talking, dest: idle, send: [{hang_up: {to: server}}]}
  called:
    variables: {busy: bool}
    states: [ready]
    initial: ready
    final: [ready]
    transitions:
    - {id: take, trigger: request, unless: busy, set: {busy: "true"}, send: [{accept: {to: sender, number: msg.number}}]}
    - {id: drop, trigger: request, send: [{refuse: {to: sender, number: msg.number}}]}
    - {id: free, trigger: hang_up, set: {busy: "false"}}
scenarios:
  one:
    instances: {alice: caller, server: called}
    channels: {default: {kind: fifo, bound: 2}}
"""  # noqa: E501
Edits = list[dict[str, str]]
CASES = YAML(typ="safe").load(Path(__file__).with_name("differences.yaml"))
FLOWS = Path(__file__).with_name("differences.txt")


def product(edits: Edits) -> Product:
    """The model with texts of it exchanged."""
    text = MODEL
    for edit in edits:
        assert edit["old"] in text
        text = text.replace(edit["old"], edit["new"])
    return Product(build(text, "one", whole=False))


def lengths(found: FlowDifference) -> list[int | None]:
    return [None if only is None else len(only.labels) for only in (found.only_first, found.only_second)]


@pytest.mark.parametrize("name", ["itself", *CASES["refactorings"], *CASES["unseen"]])
def test_a_refactoring_changes_no_flow(name: str) -> None:
    edits = {"itself": [], **CASES["refactorings"], **CASES["unseen"]}[name]
    found = difference(product([]), product(edits))
    assert (lengths(found), found.stopped, found.same) == ([None, None], None, True)
    assert found.depth == 11  # the whole of it was searched


def test_there_are_enough_of_both() -> None:
    assert len(CASES["refactorings"]) >= 10
    assert len(CASES["mutations"]) >= 30


@pytest.mark.parametrize("name", CASES["mutations"])
def test_a_mutation_shows_in_the_shortest_flow(name: str) -> None:
    case = CASES["mutations"][name]
    before, after = product([]), product(case["changes"])
    found = difference(before, after)
    assert (lengths(found), found.stopped, found.same) == ([case["only before"], case["only after"]], None, False)
    assert flows(name, found) in FLOWS.read_text(encoding="utf-8").split("\n\n")
    for only, mine, other in ((found.only_first, before, after), (found.only_second, after, before)):
        if only is not None:
            assert [label(mine, step) for step in only.trace.taken] == list(only.labels)
            assert followed(other, only.labels[:-1])
            assert not followed(other, only.labels)
    back = difference(after, before)
    assert lengths(back) == lengths(found)[::-1]


def flows(name: str, found: FlowDifference) -> str:
    """The flows of a mutation, step by step."""
    lines = [name]
    for title, only in (("only before", found.only_first), ("only after", found.only_second)):
        lines += [f"  {title}", *(f"    {label}" for label in only.labels)] if only else []
    return "\n".join(lines)


def test_no_flow_is_left_over() -> None:
    names = [flow.split("\n")[0] for flow in FLOWS.read_text(encoding="utf-8").strip().split("\n\n")]
    assert names == list(CASES["mutations"])


def followed(model: Product, labels: Iterable[StepLabel]) -> set[State]:
    """The states that a flow may lead to."""
    states = {model.initial()}
    for wanted in labels:
        states = {step.target for state in states for step in model.steps(state) if label(model, step) == wanted}
    return states


def test_no_shorter_flow_is_only_there() -> None:
    """Every flow shorter than the shortest found is one of both: all of them are followed."""
    before, after = product([]), product(CASES["mutations"]["one call more"]["changes"])
    flows: list[tuple[StepLabel, ...]] = [()]
    for _ in range(6):
        mine, others = (
            {f: {label(p, s) for x in followed(p, f) for s in p.steps(x)} for f in flows} for p in (before, after)
        )
        assert mine == others
        flows = [(*flow, last) for flow, offered in mine.items() for last in offered]
    assert len(flows) == 4


def test_a_search_that_is_stopped_says_how_far_it_looked() -> None:
    found = difference(product([]), product([]), limits=Limits(max_depth=3))
    assert (found.depth, found.stopped, found.same) == (3, "--max-depth 3", False)
    found = difference(product([]), product([]), limits=Limits(max_states=5))
    assert (found.nodes, found.stopped) == (6, "--max-states 5")
    found = difference(product([]), product([]), limits=Limits(max_seconds=0))
    assert (found.depth, found.stopped) == (0, "--max-seconds 0")


def test_labels_in_words() -> None:
    found = difference(product([]), product(CASES["mutations"]["perhaps a reason"]["changes"]))
    assert found.only_second is not None
    assert [str(label) for label in found.only_second.labels] == [
        "alice sends request(number=0) to server",
        "server receives request(number=0) from alice, sends refuse(number=0, reason=1) to alice",
    ]
    crash = difference(product([]), product(CASES["mutations"]["a crash"]["changes"])).only_second
    loss = difference(product([]), product(CASES["mutations"]["a loss"]["changes"])).only_second
    unseen = difference(product([]), product(CASES["mutations"]["the caller may give up"]["changes"])).only_second
    assert [str(only.labels[-1]) for only in (crash, loss, unseen) if only] == [
        "environment crash of server",
        "environment loss of request(0) in alice -> server at 0",
        "alice acts unseen",
    ]


OPEN = {"cause: 0..1 = 0": 'cause: "0..1 in {0, 1}"'}
ROWS = {"tries: 0..2 = 0": 'tries: "0..2 in {0, 1}"'}


def of_text(*edits: dict[str, str], begin: str = "") -> Product:
    """The model with texts of it exchanged, and with conditions on how it begins."""
    text = MODEL
    for edit in edits:
        for old, new in edit.items():
            assert old in text
            text = text.replace(old, new)
    return Product(build(text + begin, "one"))


def test_what_one_of_two_models_leaves_open_where_it_begins_is_no_difference_by_itself() -> None:
    assert difference(of_text(), of_text(OPEN)).same
    assert difference(of_text(ROWS), of_text(ROWS, OPEN)).same


def test_a_flow_that_one_beginning_alone_allows_is_told_with_that_beginning() -> None:
    for turned in (False, True):
        sides = of_text(), of_text(OPEN, ROWS)
        found = difference(*(sides[::-1] if turned else sides))
        only, none = (found.only_first, found.only_second) if turned else (found.only_second, found.only_first)
        assert none is None
        assert only is not None
        assert [str(one) for one in only.labels] == ["alice sends request(number=1) to server"]
        assert [step.transition for step in only.trace.steps] == ["begin", "dial"]
        assert dict(only.trace.steps[0].chosen) == {"alice.tries": "1", "alice.cause": "0"}


def test_beginnings_that_leave_the_same_open_are_compared() -> None:
    some = of_text(OPEN, ROWS, begin="    begin: {conditions: alice.tries + alice.cause <= 1}\n")
    found = difference(some, of_text(OPEN, ROWS))
    assert found.only_first is None
    assert found.only_second is not None
    assert [str(one) for one in found.only_second.labels] == ["environment begin with alice.tries = 1, alice.cause = 1"]


if __name__ == "__main__":
    shown = [
        flows(name, difference(product([]), product(case["changes"]))) for name, case in CASES["mutations"].items()
    ]
    FLOWS.write_text("\n\n".join([*shown, ""]), encoding="utf-8")
