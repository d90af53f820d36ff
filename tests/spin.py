"""SPIN over the Promela of a scenario: what it counts and decides, and the flow that it shows, taken again here."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from mcfsm.explore.findings import Findings
from mcfsm.model import CHECKS, Model
from mcfsm.report.promela.program import PromelaProgram
from mcfsm.report.promela.steps import SymbolicStep
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import PropertyMonitor
from mcfsm.semantics.steps import State, Step
from mcfsm.semantics.trace import describe

MISSING = [name for name in ("spin", "gcc") if shutil.which(name) is None]
needs_spin = pytest.mark.skipif(bool(MISSING), reason=f"needs {' and '.join(MISSING)}: apt-get install spin gcc")
_OPTIONS = ("-w", "-O0", "-DNOREDUCE", "-DVECTORSZ=65536")


@dataclass(frozen=True)
class Counted:
    """What SPIN says of the state space of a program: its states and transitions, less the beginning."""

    states: int
    transitions: int


class Spin:
    """SPIN over one scenario, in a folder of its own. `text` stands in for the program, if a difference is planted."""

    def __init__(self, model: Model, folder: Path, text: str | None = None) -> None:
        self.model, self.folder, self.program = model, folder, PromelaProgram(model)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.pml").write_text(text or self.program.text(), encoding="utf-8")
        self.run("spin", "-a", "-o1", "-o2", "model.pml")

    def run(self, *words: str) -> str:
        """What a program prints that has to succeed."""
        done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, timeout=250, check=False)
        assert done.returncode == 0, f"{' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        assert "Error:" not in done.stdout, done.stdout
        return done.stdout

    def compiled(self, name: str, *options: str) -> None:
        """Make the analyzer, unless it is there."""
        if not (self.folder / name).exists():
            self.run("gcc", *_OPTIONS, *options, "-o", name, "pan.c")

    def counted(self) -> Counted:
        """The whole state space, without any claim."""
        self.compiled("counting", "-DNOCLAIM")
        said = self.run("./counting", "-E", "-m1000000", "-c0")
        assert "max search depth too small" not in said
        states, transitions = re.search(r"(\d+) states, stored", said), re.search(r"(\d+) transitions", said)
        assert states is not None
        assert transitions is not None
        begins = len(self.program.machine.product.beginnings) if self.program.has_beginning else 0
        return Counted(int(states[1]) - bool(begins), int(transitions[1]) - 1 - begins)

    def decides(self, name: str) -> bool:
        """Whether some state decides a property or check."""
        self.compiled("asking")
        (self.folder / "model.pml.trail").unlink(missing_ok=True)
        return "assertion violated" in self.run("./asking", "-E", "-m1000000", "-N", self.program.claim(name))

    def flow(self, name: str) -> list[SymbolicStep]:
        """The steps to a state that decides it, as SPIN plays its trail again."""
        said = self.run("./asking", "-r", "-n", "-N", self.program.claim(name))
        return [self.program.steps[int(number) - 1] for number in re.findall(r"step (\d+)", said)]


@dataclass(frozen=True)
class BesideSpin:
    """What was found of a scenario, beside what SPIN says of it."""

    ours: Counted
    spins: Counted
    verdicts: dict[str, tuple[bool, bool]]  # of each check and property of states: whether a state decides it
    flows: dict[str, bool]  # of each that a state decides to SPIN: whether the definition has its flow

    @property
    def differing(self) -> list[str]:
        """The checks and properties of which SPIN says something else, or shows a flow that there is not."""
        others = [name for name, (ours, spins) in self.verdicts.items() if ours is not spins]
        return others + [name for name, ours in self.flows.items() if not ours]


def beside_spin(model: Model, findings: Findings, folder: Path) -> BesideSpin:
    """Ask SPIN everything that it is asked of a scenario."""
    spin, verdicts, flows = Spin(model, folder), dict[str, tuple[bool, bool]](), dict[str, bool]()
    decided = {*findings.paths, *(fault.check for fault in findings.faults)}
    for name in (*CHECKS, *(one.id for one in model.state_properties)):
        verdicts[name] = name in decided, spin.decides(name)
        if verdicts[name][1]:
            flows[name] = replayed(model, spin.flow(name), name)
    ours = Counted(findings.states + findings.beyond, findings.transitions)
    return BesideSpin(ours, spin.counted(), verdicts, flows)


def replayed(model: Model, flow: Iterable[SymbolicStep], name: str) -> bool:
    """Whether the definition has the steps of a flow, to a state that decides a property or check."""
    product = Product(model)
    states = set(product.beginnings)
    for wanted in flow:
        states = {
            step.target
            for state in states
            for step in product.steps(state)
            if title(product, state, step) == wanted.title
        }
    if name in CHECKS:
        return any(name == check for state in states for check, _ in product.faults(state, product.expand(state)))
    monitor = PropertyMonitor(model, model.property_of[name])
    return any(monitor.decides(state) for state in states)


def title(product: Product, state: State, step: Step) -> str:
    """A step of the definition as the program calls it."""
    model, told = product.model, describe(product, state, step)
    if step.fault is not None and told.fault is not None:
        if told.fault.instance is not None:
            return f"{told.fault.instance}: {step.fault.kind}"
        what = f"{step.fault.kind} in {told.fault.sender} -> {told.fault.receiver}, place {step.fault.position}"
        changed = set(told.fault.becomes or ()) - set(told.fault.elements)
        return what + "".join(f": {name} = {value}" for name, value in changed)
    if step.outcome is None:
        return "the environment freezes"
    name = model.instances[step.instance].name
    transition = product.transition(step.instance, step.outcome)
    if transition is None:
        assert step.event is not None
        return f"{name} ignores {step.event.message.name} from {step.event.sender}"
    received = "" if step.event is None else f" <- {transition.trigger} from {step.event.sender}"
    return f"{name}: {transition.id}{received}{''.join(f', {k} = {v}' for k, v in told.chosen)}"
