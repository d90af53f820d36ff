"""Where the parts of a model are declared: for reports on parts that a resolved model knows by name only."""

from __future__ import annotations

from mcfsm.language.document import Document
from mcfsm.problems import Span


class Places:
    """The places of states and messages in a document; None for what it does not declare."""

    def __init__(self, document: Document) -> None:
        self._messages = {str(name): name.span for name in document.messages}
        self._states: dict[tuple[str, str], Span] = {}
        for name, role in document.roles.items():
            listed = [role.states or [], *(region.states for region in role.regions.values())]
            self._states.update({(str(name), str(state)): state.span for states in listed for state in states})

    def state(self, role: str, state: str) -> Span | None:
        """Where a state of a role is listed."""
        return self._states.get((role, state))

    def message(self, message: str) -> Span | None:
        """Where a message is declared."""
        return self._messages.get(message)
