"""Which pictures of a model are wanted: resolves and checks what they need, and hands it to the renderers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve_several
from mcfsm.language.selection import Selection, combine, known_scenarios, known_settings
from mcfsm.model import Model, Role
from mcfsm.pictures import dot
from mcfsm.pictures.chart import render_text
from mcfsm.pictures.diagram import diagram
from mcfsm.pictures.index import FILE, IndexEntry, index_page, written_here
from mcfsm.pictures.mermaid import mermaid_sequence, mermaid_state
from mcfsm.pictures.svg import sequence_svg
from mcfsm.problems import ModelError, Problem, closest
from mcfsm.questions.check import check_selected
from mcfsm.semantics.trace import Trace
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.verdict import Run, Verdict

FORMATS = {".dot": "dot", ".svg": "svg", ".mmd": "mermaid", ".txt": "text"}


@dataclass(frozen=True)
class Picture:
    """One file of a gallery. `source` is what its picture is drawn from: the content itself, but for an svg."""

    name: str
    source: str
    render: Callable[[], str]

    def fresh(self, file: Path) -> bool:
        """Whether a file holds this picture: byte for byte, or for an svg by the digest of its source."""
        if not file.is_file():
            return False
        text = file.read_text(encoding="utf-8", errors="replace")
        if file.suffix == ".svg":
            return dot.embedded_digest(text) == dot.source_digest(self.source)
        return text == self.render()


def role_pictures(model: Model, role: Role, name: str) -> Iterator[Picture]:
    """The state diagram of a role as dot, svg and Mermaid."""
    drawn = diagram(model, role)
    source = dot.dot_source(drawn)
    mermaid = mermaid_state(drawn)
    yield Picture(f"{name}.dot", source, lambda: source)
    yield Picture(f"{name}.svg", source, lambda: dot.svg(source))
    yield Picture(f"{name}.mmd", mermaid, lambda: mermaid)


def trace_pictures(model: Model, trace: Trace, name: str, title: str) -> Iterator[Picture]:
    """The sequence chart of a trace as text, svg and Mermaid."""
    mermaid = mermaid_sequence(trace, model, title=title)
    yield Picture(f"{name}.txt", "", lambda: render_text(trace, model) + "\n")
    yield Picture(f"{name}.svg", mermaid, lambda: sequence_svg(trace, model, title=title))
    yield Picture(f"{name}.mmd", mermaid, lambda: mermaid)


def gallery(runs: Iterable[Run]) -> list[Picture]:
    """Every role, once for each form it takes under the runs' constants; every property's flow, from the first run.

    Last comes their index. A flow has no text here: `mcfsm draw --trace` and a check print it.
    """
    runs = list(runs)
    pictures: list[Picture] = []
    diagrams: list[IndexEntry] = []
    flows: list[IndexEntry] = []
    for role in dict.fromkeys(role.name for run in runs for role in run.model.roles):
        mine = [run.model for run in runs if any(r.name == role for r in run.model.roles)]
        for values, model in _forms(role, mine):
            name = "-".join([role, *values.values()])
            pictures += role_pictures(model, _role(model, role), name)
            where = ", ".join(value if key == "scenario" else f"{key}={value}" for key, value in values.items())
            diagrams.append(IndexEntry(name, (".svg", ".mmd", ".dot"), role, where or "every run"))
    shown: set[str] = set()
    for run in runs:
        for verdict in run.verdicts:
            if verdict.trace is None or verdict.id in shown or not verdict.trace.steps:
                continue
            shown.add(verdict.id)
            constants = [c.value for c in (*run.model.readings, *(o for o in run.model.options if not o.default))]
            name = "-".join([verdict.id, run.model.scenario, *constants])
            title = f"{verdict.id}: {verdict.text} {verdict.status} in {verdict.reason}"
            drawn = trace_pictures(run.model, verdict.trace, name, title)
            pictures += (picture for picture in drawn if not picture.name.endswith(".txt"))
            flows.append(flow_entry(run, verdict, name))
    title = runs[0].model.name if runs else "nothing"
    page = index_page(f"Diagrams: {title}", diagrams, flows)
    return [*pictures, Picture(FILE, page, lambda: page)]


def flow_entry(run: Run, verdict: Verdict, name: str) -> IndexEntry:
    """What the index says of the chart of a verdict's flow: the promise, the scenario with what is not usual in it."""
    chosen = [f"{c.name}={c.value}" for c in (*run.model.readings, *run.model.options) if not c.default]
    where = ", ".join([run.model.scenario, *chosen])
    said = f"{verdict.status} in {verdict.reason}"
    return IndexEntry(name, (".svg", ".mmd"), f"{verdict.id}: {verdict.text}", where, said)


