"""Joint states, messages and fairness sets as texts, so that a file can hold them and nobody has to read them back.

Texts are made of values and never turned into values again: two states are the same iff their texts are, so whoever
checks a file asks whether the text of a state of his own stands in it, and builds nothing from what a file says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from struct import Struct
from typing import Any

from mcfsm.expressions.domains import Domain
from mcfsm.expressions.evaluate import ABSENT
from mcfsm.model import Local, Message, Model
from mcfsm.semantics.fairness import FairSet
from mcfsm.semantics.steps import State


class StateTexts:
    """The parts of the joint states of a model: each instance, observer and channel, and what is left of budgets."""

    def __init__(self, model: Model) -> None:
        self.model = model
        domains = [[variable.domain for variable in model.role_of[one.name].variables] for one in model.instances]
        domains += [[variable.domain for variable in observer.variables] for observer in model.observers]
        self._texts = [partial(_local_text, own) for own in domains]
        self.names = [one.name for one in model.instances] + [observer.name for observer in model.observers]
        self.names += [channel.name for channel in model.channels] + ["budgets"]
        self.row = Struct(f"<{len(self.names)}I")

    def parts(self, state: State) -> tuple[Any, ...]:
        """The values that a state consists of, in the order of `names`."""
        return (*state.locals, *state.channels, (*state.budgets, state.frozen))

    def text(self, part: int, value: Any) -> str:
        """The text of the value that a part has."""
        if part < len(self._texts):
            return self._texts[part](value)
        if part == len(self.names) - 1:
            return _compact([int(one) for one in value])
        return _compact([message_text(self.model, message) for message in value])


def _local_text(domains: Iterable[Domain], local: Local) -> str:
    values = (domain.show(value) for domain, value in zip(domains, local.values, strict=True))
    return _compact([*local.states, *values])


def message_text(model: Model, message: Message) -> str:
    """A message with all its elements, "-" for one that is absent."""
    elements = zip(model.form_of[message.name].elements, message.elements, strict=True)
    values = ("-" if value is ABSENT else domain.show(value) for (_, domain, _), value in elements)
    return f"{message.name}({', '.join(values)})"


def fair_set_text(model: Model, set_: FairSet) -> str:
    """A fairness set: whose, and of which trigger, or of what from whom."""
    name = model.instances[set_.instance].name
    if set_.trigger is not None:
        return f"{name} {set_.trigger}"
    message = "" if set_.message is None else f" {message_text(model, set_.message)}"
    return f"{name} receives{message} from {set_.sender}"


def _compact(data: Any) -> str:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)
