"""A Document to Models: constants fixed, names given meaning, types checked; every problem of a stage at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from mcfsm.expressions.parse import SourceText
from mcfsm.language.files.document import Document, ScenarioPart
from mcfsm.language.resolving.begin import (
    beginnings,
    check_beginnings,
    check_room,
    resolve_begin,
    resolve_first_messages,
)
from mcfsm.language.resolving.channels import channel_kinds, pair_channels
from mcfsm.language.resolving.declarations import Declarations, declare
from mcfsm.language.resolving.faults import resolve_faults
from mcfsm.language.resolving.interchangeable import (
    check_interchangeable,
    check_properties_of_runs,
    interchangeable_sets,
)
from mcfsm.language.resolving.labels import resolve_labels
from mcfsm.language.resolving.messages import declare_messages
from mcfsm.language.resolving.naming import check_shown
from mcfsm.language.resolving.number_reads import number_reads
from mcfsm.language.resolving.properties import JointAttributes, PropertyResolver, ResolvedProperties, parameter_domains
from mcfsm.language.resolving.roles import ResolvedRole, resolve_role, transition_ids
from mcfsm.language.resolving.scenarios import (
    declare_groups,
    declare_roles,
    find_scenario,
    lifted_budgets,
    list_instances,
    resolve_budgets,
    resolve_expectations,
    resolve_parameters,
    with_likes,
)
from mcfsm.language.resolving.words import words, words_of
from mcfsm.model import Instance, Model, Status
from mcfsm.model.identity_cache import IdentityCache
from mcfsm.problems import ModelError, Problems, closest

MOST_SCENARIOS = 100


def resolve(
    document: Document,
    scenario: str,
    *,
    chosen: Mapping[str, str] | None = None,
    properties: Iterable[str] | None = None,
    symmetry: bool = True,
) -> Model:
    """One scenario as a Model. Raises ModelError with every problem of the first stage that finds any.

    `chosen` fixes readings, options and parameters over what document and scenario say; `properties` narrows those
    resolved (and so the observers composed) to some of the scenario's. Without `symmetry` no instances of the model
    are interchangeable, whatever the scenario declares.
    """
    (model,) = resolve_several(document, [scenario], chosen=chosen, properties=properties, symmetry=symmetry)
    return model


def resolve_several(
    document: Document,
    scenarios: Iterable[str],
    *,
    chosen: Mapping[str, str] | None = None,
    properties: Iterable[str] | None = None,
    symmetry: bool = True,
) -> list[Model]:
    """Some scenarios as Models, as `resolve` resolves one. Raises ModelError with the problems of all of them."""
    problems, scenarios = Problems(), list(scenarios)
    selected = None if properties is None else frozenset(properties)
    models: list[Model] = []
    for scenario in scenarios:
        name, _ = find_scenario(document, scenario)
        try:
            model = _Resolver(document, name, dict(chosen or {}), selected, symmetry).resolve()
            check_properties_of_runs(model, document)
            models.append(model)
        except ModelError as error:
            problems.extend(error.problems)
    _raise_any(
        problems, document, chosen, lambda own: resolve_several(document, scenarios, chosen=own, properties=selected)
    )
    return models


def _raise_any(
    problems: Problems,
    document: Document,
    chosen: Mapping[str, str] | None,
    again: Callable[[Mapping[str, str]], object],
) -> None:
    """Raise ModelError if anything was noted; one of who asks, where the document's own parameters have no problem."""
    own = {name: value for name, value in (chosen or {}).items() if name not in document.parameters}
    try:
        problems.raise_any()
    except ModelError as error:
        if len(own) < len(chosen or {}):
            with suppress(ModelError):
                again(own)
                error.brought = True
        raise


