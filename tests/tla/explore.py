"""The states of a module, and how many TLC would say that it generated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tla.evaluate import Meaning, State
from tla.parser import parse
from tla.values import Refused, Value, truth


@dataclass
class Explored:
    """What was found: distinct states, states generated, and which definitions do not hold in some state."""

    states: int = 0
    generated: int = 0
    violated: set[str] = field(default_factory=set)


KEYWORDS = {word: word for word in ("SPECIFICATION", "CHECK_DEADLOCK", "CONSTANTS", "CONSTRAINT")}
KEYWORDS |= dict.fromkeys(("INVARIANT", "INVARIANTS"), "INVARIANT")
KEYWORDS |= dict.fromkeys(("PROPERTY", "PROPERTIES"), "PROPERTY")


def configured(text: str) -> dict[str, list[str]]:
    """What a configuration of TLC says: each keyword with the words behind it."""
    found: dict[str, list[str]] = {}
    last: list[str] = []
    for line in text.splitlines():
        for word in line.partition("\\*")[0].replace("=", " = ").split():
            if word in KEYWORDS:
                last = found.setdefault(KEYWORDS[word], [])
            else:
                last.append(word)
    return found


def meaning(text: str) -> Meaning:
    """The meaning of a module's text."""
    return Meaning(parse(text))


def explored(
    what: Meaning, invariants: Iterable[str] = (), constraint: str | None = None, most: int = 1_000_000
) -> Explored:
    """All states of a module, from Init by Next. Raises Refused where TLC would stop.

    States where a constraint does not hold are generated, asked for invariants, and otherwise no states, as with TLC.
    """
    names = tuple(what.module.variables)
    begin = what.ways(("call", "Init", [], 0), initial=True)
    after = what.ways(("call", "Next", [], 0))
    found, asked = Explored(), list(invariants)
    seen: set[tuple[Value, ...]] = set()
    waiting: list[State] = []
    within = None if constraint is None else what.code(("call", constraint, [], 0))

    def meet(state: State) -> None:
        missing = [name for name in names if name not in state]
        if missing:
            raise Refused(f"the next state does not say what {', '.join(missing)} is")
        found.generated += 1
        key = tuple(state[name] for name in names)
        if within is not None and not truth(within({}, state, None)):
            found.violated.update(one for one in asked if not truth(what.evaluate(one, state)))
        elif key not in seen:
            seen.add(key)
            waiting.append(state)
            found.violated.update(one for one in asked if not truth(what.evaluate(one, state)))
            if len(seen) > most:
                raise AssertionError(f"more than {most} states")

    for state in begin({}, {}, {}):
        meet(state)
    while waiting:
        state = waiting.pop()
        for then in after({}, state, {}):
            meet(then)
    found.states = len(seen)
    return found
