"""A Document to Models: constants fixed, names given meaning, types checked; every problem of a stage at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mcfsm.expressions.parse import Text
from mcfsm.language.declarations import Declarations, declare, declare_messages
from mcfsm.language.document import Document, ScenarioPart
from mcfsm.language.properties import PropertyResolver
from mcfsm.language.roles import RoleResolver, transition_ids
from mcfsm.language.scenarios import (
    declare_groups,
    declare_roles,
    list_instances,
    pair_channels,
    resolve_budgets,
    resolve_expectations,
    resolve_parameters,
    talking_pairs,
    with_likes,
)
from mcfsm.model import Instance, Model, Role
from mcfsm.problems import ModelError, Problems, closest


def resolve(
    document: Document,
    scenario: str,
    *,
    chosen: Mapping[str, str] | None = None,
    properties: Iterable[str] | None = None,
) -> Model:
    """One scenario as a Model. Raises ModelError with every problem of the first stage that finds any.

    `chosen` fixes readings, options and parameters over what document and scenario say; `properties` narrows those
    resolved (and so the observers composed) to some of the scenario's.
    """
    return _Resolver(document, scenario, dict(chosen or {}), properties).resolve()


def resolve_all(document: Document, *, chosen: Mapping[str, str] | None = None) -> list[Model]:
    """Every scenario of a document, in written order. Raises ModelError with the problems of all of them.

    Also raised: roles, properties, observers and definitions that no scenario uses would be checked by nothing (M606).
    """
    problems = Problems()
    models: list[Model] = []
    resolvers = [_Resolver(document, str(name), dict(chosen or {}), None) for name in document.scenarios]
    if not resolvers:
        problems.add("M202", document.span, "the model has no scenarios: nothing can be run", "add scenarios: {...}")
    for resolver in resolvers:
        try:
            models.append(resolver.resolve())
        except ModelError as error:
            problems.extend(error.problems)
    problems.raise_any()
    _check_unused(document, resolvers, models, problems)
    problems.raise_any()
    return models


def _check_unused(document: Document, resolvers: list[_Resolver], models: list[Model], problems: Problems) -> None:
    used = {
        "role": {instance.role for model in models for instance in model.instances},
        "property": {property_.id for model in models for property_ in model.properties},
        "observer": {observer.name for model in models for observer in model.observers},
    }
    listed: dict[str, Iterable[Text]] = {
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
    unused = [name for name in document.define if str(name) not in read]
    if unused and resolvers[0].properties is not None:
        resolvers[0].properties.check_unused(unused)


class _Resolver:
    def __init__(
        self, document: Document, scenario: str, chosen: dict[str, str], selected: Iterable[str] | None
    ) -> None:
        self.document, self.scenario, self.chosen = document, scenario, chosen
        self.selected = None if selected is None else set(selected)
        self.problems = Problems()
        self.properties: PropertyResolver | None = None

    @property
    def definitions_read(self) -> set[str]:
        """The definitions that some property read."""
        return self.properties.used if self.properties else set()

    def resolve(self) -> Model:
        document, problems = self.document, self.problems
        part = with_likes(document, self.scenario, problems)
        made = declare(document, part, self.chosen, problems)
        problems.raise_any()
        listed = list_instances(document, part, made, problems)
        instances = [instance for instance, _ in listed]
        declare_roles(document, instances, made, problems)
        declare_groups(document, part, instances, made, problems)
        declare_messages(document, made, problems)
        ids = transition_ids(document.roles, problems)
        problems.raise_any()

        instances = resolve_parameters(document, listed, made, problems)
        roles, budget_names = self.resolve_roles(part, instances, made, ids)
        budgets = resolve_budgets(part, budget_names, made, problems)
        expected = resolve_expectations(
            part, map(str, document.properties), map(str, self.wanted(part)), made, problems
        )
        self.properties = PropertyResolver(document, instances, roles, made, ids.values(), problems)
        properties, observers = self.properties.resolve(self.wanted(part), expected)
        pairs = talking_pairs(instances, roles)
        channels = pair_channels(part, instances, pairs, made, problems)
        problems.raise_any()

        return Model(
            name=str(document.model),
            source=None if document.source is None else str(document.source),
            scenario=self.scenario,
            text=None if part.text is None else str(part.text),
            file=document.span.file if document.span else "",
            instances=tuple(instances),
            roles=tuple(roles.values()),
            messages=tuple(made.messages.values()),
            channels=tuple(channels),
            budgets=tuple(budgets),
            observers=observers,
            properties=properties,
            expected_checks=tuple(sorted((k, v) for k, v in expected.items() if k.startswith("check."))),
            readings=made.readings,
            options=made.options,
            parameters=made.parameters,
            clauses=tuple(made.clauses.values()),
            allows_freeze=part.freeze == "true",
        )

    def wanted(self, part: ScenarioPart) -> list[Text]:
        """The scenario's properties, less those not asked for."""
        names = list(self.document.properties) if part.properties is None else part.properties
        for name in names:
            if name not in self.document.properties:
                hint = closest(name, self.document.properties)
                self.problems.add("M313", name.span, f"unknown property {name}", hint)
        known = [name for name in names if name in self.document.properties]
        return [name for name in known if self.selected is None or str(name) in self.selected]

    def resolve_roles(
        self, part: ScenarioPart, instances: list[Instance], made: Declarations, ids: Mapping[int, str]
    ) -> tuple[dict[str, Role], dict[str, Text]]:
        """The roles that have instances, by name, and the budgets their transitions name."""
        omit = part.omit or {}
        for name in omit:
            if name not in self.document.roles:
                self.problems.add("M312", name.span, f"unknown role {name}", closest(name, self.document.roles))
        present = {instance.role for instance in instances}
        roles: dict[str, Role] = {}
        budgets: dict[str, Text] = {}
        for name, role in self.document.roles.items():
            if str(name) in present:
                resolver = RoleResolver(name, role, instances, omit.get(name, []), made, ids, self.problems)
                roles[str(name)] = resolver.resolve()
                budgets |= resolver.budgets
        return roles, budgets
