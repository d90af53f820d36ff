"""What never happens in a model, by all its runs: what a check warns of.

Each sentence holds of everything that can happen in the scenarios run, so it is made only of complete searches:

* a transition *never reached*: no instance of its role is ever in a local state that its source allows;
* a transition *never enabled*: one is, but no message of its trigger ever meets it there, or of those that do (and of
  the local states, if it is spontaneous) none makes sender and guards true;
* a transition *held back*: it is enabled, and whenever it is a budget, the freeze or a full channel disables the step;
* a state never entered, though transitions lead to it; or entered, not final, and never left by any step taken;
* a message that is sent and that nobody ever handles or ignores;
* an element of a message that is sent, which only transitions read that never fire;
* a mandatory element that arrives as none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mcfsm.explore.findings import Findings
from mcfsm.language.files.locations import Places
from mcfsm.model import Local, Model, Transition, elements_asked, elements_read
from mcfsm.problems import Span
from mcfsm.semantics.asking import possible
from mcfsm.semantics.faults import is_down
from mcfsm.semantics.product import Product
from mcfsm.semantics.role import Event, RoleMachine
from mcfsm.semantics.transition import Outcome

_MOST_REASONS = 2  # refusals that a sentence quotes
_ASKED = "the channels answer otherwise"


@dataclass
class _TransitionHistory:
    """What is known of one transition over all runs."""

    transition: Transition
    where: str  # its source in words
    reached: bool = False
    met: bool = False
    enabled: bool = False
    fired: bool = False

    def __post_init__(self) -> None:
        self.reasons: dict[str, None] = {}


class Never:
    """Takes in one run after another; then `sentences` says what never happened in any of them.

    `fired` names the transitions that some run fires: of these nothing has to be found out.
    """

    def __init__(self, fired: frozenset[str]) -> None:
        self.fired = fired
        self.history_of: dict[str, _TransitionHistory] = {}
        self.states: dict[tuple[str, str], bool] = {}  # (role, state) to whether some region that is run may rest there
        self.led_to: set[tuple[str, str]] = set()
        self.entered: set[tuple[str, str]] = set()
        self.left: set[tuple[str, str]] = set()
        self.sent: dict[str, None] = {}
        self.taken: set[str] = set()
        self.readers: dict[tuple[str, str], list[str]] = {}  # message and element to the transitions that read it
        self.empty: dict[tuple[str, str], None] = {}  # message and its mandatory element that was none

    def take_in(self, model: Model, findings: Findings) -> None:
        """Add what occurred in one run."""
        product = Product(model)
        self.sent.update(dict.fromkeys(message.name for _, _, message in model.first_messages))
        for role in model.roles:
            for region in role.regions:
                self.states.update({(role.name, state): state in region.final for state in region.states})
            for transition in role.transitions:
                if transition.id not in self.history_of:
                    fired = transition.id in self.fired
                    self.history_of[transition.id] = _TransitionHistory(transition, _source(transition), fired=fired)
                    for element in dict.fromkeys(elements_read(transition)):
                        self.readers.setdefault((transition.trigger, element), []).append(transition.id)
                    for asked in dict.fromkeys(elements_asked(transition)):
                        self.readers.setdefault(asked, []).append(transition.id)
                self.led_to.update((role.name, state) for _, state in transition.dests)
                if transition.id in findings.fired:
                    self.sent.update(dict.fromkeys(sending.message for sending in transition.sends))
        for machine, locals_, inspected in zip(
            product.machines, findings.visited.locals, findings.visited.inspected, strict=True
        ):
            there = [local for local in locals_ if not is_down(local)]
            met = [(local, event) for local, event in inspected if not is_down(local)]
            self._enter(machine, there)
            self._leave(machine, [*((local, None) for local in there), *met], findings.fired)
            self._explain(machine, there, met)
            for local, event in met:
                self._receive(model, machine, local, event)

    def _enter(self, machine: RoleMachine, there: list[Local]) -> None:
        """Note the states that an instance was in."""
        for states in {local.states for local in there}:
            self.entered.update((machine.role.name, state) for state in states)

    def _leave(self, machine: RoleMachine, met: Sequence[tuple[Local, Event | None]], fired: frozenset[str]) -> None:
        """Note which of the states that are not final were left."""
        role = machine.role
        open_ = {state for region in role.regions for state in region.states if not self.states[role.name, state]}
        open_ -= {state for name, state in self.left if name == role.name}
        for local, event in met:
            if open_.isdisjoint(local.states):
                continue
            for outcome in _possible(machine, local, event):
                if outcome.transition >= 0 and role.transitions[outcome.transition].id in fired:
                    moved = {old for old, new in zip(local.states, outcome.local.states, strict=True) if old != new}
                    self.left.update((role.name, state) for state in moved)
                    open_ -= moved

    def _explain(self, machine: RoleMachine, there: list[Local], met: list[tuple[Local, Event]]) -> None:
        """Note of each transition that nobody fires where it might have been, and what kept it."""
        unfired = {i for i, transition in enumerate(machine.role.transitions) if transition.id not in self.fired}
        if not unfired:
            return
        for local in sorted(there, key=repr):
            self._ask(machine, local, None, unfired)
        for local, event in sorted(met, key=repr):
            self._ask(machine, local, event, unfired)

    def _ask(self, machine: RoleMachine, local: Local, event: Event | None, unfired: set[int]) -> None:
        """Note which of some transitions an event (None: being there) enables in a local state, or why it does not."""
        enabled = {outcome.transition for outcome in _possible(machine, local, event)}
        nothing = ((),) * len(machine.channels)
        for i in sorted(unfired):
            transition = machine.role.transitions[i]
            history = self.history_of[transition.id]
            if not all(local.states[region] in states for region, states in transition.sources):
                continue
            history.reached = True
            asks = i in enabled and machine.transitions[i].asks
            history.enabled = history.enabled or (i in enabled and not asks)
            if machine.transitions[i].concerns(None if event is None else event.message.name):
                history.met = True
                reason = _ASKED if asks else machine.obstacle(local, event, i, contents=nothing).reason
                history.reasons[reason] = None

    def _receive(self, model: Model, machine: RoleMachine, local: Local, event: Event) -> None:
        name, elements = event.message
        if name not in self.taken and machine.reception(local, event) in ("handled", "ignored"):
            self.taken.add(name)
        for (element, _, optional), value in zip(model.form_of[name].elements, elements, strict=True):
            if not optional and value is None:
                self.empty[name, element] = None

    def sentences(self, places: Places) -> Iterator[tuple[Span | None, str]]:
        """What never happened, with the place in the model that each sentence is about."""
        for history in self.history_of.values():
            if not history.fired:
                name = history.transition.id
                yield history.transition.span, f"transition {name} was never fired in any scenario: {_why(history)}"
        for (role, state), final in self.states.items():
            if (role, state) not in self.entered and (role, state) in self.led_to:
                yield places.state(role, state), f"state {state} of role {role} is never entered in any scenario"
            elif (role, state) in self.entered and not final and (role, state) not in self.left:
                said = f"state {state} of role {role} is entered and never left, and it is not final: "
                yield places.state(role, state), said + self._way_out(role, state)
        for message in self.sent:
            if message not in self.taken:
                yield places.message(message), f"message {message} is sent, and nobody ever handles or ignores it"
        for (message, element), names in self.readers.items():
            if message in self.sent and not any(self.history_of[name].fired for name in names):
                said = f"element {element} of {message} is read only by what never fires: {', '.join(names)}"
                yield places.element(message, element), said
        for message, element in self.empty:
            yield places.message(message), f"the mandatory element {element} of {message} arrives as none"

    def _way_out(self, role: str, state: str) -> str:
        """What to do about a state that is never left: there are lines that would leave it, or there are none."""
        lines = [one.transition for one in self.history_of.values() if one.transition.role == role and not one.fired]
        out = [
            line.id
            for line in lines
            if any(dest != state and state in dict(line.sources).get(region, ()) for region, dest in line.dests)
        ]
        first = f"see above why {', '.join(out)} never fires" if out else "add the line that leaves it"
        return f"{first}; or list it under final, if an instance may rest there"


def never(runs: Iterable[tuple[Model, Findings]], places: Places) -> Iterator[str]:
    """A sentence for each thing that never happens, after file and line; none where a run is not complete.

    Nor where something lies beyond a boundary: there it may happen.
    """
    listed = list(runs)
    if not all(findings.complete and not findings.beyond for _, findings in listed):
        return
    found = Never(frozenset().union(*(findings.fired for _, findings in listed)))
    for model, findings in listed:
        found.take_in(model, findings)
    for span, sentence in found.sentences(places):
        yield f"{span.file}:{span.line}: {sentence}" if span else sentence


def _possible(machine: RoleMachine, local: Local, event: Event | None) -> Iterable[Outcome]:
    """What an instance may do, whatever lies in its channels."""
    return possible(machine, local) if event is None and machine.asks else machine.local_step(local, event)


def _why(history: _TransitionHistory) -> str:
    transition = history.transition
    if not history.reached:
        return f"never reached, as no {transition.role} is ever {history.where}"
    if history.enabled:
        return "held back each time it was enabled, by its budget, the freeze or a full channel"
    if not history.met:
        return f"never enabled, as no {transition.trigger} meets any {transition.role} {history.where}"
    reasons = list(history.reasons)
    more = len(reasons) - _MOST_REASONS
    quoted = ", ".join(reasons[:_MOST_REASONS]) + (f" and {more} other reasons" if more > 0 else "")
    return f"never enabled, as each time {quoted}"


def _source(transition: Transition) -> str:
    """The source of a transition in words."""
    parts = [" or ".join(sorted(states)) for _, states in transition.sources]
    return f"in {' and '.join(parts)}" if parts else "in any state"
