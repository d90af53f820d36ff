"""What occurred in a search: which local states there were, and which messages met them.

An explorer over joint states notes each state that it expands, and asks `product.met` what a receiver looks at in a
channel; one over tables needs no exploration for it (`visited_in_tables`).
"""

from __future__ import annotations

from functools import partial

from mcfsm.explore.findings import Inspected, Visited
from mcfsm.model import Content, Local
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import State


class VisitedCollector:
    """Collects what occurs, state by state."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self._locals: list[set[Local]] = [set() for _ in product.machines]
        self._together: list[set[tuple[Content, Local]]] = [set() for _ in product.model.channels]
        self._receiver = [product.model.index_of[channel.receiver] for channel in product.model.channels]

    def note(self, state: State) -> None:
        """Take in a joint state that is expanded, or that a walk came to."""
        for known, local in zip(self._locals, state.locals, strict=False):  # instances; observers follow them
            known.add(local)
        for channel, content in enumerate(state.channels):
            if content:
                self._together[channel].add((content, state.locals[self._receiver[channel]]))

    def visited(self) -> Visited:
        """What occurred in the states noted."""
        inspected: list[set[Inspected]] = [set() for _ in self._locals]
        for channel, pairs in enumerate(self._together):
            receiver = self._receiver[channel]
            for content, local in pairs:
                reception = partial(self.product.machines[receiver].reception, local)
                inspected[receiver].update(Inspected(local, e) for e in self.product.met(channel, content, reception))
        return Visited(tuple(map(frozenset, self._locals)), tuple(map(frozenset, inspected)))
