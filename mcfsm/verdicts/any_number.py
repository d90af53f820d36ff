"""Which verdicts of a run hold for any number of users, and what stands in the way where that is not shown.

The claims are read off the model. What is asked of the run is that it proved the promise for the users that there are,
on the whole model; and of its first state, that parts of a promise that ask about all users at once have nothing to say
of those who do nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mcfsm.expressions.evaluate import JOINT, LINKS, EvaluationError
from mcfsm.model import Model
from mcfsm.model.independence.claims import NumberClaim, claims
from mcfsm.model.independence.effects import MixedUsers
from mcfsm.semantics.codes import code_of
from mcfsm.semantics.product import Product
from mcfsm.verdicts.verdict import Run


def with_any_number(run: Run) -> Run:
    """The run with claims of any number of users in each PROVED, one for each kind of users.

    What holds for any number is said in the verdict's reason, too. There are none where transitions were left out.
    """
    proved = {verdict.id for verdict in run.verdicts if verdict.status == "PROVED"}
    found: dict[str, list[NumberClaim]] = {}
    for claim in () if run.restricted else claims(run.model, proved):
        deciding = tuple(decided_by_others(run.model, claim))
        found.setdefault(claim.id, []).append(replace(claim, obstacles=(*claim.obstacles, *deciding)))
    told = []
    for verdict in run.verdicts:
        mine = tuple(found.get(verdict.id, ()))
        reason = "; ".join([verdict.reason, *(f"for {claim}" for claim in mine if claim.shown)])
        told.append(replace(verdict, reason=reason, any_number=mine))
    return replace(run, verdicts=tuple(told))


def decided_by_others(model: Model, claim: NumberClaim) -> Iterator[MixedUsers]:
    """The first part of a promise that asks about all users, and that one who has done nothing yet would decide."""
    if not claim.atoms:
        return
    frame = {JOINT: Product(model).initial(), LINKS: tuple((one.sender, one.receiver) for one in model.channels)}
    for node, wanted in claim.atoms:
        try:
            decides = bool(code_of(node)(frame)) is not wanted
        except EvaluationError:
            decides = True
        if decides:
            yield MixedUsers(None, f"{claim.id} asks about all users, and one who does nothing would decide it")
            return
