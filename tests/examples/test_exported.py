"""A role written as a Machine of `transitions` does what the reference does: in models of ours, and random ones."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import islice, product
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from randomized.strategies import model_texts, resolve_text
from transitions import MachineError

from mcfsm.commands import cli
from mcfsm.expressions.evaluate import ABSENT
from mcfsm.model import Local, Message, Model
from mcfsm.problems import ModelError
from mcfsm.questions.walk import one_model
from mcfsm.report.machine_code import machine_code
from mcfsm.semantics.product import Product
from mcfsm.semantics.role import Event
from mcfsm.semantics.steps import State
from mcfsm.semantics.transition import IGNORE

MOST = 60  # joint states of a model that are looked at


def module_of(model: Model, role: str) -> ModuleType:
    module = ModuleType("written")
    exec(compile(machine_code(model, role), f"{role}.py", "exec"), vars(module))
    return module


def states_of(whole: Product) -> list[State]:
    """Some joint states of a model, breadth first; as far as no value leaves its domain."""
    found = {whole.initial(): None}
    ahead = list(found)
    for state in islice(ahead, MOST):
        try:
            following = [step.target for step in whole.steps(state)]
        except ModelError:
            continue
        for target in following:
            if target not in found and len(found) < MOST:
                found[target] = None
                ahead.append(target)
    return list(found)


class Beside:
    """An instance of a model beside the machine that was written of it."""

    def __init__(self, whole: Product, at: int, module: ModuleType) -> None:
        self.model, self.at, self.reference = whole.model, at, whole.machines[at]
        self.role = self.reference.role
        self.sent: list[tuple[str, str, dict[str, Any]]] = []
        self.machine = module.make(whole.model.instances[at].name, lambda *each: self.sent.append(each))
        self.thing = self.machine.model

    def put(self, local: Local) -> None:
        self.sent.clear()
        self.thing.regions = dict(zip((region.name for region in self.role.regions), local.states, strict=True))
        self.thing.values = dict(zip((one.name for one in self.role.variables), local.values, strict=True))
        self.machine.set_state(local.states[0], self.thing)

    def local(self) -> Local:
        assert self.thing.state == next(iter(self.thing.regions.values()))
        return Local(tuple(self.thing.regions.values()), tuple(self.thing.values.values()))

    def run(self, event: Event | None, line: str, chosen: dict[str, Any], present: dict[Any, bool]) -> Any:
        if event is None:
            trigger = next(one.trigger for one in self.role.transitions if one.id == line)
            return self.thing.do(trigger, line=line, present=present, **chosen)
        elements = self.elements(event.message)
        message, sender = event.message.name, event.sender
        return self.thing.deliver(message, sender, line=line, present=present, chosen=chosen, **elements)

    def elements(self, message: Any) -> dict[str, Any]:
        names = [name for name, _, _ in self.model.form_of[message.name].elements]
        return {name: value for name, value in zip(names, message.elements, strict=True) if value is not ABSENT}

    def compare(self, local: Local, event: Event | None) -> int:
        """Every outcome of the reference is one of the machine, and no other line is enabled; how many there are."""
        outcomes = self.reference.local_step(local, event)
        wanted: dict[tuple[int, Any], list[Any]] = {}
        for outcome in outcomes:
            if outcome.transition == IGNORE:
                assert self.ignored(local, event) is False
                continue
            sent = [(m.name, self.model.instances[to].name, self.elements(m)) for to, m in outcome.sends]
            wanted.setdefault((outcome.transition, outcome.chosen), []).append((outcome.local, sent))
        enabled = {self.role.transitions[transition].id for transition, _ in wanted}
        for (transition, chosen), those in wanted.items():
            line = self.role.transitions[transition]
            found: list[Any] = []
            for present in self.presences(line):
                self.put(local)
                assert self.run(event, line.id, dict(chosen), present) is True, line.id
                one = (self.local(), list(self.sent))
                found += [] if one in found else [one]
            assert sorted(map(repr, found)) == sorted(map(repr, those)), line.id
        message = None if event is None else event.message.name
        for line in self.role.transitions:
            concerned = line.kind == "reception" and line.trigger == message if event else line.kind != "reception"
            if concerned and line.id not in enabled and not line.choices:
                self.put(local)
                try:
                    assert self.run(event, line.id, {}, {}) in (False, None)
                except MachineError:
                    assert event is not None
                    assert self.reference.unmatched(local.states, event.message.name) == "unspecified"
        return len(outcomes)

    def ignored(self, local: Local, event: Event | None) -> Any:
        assert event is not None
        self.put(local)
        return self.thing.deliver(event.message.name, event.sender, **self.elements(event.message))

    def presences(self, line: Any) -> list[dict[Any, bool]]:
        """Every way to leave the O elements that a line may leave out."""
        open_: list[Any] = []
        for place, sending in enumerate(line.sends):
            names = [name for name, _, _ in self.model.form_of[sending.message].elements]
            open_ += [(place, name) for name, one in zip(names, sending.maybe, strict=True) if one]
        return [dict(zip(open_, way, strict=True)) for way in product((True, False), repeat=len(open_))]


def compare(model: Model) -> int:
    """Every role of a model beside the reference, in some of its states; how many outcomes were compared."""
    whole = Product(model)
    modules = {role.name: module_of(model, role.name) for role in model.roles}
    beside = [Beside(whole, i, modules[one.role]) for i, one in enumerate(model.instances)]
    for each in beside:
        assert each.local() == each.reference.initial()
    compared = 0
    for state in states_of(whole):
        for i, each in enumerate(beside):
            if "down" in state.locals[i].states:
                continue
            events: list[Event | None] = [None]
            events += [
                Event(model.channels[channel].sender, message)
                for channel, _ in whole.incoming[i]
                for message in dict.fromkeys(state.channels[channel])
            ]
            for event in events:
                try:
                    compared += each.compare(state.locals[i], event)
                except ModelError:
                    continue
    return compared


@pytest.mark.parametrize(
    ("path", "scenario"),
    [
        ("models/textbook/two_phase_commit.yaml", "three"),
        ("models/textbook/alternating_bit.yaml", "few_faults"),
        ("models/textbook/token_ring.yaml", None),
        ("models/textbook/leader_election.yaml", None),
        ("examples/mc_service_server/model.yaml", None),
        ("models/mc_migration", "one_partner"),
    ],
)
def test_roles_of_models_run_as_machines(path: str, scenario: str | None) -> None:
    from mcfsm.language.files.reader import read
    from mcfsm.language.selection import known_scenarios

    file = Path(__file__).parents[2] / path
    model = one_model(file, scenario=scenario or known_scenarios(read(file), None)[0], properties=[])
    assert compare(model) > 50


def asks(model: Model) -> bool:
    """Whether some role asks channels, so that there is no machine of it."""
    return any(machine.asks for machine in Product(model).machines)


@pytest.mark.parametrize(
    ("having", "said"),
    [
        (lambda model: asks(model) and len(Product(model).beginnings) == 1, "asks channels"),
        (lambda model: len(Product(model).beginnings) > 1 and not asks(model), "may begin in several states"),
    ],
)
def test_what_no_machine_can_do_is_refused(having: Callable[[Model], bool], said: str) -> None:
    few = settings(max_examples=500, phases=[Phase.generate], database=None, deadline=None)
    text = find(model_texts(spice=0), lambda text: having(resolve_text(text)), settings=few, random=Random(0))
    model = resolve_text(text)
    with pytest.raises(ModelError, match=f"M615 .* {said}"):
        [module_of(model, role.name) for role in model.roles]


def test_random_roles_run_as_machines() -> None:
    compared: list[int] = []

    @settings(max_examples=25, deadline=None, phases=[Phase.generate], database=None)
    @given(model_texts(spice=0))
    def one(text: Any) -> None:
        model = resolve_text(text)
        sends = [sending for role in model.roles for line in role.transitions for sending in line.sends]
        if asks(model) or any(one.by_receiver for one in sends) or len(Product(model).beginnings) > 1:
            with suppress(ModelError):  # of a role that begins in one state, asks nothing and tells all the same
                compare(model)
            return
        compared.append(compare(model))

    one()
    assert sum(compared) > 200


def test_a_fault_in_what_is_written_is_seen() -> None:
    path = Path(__file__).parents[2] / "models/textbook/two_phase_commit.yaml"
    model = one_model(path, scenario="three", properties=[])
    code = machine_code(model, "transaction_manager")
    assert code.count("(f['votes'] | ") == 1
    module = ModuleType("written")
    exec(code.replace("(f['votes'] | ", "(f['votes'] & "), vars(module))
    whole = Product(model)
    with pytest.raises(AssertionError):
        Beside(whole, 0, module).compare(whole.initial().locals[0], Event("rm(1)", Message("prepared", ())))


def test_a_role_in_production(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(Path(__file__).parents[2] / "models/textbook/two_phase_commit.yaml")
    file = tmp_path / "manager.py"
    written = ["export", path, "--to", "transitions", "--role", "transaction_manager", "--scenario", "three"]
    assert cli.run([*written, "-o", str(file)]) == 0
    assert cli.run(written) == 0
    assert capsys.readouterr().out == file.read_text(encoding="utf-8")
    module, sent = ModuleType("manager"), []
    exec(file.read_text(encoding="utf-8"), vars(module))
    manager = module.make("tm", lambda *each: sent.append(each)).model
    assert manager.do("decide") is False
    assert [manager.deliver("prepared", f"rm({i})") for i in (1, 2, 3)] == [True, True, True]
    assert manager.do("decide") is True
    assert (manager.state, sent) == ("committed", [("commit", f"rm({i})", {}) for i in (1, 2, 3)])
    assert manager.deliver("prepared", "rm(1)") is False  # ignored
    with pytest.raises(MachineError, match="there is no answer to commit in committed"):
        manager.deliver("commit", "rm(1)")
    assert cli.run([*written[:-3], "manger", "--scenario", "three"]) != 0
    assert "unknown role manger" in capsys.readouterr().err
