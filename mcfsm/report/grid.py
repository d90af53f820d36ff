"""Scenario by property in one grid, a mark for each verdict: rows that can be printed one by one, then what they say.

What may live here: how the grid is laid out. It is never cut: what it has no room for, it says in words.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.text import Text

from mcfsm.model import CHECKS
from mcfsm.model.labels import Labels
from mcfsm.problems import counted
from mcfsm.report.style import (
    COLOURS,
    MARK,
    apart,
    at_the_margin,
    briefly,
    constants,
    differing,
    left_out,
    together,
    wrapped,
)
from mcfsm.verdicts.verdict import Run, Verdict

MARKS = {"PROVED": "·", "VIOLATED": "x", "INCOMPLETE": "?", "VACUOUS": "o"}
WRONG = "!"  # whatever the status is, where it is not what was expected
_SAID = {"PROVED": "proved", "VIOLATED": "violated as expected", "INCOMPLETE": "incomplete", "VACUOUS": "vacuous"}
_SHORT = 3  # characters of a name with a number that stands above its column, one below the other


class Grid:
    """The rows of a grid, and the verdicts that they were made of: what stands below it speaks of all of them."""

    def __init__(self, property_ids: Mapping[str, Sequence[str]], width: int) -> None:
        names = dict.fromkeys(name for ids in property_ids.values() for name in ids)
        self.columns = _in_order(names)
        self.scenarios, self.width = list(property_ids), width
        self.runs: list[Run] = []
        self.corner = ""
        self.gaps: frozenset[int] = frozenset()  # columns before which a blank is left
        self.under: set[str] = set()  # readings that the lines above the first row say
        self.label = 0
        self.words = Labels()

    def begin(self, runs: Sequence[Run]) -> Iterator[Text]:
        """The lines above the first row, which is that of these runs."""
        models = [run.model for run in runs]
        variants, model = [_indented(together(brief)) for brief in briefly(models)], models[0]
        self.words = model.labels
        self.under = {one for each in models for one in constants(each, options=False)}
        self.corner = variants[0].strip()
        names = [*map(model.labels.scenario, self.scenarios), *variants, self.corner]
        self._lay_out(max(map(len, names)) + 2, max(len(word) for name in names for word in name.split(" ")) + 2)
        others = {(one.name, one.value) for one in apart(models)[0]}
        readings = [one for one in model.readings if not one.default and (one.name, one.value) not in others]
        said = [one for one in constants(model, options=False) if one.startswith("with ")]
        said += [model.labels.choice(one.name, one.value) for one in readings]
        if len(runs) > 1:
            said.append(f"each scenario under {', then under '.join(differing(models))}")
        yield Text(f"{model.file}  {counted(len(self.scenarios), 'scenario')}", style="bold")
        if said:
            yield wrapped("; ".join(said), self.width)
        if any(run.restricted for run in runs):
            yield left_out(runs)
        yield wrapped(_key(), self.width)
        yield Text("")
        if self.fits:
            yield from self._headings()

    def _lay_out(self, most: int, least: int) -> None:
        """Fix the columns that names take: all on a line, or as few as leave room for the marks, words whole."""
        self.gaps = _gaps(self.columns)
        if most + len(self.columns) + len(self.gaps) > self.width:
            self.gaps = frozenset()
        room = self.width - len(self.columns) - len(self.gaps)
        beside = [len(name) + 1 - self._line(_head(place)).index("┐") for place, name in self._long()]
        self.label = max([min(most, max(least, room)), *beside])
        if self.label + len(self.columns) > self.width:
            self.label = max([most, *beside])

    @property
    def fits(self) -> bool:
        """Whether a mark for each verdict has room beside the name of its scenario."""
        return self.label + len(self.columns) + len(self.gaps) <= self.width

    def rows(self, runs: Sequence[Run]) -> Iterator[Text]:
        """The rows of one scenario: one for each of its runs, with a line below on what is not as expected."""
        if not self.runs:
            yield from self.begin(runs)
        self.runs += runs
        for run, brief in zip(runs, briefly([run.model for run in runs]), strict=True):
            title = at_the_margin(run.model.labels.scenario(run.model.scenario))
            name = title if run is runs[0] else _indented(together(brief))
            first, *more = self._name(name + MARK if run.restricted else name)
            line = Text(first.ljust(self.label))
            line.append_text(self._marks(run) if self.fits else _words(run))
            states = f"  {run.findings.states:>11,} {'state' if run.findings.states == 1 else 'states'}"
            if self.fits and len(line) + len(states) <= self.width:
                line.append(states, style="dim")
            yield line if len(line) <= self.width else wrapped(line.plain, self.width, self.label)
            yield from map(Text, more)
            for note, style in self._notes(run):
                yield wrapped(f"    {note}", self.width, 6, style)

    def _name(self, name: str) -> list[str]:
        """The name of a row, on as many lines as it takes."""
        indent = " " * (len(name) - len(name.lstrip(" ")))
        return textwrap.wrap(
            name, self.label - 1, initial_indent="", subsequent_indent=f"{indent}  ", break_long_words=False
        ) or [""]

    def legend(self) -> Iterator[Text]:
        """In words, the promises that are not proved everywhere, with how often they are not."""
        if not self.runs:
            return
        verdicts: dict[str, list[Verdict]] = {name: [] for name in self.columns}
        for run in self.runs:
            for verdict in run.verdicts:
                verdicts[verdict.id].append(verdict)
        open_ = {name: each for name, each in verdicts.items() if any(v.status != "PROVED" for v in each)}
        proved = [name for name, each in verdicts.items() if each and name not in open_]
        if proved:
            yield Text("")
            yield wrapped(f"Proved wherever asked: {', '.join(map(self._called, proved))}", self.width)
        if not open_:
            return
        yield Text("")
        yield Text("Not proved everywhere:")
        indent = max(len(self._called(name)) for name in open_) + 4
        for name, each in open_.items():
            counts = [(s, sum(v.status == s for v in each)) for s in MARKS if s != "PROVED"]
            often = ", ".join(f"{status.lower()} {n}" for status, n in counts if n)
            first = each[0]
            promise = f"{first.text}{f' [{first.clause}]' if first.clause else ''}"
            yield wrapped(
                f"  {self._called(name)}".ljust(indent) + f"{promise} ({often} of {len(each)})", self.width, indent
            )

    def _headings(self) -> Iterator[Text]:
        """Long names beside the heads of their columns, the last on top; then short ones, a character to a line."""
        short = [name for name in self.columns if _is_short(name)]
        height = max(map(len, short), default=0)
        for place, name in reversed(self._long()):
            line = " " * self.label + self._line(_head(place).ljust(len(self.columns), "│"))
            at = line.index("┐")
            yield Text(line[: at - len(name) - 1] + f"{name} ").append(line[at:], style="dim")
        for row in range(height):
            corner = self.corner if row == height - 1 and len(self.corner) < self.label else ""
            stacked = "".join(name.ljust(height)[row] for name in short).ljust(len(self.columns), "│")
            yield Text(corner.ljust(self.label) + self._line(stacked))

    def _long(self) -> list[tuple[int, str]]:
        return [(place, self._called(name)) for place, name in enumerate(self.columns) if not _is_short(name)]

    def _called(self, name: str) -> str:
        """A promise by its number, or else by its title."""
        return name if _is_short(name) else self.words.property(name)

    def _line(self, marks: str) -> str:
        """A character for each column, with blanks between columns that have little to do with each other."""
        return "".join(f" {mark}" if place in self.gaps else mark for place, mark in enumerate(marks))

    def _notes(self, run: Run) -> Iterator[tuple[str, str]]:
        """What a mark alone does not say: what is not as expected, why nothing was decided, what is another model."""
        star = MARK if run.restricted else ""
        by: dict[tuple[str, str], list[str]] = {}
        for verdict in run.verdicts:
            if verdict.status == "INCOMPLETE":
                by.setdefault((f"? INCOMPLETE{star}, {verdict.reason}", COLOURS["INCOMPLETE"]), []).append(verdict.id)
            elif not verdict.met:
                by.setdefault((f"{WRONG} {verdict.status}{star}, {verdict.against}", "bold red"), []).append(verdict.id)
        for (what, style), names in by.items():
            yield f"{what}: {', '.join(names) if len(names) < len(run.verdicts) else f'all {len(names)}'}", style
        omitted = [f"{role.name}.{region}" for role in run.model.roles for region in role.omitted]
        own = [one for one in constants(run.model, options=False) if one not in self.under]
        if own or omitted:
            yield together([*own, *(f"without {region}" for region in omitted)]), "dim"

    def _marks(self, run: Run) -> Text:
        found = {verdict.id: verdict for verdict in run.verdicts}
        line = Text()
        for place, name in enumerate(self.columns):
            verdict = found.get(name)
            line.append(" " if place in self.gaps else "")
            line.append_text(Text(" ") if verdict is None else _mark(verdict))
        return line


def _is_short(name: str) -> bool:
    """Whether a name is read from top to bottom as easily as from left to right: K1, R13."""
    return len(name) == 1 or (len(name) <= _SHORT and name[-1].isdigit())


def _head(place: int) -> str:
    return " " * place + "┐"


def _in_order(names: Iterable[str]) -> list[str]:
    """Short names by what they begin with and their number, then long ones, then checks."""

    def place(name: str) -> tuple[bool, bool, str, int]:
        letters = name.rstrip("0123456789")
        number = name[len(letters) :]
        return name in CHECKS, not _is_short(name), "" if not _is_short(name) else letters, int(number or 0)

    listed = [name for name in names if name not in CHECKS]
    return [*sorted(listed, key=place), *(check for check in CHECKS if check in set(names))]


def _gaps(columns: Sequence[str]) -> frozenset[int]:
    """The columns that begin with other letters than the one before, or whose name stands beside them as the first."""
    kinds = ["" if not _is_short(name) else name.rstrip("0123456789") for name in columns]
    return frozenset(place for place in range(1, len(columns)) if kinds[place] != kinds[place - 1])


def _mark(verdict: Verdict) -> Text:
    if verdict.met or verdict.status == "INCOMPLETE":
        return Text(MARKS[verdict.status], style="dim" if verdict.status == "PROVED" else COLOURS[verdict.status])
    return Text(WRONG, style="bold red")


def _words(run: Run) -> Text:
    """A row that has no room for marks: how many are proved, and which are not."""
    by: dict[str, list[str]] = {}
    for verdict in run.verdicts:
        by.setdefault(verdict.status, []).append(verdict.id)
    proved = len(by.pop("PROVED", []))
    said = [f"{proved} of {len(run.verdicts)} proved"]
    return Text("; ".join([*said, *(f"{status.lower()}: {', '.join(names)}" for status, names in by.items())]))


def _key() -> str:
    parts = [f"{MARKS[status]} {said}" for status, said in _SAID.items()]
    return "  ".join([parts[0], parts[1], f"{WRONG} not as expected", *parts[2:]])


def _indented(variant: str) -> str:
    return f"  {variant}"
