"""What a whole model declares: constants, clauses, domains, messages, and the bare names that mean the same everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mcfsm.domains import ANY_INTEGER, Domain, Enumeration, Record
from mcfsm.expressions import nodes as n
from mcfsm.expressions.check import Meaning, MessageForm, Names, Scope
from mcfsm.expressions.parse import RESERVED, ExpressionError, Text, is_name
from mcfsm.language.document import ConstantPart, Document, ElementPart, RolePart, ScenarioPart
from mcfsm.language.domaintext import parse_domain
from mcfsm.model import INFORMATIVE, Clause, Constant
from mcfsm.problems import Problems, closest

STRENGTH = ("shall", "plain", "should", "may", "can", "could", "informative", "editors_note", "out_of_scope")
NO_ELEMENTS = frozenset({"to", "sender", "receiver"})


@dataclass
class Declarations:
    """The part of a model that roles, scenarios and properties share, with its constants fixed."""

    parameters: tuple[Constant, ...] = ()
    readings: tuple[Constant, ...] = ()
    options: tuple[Constant, ...] = ()
    clauses: dict[str, Clause] = field(default_factory=dict)
    domains: dict[str, Domain] = field(default_factory=dict)
    messages: dict[str, MessageForm] = field(default_factory=dict)
    names: dict[str, Meaning] = field(default_factory=dict)
    kinds: dict[str, str] = field(
        default_factory=dict
    )  # what a name is, for the sentence that forbids a second meaning

    @property
    def chosen(self) -> dict[str, str]:
        """Reading or option to its value."""
        return {constant.name: constant.value for constant in (*self.readings, *self.options)}

    def declare(self, problems: Problems, name: Text, kind: str, meaning: Meaning) -> None:
        """Give a name its meaning, or note that it cannot have one (M305, M307)."""
        if not check_name(problems, name, kind):
            return
        if name in self.kinds:
            other = self.kinds[name]
            hint = "every name has one meaning wherever it stands: rename one of them"
            problems.add("M305", name.span, f"{kind} {name} has the name of a {other}", hint)
            return
        self.kinds[str(name)] = kind
        self.names[str(name)] = meaning

    def check_clause(self, problems: Problems, clause: Text | None) -> None:
        """Note a clause that the clauses file does not hold (M308)."""
        if clause is not None and self.clauses and clause not in self.clauses:
            problems.add("M308", clause.span, f"unknown clause {clause}", closest(clause, self.clauses))

    def modality(self, clauses: Iterable[str]) -> str | None:
        """The strongest modality among some clause items."""
        known = [self.clauses[clause].modality for clause in clauses if clause in self.clauses]
        return min(known, key=STRENGTH.index, default=None)


def check_name(problems: Problems, name: Text, kind: str) -> bool:
    """Whether a text can be a name; noted (M307) where it cannot."""
    if name in RESERVED:
        problems.add("M307", name.span, f"{name} is a word of the language and cannot name a {kind}")
        return False
    if not is_name(name):
        hint = "letters, digits and _, not beginning with a digit"
        problems.add("M307", name.span, f"'{name}' cannot name a {kind}", hint)
        return False
    return True


def declare(document: Document, scenario: ScenarioPart, chosen: Mapping[str, str], problems: Problems) -> Declarations:
    """The declarations of a document under a scenario's constants; `chosen` (the command line) has the last word."""
    made = Declarations()
    made.clauses = {str(key): Clause(str(key), item.modality, str(item.text)) for key, item in document.items.items()}
    made.parameters = tuple(_parameters(document, scenario, chosen, problems))
    made.readings = tuple(_constants(document.readings, scenario.readings, "reading", chosen, made, problems))
    made.options = tuple(_constants(document.options, scenario.options, "option", chosen, made, problems))
    for name in document.parameters:
        constant = next((c for c in made.parameters if c.name == name), None)
        made.declare(problems, name, "parameter", n.Constant(ANY_INTEGER, int(constant.value) if constant else 0))
    for part in (document.readings, document.options):
        for name, constant_part in part.items():
            values = Enumeration(tuple(map(str, constant_part.values)), title=str(name))
            made.declare(problems, name, "reading or option", n.Constant(values, made.chosen.get(name)))
    _declare_symbols(document, made, problems)
    _declare_domains(document, made, problems)
    return made


