"""Which pictures of a model are wanted: resolves and checks what they need, and hands it to the renderers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from mcfsm.language.files.document import Document
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve_several
from mcfsm.language.selection import Selection, combine, known_scenarios, known_settings
from mcfsm.model import Model, Role
from mcfsm.model.reach import reach
from mcfsm.pictures import dot
from mcfsm.pictures.convert import CONVERTED, converted
from mcfsm.pictures.diagram import Diagram, View, diagram, only
from mcfsm.pictures.dot import stamped
from mcfsm.pictures.ending import ending_of
from mcfsm.pictures.flow import flow_figures, steps_in_markdown
from mcfsm.pictures.flow_text import render_text
from mcfsm.pictures.folder import Picture
from mcfsm.pictures.look import Look
from mcfsm.pictures.mermaid import mermaid_sequence, mermaid_state
from mcfsm.pictures.mscgen import mscgen
from mcfsm.pictures.plantuml import plantuml_sequence, plantuml_state
from mcfsm.pictures.sequence import Caption
from mcfsm.pictures.shapes import Theme, svg
from mcfsm.pictures.state_table import state_table
from mcfsm.pictures.statechart import sources, state_figures
from mcfsm.pictures.text import wrapped
from mcfsm.problems import ModelError, Problem, closest, counted, printable
from mcfsm.questions.check import check_selected
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.verdict import Run, Verdict

ROLE_FORMATS = (".svg", ".dot", ".mmd", ".md", ".puml", *CONVERTED)
FLOW_FORMATS = (".svg", ".txt", ".mmd", ".md", ".puml", ".msc", *CONVERTED)


def role_pictures(
    model: Model,
    role: Role,
    name: str,
    look: Look = Look(),
    formats: Collection[str] = ROLE_FORMATS,
    followed: tuple[Run, Verdict] | None = None,
) -> Iterator[Picture]:
    """The state diagram of a role in some formats; `followed`: with the flow of a verdict in it."""
    drawn = diagram(model, role, view_of(model, role, look, followed))
    caption = role_caption(model, drawn, look, followed)
    if ".dot" in formats:
        yield Picture(name, ".dot", lambda: dot.dot_source(drawn))
    if ".mmd" in formats:
        yield Picture(name, ".mmd", lambda: mermaid_state(drawn))
    if ".md" in formats:
        yield Picture(name, ".md", lambda: state_table(drawn))
    if ".puml" in formats:
        yield Picture(name, ".puml", lambda: plantuml_state(drawn))
    parts = [("", drawn, caption)]
    if look.regions == "apart" and len(drawn.regions) > 1:
        parts = [
            (f"-{region.name}", only(drawn, region), replace(caption, title=f"{caption.title}: {region.called}"))
            for region in drawn.regions
        ]
    for tail, part, caption in parts:
        yield from _state_figures(part, name, tail, caption, look, formats)


def _state_figures(
    drawn: Diagram, name: str, region: str, caption: Caption, look: Look, formats: Collection[str]
) -> Iterator[Picture]:
    """The figure of a diagram as svg and what is made of that; where the page may need it, in parts."""
    drawing = sources(drawn, caption, look.page)

    def content(part: int, theme: Theme) -> str:
        return stamped(svg(state_figures(drawn, caption, look.page)[part], theme=theme), f"{drawing} {theme} {part}")

    wanted = [suffix for suffix in (".svg", *CONVERTED) if suffix in formats]
    count = 1 if look.page.height is None or not wanted else len(state_figures(drawn, caption, look.page))
    for part in range(count):
        tail = f"{region}-{part + 1}" if count > 1 else region
        for suffix in wanted:
            if suffix == ".svg":
                yield Picture(name, f"{tail}.svg", partial(content, part, look.theme), f"{drawing} {look.theme} {part}")
            else:
                plain = partial(content, part, "dark" if look.theme == "dark" else "light")
                yield Picture(name, tail + suffix, partial(_converted, plain, suffix))


def _converted(drawn: Callable[[], str], suffix: str) -> bytes:
    return converted(drawn(), suffix)


def view_of(model: Model, role: Role, look: Look, followed: tuple[Run, Verdict] | None = None) -> View:
    """What of a role is drawn; the steps of a flow that its instances take, and the states that they pass."""
    reached = None if look.unreachable == "show" else reach(model)
    if followed is None or followed[1].trace is None:
        return View(look.labels, look.unreachable, reached)
    trace, broken = followed[1].trace, followed[1].status == "VIOLATED"
    steps: dict[str, tuple[int, ...]] = {}
    for number, step in enumerate(trace.steps, 1):
        steps[step.transition] = (*steps.get(step.transition, ()), number)
    places = [(i, one) for i, one in enumerate(model.instances) if one.role == role.name]
    visited = {
        (region.name, state)
        for i, _ in places
        for joint in trace.states
        for region, state in zip(role.regions, joint.locals[i].states, strict=True)
    }
    last = trace.steps[-1].transition if broken and trace.steps and trace.loop_start is None else None
    return View(look.labels, look.unreachable, reached, steps, frozenset(visited), last)


def role_caption(model: Model, drawn: Diagram, look: Look, followed: tuple[Run, Verdict] | None) -> Caption:
    """What stands under a state diagram: the role, the scenario, what is left out, and which flow is shown in it."""
    states, transitions = drawn.left_out
    lines = []
    if states or transitions:
        gone = f"{counted(states, 'state')} and {counted(transitions, 'transition')}"
        lines.append(f"Left out, as they are out of reach here: {gone}.")
    if look.unreachable == "grey" and any(region.unreached for region in drawn.regions):
        lines.append("Grey with a broken border: out of reach here.")
    if followed is not None:
        verdict = followed[1]
        lines.append(f"Bold, with the numbers of its steps: the flow of {verdict.id}, {verdict.status.lower()}.")
    return Caption(f"State machine of the {drawn.called} ({model.labels.scenario(model.scenario)})", tuple(lines))


def caption_of(run: Run, verdict: Verdict, name: str | None = None) -> Caption:
    """What stands under the figure of a verdict's flow: the promise, what became of it, and where."""
    words = run.model.labels
    chosen = [words.choice(c.name, c.value) for c in (*run.model.readings, *run.model.options) if not c.default]
    scenario = words.scenario(run.model.scenario)
    where = f"Scenario {scenario}" + (
        f": {run.model.text}" if run.model.text and scenario == run.model.scenario else ""
    )
    said = f"{verdict.status.capitalize()} in {verdict.reason}"
    under = [f"Readings and options: {'; '.join(chosen)}"] if chosen else []
    return Caption(f"{name or verdict.id}: {verdict.text}", (said, where, *under, *_relied_on(verdict)))


