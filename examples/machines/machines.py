"""Five machines of `transitions`, of the kind that its documentation shows, each with a defect.

Each function makes one (or two that talk), `defect=False` without the defect. `ASKED` says how each is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from transitions import Machine, State
from transitions.extensions import HierarchicalMachine


class Asked(NamedTuple):
    """The machines, and what `mcfsm.from_transitions` is told of them."""

    machines: Callable[..., Mapping[str, Machine]]
    options: Mapping[str, Any] = {}


class Lump:
    """A lump of matter."""

    warmth = 0

    def is_hot(self) -> bool:
        """Whether it would melt."""
        return self.warmth >= 2

    def warm(self) -> None:
        """One degree more, up to three."""
        self.warmth = min(self.warmth + 1, 3)

    def cool(self) -> None:
        """As cold as can be."""
        self.warmth = 0


def matter(*, defect: bool = True) -> dict[str, Machine]:
    """A lump that melts when it is hot. With the defect an earlier line without a condition takes every `heat`."""
    heat = {"trigger": "heat", "source": "solid", "dest": "solid", "after": "warm"}
    melt = {"trigger": "heat", "source": "solid", "dest": "liquid", "conditions": "is_hot"}
    others = [
        {"trigger": "evaporate", "source": "liquid", "dest": "gas"},
        {"trigger": "freeze", "source": ["liquid", "gas"], "dest": "solid", "before": "cool"},
    ]
    lines = [heat, melt, *others] if defect else [melt, heat, *others]
    return {"lump": Machine(Lump(), states=["solid", "liquid", "gas"], transitions=lines, initial="solid")}


class Light:
    """A traffic light that goes to blinking when its lamp is broken."""

    def __init__(self) -> None:
        self.broken = False

    def breaks(self) -> None:
        """The lamp goes out."""
        self.broken = True

    def mend(self) -> None:
        """There is a new lamp."""
        self.broken = False

    def works(self) -> bool:
        """Whether the lamp is whole."""
        return not self.broken


def traffic_light(*, defect: bool = True) -> dict[str, Machine]:
    """Ordered transitions. With the defect they are added again with a condition: the first, without one, always go."""
    machine = Machine(Light(), states=["red", "green", "amber", "blinking"], initial="red", auto_transitions=False)
    if defect:
        machine.add_ordered_transitions(["red", "green", "amber"])
    machine.add_ordered_transitions(["red", "green", "amber"], conditions="works")
    machine.add_transition("fail", ["red", "green", "amber"], "=", after="breaks")
    machine.add_transition("next_state", ["red", "green", "amber"], "blinking", unless="works")
    machine.add_transition("repair", "blinking", "red", before="mend")
    return {"light": machine}


class Cup:
    """What a machine for coffee knows of a cup."""

    def __init__(self) -> None:
        self.sips = 0

    def fill(self) -> None:
        """Three sips are in it."""
        self.sips = 3

    def sip(self) -> None:
        """One sip less."""
        self.sips -= 1

    def is_empty(self) -> bool:
        """Whether nothing is left."""
        return self.sips == 0


def caffeinated(*, defect: bool = True) -> dict[str, Machine]:
    """Nested states. With the defect a parent's transition takes a runner home from states that should not know it."""
    states: list[Any] = [
        "standing",
        {"name": "caffeinated", "initial": "dithering", "children": ["dithering", "running"]},
    ]
    lines: list[Any] = [
        {"trigger": "drink", "source": "standing", "dest": "caffeinated", "before": "fill"},
        {"trigger": "drink", "source": "caffeinated", "dest": "=", "conditions": "is_empty", "before": "fill"},
        ["walk", "caffeinated_dithering", "caffeinated_running"],
        {"trigger": "walk", "source": "caffeinated_running", "dest": None, "before": "sip", "unless": "is_empty"},
        {"trigger": "relax", "source": "caffeinated" if defect else "caffeinated_running", "dest": "standing",
         **({} if defect else {"conditions": "is_empty"})},
    ]  # fmt: skip
    return {"runner": HierarchicalMachine(Cup(), states=states, transitions=lines, initial="standing")}


class Order:
    """An order that is shipped when it is paid and packed, in any order."""

    def __init__(self) -> None:
        self.paid = False
        self.packed = False

    def pay(self) -> None:
        """It is paid."""
        self.paid = True
        self.settle()

    def pack(self) -> None:
        """It is packed."""
        self.packed = True
        self.settle()

    def ready(self) -> bool:
        """Whether it may go."""
        return self.paid and self.packed

    settle: Callable[[], bool]  # the trigger


