"""Why no fair run waits for ever: a rank for every state that waits, checked step by step.

A state in which the goal is still to come has a list of ranks, each with the fairness set that helps there. The last
set is enabled there, those before are not. No step leads to a later list, and one that takes the last set leads to an
earlier one, or to the beginning of its own. So a run that never
comes to the goal keeps its first rank from some state on. Where that set is owed whenever it stays enabled (weakly),
it ends the list of every state with this rank: it is enabled for ever and never taken, so the run is not fair. Where it
is owed when it is enabled again and again (strongly), it is enabled no more from some state on, and the same is said of
the second rank, until a list ends. (Lehmann, Pnueli and Stavi, Impartiality, justice and fairness, ICALP 1981; Manna
and Pnueli, Completing the temporal picture, TCS 83, 1991.)
"""

from __future__ import annotations

from mcfsm.evidence.records import Claim, NoEvidence, Ranks
from mcfsm.evidence.states import fair_set_text
from mcfsm.model import Model
from mcfsm.semantics.fairness import FairSet, strength
from mcfsm.semantics.properties import LivenessMonitor
from mcfsm.semantics.status import of_runs
from mcfsm.semantics.steps import State


class Ranking:
    """The ranks of a claim, held against every state and its steps."""

    def __init__(self, model: Model, claim: Claim, ranks: dict[int, Ranks], states: int) -> None:
        self.model, self.claim, self.ranks = model, claim, ranks
        self.monitor, self.held = LivenessMonitor(model, model.liveness_property_of[claim.id]), False
        self.number = {text: number for number, text in enumerate(claim.sets or ())}
        self.goal, self.needed = bytearray(states), bytearray(states)  # where it holds, and where it has to
        self.again: set[int] = set()  # sets that must be owed when they are enabled again and again
        self._sets: dict[FairSet | None, tuple[int, str]] = {None: (-1, "none")}

    def look(self, number: int, state: State, initial: bool, leaving: list[tuple[FairSet | None, int]]) -> None:
        """Look at a state, and at its steps: the fairness set of each, and where it leads. Raises NoEvidence."""
        cause, goal = self.monitor.values(state, initial=initial)
        self.held, self.goal[number] = self.held or cause, goal
        ranks = self.ranks.get(number)
        if ranks is None:
            if cause and not goal:
                raise NoEvidence(f"{self.claim.id}: state {number} waits, and has no rank")
            return
        enabled = dict(self.known(set_) for set_, _ in leaving)
        *others, last = ranks[1::2]
        if enabled.get(last, "none") == "none" or any(set_ in enabled for set_ in others):
            raise NoEvidence(f"{self.claim.id}: the sets of state {number} are not enabled as its rank says")
        self.again.update(others)
        for set_, target in leaving:
            after = self.ranks.get(target)
            if after is None:
                self.needed[target] = 1
            elif not (earlier(after, ranks) or together(after, ranks, taken=self.known(set_)[0] == last)):
                raise NoEvidence(f"{self.claim.id}: a step from state {number} to state {target} does not go down")

    def known(self, set_: FairSet | None) -> tuple[int, str]:
        """The number of a fairness set in the file, or less than none, and what of it is owed."""
        found = self._sets.get(set_)
        if found is None:
            assert set_ is not None
            assert self.claim.fairness is not None
            number = self.number.get(fair_set_text(self.model, set_), -1 - len(self._sets))
            found = self._sets[set_] = number, strength(self.claim.fairness, set_)
        return found

    def status(self) -> str | None:
        """What the ranks prove, now that every state was looked at; None where they do not."""
        if any(needed and not goal for needed, goal in zip(self.needed, self.goal, strict=True)):
            return None
        if any(number in self.again and owed != "strong" for number, owed in self._sets.values()):
            return None
        return of_runs(broken=False, complete=True, held=self.held)


def earlier(after: Ranks, before: Ranks) -> bool:
    """Whether a list of ranks comes before another: at the first place where they differ the rank is smaller."""
    for at in range(0, min(len(after), len(before)), 2):
        if after[at] != before[at]:
            return after[at] < before[at]
        if after[at + 1] != before[at + 1]:
            return False
    return False


def together(after: Ranks, before: Ranks, *, taken: bool) -> bool:
    """Whether one list of ranks begins the other, and the step does not take the last set while it is still waited for.

    Such a step goes neither down nor up. A shorter list waits for a set that is enabled again.
    """
    shorter = min(len(after), len(before))
    return after[:shorter] == before[:shorter] and not (taken and len(after) >= len(before))
