"""What random walks found, as text and as JSON. What draws tables is not read for a flow alone."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from mcfsm import __version__
from mcfsm.explore.findings import Findings
from mcfsm.explore.random.walk import WalkProgress, WalkResult
from mcfsm.model import CHECKS, Model
from mcfsm.pictures.flow_text import render_text
from mcfsm.problems import counted
from mcfsm.verdicts.coverage import Share

if TYPE_CHECKING:
    from rich.console import RenderableType

Covered = tuple[tuple[Share, ...], Findings]


def as_text(model: Model, result: WalkResult, *, width: int) -> str:
    """How far the walks looked, and the flow they found if any."""
    transitions = sum(len(role.transitions) for role in model.roles)
    title = model.labels.label("scenario", model.scenario) or f"scenario {model.scenario}"
    head = (
        f"{model.file}  {title}  seed {result.seed}:"
        f" {counted(result.examples, 'walk')}, {counted(result.steps, 'step')},"
        f" {counted(result.states, 'state')}, {len(result.fired)} of {counted(transitions, 'transition')}"
    )
    if result.stopped is not None:
        head = f"{head}, stopped by {result.stopped}"
    if result.violation is None:
        return f"{_filled(head, width)}\nno violation found; a random walk proves nothing: mcfsm check does"
    name, trace = result.violation
    promise = CHECKS[name] if name in CHECKS else model.property_of[name].text
    status = "VIOLATED (expected)" if model.expected(name) == "VIOLATED" else "VIOLATED"
    shrunk = "shrunk" if result.stopped is None else "may be shrunk further"
    length = f"{counted(len(trace), 'step')}, {shrunk}" if len(trace) else "before any step"
    flow = render_text(trace, model, width=width)
    return "\n".join([_filled(head, width), _filled(f"{status}  {name}  {promise}  {length}", width), flow])


def _filled(text: str, width: int) -> str:
    return textwrap.fill(text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def progress_text(model: Model, progress: WalkProgress) -> str:
    """How far the walks have come; once they found something, what, and that a shorter flow is looked for."""
    said = f"{model.scenario}: {counted(progress.walks, 'walk')}, {counted(progress.steps, 'step')}"
    if progress.violated is None:
        return said
    length = counted(progress.shortest, "step")
    return f"{said}; {progress.violated} violated in {length}, looking for a shorter flow"


def coverage_text(covered: Covered) -> RenderableType:
    """How much of what exhaustive search reaches the walks visited."""
    from mcfsm.report import coverage

    shares, findings = covered
    title = "coverage of what exhaustive search reaches"
    if not findings.complete:
        title = f"coverage of what a search reached that was stopped by {findings.stopped}; more may be reached"
    return coverage.as_text([("walked", shares)], title=title)


def as_json(model: Model, result: WalkResult, covered: Covered | None) -> dict[str, Any]:
    """The same as plain data. Keys may be added, none changes its meaning or goes away."""
    from mcfsm.report import coverage
    from mcfsm.report.check_json import FORMAT, as_steps

    found = result.violation
    return {
        "format": FORMAT,
        "version": __version__,
        "model": model.name,
        "scenario": model.scenario,
        "seed": result.seed,
        "walks": result.examples,
        "steps": result.steps,
        "states": result.states,
        "transitions": sorted(result.fired),
        "stopped": result.stopped,
        "violation": found
        and {
            "property": found.property_id,
            "expected": model.expected(found.property_id),
            "trace": as_steps(found.trace),
        },
        "coverage": None if covered is None else coverage.as_json(covered[0]),
        "coverage_of": None if covered is None else {"states": covered[1].states, "complete": covered[1].complete},
    }
