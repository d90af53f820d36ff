"""The values that decide a verdict: what its property reads in the state in which a flow ends."""

from __future__ import annotations

from collections.abc import Iterator

from mcfsm.expressions import nodes as n
from mcfsm.model import LivenessProperty, Local, Message, Model, Property
from mcfsm.semantics.steps import State
from mcfsm.semantics.trace import shown_elements


def values_read(model: Model, property_: Property | LivenessProperty, state: State) -> Iterator[str]:
    """What a property reads, with its values in a state: "server(A).record = B", and messages in flight if it asks."""
    seen: dict[tuple[int, bool, int], str] = {}
    asks_channels = False
    if isinstance(property_, LivenessProperty):
        roots = [*property_.causes, property_.goal]
    else:
        roots = [*([property_.premise] if property_.premise else []), property_.condition]
    for root in roots:
        for node in root.walk():
            asks_channels = asks_channels or isinstance(node, n.InFlight)
            if isinstance(node, n.Attribute):
                wanted = node.target.value if isinstance(node.target, n.Constant) else None
                for slot in node.slots:
                    if wanted in (None, slot.owner):
                        seen[slot.instance, slot.in_states, slot.position] = slot.owner
    said: dict[str, list[str]] = {}  # by instance, states first; what has no label is said by itself
    for (instance, in_states, position), owner in sorted(seen.items(), key=lambda item: item[0]):
        value = _value(model, state.locals[instance], instance, owner, in_states, position)
        if model.labels.label("instance", owner) is None:
            said[value] = []
        else:
            values = said.setdefault(f"{model.labels.instance(owner)}: ", [])
            values.insert(0 if in_states else len(values), value)
    yield from (f"{name}{', '.join(values)}" for name, values in said.items())
    if asks_channels:
        words = model.labels
        flying = [
            f"{_content(model, message)} {words.instance(channel.sender)} -> {words.instance(channel.receiver)}"
            for channel, content in zip(model.channels, state.channels, strict=True)
            for message in content
        ]
        yield f"in flight: {'; '.join(flying) or 'nothing'}"


def _content(model: Model, message: Message) -> str:
    carried = ", ".join(value for _, value in shown_elements(model, message))
    label = model.labels.label("message", message.name)
    return label if label and not carried else f"{label or message.name}({carried})"


def _value(model: Model, local: Local, instance: int, owner: str, in_states: bool, position: int) -> str:
    regions, variables = model.regions_at(instance), model.variables_at(instance)
    known = model.labels.label("instance", owner) is not None
    what = "" if known else f"{owner}."
    if in_states:
        region, state = regions[position].name, local.states[position]
        if known:
            of = model.role_of[owner].name
            where = f" ({model.labels.region(of, region)})" if len(regions) > 1 else ""
            return f"{model.labels.state(of, state)}{where}"
        return f"{what}{region} = {state}"
    variable = variables[position]
    return f"{what}{variable.name} = {variable.domain.show(local.values[position])}"
