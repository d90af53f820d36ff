"""The graph of a model out of the exhaustive search: its states, their steps found again and looked up, all compiled.

What a step is comes from the moves of the tables, and what a state says from a program of `columns`; no Python runs for
a state or a step. States are numbered worker by worker, each in the order in which it found them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from mcfsm import stateset
from mcfsm.columns import FAILED, Properties
from mcfsm.explore.exhaustive import Search
from mcfsm.explore.findings import INTERRUPTED, Findings, Limits, Report
from mcfsm.explore.graph import Graph
from mcfsm.explore.paths import steps_of
from mcfsm.expressions import nodes as n
from mcfsm.fairness import FairSet, fair_set
from mcfsm.model import Model, Property, Response
from mcfsm.problems import ModelError
from mcfsm.product import State
from mcfsm.programs import evaluate
from mcfsm.properties import ResponseWatch
from mcfsm.trace import with_flow

CHUNK = 1 << 16  # states that are asked about together


def explored(
    model: Model,
    *,
    asked: Iterable[str],
    responses: Iterable[Response],
    limits: Limits | None = None,
    avoid: frozenset[str] = frozenset(),
    report: Report | None = None,
    workers: int | None = None,
) -> tuple[Findings, Graph | None]:
    """What `exhaustive.explore` finds where everything is explored, and the graph of the same search.

    The graph is that of `reference_graph.graph_of`, numbered in another way; there is none where somebody interrupted.
    """
    search = Search(model, asked, limits=limits, everything=True, avoid=avoid, report=report, workers=workers)
    findings = search.run()
    if findings.stopped == INTERRUPTED:
        return findings, None
    return findings, _Found(search, list(responses)).graph(findings.stopped)


class _Found:
    """A search that has ended, and what is asked of its states."""

    def __init__(self, search: Search, responses: list[Response]) -> None:
        self.search, self.model, self.responses = search, search.model, responses
        self.first = np.cumsum([0, *(worker.states for worker in search.workers)])  # number of each worker's states

    def graph(self, stopped: str | None) -> Graph:
        search, states = self.search, int(self.first[-1])
        sets, taken_by, informal_by = self.moves()
        source, target, move = (np.concatenate(column) for column in zip(*self.edges(), strict=True))
        expanded = np.zeros(states, dtype=bool)
        for first, count in zip(self.first, search.whole, strict=False):
            expanded[first : first + count] = True
        causes, goals = self.asked(0, expanded)
        return Graph(
            states=states,
            initial=0,
            source=source,
            target=target,
            taken=taken_by[move],
            informal=informal_by[move],
            sets=sets,
            causes=causes,
            goals=goals,
            expanded=expanded,
            state_at=self.state_at,
            stopped=stopped,
        )

    def moves(self) -> tuple[tuple[FairSet, ...], Any, Any]:
        """The fairness sets; of each move the number of its set or -1, and whether it is informal."""
        sets: dict[FairSet, int] = {}
        product, steps = self.search.tables.product, self.search.tables.move_steps
        taken = np.full(len(steps), -1, dtype=np.int32)
        informal = np.zeros(len(steps), dtype=bool)
        for move, (instance, event, outcome) in enumerate(steps):
            found = fair_set(self.model, instance, event, outcome)
            if found is not None:
                taken[move] = sets.setdefault(found, len(sets))
            transition = None if outcome is None else product.transition(instance, outcome)
            informal[move] = transition is not None and transition.informative
        return tuple(sets), taken, informal

    def edges(self) -> Iterator[tuple[Any, Any, Any]]:
        """Every step of the states that were expanded, by the numbers of its states and its move."""
        search = self.search
        kind = np.int32 if self.first[-1] < np.iinfo(np.int32).max else np.int64
        yield np.zeros(0, dtype=kind), np.zeros(0, dtype=kind), np.zeros(0, dtype=np.int32)
        for i, end in enumerate(search.whole):
            for states, moves, successors in steps_of(search, i, 0, end, np.zeros(0, dtype=np.uint64)):
                sources = (states + self.first[i]).astype(kind)
                yield sources, self.numbers(successors).astype(kind), moves.astype(np.int32)

    def numbers(self, successors: Any) -> Any:
        """The number of each of some states, given as words and hash."""
        store, rows = self.search.store, np.ascontiguousarray(successors).reshape(-1)
        found = np.zeros(len(successors), dtype=np.int64)
        stateset.locate(store.rows, store.slots, store.size, store.unit, rows, 0, len(rows), found)
        if (found < 0).any():
            raise AssertionError("a successor of a state that was expanded is not stored")
        bases = np.array([worker.base for worker in store.workers])
        return found + (self.first[:-1] - bases)[found // store.region]

    def state_at(self, number: int) -> State:
        """The joint state of a number."""
        worker = int(np.searchsorted(self.first, number, side="right")) - 1
        return self.search.state(worker, number - int(self.first[worker]))

    # ---- what the promises say of each state

    def asked(self, initial: int, expanded: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Where the causes and the goal of each promise hold. Raises ModelError where an expression has no value."""
        conditions: dict[tuple[str, str], n.Node] = {}
        for response in self.responses:
            conditions["goal", response.id] = response.goal
            if response.causes:
                domain = response.causes[0].domain
                conditions["cause", response.id] = n.And(domain, response.causes)
        values = dict(zip(conditions, self.columns(list(conditions.values())), strict=True))
        everywhere = expanded.astype(np.int8)
        causes, goals = {}, {}
        for response in self.responses:
            cause = values.get(("cause", response.id), everywhere)
            if response.at_start:
                cause = np.where(np.arange(len(cause)) == initial, cause, 0)
            goal = values["goal", response.id]
            failing = np.flatnonzero((cause == FAILED) | (goal == FAILED))
            if len(failing):
                self.fail(response, failing)
            causes[response.id], goals[response.id] = cause == 1, goal == 1
        return causes, goals

    def columns(self, conditions: list[n.Node]) -> Any:
        """Of each condition what it is in each expanded state: 0, 1 or FAILED; 0 in those that were not expanded."""
        search = self.search
        said = Properties(search.tables, [_condition(i, node) for i, node in enumerate(conditions)])
        program = said.program(np.ones(4 * len(said.place), dtype=np.uint8), np.zeros(len(conditions), dtype=bool))
        search.arrays = search.tables.arrays(search.store.layout)
        found = np.zeros((len(conditions), int(self.first[-1])), dtype=np.int8)
        for i, (worker, count) in enumerate(zip(search.workers, search.whole, strict=True)):
            at, end = worker.base, worker.base + count
            first = self.first[i] - worker.base
            while at < end:
                stop = min(at + CHUNK, end)
                column = np.zeros((len(conditions), stop - at), dtype=np.int8)
                box = search.search(i)
                done = int(evaluate(search.arrays, search.store.unit, program, box, at, stop, column))
                found[:, first + at : first + done] = column[:, : done - at]
                search.fill()
                at = done
        return found

    def fail(self, response: Response, failing: Any) -> None:
        """Raise the ModelError of an expression that has no value, with the flow to a nearest such state."""
        search, watch = self.search, ResponseWatch(self.model, response)
        levels = []
        for number in failing.tolist():
            worker = int(np.searchsorted(self.first, number, side="right")) - 1
            index = number - int(self.first[worker])
            levels.append((bisect_right(search.workers[worker].starts, index) - 1, (worker, index)))
        nearest = min(level for level, _ in levels)
        path = search.path([place for level, place in levels if level == nearest], nearest)
        try:
            watch.values(path[-1].target if path else search.initial, initial=not path)
        except ModelError as error:
            raise with_flow(error, search.tables.product, path) from None
        raise AssertionError(f"{response.id} fails in the tables only")


def _condition(number: int, node: n.Node) -> Property:
    """A condition as something that may be asked of every state."""
    return Property(str(number), "", None, "never", node, None, "", (), "PROVED")
