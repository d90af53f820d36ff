"""The joint states that are consistent with what was seen of a run: a set that every observation makes smaller.

Some channels are *tapped*: every message in them passes somebody who notes it, after it is sent and before it is
received. How long it is on the way to there nobody knows, so of a channel the first messages were seen and those behind
them not yet (of a bag some of them). Everything else is *silent*: which steps were taken is not seen, so each way to go
on is followed. This is the determinisation of a specification by its observable events (Tretmans, Test generation with
inputs, outputs and repetitive quiescence, 1996), with messages that travel as the model's channels have them.

What may live here: sets of states and what is seen. What may not: where observations come from, and what is done about
one that no state allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from mcfsm.model import Content, Message, Model
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import State, Step
from mcfsm.semantics.trace import beginning

MOST_STATES = 20_000  # that are followed at once
_MOST_REMEMBERED = 1 << 15  # joint states whose steps are remembered
_OBLIGED = frozenset({"reception", "protocol", "ignore"})  # kinds of steps that nobody has to wait for in vain


class TooManyStates(Exception):
    """More states are consistent with what was seen than are followed."""

    def __init__(self, most: int, found: Routes) -> None:
        super().__init__(f"more than {most:,} states are consistent with what was seen")
        self.most, self.found = most, found


class TappedState(NamedTuple):
    """A joint state, and of each tapped channel the messages in it that were seen."""

    state: State
    seen: tuple[Content, ...]


@dataclass(frozen=True)
class Route:
    """How a state was come to: the last step, and the way before it."""

    step: Step
    before: Route | None

    @property
    def steps(self) -> tuple[Step, ...]:
        """All of them, from the initial state."""
        taken = [self.step]
        route = self.before
        while route is not None:
            taken.append(route.step)
            route = route.before
        return tuple(reversed(taken))


Routes = dict[TappedState, Route | None]
Condition = Callable[[TappedState], bool]
Allowed = Callable[[TappedState, Step, TappedState], bool]


class TappedModel:
    """A model, what is seen of it, and what goes on in it unseen.

    `silent` says of a step whether it may be taken without anybody's doing; `tapped` are channels by number.
    """

    def __init__(self, model: Model, tapped: Sequence[int], silent: Callable[[Step], bool]) -> None:
        # what keeps no step back, and the boundary: what is seen may go on beyond it
        self.model = replace(model, observers=(), state_properties=(), liveness_properties=(), boundary=None)
        self.tapped, self.silent = tuple(tapped), silent
        self.at = {channel: i for i, channel in enumerate(tapped)}
        self.product = Product(self.model)
        self.expand = lru_cache(maxsize=_MOST_REMEMBERED)(self.product.expand)

    def forget(self) -> None:
        """Give back the room that remembered steps take."""
        self.expand.cache_clear()

    def initial(self) -> Routes:
        """The initial state, nothing seen; where there are several, each with the step that says so."""
        unseen: tuple[Content, ...] = ((),) * len(self.tapped)
        steps = [(state, beginning(self.product, state)) for state in self.product.beginnings]
        return {TappedState(state, unseen): Route(begins[0], None) if begins else None for state, begins in steps}

    def steps(self, here: TappedState) -> Iterator[tuple[Step, tuple[Content, ...]]]:
        """Every step of a state, silent or not, with what then remains seen; none that takes what was not seen yet."""
        for step in self.expand(here.state).steps:
            for seen in self._left(here, step):
                yield step, seen

    def closure(
        self,
        routes: Mapping[TappedState, Route | None],
        allowed: Allowed | None = None,
        *,
        enough: Condition | None = None,
        most: int = MOST_STATES,
    ) -> Routes:
        """The states and all that silent steps lead to from them; only up to the first that is `enough`, if one is.

        Steps that are not `allowed` are left out. Raises TooManyStates.
        """
        found: Routes = dict(routes)
        ahead = list(found)
        for here in ahead:
            if enough is not None and enough(here):
                return {here: found[here]}
            for step, seen in self.steps(here):
                after = TappedState(step.target, seen)
                if after not in found and self.silent(step) and (allowed is None or allowed(here, step, after)):
                    found[after] = Route(step, found[here])
                    ahead.append(after)
                    if len(found) > most:
                        raise TooManyStates(most, found)
        return found

    def see(self, routes: Mapping[TappedState, Route | None], channel: int, message: Message) -> Routes:
        """Those of the states in which a message can be the next that is seen of a tapped channel."""
        found: Routes = {}
        for here, route in routes.items():
            again = self.model.channels[channel].kind == "set" and message in here.seen[self.at[channel]]
            if again or message in self.unseen(here, channel):
                at = self.at[channel]
                seen = self._with(channel, here.seen[at], message)
                found.setdefault(TappedState(here.state, (*here.seen[:at], seen, *here.seen[at + 1 :])), route)
        return found

    def unseen(self, here: TappedState, channel: int) -> Content:
        """The messages of a tapped channel that may be seen next."""
        content, seen = here.state.channels[channel], here.seen[self.at[channel]]
        match self.model.channels[channel].kind:
            case "fifo":
                return content[len(seen) : len(seen) + 1]
            case "set":
                return tuple(message for message in content if message not in seen)
        return tuple(m for m in dict.fromkeys(content) if content.count(m) > seen.count(m))

    def next_seen(
        self, states: Iterable[TappedState], channels: Iterable[int] | None = None
    ) -> list[tuple[int, Message]]:
        """What may be seen next in any of the states, by channel, each once."""
        wanted = self.tapped if channels is None else tuple(channels)
        found = dict.fromkeys((c, m) for here in states for c in wanted for m in self.unseen(here, c))
        return sorted(found, key=lambda pair: (pair[0], self.model.message_rank(pair[1])))

    def quiescent(self, here: TappedState, channels: Iterable[int]) -> bool:
        """Whether nothing has to happen: every message of these channels was seen, and no silent step is obliged.

        Obliged are receptions, ignored messages and the kind `protocol`; users, timers and faults take their time.
        """
        if any(self.unseen(here, channel) for channel in channels):
            return False
        return not any(self.silent(step) and self._obliged(step) for step, _ in self.steps(here))

    def _obliged(self, step: Step) -> bool:
        if step.outcome is None:
            return False
        transition = self.product.transition(step.instance, step.outcome)
        return (transition.kind if transition else "ignore") in _OBLIGED

    def _left(self, here: TappedState, step: Step) -> Iterator[tuple[Content, ...]]:
        """What may remain seen after a step; nothing where it takes a message that was not seen yet."""
        if step.fault is not None and step.fault.message is not None:
            channel = step.fault.place
            after = self._disturbed if channel in self.at and step.fault.kind != "duplication" else None
        elif step.event is not None:
            channel = self.model.channel_of[step.event.sender, self.model.instances[step.instance].name]
            after = self._received if channel in self.at else None
        else:
            after = None
        if after is None:
            yield here.seen
            return
        at = self.at[channel]
        for seen in after(channel, here.state.channels[channel], here.seen[at], step):
            yield (*here.seen[:at], seen, *here.seen[at + 1 :])

    def _received(self, channel: int, content: Content, seen: Content, step: Step) -> Iterator[Content]:
        assert step.event is not None
        message, kind = step.event.message, self.model.channels[channel].kind
        position = content.index(message)
        if kind == "fifo" and position < len(seen):
            yield _without(seen, position)
        elif kind == "set" and message in seen:
            yield seen
        elif kind == "bag" and message in seen:
            yield _without(seen, seen.index(message))

    def _disturbed(self, channel: int, content: Content, seen: Content, step: Step) -> Iterator[Content]:
        """After a loss, a reordering or a corruption: none overtakes a message on the other side of the tap.

        A message that was seen is not seen again, whatever it becomes.
        """
        assert step.fault is not None
        assert step.fault.message is not None
        position, message, becomes = step.fault.position, step.fault.message, step.fault.becomes
        ordered = self.model.channels[channel].kind == "fifo"
        match step.fault.kind:
            case "reordering":
                if position + 1 != len(seen):
                    yield step.target.channels[channel][: len(seen)]
            case "corruption" if ordered:  # at its place
                yield step.target.channels[channel][: len(seen)]
            case "corruption":
                assert becomes is not None
                if message in seen:
                    yield self._with(channel, _without(seen, seen.index(message)), becomes)
                if content.count(message) > seen.count(message):
                    yield seen
            case "loss" if ordered:  # of several alike side by side, the loss of one is told
                if position < len(seen):
                    yield _without(seen, position)
                if any(position >= len(seen) for position in _alike(content, position)):
                    yield seen
            case "loss":
                if message in seen:
                    yield _without(seen, seen.index(message))
                if content.count(message) > seen.count(message):
                    yield seen
            case kind:
                raise AssertionError(f"what is seen after {kind} is not said")

    def _with(self, channel: int, seen: Content, message: Message) -> Content:
        kind = self.model.channels[channel].kind
        if kind == "fifo" or (kind == "set" and message in seen):
            return (*seen, message) if kind == "fifo" else seen
        return tuple(sorted((*seen, message), key=self.model.message_rank))


def _without(content: Content, position: int) -> Content:
    return (*content[:position], *content[position + 1 :])


def _alike(content: Content, position: int) -> Iterator[int]:
    """The positions of the equal messages side by side that begin at one."""
    yield from takewhile(lambda at: content[at] == content[position], range(position, len(content)))