def _relied_on(verdict: Verdict) -> list[str]:
    """The assumptions that the flow makes, a line each, and the informative items that it takes."""
    made = dict.fromkeys(one.note for one in verdict.relies_on if one.kind == "assumption")
    items = [one.name for one in verdict.relies_on if one.kind == "informative"]
    return [*(f"Assumes: {said}" for said in made), *([f"Informative: {', '.join(items)}"] if items else [])]


def verdict_pictures(
    run: Run,
    verdict: Verdict,
    name: str,
    look: Look = Look(),
    formats: Collection[str] = FLOW_FORMATS,
    title: str | None = None,
) -> Iterator[Picture]:
    """The flow of a verdict in some formats; its figure in parts, and its steps apart, where that is wanted."""
    model, trace = run.model, verdict.trace
    assert trace is not None
    caption = caption_of(run, verdict, title)
    ending = ending_of(model, trace, verdict.id, broken=verdict.status == "VIOLATED")
    relied = _relied_on(verdict)
    written = ". ".join([f"{caption.title} {verdict.status} in {verdict.reason}", *(one.rstrip(".") for one in relied)])
    if ".txt" in formats:
        below = [line for one in relied for line in wrapped(printable(one), 100)]
        yield Picture(name, ".txt", lambda: "\n".join([render_text(trace, model), *below]) + "\n")
    if ".mmd" in formats:
        yield Picture(name, ".mmd", lambda: mermaid_sequence(trace, model, title=written))
    if ".puml" in formats:
        yield Picture(name, ".puml", lambda: plantuml_sequence(trace, model, title=written))
    if ".msc" in formats:
        yield Picture(name, ".msc", lambda: mscgen(trace, model, title=written))
    if ".md" in formats:
        yield Picture(name, ".md", lambda: steps_in_markdown(model, trace, caption))
    elif look.steps == "apart":
        yield Picture(name, "-steps.md", lambda: steps_in_markdown(model, trace, caption))
    wanted = [suffix for suffix in (".svg", *CONVERTED) if suffix in formats]
    figures = flow_figures(model, trace, caption, ending, look) if wanted else []
    for part, figure in enumerate(figures, 1):
        tail = f"-{part}" if len(figures) > 1 else ""
        for suffix in wanted:
            if suffix == ".svg":
                yield Picture(name, f"{tail}.svg", partial(svg, figure, theme=look.theme))
            else:
                plain = partial(svg, figure, theme="dark" if look.theme == "dark" else "light")
                yield Picture(name, tail + suffix, partial(_converted, plain, suffix))