def _role(model: Model, name: str) -> Role:
    return next(role for role in model.roles if role.name == name)


def _forms(role: str, models: list[Model]) -> Iterator[tuple[dict[str, str], Model]]:
    """A model for each different diagram of a role, with the fewest constants that tell them apart."""
    drawn = [dot.dot_source(diagram(model, _role(model, role))) for model in models]
    values = [
        {**{c.name: c.value for c in (*model.readings, *model.options)}, "scenario": model.scenario} for model in models
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


def write(pictures: Iterable[Picture], directory: Path, *, whole: bool = False) -> list[str]:
    """Write the pictures into a directory. If they are the `whole` gallery, what is left there of an older one goes."""
    directory.mkdir(parents=True, exist_ok=True)
    pictures = _ours(pictures, directory)
    for picture in pictures:
        if not (picture.name.endswith(".svg") and picture.fresh(directory / picture.name)):
            (directory / picture.name).write_text(picture.render(), encoding="utf-8")
    for file in _others(pictures, directory) if whole else ():
        file.unlink()
    return [picture.name for picture in pictures]


def stale(pictures: Iterable[Picture], directory: Path) -> list[str]:
    """The files of a directory that are not what the pictures are, missing ones and leftover ones included."""
    pictures = _ours(pictures, directory)
    wrong = [picture.name for picture in pictures if not picture.fresh(directory / picture.name)]
    return [*wrong, *(file.name for file in _others(pictures, directory))]


def _ours(pictures: Iterable[Picture], directory: Path) -> list[Picture]:
    """The pictures, without an index where somebody's own page stands in its place."""
    page = directory / FILE
    own = page.exists() and not written_here(page.read_text(encoding="utf-8", errors="replace"))
    return [picture for picture in pictures if not (own and picture.name == FILE)]


def _others(pictures: list[Picture], directory: Path) -> list[Path]:
    """Leftovers of an older gallery: files named like an svg that mcfsm drew. Other files are somebody else's."""
    names = {picture.name for picture in pictures}
    others = sorted(f for f in directory.glob("*") if f.suffix in FORMATS and f.name not in names and f.is_file())
    return [file for file in others if _drawn(file.with_suffix(".svg"))]


def _drawn(file: Path) -> bool:
    """Whether a file is an svg that mcfsm drew."""
    return file.is_file() and dot.embedded_digest(file.read_text(encoding="utf-8", errors="replace")) is not None


def all_pictures(
    path: Path,
    selection: Selection = Selection(),
    effort: Effort = Effort(),
) -> list[Picture]:
    """The whole gallery of a model; every value of its readings where none are named. Raises ModelError."""
    readings = selection.readings or {str(name): ["all"] for name in read(path, selection.changes).readings}
    checked = check_selected(path, replace(selection, readings=readings), effort)
    return gallery(checked.runs)


def flow_pictures(
    path: Path,
    name: str,
    selection: Selection = Selection(),
    effort: Effort = Effort(),
) -> list[Picture]:
    """The chart of one property's flow, from the first run that has one. Raises ModelError where none has."""
    checked = check_selected(path, replace(selection, properties=(name,)), effort)
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
    selection: Selection = Selection(),
) -> list[Picture]:
    """The state diagrams of some roles (none named: all), each from the first scenario with it. Raises ModelError."""
    document = read(path, selection.changes)
    wanted = list(roles)
    for name in wanted:
        if name not in document.roles:
            raise ModelError([Problem("M312", None, f"unknown role {name}", closest(name, document.roles))])
    chosen = {**known_settings(document, selection.settings), **next(iter(combine(document, selection.readings)))}
    models = resolve_several(document, known_scenarios(document, selection.scenarios), chosen=chosen, symmetry=False)
    pictures: dict[str, list[Picture]] = {}
    for model in models:
        for role in model.roles:
            if role.name not in pictures and (not wanted or role.name in wanted):
                pictures[role.name] = list(role_pictures(model, role, role.name))
    return [picture for found in pictures.values() for picture in found]
