"""All that one check knows of a model, put together for a reader: what is broken first, and each flow step by step.

The verdicts are those of `check`; the items are those of `clauses`. Nothing is searched here: each step of a flow is
looked at again, with what it changes and what every promise says of the state behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from mcfsm.language.changes.apply import Baseline
from mcfsm.language.files.reader import read_baseline
from mcfsm.language.selection import Selection
from mcfsm.model import CHECKS, Model, Status
from mcfsm.pictures.ending import ending_of
from mcfsm.pictures.flow import flow_figures
from mcfsm.pictures.look import Look
from mcfsm.pictures.programs import ProgramMissing
from mcfsm.pictures.shapes import svg
from mcfsm.questions.check import Checked, Listener, check_selected
from mcfsm.questions.clauses import Item, clauses
from mcfsm.questions.draw import caption_of, role_pictures
from mcfsm.questions.families.overview import Overview, overview
from mcfsm.questions.families.repair import Repair, repair
from mcfsm.questions.propose import place_of
from mcfsm.questions.receptions import ReceptionMatrix
from mcfsm.questions.receptions import receptions as receptions_of
from mcfsm.semantics.faults import is_down
from mcfsm.semantics.near_miss import Place, declared
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import LivenessMonitor, PropertyMonitor
from mcfsm.semantics.sentence import sentence
from mcfsm.semantics.steps import State
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.verdict import Run, Verdict

Standing = Literal["holds", "broken", "waits"]
Asking = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Moment:
    """A step of a flow: what is done, and what is another after it. The first one is the beginning."""

    sentence: str
    clauses: tuple[str, ...] = ()
    assumption: str | None = None
    changed: tuple[tuple[str, str], ...] = ()  # a place by its name, and its value
    standings: tuple[tuple[str, Standing], ...] = ()  # promises that stand otherwise than before


@dataclass(frozen=True)
class BrokenPromise:
    """A promise that is broken in one place, with its flow."""

    id: str
    run: Run = field(repr=False)
    verdict: Verdict
    place: str
    moments: tuple[Moment, ...]
    repair: Repair | None = None  # None where no correction was looked for

    @cached_property
    def clauses(self) -> tuple[str, ...]:
        """The items that its steps rest on, in their order."""
        return tuple(dict.fromkeys(item for moment in self.moments for item in moment.clauses))

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What its steps take to be so where the text is silent."""
        return tuple(dict.fromkeys(moment.assumption for moment in self.moments if moment.assumption))

    @property
    def surprising(self) -> bool:
        """Whether the model does not expect it."""
        return not self.verdict.met

    def figure(self) -> str:
        """The sequence chart as SVG."""
        model, trace = self.run.model, self.verdict.trace
        assert trace is not None
        ending = ending_of(model, trace, self.verdict.id, broken=True)
        look = Look(steps="none", theme="light")
        return svg(flow_figures(model, trace, caption_of(self.run, self.verdict), ending, look)[0], theme="light")


@dataclass(frozen=True)
class Rests:
    """An item of the text, and what rests on it here: flows whose steps cite it, promises that it makes."""

    item: Item
    findings: tuple[str, ...]
    properties: tuple[str, ...]


@dataclass(frozen=True)
class AskedVariant:
    """Of which variant of a model every run is: what the question says, in place of what the model says by itself."""

    changes: tuple[tuple[str, str], ...]  # that are applied: id, and title
    usual: bool  # whether these are the changes that apply where nobody says otherwise
    chosen: tuple[tuple[str, tuple[str, ...]], ...]  # parameters, options and readings that were chosen, with values