def queued(*, defect: bool = True) -> dict[str, Machine]:
    """Triggers in callbacks. Queued, `settle` runs when the state is reached; with the defect it runs before that."""
    lines: list[Any] = [
        {"trigger": "payment", "source": "new", "dest": "waiting", "before": "pay"},
        {"trigger": "packing", "source": "new", "dest": "waiting", "before": "pack"},
        {"trigger": "payment", "source": "waiting", "dest": "=", "before": "pay"},
        {"trigger": "packing", "source": "waiting", "dest": "=", "before": "pack"},
        {"trigger": "settle", "source": "waiting", "dest": "shipped", "conditions": "ready"},
    ]
    shipped = State("shipped", final=True)
    return {
        "order": Machine(
            Order(), states=["new", "waiting", shipped], transitions=lines, initial="new", queued=not defect
        )
    }


class Client:
    """Who asks, and gives up."""

    def ask(self) -> None:
        """Send a request; in production over the network."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Take the request back."""
        raise NotImplementedError


class Teller:
    """A machine that pays out, as far as there is money."""

    def __init__(self) -> None:
        self.notes = 2

    def has_notes(self) -> bool:
        """Whether there is money."""
        return self.notes > 0

    def take_note(self) -> None:
        """One note less."""
        self.notes -= 1

    def pay_out(self) -> None:
        """Hand the money over."""
        raise NotImplementedError

    def refuse(self) -> None:
        """Say that there is none."""
        raise NotImplementedError


def cash(*, defect: bool = True) -> dict[str, Machine]:
    """Two machines that talk. With the defect money may come when the client has given up, and waits for none."""
    client = Machine(
        Client(),
        states=["idle", "waiting", "served"],
        transitions=[
            {"trigger": "insert", "source": "idle", "dest": "waiting", "after": "ask"},
            {"trigger": "give_up", "source": "waiting", "dest": "idle", "after": "cancel"},
            ["money", "waiting", "served"],
            ["no_money", "waiting", "idle"],
            *([] if defect else [["money", "idle", "served"], ["no_money", "idle", "="], ["no_money", "served", "="],
                                 ["money", "served", "="]]),
        ],
        initial="idle",
        auto_transitions=False,
    )  # fmt: skip
    teller = Machine(
        Teller(),
        states=["ready"],
        transitions=[
            {"trigger": "request", "source": "ready", "dest": "=", "conditions": "has_notes",
             "before": "take_note", "after": "pay_out"},
            {"trigger": "request", "source": "ready", "dest": "=", "after": "refuse"},
            ["cancelled", "ready", "="],
        ],
        initial="ready",
        auto_transitions=False,
    )  # fmt: skip
    return {"client": client, "teller": teller}


ASKED: dict[str, Asked] = {
    "matter": Asked(matter, {
        "attributes": {"lump": {"warmth": range(4)}},
        "properties": {"melts": {"text": "It can melt.", "reachable": "lump.state == liquid"}},
    }),
    "traffic_light": Asked(traffic_light, {
        "attributes": {"light": {"broken": bool}},
        "properties": {
            "blinks": {"text": "A light with a broken lamp can blink.", "reachable": "light.state == blinking"},
        },
    }),
    "caffeinated": Asked(caffeinated, {
        "attributes": {"runner": {"sips": range(4)}},
        "properties": {"drinks_up": {"text": "Nobody stands with a cup that is not empty.",
                                     "never": "runner.state == standing and runner.sips > 0"}},
    }),
    "queued": Asked(queued, {
        "attributes": {"order": {"paid": bool, "packed": bool}},
        "properties": {"ships": {"text": "What is paid and packed is shipped.",
                                 "always": "not (order.paid and order.packed) or order.state == shipped"}},
    }),
    "cash": Asked(cash, {
        "attributes": {"teller": {"notes": range(3)}},
        "sends": {
            "client": {"ask": ("teller", "request"), "cancel": ("teller", "cancelled")},
            "teller": {"pay_out": ("client", "money"), "refuse": ("client", "no_money")},
        },
        "channels": {"default": {"kind": "fifo", "bound": 4, "when_full": "block"}},
    }),
}  # fmt: skip
