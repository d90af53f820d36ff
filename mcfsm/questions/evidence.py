"""What verdicts stand on, put into a file that `mcfsm verify` checks by the definition alone.

A flow or a lasso is there already. All states are looked for once more where a verdict stands on them, interchangeable
instances told apart; a liveness property that is proved gets a ranking of the states that wait.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mcfsm.evidence.records import FORMAT, Claim, Origin
from mcfsm.evidence.states import StateTexts, fair_set_text
from mcfsm.evidence.verify import sources, subject_of, words
from mcfsm.explore.liveness.graph import Graph
from mcfsm.explore.liveness.ranking import ranking, renumbered
from mcfsm.model import CHECKS, LivenessProperty
from mcfsm.semantics.product import Product
from mcfsm.semantics.trace import Trace
from mcfsm.verdicts.run import Effort, graph_source
from mcfsm.verdicts.verdict import Run, Verdict


@dataclass(frozen=True)
class Evidence:
    """The content of a file, how many verdicts it is of, and those that it says nothing of, each with the reason."""

    content: bytes
    claims: int
    without: tuple[str, ...]


def evidence(path: Path, runs: Iterable[Run], file: Path, effort: Effort) -> Evidence:
    """The evidence of the verdicts of some runs of a model, for a file of this name: the model is named from there."""
    found = [_Gathering(run, effort) for run in runs]
    lines = [line for one in found for line in one.lines()]
    place = os.path.relpath(path.resolve(), file.resolve().parent)
    origin = asdict(Origin(FORMAT, Path(place).as_posix(), sources(path), len(found)))
    claims = sum(len(one.claims) for one in found)
    return Evidence(_content([origin, *lines]), claims, tuple(said for one in found for said in one.without))


def _content(records: Iterable[Any]) -> bytes:
    """Records as lines, the digest of them all, and the whole compressed: the same for the same records."""
    lines = [json.dumps(one, separators=(",", ":"), ensure_ascii=False).encode() + b"\n" for one in records]
    digest = hashlib.sha256(b"".join(lines)).hexdigest()
    end = json.dumps({"lines": len(lines), "sha256": digest}, separators=(",", ":"))
    return gzip.compress(b"".join(lines) + end.encode() + b"\n", mtime=0)


class _Gathering:
    """What the verdicts of one run stand on."""

    def __init__(self, run: Run, effort: Effort) -> None:
        model = replace(run.model, interchangeable=(), avoided=run.model.avoided | frozenset(run.avoided))
        self.model, self.product, self.run, self.effort = model, Product(model), run, effort
        self.claims: list[Claim] = []
        self.without: list[str] = []
        self.rankings: list[dict[int, list[int]]] = []
        self.rows: list[tuple[int, ...]] = []
        self.values: list[list[str]] = []
        self.transitions = 0
        leaving = {answer.id for answer in run.answers if answer.leaves}
        told = [v for v in run.verdicts if v.status != "INCOMPLETE" and v.id not in leaving]
        self.without += [f"{run.name}: {name} is of no run within the boundary" for name in sorted(leaving)]
        self.without += [f"{run.name}: {v.id} is INCOMPLETE" for v in run.verdicts if v.status == "INCOMPLETE"]
        graph = self.all_states([one for one in told if self.flow_of(one) is None])
        for verdict in told:
            trace = self.flow_of(verdict)
            if trace is not None:
                self.claims.append(self.by_flow(verdict, trace))
            elif graph is not None:
                self.claims.append(self.by_states(verdict, graph))

    def flow_of(self, verdict: Verdict) -> Trace | None:
        """The flow that decides a verdict: that of a check is with its findings."""
        if verdict.id not in CHECKS:
            return verdict.trace
        return next((fault.trace for fault in self.run.faults if fault.check == verdict.id), None)

    def by_flow(self, verdict: Verdict, trace: Trace) -> Claim:
        """A claim that stands on its flow, or its lasso."""
        steps, said = [], []
        for state, step in zip(trace.states, trace.taken, strict=False):
            steps.append(self.product.steps(state).index(step))
            said.append(words(self.product, state, step))
        if trace.loop_start is None:
            return Claim(verdict.id, verdict.status, "flow", steps=steps, words=said)
        start = next(one.lasso.start for one in self.run.answers if one.id == verdict.id and one.lasso is not None)
        return Claim(verdict.id, "VIOLATED", "lasso", verdict.fairness, steps, said, start, trace.loop_start)

    def by_states(self, verdict: Verdict, graph: Graph) -> Claim:
        """A claim that stands on all states, and if it is a proof on runs on a ranking."""
        live = self.model.liveness_property_of.get(verdict.id)
        if live is None or verdict.status == "VACUOUS":
            return Claim(verdict.id, verdict.status, "states")
        assert verdict.fairness is not None
        ranks = ranking(graph, live, verdict.fairness)
        self.rankings.append(ranks)
        sets = [fair_set_text(self.model, set_) for set_ in graph.sets]
        return Claim(verdict.id, "PROVED", "ranking", verdict.fairness, sets=sets, ranked=len(ranks))

    def all_states(self, standing: list[Verdict]) -> Graph | None:
        """The graph of all states, as numbered in the file; None where no verdict stands on it, or it was not found."""
        if not standing:
            return None
        live = [self.model.liveness_property_of.get(verdict.id) for verdict in standing]
        findings, graph = graph_source(self.effort.engine)(
            self.model,
            property_ids=[],
            liveness_properties=[one for one in live if isinstance(one, LivenessProperty)],
            limits=self.effort.left,
            on_progress=self.effort.reporter(self.run.model),
            workers=self.effort.workers,
        )
        stopped = graph if isinstance(graph, str) else graph.stopped
        if isinstance(graph, str) or stopped is not None:
            self.without += [
                f"{self.run.name}: {one.id} stands on all states, stopped by {stopped}" for one in standing
            ]
            return None
        number = self.list_states(graph)
        self.transitions = findings.transitions
        return renumbered(graph, self.model, number)

    def list_states(self, graph: Graph) -> Any:
        """Every state as a row of numbers of values, both sorted; the place of each state of the graph among them."""
        texts = StateTexts(self.model)
        known: list[dict[Any, int]] = [{} for _ in texts.names]
        rows = []
        for at in range(graph.states):
            parts = texts.parts(graph.state_at(at))
            rows.append([own.setdefault(value, len(own)) for own, value in zip(known, parts, strict=True)])
        for part, own in enumerate(known):
            listed = [texts.text(part, value) for value in own]
            by_text = sorted(range(len(listed)), key=listed.__getitem__)
            place = {number: i for i, number in enumerate(by_text)}
            self.values.append([listed[number] for number in by_text])
            for row in rows:
                row[part] = place[row[part]]
        order = sorted(range(len(rows)), key=rows.__getitem__)
        self.rows = [tuple(rows[at]) for at in order]
        number = np.empty(len(rows), dtype=np.int64)
        number[order] = np.arange(len(rows))
        return number

    def lines(self) -> Iterator[Any]:
        """The records of this run, in the order in which they stand in the file."""
        yield asdict(
            replace(
                subject_of(self.model),
                claims=len(self.claims),
                states=len(self.rows),
                transitions=self.transitions,
                values=[len(own) for own in self.values] or None,
            )
        )
        yield from map(asdict, self.claims)
        yield from (text for own in self.values for text in own)
        yield from self.rows
        yield from ([number, *own] for ranks in self.rankings for number, own in sorted(ranks.items()))
