"""Check a model: resolve its scenarios, explore each, judge, and put it all into one report."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

from mcfsm.explore.findings import INTERRUPTED, Answer, Explorer, Findings, Limits, Progress, Report
from mcfsm.explore.graph import GraphSource
from mcfsm.expressions.parse import Text
from mcfsm.language.document import Document
from mcfsm.language.reader import read
from mcfsm.language.resolve import resolve, resolve_all
from mcfsm.model import CHECKS, Fairness, Model
from mcfsm.problems import ModelError, Problem, Span, closest
from mcfsm.verdict import Run, judge

ENGINES = ("exhaustive", "reference")  # modules of mcfsm.explore; the first is the default
Watcher = Callable[[Model, Progress], None]


def explorer(engine: str) -> Explorer:
    """The explorer of a name: imported when it is asked for, as the compiled one brings numba."""
    found: Explorer = import_module(f"mcfsm.explore.{engine}").explore
    return found


def graph_source(engine: str) -> GraphSource:  # noqa: ARG001 - one producer serves all engines
    """What produces the graph that liveness is decided on."""
    found: GraphSource = import_module("mcfsm.explore.reference_graph").graph_of
    return found


@dataclass(frozen=True)
class Checked:
    """Every run of one check, and the warnings that concern all of them together."""

    path: str
    digest: str
    runs: tuple[Run, ...]
    warnings: tuple[str, ...]

    @property
    def exit_status(self) -> int:
        """1 where an expectation is not met, else 2 where something is incomplete, else 0."""
        verdicts = [verdict for run in self.runs for verdict in run.verdicts if not verdict.met]
        if any(verdict.status != "INCOMPLETE" for verdict in verdicts):
            return 1
        return 2 if verdicts else 0


def check(
    path: Path | str,
    *,
    scenarios: Iterable[str] | None = None,
    properties: Iterable[str] | None = None,
    readings: Mapping[str, Iterable[str]] | None = None,
    settings: Mapping[str, str] | None = None,
    engine: str = ENGINES[0],
    workers: int | None = None,
    limits: Limits | None = None,
    everything: bool = False,
    fairness: Fairness | None = None,
    progress: Watcher | None = None,
) -> Checked:
    """The verdicts on a model: a run for each scenario and each combination of the readings' values.

    `readings` gives the values to try by name ("all": every value); `settings` fixes options and parameters;
    `properties` narrows what is asked (built-in checks by their names); `fairness` stands in for what liveness
    properties say themselves. Raises ModelError for what is wrong with the
    model, and for names that it does not have.
    """
    document = read(path)
    combinations = list(combine(document, readings or {}))
    settings = known_settings(document, settings or {})
    resolve_all(document, chosen={**settings, **combinations[0]})
    wanted = None if properties is None else known_properties(document, properties)
    chosen_scenarios = known_scenarios(document, scenarios)
    runs = []
    for scenario in chosen_scenarios:
        for combination in combinations:
            model = resolve(document, scenario, chosen={**settings, **combination}, properties=wanted)
            asked = [*(p.id for p in model.promises), *(c for c in CHECKS if wanted is None or c in wanted)]
            if asked:
                runs.append(run(model, asked, engine, limits, everything, progress, workers, fairness))
            if runs and INTERRUPTED in (runs[-1].findings.stopped, *(a.stopped for a in runs[-1].answers)):
                return _checked(path, runs, whole=False)
    if not runs:
        names = ", ".join(wanted or [])
        raise ModelError([Problem("M313", None, f"none of these scenarios checks {names}")])
    return _checked(path, runs, whole=scenarios is None and wanted is None)


def _checked(path: Path | str, runs: list[Run], *, whole: bool) -> Checked:
    """The runs as a report; only a check of the whole model can say what never happens in it."""
    digests = "".join(digest(run.model) for run in runs)
    together = hashlib.sha256(digests.encode()).hexdigest()
    return Checked(str(path), together, tuple(runs), tuple(never_fired(runs)) if whole else ())


def run(
    model: Model,
    asked: list[str],
    engine: str,
    limits: Limits | None,
    everything: bool,
    progress: Watcher | None,
    workers: int | None = None,
    fairness: Fairness | None = None,
) -> Run:
    """One model explored and judged. Where liveness is asked, all of it is explored."""
    explore = explorer(engine)

    def report(state: Progress) -> None:
        if progress is not None:
            progress(model, state)

    live = [response.id for response in model.responses if response.id in asked]
    asked = [name for name in asked if name not in live]
    everything = everything or bool(live)
    findings = explore(model, asked=asked, limits=limits, everything=everything, report=report, workers=workers)
    answers = list(_answers(model, live, findings, engine, limits, report, workers, fairness)) if live else []
    return judge(
        model,
        findings,
        asked,
        lambda avoid, names: explore(model, asked=names, limits=limits, avoid=avoid, report=report, workers=workers),
        answers,
    )


def _answers(
    model: Model,
    live: list[str],
    findings: Findings,
    engine: str,
    limits: Limits | None,
    report: Report,
    workers: int | None,
    fairness: Fairness | None,
) -> Iterator[Answer]:
    """The answers to liveness properties, in declared order."""
    from mcfsm.explore.liveness import answers

    responses = [model.response_of[name] for name in live]
    if findings.stopped == INTERRUPTED:
        for response in responses:
            yield Answer(response.id, fairness or response.fairness, False, INTERRUPTED, findings.states, False)
        return
    graph = graph_source(engine)(model, responses=responses, limits=limits, report=report, workers=workers)
    yield from answers(model, graph, fairness)


def combine(document: Document, readings: Mapping[str, Iterable[str]]) -> Iterable[dict[str, str]]:
    """Every combination of the values asked for; one empty combination where none are."""
    columns: list[list[tuple[str, str]]] = []
    for name, values in readings.items():
        part = next((part for key, part in document.readings.items() if key == name), None)
        if part is None:
            raise _unknown("M309", "reading", name, document.readings)
        listed = list(values)
        known = list(map(str, part.values))
        for value in listed:
            if value not in [*known, "all"]:
                raise _unknown("M310", f"value of reading {name}", value, known)
        columns.append([(name, value) for value in (known if "all" in listed else dict.fromkeys(listed))])
    return (dict(row) for row in product(*columns))


def known_settings(document: Document, settings: Mapping[str, str]) -> dict[str, str]:
    """The settings, if every name is an option or a parameter. Raises ModelError (M309)."""
    for name in settings:
        if name not in document.options and name not in document.parameters:
            hint = "readings are chosen with --reading" if name in document.readings else None
            raise _unknown("M309", "option or parameter", name, [*document.options, *document.parameters], hint)
    return dict(settings)


def known_scenarios(document: Document, scenarios: Iterable[str] | None) -> list[str]:
    """The scenarios asked for, or all of them. Raises ModelError (M601)."""
    known = list(map(str, document.scenarios))
    scenarios = None if scenarios is None else list(scenarios)
    for name in scenarios or ():
        if name not in known:
            raise _unknown("M601", "scenario", name, known)
    return known if scenarios is None else list(dict.fromkeys(scenarios))


def known_properties(document: Document, properties: Iterable[str]) -> list[str]:
    """The properties asked for, if they exist. Raises ModelError (M313)."""
    known = [*map(str, document.properties), *CHECKS]
    listed = list(properties)
    for name in listed:
        if name not in known:
            raise _unknown("M313", "property", name, known)
    return listed


def _unknown(code: str, what: str, name: str, known: Iterable[str], hint: str | None = None) -> ModelError:
    return ModelError([Problem(code, None, f"unknown {what} {name}", hint or closest(name, known))])


def never_fired(runs: Iterable[Run]) -> Iterable[str]:
    """A sentence for each transition that no complete run ever fired, though it stood in some."""
    fired: set[str] = set()
    there: dict[str, Span | None] = {}
    for item in runs:
        fired |= item.findings.fired
        if not item.findings.complete:
            return
        for role in item.model.roles:
            there.update({transition.id: transition.span for transition in role.transitions})
    for name, span in there.items():
        if name not in fired:
            place = f"{span.file}:{span.line}: " if span else ""
            yield f"{place}transition {name} was never fired in any scenario"


def digest(model: Model) -> str:
    """The SHA-256 of everything a model means, as hexadecimal: places in files do not count."""
    return hashlib.sha256(_canonical(model).encode()).hexdigest()


def _canonical(value: Any) -> str:
    if is_dataclass(value) and not isinstance(value, type):
        parts = (f"{item.name}={_canonical(getattr(value, item.name))}" for item in fields(value) if item.compare)
        return f"{type(value).__name__}({','.join(parts)})"
    if isinstance(value, tuple | list):
        return f"({','.join(map(_canonical, value))})"
    if isinstance(value, frozenset):
        return f"{{{','.join(sorted(map(_canonical, value)))}}}"
    if isinstance(value, Text):
        return repr(str(value))
    return repr(value)
