"""Random walks of a model: Hypothesis looks for a violation, shrinks what it finds, and says how far it looked.

A walk that finds nothing proves nothing. What it finds is a flow of the definition: shrunk by Hypothesis, and then
looked for again with ever fewer steps. Unlike the flows of `reference.explore` it need not be a shortest one.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.stateful import run_state_machine_as_test

from mcfsm.explore.findings import Visited
from mcfsm.explore.random.machine import PropertyViolated, WalkModel, invariants_of, machine_of
from mcfsm.explore.visited import VisitedCollector
from mcfsm.model import Model
from mcfsm.semantics.trace import Trace

_RUN = 10  # walks of one run of Hypothesis: after ten it would mutate old ones five times for each new one
_AGAIN = 100  # walks that look for a flow shorter than the shortest so far


class Violation(NamedTuple):
    """A property or built-in check, and the flow that violates it."""

    property_id: str
    trace: Trace


@dataclass(frozen=True)
class WalkResult:
    """What a walk found, and how far it looked for it.

    The counts end with the first walk that violates something: shrinking is not counted. `states` are distinct joint
    states, `fired` the ids of the transitions taken, `visited` what there was in those states.
    """

    seed: int
    property_ids: tuple[str, ...]
    examples: int
    steps: int
    states: int
    fired: frozenset[str]
    violation: Violation | None
    visited: Visited


def walk(
    model: Model,
    *,
    examples: int = 500,
    steps: int = 50,
    seed: int | None = None,
    properties: Iterable[str] | None = None,
    checks: bool = False,
    derandomize: bool = False,
) -> WalkResult:
    """What `examples` random walks of at most `steps` steps find; the same for the same seed.

    `properties` and `checks` say what is asked, as in `stateful.build`. Without a seed one is drawn, or under
    `derandomize` always the same is taken. Raises ModelError where a value leaves its domain, with the flow shrunk.
    """
    if seed is None:
        seed = 0 if derandomize else random.SystemRandom().randrange(1 << 32)
    chance = random.Random(seed)
    walk_model = WalkModel(model, invariants_of(model, properties, checks), render=_unseen)
    found = _run(walk_model, chance, examples, steps)
    if found is not None:
        found = _shortened(found, model, chance)
    stats = walk_model.stats
    walk_model.enabled.cache_clear()
    collector = VisitedCollector(walk_model.product)
    for state in stats.states:
        collector.note(state)
    return WalkResult(
        seed=seed,
        property_ids=walk_model.invariants,
        examples=stats.examples,
        steps=stats.steps,
        states=len(stats.states),
        fired=frozenset(stats.fired),
        violation=None if found is None else Violation(found.property_id, found.trace),
        visited=collector.visited(),
    )


def _shortened(found: PropertyViolated, model: Model, chance: random.Random) -> PropertyViolated:
    """The same property violated by walks that end before the flow found does, until `_AGAIN` of them find nothing.

    Shrinking a flow cannot turn it into one of another kind; beginning anew with fewer steps can.
    """
    walk_model = WalkModel(model, (found.property_id,), render=_unseen)
    while len(found.steps) > 1:
        shorter = _run(walk_model, chance, _AGAIN, len(found.steps) - 1)
        if shorter is None:
            break
        found = shorter
    walk_model.enabled.cache_clear()
    return found


def _run(walk_model: WalkModel, chance: random.Random, examples: int, steps: int) -> PropertyViolated | None:
    """The violation that the first run of Hypothesis to find any ends with. Nothing in it may depend on the clock."""
    machine = machine_of(walk_model)
    for first in range(0, examples, _RUN):
        settings = hypothesis.settings(
            max_examples=min(_RUN, examples - first),
            stateful_step_count=steps,
            database=None,
            deadline=None,
            derandomize=False,
            phases=(Phase.generate, Phase.shrink),
            print_blob=False,
            report_multiple_bugs=False,  # to look for more, Hypothesis would take ten seconds by the clock
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
        )
        try:
            run_state_machine_as_test(hypothesis.seed(chance.getrandbits(64))(machine), settings=settings)
        except PropertyViolated as error:
            return error
    return None


def _unseen(_trace: Trace, _model: Model) -> str:
    return ""
