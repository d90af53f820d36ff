"""Check a model: resolve its scenarios, explore each, judge, and put it all into one report."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import groupby
from pathlib import Path
from typing import Protocol, TypedDict

from mcfsm.explore.findings import Limits
from mcfsm.explore.stopping import reason_of
from mcfsm.host.timing import Account, account, phase
from mcfsm.language.files.document import Document
from mcfsm.language.files.locations import Places
from mcfsm.language.files.reader import read
from mcfsm.language.selection import Questions, Selection, known_transitions
from mcfsm.model import Fairness, Model
from mcfsm.model.digest import digest
from mcfsm.problems import ModelError, Span, counted
from mcfsm.verdicts.any_number import with_any_number
from mcfsm.verdicts.asked import Verdicts, exit_status, no_such, tally
from mcfsm.verdicts.kept.keeping import KnownFindings
from mcfsm.verdicts.never_happens import never
from mcfsm.verdicts.run import ENGINES, Effort, ProgressCallback, run, run_by_text
from mcfsm.verdicts.verdict import Run, Verdict

WRONG_MODEL = 3  # the exit status where a model is in error


@dataclass(frozen=True)
class ScenarioInError:
    """A scenario whose search came to what the model cannot mean: it has no verdict, and those of others stand."""

    scenario: str
    error: ModelError


@dataclass(frozen=True, repr=False)
class Checked(Verdicts):
    """Every run of one check, and the warnings that concern all of them together.

    `checked["K2"]` is the verdict on K2 where one run has it, `checked["one_partner", "K2"]` that of one scenario.
    """

    path: str
    runs: tuple[Run, ...]
    warnings: tuple[str, ...]
    stopped: str | None = None  # the signal that ended it before all was checked
    left: tuple[str, ...] = ()  # scenarios that were not checked, or not with all that was asked of them
    errors: tuple[ScenarioInError, ...] = ()
    places: Mapping[str, Span] = field(default_factory=dict, compare=False)  # property to where it is declared
    spent: Account = field(default_factory=Account, compare=False)  # where the time went
    selection: Selection = field(default_factory=Selection, compare=False)  # what was asked, with the three below
    fairness: Fairness | None = None
    avoid: tuple[str, ...] = ()
    normative: bool = False

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Those of all runs, run by run."""
        return tuple(verdict for run in self.runs for verdict in run.verdicts)

    def __getitem__(self, name: str | tuple[str, str]) -> Verdict:
        """The verdict on a property or check, or on (scenario, property).

        Raises KeyError where there is none, and where several runs have one: `runs` has each by itself.
        """
        scenario, property_id = (None, name) if isinstance(name, str) else name
        runs = [run for run in self.runs if scenario in (None, run.model.scenario)]
        if not runs:
            raise KeyError(f"no run of {scenario}; there are {', '.join(dict.fromkeys(run.name for run in self.runs))}")
        having = [run for run in runs if property_id in run]
        if not having:
            raise no_such(property_id, (verdict for run in runs for verdict in run))
        if len(having) > 1:
            names = ", ".join(run.name for run in having)
            one = f'["{having[0].model.scenario}", "{property_id}"]' if scenario is None else ".runs"
            raise KeyError(f"{property_id} has {counted(len(having), 'verdict')}, in {names}: take one by checked{one}")
        return having[0][property_id]

    @property
    def exit_status(self) -> int:
        """That of the verdicts, 2 for 0 where some were not come to, and 3 where a scenario is in error."""
        if self.errors:
            return WRONG_MODEL
        return exit_status(self.verdicts) or (2 if self.stopped else 0)

    def status(self, *, strict: bool) -> int:
        """The exit status; with `strict` it is 1 also where there are warnings."""
        return 1 if strict and self.warnings and not self.errors else self.exit_status

    def __repr__(self) -> str:
        """One line: "<Checked two_phase_commit.yaml: 1 run, 3 verdicts (3 PROVED)>"."""
        return f"<Checked {self.path}: {counted(len(self.runs), 'run')}, {tally(self.verdicts)}>"

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all that the models of the runs mean, as hexadecimal."""
        return hashlib.sha256("".join(digest(run.model) for run in self.runs).encode()).hexdigest()


class Listener(Protocol):
    """Who is told what a check finds, as soon as it is found."""

    def begin(self, property_ids: Mapping[str, Sequence[str]]) -> None:
        """Take scenario to the properties and checks that it is asked, in declared order: before the first search."""

    def scenario(self, runs: Sequence[Run]) -> None:
        """Take the runs of a scenario, one for each combination of the readings' values: when the last is done."""


