"""Do changes get along? Every set of them against every property: which minimal sets break one, and which mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mcfsm.language.changes.apply import select
from mcfsm.language.files.reader import read_baseline
from mcfsm.language.selection import Selection
from mcfsm.model import Status
from mcfsm.questions.families.beside import Watching
from mcfsm.questions.families.family import Family, Variant, family, models_asked, subsets
from mcfsm.questions.families.in_error import InError, of_each_in_spite, of_variant, told, told_apart, without_errors
from mcfsm.verdicts.family_runs import FamilyExplorer, together
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.verdict import Run

Changes = tuple[str, ...]
Chosen = tuple[tuple[str, str], ...]  # readings and options with their values


@dataclass(frozen=True)
class MatrixRow:
    """One property under every set of changes (None: a text that does not have it), and what changes do to it.

    `breaks`: the minimal sets under which it does not hold although it does with a part of them, or without any change;
    `mends`: the minimal sets under which it holds although it does not with a part of them. Holding is being PROVED.
    Sets under which it could not be told count for nothing.
    """

    id: str
    text: str
    statuses: tuple[Status | None, ...]
    breaks: tuple[Changes, ...]
    mends: tuple[Changes, ...]


@dataclass(frozen=True)
class VariantMatrix:
    """One scenario under one choice of constants: a column for each set of changes, a row for each property."""

    scenario: str
    chosen: Chosen
    columns: tuple[Changes, ...]
    rows: tuple[MatrixRow, ...]
    runs: tuple[Run, ...]
    excluded: tuple[Changes, ...]  # sets that touch the same part
    lacking: tuple[Changes, ...] = ()  # sets whose text has no such scenario
    errors: tuple[InError, ...] = ()  # sets whose search came to an error; they have no column

    @property
    def together(self) -> tuple[tuple[str, Changes], ...]:
        """Each property with a set that breaks it where no part of the set does: changes in each other's way."""
        return tuple((row.id, changes) for row in self.rows for changes in row.breaks if len(changes) > 1)

    @property
    def complete(self) -> bool:
        """Whether every verdict could be told."""
        return not any(status == "INCOMPLETE" for row in self.rows for status in row.statuses)


def matrix(
    path: Path | str,
    selection: Selection = Selection(),
    *,
    effort: Effort = Effort(),
    explorer: FamilyExplorer = together,
    beside: bool = False,
    watch: Watching | None = None,
    errors: list[InError] | None = None,
) -> list[VariantMatrix]:
    """The matrix of each scenario and combination of values, over all sets of the changes selected.

    By default these are the pending ones. A scenario that is named is asked under the sets that have it. `beside`:
    explore scenarios beside each other, in processes that share the workers; then nobody watches a single search.
    Sets and scenarios in error are noted in `errors`, where it is given and something is answered in spite of them.
    Else raises ModelError for what is wrong with the model under any set of changes; and for unknown names.
    """
    baseline = read_baseline(path)
    sets = subsets(
        select(baseline, baseline.listed(candidates=False) if selection.changes is None else selection.changes)
    )
    variants = family(path, sets=sets, readings=selection.readings, settings=selection.settings)

    named = selection.scenarios
    for scenario in named or ():
        variants.having(scenario)  # says it where none has, before anything is searched
    wanted = variants.scenarios(None) if named is None else list(dict.fromkeys(named))
    question = partial(_matrices, variants, selection.properties, explorer)
    noted: list[InError] = []
    found = list(of_each_in_spite(question, wanted, effort, beside, watch, noted))
    told(errors, [*noted, *(error for _, some in found for error in some)], bool(found))
    return [one for some, _ in found for one in some]


def _matrices(
    variants: Family, properties: Iterable[str] | None, explorer: FamilyExplorer, effort: Effort, scenario: str
) -> tuple[list[VariantMatrix], tuple[InError, ...]]:
    """The matrices of one scenario, for each choice of constants that has an answer, and what is in error."""
    there = variants.having(scenario)
    runs = told_apart(explorer, *models_asked(there, scenario, properties, effort), effort=effort)
    known, errors = without_errors(dict(zip(there.variants, runs, strict=True)))
    if errors and not known:
        raise next(iter(errors.values()))
    wrong = {variant: of_variant(scenario, variant, error) for variant, error in errors.items()}
    having = {variant.changes for variant in there.variants}
    lacking = tuple(dict.fromkeys(v.changes for v in variants.variants if v.changes not in having))
    found = []
    for chosen in whole_choices(there.variants):
        fitting = [(variant, run) for variant, run in known.items() if set(variant.chosen) <= set(chosen)]
        mine = tuple(one for variant, one in wrong.items() if set(variant.chosen) <= set(chosen))
        if fitting:
            found.append(_matrix((variants.excluded, lacking, mine), scenario, chosen, fitting))
    return found, tuple(wrong.values())


def whole_choices(variants: Iterable[Variant]) -> list[Chosen]:
    """The choices of constants that are part of no other: a variant whose text lacks a reading goes with each value."""
    choices = list(dict.fromkeys(variant.chosen for variant in variants))
    return [chosen for chosen in choices if not any(set(chosen) < set(other) for other in choices)]


def _matrix(
    without: tuple[tuple[Changes, ...], tuple[Changes, ...], tuple[InError, ...]],
    scenario: str,
    chosen: Chosen,
    listed: Sequence[tuple[Variant, Run]],
) -> VariantMatrix:
    columns = tuple(variant.changes for variant, _ in listed)
    verdicts = [{verdict.id: verdict for verdict in run.verdicts} for _, run in listed]
    names = {name: verdict.text for column in verdicts for name, verdict in column.items()}
    rows = []
    for name in _in_order(verdicts):
        statuses = tuple(column[name].status if name in column else None for column in verdicts)
        told = dict(zip(columns, statuses, strict=True))
        rows.append(MatrixRow(name, names[name], statuses, _minimal(told, False), _minimal(told, True)))
    runs = tuple(run for _, run in listed)
    return VariantMatrix(scenario, chosen, columns, tuple(rows), runs, *without)


def _in_order(verdicts: Iterable[Mapping[str, object]]) -> list[str]:
    """The properties of all columns, those that only changes have behind the others, checks last."""
    names = list(dict.fromkeys(name for column in verdicts for name in column))
    return sorted(names, key=lambda name: name.startswith("check."))


def _minimal(told: Mapping[Changes, Status | None], holds: bool) -> tuple[Changes, ...]:
    """The smallest sets under which it holds, or does not, where under a part of the set the opposite is so."""
    found: list[Changes] = []
    for changes, status in told.items():  # smaller sets come first
        if _holds(status) is not holds or any(set(smaller) < set(changes) for smaller in found):
            continue
        parts = [_holds(other) for part, other in told.items() if set(part) < set(changes)]
        if (not holds) in parts:
            found.append(changes)
    return tuple(found)


def _holds(status: Status | None) -> bool | None:
    return None if status is None or status == "INCOMPLETE" else status == "PROVED"
