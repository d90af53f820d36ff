"""Conditions under which a property holds, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mcfsm.model.labels import Labels, in_all
from mcfsm.problems import counted
from mcfsm.questions.families.conditions import WITH, Conditions
from mcfsm.questions.families.formula import Dimension, Literal
from mcfsm.report.style import AnswerLine, all_bounds, scenario_title, wrapped

_INDENT = 2


def conditions_as_text(found: Iterable[Conditions], *, width: int) -> RenderableType:
    """Each condition, as a formula or as a list where it is said in words, and what has to be settled."""
    parts: list[RenderableType] = []
    for conditions in found:
        parts += [*_conditions(conditions, width), Text("")]
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
    """The condition by ids, as alternatives or as demands, whichever says it with fewer words."""
    groups, inner, outer = _groups(conditions, Labels())
    several = len(groups) > 1
    joined = (f" {inner} ".join(group) for group in groups)
    marked = (f"({said})" if several and len(group) > 1 else said for said, group in zip(joined, groups, strict=True))
    return f" {outer} ".join(marked)


def _groups(conditions: Conditions, words: Labels) -> tuple[list[list[str]], str, str]:
    """What the condition is made of, with what joins the parts of a group, and what the groups."""
    terms, clauses = (
        [[_literal(conditions, literal, words) for literal in group] for group in groups]
        for groups in (conditions.terms, conditions.clauses)
    )
    return (clauses, "or", "and") if sum(map(len, clauses)) < sum(map(len, terms)) else (terms, "and", "or")


def _literal(conditions: Conditions, literal: Literal, words: Labels) -> str:
    name, values = literal.dimension.name, literal.values
    if conditions.kinds[name] == "change":
        return name if values == (WITH,) else f"not {name}"
    if _is_labelled(words, literal.dimension):
        return f"{words.constant(name)}: {_either(words, literal)}"
    return f"{name} in {{{', '.join(values)}}}" if len(values) > 1 else f"{name} = {values[0]}"


def _is_labelled(words: Labels, dimension: Dimension) -> bool:
    """Whether a reading or an option, or a value of it, has a label."""
    return any(words.choice(dimension.name, value) != f"{dimension.name}={value}" for value in dimension.values)


def _either(words: Labels, literal: Literal) -> str:
    return " or ".join(words.value(literal.dimension.name, value) for value in literal.values)


def _holds(one: Conditions, words: Labels) -> tuple[str, list[str]]:
    """When it holds, as a sentence; what is said in words as a list below it, an item a line."""
    if one.always or one.never:
        return "always holds" if one.always else "never holds", []
    groups, inner, outer = _groups(one, words)
    if len(groups) == 1:
        groups, outer = [[literal] for literal in groups[0]], inner
    items = [f", {inner} ".join(group) for group in groups]
    if not any(_is_labelled(words, literal.dimension) for term in one.terms for literal in term):
        return f"holds iff {formula(one)}", []
    if len(items) == 1:
        return f"holds iff {items[0]}", []
    return f"holds iff {'all of these are' if outer == 'and' else 'one of these is'} so", items


def _conditions(one: Conditions, width: int) -> Iterator[RenderableType]:
    models = [run.model for run in one.runs]
    words = in_all(model.labels for model in models)
    yield AnswerLine(f"{one.name}  {scenario_title(models[0])}", style="bold").append(f"   {all_bounds(models)}")
    said, items = _holds(one, words)
    untold = f"; {counted(one.untold, 'variant')} could not be told" if one.untold else ""
    lines = [one.text, f"over {_over(one, words)}: {counted(len(one.statuses), 'variant')}"]
    lines += [f"{one.name} {said}{untold}{':' if items else ''}", *(f"- {item}" for item in items)]
    for literal in one.forced:
        name, kind = literal.dimension.name, one.kinds[literal.dimension.name]
        called = f'"{words.constant(name)}"' if words.label("constant", name) else name
        mandatory = "has to become mandatory" if kind == "option" else "has to be settled"
        lines.append(f"{kind} {called} {mandatory}: {_either(words, literal)}")
    for line in lines:
        left = _INDENT + (2 if line.startswith("- ") else 0)
        yield Padding(wrapped(line, width - left), (0, 0, 0, left))


def _over(one: Conditions, words: Labels) -> str:
    names = []
    for dimension in one.dimensions:
        values = ", ".join(words.value(dimension.name, value) for value in dimension.values)
        change = one.kinds[dimension.name] == "change"
        names.append(dimension.name if change else f"{words.constant(dimension.name)} ({values})")
    return ("; " if any(" " in name.partition(" (")[0] for name in names) else ", ").join(names) or "nothing"