@dataclass(frozen=True)
class Dossier:
    """One check of a model, for a reader."""

    title: str
    asked: AskedVariant
    checked: Checked
    findings: tuple[BrokenPromise, ...]
    rests: tuple[Rests, ...]
    diagrams: tuple[tuple[str, str], ...]  # of each role: a title, and an SVG
    without_diagrams: str | None = None  # why there are none
    receptions: tuple[ReceptionMatrix, ...] = ()
    families: tuple[Overview, ...] = ()

    @property
    def exit_status(self) -> int:
        """That of the check, and 2 for 0 where what stands beside it could not be told to the end."""
        untold = any(one.stopped for one in self.receptions) or any(one.incomplete for one in self.families)
        return self.checked.exit_status or (2 if untold else 0)

    @property
    def runs(self) -> tuple[Run, ...]:
        """Every run, as asked."""
        return self.checked.runs

    @cached_property
    def promises(self) -> dict[str, str]:
        """Every promise and every built-in check that was asked, with what it says."""
        return {verdict.id: verdict.text for verdict in self.checked.verdicts}

    @cached_property
    def broken(self) -> dict[str, list[BrokenPromise]]:
        """What is broken, promise by promise: what nobody expected first, then what is broken in most places.

        Built-in checks come behind the promises.
        """
        found: dict[str, list[BrokenPromise]] = {}
        for one in self.findings:
            found.setdefault(one.verdict.id, []).append(one)

        def rank(name: str) -> tuple[bool, bool, int]:
            return not any(one.surprising for one in found[name]), name in CHECKS, -len(found[name])

        return {name: found[name] for name in sorted(found, key=rank)}

    def count(self, status: Status) -> int:
        """How many verdicts there are of a status."""
        return sum(verdict.status == status for verdict in self.checked.verdicts)


def dossier(
    path: Path | str,
    selection: Selection = Selection(),
    effort: Effort = Effort(),
    *,
    corrections: bool = False,
    diagrams: bool = True,
    receptions: bool = False,
    families: bool = False,
    listener: Listener | None = None,
    asking: Asking | None = None,
) -> Dossier:
    """Check what is selected, and put together what came out. Raises ModelError for what is wrong with the model.

    `corrections`: look for the smallest candidate that restores each broken promise. `diagrams`: draw the roles.
    `receptions`: what becomes of every message in every state. `families`: what the verdicts depend on. All but the
    diagrams are searches of their own.
    """
    checked = check_selected(path, selection, effort, listener=listener)
    findings = []
    broken = [
        (run, verdict)
        for run in checked.runs
        for verdict in run.verdicts
        if verdict.status == "VIOLATED" and verdict.trace is not None
    ]
    for number, (run, verdict) in enumerate(broken, 1):
        if asking is not None:
            asking(number, len(broken), verdict.id)
        mended = _repair(path, run, verdict, effort) if corrections else None
        moments = tuple(_moments(run.model, verdict))
        findings.append(BrokenPromise(f"f{number}", run, verdict, place_of(run), moments, mended))
    drawn, why_not = _diagrams(checked) if diagrams else ((), None)
    baseline = read_baseline(path)
    return Dossier(
        str(baseline.document.model),
        _asked(baseline, selection, checked),
        checked,
        tuple(findings),
        tuple(_rests(path, checked, findings)),
        drawn,
        why_not,
        tuple(receptions_of(path, selection, effort=effort)) if receptions else (),
        tuple(overview(path, selection, pairs=False, effort=effort)) if families else (),
    )


def _asked(baseline: Baseline, selection: Selection, checked: Checked) -> AskedVariant:
    """What was chosen by name, with the values that the runs have of it."""
    values: dict[str, dict[str, None]] = {name: {} for name in (*selection.settings, *selection.readings)}
    for run in checked.runs:
        for one in (*run.model.parameters, *run.model.options, *run.model.readings):
            if one.name in values:
                values[one.name][one.value] = None
    model = checked.runs[0].model
    changes = tuple((name, str(baseline.changes[name].title)) for name in model.changes)
    return AskedVariant(changes, model.usual_changes, tuple((name, tuple(each)) for name, each in values.items()))


