"""Evidence that was checked again, as text and as JSON: what each verdict stands on, or why the file is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from mcfsm import __version__
from mcfsm.evidence.records import Claim
from mcfsm.evidence.verify import VerifiedRun
from mcfsm.problems import counted
from mcfsm.questions.verify import Verification
from mcfsm.report.check_json import FORMAT, instance_of
from mcfsm.report.style import COLOURS, bounds, heading, label, wrapped


def verified_as_text(found: Verification, *, width: int) -> RenderableType:
    """The answer, and of each scenario what its verdicts stand on, in `width` columns."""
    answer = Text()
    if found.refused is not None:
        answer.append("REFUSED", style="red")
        return Group(answer, wrapped(f"{found.path}: {found.refused}.", width))
    if found.stopped is not None:
        said = f"{found.path}: stopped by {found.stopped}. Nothing is proved, and nothing is refused."
        return Group(Text("INCOMPLETE", style="yellow"), wrapped(said, width))
    claims = sum(len(run.claims) for run in found.runs)
    answer.append("VERIFIED", style="green")
    answer.append(f"  {found.path}: {counted(claims, 'verdict')} decided again by the definition alone")
    return Group(answer, *(line for run in found.runs for line in _run(run, width)))


def _run(run: VerifiedRun, width: int) -> Iterator[RenderableType]:
    model, subject = run.model, run.subject
    yield Text("")
    yield heading(model, label(model), bounds(model))
    if subject.avoided:
        yield wrapped(f"without {', '.join(subject.avoided)}", width, 2, "dim")
    if subject.states:
        steps = counted(subject.transitions, "step")
        yield wrapped(f"{counted(subject.states, 'state')} looked at, and {steps} taken between them", width)
    column = max((len(claim.id) for claim in run.claims), default=0)
    for claim in run.claims:
        lead = f"  {claim.id.ljust(column)}  "
        said = wrapped(f"{lead}{claim.status.ljust(8)}  {_stands_on(claim)}", width, len(lead) + 10)
        said.stylize(COLOURS[claim.status], len(lead), len(lead) + len(claim.status))
        yield said


def _stands_on(claim: Claim) -> str:
    fairness = "" if claim.fairness is None else f", {'no' if claim.fairness == 'none' else claim.fairness} fairness"
    steps = len(claim.steps or ())
    match claim.by:
        case "flow":
            return f"by a flow of {counted(steps, 'step')}"
        case "lasso":
            loop = steps - (claim.loop or 0)
            again = f", the last {loop} again and again" if loop else ", after which nobody has to act"
            return f"by a flow of {counted(steps, 'step')}{again}{fairness}"
        case "ranking":
            return f"by ranks of {counted(claim.ranked or 0, 'state')} that wait{fairness}"
    return f"by all states{fairness}"


def verified_as_json(found: Verification) -> dict[str, Any]:
    """The same as plain data. Keys may be added, none changes its meaning or goes away."""
    return {
        "format": FORMAT,
        "version": __version__,
        "evidence": found.path,
        "verified": found.exit_status == 0,
        "refused": found.refused,
        "stopped": found.stopped,
        "scenarios": [_run_as_json(run) for run in found.runs],
        "exit_status": found.exit_status,
    }


def _run_as_json(run: VerifiedRun) -> dict[str, Any]:
    return {
        "scenario": run.model.scenario,
        **instance_of(run.model),
        "changes": list(run.model.changes),
        "avoided": run.subject.avoided,
        "states": run.subject.states,
        "transitions": run.subject.transitions,
        "verdicts": [
            {"id": claim.id, "status": claim.status, "by": claim.by, "fairness": claim.fairness} for claim in run.claims
        ],
    }
