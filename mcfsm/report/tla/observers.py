"""Observers in TLA+: what one makes of an event, and of all events of a step, one after the other.

An event is a record: `on`, its kind; `name`, which one; and what observers read of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mcfsm.model import Observer
from mcfsm.model.machines import ObserverTransition
from mcfsm.report.tla.expressions import ModuleScope, bare, conj, translated
from mcfsm.report.tla.names import quoted
from mcfsm.report.tla.scenario import ScenarioTexts

_WIDTH = 100
_READ = ("actor", "before", "after", "sender", "receiver")


@dataclass(frozen=True)
class Happening:
    """An event of a step, or a sequence of some: its text, and the kinds and names that it may have."""

    text: str
    may_be: tuple[tuple[str, frozenset[str]], ...]
    several: bool = False


class ObserverTexts(ScenarioTexts):
    """A scenario with those who see every step."""

    def observer_definitions(self, observer: Observer) -> Iterator[str]:
        """What an observer makes of an event, and of several."""
        sees, saw = self.sees(observer), self.saw(observer)
        yield f"\\* observer {observer.name}"
        yield f"{sees}(h, e) =="
        sign = "CASE"
        for line in observer.transitions:
            yield f"  {sign} {conj(self._asked(observer, line))}"
            yield f"    -> {self._moved(observer, line)}"
            sign = "  []"
        yield f"  {sign} OTHER -> h" if sign != "CASE" else "  h"
        yield f"RECURSIVE {saw}(_, _)"
        yield f"{saw}(h, q) == IF q = <<>> THEN h ELSE {saw}({sees}(h, Head(q)), Tail(q))"

    def sees(self, observer: Observer) -> str:
        """The definition of what it makes of an event."""
        return self.names.top("observing", f"{observer.name}_sees")

    def saw(self, observer: Observer) -> str:
        """The definition of what it makes of several."""
        return self.names.top("observing", f"{observer.name}_saw")

    def observed(self, events: Iterable[Happening]) -> tuple[list[str], set[str]]:
        """What becomes of the observers that some events may concern, and which variables these are."""
        found, changed = list[str](), set[str]()
        for observer in self.model.observers:
            mine = [event for event in events if _concerns(observer, event)]
            if not mine:
                continue
            name = self.observer[observer.name]
            each = ", ".join(event.text for event in mine if not event.several)
            parts = [f"<<{each}>>"] if each else []
            seen = " \\o ".join([*parts, *(event.text for event in mine if event.several)])
            head = f"/\\ {name}' = {self.saw(observer)}({name},"
            found += [f"{head} {seen})"] if len(head) + len(seen) <= _WIDTH else [head, f"     {seen})"]
            changed.add(name)
        return found, changed

    def _scope(self, observer: Observer) -> ModuleScope:
        texts = {name: f"e.{name}" for name in _READ} | {"msg": "e.msg[2]"}
        own = [observer.region.name, *(variable.name for variable in observer.variables)]
        texts.update((name, f"h.{self.names.field(name)}") for name in own)
        return ModuleScope(texts, frozenset("he"))

    def _asked(self, observer: Observer, line: ObserverTransition) -> Iterator[str]:
        scope = self._scope(observer)
        yield f"e.on = {quoted(line.event)}"
        if line.names:
            yield self.within("e.name", sorted(line.names))
        if line.sources is not None:
            region = observer.region
            listed = [state for state in region.states if state in line.sources]
            yield self.within(f"h.{self.names.field(region.name)}", listed)
        for guard in line.guards:
            text = translated(guard.node, scope, self.reading)
            yield text if guard.wanted else f"~{text}"

    def _moved(self, observer: Observer, line: ObserverTransition) -> str:
        scope, parts = self._scope(observer), list[str]()
        if line.dest is not None:
            parts.append(f"!.{self.names.field(observer.region.name)} = {quoted(line.dest)}")
        for assignment in line.assignments:
            place = f"!.{self.names.field(observer.variables[assignment.variable].name)}"
            if assignment.key is not None:
                place += f"[{bare(translated(assignment.key, scope, self.reading))}]"
            parts.append(f"{place} = {bare(translated(assignment.value, scope, self.reading))}")
        return f"[h EXCEPT {', '.join(parts)}]" if parts else "h"


def happening(text: str, kind: str, *names: str, several: bool = False) -> Happening:
    """An event of one kind."""
    return Happening(text, ((kind, frozenset(names)),), several)


def _concerns(observer: Observer, event: Happening) -> bool:
    """Whether an observer has a line for an event."""
    return any(
        line.event == kind and (not line.names or line.names & names)
        for line in observer.transitions
        for kind, names in event.may_be
    )
