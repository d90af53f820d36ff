"""What does not change any more as a model grows, verdicts and local states: a conjecture of larger sizes, no proof.

Local states that stay the same while instances are added, or bounds raised, are what proofs by cutoffs rest on (Emerson
and Namjoshi, Reasoning about rings, POPL 1995; Kaiser, Kroening and Wahl, Dynamic cutoff detection in parameterized
concurrent programs, CAV 2010). Here nothing shows that the next size adds none, so nothing is called proved by it.
"""

from __future__ import annotations

from dataclasses import dataclass

from mcfsm.questions.grow import Growth, SizeResult, Values
from mcfsm.verdicts.verdict import Run

LEAST_GROWTH = 2  # how often each parameter has to have grown without a change


@dataclass(frozen=True)
class Conjecture:
    """Properties that were proved at several sizes, in which every instance had the same local states.

    `sizes` are the last ones that were explored to their end, the smallest first; `local_states` are those of all
    instances of the last.
    """

    properties: tuple[str, ...]
    sizes: tuple[Values, ...]
    local_states: int


def conjecture(growth: Growth) -> Conjecture | None:
    """What no growth has changed for a while, if each parameter grew at least twice in that time; else None."""
    whole = [size for size in growth.sizes if size.finished and size.run.findings.complete]
    alike = whole[-1:]
    for size in whole[-2::-1]:
        if not _alike(size.run, alike[0].run):
            break
        alike.insert(0, size)
    if not alike or not _grown(alike):
        return None
    last = alike[-1]
    kept = tuple(cell.verdict.id for i, cell in enumerate(last.cells) if all(_proved(size, i) for size in alike))
    if not kept:
        return None
    local_states = sum(map(len, last.run.findings.visited.locals))
    return Conjecture(kept, tuple(size.values for size in alike), local_states)


def _alike(smaller: Run, larger: Run) -> bool:
    """Whether every instance has the local states that it had; a further one those of another of its role."""
    before, after = smaller.findings.visited.locals, larger.findings.visited.locals
    of_roles = {(one.role, states) for one, states in zip(smaller.model.instances, before, strict=True)}
    known = {one.name: states for one, states in zip(smaller.model.instances, before, strict=True)}
    return all(
        known[one.name] == states if one.name in known else (one.role, states) in of_roles
        for one, states in zip(larger.model.instances, after, strict=True)
    )


def _grown(alike: list[SizeResult]) -> bool:
    """Whether each parameter has grown often enough from the first of some sizes to the last."""
    first, last = dict(alike[0].values), dict(alike[-1].values)
    return all(last[name] - first[name] >= LEAST_GROWTH for name in first)


def _proved(size: SizeResult, at: int) -> bool:
    """Whether a verdict was proved at a size, and by no flow, which says nothing of larger ones."""
    verdict = size.cells[at].verdict
    return verdict.status == "PROVED" and verdict.trace is None
