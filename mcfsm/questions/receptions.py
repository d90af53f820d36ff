"""The matrix of receptions of a role: what becomes of every message in every state, over all that occurs.

A cell is about a state of one region and a message, and takes together every local state of every instance of the role
in which an instance is in that state and looks at such a message (`findings.Inspected`). `role.reception` says what
becomes of it. The cell is *partly* answered where some of these local states have an answer and some have none. Where
an instance of the role crashed, every region has one state more, `down`.

An answer is known by what stands behind it: normative items of the text, informative ones alone, or an assumption,
which is the model's and says that the text is silent. Of several lines that take a message in one local state the
strongest counts; a cell has a ground for each that counts in some of its local states.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from mcfsm.explore.findings import Fault, Findings, Inspected
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve, resolve_several
from mcfsm.language.selection import Selection, combine, known_scenarios, known_settings
from mcfsm.model import DOWN, Local, Model, Role, Transition
from mcfsm.model.labels import Labels, by_id, in_all
from mcfsm.problems import ModelError, Problem, closest
from mcfsm.semantics.faults import is_down
from mcfsm.semantics.product import Product
from mcfsm.semantics.role import RoleMachine
from mcfsm.semantics.trace import ReplayError, Trace, replay, shown_message
from mcfsm.semantics.transition import IGNORE
from mcfsm.verdicts.run import RECEPTION, Effort, explorer

ANSWERS = ("handled", "ignored", "deferred", "refused", "lost", "waits")
# refused: on a set channel, where it is no finding; lost, waits: while the receiver is down (on a set it always waits)
_WHILE_DOWN = {"ignored": "lost", "deferred": "waits"}
UNSPECIFIED, PARTLY, UNREACHABLE, NOT_SEEN = "unspecified", "partly", "unreachable", "not seen"


Ground = Literal["text", "model", "informative", "assumed"]
GROUNDS: tuple[Ground, ...] = ("text", "model", "informative", "assumed")  # the strongest first
# model: a line with neither items nor an assumption, as in a model that follows no text


@dataclass(frozen=True)
class Handling:
    """A line that takes a message, and what it rests on."""

    transition: str
    ground: Ground
    clauses: tuple[str, ...]
    assumption: str | None


@dataclass(frozen=True)
class ReceptionWitness:
    """A local state that has no answer to a message, why each transition that might take it does not, and the flow."""

    model: Model
    subject: str  # of the finding
    instance: str
    local: tuple[tuple[str, str], ...]  # region or variable, and its value as shown
    message: str  # with its elements
    sender: str
    refusals: tuple[str, ...]
    trace: Trace  # a shortest one to a state where a message of that name finds those states without an answer


@dataclass(frozen=True)
class ReceptionCell:
    """What becomes of a message in a state: one word, or several of ANSWERS joined by "or"."""

    region: str
    state: str
    message: str
    answer: str
    witness: ReceptionWitness | None = None
    grounds: tuple[Ground, ...] = ()  # of the local states in which it is handled, the strongest first
    answers: tuple[Handling, ...] = ()  # the lines that handle it, as declared

    @property
    def occurs(self) -> bool:
        """Whether such a message was seen to meet such a state."""
        return self.answer not in (UNREACHABLE, NOT_SEEN)

    @property
    def silent(self) -> bool:
        """Whether no item of the text, normative or informative, says what becomes of it anywhere in the cell."""
        return self.occurs and not {"text", "model", "informative"} & set(self.grounds)


@dataclass(frozen=True)
class ReceptionMatrix:
    """The cells of a role, by region, state and message in declared order; `stopped` says what cut a search short."""

    role: str
    regions: tuple[tuple[str, tuple[str, ...]], ...]
    messages: tuple[str, ...]
    cells: Mapping[tuple[str, str, str], ReceptionCell]
    scenarios: tuple[str, ...]
    stopped: str | None
    models: tuple[Model, ...]  # of these scenarios

    @cached_property
    def labels(self) -> Labels:
        """What things are called in all these scenarios."""
        return in_all(model.labels for model in self.models)

    @property
    def told(self) -> list[ReceptionCell]:
        """The cells that count: of regions with two states in which messages are looked at, or of the only one.

        What becomes of a message while its receiver is down the scenario says, and no text.
        """
        found: list[ReceptionCell] = []
        for region, _ in self.regions:
            mine = [c for c in self.cells.values() if c.region == region and c.occurs and c.state != DOWN]
            found += mine if len({cell.state for cell in mine}) > 1 or len(self.regions) == 1 else []
        return found

    def witnesses(self) -> list[tuple[ReceptionWitness, list[ReceptionCell]]]:
        """The witnesses, each once, with the cells that show it."""
        found: dict[int, tuple[ReceptionWitness, list[ReceptionCell]]] = {}
        for cell in self.cells.values():
            if cell.witness is not None:
                found.setdefault(id(cell.witness), (cell.witness, []))[1].append(cell)
        return list(found.values())


@dataclass
class _Seen:
    """What was seen of one cell."""

    answers: set[str] = field(default_factory=set)
    grounds: set[Ground] = field(default_factory=set)
    lines: dict[str, Transition] = field(default_factory=dict)
    faults: list[tuple[Model, Fault]] = field(default_factory=list)


class Receptions:
    """Takes in one search after another; then `matrices` are the matrices of the roles over all of them."""

    def __init__(self) -> None:
        self.roles: dict[str, Role] = {}
        self.regions: dict[str, dict[str, tuple[str, ...]]] = {}
        self.columns: dict[str, dict[str, None]] = {}
        self.order: dict[str, int] = {}
        self.scenarios: dict[str, dict[str, Model]] = {}
        self.stopped: dict[str, str] = {}
        self.crashed: set[str] = set()  # roles of which some instance was down
        self.seen: dict[tuple[str, str, str, str], _Seen] = {}
        self.witnesses: dict[tuple[int, str], ReceptionWitness] = {}

    def take_in(self, model: Model, findings: Findings, label: str) -> None:
        """Add what a search saw; it has to have asked for check.reception."""
        product = Product(model)
        faults = {(fault.check, fault.subject): fault for fault in findings.faults}
        self.order = {form.name: i for i, form in enumerate(model.messages)}
        for role in model.roles:
            regions = self.regions.setdefault(role.name, {})
            regions.update((region.name, region.states) for region in role.regions)
            known = {t.trigger for t in role.transitions if t.kind == "reception"}
            columns = self.columns.setdefault(role.name, {})
            columns.update(dict.fromkeys(sorted(known | set(role.ignored) | set(role.deferred))))
            self.scenarios.setdefault(role.name, {})[label] = model
            if not findings.complete:
                self.stopped.setdefault(role.name, findings.stopped or "what was asked being decided")
        for i, machine in enumerate(product.machines):
            if any(map(is_down, findings.visited.locals[i])):
                self.crashed.add(machine.role.name)
            for met in sorted(findings.visited.inspected[i], key=repr):
                self._see(product, i, machine, met, faults)

    def _see(
        self,
        product: Product,
        instance: int,
        machine: RoleMachine,
        met: Inspected,
        faults: dict[tuple[str, str], Fault],
    ) -> None:
        model, (local, event) = product.model, met
        answer: str = machine.reception(local, event)
        channel = model.channels[model.channel_of[event.sender, machine.instance.name]]
        if answer == UNSPECIFIED and channel.kind == "set":
            answer = "refused"
        if is_down(local):
            answer = "waits" if channel.kind == "set" else _WHILE_DOWN[answer]
        taken = (outcome.transition for outcome in machine.local_step(local, event) if outcome.transition != IGNORE)
        lines = {line.id: line for line in (machine.role.transitions[at] for at in taken)}
        ground = min(map(ground_of, lines.values()), key=GROUNDS.index, default=None)
        self.columns[machine.role.name][event.message.name] = None
        for region, state in zip(machine.role.regions, local.states, strict=True):
            seen = self.seen.setdefault((machine.role.name, region.name, state, event.message.name), _Seen())
            seen.answers.add(answer)
            seen.lines.update(lines)
            seen.grounds |= set() if ground is None else {ground}
            fault = faults.get(product.refusal(instance, local, event)) if answer == UNSPECIFIED else None
            if fault is not None and (model, fault) not in seen.faults:
                seen.faults.append((model, fault))

    def matrices(self, roles: Iterable[str] | None = None) -> list[ReceptionMatrix]:
        """The matrix of each role, or of some. Raises ModelError (M312) for a role that there is not."""
        listed = list(self.regions if roles is None else dict.fromkeys(roles))
        for name in listed:
            if name not in self.regions:
                hint = closest(name, self.regions)
                raise ModelError([Problem("M312", None, f"unknown role {name} in these scenarios", hint)])
        return [self._matrix(name) for name in listed]

    def _matrix(self, role: str) -> ReceptionMatrix:
        messages = tuple(sorted(self.columns[role], key=lambda name: self.order[name]))
        down = (DOWN,) if role in self.crashed else ()
        regions = tuple((region, (*states, *down)) for region, states in self.regions[role].items())
        cells = {
            (region, state, message): self._cell(role, region, state, message)
            for region, states in regions
            for state in states
            for message in messages
        }
        names, models = tuple(self.scenarios[role]), tuple(self.scenarios[role].values())
        return ReceptionMatrix(role, regions, messages, cells, names, self.stopped.get(role), models)

    def _cell(self, role: str, region: str, state: str, message: str) -> ReceptionCell:
        seen = self.seen.get((role, region, state, message))
        if seen is None:
            return ReceptionCell(region, state, message, NOT_SEEN if role in self.stopped else UNREACHABLE)
        grounds = tuple(ground for ground in GROUNDS if ground in seen.grounds)
        lines = sorted(seen.lines.values(), key=lambda line: line.position)
        taken = tuple(Handling(line.id, ground_of(line), line.clauses, line.assumption) for line in lines)
        answer, shown = " or ".join(a for a in ANSWERS if a in seen.answers), None
        if UNSPECIFIED in seen.answers:
            answer, shown = UNSPECIFIED if seen.answers == {UNSPECIFIED} else PARTLY, self._witness(seen)
        return ReceptionCell(region, state, message, answer, shown, grounds, taken)

    def _witness(self, seen: _Seen) -> ReceptionWitness | None:
        """The shortest flow of those that show the cell; of equal ones that of the first scenario."""
        if not seen.faults:
            return None
        model, fault = min(seen.faults, key=lambda found: len(found[1].path))
        key = id(model), fault.subject
        if key not in self.witnesses:
            self.witnesses[key] = witness(model, fault)
        return self.witnesses[key]


def ground_of(line: Transition) -> Ground:
    """What a line rests on: an assumption, informative items alone, items of the text, or nothing but the model."""
    if line.informative:
        return "assumed" if line.assumption is not None else "informative"
    return "text" if line.clauses else "model"


def witness(model: Model, fault: Fault) -> ReceptionWitness:
    """An unspecified reception in full. Raises ReplayError where its flow is not one of the definition's."""
    product = Product(model)
    trace = replay(product, fault.path)
    state = trace.states[-1]
    for i, event in product.expand(state).refused:
        if product.refusal(i, state.locals[i], event) == (fault.check, fault.subject):
            machine, local = product.machines[i], state.locals[i]
            with by_id():
                refusals = tuple(f"{r.transition}: {r.reason}" for r in machine.refusals(local, event))
            return ReceptionWitness(
                model,
                fault.subject,
                machine.instance.name,
                shown_local(machine.role, local),
                shown_message(model, event.message),
                event.sender,
                refusals,
                trace,
            )
    raise ReplayError(f"the trace of {fault.check} does not end in a state where {fault.subject}")


