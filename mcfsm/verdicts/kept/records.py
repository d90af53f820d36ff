"""What a search found, written as plain data, and read as anything else that may be wrong.

What may live here: both ways of each record. A flow is written as the numbers of its steps among those that the
definition gives in each state, so what is read cannot be a step that the model does not take; that it ends where it
should is found out when it is judged. Values are read by their domains.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from mcfsm.explore.findings import Answer, Fault, Findings, Inspected, Lasso, Visited
from mcfsm.expressions.domains import Domain, Maybe, SetOf, Value
from mcfsm.expressions.domains.composed import Map, Record
from mcfsm.expressions.evaluate import ABSENT
from mcfsm.model import CHECKS, DOWN, Local, Message, Model, Role
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import Coverage
from mcfsm.semantics.role import Event
from mcfsm.semantics.steps import Step
from mcfsm.verdicts.kept.question import Question

_T = TypeVar("_T")
_ABSENT = {"absent": True}
_MOST = 2**63  # of anything that is counted
_MOST_STEPS = 100_000  # of one flow


class Found(NamedTuple):
    """What was found of a question: of states, of runs, and of flows on normative items alone where that was asked."""

    findings: Findings
    answers: tuple[Answer, ...] = ()
    without: Findings | None = None

    @property
    def decided(self) -> bool:
        """Whether nothing stopped any of it: what was cut short may come out otherwise next time."""
        searches = [self.findings, *([] if self.without is None else [self.without])]
        return all(one.stopped is None for one in searches) and all(one.complete for one in self.answers)


class Spoiled(Exception):
    """What was read is nothing that was written here, of this model."""


def written(found: Found, question: Question) -> bytes:
    """What was found, as JSON. Raises Spoiled where the definition does not know a flow of it."""
    flows = _Flows(question)
    findings, without = found.findings, found.without
    data = {
        **_search_as_data(findings, flows),
        "fired": sorted(findings.fired),
        "coverage": {
            name: [[part.what, part.seen_true, part.seen_false] for part in parts]
            for name, parts in findings.coverage.items()
        },
        "visited": [
            _visited_as_data(role, locals_, inspected, flows.model)
            for role, locals_, inspected in zip(
                _roles(flows.model), findings.visited.locals, findings.visited.inspected, strict=True
            )
        ],
        "answers": [_answer_as_data(answer, flows) for answer in found.answers],
        "without": None if without is None else _search_as_data(without, flows),
    }
    return json.dumps(data, separators=(",", ":")).encode()


def read(content: bytes, question: Question, product: Product | None = None) -> Found:
    """What was found of a question, its flows steps of the product.

    Raises Spoiled for content that nothing wrote which was found of this model.
    """
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise Spoiled("no JSON") from None
    flows = _Flows(question, product)
    model = flows.model
    own = _object(data, "fired", "coverage", "visited", "answers", "without", *_SEARCH)
    findings = _search(own, flows)
    transitions = {line.id for role in model.roles for line in role.transitions}
    visited = [_visited(one, role, model) for one, role in _pairs(own["visited"], _roles(model))]
    states = {one.id for one in model.state_properties} & question.property_ids
    coverage = {
        _one_of(name, states): tuple(_coverage(part) for part in _list(parts))
        for name, parts in _mapping(own["coverage"]).items()
    }
    findings = replace(
        findings,
        fired=frozenset(_one_of(name, transitions) for name in _list(own["fired"])),
        coverage=coverage,
        visited=Visited(tuple(locals_ for locals_, _ in visited), tuple(inspected for _, inspected in visited)),
    )
    live = [one for one in model.liveness_properties if one.id in question.property_ids]
    answers = tuple(
        _answer(one, property_.id, question.fairness or property_.fairness, flows)
        for one, property_ in _pairs(own["answers"], live)
    )
    without = own["without"]
    second = None if without is None else _search(_object(without, *_SEARCH), flows)
    return Found(findings, answers, second)


# ---- searches, and what was found of runs

_SEARCH = ("states", "beyond", "transitions", "depth", "complete", "paths", "faults")


def _search_as_data(found: Findings, flows: _Flows) -> dict[str, Any]:
    return {
        "states": found.states,
        "beyond": found.beyond,
        "transitions": found.transitions,
        "depth": found.depth,
        "complete": found.complete,
        "paths": {name: flows.numbers(path) for name, path in found.paths.items()},
        "faults": [[fault.check, fault.subject, flows.numbers(fault.path)] for fault in found.faults],
    }


def _search(data: Mapping[str, Any], flows: _Flows) -> Findings:
    asked = flows.question.property_ids
    faults = [_items(one, 3) for one in _list(data["faults"])]
    return Findings(
        engine=flows.question.engine,
        states=_count(data["states"]),
        beyond=_count(data["beyond"]),
        transitions=_count(data["transitions"]),
        depth=_count(data["depth"]),
        complete=_truth(data["complete"]),
        stopped=None,
        seconds=0.0,
        paths={_one_of(name, asked): flows.steps(path) for name, path in _mapping(data["paths"]).items()},
        faults=tuple(
            Fault(_one_of(check, asked & set(CHECKS)), _text(subject), flows.steps(path))
            for check, subject, path in faults
        ),
    )


_ANSWER = ("states", "held", "lasso", "leans", "normative", "strong", "leaves")


def _answer_as_data(answer: Answer, flows: _Flows) -> dict[str, Any]:
    return {
        "states": answer.states,
        "held": answer.held,
        "lasso": _lasso_as_data(answer.lasso, flows),
        "leans": answer.leans,
        "normative": _lasso_as_data(answer.normative, flows),
        "strong": answer.strong,
        "leaves": answer.leaves,
    }


def _answer(data: Any, name: str, fairness: Any, flows: _Flows) -> Answer:
    own = _object(data, *_ANSWER)
    return Answer(
        name,
        fairness,
        complete=True,
        stopped=None,
        states=_count(own["states"]),
        held=_truth(own["held"]),
        lasso=_lasso(own["lasso"], flows),
        leans=_truth(own["leans"]),
        normative=_lasso(own["normative"], flows),
        strong=None if own["strong"] is None else _truth(own["strong"]),
        leaves=_truth(own["leaves"]),
    )


def _lasso_as_data(lasso: Lasso | None, flows: _Flows) -> list[Any] | None:
    return None if lasso is None else [flows.numbers((*lasso.stem, *lasso.loop)), len(lasso.stem), lasso.start]


def _lasso(data: Any, flows: _Flows) -> Lasso | None:
    if data is None:
        return None
    numbers, stem, start = _items(data, 3)
    steps = flows.steps(numbers)
    if not _count(start) <= _count(stem) <= len(steps):
        raise Spoiled("a lasso that does not begin")
    return Lasso(steps[:stem], steps[stem:], start)


def _coverage(data: Any) -> Coverage:
    what, seen_true, seen_false = _items(data, 3)
    return Coverage(_text(what), _truth(seen_true), _truth(seen_false))


class _Flows:
    """Flows of the model of a question, as numbers of steps and back."""

    def __init__(self, question: Question, product: Product | None = None) -> None:
        self.question, self.model = question, question.model
        self.product = product or Product(question.model, avoid=question.avoid)

    def numbers(self, path: Iterable[Step]) -> list[int]:
        """Of each step, which it is of those that there are."""
        state, found = self.product.initial(), []
        for step in path:
            steps = self.product.steps(state)
            if step not in steps:
                raise Spoiled("a step that there is not")
            found.append(steps.index(step))
            state = step.target
        return found

    def steps(self, numbers: Any) -> tuple[Step, ...]:
        """The steps of these numbers, from the initial state on."""
        state, found = self.product.initial(), []
        listed = _list(numbers)
        if len(listed) > _MOST_STEPS:
            raise Spoiled("a flow without end")
        for number in listed:
            steps = self.product.steps(state)
            if _count(number) >= len(steps):
                raise Spoiled("a step that there is not")
            found.append(steps[number])
            state = found[-1].target
        return tuple(found)


# ---- what was visited


def _roles(model: Model) -> list[Role]:
    return [model.role_of[instance.name] for instance in model.instances]


def _visited_as_data(
    role: Role, locals_: frozenset[Local], inspected: frozenset[Inspected], model: Model
) -> dict[str, Any]:
    """Each value, each local state and each message once, and then by its number: there are few of many."""
    known = list(dict.fromkeys([*locals_, *(one.local for one in inspected)]))
    values = [list(dict.fromkeys(local.values[i] for local in known)) for i in range(len(role.variables))]
    events = list(dict.fromkeys(one.event for one in inspected))
    number = {local: i for i, local in enumerate(known)}
    place = {event: i for i, event in enumerate(events)}
    numbered = [{value: i for i, value in enumerate(each)} for each in values]
    return {
        "values": [
            [_value_as_data(variable.domain, value) for value in each]
            for variable, each in zip(role.variables, values, strict=True)
        ],
        "locals": [
            [*local.states, *(of[value] for of, value in zip(numbered, local.values, strict=True))] for local in known
        ],
        "rested": len(locals_),
        "events": [[event.sender, *_message_as_data(model, event.message)] for event in events],
        "inspected": [[number[one.local], place[one.event]] for one in inspected],
    }


def _visited(data: Any, role: Role, model: Model) -> tuple[frozenset[Local], frozenset[Inspected]]:
    own = _object(data, "values", "locals", "rested", "events", "inspected")
    values = [
        [_value(value, variable.domain) for value in _list(each)]
        for each, variable in _pairs(own["values"], role.variables)
    ]
    states = [{*region.states, DOWN} for region in role.regions]
    known = [_local(one, states, values) for one in _list(own["locals"])]
    events = [_event(one, model) for one in _list(own["events"])]
    rested = _count(own["rested"])
    if rested > len(known):
        raise Spoiled("less than there is")
    pairs = (_items(one, 2) for one in _list(own["inspected"]))
    inspected = frozenset(Inspected(_at(known, local), _at(events, event)) for local, event in pairs)
    return frozenset(known[:rested]), inspected


def _local(data: Any, states: list[set[str]], values: list[list[Value]]) -> Local:
    parts = _items(data, len(states) + len(values))
    named = tuple(_one_of(state, known) for state, known in zip(parts, states, strict=False))
    return Local(named, tuple(_at(each, number) for each, number in zip(values, parts[len(states) :], strict=True)))


def _event(data: Any, model: Model) -> Event:
    sender, name, elements = _items(data, 3)
    return Event(_one_of(sender, model.index_of), _message([name, elements], model))


def _message_as_data(model: Model, message: Message) -> list[Any]:
    elements = model.form_of[message.name].elements
    pairs = zip(elements, message.elements, strict=True)
    return [message.name, [_ABSENT if v is ABSENT else _value_as_data(domain, v) for (_, domain, _), v in pairs]]


def _message(data: Any, model: Model) -> Message:
    name, values = _items(data, 2)
    elements = model.form_of[_one_of(name, model.form_of)].elements
    pairs = _pairs(values, elements)
    return Message(name, tuple(ABSENT if v == _ABSENT and may else _value(v, domain) for v, (_, domain, may) in pairs))


def _value_as_data(domain: Domain, value: Value) -> Any:
    match domain:
        case Maybe():
            return None if value is None else _value_as_data(domain.inner, value)
        case Record():
            return [_value_as_data(inner, part) for (_, inner), part in zip(domain.fields, value, strict=True)]
        case Map():
            return [_value_as_data(domain.value, part) for part in value]
        case SetOf():
            return [_value_as_data(domain.element, part) for part in domain.element.sorted(value)]
    return value


def _value(data: Any, domain: Domain) -> Value:
    """A value of a domain."""
    match domain:
        case Maybe():
            return None if data is None else _value(data, domain.inner)
        case Record():
            return tuple(_value(part, inner) for part, (_, inner) in _pairs(data, domain.fields))
        case Map():
            found: Value = tuple(_value(part, domain.value) for part in _list(data))
        case SetOf():
            found = frozenset(_value(part, domain.element) for part in _list(data))
        case _:
            found = data
    if isinstance(found, list | dict | float) or not domain.contains(found):
        raise Spoiled("a value that there is not")
    return found


# ---- plain data, as it should be


def _object(data: Any, *keys: str) -> Mapping[str, Any]:
    if not isinstance(data, dict) or data.keys() != set(keys):
        raise Spoiled("other keys")
    return data


def _mapping(data: Any) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise Spoiled("no object")
    return data


def _list(data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise Spoiled("no list")
    return data


def _items(data: Any, count: int) -> list[Any]:
    if len(_list(data)) != count:
        raise Spoiled("another length")
    return list(data)


def _pairs(data: Any, others: Iterable[_T]) -> Iterator[tuple[Any, _T]]:
    listed = list(others)
    return zip(_items(data, len(listed)), listed, strict=True)


def _kind(kind: type[_T]) -> Callable[[Any], _T]:
    def read_one(data: Any) -> _T:
        if type(data) is not kind:
            raise Spoiled(f"no {kind.__name__}")
        return data

    return read_one


_text, _truth, _integer = _kind(str), _kind(bool), _kind(int)


def _count(data: Any) -> int:
    if not 0 <= _integer(data) < _MOST:
        raise Spoiled("a number of nothing")
    return int(data)


def _at(known: list[_T], number: Any) -> _T:
    if type(number) is not int or not 0 <= number < len(known):
        raise Spoiled("a number of nothing")
    return known[number]


def _one_of(data: Any, known: Iterable[str]) -> str:
    if _text(data) not in known:
        raise Spoiled("a name that there is not")
    return str(data)