def flow_pictures(
    path: Path,
    name: str,
    selection: Selection = Selection(),
    effort: Effort = Effort(),
    look: Look = Look(),
    formats: Collection[str] = FLOW_FORMATS,
) -> list[Picture]:
    """The chart of one property's flow, from the first run that has one. Raises ModelError where none has."""
    run, verdict = flow_of(path, name, selection, effort)
    return list(verdict_pictures(run, verdict, verdict.id, look, formats))


def flow_of(path: Path, name: str, selection: Selection, effort: Effort) -> tuple[Run, Verdict]:
    """The first run in which a property has a flow. Raises ModelError where none has."""
    checked = check_selected(path, replace(selection, properties=(name,)), effort)
    for run in checked.runs:
        for verdict in run.verdicts:
            if verdict.trace is not None:
                return run, verdict
    statuses = ", ".join(sorted({verdict.status for run in checked.runs for verdict in run.verdicts}))
    raise ModelError([Problem("M316", None, f"{name} has no flow to draw: it is {statuses}", "try another --reading")])


def role_diagrams(
    path: Path,
    roles: Iterable[str],
    selection: Selection = Selection(),
    look: Look = Look(),
    formats: Collection[str] = ROLE_FORMATS,
) -> list[Picture]:
    """The state diagrams of some roles (none named: all), each from the first scenario with it. Raises ModelError."""
    document = read(path, selection.changes)
    wanted = _known(document, roles)
    chosen = {**known_settings(document, selection.settings), **next(iter(combine(document, selection.readings)))}
    models = resolve_several(document, known_scenarios(document, selection.scenarios), chosen=chosen, symmetry=False)
    pictures: dict[str, list[Picture]] = {}
    for model in models:
        for role in model.roles:
            if role.name not in pictures and (not wanted or role.name in wanted):
                pictures[role.name] = list(role_pictures(model, role, role.name, look, formats))
    return [picture for found in pictures.values() for picture in found]


def followed_diagrams(
    path: Path,
    roles: Iterable[str],
    name: str,
    selection: Selection = Selection(),
    effort: Effort = Effort(),
    look: Look = Look(),
    formats: Collection[str] = ROLE_FORMATS,
) -> list[Picture]:
    """The state diagrams of some roles with the flow of a property in them. Raises ModelError."""
    wanted = _known(read(path, selection.changes), roles)
    run, verdict = flow_of(path, name, selection, effort)
    found = [role for role in run.model.roles if not wanted or role.name in wanted]
    several = [role_pictures(run.model, role, role.name, look, formats, (run, verdict)) for role in found]
    return [picture for pictures in several for picture in pictures]


def _known(document: Document, roles: Iterable[str]) -> list[str]:
    """The names of roles. Raises ModelError for one that the model does not have."""
    wanted = list(roles)
    for name in wanted:
        if name not in document.roles:
            raise ModelError([Problem("M312", None, f"unknown role {name}", closest(name, document.roles))])
    return wanted
