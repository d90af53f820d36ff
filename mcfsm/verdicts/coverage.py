"""What an exploration visited of a model: transitions, clause items, messages, and cells of the matrices of receptions.

`whole` is what a model declares, `visited` what a search or walks of it visited. What walks visited is measured
against what exhaustive search reaches (`against`): everything that can be visited, so the percentages are exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import reduce
from itertools import filterfalse
from operator import or_

from mcfsm.explore.findings import Findings, Visited
from mcfsm.model import Model
from mcfsm.semantics.faults import is_down

CellName = tuple[str, str, str, str]  # role, region, state, message


@dataclass(frozen=True)
class VisitedNames:
    """Names of what was visited. `clauses` are cited by the transitions fired; a cell counts, answered or not."""

    transitions: frozenset[str]
    clauses: frozenset[str]
    states: frozenset[tuple[str, str, str]]  # role, region, state
    messages: frozenset[str]  # those that somebody looked at
    cells: frozenset[CellName]

    def __or__(self, other: VisitedNames) -> VisitedNames:
        """What either visited."""
        return VisitedNames(*(getattr(self, part.name) | getattr(other, part.name) for part in fields(self)))


@dataclass(frozen=True)
class Share:
    """How much of one kind was visited: out of what, and the names that are missing, in order."""

    kind: str
    visited: int
    out_of: int
    missing: tuple[str, ...]

    @property
    def percent(self) -> Fraction:
        """Exactly; 100 where there is nothing to visit."""
        return Fraction(100 * self.visited, self.out_of) if self.out_of else Fraction(100)


def visited(model: Model, fired: Iterable[str], seen: Visited) -> VisitedNames:
    """What was visited by the transitions fired, and in the states seen."""
    fired = frozenset(fired)
    states: set[tuple[str, str, str]] = set()
    cells: set[CellName] = set()
    messages: set[str] = set()
    for instance, locals_, met in zip(model.instances, seen.locals, seen.inspected, strict=True):
        regions = model.role_of[instance.name].regions
        for local in filterfalse(is_down, locals_):
            states.update((instance.role, r.name, state) for r, state in zip(regions, local.states, strict=True))
        for local, event in (one for one in met if not is_down(one.local)):
            name = event.message.name
            messages.add(name)
            cells.update((instance.role, r.name, s, name) for r, s in zip(regions, local.states, strict=True))
    cited = {clause for role in model.roles for t in role.transitions if t.id in fired for clause in t.clauses}
    return VisitedNames(fired, frozenset(cited), frozenset(states), frozenset(messages), frozenset(cells))


def visited_by(model: Model, findings: Findings) -> VisitedNames:
    """What a search visited."""
    return visited(model, findings.fired, findings.visited)


def whole(model: Model) -> VisitedNames:
    """All that a model declares: a role has a cell for each state and each message that its lines name."""
    transitions = [t for role in model.roles for t in role.transitions]
    cells: set[CellName] = set()
    states: set[tuple[str, str, str]] = set()
    for role in model.roles:
        received = {t.trigger for t in role.transitions if t.kind == "reception"}
        for region in role.regions:
            states.update((role.name, region.name, state) for state in region.states)
            for state in region.states:
                known = received | set(role.ignored) | set(role.deferred)
                cells.update((role.name, region.name, state, message) for message in known)
    return VisitedNames(
        frozenset(t.id for t in transitions),
        frozenset(clause for t in transitions for clause in t.clauses),
        frozenset(states),
        frozenset(form.name for form in model.messages),
        frozenset(cells),
    )


def against(mine: VisitedNames, all_: VisitedNames) -> tuple[Share, ...]:
    """What was visited as shares of all there is, kind by kind."""
    return tuple(_shares(mine, all_))


def together(parts: Iterable[VisitedNames]) -> VisitedNames:
    """What any of several visited."""
    return reduce(or_, parts, VisitedNames(*(frozenset() for _ in fields(VisitedNames))))


def _shares(mine: VisitedNames, all_: VisitedNames) -> Iterator[Share]:
    for part in fields(VisitedNames):
        had, there = getattr(mine, part.name), getattr(all_, part.name)
        missing = sorted(there - had)
        names = tuple(name if isinstance(name, str) else _cell(name) for name in missing)
        yield Share(part.name, len(there) - len(missing), len(there), names)


def _cell(parts: tuple[str, ...]) -> str:
    """A state as role.state, a cell as role.state x message; the region of a role without regions goes unsaid."""
    role, region, state, *message = parts
    where = f"{role}.{state}" if region == "state" else f"{role}.{region}.{state}"
    return f"{where} x {message[0]}" if message else where
