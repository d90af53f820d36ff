"""What a name may be, and how many there may be of them: whatever declares something asks here."""

from __future__ import annotations

import keyword
from collections.abc import Iterable

from mcfsm.expressions.functions import FUNCTIONS
from mcfsm.expressions.parse import MOST_NAME, RESERVED, SourceText, is_name
from mcfsm.language.files.wording import nameable
from mcfsm.problems import Problems, shorten

MOST_LISTED = 1000  # values of an enumeration, states of a role, elements of a message


def check_name(
    problems: Problems, name: SourceText, kind: str, words: Iterable[str] = frozenset({*RESERVED, *FUNCTIONS})
) -> bool:
    """Whether a text can be a name in expressions, and is none of the words that mean something else; noted (M307)."""
    if name in words:
        what = "function" if name in FUNCTIONS else "word"
        message = f"{name} is a {what} of the language and cannot name a {kind}"
        problems.add("M307", name.span, message, f"choose another, such as the_{name}")
        return False
    if keyword.iskeyword(name):
        hint = f"{name} is a word of Python, which expressions follow: choose another"
        problems.add("M307", name.span, f"'{name}' cannot name a {kind}", hint)
        return False
    return check_title(problems, name, kind)


def check_shown(problems: Problems, name: SourceText, kind: str, *, filed: bool = False) -> None:
    """Note a name that nothing reads but people, and that cannot be shown as it is, or `filed` (M307)."""
    if not nameable(name, filed=filed):
        hint = "one line of characters that can be seen" + (", without / and \\, and no dot first" if filed else "")
        problems.add("M307", name.span, f"'{shorten(name)}' cannot name a {kind}", hint)


def check_title(problems: Problems, name: SourceText, kind: str) -> bool:
    """Whether a text can name something that no expression speaks of; noted (M307) where it cannot."""
    if not is_name(name):
        hint = f"letters, digits and _, not beginning with a digit, at most {MOST_NAME}"
        problems.add("M307", name.span, f"'{shorten(name)}' cannot name a {kind}", hint)
        return False
    return True


def check_count(problems: Problems, name: SourceText, count: int, what: str, most: int = MOST_LISTED) -> None:
    """Note that there is too much of something (M104)."""
    if count > most:
        problems.add("M104", name.span, f"{name} has {count:,} {what}; at most {most:,} are taken")


def check_twice(problems: Problems, names: Iterable[SourceText], kind: str, where: str) -> None:
    """Note what stands twice in a list (M311)."""
    seen: set[str] = set()
    for name in names:
        if str(name) in seen:
            problems.add("M311", name.span, f"{kind} {name} stands twice in {where}")
        seen.add(str(name))
