"""How the variants of a family are explored, and with how much effort: each alone, or as many together as can be."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from mcfsm.explore.findings import Progress
from mcfsm.explore.stopping import SIGNALS, reason_of
from mcfsm.model import Model
from mcfsm.model.digest import digest, meaning
from mcfsm.problems import ModelError
from mcfsm.semantics.status import Statuses
from mcfsm.semantics.together import why_alone
from mcfsm.verdicts.run import ENGINES, watch_over
from mcfsm.verdicts.verdict import Run, judge

if TYPE_CHECKING:
    from mcfsm.explore.family_findings import FamilyQuery  # brings the compiled search when it is imported

from mcfsm.verdicts.run import Effort

T = TypeVar("T")


class FamilyExplorer(Protocol):
    """Explores the variants of one scenario: `together` does, and `one_by_one` says what must come out."""

    def __call__(
        self, models: Sequence[Model], property_ids: Sequence[Sequence[str]], *, effort: Effort, full: bool = False
    ) -> list[Run]:
        """For each model the run that `checking.run` gives for what is asked of it."""


def one_by_one(
    models: Sequence[Model], property_ids: Sequence[Sequence[str]], *, effort: Effort, full: bool = False
) -> list[Run]:
    """The runs of some models, each explored alone; of models that mean the same, once.

    `asked` are the properties and checks asked of each. `everything`: explore on where all is decided.
    """
    known: dict[tuple[str, tuple[str, ...]], Run] = {}
    runs = []
    for model, names in zip(models, property_ids, strict=True):
        if effort.over is not None:  # it is said at once
            runs.append(effort.run(model, names))
            continue
        key = digest(model), tuple(names)
        if key not in known:
            known[key] = effort.run(model, names, full=full)
        runs.append(replace(known[key], model=model))
    return runs


def together(
    models: Sequence[Model], property_ids: Sequence[Sequence[str]], *, effort: Effort, full: bool = False
) -> list[Run]:
    """The same runs of models explored together, as far as they can be: up to 64 that have the same components.

    What is violated is explored once more alone, no deeper than need be, for its flow; both must agree how deep that
    is. A model goes alone that has interchangeable instances or a boundary, or asks channels; and all do where a limit
    keeps liveness from being decided, or where an expression has no value, for the flow that leads there.
    """

    def runs(query: FamilyQuery) -> list[Run] | None:
        from mcfsm.explore.family_findings import family_findings

        found = family_findings(query)
        if found is None:
            return None
        each = zip(query.models, found[0], query.property_ids, found[1], strict=True)
        return [judge(model, findings, names, None, answers) for model, findings, names, answers in each]

    how = effort, full
    return _in_batches(models, property_ids, *how, runs, partial(one_by_one, effort=effort, full=full))


class StatusExplorer(Protocol):
    """Finds the statuses of the variants of one scenario without a flow, which takes far less than to find flows."""

    def __call__(
        self, models: Sequence[Model], property_ids: Sequence[Sequence[str]], *, effort: Effort
    ) -> list[Statuses]:
        """For each model what a `FamilyExplorer` finds of it."""


def statuses_of_family(
    models: Sequence[Model], property_ids: Sequence[Sequence[str]], *, effort: Effort
) -> list[Statuses]:
    """The statuses that `together` finds, without flows: nothing is replayed, and nothing explored again."""

    def statuses(query: FamilyQuery) -> list[Statuses] | None:
        from mcfsm.explore.family_findings import family_statuses

        return family_statuses(query)

    return _in_batches(models, property_ids, effort, False, statuses, partial(statuses_one_by_one, effort=effort))


def statuses_one_by_one(
    models: Sequence[Model], property_ids: Sequence[Sequence[str]], *, effort: Effort
) -> list[Statuses]:
    """The same of the runs of models that are explored alone."""
    if effort.over is not None:
        return [Statuses(0, dict.fromkeys(names, "INCOMPLETE"), None) for names in property_ids]
    runs = one_by_one(models, property_ids, effort=effort)
    return [
        Statuses(
            run.findings.states,
            {verdict.id: verdict.status for verdict in run.verdicts},
            run.findings.fired if run.findings.complete else None,
        )
        for run in runs
    ]


def _in_batches(
    models: Sequence[Model],
    property_ids: Sequence[Sequence[str]],
    effort: Effort,
    full: bool,
    of_batch: Callable[[FamilyQuery], list[T] | None],
    alone: Callable[[Sequence[Model], Sequence[Sequence[str]]], list[T]],
) -> list[T]:
    """What is found of models in batches that can be explored together, and of the others alone."""
    found: dict[int, T] = {}
    for batch in _batches(models, property_ids) if effort.engine == ENGINES[0] else ():
        them: list[T] | None = None
        if effort.over is not None:
            break
        try:
            with watch_over(effort):
                them = of_batch(_query([models[i] for i in batch], [property_ids[i] for i in batch], effort, full))
        except ModelError:
            continue
        except KeyboardInterrupt as error:
            if effort.budget is not None:
                effort.budget.note(reason_of(error))
            elif reason_of(error) in SIGNALS:
                raise
        found |= dict(zip(batch, them or (), strict=False))
    rest = [i for i in range(len(models)) if i not in found]
    found |= dict(zip(rest, alone([models[i] for i in rest], [property_ids[i] for i in rest]), strict=True))
    return [found[i] for i in range(len(models))]


def _batches(models: Sequence[Model], property_ids: Sequence[Sequence[str]]) -> Iterable[list[int]]:
    """Models, by their place, that can be explored together: whole, if liveness is asked of them."""
    from mcfsm.kernel.variant_sets import MOST
    from mcfsm.tables.variant_encoding import family_signature

    alike: dict[Hashable, list[int]] = {}
    for i, (model, names) in enumerate(zip(models, property_ids, strict=True)):
        if not model.interchangeable and why_alone(model) is None:
            alike.setdefault(
                (family_signature(model), not model.liveness_property_of.keys().isdisjoint(names)), []
            ).append(i)
    for places in alike.values():
        yield from (places[i : i + MOST] for i in range(0, len(places), MOST) if len(places[i : i + MOST]) > 1)


def _query(models: Sequence[Model], property_ids: Sequence[Sequence[str]], effort: Effort, full: bool) -> FamilyQuery:
    from mcfsm.explore.family_findings import FamilyQuery

    def report(state: Progress) -> None:
        if effort.progress is not None:
            effort.progress(models[0], state)

    def partly(stopped: str | None) -> bool:
        """Whether what stopped a search ends the whole question, so that none of the models is explored alone."""
        if effort.budget is not None:
            effort.budget.note(stopped)
        return effort.over is not None

    return FamilyQuery(models, property_ids, effort.left, full, report, effort.workers, partly)


def once(explorer: Callable[..., list[T]]) -> Callable[..., list[T]]:
    """An explorer that is given each of some models that mean the same once; what it finds of one is said of all."""

    def statuses_of_family(
        models: Sequence[Model], property_ids: Sequence[Sequence[str]], *, effort: Effort
    ) -> list[T]:
        keys = [(meaning(model), tuple(names)) for model, names in zip(models, property_ids, strict=True)]
        first = {key: i for i, key in reversed(list(enumerate(keys)))}
        chosen = sorted(first.values())
        found = explorer([models[i] for i in chosen], [property_ids[i] for i in chosen], effort=effort)
        known = dict(zip((keys[i] for i in chosen), found, strict=True))
        return [known[key] for key in keys]

    return statuses_of_family
