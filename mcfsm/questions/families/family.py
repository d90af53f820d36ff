"""A family: the variants of a model that a question is about, and what is found out about each.

A variant is simply a model: the text with some changes, one value for each reading and each option. What is found out
about a variant is the run that a check of it alone would give; a `FamilyExplorer` may come by it in any way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, combinations, product
from math import prod
from pathlib import Path

from mcfsm.language.changes.apply import Baseline, apply, select
from mcfsm.language.files.document import Document
from mcfsm.language.files.reader import read_baseline
from mcfsm.language.resolving.resolve import resolve
from mcfsm.language.selection import combine, known_properties, known_scenarios, known_settings, values_asked
from mcfsm.model import CHECKS, Model
from mcfsm.problems import ModelError, Problem, counted
from mcfsm.verdicts.family_runs import FamilyExplorer, together
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.verdict import Run

MOST_VARIANTS = 1024


@dataclass(frozen=True)
class Variant:
    """Some changes, and values for the readings and options that the question varies or fixes."""

    changes: tuple[str, ...]
    chosen: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return ", ".join([changes_title(self.changes), *(f"{name}={value}" for name, value in self.chosen)])


def changes_title(changes: Iterable[str]) -> str:
    """A set of changes in words."""
    return "+".join(changes) or "no change"


@dataclass(frozen=True)
class Family:
    """Variants of one model. `excluded` are sets of changes that touch the same part, and so make no variant."""

    path: str
    baseline: Baseline
    variants: tuple[Variant, ...]
    settings: tuple[tuple[str, str], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()
    _documents: dict[tuple[str, ...], Document] = field(default_factory=dict, repr=False, compare=False)

    def document(self, changes: tuple[str, ...]) -> Document:
        """The text with some changes. Raises ModelError where they do not go together."""
        if changes not in self._documents:
            self._documents[changes] = apply(self.baseline, changes)
        return self._documents[changes]

    def model(
        self, variant: Variant, scenario: str, properties: Iterable[str] | None = None, *, symmetry: bool = True
    ) -> Model:
        """One scenario of a variant. Raises ModelError for what is wrong with it."""
        document = self.document(variant.changes)
        known = {str(name) for name in (*document.parameters, *document.options)}
        settings = {name: value for name, value in self.settings if name in known}
        wanted = None if properties is None else [name for name in properties if name in document.properties]
        chosen = {**settings, **dict(variant.chosen)}
        return resolve(document, scenario, chosen=chosen, properties=wanted, symmetry=symmetry)

    def scenarios(self, names: Iterable[str] | None) -> list[str]:
        """The scenarios asked for, if every variant has them; all that every variant has where None is asked for."""
        documents = [self.document(changes) for changes in dict.fromkeys(v.changes for v in self.variants)]
        if names is not None:
            wanted = list(names)
            for document in documents:
                known_scenarios(document, wanted)
            return wanted
        return [name for name in known_scenarios(documents[0], None) if all(name in d.scenarios for d in documents)]

    def having(self, scenario: str) -> Family:
        """The variants whose text has a scenario. Raises ModelError (M601) where none has."""
        there = tuple(v for v in self.variants if scenario in self.document(v.changes).scenarios)
        if not there:
            known_scenarios(self.document(self.variants[-1].changes), [scenario])  # says that there is none
        return replace(self, variants=there)


def family(
    path: Path | str,
    *,
    sets: Iterable[Iterable[str]] | None = None,
    readings: Mapping[str, Iterable[str]] | None = None,
    settings: Mapping[str, str] | None = None,
) -> Family:
    """The variants of a model with each of some sets of changes (its default one), under all combinations of values.

    `readings` gives values of readings and options, each for the variants whose text has it; `settings` fixes options
    and parameters. Raises ModelError for names that no variant has, and where there are too many variants (M104).
    """
    baseline = read_baseline(path)
    selected = [select(baseline, None)] if sets is None else [select(baseline, names) for names in sets]
    found = Family(str(path), baseline, ())
    excluded: list[tuple[str, ...]] = []
    listed = {name: list(values) for name, values in (readings or {}).items()}
    documents: list[Document] = []
    asked: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for changes in dict.fromkeys(selected):
        try:
            documents.append(found.document(changes))
        except ModelError as error:
            if len(selected) == 1 or {problem.code for problem in error.problems} != {"M320"}:
                raise
            excluded.append(changes)
            continue
        mine = {name: there for name, values in listed.items() if (there := _there(documents[-1], name, values))}
        if any(name not in mine and has_constant(documents[-1], name) for name in listed):
            continue  # this text has none of the values asked for
        asked[changes] = values_asked(documents[-1], mine)
    _not_too_many(asked, documents)
    variants = tuple(
        Variant(changes, tuple(zip(values, row, strict=True)))
        for changes, values in asked.items()
        for row in product(*values.values())
    )
    for name, values in listed.items():
        for value in values:
            if not any(_there(document, name, [value]) for document in documents):
                having = [document for document in documents if has_constant(document, name)]
                list(combine([*having, documents[0]][0], {name: [value]}))  # says that there is none
    for name, value in (settings or {}).items():
        if not any(name in document.options or name in document.parameters for document in documents):
            known_settings(documents[0], {name: value})
    fixed = tuple((settings or {}).items())
    return replace(found, variants=variants, settings=fixed, excluded=tuple(excluded))


def _not_too_many(asked: Mapping[tuple[str, ...], Mapping[str, Sequence[str]]], documents: Sequence[Document]) -> None:
    """Raise ModelError (M104), a mistake of the question, where it is about more variants than are explored."""
    count = sum(prod(map(len, values.values())) for values in asked.values())
    if count <= MOST_VARIANTS:
        return
    most: dict[str, int] = {}
    for values in asked.values():
        for name, column in values.items():
            most[name] = max(len(column), most.get(name, 0))
    said, ways = [], []
    if len(asked) > 1:
        said.append(counted(len(asked), "set") + " of changes")
        ways.append("--with NAMES")
    for what in ("reading", "option"):
        names = {name for document in documents for name in map(str, getattr(document, f"{what}s"))}
        if open_ := [f"{name} ({number})" for name, number in most.items() if name in names and number > 1]:
            said.append(f"{what}s " + ", ".join(open_))
            ways.append(f"--{what} NAME=VALUE")
    raise too_many(counted(count, "variant"), f"fix some of them ({', '.join(ways)}). Open are: {'; '.join(said)}")


def too_many(what: str, hint: str) -> ModelError:
    """The mistake of a question (M104) that is about more than is tried."""
    error = ModelError([Problem("M104", None, f"{what}; at most {MOST_VARIANTS:,} are tried", hint)])
    error.brought = True
    return error


def has_constant(document: Document, name: str) -> bool:
    """Whether a text has a reading or an option of this name."""
    return name in document.readings or name in document.options


def _there(document: Document, name: str, values: Iterable[str]) -> list[str]:
    """Of some values of a reading or an option those that a text has, or says all of."""
    constants = [part for key, part in {**document.readings, **document.options}.items() if key == name]
    return [value for value in values for part in constants if value == "all" or value in part.values]


def subsets(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Every set of some changes, smaller ones first, each in the order given. Raises ModelError for too many (M104)."""
    if 2 ** len(names) > MOST_VARIANTS:
        raise too_many(f"{2 ** len(names):,} sets of {len(names)} changes", "name the changes that are meant: --with")
    return list(chain.from_iterable(combinations(names, size) for size in range(len(names) + 1)))


def explore(
    family: Family,
    scenario: str,
    *,
    properties: Iterable[str] | None = None,
    full: bool = False,
    effort: Effort = Effort(),
    explorer: FamilyExplorer = together,
) -> list[Run]:
    """The runs of the variants of a family on one scenario, in their order.

    `properties` narrows what is asked (checks by their names). Raises ModelError for what is wrong with a variant, and
    for a property that none has (M313).
    """
    models, property_ids = models_asked(family, scenario, properties, effort)
    return explorer(models, property_ids, effort=effort, full=full)


def models_asked(
    family: Family, scenario: str, properties: Iterable[str] | None, effort: Effort
) -> tuple[list[Model], list[list[str]]]:
    """The models of the variants of a family on one scenario, and what is asked of each; raises as `explore` does."""
    wanted = None if properties is None else list(properties)
    documents = [family.document(variant.changes) for variant in family.variants]
    known_properties(documents, wanted or ())
    models = [family.model(variant, scenario, wanted, symmetry=effort.symmetry) for variant in family.variants]
    checks = [check for check in CHECKS if wanted is None or check in wanted]
    return models, [[*(property_.id for property_ in model.properties), *checks] for model in models]