def resolve_all(document: Document, *, chosen: Mapping[str, str] | None = None, symmetry: bool = True) -> list[Model]:
    """Every scenario of a document, in written order. Raises ModelError with the problems of all of them.

    Also raised: roles, properties and observers that no scenario uses would be checked by nothing (M606).
    """
    problems = Problems()
    models: list[Model] = []
    resolvers = [
        _Resolver(document, name, dict(chosen or {}), None, symmetry, whole=True) for name in document.scenarios
    ]
    if not resolvers:
        problems.add("M202", document.span, "the model has no scenarios: nothing can be run", "add scenarios: {...}")
    if len(resolvers) > MOST_SCENARIOS:
        problems.add("M104", resolvers[0].name.span, f"{len(resolvers)} scenarios; at most {MOST_SCENARIOS} are taken")
        problems.raise_any()
    for resolver in resolvers:
        try:
            models.append(resolver.resolve())
        except ModelError as error:
            problems.extend(error.problems)
    _raise_any(problems, document, chosen, lambda own: resolve_all(document, chosen=own))
    _check_unused(document, resolvers, models, problems)
    problems.raise_any()
    return models


def _check_unused(document: Document, resolvers: list[_Resolver], models: list[Model], problems: Problems) -> None:
    used = {
        "role": {instance.role for model in models for instance in model.instances},
        "property": {property_.id for model in models for property_ in model.properties},
        "observer": {observer.name for model in models for observer in model.observers},
    }
    listed: dict[str, Iterable[SourceText]] = {
        "role": document.roles,
        "property": document.properties,
        "observer": document.observers,
    }
    for kind, names in listed.items():
        for name in names:
            if name not in used[kind]:
                where = "read by no property" if kind == "observer" else "in no scenario"
                problems.add("M606", name.span, f"{kind} {name} is {where}: nothing would check it")
    read = {name for resolver in resolvers for name in resolver.definitions_read}
    if resolvers[0].properties is not None:
        resolvers[0].properties.check_unused([name for name in document.define if name not in read], problems)


_PROPERTIES: IdentityCache[ResolvedProperties] = IdentityCache(1000)


