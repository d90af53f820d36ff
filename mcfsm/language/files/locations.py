"""Where the parts of a model are declared: for reports on parts that a resolved model knows by name only."""

from __future__ import annotations

from mcfsm.language.files.document import Document, elements_of
from mcfsm.language.resolving.roles import transition_ids
from mcfsm.problems import Problems, Span


class Places:
    """The places of states, messages and transitions in a document; None for what it does not declare."""

    def __init__(self, document: Document) -> None:
        self._messages = {str(name): name.span for name in document.messages}
        self._elements = {
            (str(name), str(element).removesuffix("?")): element.span
            for name, form in document.messages.items()
            for element in elements_of(form)
        }
        self._states: dict[tuple[str, str], Span] = {}
        for name, role in document.roles.items():
            listed = [role.states or [], *(region.states for region in role.regions.values())]
            self._states.update({(str(name), str(state)): state.span for states in listed for state in states})
        ids = transition_ids(document.roles, Problems())
        self._transitions = {ids[id(part)]: part for role in document.roles.values() for part in role.transitions}

    def state(self, role: str, state: str) -> Span | None:
        """Where a state of a role is listed."""
        return self._states.get((role, state))

    def message(self, message: str) -> Span | None:
        """Where a message is declared."""
        return self._messages.get(message)

    def element(self, message: str, element: str) -> Span | None:
        """Where an element of a message is declared."""
        return self._elements.get((message, element))

    def transition(self, transition: str) -> Span | None:
        """Where a transition begins."""
        part = self._transitions.get(transition)
        return None if part is None else part.span

    def send(self, transition: str, message: str) -> Span | None:
        """Where a transition sends a message, first."""
        part = self._transitions.get(transition)
        sends = (name for item in part.send for name in item) if part is not None else ()
        return next((name.span for name in sends if name == message), self.transition(transition))
