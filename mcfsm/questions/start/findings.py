"""The findings of the migration model as docs/findings.md lists them: what is broken, where, and where it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mcfsm.questions.start.shared import shared

_LISTED = re.compile(r"^\| \d+ \| \[(.*?)\]\(#f\d+\) \((F\d+)\) \| (.*?) \| (.*?) \| (.*?) \|$", re.M)
_FOUND = re.compile(r"^\| (F\d+) \| (\w+) \| `(.*?)` \| `(.*?)` \| .*? \|$", re.M)


@dataclass(frozen=True)
class Finding:
    """A promise that a text breaks: a sentence, the clause, what it means for a user, and the options that show it."""

    id: str
    title: str
    clause: str
    for_user: str
    mended_by: str
    promise: str
    broken: tuple[str, ...]  # options of mcfsm check under which it is broken
    holds: tuple[str, ...]  # and under which it holds


def findings() -> dict[str, Finding]:
    """Each finding by its id, in the order of the page. Raises FileNotFoundError where the page did not come along."""
    page = (shared("docs") / "findings.md").read_text(encoding="utf-8")
    options = {name: rest for name, *rest in _FOUND.findall(page)}
    return {
        name: Finding(
            name, title, clause, for_user, mended.replace("`", ""), promise, tuple(broken.split()), tuple(holds.split())
        )
        for title, name, clause, for_user, mended in _LISTED.findall(page)
        for promise, broken, holds in [options[name]]
    }
