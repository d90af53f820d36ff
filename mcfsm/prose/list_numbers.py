"""The numbers that a word processor makes by itself: shown before a paragraph, and nowhere in its text.

A paragraph names a list and a level, or its style does. A list says for each of its levels where it starts, how its
numbers are written and what stands around them; lists of one form are counted together. ISO/IEC 29500-1, clauses 17.9
(numbering), 17.3.1.19 (of a paragraph) and 17.9.23 (of a style). What is shown is bounded, so that no file makes a long
text of a short one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mcfsm.prose.word_xml import W, value

Place = tuple[str, int]  # a list, by name, and one of its levels from 0 on
LEVELS = 9
BULLET = "\N{BULLET}"
_MOST = 32_767  # that a word processor counts to, and that is written in letters
_LONGEST = 64  # characters of a number
_BEHIND = {"space": " ", "nothing": ""}
_ROMAN = tuple(
    zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), "m cm d cd c xc l xl x ix v iv i".split(), strict=True)
)


@dataclass(frozen=True)
class Level:
    """A level of a list, as it is said."""

    start: int = 0
    format: str = "decimal"
    pattern: str = ""  # "%1.%2" is the number of the first level, a full stop, and that of the second
    behind: str = "\t"
    restarts: int | None = None  # behind which level it starts anew, from 1 on; 0: never; None: behind any above it
    decimal: bool = False  # whether all numbers of its pattern are written so
    style: str | None = None  # whose paragraphs stand on this level


@dataclass(frozen=True)
class NumberedList:
    """A list that paragraphs name. `anew`: where its levels start when it is first met."""

    form: str
    levels: Mapping[int, Level]
    anew: Mapping[int, int]


@dataclass(frozen=True)
class Style:
    """What a style of paragraphs says of numbers, and which it is based on."""

    based_on: str | None
    list: str | None
    level: str | None


@dataclass(frozen=True)
class Lists:
    """The lists of a document, and the styles that name them."""

    lists: Mapping[str, NumberedList] = field(default_factory=dict)
    styles: Mapping[str, Style] = field(default_factory=dict)
    usual_style: str | None = None

    def place(self, properties: Any) -> Place | None:
        """The list and the level of a paragraph with these properties; None where it has no number."""
        if not self.lists:
            return None
        own = None if properties is None else properties.find(f"{W}numPr")
        name, level = value(own, "numId"), value(own, "ilvl")
        if name is None:
            name, level = self._of_style(value(properties, "pStyle") or self.usual_style, level)
        if name is None or name not in self.lists:
            return None  # 0 is none of them: it takes the number of its style away
        return name, min(_number(level), LEVELS - 1)

    def _of_style(self, style: str | None, level: str | None) -> tuple[str | None, str | None]:
        """The list that a style names, or one that it is based on; and the level that the list has for it."""
        chain: dict[str, Style] = {}
        while style is not None and style in self.styles and style not in chain:
            chain[style] = self.styles[style]
            style = chain[style].based_on
        name = next((one.list for one in chain.values() if one.list is not None), None)
        if name is None or name not in self.lists:
            return name, level
        levels = self.lists[name].levels
        for one in chain:
            linked = [place for place, said in levels.items() if said.style == one]
            if linked:
                return name, str(linked[0])
        return name, level or next((one.level for one in chain.values() if one.level is not None), None)


class ListCount:
    """How far the lists of a document are counted, from its beginning to a paragraph."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists
        self._reached: dict[str, dict[int, int]] = {}  # form: level: number
        self._met: set[tuple[str, int]] = set()

    def next(self, place: Place | None) -> str | None:
        """What is shown before the next paragraph, with what is behind it; None where that cannot be said."""
        if place is None:
            return ""
        name, at = place
        listed = self._lists.lists[name]
        reached = self._reached.setdefault(listed.form, {})
        if at in listed.anew and place not in self._met:
            reached[at] = listed.anew[at]
        else:
            reached[at] = reached[at] + 1 if at in reached else _start(listed, at)
        self._met.add(place)
        for other in range(at):
            if other not in reached:
                reached[other] = _start(listed, other)
        for other in [other for other in reached if other > at]:
            restarts = listed.levels[other].restarts if other in listed.levels else None
            if restarts is None or at < restarts:
                del reached[other]
        return _shown(listed, at, reached)


