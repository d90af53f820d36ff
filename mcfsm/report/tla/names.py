"""What things of a model are called in a module: as in the model, with an underscore where TLA+ has the name.

TLA+ forbids a name that means something already, also where it would be bound anew. So what a quantifier binds is
called as nothing else in the module is, and as nothing that is bound around it.
"""

from __future__ import annotations

import re

from mcfsm.model import Model

_WORDS = """
ACTION ASSUME ASSUMPTION AXIOM BOOLEAN BY CASE CHOOSE CONSTANT CONSTANTS COROLLARY DEF DEFINE DEFS DOMAIN ELSE ENABLED
EXCEPT EXTENDS FALSE HAVE HIDE IF IN INSTANCE LAMBDA LEMMA LET LOCAL MODULE NEW OBVIOUS OMITTED ONLY OTHER PICK PROOF
PROPOSITION PROVE QED RECURSIVE STATE STRING SUBSET SUFFICES TAKE TEMPORAL THEN THEOREM TRUE UNCHANGED UNION USE
VARIABLE VARIABLES WITH WITNESS
"""  # that the grammar has
_STANDARD = """
Nat Int Real Seq Len Append Head Tail SubSeq SelectSeq Cardinality IsFiniteSet Any Assert JavaTime Permutations Print
PrintT RandomElement SortSeq TLCEval TLCGet TLCSet ToString
"""  # that the modules define which are extended
_OWN = """
vars none absent channel left frozen c e h k m self sender msg sends before after events Order Channels Fifos Bags
Sets Bound WhenFull Budgets Lost Holds Min Max Sum MapOf More Fewer Held Waiting Without Joined HasRoom Fired Received
Delivered Fits Cut Take TakeOne Sendable Send Sent Local Losses Copies Swaps Corrupted Corruptions Handled Ignored
Tails Alike Receivers Deferred Down Fate Offered Receive Ignore Restart Freeze Somebody Environment Next Init Spec Weak
Strong WeakSpec StrongSpec AllRest Overflows Deadlock Unspecified Overflow TypeOK Within NoDeadlock NoUnspecified
NoOverflow
"""  # that a module says of itself
_INSIDE = "b f i n q s x y S"  # what is bound in definitions that say nothing of the model
RESERVED = frozenset(f"{_WORDS} {_STANDARD} {_OWN} {_INSIDE}".split())
_KEPT = frozenset(_WORDS.split())
_FREE = frozenset(_INSIDE.split())


class ModuleNames:
    """The names of a module: each of its own."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._given: dict[tuple[str, str], str] = {}
        self._used: set[str] = set(RESERVED)
        self._bound: set[str] = set()

    def top(self, sort: str, text: str) -> str:
        """The name of something that is declared or defined: of one sort and text always the same."""
        found = self._given.get((sort, text))
        if found is None:
            found = self._given[sort, text] = _free(text, self._used | self._bound)
            self._used.add(found)
        return found

    def action(self, text: str) -> str:
        """The name of an action, beside which stand its condition and what it sends: `_if` and `_sends`."""
        found = self._given.get(("action", text))
        if found is None:
            taken = self._used | self._bound
            found = _free(text, taken)
            while not taken.isdisjoint((f"{found}_if", f"{found}_sends")):
                found = _free(f"{found}_", taken)
            self._given["action", text] = found
            self._used |= {found, f"{found}_if", f"{found}_sends"}
        return found

    def bound(self, text: str, around: frozenset[str]) -> str:
        """The name of something that is bound for an expression, `around` which other names are bound."""
        found = _free(text, (self._used - _FREE) | around)
        self._bound.add(found)
        return found

    def field(self, text: str) -> str:
        """The name of a field of a record; fields have names of their own."""
        found = self._given.get(("field", text))
        if found is None:
            fields = {name for (sort, _), name in self._given.items() if sort == "field"}
            found = self._given["field", text] = _free(text, fields | _KEPT)
        return found


def _free(text: str, used: frozenset[str] | set[str]) -> str:
    """An identifier of TLA+ like a text: letters, digits and underscores, a letter first."""
    found = re.sub(r"\W+", "_", text, flags=re.ASCII)
    if not re.match("[A-Za-z]", found) or found.startswith(("WF_", "SF_")):
        found = f"x{found}"
    while found in used:
        found += "_"
    return found


def quoted(text: str) -> str:
    """A text as a string of TLA+."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def comment(text: str) -> str:
    """A text as it may stand in a comment of one line: nothing in it begins or ends one, or a module."""
    plain = re.sub(r"([-=])\1{3,}", r"\1\1\1", " ".join(text.split()))
    return plain.replace("(*", "( *").replace("*)", "* )")