def _moments(model: Model, verdict: Verdict) -> Iterator[Moment]:
    """The steps of a flow, each with what is another after it."""
    trace = verdict.trace
    assert trace is not None
    monitors = [PropertyMonitor(model, one) for one in model.state_properties if one.form != "reachable"]
    answers = [LivenessMonitor(model, one) for one in model.liveness_properties]
    product = Product(model)
    before: dict[str, str] = {}
    standing: dict[str, Standing] = {}
    for number, state in enumerate(trace.states):
        initial = product.is_initial(state)
        values, now = dict(_values(model, state)), dict(_standings(monitors, answers, state, standing, initial))
        changed = tuple((name, value) for name, value in values.items() if before.get(name) != value)
        altered = tuple((name, one) for name, one in now.items() if standing.get(name) != one)
        before, standing = values, now
        if number == 0:
            yield Moment("The beginning.", changed=changed, standings=altered)
            continue
        step = trace.steps[number - 1]
        items = tuple(item for item in (step.clause or "").split(", ") if item)
        yield Moment(sentence(model, step), items, step.assumption, changed, altered)


def _values(model: Model, state: State) -> Iterator[tuple[str, str]]:
    """Every place of a joint state with its value as reports show it; observers among them."""
    roles = [*((one.name, one.role) for one in model.instances), *((one.name, "") for one in model.observers)]
    words = model.labels
    for place, ((name, role), local) in enumerate(zip(roles, state.locals, strict=True)):
        who = words.instance(name)
        if is_down(local):
            yield f"{who}: state", "down"
            continue
        for position, value in enumerate(local.states):
            called, _ = declared(model, Place(name, place, True, position))
            region = called.removeprefix(f"{name}.")
            yield f"{who}: {words.region(role, region)}", words.state(role, value)
        for position, value in enumerate(local.values):
            called, domain = declared(model, Place(name, place, False, position))
            yield f"{who}: {called.removeprefix(f'{name}.')}", domain.show(value)


def _standings(
    monitors: list[PropertyMonitor],
    answers: list[LivenessMonitor],
    state: State,
    before: dict[str, Standing],
    initial: bool,
) -> Iterator[tuple[str, Standing]]:
    """What every promise says of a state: of a promise of runs, whether what it promises is still waited for."""
    for monitor in monitors:
        yield monitor.property.id, "broken" if monitor.decides(state) else "holds"
    for answer in answers:
        caused, met = answer.values(state, initial=initial)
        waited = before.get(answer.property_.id) == "waits"
        yield answer.property_.id, "waits" if (caused or waited) and not met else "holds"


def _repair(path: Path | str, run: Run, verdict: Verdict, effort: Effort) -> Repair:
    model = run.model
    constants = {one.name: [str(one.value)] for one in (*model.readings, *model.options) if not one.default}
    selection = Selection(scenarios=(model.scenario,), changes=model.changes, readings=constants)
    return repair(path, verdict.id, selection, most=1, effort=effort)


def _diagrams(checked: Checked) -> tuple[tuple[tuple[str, str], ...], str | None]:
    """The state diagram of each role, from the first run that has it; or why there is none."""
    drawn: dict[str, str] = {}
    try:
        for run in checked.runs:
            for role in run.model.roles:
                if role.name not in drawn:
                    look = Look(theme="light", labels="trigger")
                    pictures = role_pictures(run.model, role, role.name, look, {".svg"})
                    drawn[role.name] = "".join(one.content().decode() for one in pictures)
    except ProgramMissing as error:
        return (), str(error)
    return tuple((name.replace("_", " "), picture) for name, picture in drawn.items()), None


def _rests(path: Path | str, checked: Checked, findings: list[BrokenPromise]) -> Iterator[Rests]:
    """Every item of the catalogue with what rests on it in this check."""
    properties: dict[str, dict[str, None]] = {}
    for run in checked.runs:
        for property_ in run.model.properties:
            for name in (property_.clause or "").split(", "):
                properties.setdefault(name, {})[property_.id] = None
    for item in clauses(path).items:
        citing = tuple(one.id for one in findings if item.id in one.clauses)
        yield Rests(item, citing, tuple(properties.get(item.id, ())))
