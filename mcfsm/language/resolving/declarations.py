"""What a whole model declares: constants, clauses, domains, and the names that mean the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cached_property

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import ANY_INTEGER, Boolean, Domain, Enumeration, Record
from mcfsm.expressions.parse import ExpressionError, SourceText
from mcfsm.expressions.typecheck import Meaning, MessageForm, Names, Scope
from mcfsm.language.files.document import (
    ClausePart,
    ConstantPart,
    Document,
    RolePart,
    ScenarioPart,
)
from mcfsm.language.resolving.domain_text import check_extent, parse_domain
from mcfsm.language.resolving.naming import check_count, check_name, check_shown, check_twice
from mcfsm.model import DOWN, INFORMATIVE, ChosenValue, Clause
from mcfsm.problems import Problem, Problems, Span, closest, shorten

STRENGTH = ("shall", "plain", "should", "may", "can", "could", "informative", "editors_note", "out_of_scope")
_LARGEST_PARAMETER = 1_000_000
_RENAME = "every name has one meaning wherever it stands: rename one of them"


@dataclass
class Declarations:
    """The part of a model that roles, scenarios and properties share, with its constants fixed."""

    parameters: tuple[ChosenValue, ...] = ()
    readings: tuple[ChosenValue, ...] = ()
    options: tuple[ChosenValue, ...] = ()
    clauses: dict[str, Clause] = field(default_factory=dict)
    domains: dict[str, Domain] = field(default_factory=dict)
    messages: dict[str, MessageForm] = field(default_factory=dict)
    names: dict[str, Meaning] = field(default_factory=dict)
    places: dict[str, tuple[str, Span]] = field(default_factory=dict)  # what a name is, and where that is said
    scenario: str = "the scenario"
    elsewhere: set[str] = field(default_factory=set)  # instances and groups that only other scenarios have
    _texts: dict[str, str] = field(default_factory=dict)  # what a name means here, as a text

    @cached_property
    def _by_name(self) -> dict[str, list[ChosenValue]]:
        found: dict[str, list[ChosenValue]] = {}
        for constant in (*self.parameters, *self.readings, *self.options):
            found.setdefault(constant.name, []).append(constant)
        return found

    @cached_property
    def _known(self) -> frozenset[str]:
        """Every word that means something, once everything is declared."""
        return frozenset().union(self.clauses, self._by_name, self.domains, self.messages, self.names)

    @property
    def chosen(self) -> dict[str, str]:
        """Reading or option to its value."""
        return {constant.name: constant.value for constant in (*self.readings, *self.options)}

    def meanings(self, words: Set[str]) -> str:
        """Everything that a part made of these words can read, as a text: where it is the same, so is what it means.

        Only what is named can be read. Asked when everything is declared. A text, as equal domains may have different
        titles, which messages show.
        """
        named = sorted(self._known & words)
        for name in named:
            if name not in self._texts:
                clause = self.clauses.get(name)
                meanings = self.domains.get(name), self.messages.get(name), self.names.get(name)
                self._texts[name] = repr((name, clause and clause.modality, self._by_name.get(name, []), meanings))
        return f"{bool(self.clauses)} {sorted(self.elsewhere)} {''.join(map(self._texts.__getitem__, named))}"

    def declare(self, problems: Problems, name: SourceText, kind: str, meaning: Meaning) -> None:
        """Give a name its meaning, or note that it cannot have one (M305, M307)."""
        if check_name(problems, name, kind) and self.free(problems, name, kind):
            self.places[str(name)] = kind, name.span
            self.names[str(name)] = meaning

    def free(self, problems: Problems, name: SourceText, kind: str) -> bool:
        """Whether a name has no meaning yet; noted (M305) where it has one."""
        if name not in self.places:
            return True
        other, span = self.places[name]
        where = f"line {span.line}" if span.file == name.span.file else f"{span.file}:{span.line}"
        article = "an" if other[0] in "aeiou" else "a"
        problems.add("M305", name.span, f"{kind} {name} has the name of {article} {other} ({where})", _RENAME)
        return False

    def fresh(self, problems: Problems, name: SourceText, kind: str, own: Mapping[str, object]) -> bool:
        """Whether a machine may give its own name a meaning; noted (M305, M307) where not."""
        if not (check_name(problems, name, kind) and self.free(problems, name, kind)):
            return False
        if str(name) in own:
            problems.add("M305", name.span, f"{kind} {name} already has a meaning here", _RENAME)
        return str(name) not in own

    def stands_under(self, problems: Problems, under: Mapping[SourceText, SourceText | list[SourceText]]) -> bool:
        """Whether the chosen readings and options are among those listed (M309, M310 for what does not exist)."""
        stands = True
        for name, values in under.items():
            chosen, meaning = self.chosen.get(str(name)), self.names.get(str(name))
            if chosen is None or not isinstance(meaning, n.Constant) or not isinstance(meaning.domain, Enumeration):
                hint = closest(name, self.chosen)
                problems.add("M309", name.span, f"unknown reading or option {name}", hint)
                continue
            wanted = values if isinstance(values, list) else [values]
            for value in wanted:
                if not meaning.domain.contains(str(value)):
                    hint = closest(value, meaning.domain.names)
                    problems.add("M310", value.span, f"{name} has no value {shorten(value)}", hint)
            stands = stands and chosen in wanted
        return stands

    def scope(self) -> Scope:
        """What is declared, and nothing that only some place knows."""
        return Scope(self.names, self.messages, scenario=self.scenario, unknown=self.absent)

    def absent(self, name: str) -> str | None:
        """The better sentence for the name of an instance that only other scenarios have, and for `down`."""
        if name == DOWN:
            return "down is the state of an instance that crashed, and no scenario of this model says who may crash"
        return f"{self.scenario} has no instance or group {name}; others have" if name in self.elsewhere else None

    def check_clause(self, problems: Problems, clause: SourceText | None) -> None:
        """Note a clause that the clauses file does not hold (M308)."""
        if clause is not None and self.clauses and clause not in self.clauses:
            problems.add("M308", clause.span, f"unknown clause {shorten(clause)}", closest(clause, self.clauses))

    def modality(self, clauses: Iterable[str]) -> str | None:
        """The strongest modality among some clause items."""
        known = [self.clauses[clause].modality for clause in clauses if clause in self.clauses]
        return min(known, key=STRENGTH.index, default=None)


def declare(document: Document, scenario: ScenarioPart, chosen: Mapping[str, str], problems: Problems) -> Declarations:
    """The declarations of a document under a scenario's constants; `chosen` (the command line) has the last word."""
    made = Declarations(names={"bool": Names(Boolean())})
    for item in document.items:
        check_shown(problems, item, "clause")
    made.clauses = {str(key): Clause(str(key), _binding(item), str(item.text)) for key, item in document.items.items()}
    constants = [*document.parameters, *document.readings, *document.options]
    for name in set(chosen) - set(constants):
        problems.add("M309", None, f"unknown parameter, reading or option {name}", closest(name, constants))
    made.parameters = tuple(_parameters(document, scenario, chosen, problems))
    made.readings = tuple(_constants(document.readings, scenario.readings, "reading", chosen, made, problems))
    made.options = tuple(_constants(document.options, scenario.options, "option", chosen, made, problems))
    problems.raise_any()
    for name, parameter in zip(document.parameters, made.parameters, strict=True):
        made.declare(problems, name, "parameter", n.Constant(ANY_INTEGER, int(parameter.value)))
    for kind, parts in (("reading", document.readings), ("option", document.options)):
        for name, part in parts.items():
            values = Enumeration(tuple(map(str, part.values)), title=str(name))
            made.declare(problems, name, kind, n.Constant(values, made.chosen[str(name)]))
    _declare_down(document, made, problems)
    _declare_symbols(document, made, problems)
    _declare_domains(document, made, problems)
    return made


