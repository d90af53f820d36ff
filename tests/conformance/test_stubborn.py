"""Searches that take only some steps against searches that take all, on random small models.

What has to be equal: which properties are decided, what the built-in checks find, what premises and operands were seen
to be, which transitions are taken, which local states there are. And the compiled search has to take just the steps
that the reference search takes. Most models are of `randomized.apart`, where much is left out; ten thousand of them by

    PYTHONPATH=tests:tests/conformance nice python tests/conformance/test_stubborn.py 10000

which prints what was left out, in about five minutes; the slow run also has a thousand of all of the language.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import pytest
from common import for_models, plain_kernel, plant
from kept import kept, names
from randomized.apart import apart_text
from randomized.conformance import Difference, Expected, Question
from randomized.strategies import ModelText, resolve_text

from mcfsm.explore import exhaustive, reference
from mcfsm.explore.findings import Findings, Limits
from mcfsm.explore.stubborn import choice, dependences, goals, search, senders
from mcfsm.kernel import stubborn
from mcfsm.model import Model

SAME = ("states", "transitions", "depth", "complete", "reduction", "fired", "coverage")
MOST_STATES = 500
EVERYTHING = Question(everything=True)
Answer = Findings | str


def verdicts(answer: Answer) -> dict[str, Any]:
    """What verdicts are made of, but for the length of flows."""
    if isinstance(answer, str):
        return {"an error": True}
    undecided = {name: parts for name, parts in answer.coverage.items() if name not in answer.paths}
    return {
        "properties decided": sorted(answer.paths),
        "found by checks": {(fault.check, fault.subject) for fault in answer.faults},
        "coverage": undecided,
        "transitions taken": answer.fired,
        "local states": answer.visited.locals,
    }


def compare(question: Question, whole: Answer, reduced: Answer) -> None:
    """Raises Difference where a reduced search says something else. One that ends early need not have seen all."""
    expected, found = verdicts(whole), verdicts(reduced)
    for name, value in expected.items():
        complete = not isinstance(whole, str) and whole.complete
        if (complete or name == "properties decided") and found.get(name) != value:
            raise Difference(f"{question}, {name}: {found.get(name)}, expected {value}")
    if expected.keys() != found.keys():
        raise Difference(f"{question}: {sorted(found)}, expected {sorted(expected)}")


def check_reference(_: ModelText, model: Model, expected: list[Expected]) -> None:
    """The reference search of all steps and of some say the same of what everything is explored for.

    Where a search may end early, levels decide what it saw.
    """
    for one in expected:
        if one.question.everything:
            compare(one.question, one.answer, one.question.put(reference.explore, model, reduce=True))


def lengths(found: Findings) -> dict[tuple[str, str], int]:
    """How long each flow is. Of several as long, one search goes along left out steps too, and so takes another."""
    decided = {(name, ""): len(path) for name, path in found.paths.items()}
    return decided | {(fault.check, fault.subject): len(fault.path) for fault in found.faults}


def check_compiled(_: ModelText, model: Model, expected: list[Expected]) -> None:
    """The compiled search takes the steps that the reference search takes, and finds the same."""
    for one in expected:
        wanted = one.question.put(reference.explore, model, reduce=True)
        found = one.question.put(exhaustive.explore, model, reduce=True)
        if isinstance(wanted, str) or isinstance(found, str):
            if isinstance(wanted, str) != isinstance(found, str):
                raise Difference(f"{one.question}: {found}, expected {wanted}")
            continue
        for name in SAME:
            if getattr(wanted, name) != getattr(found, name):
                raise Difference(f"{one.question}, {name}: {getattr(found, name)}, expected {getattr(wanted, name)}")
        if lengths(found) != lengths(wanted):
            raise Difference(f"{one.question}: flows of {lengths(found)}, expected {lengths(wanted)}")


def check_both(text: ModelText, model: Model, expected: list[Expected]) -> None:
    """Both comparisons."""
    check_reference(text, model, expected)
    check_compiled(text, model, expected)


def apart(number: int) -> tuple[ModelText, Model, list[Expected]] | None:
    """A model with what the reference search of all steps finds; None for one that is too large."""
    text = apart_text(number)
    model = resolve_text(text)
    whole = EVERYTHING.put(reference.explore, model, limits=Limits(max_states=MOST_STATES))
    if not isinstance(whole, str) and not whole.complete:
        return None
    return text, model, [Expected(EVERYTHING, whole)]


def compare_apart(numbers: Iterable[int]) -> Counter[str]:
    """Compare models by their numbers; what they have and how much is left out. Raises Difference with the number."""
    found = Counter[str]()
    for number in numbers:
        one = apart(number)
        if one is None:
            found["too large"] += 1
            continue
        model, whole = one[1], one[2][0].answer
        some = EVERYTHING.put(reference.explore, model, reduce=True)
        try:
            compare(EVERYTHING, whole, some)
        except Difference as error:
            raise Difference(f"model {number}: {error}") from None
        if isinstance(whole, str) or isinstance(some, str):
            found["that stop with an error"] += 1
            continue
        assert some.reduction is not None
        found["compared"] += 1
        found["with steps left out"] += some.reduction.steps > 0
        found["with fewer states"] += some.states < whole.states
        found["states"] += whole.states
        found["states with --reduce"] += some.states
    return found


@pytest.mark.parametrize("name", names())
def test_models_that_are_kept(name: str) -> None:
    check_both(*kept(name))


def test_models_with_much_side_by_side() -> None:
    found = compare_apart(range(60))
    assert found["with fewer states"] > 15


def test_the_compiled_search_takes_the_same_steps() -> None:
    for number in range(60, 90):
        one = apart(number)
        if one is not None:
            check_compiled(*one)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(20))
def test_ten_thousand_models(chunk: int) -> None:
    compare_apart(range(500 * chunk, 500 * chunk + 500))


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(10))
def test_a_thousand_models_of_all_of_the_language(chunk: int) -> None:
    for_models(8000 + chunk, 100, check_both)


# ---- planted defects

Change = tuple[ModuleType, str, str]
PLANTS: dict[str, tuple[int, list[Change]]] = {  # with the number of a model that shows it
    "what a property reads is forgotten": (
        5,
        [
            (choice, "changed |= self.goals.changed(state, step.target)", "changed |= 0"),
        ],
    ),
    "a premise or an operand is forgotten": (
        76,
        [
            (
                goals,
                "        if goal.property_id in done:",
                "        if goal.property_id in done or goal.part is not None:",
            ),
        ],
    ),
    "what is refuted by one part is taken for refuted by all": (
        76,
        [
            (
                choice,
                "if agents >> i & 1:\n                found |= self.goals.refuted_by_local",
                "if True:\n                found |= self.goals.refuted_by_local",
            ),
        ],
    ),
    "steps that lead nowhere new suffice": (
        15,
        [
            (reference, " or all(step.target in self.parents for step in chosen)", ""),
        ],
    ),
    "a full channel is forgotten": (
        142,
        [
            (choice, "return min(MOST, declared.bound - len(content) + 1)", "return NEVER"),
            (choice, "return bound is not None and len(content) + ", "return bound is not None and 0 * "),
        ],
    ),
    "who sends to an empty channel is forgotten": (
        7,
        [
            (choice, "if least != NEVER and outside[sender][least - 1] >> receiver & 1:", "if False:"),
        ],
    ),
    "what reaches a bag is forgotten": (
        1183,
        [
            (choice, 'if declared.kind != "fifo" or not content or', "if not content or"),
        ],
    ),
    "who shares a budget is forgotten": (
        151,
        [
            (choice, "found |= depends.users[i] if before != after else 0", "pass"),
        ],
    ),
    "observers are forgotten": (
        1304,
        [
            (choice, "found |= agents if any(event in observer.transitions for event in seen) else 0", "pass"),
        ],
    ),
    "the freeze is forgotten": (
        68,
        [
            (choice, "found |= depends.freeze\n", "pass\n"),
        ],
    ),
    "what others pass on is forgotten": (
        148,
        [
            (senders, "return not alone", "return False"),
        ],
    ),
}
COMPILED_PLANTS: dict[str, tuple[int, list[Change]]] = {
    "what is expanded is taken for new": (
        0,
        [
            (search, "(found >= int(store.next.starts[0]))", "(found >= 0)"),
        ],
    ),
    "a goal past the first that nobody reads": (
        1,
        [
            (stubborn, "for goal in range(d.read.shape[1]):", "for goal in range(min(1, d.read.shape[1])):"),
        ],
    ),
    "a channel that is never tight": (2, [(dependences, "int(self.stubborn.tight(c - first, value))", "0")]),
    "a fault that is nobody's": (42, [(stubborn, "agent = d.receiver[c]", "pass")]),
    "a context that is that of the beginning": (
        20,
        [
            (stubborn, "d.context[state[budgets], state[budgets + 1]]", "d.context[0, 0]"),
        ],
    ),
}


def planting(changes: list[Change]) -> Callable[[pytest.MonkeyPatch], None]:
    """What plants some changes, and runs kernels as plain Python where some of these are of one."""

    def plants(patch: pytest.MonkeyPatch) -> None:
        if any(module in (stubborn, dependences, search) for module, _, _ in changes):
            plain_kernel(patch)
        for module in dict.fromkeys(module for module, _, _ in changes):
            plant(patch, module, [(old, new) for where, old, new in changes if where is module])

    return plants


def differs(check: Callable[[ModelText, Model, list[Expected]], None]) -> Callable[[Any], bool]:
    """Whether a comparison finds a difference in a model; a crash is none."""

    def found(one: tuple[ModelText, Model, list[Expected]]) -> bool:
        try:
            check(*one)
        except Difference:
            return True
        return False

    return found


@pytest.mark.parametrize("defect", PLANTS)
def test_a_defect_of_the_choice_is_found(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    number, changes = PLANTS[defect]
    one = apart(number)
    assert one is not None
    check_reference(*one)
    planting(changes)(monkeypatch)
    assert differs(check_reference)(one)


@pytest.mark.parametrize("defect", COMPILED_PLANTS)
def test_a_defect_of_the_compiled_choice_is_found(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    number, changes = COMPILED_PLANTS[defect]
    one = apart(number)
    assert one is not None
    check_compiled(*one)
    planting(changes)(monkeypatch)
    assert differs(check_compiled)(one)


if __name__ == "__main__":
    for what, count in compare_apart(range(int(sys.argv[1]))).items():
        print(f"{count:9,} {what}")
