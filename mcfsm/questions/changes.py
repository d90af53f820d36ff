"""The change requests that a model's files propose, with the parts that each touches, and where two touch the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mcfsm.language.changes.apply import all_edits, apply, overlaps, select
from mcfsm.language.files.reader import read_baseline
from mcfsm.problems import Span


@dataclass(frozen=True)
class Touched:
    """What a change does to one part, the items of the text that say so (or an assumption), and where it is written."""

    said: str
    grounds: tuple[str, ...]
    span: Span


@dataclass(frozen=True)
class Proposal:
    """A change request."""

    id: str
    title: str
    base: str | None
    clauses: tuple[str, ...]
    default: bool  # whether it applies where nobody says otherwise
    candidate: bool  # whether it is a correction to be judged, and no change request that is pending
    parts: tuple[Touched, ...]


@dataclass(frozen=True)
class Overlap:
    """Two changes that touch the same part, or one a part and the other what holds it."""

    changes: tuple[str, str]
    parts: tuple[Touched, Touched]


@dataclass(frozen=True)
class Proposals:
    """Change requests of a model as listed, and where they overlap."""

    path: str
    changes: tuple[Proposal, ...]
    overlaps: tuple[Overlap, ...]
    left_out: int = 0  # candidate corrections that were not asked for


def proposals(path: Path | str, names: Iterable[str] | None = None, *, candidates: bool = True) -> Proposals:
    """The change requests of a model, or those of some names; where None is given, with its `candidates` or without.

    Raises ModelError where the model is wrong, or one of them applied alone is, and for unknown names.
    """
    baseline = read_baseline(path)
    usual = baseline.changes if candidates else baseline.listed(candidates=False)
    chosen = {name: baseline.changes[name] for name in select(baseline, usual if names is None else names)}
    edits = {name: all_edits(baseline, name) for name in chosen}
    for name in chosen:
        apply(baseline, [name])
    touched = {
        id(edit): Touched(edit.said, edit.grounds, edit.name.span) for listed in edits.values() for edit in listed
    }
    changes = [
        Proposal(
            name,
            str(change.title),
            None if change.base is None else str(change.base),
            tuple(map(str, change.clauses)),
            name in baseline.default,
            change.candidate == "true",
            tuple(touched[id(edit)] for edit in edits[name] if edit.kind != "labels"),  # words for readers alone
        )
        for name, change in chosen.items()
    ]
    together = [
        Overlap((one.change, other.change), (touched[id(one)], touched[id(other)]))
        for one, other in overlaps(edit for listed in edits.values() for edit in listed)
    ]
    left_out = 0 if names is not None or candidates else len(baseline.changes) - len(chosen)
    return Proposals(str(path), tuple(changes), tuple(together), left_out)
