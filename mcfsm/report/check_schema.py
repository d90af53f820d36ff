"""The JSON Schema of the report of `mcfsm check --json`: what is promised of it, as long as `format` is the same.

Keys may be added, so that none is forbidden here; what stands here goes away with a new `format` only.
"""

from __future__ import annotations

from typing import Any, get_args

from mcfsm.model import Status
from mcfsm.report.check_json import FORMAT

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_FLAG = {"type": "boolean"}
_NAMES = {"type": "object", "additionalProperties": _TEXT}
_STATUS = {"enum": [*get_args(Status)]}


def check_schema() -> dict[str, Any]:
    """The JSON Schema of a report."""
    report = {
        "format": {"const": FORMAT},
        "version": _TEXT,
        "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "scenarios": _list(_ref("run")),
        "summary": _all(
            verdicts=_COUNT, as_expected=_COUNT, not_as_expected=_COUNT, nothing_expected=_COUNT, incomplete=_COUNT
        ),
        "warnings": _list(_TEXT),
        "stopped": _or_null(_TEXT),
        "left": _list(_TEXT),
        "errors": _list(_all(scenario=_TEXT, problems=_list(_ref("problem")))),
        "exit_status": {"enum": [0, 1, 2, 3]},
        "timing": _all(scenarios=_list({"type": "number"}), taken=_list({"type": "boolean"})),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:mcfsm:schema:report:{FORMAT}",
        "title": "mcfsm report",
        **_all(**report),
        "$defs": {
            "run": _run(),
            "verdict": _verdict(),
            "problem": _all(
                code=_TEXT,
                file=_or_null(_TEXT),
                line=_or_null(_COUNT),
                column=_or_null(_COUNT),
                message=_TEXT,
                hint=_or_null(_TEXT),
            ),
            "claim": _all(
                groups=_list(_TEXT),
                shown=_FLAG,
                argument={"enum": ["projection", "independence"]},
                obstacles=_list(_all(file=_or_null(_TEXT), line=_or_null(_COUNT), text=_TEXT)),
            ),
            "finding": _all(
                check=_TEXT,
                subject=_TEXT,
                trace=_ref("trace"),
                refusals=_list(_TEXT),
                stuck=_or_null(_all(instances=_list({"type": "object"}), messages=_list(_TEXT))),
            ),
            "trace": _list(_ref("step")),
            "step": _step(),
        },
    }


def _run() -> dict[str, Any]:
    return _all(
        model=_TEXT,
        scenario=_TEXT,
        engine=_TEXT,
        changes=_list(_TEXT),
        readings=_NAMES,
        options=_NAMES,
        parameters={"type": "object", "additionalProperties": {"type": "integer"}},
        bounds=_TEXT,
        instances=_NAMES,
        avoided=_list(_TEXT),
        normative=_FLAG,
        omitted={"type": "object", "additionalProperties": _list(_TEXT)},
        observers=_list(_TEXT),
        interchangeable=_list(_list(_TEXT)),
        within=_or_null(_TEXT),
        states=_COUNT,
        beyond=_COUNT,
        transitions=_COUNT,
        depth=_COUNT,
        reduction=_or_null(_all(states=_COUNT, steps=_COUNT)),
        complete=_FLAG,
        stopped=_or_null(_TEXT),
        digest=_TEXT,
        coverage={"type": "object"},
        properties=_list(_ref("verdict")),
        findings=_list(_ref("finding")),
    )


def _verdict() -> dict[str, Any]:
    return _all(
        id=_TEXT,
        text=_TEXT,
        clause=_or_null(_TEXT),
        place=_or_null(_all(file=_TEXT, line=_COUNT, column=_COUNT)),
        status=_STATUS,
        expected=_or_null(_STATUS),
        trace=_or_null(_ref("trace")),
        loop_start=_or_null(_COUNT),
        relies_on=_list(_TEXT),
        vacuous=_FLAG,
        reason=_TEXT,
        restricted=_FLAG,
        normative_trace=_or_null(_ref("trace")),
        normative_note=_or_null(_TEXT),
        normative_loop_start=_or_null(_COUNT),
        bite=_or_null(_all(kind=_TEXT, text=_TEXT, trace=_or_null(_ref("trace")))),
        any_number=_list(_ref("claim")),
        fairness=_or_null({"enum": ["none", "weak", "strong"]}),
        fairness_note=_or_null(_TEXT),
        witnesses=_list({"type": "object"}),
    )


def _step() -> dict[str, Any]:
    return _all(
        instance=_TEXT,
        transition=_TEXT,
        kind=_TEXT,
        clause=_or_null(_TEXT),
        assumption=_or_null(_TEXT),
        chosen=_NAMES,
        receives=_or_null(_all(message=_TEXT, sender=_TEXT, elements=_NAMES)),
        sends=_list(_all(message=_TEXT, receiver=_TEXT, elements=_NAMES, lost=_FLAG)),
        changes=_list(_all(instance=_TEXT, name=_TEXT, before=_TEXT, after=_TEXT)),
        fault=_or_null({"type": "object", "required": ["fault"]}),
    )


def _all(**keys: Any) -> dict[str, Any]:
    """A mapping that has all of these keys, and may have more."""
    return {"type": "object", "required": list(keys), "properties": keys}


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _or_null(shape: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [shape, {"type": "null"}]}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}
