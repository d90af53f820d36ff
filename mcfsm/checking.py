"""Check a model: resolve its scenarios, explore each, judge, and put it all into one report."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

from mcfsm.explore.findings import INTERRUPTED, Answer, Explorer, Findings, Limits, Progress
from mcfsm.explore.graph import GraphSource
from mcfsm.expressions.parse import Text
from mcfsm.language.document import Document
from mcfsm.language.places import Places
from mcfsm.language.reader import read
from mcfsm.language.resolve import resolve, resolve_all
from mcfsm.language.roles import transition_ids
from mcfsm.model import CHECKS, Fairness, Model
from mcfsm.never import never
from mcfsm.problems import ModelError, Problem, Problems, closest
from mcfsm.verdict import Run, exit_status, informal_transitions, judge

ENGINES = ("exhaustive", "reference")  # modules of mcfsm.explore; the first is the default
Watcher = Callable[[Model, Progress], None]


def explorer(engine: str) -> Explorer:
    """The explorer of a name: imported when it is asked for, as the compiled one brings numba."""
    found: Explorer = import_module(f"mcfsm.explore.{engine}").explore
    return found


def graph_source(engine: str) -> GraphSource:
    """What explores a model and produces the graph that liveness is decided on."""
    found: GraphSource = import_module(f"mcfsm.explore.{engine}_graph").explored
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
        """1 where an expectation is not met, else 2 where something is incomplete, expected or not, else 0."""
        return exit_status(verdict for run in self.runs for verdict in run.verdicts)


def check(
    path: Path | str,
    *,
    scenarios: Iterable[str] | None = None,
    properties: Iterable[str] | None = None,
    changes: Iterable[str] | None = None,
    readings: Mapping[str, Iterable[str]] | None = None,
    settings: Mapping[str, str] | None = None,
    engine: str = ENGINES[0],
    workers: int | None = None,
    limits: Limits | None = None,
    everything: bool = False,
    avoid: Iterable[str] = (),
    normative: bool = False,
    fairness: Fairness | None = None,
    symmetry: bool = True,
    progress: Watcher | None = None,
) -> Checked:
    """The verdicts on a model: a run for each scenario and each combination of the readings' values.

    `changes` are applied to it, without them its default ones. `readings` gives the values of readings and options to
    try by name ("all": every value); `settings` fixes options and parameters;
    `properties` narrows what is asked (built-in checks by their names). `avoid` names transitions that are never taken,
    `normative` adds those that rest on assumptions or informative items: then every verdict says what it is without.
    `fairness` stands in for what liveness properties say themselves. Without `symmetry` interchangeable instances are
    told apart. Raises ModelError for what is wrong with the
    model, and for names that it does not have.
    """
    document = read(path, changes)
    left_out = known_transitions(document, avoid)
    runs: list[Run] = []
    for model, asked in questions(document, scenarios, properties, readings, settings, symmetry=symmetry):
        informal = informal_transitions(model) if normative else frozenset()
        avoided = left_out | informal
        runs.append(run(model, asked, engine, limits, everything, progress, workers, avoid=avoided, fairness=fairness))
        if runs[-1].interrupted:
            break
    restricted = normative or bool(left_out)
    whole = scenarios is None and properties is None and not restricted and not runs[-1].interrupted
    return _checked(path, document, runs, whole=whole, absent=left_out.difference(*(item.avoided for item in runs)))


def questions(
    document: Document,
    scenarios: Iterable[str] | None,
    properties: Iterable[str] | None,
    readings: Mapping[str, Iterable[str]] | None,
    settings: Mapping[str, str] | None,
    *,
    symmetry: bool = True,
) -> Iterator[tuple[Model, list[str]]]:
    """Each model that is to be checked, scenario by scenario and reading by reading, with what is asked of it.

    Before the first, every scenario is resolved, so that a mistake in any is found. Raises ModelError, also where
    nothing is asked at all (M313).
    """
    combinations = list(combine(document, readings or {}))
    settings = known_settings(document, settings or {})
    resolve_all(document, chosen={**settings, **combinations[0]}, symmetry=symmetry)
    wanted = None if properties is None else known_properties(document, properties)
    found = False
    for scenario in known_scenarios(document, scenarios):
        for combination in combinations:
            chosen = {**settings, **combination}
            model = resolve(document, scenario, chosen=chosen, properties=wanted, symmetry=symmetry)
            asked = [*(p.id for p in model.promises), *(c for c in CHECKS if wanted is None or c in wanted)]
            if asked:
                found = True
                yield model, asked
    if not found:
        names = ", ".join(wanted or [])
        raise ModelError([Problem("M313", None, f"none of these scenarios checks {names}")])


def _checked(path: Path | str, document: Document, runs: list[Run], *, whole: bool, absent: Iterable[str]) -> Checked:
    """The runs as a report; only a check of the whole model can say what never happens in it."""
    warnings = tuple(never(((run.model, run.findings) for run in runs), Places(document))) if whole else ()
    digests = "".join(digest(run.model) for run in runs)
    together = hashlib.sha256(digests.encode()).hexdigest()
    idle = [f"transition {name} is in no scenario run here: leaving it out changed nothing" for name in sorted(absent)]
    return Checked(str(path), together, tuple(runs), (*idle, *warnings))


def run(
    model: Model,
    asked: list[str],
    engine: str,
    limits: Limits | None,
    everything: bool,
    progress: Watcher | None,
    workers: int | None = None,
    *,
    avoid: frozenset[str] = frozenset(),
    fairness: Fairness | None = None,
    normative_flows: bool = True,
) -> Run:
    """One model explored and judged, the transitions in `avoid` left out. Where liveness is asked, all is explored.

    `normative_flows` looks for a second flow where the first rests on assumptions or informative items.
    """
    explore = explorer(engine)

    def report(state: Progress) -> None:
        if progress is not None:
            progress(model, state)

    def search(avoid: frozenset[str], asked: list[str], everything: bool = False) -> Findings:
        return explore(
            model,
            asked=asked,
            limits=limits,
            everything=everything,
            avoid=avoid,
            report=report,
            workers=workers,
        )

    live = [response for response in model.responses if response.id in asked]
    asked = [name for name in asked if name not in {response.id for response in live}]
    answers: list[Answer] = []
    if not live:
        findings = search(avoid, asked, everything)
    else:
        from mcfsm.explore.liveness import answers as answers_of

        findings, graph = graph_source(engine)(
            model, asked=asked, responses=live, limits=limits, avoid=avoid, report=report, workers=workers
        )
        if graph is not None:
            answers = list(answers_of(model, graph, fairness, avoid=avoid))
        else:
            answers = [Answer(r.id, fairness or r.fairness, False, INTERRUPTED, findings.states, False) for r in live]
    return judge(model, findings, asked, search if normative_flows else None, answers, avoid=avoid)


def combine(document: Document, readings: Mapping[str, Iterable[str]]) -> Iterable[dict[str, str]]:
    """Every combination of the values asked for, of readings and options; one empty combination where none are."""
    parts = {**document.readings, **document.options}
    columns: list[list[tuple[str, str]]] = []
    for name, values in readings.items():
        part = next((part for key, part in parts.items() if key == name), None)
        if part is None:
            raise _unknown("M309", "reading or option", name, parts)
        kind = "reading" if name in document.readings else "option"
        listed = list(values)
        known = list(map(str, part.values))
        for value in listed:
            if value not in [*known, "all"]:
                raise _unknown("M310", f"value of {kind} {name}", value, known)
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


def known_transitions(document: Document, names: Iterable[str]) -> frozenset[str]:
    """The ids of transitions asked for, if some role has them. Raises ModelError (M315)."""
    known = transition_ids(document.roles, Problems()).values()
    listed = frozenset(names)
    for name in sorted(listed.difference(known)):
        raise _unknown("M315", "transition", name, known)
    return listed


def _unknown(code: str, what: str, name: str, known: Iterable[str], hint: str | None = None) -> ModelError:
    return ModelError([Problem(code, None, f"unknown {what} {name}", hint or closest(name, known))])


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