def check(
    path: Path | str,
    *,
    scenarios: Iterable[str] | None = None,
    properties: Iterable[str] | None = None,
    changes: Iterable[str] | None = None,
    readings: Mapping[str, Iterable[str]] | None = None,
    settings: Mapping[str, str | int] | None = None,
    engine: str = ENGINES[0],
    workers: int | None = None,
    limits: Limits | None = None,
    everything: bool = False,
    avoid: Iterable[str] = (),
    normative: bool = False,
    fairness: Fairness | None = None,
    symmetry: bool = True,
    cache: bool = False,
    progress: ProgressCallback | None = None,
    listener: Listener | None = None,
    reduce: bool = False,
) -> Checked:
    """The verdicts on a model: a run for each scenario and each combination of the readings' values.

    A name alone stands for a list of it. `changes` are applied to the model, without them its default ones. `readings`
    gives the values of readings and options to try by name ("all": every value); `settings` fixes options and
    parameters; `properties` narrows what is asked (built-in checks by their names). `avoid` names transitions that are
    never taken, `normative` adds those that rest on assumptions or informative items: then every verdict says what it
    is without, and check.reception counts what only they answer as unspecified.
    `fairness` stands in for what liveness properties say themselves. Without `symmetry` interchangeable instances are
    told apart. To `reduce` is to take only such steps as suffice (docs/reduction.md): then they are told apart too, and
    a flow need not be the shortest. With `cache` what was found out before of a model that means the same is taken from
    there, as `mcfsm check` does: then `taken` of its run is true. `listener` is told of each scenario as soon as it is
    done. Raises ModelError for what is wrong with the model, and for names that it does not have.
    """
    selection = Selection(
        None if scenarios is None else listed(scenarios),
        None if properties is None else listed(properties),
        None if changes is None else listed(changes),
        {name: listed(values) for name, values in (readings or {}).items()},
        {name: str(value) for name, value in (settings or {}).items()},
    )
    kept = KnownFindings.of_user() if cache else None
    effort = Effort(engine, workers, limits, symmetry and not reduce, progress, kept, reduce=reduce)
    options: QuestionOptions = {
        "everything": everything,
        "avoid": listed(avoid),
        "normative": normative,
        "fairness": fairness,
    }
    return check_selected(path, selection, effort, listener=listener, **options)


def listed(names: Iterable[str]) -> tuple[str, ...]:
    """The names; of a text the one that it is, and not its letters."""
    return (names,) if isinstance(names, str) else tuple(names)


class QuestionOptions(TypedDict):
    """What is asked of every model of a check, beside its properties; `check` says what it means."""

    everything: bool
    avoid: tuple[str, ...]
    normative: bool
    fairness: Fairness | None


def check_selected(
    path: Path | str,
    selection: Selection = Selection(),
    effort: Effort = Effort(),
    *,
    everything: bool = False,
    avoid: Iterable[str] = (),
    normative: bool = False,
    fairness: Fairness | None = None,
    bite: bool = False,
    listener: Listener | None = None,
    searched: Callable[[], None] = lambda: None,
    in_spite: bool = False,
) -> Checked:
    """The same as `check`, of what is selected and with so much effort; `bite` also shows that each PROVED can fail.

    `searched` is called when the last search is over. Where a scenario is in error, the others are checked `in_spite`
    of it, and `errors` has it; raises ModelError without that, and where no scenario has a verdict.
    """
    options: QuestionOptions = {
        "everything": everything,
        "avoid": listed(avoid),
        "normative": normative,
        "fairness": fairness,
    }
    with account() as spent:
        how = {"bite": bite, "in_spite": in_spite}
        checked = _checked(path, selection, effort, options, listener=listener, searched=searched, **how)
    return replace(checked, spent=spent)


