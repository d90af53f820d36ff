"""Which promises hold for any number of users, and what mixes users where that is not shown, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from mcfsm.model.independence.claims import NumberClaim
from mcfsm.model.independence.effects import MixedUsers
from mcfsm.model.independence.users import users_of
from mcfsm.report.style import differing, wrapped
from mcfsm.verdicts.verdict import Run


def any_number_of(runs: Sequence[Run], width: int) -> Iterator[RenderableType]:
    """A paragraph for each run and each kind of users: of every PROVED, that it is shown, or what stands in the way."""
    without = [run for run in runs if not any(verdict.any_number for verdict in run.verdicts)]
    for said in dict.fromkeys(map(_why_none, without)):
        yield wrapped(f"Any number of users: not asked, as {said}", width)
        yield Text("")
    for run, variant in zip(runs, differing([run.model for run in runs]), strict=True):
        claims = [claim for verdict in run.verdicts for claim in verdict.any_number]
        for groups in dict.fromkeys(claim.users.groups for claim in claims):
            yield Text(f"Any number of {' and '.join(groups)}", style="bold")
            if variant:
                yield Text(f"  {variant}", style="dim")
            mine = [claim for claim in claims if claim.users.groups == groups]
            widest = max(len(claim.id) for claim in mine)
            for claim in mine:
                said = f"{claim.id.ljust(widest)}  {in_words(claim, alone=len(mine) == 1)}"
                yield Padding(wrapped(said, width - 2, widest + 2, "" if claim.shown else "yellow"), (0, 0, 0, 2))
            if len(mine) == 1:  # asked about alone
                for obstacle in _further(mine[0]):
                    yield Padding(wrapped(_placed(obstacle), width - widest - 4, 2, "yellow"), (0, 0, 0, widest + 4))
            yield Text("")


def _why_none(run: Run) -> str:
    """Why nothing is claimed of a run."""
    if not users_of(run.model):
        return "the instances of this scenario stand alone: none are a group."
    return "transitions were left out." if run.restricted else "nothing is PROVED."


def in_words(claim: NumberClaim, *, alone: bool = False) -> str:
    """What is known: "PROVED, by independence", or "not shown: " with the first place that is known, and why.

    `alone`: what else stands in the way is said below.
    """
    if claim.shown:
        return "PROVED, by independence"
    more = len(_further(claim))
    said = f" (and {more} more: --property {claim.id} lists them)" if more and not alone else ""
    return f"not shown: {_placed(_first(claim))}{said}"


def _first(claim: NumberClaim) -> MixedUsers:
    return next((one for one in claim.obstacles if one.span is not None), claim.obstacles[0])


def _further(claim: NumberClaim) -> list[MixedUsers]:
    """What else stands in the way, behind the first."""
    return [one for one in claim.obstacles if one is not _first(claim)] if claim.obstacles else []


def _placed(obstacle: MixedUsers) -> str:
    at = "" if obstacle.span is None else f"{obstacle.span.file}:{obstacle.span.line}: "
    return f"{at}{obstacle.said}"
