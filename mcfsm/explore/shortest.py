"""The canonical shortest flow out of a search up to permutation, as one of the states themselves.

The cost of going on from a state is that of going on from its image, with the instances exchanged. So costs are found
backwards on the states that stand for others; then the flow is walked forwards from the initial state by `product.py`,
each state being looked up by what stands for it. What comes out is the flow that `trace.shortest` finds without
symmetry, and a run of the model: nothing in it is renamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mcfsm.explore.symmetry import Orbits
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import State, Step


def shortest(
    goals: Iterable[State], parents: Mapping[State, list[tuple[State, Step]]], product: Product, depth: int
) -> list[Step]:
    """The canonical shortest path to any of `goals`, all `depth` steps away from where the model begins.

    Fewest switches between instances; ties by instance, transition, message and value in declared order. `parents`
    gives for a state the (state, step) pairs that lead to it from the level before. Where there are several states to
    begin in, the path has one step more, which says in which.
    """
    onward: dict[State, list[tuple[Step, State]]] = {goal: [] for goal in goals}
    levels = [list(onward)]
    for _ in range(depth):
        before: dict[State, list[tuple[Step, State]]] = {}
        for target in levels[-1]:
            for source, step in parents.get(target, ()):
                before.setdefault(source, []).append((step, target))
        onward.update(before)
        levels.append(list(before))
    costs: dict[tuple[State, int], int] = {}  # switches still needed after arriving with a step of this instance
    for level in levels:
        for state in level:
            for last in {step.instance for _, step in parents.get(state, ())}:
                costs[state, last] = min(
                    ((step.instance != last) + costs[target, step.instance] for step, target in onward[state]),
                    default=0,
                )
    path: list[Step] = []
    state, last = product.initial(), -1
    if not state.begun:

        def switches(begins: Step) -> int:
            ways = onward[begins.target]
            return min((costs[target, step.instance] for step, target in ways), default=0)

        begins = min((step for step in product.steps(state) if step.target in onward), key=switches)
        path.append(begins)
        state = begins.target
    while onward[state]:
        best = min(
            onward[state],
            key=lambda way: ((last not in (-1, way[0].instance)) + costs[way[1], way[0].instance], way[0].order),
        )
        path.append(best[0])
        state, last = best[1], best[0].instance
    return path


def shortest_up_to_symmetry(
    goals: Iterable[State],
    parents: Mapping[State, list[tuple[State, Step]]],
    product: Product,
    orbits: Orbits,
    depth: int,
) -> list[Step]:
    """The canonical shortest flow to a state that one of `goals` stands for, all of them `depth` steps away.

    `parents` gives, for each state that stands for others, those of the level before with the steps that lead from them
    into its orbit.
    """
    places = [permutation.instances for permutation in orbits.symmetry.permutations]
    everybody = range(len(product.machines) + 1)
    levels: list[dict[State, list[int]]] = [{goal: [0] * len(everybody) for goal in goals}]
    for _ in range(depth):
        before: dict[State, list[int]] = {}  # by the instance that moved last, the switches still needed
        for target, costs in levels[-1].items():
            for source, step in parents[target]:
                place = places[orbits.of(step.target)[1]]
                cost = costs[place[step.instance]]
                known = before.setdefault(source, [cost + 1] * len(everybody))
                before[source] = [min(known[last], cost + (last != step.instance)) for last in everybody]
        levels.append(before)
    path: list[Step] = []
    state, last = product.initial(), -1
    for level in levels[-2::-1] if state.begun else levels[::-1]:
        ways = []
        for step in product.steps(state):
            target, permutation = orbits.of(step.target)
            if target in level:
                switching = level[target][places[permutation][step.instance]]
                switching = min(level[target]) if step.begins else switching
                ways.append((switching + (last not in (-1, step.instance)), step.order, step))
        _, _, best = min(ways, key=lambda way: way[:2])
        path.append(best)
        state, last = best.target, -1 if best.begins else best.instance
    return path
