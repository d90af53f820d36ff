"""Models that mean the same: an option that does not matter in a scenario makes variants that need one search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mcfsm.checking import digest
from mcfsm.family import Effort, FamilyExplorer
from mcfsm.model import Model
from mcfsm.verdict import Run


def meaning(model: Model) -> str:
    """The digest of what a search and its verdicts read: not what was chosen, and not what is expected."""
    properties = tuple(replace(promise, expected="PROVED") for promise in model.properties)
    responses = tuple(replace(promise, expected="PROVED") for promise in model.responses)
    bare = replace(model, properties=properties, responses=responses, expected_checks=())
    return digest(replace(bare, readings=(), options=(), parameters=(), clauses=()))


def once(explorer: FamilyExplorer) -> FamilyExplorer:
    """An explorer that is given each of some models that mean the same once; their runs share their findings."""

    def explored(
        models: Sequence[Model], asked: Sequence[Sequence[str]], *, effort: Effort, everything: bool = False
    ) -> list[Run]:
        keys = [(meaning(model), tuple(names)) for model, names in zip(models, asked, strict=True)]
        first = {key: i for i, key in reversed(list(enumerate(keys)))}
        chosen = sorted(first.values())
        runs = explorer([models[i] for i in chosen], [asked[i] for i in chosen], effort=effort, everything=everything)
        known = dict(zip((keys[i] for i in chosen), runs, strict=True))
        return [_of(known[key], model) for key, model in zip(keys, models, strict=True)]

    return explored


def _of(run: Run, model: Model) -> Run:
    """A run as that of another model that means the same, and may expect something else."""
    expected = dict(model.expected_checks) | {promise.id: promise.expected for promise in model.promises}
    verdicts = tuple(replace(verdict, expected=expected.get(verdict.id, "PROVED")) for verdict in run.verdicts)
    return replace(run, model=model, verdicts=verdicts)
