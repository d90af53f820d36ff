"""The JSON of `mcfsm check`: a promise. Keys may be added, none changes its meaning or goes away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mcfsm import __version__
from mcfsm.model import Model
from mcfsm.model.digest import digest
from mcfsm.model.independence.claims import NumberClaim
from mcfsm.model.labels import by_id
from mcfsm.problems import Span
from mcfsm.questions.check import Checked
from mcfsm.report import coverage, timing
from mcfsm.report.problems import listed
from mcfsm.report.style import bounds
from mcfsm.semantics.trace import Trace, TraceStep
from mcfsm.verdicts.deadlock import Stuck
from mcfsm.verdicts.flow_file import as_fault
from mcfsm.verdicts.verdict import Bite, Run, Verdict

FORMAT = 1
MOST_OBSTACLES = 3  # that a claim lists


def as_json(checked: Checked, *, strict: bool = False) -> dict[str, Any]:
    """The whole report as plain data; with `strict` warnings fail. Two runs differ in `timing` alone."""
    return {
        "format": FORMAT,
        "version": __version__,
        "digest": checked.digest,
        "scenarios": [_scenario(run, checked.places) for run in checked.runs],
        "summary": _summary(checked),
        "warnings": list(checked.warnings),
        "stopped": checked.stopped,
        "left": list(checked.left),
        "errors": [{"scenario": one.scenario, "problems": listed(one.error.problems)} for one in checked.errors],
        "exit_status": checked.status(strict=strict),
        "timing": {
            "scenarios": [round(run.findings.seconds, 3) for run in checked.runs],
            "taken": [run.taken for run in checked.runs],
            **timing.as_json(checked.spent),
        },
    }


def _summary(checked: Checked) -> dict[str, int]:
    """How many verdicts there are, and how many of them are as they are expected to be."""
    verdicts = [verdict for run in checked.runs for verdict in run.verdicts]
    decided = [verdict for verdict in verdicts if verdict.status != "INCOMPLETE"]
    said = [verdict for verdict in decided if verdict.expected is not None]
    met = sum(verdict.met for verdict in said)
    return {
        "verdicts": len(verdicts),
        "as_expected": met,
        "not_as_expected": len(said) - met,
        "nothing_expected": len(decided) - len(said),
        "incomplete": len(verdicts) - len(decided),
    }


def instance_of(model: Model) -> dict[str, Any]:
    """On which instance of a model something is said: its readings, options and parameters, and its bounds in words."""
    with by_id():
        bounded = bounds(model)
    return {
        "readings": {constant.name: constant.value for constant in model.readings},
        "options": {constant.name: constant.value for constant in model.options},
        "parameters": {constant.name: int(constant.value) for constant in model.parameters},
        "bounds": bounded,
    }


def _scenario(run: Run, places: Mapping[str, Span]) -> dict[str, Any]:
    model, findings = run.model, run.findings
    return {
        "model": model.name,
        "scenario": model.scenario,
        "engine": findings.engine,
        "changes": list(model.changes),
        **instance_of(model),
        "instances": {instance.name: instance.role for instance in model.instances},
        "avoided": list(run.avoided),
        "normative": run.normative,
        "omitted": {role.name: list(role.omitted) for role in model.roles if role.omitted},
        "observers": [observer.name for observer in model.observers],
        "interchangeable": [list(names) for names in model.interchangeable],
        "within": None if model.boundary is None else model.boundary.text,
        "states": findings.states,
        "beyond": findings.beyond,
        "transitions": findings.transitions,
        "depth": findings.depth,
        "reduction": None if findings.reduction is None else asdict(findings.reduction),
        "complete": findings.complete,
        "stopped": findings.stopped,
        "digest": digest(model),
        "coverage": coverage.as_json(coverage.of_run(run)),
        "properties": [_property(verdict, run, places.get(verdict.id)) for verdict in run.verdicts],
        "findings": [
            {
                "check": fault.check,
                "subject": fault.subject,
                "trace": as_steps(fault.trace),
                "refusals": list(fault.refusals),
                "stuck": None if fault.stuck is None else _stuck(fault.stuck),
            }
            for fault in run.faults
        ],
    }


def _stuck(stuck: Stuck) -> dict[str, Any]:
    return {
        "instances": [
            {
                "instance": wait.instance,
                "states": dict(wait.states),
                "final": wait.final,
                "waits_for": [asdict(reason) for reason in wait.reasons],
            }
            for wait in stuck.waits
        ],
        "messages": list(stuck.waiting),
    }


def _property(verdict: Verdict, run: Run, place: Span | None) -> dict[str, Any]:
    return {
        "id": verdict.id,
        "text": verdict.text,
        "clause": verdict.clause,
        "place": place and {"file": place.file, "line": place.line, "column": place.column},
        "status": verdict.status,
        "expected": verdict.expected,
        "trace": None if verdict.trace is None else as_steps(verdict.trace),
        "loop_start": None if verdict.trace is None else verdict.trace.loop_start,
        "relies_on": list(map(str, verdict.relies_on)),
        "vacuous": verdict.status == "VACUOUS",
        "reason": verdict.reason,
        "restricted": run.restricted,
        "normative_trace": None if verdict.normative is None else as_steps(verdict.normative),
        "normative_note": verdict.normative_note,
        "normative_loop_start": None if verdict.normative is None else verdict.normative.loop_start,
        "bite": verdict.bite and as_bite(verdict.bite),
        "any_number": [as_claim(claim) for claim in verdict.any_number],
        "fairness": verdict.fairness,
        "fairness_note": verdict.fairness_note,
        "witnesses": [
            {"set": w.fair_set, "taken_at": w.taken_at, "disabled_after": w.disabled_after} for w in verdict.witnesses
        ],
    }


def as_claim(claim: NumberClaim) -> dict[str, Any]:
    """Whether a promise holds for any number of users, with the first things that stand in the way."""
    return {
        "groups": list(claim.users.groups),
        "shown": claim.shown,
        "argument": claim.argument,
        "obstacles": [
            {"file": one.span and one.span.file, "line": one.span and one.span.line, "text": one.said}
            for one in claim.obstacles[:MOST_OBSTACLES]
        ],
    }


def as_bite(bite: Bite) -> dict[str, Any]:
    """Where a PROVED comes nearest to being broken, and the flow to there."""
    return {"kind": bite.kind, "text": bite.text, "trace": None if bite.trace is None else as_steps(bite.trace)}


def as_steps(trace: Trace) -> list[dict[str, Any]]:
    """The steps of a trace as plain data."""
    return [_step(step) for step in trace.steps]


def _step(step: TraceStep) -> dict[str, Any]:
    received = step.receives
    return {
        "instance": step.instance,
        "transition": step.transition,
        "kind": step.kind,
        "clause": step.clause,
        "assumption": step.assumption,
        "chosen": dict(step.chosen),
        "receives": received
        and {"message": received.message, "sender": received.sender, "elements": dict(received.elements)},
        "sends": [
            {"message": sent.message, "receiver": sent.receiver, "elements": dict(sent.elements), "lost": sent.lost}
            for sent in step.sends
        ],
        "changes": [
            {"instance": change.instance, "name": change.name, "before": change.before, "after": change.after}
            for change in step.changes
        ],
        "fault": step.fault and as_fault(step.fault),
    }
