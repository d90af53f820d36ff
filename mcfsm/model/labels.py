"""What things are called where people read: the label that a model gives, else the id. Whoever shows a name asks here.

A label is a word for readers alone. No step, no verdict and no digest depends on one, so a model with labels and the
same model without are one model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "scenario", "role", "region", "state", "instance", "group", "message", "element", "transition", "constant",
    "value", "property",
]  # fmt: skip
_BY_ID: ContextVar[bool] = ContextVar("by_id", default=False)
_SPELLED_WITH_A_VOWEL = frozenset("AEFHILMNORSX")  # an MC system
_SOUNDED_WITHOUT = ("uni", "use", "usa", "usu", "uti", "eu", "one")  # a user


@contextmanager
def by_id() -> Iterator[None]:
    """As long as this lasts, everything is called by its id."""
    token = _BY_ID.set(True)
    try:
        yield
    finally:
        _BY_ID.reset(token)


@dataclass(frozen=True)
class Labels:
    """The labels of one scenario; of what has none, and inside `by_id` of everything, the id."""

    given: Mapping[tuple[str, ...], str] = field(default_factory=dict)  # kind, owner if any, id

    def label(self, kind: Kind, *path: str) -> str | None:
        """The label itself: of an element the path is message and name, of a state role and name; None without one."""
        return None if _BY_ID.get() else self.given.get((kind, *path))

    def of(self, kind: Kind, *path: str) -> str:
        """The words for a thing."""
        return self.label(kind, *path) or path[-1]

    def scenario(self, name: str) -> str:
        """The words for a scenario."""
        return self.of("scenario", name)

    def role(self, name: str) -> str:
        """The words for a role: MC service client."""
        return self.of("role", name)

    def region(self, role: str, name: str) -> str:
        """The words for a region of a role."""
        return self.of("region", role, name)

    def state(self, role: str, name: str) -> str:
        """The words for a state of a role: waiting for the partner."""
        return self.of("state", role, name)

    def instance(self, name: str) -> str:
        """The words for an instance: MC service client 2."""
        return self.of("instance", name)

    def group(self, name: str) -> str:
        """The words for a group of instances."""
        return self.of("group", name)

    def message(self, name: str) -> str:
        """The words for a message: Registration request."""
        return self.of("message", name)

    def element(self, message: str, name: str) -> str:
        """The words for an element of a message: MC service ID."""
        return self.of("element", message, name)

    def transition(self, id_: str) -> str:
        """What an instance does by a transition, in words that follow its name: decides to migrate."""
        return self.of("transition", id_)

    def constant(self, name: str) -> str:
        """The words for a reading or an option."""
        return self.of("constant", name)

    def value(self, constant: str, name: str) -> str:
        """The words for a value of a reading or an option."""
        return self.of("value", constant, name)

    def choice(self, constant: str, value: str) -> str:
        """A reading or an option with its value: "Order of messages: kept", or by id message_order=kept."""
        if self.label("constant", constant) is None and self.label("value", constant, value) is None:
            return f"{constant}={value}"
        return f"{self.constant(constant)}: {self.value(constant, value)}"

    def property(self, id_: str) -> str:
        """The words for a property: a title, shorter than its text."""
        return self.of("property", id_)


def in_all(several: Iterable[Labels]) -> Labels:
    """The labels of several variants together: what two call differently has the words of the first."""
    given: dict[tuple[str, ...], str] = {}
    for labels in {id(labels): labels for labels in several}.values():
        given = {**labels.given, **given}
    return Labels(given)


def with_article(words: str) -> str:
    """The words with a or an before them, as they are spoken: an MC system, a user, an answer."""
    first = words.split(maxsplit=1)[0] if words.split() else ""
    if len(first) > 1 and first.isupper():
        vowel = first[0] in _SPELLED_WITH_A_VOWEL
    else:
        vowel = first[:1].lower() in tuple("aeiou") and not first.lower().startswith(_SOUNDED_WITHOUT)
    return f"{'an' if vowel else 'a'} {words}"