class _Resolver:
    """Resolves one scenario, in stages: what follows from a mistake is not reported beside it."""

    def __init__(
        self,
        document: Document,
        name: SourceText,
        chosen: dict[str, str],
        selected: Iterable[str] | None,
        symmetry: bool,
        *,
        whole: bool = False,
    ) -> None:
        self.whole = whole  # of every scenario, for what is read by none
        self.document, self.name, self.chosen, self.symmetry = document, name, chosen, symmetry
        self.selected = None if selected is None else set(selected)
        self.problems = Problems()
        self.properties: PropertyResolver | None = None

    @property
    def definitions_read(self) -> set[str]:
        """The definitions that some property read."""
        return self.properties.used if self.properties else set()

    def resolve(self) -> Model:
        document, problems = self.document, self.problems
        part = with_likes(document, self.name, problems)
        check_shown(problems, self.name, "scenario", filed=True)
        problems.raise_any()
        lifted = lifted_budgets(document, self.chosen)
        constants = {name: value for name, value in self.chosen.items() if name not in lifted}
        made = declare(document, part, constants, problems)
        made.scenario = f"scenario {self.name}"
        problems.raise_any()
        listed = list_instances(document, self.name, part, made, problems)
        instances = [instance for instance, _ in listed]
        declare_roles(document, instances, made, problems)
        declare_groups(document, part, instances, made, problems)
        problems.raise_any()
        declare_messages(document, made, problems)
        ids = transition_ids(document.roles, problems)
        problems.raise_any()

        instances = resolve_parameters(document, part, listed, made, problems)
        kinds = channel_kinds(part, made, problems)
        faults = resolve_faults(part, instances, kinds, made, problems)
        instances = faults.with_crashes(instances)
        resolved = self.resolve_roles(part, instances, made, ids)
        roles = {name: one.role for name, one in resolved.items()}
        named = {budget: text for one in resolved.values() for budget, text in one.budgets.items()}
        idle = {budget for one in resolved.values() for budget in one.idle_budgets}
        budgets = resolve_budgets(self.name, part, {**named, **faults.named}, idle, lifted, made, problems)
        wanted = self.wanted(part)
        expected = resolve_expectations(document, part, map(str, document.properties), map(str, wanted), made, problems)
        asked = self.resolve_properties(wanted, expected, part.within, resolved, instances, made, ids)
        first_messages = resolve_first_messages(part, instances, made, problems)
        channels = pair_channels(self.name, part, kinds, instances, roles, faults, made, problems, first_messages)
        check_room(part, channels, first_messages, problems)
        broken = {name: one.broken for name, one in resolved.items()}
        attributes = JointAttributes(instances, roles, broken, parameter_domains(document, made), down=False)
        begin = resolve_begin(part, attributes, made, problems)
        labels = resolve_labels(document, self.name, part, instances, ids, problems)
        sets = interchangeable_sets(part, instances, made, problems) if self.symmetry else ()
        problems.raise_any()

        model = Model(
            name=str(document.model),
            source=None if document.source is None else str(document.source),
            scenario=str(self.name),
            text=None if part.text is None else str(part.text),
            file=document.span.file if document.span else "",
            instances=tuple(instances),
            roles=tuple(roles.values()),
            messages=tuple(made.messages.values()),
            channels=tuple(channels),
            budgets=(*budgets, *faults.budgets(channels)),
            observers=asked.observers,
            state_properties=asked.state_properties,
            expected_checks=tuple(sorted((k, v) for k, v in expected.items() if k.startswith("check."))),
            readings=made.readings,
            options=made.options,
            parameters=made.parameters,
            clauses=tuple(made.clauses.values()),
            allows_freeze=part.freeze == "true",
            liveness_properties=asked.liveness_properties,
            boundary=asked.boundary,
            begin=begin,
            first_messages=first_messages,
            begin_texts=tuple(map(str, beginnings(part))),
            interchangeable=tuple(names for _, names in sets),
            changes=tuple(map(str, document.applied)),
            usual_changes=document.usual,
            labels=labels,
            number_reads=number_reads(document, part, instances, ids),
        )
        check_beginnings(model, self.name, document, part, problems)
        problems.raise_any()
        check_interchangeable(model, sets, document, problems)
        problems.raise_any()
        return model

    def wanted(self, part: ScenarioPart) -> list[SourceText]:
        """The scenario's properties, less those not asked for."""
        names = list(self.document.properties) if part.properties is None else part.properties
        for name in names:
            if name not in self.document.properties:
                hint = closest(name, self.document.properties)
                self.problems.add("M313", name.span, f"unknown property {name}", hint)
        known = [name for name in names if name in self.document.properties]
        return [name for name in known if self.selected is None or str(name) in self.selected]

    def resolve_properties(
        self,
        wanted: list[SourceText],
        expected: Mapping[str, Status],
        within: SourceText | None,
        roles: Mapping[str, ResolvedRole],
        instances: list[Instance],
        made: Declarations,
        ids: Mapping[int, str],
    ) -> ResolvedProperties:
        """Properties and observers; resolved once for all variants that give the names in them the same meanings."""
        document = self.document
        parts = [part for name, part in document.properties.items() if name in wanted]
        named = [words_of(within), *(words(part) for part in (*parts, *document.observers.values()))]
        meanings = made.meanings(words_of(document.define).union(map(str, document.observers), *named))
        heads = tuple((name, role.head) for name, role in roles.items())
        boundary = None if within is None else (str(within), within.span)
        key = tuple(map(str, wanted)), tuple(sorted(expected.items())), boundary, heads, tuple(instances), meanings
        known = None if self.whole else _PROPERTIES.get(document, key)
        if known is None:
            before = len(self.problems)
            broken = {name: role.broken for name, role in roles.items()}
            plain = {name: role.role for name, role in roles.items()}
            self.properties = PropertyResolver(document, instances, plain, made, ids, broken, self.problems)
            known = self.properties.resolve(wanted, expected, within)
            if len(self.problems) == before:
                _PROPERTIES.keep(document, known, key)
        return known

    def resolve_roles(
        self, part: ScenarioPart, instances: list[Instance], made: Declarations, ids: Mapping[int, str]
    ) -> dict[str, ResolvedRole]:
        """By name, the roles that have instances."""
        omit = part.omit or {}
        for name in omit:
            if name not in self.document.roles:
                self.problems.add("M312", name.span, f"unknown role {name}", closest(name, self.document.roles))
        present = {instance.role for instance in instances}
        return {
            str(name): resolve_role(name, role, instances, omit.get(name, []), made, ids, self.problems)
            for name, role in self.document.roles.items()
            if name in present
        }