def read_lists(numbering: Iterable[Any], styles: Iterable[Any]) -> Lists:
    """The lists of the elements of numbering.xml and styles.xml, each as it ends."""
    forms: dict[str, dict[int, Level]] = {}
    linked: dict[str, str] = {}
    named: list[Any] = []
    for element in numbering:
        if element.tag == f"{W}abstractNum":
            form = str(element.get(f"{W}abstractNumId"))
            forms[form] = {int(at): level for at, level in map(_level, element.iterchildren(f"{W}lvl"))}
            style = value(element, "numStyleLink")
            if style is not None:
                linked[form] = style
        elif element.tag == f"{W}num":
            named.append(element)
    found, usual = _styles(styles)
    names = {str(one.get(f"{W}numId")): value(one, "abstractNumId") or "" for one in named}
    for form, style in linked.items():  # it is that of the list which the style names
        forms[form] = forms.get(names.get((found[style].list if style in found else None) or "", ""), {})
    lists = {}
    for one in named:
        form = value(one, "abstractNumId") or ""
        if form in forms:
            levels, anew = dict(forms[form]), {}
            for override in one.iterchildren(f"{W}lvlOverride"):
                at = min(_number(override.get(f"{W}ilvl")), LEVELS - 1)
                levels.update(map(_level, override.iterchildren(f"{W}lvl")))
                start = value(override, "startOverride")
                if start is not None:
                    anew[at] = _number(start)
                    levels[at] = replace(levels.get(at, Level()), start=anew[at])
            lists[str(one.get(f"{W}numId"))] = NumberedList(form, levels, anew)
    lists.pop("0", None)
    return Lists(lists, found, usual)


def _styles(styles: Iterable[Any]) -> tuple[dict[str, Style], str | None]:
    found: dict[str, Style] = {}
    usual = None
    for element in styles:
        if element.tag == f"{W}style" and element.get(f"{W}type") in (None, "paragraph", "numbering"):
            name = str(element.get(f"{W}styleId"))
            properties = element.find(f"{W}pPr")
            numbers = None if properties is None else properties.find(f"{W}numPr")
            found[name] = Style(value(element, "basedOn"), value(numbers, "numId"), value(numbers, "ilvl"))
            if element.get(f"{W}default") in ("1", "true", "on") and element.get(f"{W}type") == "paragraph":
                usual = name
    return found, usual


def _level(element: Any) -> tuple[int, Level]:
    restarts, legal = value(element, "lvlRestart"), element.find(f"{W}isLgl")
    level = Level(
        start=_number(value(element, "start")),
        format=value(element, "numFmt") or "decimal",
        pattern=(value(element, "lvlText") or "")[:_LONGEST],
        behind=_BEHIND.get(value(element, "suff") or "", "\t"),
        restarts=None if restarts is None else _number(restarts),
        decimal=legal is not None and legal.get(f"{W}val") not in ("0", "false", "off"),
        style=value(element, "pStyle"),
    )
    return min(_number(element.get(f"{W}ilvl")), LEVELS - 1), level


def _number(said: str | None) -> int:
    """A number as a file says it: 0 where it says none, and never more than is counted to."""
    return min(int(said), _MOST) if said is not None and re.fullmatch(r"[0-9]{1,9}", said) else 0


def _start(listed: NumberedList, at: int) -> int:
    return listed.levels[at].start if at in listed.levels else 0


def _shown(listed: NumberedList, at: int, reached: Mapping[int, int]) -> str | None:
    """The number of a level as its pattern has it."""
    level = listed.levels.get(at)
    if level is None:
        return ""
    if level.format == "bullet":
        return BULLET + level.behind
    parts = re.split(r"%([1-9])", level.pattern)
    for place in range(1, len(parts), 2):
        which = int(parts[place]) - 1
        format_ = "decimal" if level.decimal else listed.levels.get(which, level).format
        written = _written(reached[which], format_) if which in reached else ""
        if written is None:
            return None
        parts[place] = written
    shown = "".join(parts).strip()
    return None if len(shown) > _LONGEST else shown + level.behind if shown else ""


def _written(number: int, format_: str) -> str | None:
    """A number in a format; None where the format is none of those that specifications have."""
    if format_ in ("none", "bullet"):
        return ""
    if format_ == "decimalZero":
        return f"{number:02}"
    if format_ == "decimal" or not 0 < number <= _MOST:
        return str(number)
    written = {"Letter": _letters, "Roman": _roman}.get(format_[5:])
    if written is None or format_[:5] not in ("lower", "upper"):
        return None
    return written(number) if format_.startswith("lower") else written(number).upper()


def _letters(number: int) -> str:
    """a to z, aa to zz, and so on; behind 30 of them, a again."""
    times, letter = divmod((number - 1) % (26 * 30), 26)
    return chr(ord("a") + letter) * (times + 1)


def _roman(number: int) -> str:
    written = ""
    for worth, letters in _ROMAN:
        times, number = divmod(number, worth)
        written += letters * times
    return written
