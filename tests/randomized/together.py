"""What a search of several models at once must find of each: what is found of it alone.

`assert_same(group, workers)` explores a group together and compares all of it with what the reference explorer said.
"""

from __future__ import annotations

from typing import NamedTuple

from mcfsm.explore.family_findings import FamilyQuery, family_findings, family_statuses
from mcfsm.explore.findings import Answer, Findings, Limits
from mcfsm.explore.liveness import fair_runs, reference_graph
from mcfsm.explore.liveness.graph import Graph
from mcfsm.model import CHECKS, Model
from mcfsm.verdicts.verdict import judge


class Alone(NamedTuple):
    """A variant, and what the reference explorer finds of it."""

    model: Model
    findings: Findings
    answers: list[Answer]

    @property
    def asked(self) -> list[str]:
        """Everything that may be asked."""
        return [*(property_.id for property_ in self.model.properties), *CHECKS]


Group = list[Alone]


def alone(model: Model, most: int) -> Alone:
    """What the reference explorer finds of a model, if it has no more states than that."""
    asked = [*(p.id for p in model.state_properties), *CHECKS]
    findings, graph = reference_graph.explored(
        model,
        property_ids=asked,
        liveness_properties=model.liveness_properties,
        limits=Limits(max_states=most),
    )
    return Alone(model, findings, list(fair_runs.answers(model, graph)) if isinstance(graph, Graph) else [])


def assert_same(group: Group, workers: int) -> None:
    """Explored together, each is what it is alone."""
    models, asked = [one.model for one in group], [one.asked for one in group]
    explored = family_findings(FamilyQuery(models, asked, Limits(), True, None, workers))
    told = family_statuses(FamilyQuery(models, asked, workers=workers))
    assert explored is not None
    assert told is not None
    for one, answers, few, (model, wanted, lassos) in zip(*explored, told, group, strict=True):
        assert (one.states, one.transitions, one.depth) == (wanted.states, wanted.transitions, wanted.depth)
        assert one.complete
        assert one.paths == wanted.paths
        assert one.faults == wanted.faults
        assert one.fired == wanted.fired
        assert one.coverage == wanted.coverage
        assert one.visited == wanted.visited
        assert answers == lassos
        verdicts = judge(model, wanted, asked[0], None, lassos).verdicts
        assert few.statuses == {verdict.id: verdict.status for verdict in verdicts}