def _binding(item: ClausePart) -> str:
    """How binding an item is: what an informative part says that one can or may do is informative."""
    return "informative" if item.informative and item.modality not in INFORMATIVE else item.modality


def _parameters(
    document: Document, scenario: ScenarioPart, chosen: Mapping[str, str], problems: Problems
) -> Iterable[ChosenValue]:
    for name in scenario.parameters:
        if name not in document.parameters:
            problems.add("M309", name.span, f"unknown parameter {name}", closest(name, document.parameters))
    for name, default in document.parameters.items():
        given = scenario.parameters.get(name, default)
        text = chosen.get(name, str(given))
        span = None if name in chosen else given.span
        if not re.fullmatch(r"-?[0-9]+", text):
            problems.add("M203", span, f"parameter {name} is '{shorten(text)}', but a whole number is expected")
        elif len(text) > 20 or abs(int(text)) > _LARGEST_PARAMETER:
            most = f"{_LARGEST_PARAMETER:,}"
            problems.add("M203", span, f"parameter {name} is {shorten(text)}, which is not in -{most}..{most}")
        else:
            yield ChosenValue(str(name), str(int(text)))


def _constants(
    parts: Mapping[SourceText, ConstantPart],
    scenario: Mapping[SourceText, SourceText],
    kind: str,
    chosen: Mapping[str, str],
    made: Declarations,
    problems: Problems,
) -> Iterable[ChosenValue]:
    """The readings or options with the values chosen for them."""
    for name in scenario:
        if name not in parts:
            problems.add("M309", name.span, f"unknown {kind} {name}", closest(name, parts))
    for name, part in parts.items():
        for clause in part.values.values():
            made.check_clause(problems, clause)
        known = {str(value): clause for value, clause in part.values.items()}
        given = scenario.get(name, part.default)
        value = chosen.get(name, str(given))
        wanted = {(str(part.default), part.default.span), (value, None if name in chosen else given.span)}
        for text, span in sorted(wanted, key=str):
            if text not in known:
                problems.add("M310", span, f"{kind} {name} has no value {shorten(text)}", closest(text, known))
        clause = known.get(value)
        item = made.clauses.get(str(clause))
        informative = item is not None and item.modality in INFORMATIVE
        cited = None if clause is None else str(clause)
        yield ChosenValue(str(name), value, cited, str(part.text), informative, value == part.default, name in scenario)


