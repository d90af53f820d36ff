"""How releases interwork, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mcfsm.model.labels import Labels, in_all
from mcfsm.questions.families.interwork import NEW, OLD, Combination, Interworking
from mcfsm.report.check_json import as_steps
from mcfsm.report.style import COLOURS, all_bounds, beside, chosen_words, flow, heading, wrapped

_GAP, _INDENT = 2, 2


def interwork_as_text(found: Sequence[Interworking], *, width: int) -> RenderableType:
    """A column for each combination of old and new roles, and the flow of each promise that only mixing breaks."""
    parts: list[RenderableType] = []
    for interworking in found:
        parts += [*_interworking(interworking, width), Text("")]
    listed = [one for one in found[:1] if one.only_newer]
    parts += [Text(f"not asked, as only {one.versions[1]} has them: {', '.join(one.only_newer)}") for one in listed]
    return Group(*(parts if listed else parts[:-1]))


def interwork_as_json(found: Iterable[Interworking]) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "scenarios": [
            {
                "scenario": one.scenario,
                "chosen": dict(one.chosen),
                "versions": list(one.versions),
                "works": one.works,
                "mixed": one.mixed,
                "only_newer": list(one.only_newer),
                "combinations": [_combination(one, combination) for combination in one.combinations],
            }
            for one in found
        ]
    }


def _combination(one: Interworking, combination: Combination) -> dict[str, Any]:
    found = combination.run
    return {
        "roles": dict(combination.roles),
        "states": None if found is None else found.findings.states,
        "verdicts": {name: combination.status(name) for name in one.names},
        "broken": [
            {"id": verdict.id, "trace": None if verdict.trace is None else as_steps(verdict.trace)}
            for verdict in one.broken(combination)
        ],
        "problem": None if combination.problem is None else combination.problem.message,
    }


def _interworking(one: Interworking, width: int) -> Iterator[RenderableType]:
    models = [combination.run.model for combination in one.combinations if combination.run is not None]
    words = in_all(model.labels for model in models)
    chosen = chosen_words(words, one.chosen)
    if models:
        yield heading(models[0], chosen, all_bounds(models))
    else:
        yield Text(f"scenario {one.scenario}", style="bold").append(f"   {chosen}")
    yield Padding(Text(f"old: {one.versions[0]}; new: {one.versions[1]}"), (0, 0, 0, _INDENT))
    roles = [words.role(role) for role, _ in one.combinations[0].roles]
    first = max(map(len, [*roles, *one.names]))
    yield Text("")
    for part in beside([_width(one, combination) for combination in one.combinations], width - _INDENT - first - _GAP):
        table = _table(one, roles, [one.combinations[position] for position in part])
        yield Padding(table, (0, 0, 1, _INDENT))
    for combination in one.combinations:
        yield from _findings(one, combination, words, width)
    said = "every mixture holds what both releases hold" if one.works else ""
    if not one.mixed:
        said = f"nothing is mixed here: {', '.join(roles)} alone is otherwise in the newer text"
    if said:
        yield Padding(wrapped(said, width - _INDENT), (0, 0, 0, _INDENT))


def _table(one: Interworking, roles: Sequence[str], combinations: Sequence[Combination]) -> Table:
    """Some combinations beside each other: which roles are new, and what becomes of each property."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, _GAP, 0, 0), show_edge=False)
    table.add_column("\n".join(roles), no_wrap=True)
    for combination in combinations:
        table.add_column("\n".join(version for _, version in combination.roles), no_wrap=True)
    for name in one.names:
        table.add_row(name, *(_status(combination.status(name)) for combination in combinations))
    return table


def _width(one: Interworking, combination: Combination) -> int:
    """How many columns of the terminal a combination takes, with the gap before it."""
    cells = [*(combination.status(name) or "-" for name in one.names), OLD, NEW]
    return _GAP + 1 + max(map(len, cells))


def _status(status: str | None) -> Text:
    return Text("-" if status is None else status, style="dim" if status is None else COLOURS[status])


def _findings(one: Interworking, combination: Combination, words: Labels, width: int) -> Iterator[RenderableType]:
    title = _title(combination, words)
    if combination.problem is not None and combination.mixed:
        hint = f" ({combination.problem.hint})" if combination.problem.hint else ""
        yield Padding(Text(f"{title}: {combination.problem.message}{hint}"), (0, 0, 1, 2))
    for verdict in one.broken(combination):
        yield Padding(Text(f"{title}: {verdict.id} is {verdict.status}, {verdict.reason}", style="bold"), (0, 0, 0, 2))
        if verdict.trace is not None and combination.run is not None:
            yield flow(verdict.trace, combination.run.model, width, 4)


def _title(combination: Combination, words: Labels) -> str:
    sides = {
        version: [words.role(role) for role, mine in combination.roles if mine == version] for version in (OLD, NEW)
    }
    return "; ".join(f"{version} {', '.join(roles)}" for version, roles in sides.items() if roles)
