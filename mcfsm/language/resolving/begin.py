"""How a scenario begins: which initial values go together, how many ways there are, and what is on its way at first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from math import prod
from typing import NamedTuple

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Boolean, Instances, Maybe, Value
from mcfsm.expressions.evaluate import ABSENT, JOINT, LINKS, EvaluationError, evaluate
from mcfsm.expressions.parse import ExpressionError, SourceText
from mcfsm.expressions.typecheck import MessageForm, check
from mcfsm.language.files.document import Document, ScenarioPart
from mcfsm.language.resolving.constants import constant
from mcfsm.language.resolving.declarations import Declarations
from mcfsm.language.resolving.effects import as_list
from mcfsm.language.resolving.properties import JointAttributes
from mcfsm.model import Channel, Content, Instance, Local, Message, Model, Variable
from mcfsm.problems import Problem, Problems, closest

MOST_BEGINNINGS = 10_000  # combinations of initial values that are tried
MOST_WORK = 5_000_000  # parts that conditions visit in trying them
FirstMessages = tuple[tuple[str, str, Message], ...]


def beginnings(part: ScenarioPart) -> list[SourceText]:
    """The conditions on where the scenario begins, as they are written."""
    return as_list(part.begin.conditions if part.begin else None)


def resolve_begin(
    part: ScenarioPart, attributes: JointAttributes, made: Declarations, problems: Problems
) -> tuple[n.Node, ...]:
    """What has to hold of all instances together where the scenario begins."""
    no_msg = "msg has no meaning where a scenario begins"
    scope = replace(made.scope(), no_msg=no_msg, joint=True, attributes=attributes)
    found = []
    for text in beginnings(part):
        try:
            found.append(check(text, scope, Boolean(), "a condition"))
        except ExpressionError as error:
            problems.extend(error.problems)
    return tuple(found)


def resolve_first_messages(
    part: ScenarioPart, instances: list[Instance], made: Declarations, problems: Problems
) -> FirstMessages:
    """The messages that are on their way at first: sender, receiver and message of each, in written order."""
    everyone = Instances(tuple(instance.name for instance in instances))
    found = []
    for item in part.begin.messages if part.begin else ():
        if len(item) != 1:
            place = next(iter(item)).span if item else None
            hint = "- {message: {sender: ..., receiver: ..., element: ...}}"
            problems.add("M203", place, "each item under messages is one message", hint)
            continue
        ((name, elements),) = item.items()
        form = made.messages.get(name)
        if form is None:
            problems.add("M302", name.span, f"unknown message {name}", closest(name, made.messages))
            continue
        try:
            found.append(_first_message(name, form, elements, everyone, made))
        except ExpressionError as error:
            problems.extend(error.problems)
    return tuple(found)


def _first_message(
    name: SourceText,
    form: MessageForm,
    elements: Mapping[SourceText, SourceText],
    everyone: Instances,
    made: Declarations,
) -> tuple[str, str, Message]:
    ends: dict[str, str] = {}
    values = dict.fromkeys(range(len(form.elements)), ABSENT)
    for key, text in elements.items():
        if key in ("sender", "receiver"):
            ends[str(key)] = constant(text, made.scope(), everyone, str(key))
            continue
        position = form.position(key)
        if position is None:
            known = [*(element for element, _, _ in form.elements), "sender", "receiver"]
            message = f"message {name} has no element {key}"
            raise ExpressionError(Problem("M303", key.span, message, closest(key, known)))
        _, domain, optional = form.elements[position]
        plain = not optional or isinstance(domain, Maybe)
        value = constant(text, made.scope(), domain if plain else Maybe(domain), f"element {key}")
        values[position] = ABSENT if value is None and not plain else value
    for end in ("sender", "receiver"):
        if end not in ends:
            message = f"the {end} of {name} is not said"
            raise ExpressionError(Problem("M508", name.span, message, f"add {end}: an instance"))
    for position, (element, domain, optional) in enumerate(form.elements):
        if not optional and values[position] is ABSENT:
            message = f"the mandatory element {element} of {name} is not given"
            raise ExpressionError(Problem("M501", name.span, message, f"add {element}: a value of {domain}"))
    return ends["sender"], ends["receiver"], Message(str(name), tuple(values.values()))


def check_room(part: ScenarioPart, channels: Iterable[Channel], first: FirstMessages, problems: Problems) -> None:
    """Note where more is on its way at first than a channel holds (M617)."""
    for channel in channels:
        held = sum((sender, receiver) == (channel.sender, channel.receiver) for sender, receiver, _ in first)
        if channel.bound is not None and held > channel.bound and part.begin:
            place = next(iter(part.begin.messages[0])).span
            message = f"{channel.name} holds {channel.bound}, and {held} messages are in it at first"
            problems.add("M617", place, message, "let it hold more, or begin with fewer")


def check_beginnings(
    model: Model, name: SourceText, document: Document, part: ScenarioPart, problems: Problems
) -> None:
    """Note where initial values are too many, are not known after a crash, or never meet the conditions (M617)."""
    found = [_FirstValues(model, instance, name, document, problems) for instance in model.instances]
    combinations = prod(one.count for one in found)
    if combinations > MOST_BEGINNINGS:
        message = f"{combinations:,} combinations of initial values; at most {MOST_BEGINNINGS:,} are tried"
        problems.add("M406", name.span, message, "leave fewer of them open")
    elif model.begin and combinations and not problems:
        written = beginnings(part)
        if combinations * max(node.size.work for node in model.begin) > MOST_WORK:
            message = f"trying {combinations:,} combinations of initial values takes more than {MOST_WORK:,} steps"
            problems.add("M406", written[0].span, message, "leave fewer of them open, or ask less of them")
            return
        try:
            if not any(_met(model, locals_) for locals_ in product(*(one.locals() for one in found))):
                message = f"scenario {name} cannot begin: no combination of initial values meets its conditions"
                problems.add("M617", written[0].span, message, "see which of them exclude each other")
        except EvaluationError as error:
            problems.extend([error.problem])


class _FirstValues:
    """The values that an instance may begin with; what is wrong with them is noted."""

    def __init__(
        self, model: Model, instance: Instance, scenario: SourceText, document: Document, problems: Problems
    ) -> None:
        self.role = model.role_of[instance.name]
        self.instance, self.problems = instance, problems
        written = next(part for name, part in document.roles.items() if name == instance.role)
        self.places = {str(name): name.span for name in written.variables}
        self.frame = {"self": instance.name, "key": instance.key, **dict(instance.parameters)}
        self.values = [self.of(variable) for variable in self.role.variables] if self.left_open else []
        if instance.crash and any(region.others for region in self.role.regions):
            message = f"{instance.name} may crash, and begins in one of several states"
            hint = "in which of them it is after a restart is not known: give one initial state"
            problems.add("M617", scenario.span, message, hint)

    @property
    def left_open(self) -> bool:
        """Whether anything is."""
        regions = any(region.others for region in self.role.regions)
        return regions or any(variable.several for variable in self.role.variables)

    @property
    def count(self) -> int:
        """How many local states there are to begin in."""
        return prod(len(region.firsts) for region in self.role.regions) * prod(map(len, self.values))

    def locals(self) -> Iterator[Local]:
        """The local states to begin in."""
        if not self.left_open:
            self.values = [(evaluate(variable.initial, self.frame),) for variable in self.role.variables]
        for states in product(*(region.firsts for region in self.role.regions)):
            yield from (Local(states, values) for values in product(*self.values))

    def of(self, variable: Variable) -> tuple[Value, ...]:
        """The values that a variable may begin with; none where that is noted."""
        try:
            found = evaluate(variable.initial, self.frame)
        except EvaluationError as error:
            self.problems.extend([error.at_first])
            return ()
        if not variable.several:
            return (found,)
        place = self.places.get(variable.name)
        if not found:
            message = f"variable {variable.name} has no initial value: the set is empty"
            self.problems.add("M617", place, message, "list those that it may have")
        elif self.instance.crash and len(found) > 1 and variable.name not in self.role.persistent:
            message = f"{self.instance.name} may crash, and {variable.name} begins with one of several values"
            hint = f"which of them it has after a restart is not known: persistent: [{variable.name}]"
            self.problems.add("M617", place, message, hint)
        return tuple(found)


class _Joint(NamedTuple):
    """What conditions read of a joint state in which nothing was sent yet."""

    locals: tuple[Local, ...]
    channels: tuple[Content, ...]
    frozen: bool = False


def _met(model: Model, locals_: tuple[Local, ...]) -> bool:
    """Whether a combination of initial values meets the conditions of a scenario."""
    channels: dict[tuple[str, str], list[Message]] = {(one.sender, one.receiver): [] for one in model.channels}
    for sender, receiver, message in model.first_messages:
        channels[sender, receiver].append(message)
    frame = {JOINT: _Joint(locals_, tuple(map(tuple, channels.values()))), LINKS: list(channels)}
    return all(evaluate(node, frame) for node in model.begin)