def _declare_down(document: Document, made: Declarations, problems: Problems) -> None:
    """`down`, in a model some scenario of which lets instances crash."""
    place = next((end for part in document.scenarios.values() for end in part.crash or {}), None)
    if place is not None:
        down = n.Constant(Enumeration((DOWN,)), DOWN)
        made.declare(problems, SourceText(DOWN, place.span), "state of crashed instances", down)


def _declare_symbols(document: Document, made: Declarations, problems: Problems) -> None:
    """Enumeration values and states: bare names, each meaning itself."""

    def symbols(names: Iterable[SourceText], kind: str) -> None:
        for name in names:
            if name not in made.places or made.places[name][0] != kind:
                made.declare(problems, name, kind, n.Constant(Enumeration((str(name),)), str(name)))

    for values in document.domains.values():
        symbols(values if isinstance(values, list) else (), "value")
    for constants in (document.readings, document.options):
        for constant in constants.values():
            symbols(constant.values, "value of a reading or option")
    for role in document.roles.values():
        symbols(states_of(role), "state")
    for observer in document.observers.values():
        symbols(observer.states, "state")


def states_of(role: RolePart) -> list[SourceText]:
    """All states of a role, region by region."""
    return [*(role.states or []), *(state for region in role.regions.values() for state in region.states)]


def _declare_domains(document: Document, made: Declarations, problems: Problems) -> None:
    """In written order: a domain may use those before it."""
    scope = made.scope()
    for name, part in document.domains.items():
        domain: Domain = Enumeration((), title=str(name))
        try:
            if isinstance(part, list):
                domain = _enumeration(name, part, problems)
            elif isinstance(part, dict):
                domain = _record(name, part, scope, made, problems)
            else:
                domain = parse_domain(part, scope, made.domains)
        except ExpressionError as error:
            problems.extend(_too_early(problem, document) for problem in error.problems)
        made.domains[str(name)] = domain
        made.declare(problems, name, "domain", Names(domain))


def _too_early(problem: Problem, document: Document) -> Problem:
    """The problem of a domain, with a better hint where it names a role or a domain that comes later."""
    name = problem.message.rpartition(" ")[2]
    hint = problem.hint
    if problem.code == "M306" and name in document.roles:
        hint = "a role is a domain for variables, parameters and elements, not under domains"
    elif problem.code == "M306" and name in document.domains:
        hint = f"declare {name} above"
    return replace(problem, hint=hint)


def _record(
    name: SourceText, part: Mapping[SourceText, SourceText], scope: Scope, made: Declarations, problems: Problems
) -> Record:
    if not part:
        problems.add("M409", name.span, f"domain {name} has no fields")
    fields = tuple((str(title), parse_domain(text, scope, made.domains)) for title, text in part.items())
    for title in part:
        check_name(problems, title, "field", ())
    record = Record(str(name), fields)
    check_extent(name, record)
    return record


def _enumeration(name: SourceText, values: list[SourceText], problems: Problems) -> Enumeration:
    if not values:
        problems.add("M409", name.span, f"domain {name} has no values")
    check_count(problems, name, len(values), "values")
    check_twice(problems, values, "value", str(name))
    return Enumeration(tuple(dict.fromkeys(map(str, values))), title=str(name))
