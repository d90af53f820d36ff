"""The components of a joint state, their values numbered as they are met; and joint states as rows of these numbers.

What may live here: numbers of values. What may not: what leads from one value to another, which `filling` says.

A component is an instance, an observer, a channel, the budgets together, or the freeze, in this order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mcfsm.expressions.domains import Value
from mcfsm.model import Content, Local, Model
from mcfsm.problems import ModelError, Problem
from mcfsm.semantics.steps import State
from mcfsm.tables.interning import Interner, odd_factors
from mcfsm.tables.variant_encoding import VariantEncoding

MOST_LOCALS = 4_000_000  # local states of one instance, contents of one channel: most often memory ends before
FIELD = 32  # bits of a code for each part of a local state
CONTROL = (1 << FIELD) - 1  # the first of them is the control state


class LocalStates:
    """The local states of an instance or observer, numbered as they are met.

    Each has a *code* as well: the numbers of its control state and of the values of its variables, side by side in one
    integer, so that parts of it are looked at and changed at once.
    """

    def __init__(self) -> None:
        self.values: list[Local] = []
        self.codes: list[int] = []
        self.ids: dict[int, int] = {}  # code to number
        self._parts = [Interner()]  # the control state, then the variables

    def __len__(self) -> int:
        return len(self.values)

    def intern(self, local: Local) -> int:
        """The number of a local state, a new one where it has none."""
        return self.intern_code(self.code(local))

    def intern_code(self, code: int) -> int:
        """The number of the local state that has a code."""
        found = self.ids.get(code)
        if found is None:
            found, rest, values = self.ids.setdefault(code, len(self.values)), code, []
            for part in self._parts:
                values.append(part.values[rest & CONTROL])
                rest >>= FIELD
            self.values.append(Local(values[0], tuple(values[1:])))
            self.codes.append(code)
        return found

    def code(self, local: Local) -> int:
        """The code of a local state."""
        while len(self._parts) <= len(local.values):
            self._parts.append(Interner())
        code = self._parts[0].intern(local.states)
        for at, value in enumerate(local.values, 1):
            code |= self._parts[at].intern(value) << FIELD * at
        return code


class Components:
    """The numbers of all values of all components of a family's joint states."""

    def __init__(self, encoding: VariantEncoding) -> None:
        self.encoding = encoding
        self.model: Model = encoding.models[0]
        self.instances, self.observers = len(self.model.instances), len(self.model.observers)
        self.channels = len(encoding.links)
        self.first_channel = self.instances + self.observers
        self.budgets = self.first_channel + self.channels
        self.freeze = self.budgets + 1
        self.count = self.freeze + 1
        self.locals = [LocalStates() for _ in range(self.first_channel)]  # of instances, then of observers
        self.names: list[Any] = [*self.locals, *(Interner() for _ in range(self.channels + 2))]
        self.receivers = [self.model.index_of[receiver] for _, receiver in encoding.links]
        self.factors = odd_factors(self.count)
        for frozen in (False, True):
            self.names[self.freeze].intern(frozen)
        for channel in range(self.channels):
            self.names[self.first_channel + channel].intern(())

    def intern(self, component: int, value: Value) -> int:
        """The id of a component's value. Raises ModelError where a component has too many."""
        found: int = self.names[component].intern(value)
        if found >= MOST_LOCALS:
            raise self._exploded(component)
        return found

    def intern_code(self, instance: int, code: int) -> int:
        """The id of the local state of an instance that has a code. Raises ModelError where there are too many."""
        found = self.locals[instance].intern_code(code)
        if found >= MOST_LOCALS:
            raise self._exploded(instance)
        return found

    def value(self, component: int, id_: int) -> Value:
        """The value of a component that an id stands for."""
        return self.names[component].values[id_]

    # ---- joint states

    def row_of(self, state: State) -> list[int]:
        """The ids of a joint state's components."""
        values = [*state.locals, *state.channels, state.budgets, state.frozen]
        return [self.intern(c, value) for c, value in enumerate(values)]

    def state_of(self, ids: list[int]) -> State:
        """The joint state of a row's ids."""
        values = [names.values[i] for names, i in zip(self.names, ids, strict=True)]
        split = self.first_channel
        return State(tuple(values[:split]), tuple(values[split : split + self.channels]), values[-2], bool(values[-1]))

    def encode_row(self, variant: int, state: State) -> list[int]:
        """The ids of the components of a variant's joint state."""
        encoding = self.encoding
        locals_ = tuple(encoding.encode_local(variant, at, local) for at, local in enumerate(state.locals))
        channels: list[Content] = [()] * self.channels
        for at, content in enumerate(state.channels):
            channels[encoding.encode_channel(variant, at)] = encoding.encode_content(variant, content)
        return self.row_of(state._replace(locals=locals_, channels=tuple(channels)))

    def decode_row(self, variant: int, ids: list[int]) -> State:
        """The joint state of a variant that a row's ids say."""
        state, encoding = self.state_of(ids), self.encoding
        locals_ = tuple(encoding.decode_local(variant, at, local) for at, local in enumerate(state.locals))
        channels = tuple(
            encoding.decode_content(variant, state.channels[encoding.encode_channel(variant, at)])
            for at in range(len(encoding.models[variant].channels))
        )
        return state._replace(locals=locals_, channels=channels)

    def with_value(self, variant: int, state: State, component: int, id_: int) -> State:
        """A joint state of a variant in which one component has the value of an id."""
        value, first = self.value(component, id_), self.first_channel
        if component < first:
            local = self.encoding.decode_local(variant, component, value)
            return state._replace(locals=(*state.locals[:component], local, *state.locals[component + 1 :]))
        if component < self.budgets:
            at, content = self.encoding.decode_channel(variant, component - first), value
            if at is None:
                return state
            content = self.encoding.decode_content(variant, content)
            return state._replace(channels=(*state.channels[:at], content, *state.channels[at + 1 :]))
        return state._replace(budgets=value) if component == self.budgets else state._replace(frozen=bool(value))

    def hashes(self, ids: Any) -> Any:
        """The hash of each row of component ids: a sum of ids, each times a factor that belongs to its component.

        So what a change of some ids changes of it does not depend on the others (multilinear hashing, Carter and Wegman
        1979).
        """
        with np.errstate(over="ignore"):
            return (ids.astype(np.uint64) * self.factors).sum(axis=1, dtype=np.uint64)

    def _exploded(self, component: int) -> ModelError:
        """Which variables of the instance take so many values."""
        if component >= self.first_channel:
            name = " -> ".join(self.encoding.links[component - self.first_channel])
            return ModelError(
                [Problem("M706", None, f"channel {name} has over {MOST_LOCALS:,} contents", "lower its bound")]
            )
        name = (
            self.model.instances[component].name
            if component < self.instances
            else self.model.observers[component - self.instances].name
        )
        message = f"{name} has over {MOST_LOCALS:,} local states; most vary {self._widest(component)}"
        return ModelError([Problem("M706", None, message, "bound them, or say them in smaller domains")])

    def size(self, component: int) -> str:
        """How many local states an instance or observer has, or contents a channel, and which variables vary most."""
        count = len(self.names[component])
        if component >= self.first_channel:
            return f"{count:,} contents"
        widest = self._widest(component)
        return f"{count:,} local states{'; most vary ' * bool(widest)}{widest}"

    def _widest(self, component: int) -> str:
        local_values = self.locals[component].values[:20_000]
        variables = enumerate(self.model.variables_at(component))
        counts = sorted(
            ((len({local.values[i] for local in local_values}), variable.name) for i, variable in variables),
            reverse=True,
        )
        return ", ".join(f"{variable} ({count:,} values)" for count, variable in counts[:3])
