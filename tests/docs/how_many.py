"""docs/how_many.md: which promises hold for any number of moves, calls, users and partners, by what argument.

    python tests/docs/how_many.py

writes it anew: the first part in seconds, that of all scenarios in minutes. Read what git says changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from mcfsm.explore.findings import Limits
from mcfsm.language.files.document import Document
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.scenarios import budgets_of
from mcfsm.language.selection import Selection
from mcfsm.model.independence.claims import NumberClaim
from mcfsm.questions.check import check
from mcfsm.questions.conjecture import conjecture
from mcfsm.questions.grow import Growth, grow, shown
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.verdict import Run, Verdict

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how_many.md"
FIRST, SECOND = "models/mc_migration", "models/mc_migration/communication.yaml"
MOST = Limits(max_states=200_000)
LEFT_OUT = {
    "large",
    "whole",
    "family",
}  # large goes on from one_partner by numbers alone; of the others hours are needed
ALONE = (  # a scenario of the second half, what is fixed in it, the changes that are applied, and how it is called
    ("one_partner", {}, None, "`one_partner`: one user calls, another migrates"),
    ("one_partner", {}, (), "`one_partner` with the text before all change requests (`--with none`)"),
    ("one_partner", {"attempts": "0"}, None, "`one_partner` without calls (`--set attempts=0`)"),
    ("private_call", {}, None, "`private_call`: a call is carried over"),
    ("both_to_partner", {}, None, "`both_to_partner`: both ends migrate"),
)
TEXTBOOK = (  # a model, a scenario, what grows, up to how many states
    ("alternating_bit", "lossy", "items", 900),
    ("leader_election", "ring", "nodes", 60_000),
    ("token_ring", "ring", "nodes", 60_000),
    ("two_phase_commit", "three", "managers", 10_000),
)


@cache
def explored(
    path: str, scenario: str, settings: tuple[tuple[str, str], ...] = (), changes: tuple[str, ...] | None = None
) -> Run:
    """One scenario under some settings, everything explored."""
    fixed: Mapping[str, str] = dict(settings)
    (run,) = check(path, scenarios=[scenario], settings=fixed, changes=changes, limits=MOST).runs
    return run


def without_limits(
    path: str, scenario: str, fixed: Mapping[str, str] = {}, changes: tuple[str, ...] | None = None
) -> Run:
    """The scenario where the limits of its budgets are lifted; not those of faults, and none that is 0."""
    within = explored(path, scenario, tuple(fixed.items()), changes)
    given = budgets_of(document(path))
    lifted = {each.name: "unlimited" for each in within.model.budgets if each.limit and each.name in given}
    return explored(path, scenario, tuple({**fixed, **lifted}.items()), changes)


@cache
def document(path: str) -> Document:
    """A model as written, with its usual changes."""
    return read(path, None)


def page(*, every: bool = True) -> str:
    """The page; without `every` only what is explored in seconds."""
    return "\n".join([HEAD, *mission(), *textbook(), *(all_scenarios() if every else ())]) + "\n"


# ---- the mission
def mission() -> Iterator[str]:
    """Both halves, promise by promise."""
    yield "## The migration of a user: the first half\n"
    within, freely = explored(FIRST, "one_partner"), without_limits(FIRST, "one_partner")
    two = without_limits(FIRST, "two_partners")
    sizes = f"{freely.findings.states:,} states, with two partners {two.findings.states:,}"
    yield f"Scenario `one_partner`: {limits(within)}. Without limits it has {sizes}.\n"
    yield "| promise | as it is | any number of moves and calls | any number of users | any number of partners |"
    yield "|---|---|---|---|---|"
    for verdict in within.verdicts:
        partners = number(freely, verdict.id, "server")
        if verdict.id in two and two[verdict.id].status == freely[verdict.id].status == "PROVED":
            partners += "; proved with one and with two"
        cells = [freely[verdict.id].status.lower(), number(freely, verdict.id, "client"), partners]
        yield row(verdict, cells)
    yield "\n## The second half\n"
    for scenario, fixed, changes, title in ALONE:
        within = explored(SECOND, scenario, tuple(fixed.items()), changes)
        freely = without_limits(SECOND, scenario, fixed, changes)
        yield f"Scenario {title}. Without limits it has {freely.findings.states:,} states.\n"
        yield "| promise | as it is | any number of moves and calls | any number of users |"
        yield "|---|---|---|---|"
        for verdict in within.verdicts:
            yield row(verdict, [freely[verdict.id].status.lower(), number(freely, verdict.id, "client")])
        yield ""


def row(verdict: Verdict, cells: Iterable[str]) -> str:
    """A row of a table: what is promised, and what is known of it."""
    return f"| **{verdict.id}** {verdict.text} | {' | '.join([verdict.status.lower(), *cells])} |"


def number(run: Run, name: str, group: str) -> str:
    """What is known of any number of the members of a group."""
    verdict = run[name]
    found: NumberClaim | None = next((each for each in verdict.any_number if group in each.users.groups), None)
    if verdict.status != "PROVED" or found is None:
        return verdict.status.lower()
    if found.shown:
        return "**proved, by independence**"
    first = next((each for each in found.obstacles if each.span is not None), found.obstacles[0])
    at = "" if first.span is None else f"`{Path(first.span.file).name}:{first.span.line}` "
    return f"not shown: {at}{first.said}"


def limits(run: Run) -> str:
    """The budgets of a scenario, as in "2 moves, 2 calls"."""
    return ", ".join(f"{each.limit} {each.name}" for each in run.model.budgets if each.limit is not None)


# ---- the textbook
def textbook() -> Iterator[str]:
    """Of each model: what keeps its promises from any number of what it has, and what does not change as it grows."""
    yield "\n## The textbook\n"
    yield "| model | promise | as it is | any number | up to where nothing changes |"
    yield "|---|---|---|---|---|"
    for name, scenario, parameter, most in TEXTBOOK:
        path = f"models/textbook/{name}.yaml"
        run = explored(path, scenario)
        effort = Effort(limits=Limits(max_states=most))
        (grown,) = grow(path, [parameter], 600.0, Selection(scenarios=(scenario,)), effort=effort)
        for verdict in run.verdicts:
            groups = list(dict.fromkeys(each.users.groups[0] for each in verdict.any_number))
            told = "; ".join(number(run, verdict.id, each) for each in groups) or "there is one of each"
            told = verdict.status.lower() if verdict.status != "PROVED" else told
            cells = [verdict.status.lower(), told, as_it_grows(grown, verdict)]
            yield f"| {name} | **{verdict.id}** {verdict.text} | {' | '.join(cells)} |"


def as_it_grows(grown: Growth, verdict: Verdict) -> str:
    """A verdict at the sizes that were explored, and whether local states stay the same."""
    whole = [size for size in grown.sizes if size.finished]
    told = [cell.verdict.status for size in whole for cell in size.cells if cell.verdict.id == verdict.id]
    if set(told) != {verdict.status}:
        return "changes"
    supposed = conjecture(grown)
    sure = supposed is not None and verdict.id in supposed.properties
    sizes = f"{shown(whole[0].values)} to {whole[-1].values[0][1]}"
    return f"{verdict.status.lower()} at {sizes}" + ("; local states stay the same: **a conjecture**" if sure else "")


# ---- all scenarios
def all_scenarios() -> Iterator[str]:
    """Every scenario of the mission without limits, and which of its verdicts depend on them."""
    yield "\n## Every scenario without limits\n"
    yield f"Budgets are lifted, those of faults are not. More than {MOST.max_states:,} states are not explored here.\n"
    yield "What is violated only then was proved of so many moves and calls as the scenario has, and fails with more.\n"
    yield "| scenario | limits | states | without limits | what is different then |"
    yield "|---|---|---|---|---|"
    for path in (FIRST, SECOND):
        for scenario in map(str, document(path).scenarios):
            if scenario in LEFT_OUT:
                continue
            within = explored(path, scenario)
            if within.stopped:
                yield f"| `{scenario}` | {limits(within)} | more | not asked | |"
                continue
            freely = without_limits(path, scenario)
            if within is freely or not limits(within):
                continue
            counted = "more" if freely.stopped else f"{freely.findings.states:,}"
            states = f"{within.findings.states:,} | {counted}"
            yield f"| `{scenario}` | {limits(within)} | {states} | {different(within, freely)} |"


def different(within: Run, freely: Run) -> str:
    """The verdicts that change where limits are lifted; those that were not come to by themselves."""
    changed = [
        f"{one.id} is {freely[one.id].status}, and was {one.status}"
        for one in within.verdicts
        if freely[one.id].status not in (one.status, "INCOMPLETE")
    ]
    open_ = [one.id for one in within.verdicts if freely[one.id].status == "INCOMPLETE"]
    told = [*changed, *([f"not known: {', '.join(open_)}"] if open_ else [])]
    return "; ".join(told) or "nothing"


HEAD = """# How many moves, calls, users and partners

A scenario has two moves, two calls, two users, one partner. This page says which of its verdicts hold for any number,
by what argument, and what prevents it where that is not shown. `python tests/docs/how_many.py` writes it.

| argument | what it is |
|---|---|
| any number of moves and calls | the limits of budgets are lifted (`--set moves=unlimited`), and all states explored |
| by independence | nothing that the promise rests on mixes two users ([any_number.md](any_number.md)) |
| not shown | the first line that mixes them; that is no counterexample |
| a conjecture | proved at each of these sizes, and all local states stay the same: no proof of larger ones |

What is `violated` is broken by the users and the moves that there are, whatever others do. Users are asked about where
the limits of budgets are lifted. Of partners the members of the group `server` are asked about, as users are elsewhere.
"""

if __name__ == "__main__":
    os.chdir(ROOT)
    PAGE.write_text(page(), encoding="utf-8")
