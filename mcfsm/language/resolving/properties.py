"""Definitions, observers and properties of one scenario: expressions over the joint state and over steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Boolean, Domain, Enumeration, Instances, Nothing, Value, join
from mcfsm.expressions.may_fail import facts, may_fail
from mcfsm.expressions.parse import ExpressionError, SourceText, names_in
from mcfsm.expressions.typecheck import Broken, Meaning, Scope, check
from mcfsm.language.files.document import Document, PropertyPart
from mcfsm.language.resolving.declarations import Declarations
from mcfsm.language.resolving.domain_text import parse_domain
from mcfsm.language.resolving.effects import as_list
from mcfsm.language.resolving.naming import check_title
from mcfsm.language.resolving.observers import ObserverResolver
from mcfsm.model import DOWN, Boundary, Instance, LivenessProperty, Observer, Property, Region, Role, Status, Variable
from mcfsm.problems import Problem, Problems

STATE_FORMS = ("always", "never", "reachable")
RUN_FORMS = ("leads_to", "eventually", "always_eventually")
FORMS = (*STATE_FORMS, *RUN_FORMS)


class ResolvedProperties(NamedTuple):
    """What a scenario asks of joint states: its properties, the observers that are read, and where it ends."""

    state_properties: tuple[Property, ...]
    liveness_properties: tuple[LivenessProperty, ...]
    observers: tuple[Observer, ...]
    boundary: Boundary | None


class JointAttributes:
    """What instances and observers have, and where it stands in the joint state: first instances, then observers.

    `broken` gives by role or observer the variables whose declaration is wrong, `given` by role the domains of its
    parameters; `down` says that instances may crash, in this scenario or another.
    """

    def __init__(
        self,
        instances: list[Instance],
        roles: Mapping[str, Role],
        broken: Mapping[str, Set[str]],
        given: Mapping[str, Mapping[str, Domain]],
        *,
        down: bool,
    ) -> None:
        self.machines: dict[str, tuple[int, tuple[Region, ...], tuple[Variable, ...]]] = {
            instance.name: (i, roles[instance.role].regions, roles[instance.role].variables)
            for i, instance in enumerate(instances)
        }
        self.parameters = {instance.name: dict(instance.parameters) for instance in instances}
        self.given = {instance.name: given.get(instance.role, {}) for instance in instances}
        self.down = dict.fromkeys((instance.name for instance in instances), (DOWN,) if down else ())
        self.broken: dict[str, Set[str]] = {
            instance.name: broken.get(instance.role, frozenset()) for instance in instances
        }

    def add(self, observer: Observer, broken: set[str]) -> None:
        """Make an observer readable like an instance; its place follows those added before."""
        self.machines[observer.name] = (len(self.machines), (observer.region,), observer.variables)
        self.broken[observer.name] = broken

    def __call__(self, instances: tuple[str, ...], name: str) -> tuple[Domain, tuple[n.Slot, ...]] | list[str]:
        found: list[tuple[Domain, n.Slot]] = []
        for instance in instances:
            if name in self.broken[instance]:
                raise ExpressionError()
            slot = self._slot(instance, name)
            if slot is None:
                return sorted(set.intersection(*(self._known(i, name) for i in instances)))
            found.append(slot)
        domain: Domain | None = found[0][0] if found else Enumeration(())
        for other, _ in found[1:]:
            domain = join(domain, other) if domain is not None else None
        if domain is None:
            return []
        return domain, tuple(slot for _, slot in found)

    def parameter(self, instances: tuple[str, ...], name: str) -> tuple[Domain, tuple[Value, ...]] | None:
        """The domain of a parameter that all these instances have, and the value of each; None where some has none."""
        domain: Domain | None = Nothing()
        for instance in instances:
            own = self.given.get(instance, {}).get(name)
            domain = None if own is None or domain is None else join(domain, own)
        if domain is None or not all(name in self.parameters[instance] for instance in instances):
            return None
        return domain, tuple(self.parameters[instance][name] for instance in instances)

    def _slot(self, instance: str, name: str) -> tuple[Domain, n.Slot] | None:
        index, regions, variables = self.machines[instance]
        for position, region in enumerate(regions):
            states = (*region.states, *self.down.get(instance, ()))
            if region.name == name or (name.startswith("@") and name[1:] in states):
                return Enumeration(states, title=region.name), n.Slot(instance, index, True, position)
        for position, variable in enumerate(variables):
            if variable.name == name:
                return variable.domain, n.Slot(instance, index, False, position)
        return None

    def _known(self, instance: str, name: str) -> set[str]:
        _, regions, variables = self.machines[instance]
        if name.startswith("@"):
            return {*self.down.get(instance, ()), *(state for region in regions for state in region.states)}
        return {*(region.name for region in regions), *(variable.name for variable in variables)}


class PropertyResolver:
    """Resolves the properties asked for, with the definitions and observers they read."""

    def __init__(
        self,
        document: Document,
        instances: list[Instance],
        roles: Mapping[str, Role],
        made: Declarations,
        ids: Mapping[int, str],
        broken: Mapping[str, Set[str]],
        problems: Problems,
    ) -> None:
        self.document, self.made, self.problems = document, made, problems
        down = any(part.crash for part in document.scenarios.values())
        self.attributes = JointAttributes(instances, roles, broken, parameter_domains(document, made), down=down)
        self.watching = ObserverResolver(document, instances, made, ids, self.attributes, problems)
        self.definitions: Definitions | None = None
        self.unsaid: Status | None = "PROVED" if document.usual else None  # expected of what no expectation names

    @property
    def used(self) -> set[str]:
        """The definitions that some property read."""
        return self.definitions.used if self.definitions else set()

    def resolve(
        self, selected: Iterable[SourceText], expected: Mapping[str, Status], within: SourceText | None = None
    ) -> ResolvedProperties:
        """Properties of states, properties of runs, and the observers they read, each in declared order."""
        for kind, names in (("observer", self.document.observers), ("definition", self.document.define)):
            for name in names:
                self.made.declare(self.problems, name, kind, Broken())
                self.made.names.pop(str(name), None)  # taken, but readable by properties only
        wanted = set(selected)
        chosen = [name for name in self.document.properties if name in wanted]
        texts = [text for name in chosen for text in texts_of(self.document.properties[name])]
        read = self.names_read([*texts, *([] if within is None else [within])])
        for name, part in self.document.observers.items():
            if name in read:
                self.watching.resolve(name, part)
        self.definitions = Definitions(self.document.define, self.joint_scope())
        found = [self.resolve_property(name, self.definitions.scope, expected) for name in chosen]
        placed = [replace(property_, position=i) for i, property_ in enumerate(found) if property_ is not None]
        properties = tuple(property_ for property_ in placed if isinstance(property_, Property))
        liveness_properties = tuple(property_ for property_ in placed if isinstance(property_, LivenessProperty))
        boundary = None if within is None else self.resolve_boundary(within, self.definitions.scope)
        return ResolvedProperties(properties, liveness_properties, self.watching.found, boundary)

    def resolve_boundary(self, text: SourceText, scope: Scope) -> Boundary | None:
        """The condition beyond which nothing is explored; None where it is wrong."""
        condition = self.checked(text, scope, "what a scenario explores within")
        if condition is None:
            return None
        if may_fail(condition):
            message = f"{text} may have no value in some joint state, and nobody could tell whether that is explored"
            self.problems.add("M616", text.span, message, "test it first: x != none and x <= 2")
        return Boundary(str(text), condition, text.span)

    def names_read(self, texts: list[SourceText]) -> set[str]:
        """The names that some expressions read, themselves or through definitions."""
        texts = list(texts)
        define = {str(name): text for name, text in self.document.define.items()}
        found: set[str] = set()
        while texts:
            new = names_in(texts.pop()) - found
            found |= new
            texts += [define[name] for name in new if name in define]
        return found

    def joint_scope(self) -> Scope:
        """What properties may read, but for definitions."""
        names: dict[str, Meaning] = {**self.made.names, **{str(name): Broken() for name in self.document.observers}}
        for observer in self.watching.found:
            names[observer.name] = n.Constant(Instances((observer.name,)), observer.name)
        return replace(
            self.made.scope(),
            names=names,
            no_msg="msg has no meaning in a property: ask in_flight(message, ...), or let an observer remember it",
            joint=True,
            attributes=self.attributes,
        )

    def check_unused(self, names: Iterable[SourceText], problems: Problems) -> None:
        """Check definitions that no property reads, so that a mistake in one is found all the same."""
        assert self.definitions is not None
        for name in names:
            try:
                check(SourceText(str(name), name.span), self.definitions.scope)
            except ExpressionError as error:
                problems.extend(error.problems)

    def resolve_property(
        self, name: SourceText, scope: Scope, expected: Mapping[str, Status]
    ) -> Property | LivenessProperty | None:
        part = self.document.properties[name]
        check_title(self.problems, name, "property")
        self.made.check_clause(self.problems, part.clause)
        if self.made.clauses and part.clause is None and part.assumption is None:
            message = f"property {name} has neither a clause nor an assumption"
            self.problems.add("M505", name.span, message, "cite the clause that promises it")
        forms = [form for form in FORMS if getattr(part, form) is not None]
        if len(forms) != 1:
            number = "more than one" if forms else "none"
            message = f"property {name} has {number} of {', '.join(FORMS)}"
            self.problems.add("M203", name.span, message, "a property promises one thing")
            return None
        if forms[0] in RUN_FORMS:
            return self.resolve_liveness_property(name, part, scope, expected.get(str(name), self.unsaid))
        form: Any = forms[0]
        if part.fairness is not None:
            message = f"property {name} speaks of states, and fairness is of runs"
            self.problems.add("M203", name.span, message, f"it goes with {', '.join(RUN_FORMS)}")
        text = getattr(part, form)
        premise = self.all_of(as_list(part.when), scope, f"the premise of {name}")
        known = frozenset[n.Node]() if premise is None else facts(premise, True)
        condition = self.checked(text, scope.knowing(known), f"property {name}")
        if condition is None or (part.when is not None and premise is None):
            return None
        return Property(
            id=str(name),
            text=str(part.text),
            clause=None if part.clause is None else str(part.clause),
            form=form,
            condition=condition,
            premise=premise,
            condition_text=str(text),
            observers=self.read_by([root for root in (condition, premise) if root is not None]),
            expected=expected.get(str(name), self.unsaid),
        )

    def resolve_liveness_property(
        self, name: SourceText, part: PropertyPart, scope: Scope, expected: Status | None
    ) -> LivenessProperty | None:
        """A liveness property; None where it is wrong."""
        form: Any = next(form for form in RUN_FORMS if getattr(part, form) is not None)
        causes = [*as_list(part.when)]
        goal: SourceText = part.leads_to[-1] if part.leads_to else getattr(part, form)
        if form == "leads_to":
            listed = part.leads_to or []
            if len(listed) != 2:
                message = f"leads_to of {name} wants two expressions, [p, q], and has {len(listed)}"
                hint = "quote an expression that holds a comma" if len(listed) > 2 else None
                self.problems.add("M203", (listed[0] if listed else name).span, message, hint)
                return None
            causes.append(listed[0])
        elif form == "eventually" and part.when is not None:
            message = f"eventually speaks of the initial state, so a premise says nothing of property {name}"
            first = as_list(part.when)
            hint = f"leads_to: [{' and '.join(first)}, {goal}] begins where it holds"
            self.problems.add("M203", first[0].span if first else name.span, message, hint)
            return None
        wanted = self.checked(goal, scope, f"property {name}")
        known, complete = list[n.Node](), True
        for cause in causes:
            node = self.checked(cause, scope, f"what sets off {name}")
            if node is None:
                complete = False
            else:
                known.append(node)
                scope = scope.knowing(facts(node, True))
        if wanted is None or not complete:
            return None
        return LivenessProperty(
            id=str(name),
            text=str(part.text),
            clause=None if part.clause is None else str(part.clause),
            form=form,
            causes=tuple(known),
            goal=wanted,
            fairness=part.fairness or "weak",
            observers=self.read_by([*known, wanted]),
            expected=expected,
        )

    def read_by(self, roots: list[n.Node]) -> tuple[str, ...]:
        """The observers that some expressions read."""
        read = frozenset().union(*(root.owners for root in roots))
        return tuple(observer.name for observer in self.watching.found if observer.name in read)

    def all_of(self, texts: list[SourceText], scope: Scope, what: str) -> n.Node | None:
        """Some conditions as one, each asked where those before it hold; None where one is wrong, or there is none."""
        nodes: list[n.Node] = []
        for text in texts:
            node = self.checked(text, scope, what)
            if node is None:
                return None
            nodes.append(node)
            scope = scope.knowing(facts(node, True))
        return nodes[0] if len(nodes) == 1 else n.And(Boolean(), tuple(nodes)) if nodes else None

    def checked(self, text: SourceText, scope: Scope, what: str) -> n.Node | None:
        """A condition over the joint state; None where it is wrong."""
        try:
            return check(text, scope, Boolean(), what)
        except ExpressionError as error:
            self.problems.extend(error.problems)
            return None


def parameter_domains(document: Document, made: Declarations) -> dict[str, dict[str, Domain]]:
    """By role the domains of its parameters; one that is wrong is left out, and noted where the role is resolved."""
    found: dict[str, dict[str, Domain]] = {}
    for role, part in document.roles.items():
        found[str(role)] = {}
        for name, text in part.parameters.items():
            with suppress(ExpressionError):
                found[str(role)][str(name)] = parse_domain(text, made.scope(), made.domains)
    return found


def texts_of(part: PropertyPart) -> Iterator[SourceText]:
    """The expressions of a property."""
    yield from as_list(part.when)
    yield from filter(None, (part.always, part.never, part.reachable, part.eventually))
    yield from filter(None, (part.always_eventually, *(part.leads_to or ())))


class Definitions(Mapping[str, Meaning]):
    """The names of a scope with the definitions among them, each checked when first read.

    What a definition reads is checked before it, one after the other: a long chain cannot exhaust the stack.
    """

    def __init__(self, define: Mapping[SourceText, SourceText], scope: Scope) -> None:
        self.names = scope.names
        self.define = {str(name): text for name, text in define.items()}
        self.scope = replace(scope, names=self, deferred=frozenset(self.define))
        self.reads = {name: names_in(text) & set(self.define) for name, text in self.define.items()}
        self.used: set[str] = set()
        self.checked: dict[str, n.Node | tuple[Problem, ...]] = {}

    def __getitem__(self, name: str) -> Meaning:
        if name not in self.define:
            return self.names[name]
        self.used.add(name)
        if name not in self.checked:
            self._check(name)
        found = self.checked[name]
        if isinstance(found, tuple):
            raise ExpressionError(*found)
        return found

    def _check(self, name: str) -> None:
        """Check a definition after those it reads."""
        path = [name]
        while path:
            current = path[-1]
            waiting = next((read for read in sorted(self.reads[current]) if read not in self.checked), None)
            if waiting is None:
                self.checked[path.pop()] = self._outcome(current)
            elif waiting in path:
                loop = [*path[path.index(waiting) :], waiting]
                message = f"the definition reads itself: {' -> '.join(loop)}"
                for each in loop:
                    self.checked[each] = (Problem("M410", self.define[waiting].span, message),)
                path = path[: path.index(waiting)]
            else:
                path.append(waiting)

    def _outcome(self, name: str) -> n.Node | tuple[Problem, ...]:
        try:
            return check(self.define[name], self.scope)
        except ExpressionError as error:
            return error.problems

    def __iter__(self) -> Iterator[str]:
        yield from self.names
        yield from self.define

    def __len__(self) -> int:
        return len(self.names) + len(self.define)

    def __contains__(self, name: object) -> bool:
        return name in self.names or name in self.define