def declare_messages(document: Document, made: Declarations, problems: Problems) -> None:
    """Add the messages; they may carry instances, so the scenario's groups are declared before."""
    scope = Scope(made.names)
    for name, elements in document.messages.items():
        check_name(problems, name, "message")
        form = []
        for element, part in elements.items():
            optional = element.endswith("?")
            bare = Text(element.rstrip("?"), element.span, element.inline)
            if check_name(problems, bare, "message element") and bare in NO_ELEMENTS:
                problems.add("M307", bare.span, f"{bare} is a word of the language and cannot name a message element")
            text = part.type if isinstance(part, ElementPart) else part
            if isinstance(part, ElementPart):
                made.check_clause(problems, part.clause)
            try:
                form.append((str(bare), parse_domain(text, scope, made.domains), optional))
            except ExpressionError as error:
                problems.extend([error.problem])
        made.messages[str(name)] = MessageForm(str(name), tuple(form))


def _parameters(
    document: Document, scenario: ScenarioPart, chosen: Mapping[str, str], problems: Problems
) -> Iterable[Constant]:
    for name in scenario.parameters:
        if name not in document.parameters:
            problems.add("M309", name.span, f"unknown parameter {name}", closest(name, document.parameters))
    for name, default in document.parameters.items():
        given = scenario.parameters.get(name, default)
        text = str(chosen.get(name, given))
        try:
            value = int(text)
        except ValueError:
            problems.add("M203", given.span, f"parameter {name} is '{text}', but a whole number is expected")
            continue
        if abs(value) > 1_000_000:
            problems.add("M203", given.span, f"parameter {name} is {value}, which is beyond a million")
            continue
        yield Constant(str(name), str(value))


def _constants(
    parts: Mapping[Text, ConstantPart],
    scenario: Mapping[Text, Text],
    kind: str,
    chosen: Mapping[str, str],
    made: Declarations,
    problems: Problems,
) -> Iterable[Constant]:
    for name in scenario:
        if name not in parts:
            problems.add("M309", name.span, f"unknown {kind} {name}", closest(name, parts))
    for name, part in parts.items():
        for clause in part.values.values():
            made.check_clause(problems, clause)
        given = scenario.get(name, part.default)
        value = str(chosen.get(name, given))
        if value not in part.values:
            problems.add("M310", given.span, f"{kind} {name} has no value {value}", closest(value, part.values))
            continue
        found = next(key for key in part.values if key == value)
        clause = part.values[found]
        item = made.clauses.get(str(clause))
        informative = item is not None and item.modality in INFORMATIVE
        yield Constant(str(name), value, None if clause is None else str(clause), str(part.text), informative)


def _declare_symbols(document: Document, made: Declarations, problems: Problems) -> None:
    """Enumeration values and states: bare names, each meaning itself."""
    seen: dict[str, str] = {}

    def symbol(name: Text, kind: str) -> None:
        if name in seen:
            if seen[name] != kind:
                hint = "every name has one meaning wherever it stands: rename one of them"
                problems.add("M305", name.span, f"{kind} {name} has the name of a {seen[name]}", hint)
            return
        made.declare(problems, name, kind, n.Constant(Enumeration((str(name),)), str(name)))
        seen[str(name)] = kind

    for values in document.domains.values():
        for name in values if isinstance(values, list) else ():
            symbol(name, "value")
    for constants in (document.readings, document.options):
        for constant in constants.values():
            for name in constant.values:
                symbol(name, "value of a reading or option")
    for role in document.roles.values():
        for name in states_of(role):
            symbol(name, "state")
    for observer in document.observers.values():
        for name in observer.states:
            symbol(name, "state")


def states_of(role: RolePart) -> list[Text]:
    """All states of a role, region by region."""
    return [*(role.states or []), *(state for region in role.regions.values() for state in region.states)]


def _declare_domains(document: Document, made: Declarations, problems: Problems) -> None:
    """In written order: a domain may use those before it."""
    scope = Scope(made.names)
    for name, part in document.domains.items():
        try:
            domain: Domain
            if isinstance(part, list):
                domain = _enumeration(name, part, problems)
            elif isinstance(part, dict):
                fields = tuple(
                    (str(title), parse_domain(text, scope, made.domains))
                    for title, text in part.items()
                    if check_name(problems, title, "field")
                )
                domain = Record(str(name), fields)
            else:
                domain = parse_domain(part, scope, made.domains)
        except ExpressionError as error:
            problems.extend([error.problem])
            domain = Enumeration((), title=str(name))
        made.domains[str(name)] = domain
        made.declare(problems, name, "domain", Names(domain))


def _enumeration(name: Text, values: list[Text], problems: Problems) -> Enumeration:
    if not values:
        problems.add("M409", name.span, f"domain {name} has no values")
    for i, value in enumerate(values):
        if value in values[:i]:
            problems.add("M311", value.span, f"value {value} stands twice in {name}")
    return Enumeration(tuple(dict.fromkeys(map(str, values))), title=str(name))
