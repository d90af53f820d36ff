"""Random walks of a model: Hypothesis looks for a violation; what it finds is shrunk, and said is how far it looked.

A walk that finds nothing proves nothing. What it finds is a flow of the definition: steps are left out as long as the
same is violated, and then walks with ever fewer steps look for it again. Unlike the flows of `reference.explore` it
need not be a shortest one. Hypothesis shrinks the numbers that a walk was drawn from, and walks anew for each attempt;
here steps are left out of a flow over states that are known, which takes a hundredth of the time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.stateful import run_state_machine_as_test

from mcfsm.explore.findings import Limits, Visited
from mcfsm.explore.random.calls import key_of
from mcfsm.explore.random.machine import PropertyViolated, WalkModel, invariants_of, machine_of
from mcfsm.explore.stopping import Watch, ended_by
from mcfsm.explore.visited import VisitedCollector
from mcfsm.host.memory import memory_allowed
from mcfsm.model import Model
from mcfsm.problems import ModelError
from mcfsm.semantics.steps import Step
from mcfsm.semantics.trace import Trace

_RUN = 10  # walks of one run of Hypothesis: after ten it would mutate old ones five times for each new one
_AGAIN = 500  # walks that look for a flow shorter than the shortest so far
_NEW_BIAS = 1 / 16  # how often such a walk prefers other instances from then on
_BIAS_BITS = 10  # there are few ways to prefer some, and each is found out once


class Violation(NamedTuple):
    """A property or built-in check, and the flow that violates it."""

    property_id: str
    trace: Trace


class WalkProgress(NamedTuple):
    """How far walks have come, and what they found."""

    walks: int
    steps: int
    violated: str | None = None  # a property or check, of which a flow of so many steps is known
    shortest: int = 0


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
    stopped: str | None = None  # the limit or signal that ended it before all walks were done, or a flow was shrunk


def walk(
    model: Model,
    *,
    examples: int = 500,
    steps: int = 50,
    seed: int | None = None,
    properties: Iterable[str] | None = None,
    checks: bool = False,
    derandomize: bool = False,
    limits: Limits | None = None,
    on_progress: Callable[[WalkProgress], None] = lambda _: None,
) -> WalkResult:
    """What `examples` random walks of at most `steps` steps find; the same for the same seed.

    `properties` and `checks` say what is asked, as in `stateful.build`. Without a seed one is drawn, or under
    `derandomize` always the same is taken. Of the `limits` those of seconds and memory hold; ended by one of them, or
    by a signal, it says what was found. Raises ModelError where a value leaves its domain, with the flow shrunk.
    """
    if seed is None:
        seed = 0 if derandomize else random.SystemRandom().randrange(1 << 32)
    chance = random.Random(seed)
    walk_model = WalkModel(model, invariants_of(model, properties, checks), render=_unseen)
    stats = walk_model.stats

    def tell(best: PropertyViolated | None = None) -> None:
        what = () if best is None else (best.property_id, len(best.steps))
        on_progress(WalkProgress(stats.examples, stats.steps, *what))

    found, stopped = None, None
    limits = limits or Limits()
    if limits.max_memory is None:
        limits = replace(limits, max_memory=memory_allowed())
    with Watch(limits):
        try:
            found = _run(walk_model, chance, examples, steps, tell)
            if found is not None:
                for shorter in _shorter(found, model, chance, tell):
                    found = shorter  # one by one, as the next may be stopped
        except KeyboardInterrupt as error:
            stopped = ended_by(error)
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
        stopped=stopped,
    )


def _shorter(
    found: PropertyViolated, model: Model, chance: random.Random, tell: Callable[[PropertyViolated], None]
) -> Iterator[PropertyViolated]:
    """The same property violated in ever fewer steps: without those that it does without, then by ever shorter walks.

    Leaving steps out cannot turn a flow into one of another kind; beginning anew with fewer steps can.
    """
    walk_model = WalkModel(model, (found.property_id,), render=_unseen)
    tell(found)
    found = _pruned(found, walk_model)
    yield found
    tried = 0
    while tried < _AGAIN and len(found.steps) > 1:
        tell(found)
        shorter = _brief_walk(walk_model, chance, len(found.steps) - 1)
        tried += 1
        if shorter is not None:
            tried, found = 0, _pruned(_violation(found, walk_model, shorter), walk_model)
            yield found
    walk_model.enabled.cache_clear()


def _brief_walk(walk_model: WalkModel, chance: random.Random, most: int) -> tuple[Step, ...] | None:
    """A walk of at most so many steps that ends in a violation, or None; some instances are preferred, for a while."""
    state, taken = walk_model.initial, list[Step]()
    preferred = walk_model.preferred(chance.getrandbits(_BIAS_BITS))
    while not (enabled := walk_model.enabled(state)).violated:
        if len(taken) == most or not enabled.options:
            return None
        if chance.random() < _NEW_BIAS:
            preferred = walk_model.preferred(chance.getrandbits(_BIAS_BITS))
        moves = [name for name in enabled.options if name in preferred] or list(enabled.options)
        step = chance.choice(list(enabled.options[chance.choice(moves)].values()))
        taken.append(step)
        state = step.target
    return tuple(taken)


def _violation(found: PropertyViolated, walk_model: WalkModel, steps: tuple[Step, ...]) -> PropertyViolated:
    return PropertyViolated(found.property_id, found.sentence, walk_model, steps)


def _pruned(found: PropertyViolated, walk_model: WalkModel) -> PropertyViolated:
    """The violation without the steps that it does without: halves are left out, quarters and so on, then each step.

    After Zeller and Hildebrandt, Simplifying and isolating failure-inducing input, 2002, over steps by their meaning.
    """
    steps = found.steps
    size = len(steps) // 2
    while size:
        before = len(steps)
        for begin in range(len(steps) - size, -1, -size):
            steps = _violating((*steps[:begin], *steps[begin + size :]), walk_model) or steps
        if len(steps) == before or size > 1:
            size //= 2
    return _violation(found, walk_model, steps)


def _violating(wanted: Iterable[Step], walk_model: WalkModel) -> tuple[Step, ...] | None:
    """The steps that mean the same where they are enabled, up to a violation; None without one."""
    state, taken = walk_model.initial, list[Step]()
    for step in wanted:
        enabled = walk_model.enabled(state)
        if enabled.violated:
            break
        move = walk_model.moves[key_of(step)]
        found = enabled.options.get(move.name, {}).get(move.values(step))
        if found is not None:
            taken.append(found)
            state = found.target
    return tuple(taken) if walk_model.enabled(state).violated else None


def _run(
    walk_model: WalkModel, chance: random.Random, examples: int, steps: int, tell: Callable[[], None]
) -> PropertyViolated | None:
    """The violation that the first run of Hypothesis to find any ends with. Nothing in it may depend on the clock.

    Raises ModelError where a value leaves its domain, with the flow as Hypothesis shrinks it.
    """
    for first in range(0, examples, _RUN):
        tell()
        seed, few = chance.getrandbits(64), min(_RUN, examples - first)
        try:
            _walk_some(walk_model, seed, few, steps, Phase.generate)
        except PropertyViolated as error:
            return error
        except ModelError:
            _walk_some(walk_model, seed, few, steps, Phase.generate, Phase.shrink)
            raise
    return None


def _walk_some(walk_model: WalkModel, seed: int, examples: int, steps: int, *phases: Phase) -> None:
    """A few walks. Raises what the first of them that ends in an error ends in."""
    settings = hypothesis.settings(
        max_examples=examples,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        derandomize=False,
        phases=phases,
        print_blob=False,
        report_multiple_bugs=False,  # to look for more, Hypothesis would take ten seconds by the clock
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    try:
        run_state_machine_as_test(hypothesis.seed(seed)(machine_of(walk_model)), settings=settings)
    except (PropertyViolated, ModelError):
        raise
    except Exception as error:  # Hypothesis that is ended before it has begun asks for what it has not made yet
        ended = error.__context__
        while not (ended is None or isinstance(ended, KeyboardInterrupt)):
            ended = ended.__context__
        if ended is None:
            raise
        raise ended from None


def _unseen(_trace: Trace, _model: Model) -> str:
    return ""
