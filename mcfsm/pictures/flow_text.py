"""A flow as text for a terminal, whole at every width: nothing is cut off, and no word lies over another.

Where there is room, lifelines stand beside notes and clauses; where there is less, notes and clauses stand under each
step; and where the lifelines alone have no room, the steps are sentences in a numbered list. Things are called by their
labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mcfsm.model import Model
from mcfsm.pictures.breaking import lines_of, longest_piece
from mcfsm.pictures.chart import Arrow, Chart, ChartStep, chart, undelivered
from mcfsm.pictures.lanes import Lanes, NameSpan, lanes
from mcfsm.problems import printable
from mcfsm.semantics.sentence import sentence
from mcfsm.semantics.trace import BEGIN, Trace, TraceStep

_HEADS = {"loss": "x", "duplication": "+", "reordering": "~", "corruption": "!"}  # of the arrows that show a fault
_NUMBER = 6  # columns before the lifelines
_LEAST_NOTE, _MOST_NOTE = 24, 44
_MOST_CITED = 20
_TALLEST = 3  # lines that a name may take beside notes


def render_text(trace: Trace, model: Model, *, width: int = 110) -> str:
    """The flow of a trace for a terminal; no line is longer than `width`, unless a name without a blank or _ is."""
    made = chart(trace, model)
    words = _Words(model, trace, made)
    laid_out = _beside(words, width) or _under(words, width) or _Listed(words, width)
    return "\n".join(printable(line.rstrip()) for line in laid_out.lines())


class _Words:
    """What is written: names of lifelines and messages, notes on steps, and the items that they rest on."""

    def __init__(self, model: Model, trace: Trace, made: Chart) -> None:
        self.model, self.trace, self.chart = model, trace, made
        self.names = tuple(map(model.labels.instance, made.participants))
        self.notes = {step.number: self._notes(step, trace.steps[step.number - 1]) for step in made.steps}

    def message(self, arrow: Arrow) -> str:
        """The name of a message."""
        name = self.model.labels.message(arrow.message)
        return name if arrow.sender != arrow.receiver else f"{name} to itself"

    def _notes(self, step: ChartStep, told: TraceStep) -> list[str]:
        """What happens in a step beside its messages; of a step without one, what it is and that it is spontaneous."""
        does = self.model.labels.label("transition", told.transition)
        if step.arrow is not None:
            return [text for text in (does, step.arrow.elements[1:-1], *step.remarks) if text]
        action = step.action or "" if step.participant is not None else ""
        if does and told.fault is None and action:
            action = f"{does} ({told.kind})"
        elif action and not action.endswith(", fault"):
            action += " (spontaneous)"
        return [text for text in (action, *step.remarks) if text]

    def elements(self, told: TraceStep) -> list[str]:
        """The elements of what a step receives, each with its name."""
        if told.receives is None:
            return []
        of, listed = told.receives.message, told.receives.elements
        return (
            [", ".join(f"{self.model.labels.element(of, name)} = {value}" for name, value in listed)] if listed else []
        )

    def of_pending(self, arrow: Arrow) -> list[str]:
        """What is said of a message that nobody receives."""
        return [text for text in (arrow.elements[1:-1], undelivered(arrow)) if text]

    def all_notes(self) -> Iterator[str]:
        """Everything that is said beside the lifelines."""
        for step in self.chart.steps:
            yield from self.notes[step.number]
            for arrow in step.pending:
                yield from self.of_pending(arrow)

    def spans(self) -> Iterator[NameSpan]:
        """Every name that is written between lifelines."""
        for step in self.chart.steps:
            for arrow in (*((step.arrow,) if step.arrow is not None else ()), *step.pending):
                low, high = sorted((arrow.sender, arrow.receiver))
                yield NameSpan(low, high, self.message(arrow))


def _beside(words: _Words, width: int) -> _Drawn | None:
    """Lifelines with notes and clauses in columns beside them, if there is room: as takes the fewest lines."""
    bases = [step.basis for step in words.chart.steps]
    cited = max([min(max(map(len, bases), default=0), _MOST_CITED), *map(longest_piece, bases)], default=0)
    said = max(map(len, words.all_notes()), default=0)
    least = max(map(longest_piece, words.all_notes()), default=0)
    possible = []
    for note in dict.fromkeys(max(min(said, most), least) for most in range(_MOST_NOTE, _LEAST_NOTE - 1, -4)):
        room = width - _NUMBER - sum(2 + column for column in (note, cited) if column)
        found = lanes(words.names, words.spans(), room) if words.names else None
        if found is not None and found.tallest(words.spans()) <= _TALLEST:
            possible.append(_Drawn(words, found, width, (note, cited)))
    return min(possible, key=lambda drawn: sum(1 for _ in drawn.lines()), default=None)


def _under(words: _Words, width: int) -> _Drawn | None:
    """Lifelines with notes and clauses under each step, if there is room."""
    found = lanes(words.names, words.spans(), width - _NUMBER) if words.names else None
    return None if found is None else _Drawn(words, found, width, None)


class _Drawn:
    """Lifelines with messages by name; what they carry, and the clauses, beside them, or under each step."""

    def __init__(self, words: _Words, found: Lanes, width: int, beside: tuple[int, int] | None) -> None:
        """`beside` the lifelines are columns for notes and clauses; None where these stand under each step."""
        self.words, self.chart, self.lanes, self.width, self.beside = words, words.chart, found, width, beside
        self.edge = max(found.edge, 12)

    def lines(self) -> Iterator[str]:
        """The heading, and the lines of each step."""
        yield from (" " * _NUMBER + line for line in self.lanes.heading())
        for step in self.chart.steps:
            if (mark := self.chart.before(step)) is not None:
                yield from self.across(mark)
            yield from self.row(f"{step.number:>4}", self.drawn(step), self.words.notes[step.number], step.basis)
            for arrow in step.pending:
                drawn = self.arrow(arrow, "x" if arrow.lost else ">", ".")
                yield from self.row("", drawn, self.words.of_pending(arrow), "")
        if self.chart.ending is not None:
            yield from self.across(self.chart.ending)

    def across(self, said: str) -> Iterator[str]:
        """A line across all lifelines that belongs to no step."""
        for line in lines_of(said, self.width - _NUMBER - 4):
            yield " " * _NUMBER + f"~ {line} ~".center(self.edge, "~")

    def row(self, number: str, drawn: list[str], notes: list[str], basis: str) -> Iterator[str]:
        """The lines of one row; notes beside it begin at the height of the arrow, which is the last line drawn."""
        if self.beside is None:
            yield from (f"{number if i == 0 else '':<4}  {line}" for i, line in enumerate(drawn))
            yield from _noted(notes, basis, self.width, _NUMBER)
            return
        note, columns = self.beside
        said = [line for text in notes for line in lines_of(text, note)]
        cited = lines_of(basis, columns)
        lead = max(0, len(drawn) - max(len(said), len(cited), 1))
        said, cited = [""] * lead + said, [""] * lead + cited
        for i in range(max(len(drawn), len(said), len(cited))):
            line = drawn[i] if i < len(drawn) else self.empty()
            told = f"{said[i] if i < len(said) else '':<{note}}  " if note else ""
            yield f"{number if i == 0 else '':<4}  {line:<{self.edge}}  {told}{cited[i] if i < len(cited) else ''}"

    def empty(self) -> str:
        """Lifelines and nothing else."""
        line = [" "] * self.edge
        for place in self.lanes.places:
            line[place] = "|"
        return "".join(line)

    def drawn(self, step: ChartStep) -> list[str]:
        """The lines of a step on the lifelines."""
        if step.receives is not None:
            return self.arrow(step.receives, ">", "-")
        if step.struck is not None:
            return self.arrow(step.struck, _HEADS[str(step.struck.fault)], ".")
        if step.participant is None:
            return [f" {line} ".center(self.edge, "=") for line in lines_of(str(step.action), self.width - _NUMBER - 4)]
        line = list(self.empty())
        line[self.lanes.places[step.participant]] = "o"
        return ["".join(line)]

    def arrow(self, arrow: Arrow, head: str, stroke: str) -> list[str]:
        """An arrow with its name in it, between two neighbours, or above it where they are too near to each other."""
        places, name = self.lanes.places, self.words.message(arrow)
        start, end = places[arrow.sender], places[arrow.receiver]
        low, high = min(start, end) + 1, max(start, end)
        if low >= high:
            return [*self.above(name, start, self.edge), self.empty()[: start + 1] + f"<{stroke * 2}+"]
        line = list(self.empty())
        for at in range(low, high):
            line[at] = line[at] if line[at] == "|" else stroke
        line[high - 1 if end > start else low] = head if end > start or head != ">" else "<"
        left, right = self.lanes.widest(*sorted((arrow.sender, arrow.receiver)))
        if len(name) + 2 > right - left - 5:
            return [*self.above(name, left, right), "".join(line)]
        inner = right - left - 2  # less the head, where it is here
        begin = left + 1 + (1 if end < start and left + 1 == low else 0)
        inner = inner if left + 1 == low or right == high else inner + 1
        line[begin : begin + inner] = f" {name} ".center(inner, stroke)
        return ["".join(line)]

    def above(self, name: str, left: int, right: int) -> list[str]:
        """A message's name in lines of its own, between two lifelines, where its arrow is too short for it."""
        drawn = []
        for text in lines_of(name, right - left - 3):
            line = list(self.empty())
            line[left + 2 : left + 2 + len(text)] = text
            drawn.append("".join(line))
        return drawn