def shown_local(role: Role, local: Local) -> tuple[tuple[str, str], ...]:
    """A local state by name: each region with its state, each variable with its value."""
    regions = ((region.name, state) for region, state in zip(role.regions, local.states, strict=True))
    values = ((v.name, v.domain.show(value)) for v, value in zip(role.variables, local.values, strict=True))
    return (*regions, *values)


def receptions(
    path: Path | str,
    selection: Selection = Selection(),
    *,
    roles: Iterable[str] | None = None,
    effort: Effort = Effort(),
) -> list[ReceptionMatrix]:
    """The matrices of receptions of a model's roles, over scenarios and readings: each is explored to its end.

    Errors are those of `check`; an unknown role raises ModelError (M312).
    """
    document = read(path, selection.changes)
    combinations = list(combine(document, selection.readings))
    settings = known_settings(document, selection.settings)
    listed = known_scenarios(document, selection.scenarios)
    resolve_several(
        document, listed, chosen={**settings, **combinations[0]}, properties=[], symmetry=effort.symmetry
    )  # so that a mistake in any is found before anything is explored
    explore, found = explorer(effort.engine), Receptions()

    def ask(part: tuple[str, dict[str, str]]) -> Iterator[tuple[Model, Findings, str]]:
        scenario, combination = part
        chosen = {**settings, **combination}
        model = resolve(document, scenario, chosen=chosen, properties=[], symmetry=effort.symmetry)
        findings = explore(
            model,
            property_ids=[RECEPTION],
            limits=effort.left,
            full=True,
            on_progress=effort.reporter(model),
            workers=effort.workers,
        )
        if effort.budget is not None:
            effort.budget.note(findings.stopped)
        yield model, findings, ", ".join([scenario, *(f"{name}={value}" for name, value in combination.items())])

    for one in effort.each([(scenario, chosen) for scenario in listed for chosen in combinations], ask):
        found.take_in(*one)
    return found.matrices(roles)
