"""Conditions under which a property holds, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mcfsm.problems import counted
from mcfsm.questions.families.conditions import WITH, Conditions
from mcfsm.questions.families.formula import Literal
from mcfsm.report.style import all_bounds


def conditions_as_text(found: Iterable[Conditions]) -> RenderableType:
    """Each condition as a formula, and what has to be settled."""
    parts: list[RenderableType] = []
    for conditions in found:
        parts += [*_conditions(conditions), Text("")]
    return Group(*parts[:-1])


def conditions_as_json(found: Iterable[Conditions]) -> dict[str, Any]:
    """The same as plain data: it holds iff one of `terms` does, all of its values given."""
    return {
        "conditions": [
            {
                "property": one.name,
                "scenario": one.scenario,
                "dimensions": [
                    {"name": d.name, "kind": one.kinds[d.name], "values": list(d.values)} for d in one.dimensions
                ],
                "holds": "always" if one.always else "never" if one.never else formula(one),
                "clauses": [{literal.dimension.name: list(literal.values) for literal in term} for term in one.clauses],
                "terms": [{literal.dimension.name: list(literal.values) for literal in term} for term in one.terms],
                "forced": {literal.dimension.name: list(literal.values) for literal in one.forced},
                "untold": one.untold,
                "variants": [
                    {"changes": list(variant.changes), "chosen": dict(variant.chosen), "status": status}
                    for variant, status in one.statuses
                ],
            }
            for one in found
        ]
    }


def formula(conditions: Conditions) -> str:
    """The condition, as alternatives or as demands, whichever says it with fewer words."""
    terms = [[_literal(conditions, literal) for literal in term] for term in conditions.terms]
    clauses = [[_literal(conditions, literal) for literal in clause] for clause in conditions.clauses]
    if sum(map(len, clauses)) < sum(map(len, terms)):
        return _joined(clauses, " or ", " and ")
    return _joined(terms, " and ", " or ")


def _joined(groups: list[list[str]], inner: str, outer: str) -> str:
    several = len(groups) > 1
    return outer.join(f"({inner.join(group)})" if several and len(group) > 1 else inner.join(group) for group in groups)


def _literal(conditions: Conditions, literal: Literal) -> str:
    name = literal.dimension.name
    if conditions.kinds[name] == "change":
        return name if literal.values == (WITH,) else f"not {name}"
    if len(literal.values) > 1:
        return f"{name} in {{{', '.join(literal.values)}}}"
    return f"{name} = {literal.values[0]}"


def _conditions(one: Conditions) -> Iterator[RenderableType]:
    head = Text(f"{one.name}  scenario {one.scenario}", style="bold")
    head.append(f"   {all_bounds(run.model for run in one.runs)}")
    yield head
    lines = [one.text, f"over {_over(one)}: {counted(len(one.statuses), 'variant')}"]
    said = "always holds" if one.always else "never holds" if one.never else f"holds iff {formula(one)}"
    lines.append(f"{one.name} {said}" + (f"; {counted(one.untold, 'variant')} could not be told" if one.untold else ""))
    for literal in one.forced:
        name, kind = literal.dimension.name, one.kinds[literal.dimension.name]
        mandatory = "has to become mandatory" if kind == "option" else "has to be settled"
        lines.append(f"{kind} {name} {mandatory}: {' or '.join(literal.values)}")
    for line in lines:
        yield Padding(Text(line), (0, 0, 0, 2))


def _over(one: Conditions) -> str:
    names = [(d.name if one.kinds[d.name] == "change" else f"{d.name} ({', '.join(d.values)})") for d in one.dimensions]
    return ", ".join(names) or "nothing"
