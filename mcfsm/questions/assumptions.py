"""Where the text is silent: every sentence that a model assumes, with the parts that rest on it.

Asked of a model as written, as `clauses` is: the text, and the text with each change by itself, candidate corrections
among them. Nothing is explored; which verdict an assumption decides is what `mcfsm why` and `--normative` are asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mcfsm.language.changes.apply import Baseline, apply
from mcfsm.language.files.document import Document
from mcfsm.language.files.reader import read_baseline
from mcfsm.language.resolving.roles import transition_ids
from mcfsm.problems import Problems

HolderKind = Literal["transition", "property", "scenario", "edit"]
KINDS: tuple[HolderKind, ...] = ("transition", "property", "scenario", "edit")
_SAID = "Assumption: "  # in the text of a scenario, which has no key for it


@dataclass(frozen=True)
class Holder:
    """A part that rests on an assumption; `change` is the one that brings it, None where the text has it."""

    name: str
    change: str | None = None


@dataclass(frozen=True)
class Assumption:
    """A sentence that the text does not have, and the parts of one kind that rest on it."""

    kind: HolderKind
    sentence: str
    holders: tuple[Holder, ...]


@dataclass(frozen=True)
class Assumptions:
    """The assumptions of a model by kind of part, each once, in the order of the files."""

    path: str
    title: str
    changes: tuple[str, ...]
    found: tuple[Assumption, ...]


def assumptions(path: Path | str, *others: Path | str) -> Assumptions:
    """What a model, or several of one text, and each of their changes assume. Raises ModelError where one is wrong."""
    baselines = [(one, read_baseline(one)) for one in (path, *others)]
    holders: dict[tuple[HolderKind, str], dict[str, Holder]] = {}
    for change, kind, name, sentence in (found for _, baseline in baselines for found in _assumed(baseline)):
        said = any((part, sentence) in holders for part in KINDS if part != kind)
        if kind != "edit" or not said:  # else the parts that the edit brings say the same
            holders.setdefault((kind, sentence), {}).setdefault(name, Holder(name, change))
    found = tuple(
        Assumption(kind, sentence, tuple(mine.values()))
        for wanted in KINDS
        for (kind, sentence), mine in holders.items()
        if kind == wanted
    )
    return Assumptions(
        " ".join(str(one) for one, _ in baselines),
        "; ".join(str(baseline.document.model) for _, baseline in baselines),
        tuple(dict.fromkeys(change for _, baseline in baselines for change in baseline.changes)),
        found,
    )


def _assumed(baseline: Baseline) -> Iterator[tuple[str | None, HolderKind, str, str]]:
    """Each change (None: the text as it is), with the kind, the name and the sentence of each part that assumes."""
    for change in (None, *baseline.changes):
        document = baseline.document if change is None else apply(baseline, [change])
        yield from ((change, *part) for part in assuming_parts(document))
    for change, file in baseline.changes.items():
        for edit in file.edits:
            if edit.assumption is not None:
                yield change, "edit", str(file.title), str(edit.assumption)


def assuming_parts(document: Document) -> Iterator[tuple[HolderKind, str, str]]:
    """Each part of a document that rests on an assumption: its kind, its name, and the sentence."""
    ids = transition_ids(document.roles, Problems())
    for role in document.roles.values():
        for line in role.transitions:
            if line.assumption is not None:
                yield "transition", ids[id(line)], str(line.assumption)
    for name, part in document.properties.items():
        if part.assumption is not None:
            yield "property", str(name), str(part.assumption)
    for name, scenario in document.scenarios.items():
        _, said, sentence = str(scenario.text or "").partition(_SAID)
        if said:
            yield "scenario", str(name), sentence[0].upper() + sentence[1:]
