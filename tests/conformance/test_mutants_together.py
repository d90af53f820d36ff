"""Mutants explored together and ended early: each is judged as a run of it alone says, and as its own graph says."""

from __future__ import annotations

from collections import Counter

import pytest
from building import write
from common import for_models, until
from randomized.conformance import Expected
from randomized.strategies import ModelText, model_texts

from mcfsm.explore.findings import Limits
from mcfsm.language.selection import Selection
from mcfsm.model import CHECKS, Model
from mcfsm.model.mutants import Mutant, mutants
from mcfsm.problems import ModelError
from mcfsm.questions.mutate import Fate, mutate
from mcfsm.semantics.fairness import fair_set_of
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import State
from mcfsm.semantics.together import why_alone
from mcfsm.verdicts.run import Effort, run

MOST = 3000  # states of a mutant that is looked at
EACH = 12  # mutants of a model that are run alone
ENOUGH = 8  # mutants with each fate
ENGINE = Effort("reference", limits=Limits(max_states=MOST))


def statuses(model: Model) -> dict[str, str] | None:
    """The verdicts of a run alone; None where a value leaves its domain. Raises OverflowError where it is too large."""
    try:
        found = run(model, [*(p.id for p in model.properties), *CHECKS], ENGINE, full=True, normative_flows=False)
    except ModelError:
        return None
    if found.stopped is not None:
        raise OverflowError
    return {verdict.id: verdict.status for verdict in found.verdicts}


def graph(model: Model) -> set[object]:
    """Where a model begins, and every step: the two states that it joins, and its fairness set."""
    product = Product(model)
    todo: list[State] = [product.initial()]
    seen, found = set(todo), {todo[0]}
    edges: set[object] = set(found)
    while todo:
        state = todo.pop()
        for step in product.steps(state):
            edges.add((state, step.target, fair_set_of(model, step)))
            if step.target not in seen:
                seen.add(step.target)
                todo.append(step.target)
    return edges | seen


def alone(model: Model, mutant: Mutant) -> Fate:
    """The fate of a mutant by the definition."""
    own, its = statuses(model), statuses(mutant.model)
    if its is None:
        return "meaningless"
    if its != own:
        return "noticed"
    return "unchanged" if graph(model) == graph(mutant.model) else "unnoticed"


@pytest.mark.long
@pytest.mark.parametrize("live", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_mutants_of_random_models(live: bool) -> None:
    met: Counter[Fate] = Counter()

    def compared(text: ModelText, model: Model, _: list[Expected]) -> None:
        if model.interchangeable or why_alone(model) is not None or statuses(model) is None:
            return
        effort = Effort(workers=1, limits=Limits(max_states=MOST))
        found = mutate(write(text), Selection(scenarios=["s"]), effort=effort)
        assert [one.mutation for one in found.judged] == [mutant.mutation for mutant in mutants(model)]
        pairs = list(zip(found.judged, mutants(model), strict=True))
        for one, mutant in pairs[:: max(1, len(pairs) // EACH)]:
            try:
                wanted = alone(model, mutant)
            except OverflowError:
                continue
            if wanted == "meaningless" and one.fate == "noticed":
                continue  # something was noticed before the value was met
            assert one.fate == wanted, one
            met[wanted] += 1

    def enough() -> bool:
        return min(met[fate] for fate in ("noticed", "unnoticed", "unchanged")) >= ENOUGH

    drawn = model_texts(spice=0, live=live)
    until(enough, lambda number: for_models(number, 4, compared, most=60, drawn=drawn), most=30)
