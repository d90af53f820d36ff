"""Which pictures of a model are wanted: resolves and checks what they need, and hands it to the renderers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from mcfsm.checking import Watcher, check, combine, known_scenarios, known_settings
from mcfsm.language.reader import read
from mcfsm.language.resolve import resolve_all
from mcfsm.problems import ModelError, Problem, closest
from mcfsm.report.gallery import Picture, gallery, role_pictures, trace_pictures


def all_pictures(
    path: Path,
    *,
    scenarios: Iterable[str] | None = None,
    changes: Iterable[str] | None = None,
    readings: Mapping[str, Iterable[str]] | None = None,
    settings: Mapping[str, str] | None = None,
    progress: Watcher | None = None,
) -> list[Picture]:
    """The whole gallery of a model; every value of its readings where none are named. Raises ModelError."""
    names = readings or {str(name): ["all"] for name in read(path, changes).readings}
    checked = check(path, scenarios=scenarios, changes=changes, readings=names, settings=settings, progress=progress)
    return gallery(checked.runs)


def flow_pictures(
    path: Path,
    name: str,
    *,
    scenarios: Iterable[str] | None = None,
    changes: Iterable[str] | None = None,
    readings: Mapping[str, Iterable[str]] | None = None,
    settings: Mapping[str, str] | None = None,
    progress: Watcher | None = None,
) -> list[Picture]:
    """The chart of one property's flow, from the first run that has one. Raises ModelError where none has."""
    checked = check(
        path,
        scenarios=scenarios,
        properties=[name],
        changes=changes,
        readings=readings,
        settings=settings,
        progress=progress,
    )
    for run in checked.runs:
        for verdict in run.verdicts:
            if verdict.trace is not None:
                title = f"{verdict.id}: {verdict.text}"
                return list(trace_pictures(run.model, verdict.trace, verdict.id, title))
    statuses = ", ".join(sorted({verdict.status for run in checked.runs for verdict in run.verdicts}))
    raise ModelError([Problem("M316", None, f"{name} has no flow to draw: it is {statuses}", "try another --reading")])


def role_diagrams(
    path: Path,
    roles: Iterable[str],
    *,
    scenarios: Iterable[str] | None = None,
    changes: Iterable[str] | None = None,
    readings: Mapping[str, Iterable[str]] | None = None,
    settings: Mapping[str, str] | None = None,
) -> list[Picture]:
    """The state diagrams of some roles (none named: all), each from the first scenario with it. Raises ModelError."""
    document = read(path, changes)
    wanted = list(roles)
    for name in wanted:
        if name not in document.roles:
            raise ModelError([Problem("M312", None, f"unknown role {name}", closest(name, document.roles))])
    chosen = {**known_settings(document, settings or {}), **next(iter(combine(document, readings or {})))}
    names = set(known_scenarios(document, scenarios))
    models = [model for model in resolve_all(document, chosen=chosen) if model.scenario in names]
    pictures: dict[str, list[Picture]] = {}
    for model in models:
        for role in model.roles:
            if role.name not in pictures and (not wanted or role.name in wanted):
                pictures[role.name] = list(role_pictures(model, role, role.name))
    return [picture for found in pictures.values() for picture in found]