def _checked(
    path: Path | str,
    selection: Selection,
    effort: Effort,
    options: QuestionOptions,
    *,
    bite: bool,
    in_spite: bool,
    listener: Listener | None,
    searched: Callable[[], None],
) -> Checked:
    everything, normative, fairness = options["everything"], options["normative"], options["fairness"]
    with phase("reading"):
        document = read(path, selection.changes)
    left_out = known_transitions(document, options["avoid"])
    with phase("resolving"):
        asked = Questions(document, selection, symmetry=effort.symmetry)
    ask = partial(run_by_text if normative else run, full=everything, avoid=left_out, fairness=fairness)
    runs: list[Run] = []
    errors: list[ScenarioInError] = []
    stopped = None
    try:
        _check_each(asked, ask, effort, runs, errors, bite=bite, listener=listener)
        if errors and not (runs and in_spite):
            raise errors[0].error
        searched()
    except (KeyboardInterrupt, MemoryError) as error:
        if not runs:
            raise
        searched()
        stopped = reason_of(error)
    stopped = runs[-1].stopped if runs[-1].interrupted else stopped
    failed = {one.scenario for one in errors}
    told: Counter[str] = Counter(run.model.scenario for run in runs if not run.interrupted)
    left = [scenario for scenario in asked.property_ids if told[scenario] < asked.runs_of_each or scenario in failed]
    narrowed = selection.scenarios is not None or selection.properties is not None
    whole = not (narrowed or normative or left_out or effort.reduce or errors) and stopped is None
    warnings = _warnings(document, runs, whole=whole, absent=left_out.difference(*(item.avoided for item in runs)))
    places = {str(name): name.span for name in document.properties if name.span is not None}
    return Checked(
        str(path),
        tuple(runs),
        warnings,
        stopped,
        tuple(left),
        tuple(errors),
        places,
        selection=selection,
        fairness=fairness,
        avoid=options["avoid"],
        normative=normative,
    )


def _check_each(
    asked: Questions,
    ask: Callable[[Model, list[str], Effort], Run],
    effort: Effort,
    runs: list[Run],
    errors: list[ScenarioInError],
    *,
    bite: bool,
    listener: Listener | None,
) -> None:
    """Check one model after another, each noted in `runs` as soon as it is done; none after one is interrupted.

    A scenario that is in error is noted in `errors`, and the next one is checked.
    """
    for scenario, models in groupby(asked, key=lambda item: item[0].scenario):
        if listener is not None and not (runs or errors):
            listener.begin(asked.property_ids)
        done = len(runs)
        try:
            for model, property_ids in models:
                runs.append(ask(model, property_ids, effort))
                if runs[-1].interrupted:
                    break
                runs[-1] = with_any_number(runs[-1])
                if bite:
                    from mcfsm.verdicts.bite import with_bites

                    runs[-1] = with_bites(runs[-1], effort)
        except ModelError as error:
            errors.append(ScenarioInError(scenario, error))
        finally:  # also where it is interrupted between two of them
            if listener is not None and len(runs) > done:
                with phase("drawing"):
                    listener.scenario(runs[done:])
        if runs and runs[-1].interrupted:
            break


def _warnings(document: Document, runs: list[Run], *, whole: bool, absent: Iterable[str]) -> tuple[str, ...]:
    """What concerns all runs together; only a check of the whole model can say what never happens in it."""
    warnings = never(((run.model, run.findings) for run in runs), Places(document)) if whole else ()
    idle = [f"transition {name} is in no scenario run here: leaving it out changed nothing" for name in sorted(absent)]
    return (*idle, *warnings)
