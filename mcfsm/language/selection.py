"""Which scenarios, readings and settings of a document are meant, and the models that these make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from mcfsm.host.timing import phase
from mcfsm.language.files.document import Document
from mcfsm.language.resolving.interchangeable import check_properties_of_runs
from mcfsm.language.resolving.resolve import resolve, resolve_all, resolve_several
from mcfsm.language.resolving.roles import transition_ids
from mcfsm.language.resolving.scenarios import UNLIMITED, budgets_of, lifted_budgets
from mcfsm.model import CHECKS, Model
from mcfsm.problems import ModelError, Problem, Problems, closest


@dataclass(frozen=True)
class Selection:
    """What of a model is meant; what is not said is as the model has it.

    `changes` are applied to it: without them its default ones. Of each reading or option in `readings` the values
    listed are tried ("all": every value), in all combinations; `settings` fixes options and parameters by name.
    """

    scenarios: Sequence[str] | None = None  # None: all
    properties: Sequence[str] | None = None  # and built-in checks; None: all
    changes: Sequence[str] | None = None
    readings: Mapping[str, Iterable[str]] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


class Questions:
    """Each model that is to be checked, scenario by scenario and reading by reading, with what is asked of it.

    The document has the changes that are selected already. Every scenario that is asked for is resolved at once, so
    that a mistake in any is found before anything is explored; the others are not looked at, which `mcfsm lint` does.
    Raises ModelError, also where nothing is asked at all (M313).
    """

    def __init__(self, document: Document, selection: Selection, *, symmetry: bool = True) -> None:
        self.document, self.symmetry = document, symmetry
        self._combinations = list(combine(document, selection.readings))
        self._settings = known_settings(document, selection.settings)
        listed = known_scenarios(document, selection.scenarios)
        self._wanted = wanted = (
            None if selection.properties is None else known_properties([document], selection.properties)
        )
        first = {**self._settings, **self._combinations[0]}
        models = resolve_all(document, chosen=first, symmetry=symmetry) if selection.scenarios is None else []
        if not models or wanted is not None:
            models = resolve_several(document, listed, chosen=first, properties=wanted, symmetry=symmetry)
        for model in models:
            check_properties_of_runs(model, document)
        self._models = [model for model in models if self._asked(model)]
        if not self._models:
            names = ", ".join(wanted or [])
            raise ModelError([Problem("M313", None, f"none of these scenarios checks {names}")])

    @property
    def property_ids(self) -> dict[str, list[str]]:
        """Scenario to the properties and checks that are asked of it, in declared order; none that is asked nothing."""
        return {model.scenario: self._asked(model) for model in self._models}

    @property
    def runs_of_each(self) -> int:
        """How many models there are of each scenario: one for each combination of the readings' values."""
        return len(self._combinations)

    def __iter__(self) -> Iterator[tuple[Model, list[str]]]:
        for scenario in self.property_ids:
            yield from self.of(scenario)

    def of(self, scenario: str) -> Iterator[tuple[Model, list[str]]]:
        """The models of one scenario, with what is asked of each."""
        for model in (model for model in self._models if model.scenario == scenario):
            for combination in self._combinations:
                if combination is not self._combinations[0]:
                    chosen = {**self._settings, **combination}
                    with phase("resolving"):
                        model = resolve(
                            self.document,
                            model.scenario,
                            chosen=chosen,
                            properties=self._wanted,
                            symmetry=self.symmetry,
                        )
                yield model, self._asked(model)

    def _asked(self, model: Model) -> list[str]:
        checks = (check for check in CHECKS if self._wanted is None or check in self._wanted)
        return [*(property_.id for property_ in model.properties), *checks]


def combine(document: Document, readings: Mapping[str, Iterable[str]]) -> Iterable[dict[str, str]]:
    """Every combination of the values asked for, of readings and options; one empty combination where none are."""
    columns = values_asked(document, readings)
    return (dict(zip(columns, row, strict=True)) for row in product(*columns.values()))


def values_asked(document: Document, readings: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Of each reading or option asked for its values that are meant, each once. Raises ModelError (M309, M310)."""
    parts = {**document.readings, **document.options}
    columns: dict[str, list[str]] = {}
    for name, values in readings.items():
        part = next((part for key, part in parts.items() if key == name), None)
        if part is None:
            raise _unknown("M309", "reading or option", name, parts)
        kind = "reading" if name in document.readings else "option"
        listed = list(values)
        known = list(map(str, part.values))
        for value in listed:
            if value not in [*known, "all"]:
                raise _unknown("M310", f"value of {kind} {name}", value, known)
        columns[name] = known if "all" in listed else list(dict.fromkeys(listed))
    return columns


def known_settings(document: Document, settings: Mapping[str, str]) -> dict[str, str]:
    """The settings, if every name is an option or a parameter, or a budget without limit. Raises ModelError (M309)."""
    lifted = lifted_budgets(document, settings)
    for name in settings:
        if name not in document.options and name not in document.parameters and name not in lifted:
            hint = "readings are chosen with --reading" if name in document.readings else None
            if name in budgets_of(document):
                hint = f"{name} is a budget, which a scenario sets: --set {name}={UNLIMITED} lifts its limit"
            raise _unknown("M309", "option or parameter", name, [*document.options, *document.parameters], hint)
    return dict(settings)


def known_scenarios(document: Document, scenarios: Iterable[str] | None) -> list[str]:
    """The scenarios asked for, or all of them. Raises ModelError (M601)."""
    known = list(map(str, document.scenarios))
    scenarios = None if scenarios is None else list(scenarios)
    for name in scenarios or ():
        if name not in known:
            hint = _repeated("--scenario", name, known)
            hint = hint if known else "the model has none: add scenarios: {NAME: {instances: {NAME: ROLE}}}"
            raise _unknown("M601", "scenario", name, known, hint)
    return known if scenarios is None else list(dict.fromkeys(scenarios))


def known_properties(documents: Iterable[Document], properties: Iterable[str]) -> list[str]:
    """The properties asked for, if some of these texts have them. Raises ModelError (M313)."""
    known = [*dict.fromkeys(str(name) for document in documents for name in document.properties), *CHECKS]
    listed = list(properties)
    for name in listed:
        if name not in known:
            raise _unknown("M313", "property", name, known, _repeated("--property", name, known))
    return listed


def known_transitions(document: Document, names: Iterable[str]) -> frozenset[str]:
    """The ids of transitions asked for, if some role has them. Raises ModelError (M315)."""
    known = transition_ids(document.roles, Problems()).values()
    listed = frozenset(names)
    for name in sorted(listed.difference(known)):
        raise _unknown("M315", "transition", name, known)
    return listed


def _repeated(option: str, name: str, known: Iterable[str]) -> str | None:
    """The hint where a name is several that are known, between commas, and the option takes one."""
    parts = [part.strip() for part in name.split(",")]
    several = len(parts) > 1 and set(parts) <= set(known)
    return f"repeat the option: {' '.join(f'{option} {part}' for part in parts)}" if several else None


def _unknown(code: str, what: str, name: str, known: Iterable[str], hint: str | None = None) -> ModelError:
    return ModelError([Problem(code, None, f"unknown {what} {name}", hint or closest(name, known))])
