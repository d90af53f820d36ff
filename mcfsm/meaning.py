"""Models that mean the same: an option that does not matter in a scenario makes variants that need one search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mcfsm.checking import digest
from mcfsm.exploring import Effort, Teller
from mcfsm.model import Model
from mcfsm.statuses import Told


def meaning(model: Model) -> str:
    """The digest of what a search and its verdicts read: not what was chosen, and not what is expected."""
    properties = tuple(replace(promise, expected="PROVED") for promise in model.properties)
    responses = tuple(replace(promise, expected="PROVED") for promise in model.responses)
    bare = replace(model, properties=properties, responses=responses, expected_checks=())
    return digest(replace(bare, readings=(), options=(), parameters=(), clauses=()))


def once(teller: Teller) -> Teller:
    """A teller that is given each of some models that mean the same once; what it tells of it is told of all."""

    def told(models: Sequence[Model], asked: Sequence[Sequence[str]], *, effort: Effort) -> list[Told]:
        keys = [(meaning(model), tuple(names)) for model, names in zip(models, asked, strict=True)]
        first = {key: i for i, key in reversed(list(enumerate(keys)))}
        chosen = sorted(first.values())
        found = teller([models[i] for i in chosen], [asked[i] for i in chosen], effort=effort)
        known = dict(zip((keys[i] for i in chosen), found, strict=True))
        return [known[key] for key in keys]

    return told
