"""The checks of a protocol on random models: a matrix against a second computation, and nothing that fails on any."""

from __future__ import annotations

from pathlib import Path

import pytest
from common import for_models
from randomized.conformance import Expected
from randomized.strategies import ModelText

from mcfsm.explore.findings import Findings
from mcfsm.language.files.locations import Places
from mcfsm.language.files.reader import read
from mcfsm.model import DOWN, Model
from mcfsm.questions.lint.lint import lint
from mcfsm.questions.receptions import PARTLY, UNREACHABLE, UNSPECIFIED, Receptions
from mcfsm.semantics.faults import is_down
from mcfsm.semantics.product import Product
from mcfsm.semantics.role import Event
from mcfsm.semantics.trace import replay
from mcfsm.semantics.transition import IGNORE
from mcfsm.verdicts.coverage import against, visited_by, whole
from mcfsm.verdicts.deadlock import stuck
from mcfsm.verdicts.never_happens import Never

Cell = tuple[str, str, str, str]  # role, region, state, message


def by_steps(model: Model) -> tuple[set[Cell], set[Cell], set[Cell]]:
    """The cells with a message refused, taken by a transition, and ignored, by what every joint state offers."""
    product, found = Product(model), (set[Cell](), set[Cell](), set[Cell]())
    waiting, seen = [*product.beginnings], {*product.beginnings}
    for state in waiting:
        if product.beyond(state):
            continue
        expansion = product.expand(state)
        events = [(refused.instance, refused.event, 0) for refused in expansion.refused]
        for step in expansion.steps:
            if step.event is not None and step.outcome is not None:
                events.append((step.instance, step.event, 2 if step.outcome.transition == IGNORE else 1))
            if step.target not in seen:
                seen.add(step.target)
                waiting.append(step.target)
        for at, channel in enumerate(model.channels):
            instance = model.index_of[channel.receiver]
            local, machine = state.locals[instance], product.machines[instance]
            for event, _ in product.offers(at, state.channels[at], instance, local):
                kind = {"handled": 1, "ignored": 2}.get(machine.reception(local, event))
                if kind is not None:  # its step may be held back by a full channel, and is no step on a set
                    events.append((instance, event, kind))
        for instance, event, kind in events:
            if is_down(state.locals[instance]):
                continue
            role = model.role_of[model.instances[instance].name]
            for region, name in zip(role.regions, state.locals[instance].states, strict=True):
                found[kind].add((role.name, region.name, name, event.message.name))
    return found


def while_down(model: Model) -> set[tuple[Cell, str]]:
    """The cells of instances that are down, each with what the steps of some joint state do to such a message."""
    product, found = Product(model), set[tuple[Cell, str]]()
    waiting, seen = [*product.beginnings], {*product.beginnings}
    for state in waiting:
        if product.beyond(state):
            continue
        steps = product.steps(state)
        onward = {step.target for step in steps} - seen
        seen |= onward
        waiting += onward
        lost = {(step.instance, step.event) for step in steps if step.outcome is not None}
        for channel, content in zip(model.channels, state.channels, strict=True):
            instance = model.index_of[channel.receiver]
            if not is_down(state.locals[instance]):
                continue
            role = model.role_of[channel.receiver]
            first = channel.kind == "fifo" and any((instance, Event(channel.sender, m)) in lost for m in content[:1])
            for message in content[:1] if first else content:
                answer = "lost" if (instance, Event(channel.sender, message)) in lost else "waits"
                found.update(((role.name, region.name, DOWN, message.name), answer) for region in role.regions)
    return found


def assert_as_the_steps_say(folder: Path, text: ModelText, model: Model, expected: list[Expected]) -> None:
    """Hold everything that is made of one search against the steps of the definition."""
    findings = expected[0].answer
    if not isinstance(findings, Findings):
        return
    refused, taken, ignored = by_steps(model)
    receptions = Receptions()
    receptions.take_in(model, findings, "s")
    answers = {(m.role, *key): cell for m in receptions.matrices() for key, cell in m.cells.items()}
    down = {key: answers.pop(key).answer for key in list(answers) if key[2] == DOWN}
    occurs = {key: answer.split(" or ") for key, answer in down.items() if answer != UNREACHABLE}
    assert {(key, one) for key, both in occurs.items() for one in both} == while_down(model)
    assert {key for key, cell in answers.items() if cell.answer in (UNSPECIFIED, PARTLY)} == refused
    assert all(cell.witness is not None for cell in answers.values() if cell.answer in (UNSPECIFIED, PARTLY))
    for kind, answer in ((taken, "handled"), (ignored, "ignored")):
        assert {key for key, cell in answers.items() if answer in cell.answer} == kind - refused
    never_met = {key for key, cell in answers.items() if cell.answer == UNREACHABLE}
    assert not never_met & (refused | taken | ignored)
    visited = visited_by(model, findings)
    assert visited.cells == set(answers) - never_met
    assert all(share.visited <= share.out_of for share in against(visited, whole(model)))
    path = folder / "random.yaml"
    path.write_text(text, encoding="utf-8")
    never = Never(findings.fired)
    never.take_in(model, findings)
    declared = {transition.id for role in model.roles for transition in role.transitions}
    said = [sentence for _, sentence in never.sentences(Places(read(path)))]
    assert sum("was never fired" in sentence for sentence in said) == len(declared - findings.fired)
    product = Product(model)
    for fault in findings.faults:
        if fault.check == "check.deadlock":
            found = stuck(product, replay(product, fault.path).states[-1])
            assert not [reason for wait in found.waits for reason in wait.reasons if reason.why == "it is possible"]
    assert all(problem.hint for problem in lint(path))


@pytest.mark.parametrize("chunk", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_random_models(chunk: int, tmp_path: Path) -> None:
    for_models(7000 + chunk, 30, lambda text, model, expected: assert_as_the_steps_say(tmp_path, text, model, expected))


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(20))
def test_a_thousand_random_models(chunk: int, tmp_path: Path) -> None:
    for_models(7100 + chunk, 50, lambda text, model, expected: assert_as_the_steps_say(tmp_path, text, model, expected))
