"""Which reading is safe, and which may must become a shall? The weakest condition under which a property holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from mcfsm.language.changes.apply import select
from mcfsm.language.files.document import Document
from mcfsm.language.files.reader import read_baseline
from mcfsm.language.resolving.resolve import resolve
from mcfsm.language.selection import Selection
from mcfsm.model import Status
from mcfsm.problems import ModelError, Problem
from mcfsm.questions.families.family import Variant, family, models_asked, subsets
from mcfsm.questions.families.formula import Dimension, Literal, Term, TooManyProductsError, minimal, opposite
from mcfsm.questions.families.in_error import InError, noting, of_variant, told, told_apart, without_errors
from mcfsm.verdicts.family_runs import FamilyExplorer, together
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.verdict import Run

WITH, WITHOUT = "with", "without"  # the values of a change, as a dimension


@dataclass(frozen=True)
class Conditions:
    """When a property holds in one scenario: iff one of the terms does, iff all of the clauses do. Holding is PROVED.

    `forced`: for each option, and each reading, that cannot stay open if the property is to hold, the values that are
    left. `untold` counts variants that could not be told; then the condition is about the others.
    """

    name: str
    text: str
    scenario: str
    dimensions: tuple[Dimension, ...]
    kinds: Mapping[str, str]  # dimension to "change", "reading" or "option"
    terms: tuple[Term, ...]  # alternatives; of each, all literals
    clauses: tuple[Term, ...]  # of each, one literal or more
    forced: tuple[Literal, ...]
    statuses: tuple[tuple[Variant, Status | None], ...]
    untold: int
    runs: tuple[Run, ...]

    @property
    def always(self) -> bool:
        """Whether it holds whatever is chosen."""
        return self.terms == ((),)

    @property
    def never(self) -> bool:
        """Whether it holds under no choice."""
        return not self.terms


def conditions(
    path: Path | str,
    name: str,
    selection: Selection = Selection(),
    *,
    effort: Effort = Effort(),
    explorer: FamilyExplorer = together,
    errors: list[InError] | None = None,
) -> list[Conditions]:
    """The condition for each scenario, over all sets of the changes selected (the pending ones) and all values.

    Readings selected narrow the values of those that they name; what a scenario fixes, or a setting, stays as it is
    unless it is named there. Variants and scenarios in error are noted in `errors`, where it is given and something is
    answered in spite of them; the condition is about the others. Else raises ModelError for these; and for unknown
    names, and where there are too many variants (M104).
    """
    baseline = read_baseline(path)
    chosen = select(baseline, baseline.listed(candidates=False) if selection.changes is None else selection.changes)
    narrowed = {key: list(values) for key, values in selection.readings.items()}
    fixed = dict(selection.settings)
    whole = family(path, sets=subsets(chosen), readings=narrowed, settings=fixed)

    noted: list[InError] = []

    def ask(scenario: str) -> Iterator[Conditions]:
        texts = [whole.document(sets) for sets in dict.fromkeys(variant.changes for variant in whole.variants)]
        with noting(noted, scenario):
            free = {**_open(texts, scenario, fixed), **narrowed}
            variants = family(path, sets=subsets(chosen), readings=free, settings=fixed)
            runs = told_apart(explorer, *models_asked(variants, scenario, [name], effort), effort=effort)
            known, wrong = without_errors(dict(zip(variants.variants, runs, strict=True)))
            if wrong and not known:
                raise next(iter(wrong.values()))
            noted.extend(of_variant(scenario, variant, error) for variant, error in wrong.items())
            yield _conditions(name, scenario, chosen, texts, known)

    found = list(effort.each(whole.scenarios(selection.scenarios), ask))
    told(errors, noted, bool(found))
    return found


def _open(documents: Iterable[Document], scenario: str, fixed: Mapping[str, str]) -> dict[str, list[str]]:
    """Every reading and option, with all its values, that neither the scenario nor a setting fixes."""
    there: dict[str, bool] = {}  # whether it is left open in all texts that have it
    for document in documents:
        model = resolve(document, scenario, properties=[])
        for constant in (*model.readings, *model.options):
            there[constant.name] = there.get(constant.name, True) and not constant.fixed
    return {name: ["all"] for name, open_ in there.items() if open_ and name not in fixed}


def _conditions(
    name: str,
    scenario: str,
    changes: Sequence[str],
    documents: Sequence[Document],
    runs: Mapping[Variant, Run],
) -> Conditions:
    dimensions, kinds = _dimensions(changes, documents, [*runs])
    statuses: list[tuple[Variant, Status | None]] = []
    wanted: dict[tuple[str, ...], bool | None] = {}
    text = ""
    for variant, run in runs.items():
        verdict = next((verdict for verdict in run.verdicts if verdict.id == name), None)
        text = text if verdict is None else text or verdict.text  # of several, that with the fewest changes
        status = None if verdict is None else verdict.status
        statuses.append((variant, status))
        for point in _points(variant, dimensions, kinds):
            wanted[point] = None if status in (None, "INCOMPLETE") else status == "PROVED"
    try:
        terms = minimal(dimensions, wanted)
        failing = minimal(dimensions, {point: None if value is None else not value for point, value in wanted.items()})
    except TooManyProductsError:
        message = f"{len(dimensions)} changes, readings and options are too many for one condition"
        raise ModelError([Problem("M104", None, message, "fix some of them: --with, --reading, --option")]) from None
    return Conditions(
        name=name,
        text=text,
        scenario=scenario,
        dimensions=dimensions,
        kinds=kinds,
        terms=terms,
        clauses=tuple(tuple(map(opposite, term)) for term in failing),
        forced=_forced(dimensions, kinds, wanted),
        statuses=tuple(statuses),
        untold=sum(status == "INCOMPLETE" for _, status in statuses),
        runs=tuple(runs.values()),
    )


def _dimensions(
    changes: Sequence[str], documents: Sequence[Document], variants: Sequence[Variant]
) -> tuple[tuple[Dimension, ...], dict[str, str]]:
    """What is varied: changes first, then readings and options as declared."""
    dimensions = [Dimension(name, (WITHOUT, WITH)) for name in changes]
    kinds = dict.fromkeys(changes, "change")
    tried: dict[str, dict[str, None]] = {}
    for variant in variants:
        for name, value in variant.chosen:
            tried.setdefault(name, {})[value] = None
    for kind in ("reading", "option"):
        declared = dict.fromkeys(str(name) for document in documents for name in getattr(document, f"{kind}s"))
        for name in declared:
            if len(tried.get(name, ())) > 1:
                dimensions.append(Dimension(name, tuple(tried[name])))
                kinds[name] = kind
    return tuple(dimensions), kinds


def _points(variant: Variant, dimensions: Sequence[Dimension], kinds: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """The points that a variant is: where its text lacks a reading, one for each value of it."""
    chosen = dict(variant.chosen)
    rows: list[tuple[str, ...]] = []
    for dimension in dimensions:
        if kinds[dimension.name] == "change":
            rows.append((WITH if dimension.name in variant.changes else WITHOUT,))
        else:
            rows.append((chosen[dimension.name],) if dimension.name in chosen else dimension.values)
    return product(*rows)


def _forced(
    dimensions: Sequence[Dimension], kinds: Mapping[str, str], wanted: Mapping[tuple[str, ...], bool | None]
) -> tuple[Literal, ...]:
    """Readings and options that have to have one of some values, but not any, wherever it holds."""
    points = [point for point, value in wanted.items() if value]
    found = []
    for i, dimension in enumerate(dimensions):
        left = tuple(value for value in dimension.values if any(point[i] == value for point in points))
        if kinds[dimension.name] != "change" and points and len(left) < len(dimension.values):
            found.append(Literal(dimension, left))
    return tuple(found)