class _Listed:
    """The steps as sentences, numbered."""

    def __init__(self, words: _Words, width: int) -> None:
        self.words, self.width = words, width

    def lines(self) -> Iterator[str]:
        """A sentence for each step, with what it carries and what it rests on under it."""
        words = self.words
        for step, told in zip(words.chart.steps, words.trace.steps, strict=True):
            if (mark := words.chart.before(step)) is not None:
                yield f"      ~ {mark} ~"
            for i, line in enumerate(lines_of(sentence(words.model, told), self.width - _NUMBER)):
                yield f"{step.number if i == 0 else '':>4}  {line}"
            notes = [] if told.kind == BEGIN else [*words.elements(told), *step.remarks]  # its sentence says all
            for arrow in step.pending:
                notes.append(f"{words.message(arrow)} {'; '.join(words.of_pending(arrow))}")
            yield from _noted(notes, step.basis, self.width, _NUMBER)
        if words.chart.ending is not None:
            yield from (f"      {line}" for line in lines_of(f"~ {words.chart.ending} ~", self.width - _NUMBER))


def _noted(notes: Iterable[str], basis: str, width: int, indent: int) -> Iterator[str]:
    """Notes and the items under a step, the items in brackets."""
    said = "; ".join(notes)
    text = " ".join(part for part in (said, f"[{basis}]" if basis else "") if part)
    if text:
        yield from (" " * (indent + 2) + line for line in lines_of(text, width - indent - 2))
