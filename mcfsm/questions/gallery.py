"""The gallery of a model: each role in each form that it takes, the flow of each property, steps in words, an index.

A file is called as a person would type it: `K2-one_partner.svg`, the property and the scenario.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from mcfsm.language.files.reader import read
from mcfsm.language.selection import Selection
from mcfsm.model import Model, Role
from mcfsm.pictures.chart import chart
from mcfsm.pictures.chart_words import chart_words
from mcfsm.pictures.diagram import diagram
from mcfsm.pictures.folder import Picture
from mcfsm.pictures.index import FlowSteps, IndexEntry, index_page, steps_page
from mcfsm.pictures.look import Look
from mcfsm.questions.check import check_selected
from mcfsm.questions.draw import caption_of, role_pictures, verdict_pictures, view_of
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.verdict import Run, Verdict

LOOK = Look(steps="none", labels="guards")  # the rest stands on pages of its own


def all_pictures(
    path: Path,
    selection: Selection = Selection(),
    effort: Effort = Effort(),
    look: Look = LOOK,
) -> list[Picture]:
    """The whole gallery of a model; every value of its readings where none are named. Raises ModelError."""
    readings = selection.readings or {str(name): ["all"] for name in read(path, selection.changes).readings}
    checked = check_selected(path, replace(selection, readings=readings), effort)
    return gallery(checked.runs, replace(look, steps="none"))


def gallery(runs: Iterable[Run], look: Look = LOOK) -> list[Picture]:
    """Every role, once for each form it takes under the runs' constants; every property's flow, from the first run.

    All as svg. Last come the steps of the flows in words, and the index.
    """
    runs = list(runs)
    pictures: list[Picture] = []
    diagrams: list[IndexEntry] = []
    flows: list[IndexEntry] = []
    steps: list[FlowSteps] = []
    for role in dict.fromkeys(role.name for run in runs for role in run.model.roles):
        mine = [run.model for run in runs if any(r.name == role for r in run.model.roles)]
        for values, model in _forms(role, mine, look):
            name = "-".join([role, *values.values()])
            pictures += role_pictures(model, _role(model, role), name, look, (".svg",))
            where = ", ".join(value if key == "scenario" else f"{key}={value}" for key, value in values.items())
            diagrams.append(IndexEntry(name, (f"{name}.svg",), model.labels.role(role), where or "every run"))
    shown: set[str] = set()
    for run in runs:
        for verdict in run.verdicts:
            if verdict.trace is None or verdict.id in shown or not verdict.trace.steps:
                continue
            shown.add(verdict.id)
            name = f"{verdict.id}-{run.model.scenario}"
            drawn = list(verdict_pictures(run, verdict, name, look, (".svg",)))
            pictures += drawn
            flows.append(flow_entry(run, verdict, name, [picture.name for picture in drawn]))
            words = chart_words(run.model, verdict.trace, chart(verdict.trace, run.model))
            steps.append(FlowSteps(name, caption_of(run, verdict), words.sentences))
    title = runs[0].model.name if runs else "nothing"
    page = index_page(f"Diagrams: {title}", diagrams, flows, steps=bool(steps))
    told = steps_page(f"Flows: {title}", steps)
    pictures += [Picture("steps", ".md", lambda: told)] if steps else []
    return [*pictures, Picture("README", ".md", lambda: page)]


def flow_entry(run: Run, verdict: Verdict, name: str, files: Iterable[str]) -> IndexEntry:
    """What the index says of the chart of a verdict's flow: the promise, the scenario with what is not usual in it."""
    chosen = [f"{c.name}={c.value}" for c in (*run.model.readings, *run.model.options) if not c.default]
    where = ", ".join([run.model.scenario, *chosen])
    said = f"{verdict.status} in {verdict.reason}"
    return IndexEntry(name, tuple(files), f"{verdict.id}: {verdict.text}", where, said)


def _role(model: Model, name: str) -> Role:
    return next(role for role in model.roles if role.name == name)


def _forms(role: str, models: list[Model], look: Look) -> Iterator[tuple[dict[str, str], Model]]:
    """A model for each different diagram of a role, with the fewest constants that tell them apart."""
    drawn = [_source(model, _role(model, role), look) for model in models]
    values = [
        {"scenario": model.scenario, **{c.name: c.value for c in (*model.readings, *model.options)}} for model in models
    ]
    names = list(values[0])
    deciding = next(
        subset
        for size in range(len(names) + 1)
        for subset in combinations(names, size)
        if len({(tuple(v[n] for n in subset), d) for v, d in zip(values, drawn, strict=True)})
        == len({tuple(v[n] for n in subset) for v in values})
    )
    seen: set[str] = set()
    for model, value, source in zip(models, values, drawn, strict=True):
        if source not in seen:
            seen.add(source)
            yield {name: value[name] for name in deciding}, model


def _source(model: Model, role: Role, look: Look) -> str:
    """All that the diagram of a role shows."""
    return repr(diagram(model, role, view_of(model, role, look)))
