"""The ledger as plain data, with every flow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mcfsm import __version__
from mcfsm.questions.families.ledger import Ledger, LedgerEntry, Standing
from mcfsm.questions.families.switches import Switch
from mcfsm.report.check_json import as_steps

FORMAT = 1


def ledger_as_json(found: Iterable[Ledger]) -> dict[str, Any]:
    """The ledgers as plain data. Keys may be added, none changes its meaning or goes away."""
    found = list(found)
    return {
        "format": FORMAT,
        "version": __version__,
        "scenarios": [_as_json(one) for one in found],
        "timing": {"scenarios": [round(one.seconds, 3) for one in found]},
    }


def _as_json(one: Ledger) -> dict[str, Any]:
    numbers = {id(entry): number for number, entry in enumerate(one.entries)}
    return {
        "scenario": one.model.scenario,
        "entries": [_entry(entry) for entry in one.entries],
        "idle": [numbers[id(entry)] for entry in one.idle],
        "properties": [_property(one, standing, numbers) for standing in one.standings],
        "unswitched": [{"kind": item.kind, "names": list(item.names), "why": item.why} for item in one.unswitched],
        "pairs": one.paired,
        "variants": one.points,
        "explored": one.explored,
        "incomplete": one.incomplete,
    }


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "sentence": entry.sentence,
        "kind": "assumption" if entry.constant is None else entry.switches[0].kind,
        "name": None if entry.constant is None else entry.constant.name,
        "value": None if entry.constant is None else entry.constant.value,
        "clause": None if entry.constant is None else entry.constant.clause,
        "fixed": entry.constant is not None and entry.constant.fixed,
        "transitions": [line.id for line in entry.lines],
        "places": [f"{span.file}:{span.line}" for span in entry.places],
        "taken": entry.taken,
    }


def _property(one: Ledger, standing: Standing, numbers: Mapping[int, int]) -> dict[str, Any]:
    row = standing.row
    flips = [(entry, switch, status) for entry, some in standing.alone for switch, status in some]
    return {
        "id": row.id,
        "text": row.text,
        "status": row.default,
        "untold": standing.untold,
        "alone": [
            {"entry": numbers[id(entry)], **_switch(switch), "status": status, **_flow(one, switch, row.id)}
            for entry, switch, status in flips
        ],
        "pairs": [{"switches": [_switch(s) for s in pair], "status": status} for pair, status in standing.pairs],
    }


def _switch(switch: Switch) -> dict[str, str]:
    return {"kind": switch.kind, "name": switch.name, "value": switch.value}


def _flow(one: Ledger, switch: Switch, name: str) -> dict[str, Any]:
    verdict = one.flows.get((switch, name))
    trace = None if verdict is None else verdict.trace
    return {
        "reason": None if verdict is None else verdict.reason,
        "trace": None if trace is None else as_steps(trace),
    }
