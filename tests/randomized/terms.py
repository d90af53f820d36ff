"""Random expressions of the model language, well typed by construction.

An `Atom` is something that an expression may read, with the sort of its values. Conditions tend to be false in the
initial state, where variables are at the beginning of their domains, so that what they say of later states is news.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
DIGITS = ("p", "q")  # the values of domain D
MOST_NESTED = 2


class Draw(Protocol):
    """What a composite strategy draws with."""

    def __call__(self, strategy: st.SearchStrategy[T], /) -> T:
        """A value of the strategy."""


@dataclass(frozen=True)
class Atom:
    """Something to read. Sorts: bool, int, D, D?, Rec, Rec?, set, map, inst, inst?, state."""

    sort: str
    text: str
    high: int = 0  # of an int, the largest value
    guard: str = ""  # what has to hold where it is read
    options: tuple[str, ...] = ()  # of a state, the states; of an instance, those it may be
    unsure: bool = False  # whether it may be guarded or not


_HUNDRED = st.integers(0, 99)
_numbers = lru_cache(maxsize=None)(st.integers)


@dataclass
class Dice:
    """Draws of the kinds that a model is made of."""

    draw: Draw
    spice: int = 3  # per cent of guards left out, so that a search may stop with an error
    used: dict[str, int] = field(default_factory=dict)

    def chance(self, percent: int) -> bool:
        """True so often; it shrinks to False."""
        return self.draw(_HUNDRED) >= 100 - percent

    def pick(self, options: Sequence[T]) -> T:
        """One of some; the first is the simplest."""
        return options[0] if len(options) == 1 else options[self.between(0, len(options) - 1)]

    def some(self, options: Sequence[T], least: int = 0, most: int | None = None) -> list[T]:
        """Some of some, in their order."""
        most = len(options) if most is None else min(most, len(options))
        count = self.between(min(least, most), most)
        chosen = list(range(len(options)))
        while len(chosen) > count:
            del chosen[self.between(0, len(chosen) - 1)]
        return [options[i] for i in chosen]

    def between(self, low: int, high: int) -> int:
        """A number, ends included."""
        return low if low >= high else self.draw(_numbers(low, high))

    def fresh(self, letter: str) -> str:
        """A name that was not given before."""
        self.used[letter] = self.used.get(letter, -1) + 1
        return f"{letter}{self.used[letter]}"


@dataclass
class Terms:
    """Random expressions over some atoms; `leaves` are further ways to make a condition."""

    dice: Dice
    atoms: list[Atom]
    leaves: list[Callable[[], str]] = field(default_factory=list)

    def with_atoms(self, more: Sequence[Atom]) -> Terms:
        """The same with more to read."""
        return replace(self, atoms=[*self.atoms, *more])

    def of(self, *sorts: str) -> list[Atom]:
        """The atoms of some sorts."""
        return [atom for atom in self.atoms if atom.sort in sorts]

    # ---- conditions

    def condition(self, depth: int = 2) -> str:
        """A condition, nested at most so deep."""
        dice = self.dice
        if depth <= 0 or dice.chance(50):
            return self.leaf()
        shape = dice.pick(("and", "or", "not", "and", "if", "chain"))
        if shape == "not":
            return f"not ({self.condition(depth - 1)})"
        first, second = self.condition(depth - 1), self.condition(depth - 1)
        if shape == "if":
            return f"({first} if {self.condition(depth - 2)} else {second})"
        if shape == "chain":
            return f"({first}) != ({second})"
        return f"({first}) {shape} ({second})"

    def leaf(self) -> str:
        """A condition about one or two atoms."""
        dice = self.dice
        if self.leaves and (not self.atoms or dice.chance(40)):
            return dice.pick(self.leaves)()
        if not self.atoms:
            return "true"
        atom = dice.pick(self.atoms)
        if dice.chance(25):
            pair = self.pair(atom)
            if pair is not None:
                return pair
        return self.guarded(atom, self.about(atom))

    def guarded(self, atom: Atom, text: str) -> str:
        """A condition on an atom behind the guard that the atom has, as a rule."""
        if not atom.guard or (atom.unsure and self.dice.chance(self.dice.spice)):
            return text
        if self.dice.chance(40):
            return f"({text} if {atom.guard} else false)"
        return f"({atom.guard} and {text})"

    def about(self, atom: Atom) -> str:
        """A condition on one atom, most likely false of an initial value."""
        text, dice = atom.text, self.dice
        match atom.sort:
            case "bool":
                return text
            case "int":
                k = dice.between(1, max(1, atom.high))
                options = [
                    f"{text} > 0", f"{text} == {min(k, atom.high)}", f"{text} >= {k}", f"{text} % 2 == 1",
                    f"2 * {text} - 1 > 0", f"0 < {text} <= {k}", f"({text} + 1) // 2 > 0", f"-{text} < 0",
                    f"min({text}, 1) == 1", f"max({text}, 1) > 1", f"max({{{text}, 1}}) > 1",
                    f"min({{{text}}} | {{1}}) == 1",
                ]  # fmt: skip
            case "D":
                options = [f"{text} == q", f"{text} != p", f"{text} in {{q}}", f"{text} not in {{p}}"]
            case "D?":
                options = [
                    f"{text} != none", f"{text} == q", f"({text} != none and {text} in {{q}})", f"{text} == p",
                ]  # fmt: skip
            case "Rec":
                options = [
                    f"{text}.who == q",
                    f"{text}.num > 0",
                    f"{text} == Rec(q, 0)",
                    f"{text} != Rec(num=0, who=p)",
                ]
            case "Rec?":
                options = [
                    f"{text} != none", f"({text} != none and {text}.who == q)", f"{text} == Rec(p, 0)",
                    f"({text}.num > 0 if {text} != none else false)",
                ]  # fmt: skip
            case "set":
                name = dice.fresh("u")
                options = [
                    f"p in {text}", f"len({text}) > 0", f"{{q}} <= {text}", f"{text} == all_of(D)", f"{text} != {{}}",
                    f"any({name} != p for {name} in {text})", f"count({name} == q for {name} in {text}) > 0",
                    f"max(1 if {name} == q else 0 for {name} in {text} | {{p}}) == 1",
                    f"({text} != {{}} and min(1 if {name} == q else 0 for {name} in {text}) == 1)",
                    f"not ({text} < D)", f"{{{name} for {name} in {text} if {name} != p}} == {{q}}",
                ]  # fmt: skip
            case "map":
                name = dice.fresh("u")
                options = [
                    f"{text}[p] != none", f"{text}[q] == p", f"any({text}[{name}] != none for {name} in D)",
                    f"all({text}[{name}] == q for {name} in D)", f"count({text}[{name}] == {name} for {name} in D) > 0",
                    f"q in {{{text}[{name}] for {name} in D}}",
                    f"sum(1 if {text}[{name}] == q else 0 for {name} in D) > 0",
                    f"{text} == {{q: p, p: q}}", f"{text} != {{{name}: none for {name} in D}}",
                    f"{{{name}: {text}[{name}] == q for {name} in D}}[p]",
                ]  # fmt: skip
            case "inst":
                options = [f"{text} == {dice.pick(atom.options)}"]
            case "inst?":
                options = [f"{text} != none", f"{text} == {dice.pick(atom.options)}"]
            case _:
                later = atom.options[1:] or atom.options
                state = dice.pick(later)
                options = [f"{text} == {state}", f"{text} in {{{state}}}", f"{text} != {atom.options[0]}"]
        return dice.pick(options)

    def pair(self, atom: Atom) -> str | None:
        """A condition on two atoms; None where there is no second."""
        dice = self.dice
        partners = {
            "int": ("int",), "D": ("D", "D?", "set", "map"), "D?": ("D", "D?"), "set": ("set", "D"),
            "Rec": ("Rec", "Rec?"), "Rec?": ("Rec?",), "map": ("map",), "bool": ("bool", "int"),
        }.get(atom.sort, ())  # fmt: skip
        others = [other for other in self.of(*partners) if other != atom]
        if not others:
            return None
        other = dice.pick(others)
        a, b = atom.text, other.text
        match atom.sort, other.sort:
            case "int", _:
                options = [
                    f"{a} + {b} > 1",
                    f"{a} > {b}",
                    f"{a} != {b}",
                    f"{a} * {b} == 1",
                    f"max({a}, {b}) - min({a}, {b}) > 0",
                ]
            case "set", "set":
                options = [
                    f"{a} & {b} != {{}}",
                    f"{a} > {b}",
                    f"{a} | {b} == D",
                    f"not ({a} <= {b})",
                    f"len({a} - {b}) > 0",
                ]
            case "set", _:
                options = [f"{b} in {a}", f"{a} == {{{b}}}", f"len({a} | {{{b}}}) > 1"]
            case "D", "set":
                options = [f"{a} in {b}"]
            case "D", "map":
                options = [f"{b}[{a}] != none", f"{b}[{a}] == {a}", f"({b}[{a}] != none and {b}[{a}] == q)"]
            case "bool", "int":
                options = [f"(1 if {a} else {b}) > 0", f"({b} if {a} else 0) == {b}"]
            case _:
                options = [f"{a} != {b}", f"not ({a} == {b})"]
        text = dice.pick(options)
        return self.guarded(atom, self.guarded(other, text))

    # ---- values

    def value(self, sort: str, high: int = 1) -> str:
        """A value of a sort that certainly belongs to its domain."""
        dice = self.dice
        match sort:
            case "bool":
                return dice.pick(("true", "false")) if dice.chance(60) else f"({self.leaf()})"
            case "int":
                return self.number(high)
            case "D":
                options = [*DIGITS, *(self.read(a, "p") for a in self.of("D"))]
                options += [self.read(a, "p", f"({a.text} if {a.text} != none else q)") for a in self.of("D?")]
                options += [self.read(a, "q", f"{a.text}.who") for a in self.of("Rec")]
            case "D?":
                options = ["p", "none", "q", *(self.read(a, "none") for a in self.of("D", "D?"))]
                options += [self.read(a, "none", f"{a.text}[{self.value('D')}]") for a in self.of("map")]
            case "Rec":
                options = ["Rec(p, 1)", f"Rec({self.value('D')}, {self.number(1)})", "Rec(num=1, who=q)"]
                options += [self.read(a, "Rec(p, 0)") for a in self.of("Rec")]
            case "Rec?":
                options = ["none", self.value("Rec"), *(self.read(a, "none") for a in self.of("Rec?"))]
            case "set":
                return self.collection()
            case "map":
                return self.table()
            case _:
                raise AssertionError(sort)
        return dice.pick(options)

    def read(self, atom: Atom, otherwise: str, text: str | None = None) -> str:
        """An atom, or something else where it cannot be read."""
        text = text or atom.text
        if not atom.guard or (atom.unsure and self.dice.chance(self.dice.spice)):
            return text
        return f"({text} if {atom.guard} else {otherwise})"

    def number(self, high: int) -> str:
        """A number between 0 and `high`."""
        dice = self.dice
        atoms = self.of("int")
        if not atoms or dice.chance(25):
            return str(dice.between(0, high))
        atom = dice.pick(atoms)
        text = self.read(atom, "0")
        if atom.high > high and dice.chance(100 - dice.spice):
            return f"min({text}, {high})"
        if dice.chance(dice.spice) and atom.text != "key":  # a key plus one would certainly be outside
            return f"{text} + 1"
        return dice.pick((f"min({text} + 1, {high})", f"({text} + 1) % {high + 1}", f"max({text} - 1, 0)", text))

    def collection(self) -> str:
        """A set of values of D."""
        dice = self.dice
        value = self.value("D")
        atoms = self.of("set")
        if not atoms:
            return dice.pick((f"{{{value}}}", "{}", "D"))
        text = self.read(dice.pick(atoms), "{}")
        name = dice.fresh("u")
        return dice.pick(
            (f"{text} | {{{value}}}", f"{text} - {{{value}}}", "{}", f"{{{value}}}", f"D - {text}", f"{text} & {{p}}",
             f"{{{name} for {name} in {text} if {name} != {value}}}")
        )  # fmt: skip

    def table(self) -> str:
        """A map of D to D or none."""
        dice, name = self.dice, self.dice.fresh("u")
        one, other = self.value("D?"), self.value("D?")
        options = [f"{{p: {one}, q: {other}}}", f"{{{name}: {one} for {name} in D}}", f"{{q: {one}, p: {other}}}"]
        options.append(f"{{{name}: {one} if {name} == p else {other} for {name} in D}}")
        for atom in self.of("map"):
            text = atom.text if not atom.guard else f"({atom.text} if {atom.guard} else {{k: none for k in D}})"
            options.append(f"{{{name}: {text}[{name}] if {name} != q else {one} for {name} in D}}")
            options.append(f"{text} if {self.leaf()} else {{q: {one}, p: {other}}}")
        return dice.pick(options)


def plain(data: Any) -> str:
    """Data as YAML on one line."""
    if isinstance(data, dict):
        return "{" + ", ".join(f"{plain(key)}: {plain(value)}" for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(map(plain, data)) + "]"
    text = "true" if data is True else "false" if data is False else str(data)
    if text and all(c.isalnum() or c in "_." for c in text):
        return text
    return f'"{text}"'
