"""A check as SARIF 2.1.0: a rule for each property, a result for each verdict, and each flow through the files.

A verdict that is as expected is of kind `pass`. What is not is a failure of level `error`; an INCOMPLETE is one of
level `warning`, as readers of SARIF that look at levels alone would pass over its kind `open`.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from mcfsm import __version__
from mcfsm.model import Model
from mcfsm.problems import Span
from mcfsm.questions.check import Checked
from mcfsm.report.again import again
from mcfsm.report.formats.places import places_of, said, warning_at
from mcfsm.semantics.sentence import sentence
from mcfsm.semantics.trace import Trace
from mcfsm.verdicts.verdict import Run, Verdict

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_NEVER = "warning"  # the rule of what never happens


def written(checked: Checked, *, strict: bool = False) -> str:
    """The log, with one run of mcfsm; with `strict` warnings are errors."""
    rules: dict[str, str] = {}
    results = [_result(checked, run, verdict, rules) for run in checked.runs for verdict in run.verdicts]
    results += [_warning(warning, strict, rules) for warning in checked.warnings]
    driver = {
        "name": "mcfsm",
        "version": __version__,
        "rules": [{"id": name, "shortDescription": {"text": text}} for name, text in rules.items()],
    }
    successful = checked.stopped is None and not checked.errors
    invocation: dict[str, Any] = {"executionSuccessful": successful, "exitCode": checked.status(strict=strict)}
    if checked.errors:
        invocation["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": f"{one.scenario}: {one.error}"}} for one in checked.errors
        ]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _result(checked: Checked, run: Run, verdict: Verdict, rules: dict[str, str]) -> dict[str, Any]:
    rules.setdefault(verdict.id, verdict.text)
    places = places_of(checked, run, verdict)
    named = {"fullyQualifiedName": f"{run.name}::{verdict.id}", "kind": "member"}
    location = {**_location(places.first), "logicalLocations": [named]}
    failed = "warning" if verdict.status == "INCOMPLETE" else "error"
    result: dict[str, Any] = {
        "ruleId": verdict.id,
        "ruleIndex": list(rules).index(verdict.id),
        "kind": "pass" if verdict.passed else "fail",
        "level": "none" if verdict.passed else failed,
        "message": {"text": f"{said(run, verdict)}\nAgain: {again(checked, run, verdict)}"},
        "locations": [location],
        "partialFingerprints": {"mcfsm/1": hashlib.sha256(f"{run.name}\0{verdict.id}".encode()).hexdigest()},
        "properties": {
            "status": verdict.status,
            "expected": verdict.expected,
            "relies_on": list(map(str, verdict.relies_on)),
            "states": run.findings.states,
        },
    }
    if places.promise is not None and places.decides is not None:
        told = {"text": f"{places.transition}: the last step of the flow"}
        result["relatedLocations"] = [{"id": 1, **_location(places.decides), "message": told}]
    if verdict.trace is not None and verdict.trace.steps and not verdict.passed:
        result["codeFlows"] = [{"threadFlows": [{"locations": _flow(run.model, verdict.trace)}]}]
    return result


def _flow(model: Model, trace: Trace) -> list[dict[str, Any]]:
    """Each step at its transition, with a sentence."""
    spans = {transition.id: transition.span for role in model.roles for transition in role.transitions}
    return [
        {
            "executionOrder": number,
            "location": {**_location(spans.get(step.transition)), "message": {"text": sentence(model, step)}},
        }
        for number, step in enumerate(trace.steps, 1)
    ]


def _warning(warning: str, strict: bool, rules: dict[str, str]) -> dict[str, Any]:
    rules.setdefault(_NEVER, "What never happens in any run of the model.")
    place, text = warning_at(warning)
    return {
        "ruleId": _NEVER,
        "ruleIndex": list(rules).index(_NEVER),
        "kind": "fail",
        "level": "error" if strict else "warning",
        "message": {"text": text},
        "locations": [_location(place)] if place else [],
    }


def _location(span: Span | None) -> dict[str, Any]:
    """A place in a file; nothing where there is none."""
    if span is None:
        return {}
    region = {"startLine": span.line, "startColumn": span.column, "endColumn": span.column + span.length}
    return {"physicalLocation": {"artifactLocation": {"uri": span.file}, "region": region}}
