"""A step of a flow as a sentence, in the words of the model's labels.

    MC service client 2 decides to migrate and sends a Registration request to Partner MC system B.

The label of a transition is what stands after the name of its instance; what it takes and what it sends is said here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mcfsm.expressions.domains import Domain, Instances, Maybe, SetOf
from mcfsm.model import Model
from mcfsm.model.labels import with_article
from mcfsm.semantics.trace import BEGIN, FREEZE, LOST, Disturbance, SentMessage, TraceStep


def sentence(model: Model, step: TraceStep) -> str:
    """Who does what in a step, with the message it takes and those it sends; what these carry is not in it."""
    words = model.labels
    if step.kind == BEGIN:
        return f"The scenario begins with {listed(first_values(model, step))}."
    if step.transition == FREEZE:
        return "The environment freezes: users and the environment do nothing more."
    if step.fault is not None:
        return _disturbed(model, step.fault)
    who = words.instance(step.instance)
    taken = None
    if step.receives is not None:
        taken = f"{words.message(step.receives.message)} from {words.instance(step.receives.sender)}"
        if step.kind == "ignore":
            return f"The {taken} is lost: {who} is down." if step.transition == LOST else f"{who} ignores the {taken}."
    own = words.label("transition", step.transition)
    told = _predicate(own, _sendings(model, step.sends))
    if taken is not None:
        return f"On the {taken}, {who} {told}." if told else f"{who} takes the {taken}."
    if own is None:  # all there is to say is the name of the trigger
        return f"{who} ({step.trigger}) {told}." if told else f"{who}: {step.trigger}."
    return f"{who} {told}."


def choices(model: Model, step: TraceStep) -> list[str]:
    """The values that a step chooses, each behind its name; an instance is called as it is elsewhere in the flow."""
    role = model.role_of.get(step.instance)
    line = next((one for one in role.transitions if one.id == step.transition), None) if role else None
    domains = {} if line is None else {choice.name: choice.domain for choice in line.choices}
    return [f"{name} = {_called(model, domains.get(name), value)}" for name, value in step.chosen]


def _called(model: Model, domain: Domain | None, shown: str) -> str:
    """A value that is shown by ids, with the label of each instance that it is or has."""
    inner = domain.inner if isinstance(domain, Maybe) else domain
    if isinstance(inner, Instances):
        return model.labels.instance(shown)
    if isinstance(inner, SetOf) and isinstance(inner.element, Instances) and shown.startswith("{"):
        return f"{{{', '.join(map(model.labels.instance, shown[1:-1].split(', ')))}}}"
    return shown


def first_values(model: Model, step: TraceStep) -> list[str]:
    """What tells a beginning from others: each value with what it is of."""
    words, said = model.labels, []
    for name, value in step.chosen:
        owner, _, own = name.rpartition(".")
        role = model.role_of[owner]
        state = words.label("state", role.name, value) if any(own == region.name for region in role.regions) else None
        if state is None and words.label("instance", owner) is None:
            said.append(f"{name} = {value}")
        elif state is None:
            said.append(f"{words.instance(owner)}: {own} = {value}")
        else:
            region = f"{words.region(role.name, own)}: " if len(role.regions) > 1 else ""
            said.append(f"{words.instance(owner)}: {region}{state}")
    return said


def _predicate(own: str | None, sendings: Sequence[str]) -> str:
    """What is done, and then what is sent; behind a comma or an "and" in a clause of its own."""
    if own is None or not sendings:
        return own or listed(sendings)
    joint = "; it " if "," in own or " and " in own else " and "
    return own + joint + listed(sendings)


def in_full(model: Model, step: TraceStep) -> str:
    """The sentence of a step, and behind it what each of its messages carries."""
    messages = [] if step.receives is None else [(step.receives.message, step.receives.elements)]
    messages += [(sent.message, sent.elements) for sent in step.sends]
    carried = dict.fromkeys(
        f"{model.labels.message(name)} with "
        + ", ".join(f"{model.labels.element(name, element)} = {value}" for element, value in elements)
        for name, elements in messages
        if elements
    )
    return f"{sentence(model, step)[:-1]} ({'; '.join(carried)})" if carried else sentence(model, step)[:-1]


def listed(parts: Sequence[str]) -> str:
    """Some parts of a sentence as one: a, b and c."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _sendings(model: Model, sends: Iterable[SentMessage]) -> list[str]:
    """What is sent to whom; the same message to several is said once."""
    receivers: dict[str, list[str]] = {}
    for sent in sends:
        lost = ", which is lost" if sent.lost else ""
        receivers.setdefault(sent.message, []).append(model.labels.instance(sent.receiver) + lost)
    return [f"sends {with_article(model.labels.message(name))} to {listed(to)}" for name, to in receivers.items()]


def _disturbed(model: Model, fault: Disturbance) -> str:
    words = model.labels
    if fault.instance is not None:
        return f"{words.instance(fault.instance)} {'restarts' if fault.kind == 'restart' else 'crashes'}."
    way = f"from {words.instance(str(fault.sender))} to {words.instance(str(fault.receiver))}"
    what = {
        "loss": "is lost",
        "duplication": "is copied",
        "reordering": "overtakes the message before it",
        "corruption": f"is corrupted: {_corrupted(model, fault)}",
    }[fault.kind]
    return f"The {words.message(str(fault.message))} {way} {what}."


def _corrupted(model: Model, fault: Disturbance) -> str:
    """What of a message is another now."""
    before, name = dict(fault.elements), str(fault.message)
    changed = [(element, value) for element, value in fault.becomes or () if before.get(element) != value]
    return listed(
        [f"{model.labels.element(name, element)} is {value}, not {before[element]}" for element, value in changed]
    )
