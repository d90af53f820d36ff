"""The index of a folder of pictures as a page in Markdown: a thumbnail of each, and what it shows, in words.

What may live here: words about pictures that are drawn elsewhere. What may not: a picture, and anything that looks into
a folder; what is written there is the business of `folder`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from mcfsm.pictures.flow import numbered
from mcfsm.pictures.markdown import markdown, row
from mcfsm.pictures.sequence import Caption

FILE = "README.md"  # shown with its folder where code is hosted
STEPS = "steps.md"
_WRITTEN = "Written with the pictures; do not edit."
_THUMBNAIL = 200  # pixels


@dataclass(frozen=True)
class IndexEntry:
    """What one picture shows: a role or a promise, and where. `files` are those that hold it, in order."""

    name: str
    files: tuple[str, ...]
    subject: str
    where: str
    verdict: str = ""  # of a flow: what it decides


@dataclass(frozen=True)
class FlowSteps:
    """A flow in words: what it is called, its caption, and a sentence for each step."""

    name: str
    caption: Caption
    sentences: tuple[str, ...]


def index_page(title: str, diagrams: Iterable[IndexEntry], flows: Iterable[IndexEntry], *, steps: bool = False) -> str:
    """The page: a table of state diagrams and a table of flows, in the order given; what is empty is left out.

    `steps`: the flows are told in words on a page beside this one.
    """
    lines = [f"# {markdown(title)}", "", _WRITTEN, ""]
    for heading, columns, entries in (
        ("Roles as state diagrams", ("role", "in", "picture"), list(diagrams)),
        ("Flows as sequence charts", ("promise", "in", "the flow shows", "picture"), list(flows)),
    ):
        if not entries:
            continue
        told = steps and bool(entries[0].verdict)
        lines += [f"## {heading}", ""]
        lines += [f"Each step in a sentence: [{STEPS}]({STEPS}).", ""] if told else []
        lines += [row(columns), "|---" * len(columns) + "|"]
        lines += [row(_cells(entry, told=told)) for entry in entries]
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


def steps_page(title: str, flows: Sequence[FlowSteps]) -> str:
    """Flows in words: under a heading each, the picture's caption and a numbered list."""
    lines = [f"# {markdown(title)}", "", _WRITTEN, ""]
    for flow in flows:
        lines += [f'## {markdown(flow.name)}<a id="{_anchor(flow.name)}"></a>', ""]
        lines += ["  \n".join(map(markdown, (flow.caption.title, *flow.caption.lines))), ""]
        lines += [*numbered(flow.sentences), ""]
    return "\n".join(lines[:-1]) + "\n"


def written_here(text: str) -> bool:
    """Whether a page is an index that was written here, and not somebody's own."""
    return _WRITTEN in text.splitlines()[:4]


def _anchor(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", name)


def _cells(entry: IndexEntry, *, told: bool) -> list[str]:
    pictures = " ".join(
        f'<a href="{quote(file)}"><img src="{quote(file)}" width="{_THUMBNAIL}" alt="{quote(entry.name)}"></a>'
        for file in entry.files
    )
    pictures += f" [steps]({STEPS}#{_anchor(entry.name)})" if told else ""
    said = [entry.subject, entry.where, *([entry.verdict] if entry.verdict else [])]
    return [*map(markdown, said), pictures]
