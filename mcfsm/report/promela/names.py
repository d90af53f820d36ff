"""What things of a model are called in a program: as in the model, with an underscore where Promela has the name."""

from __future__ import annotations

import re
from typing import Any

from mcfsm.model import DOWN, Model
from mcfsm.report.promela.terms import Atom, Tree

RESERVED = frozenset(
    [
        "active",
        "assert",
        "atomic",
        "bit",
        "bool",
        "break",
        "byte",
        "chan",
        "c_code",
        "c_decl",
        "c_expr",
        "c_state",
        "c_track",
        "d_proctype",
        "d_step",
        "do",
        "D_proctype",
        "else",
        "empty",
        "enabled",
        "end",
        "eval",
        "false",
        "fi",
        "for",
        "full",
        "get_priority",
        "goto",
        "hidden",
        "if",
        "in",
        "init",
        "inline",
        "int",
        "len",
        "local",
        "ltl",
        "mtype",
        "nempty",
        "never",
        "nfull",
        "nr_pr",
        "notrace",
        "np_",
        "of",
        "od",
        "pc_value",
        "pid",
        "printf",
        "priority",
        "proctype",
        "provided",
        "return",
        "run",
        "select",
        "set_priority",
        "short",
        "show",
        "skip",
        "STDIN",
        "timeout",
        "trace",
        "true",
        "typedef",
        "unless",
        "unsigned",
        "xr",
        "xs",
        "trans",
        "now",
        "main",
        "double",
        "float",
        "long",
        "char",
        "signed",
        "void",
        "while",
        "switch",
        "case",
        "default",
        "static",
        "extern",
        "struct",
        "union",
        "const",
        "volatile",
        "register",
        "auto",
        "sizeof",
        "enum",
        "progress",
        "accept",
        "U",
        "V",
        "W",
        "X",
        "F",
        "G",
        "t",
        "u",
        "frozen",
        "msg",
        "i",
        "k",
        "take",
        "copy",
        "swap",
        "sort",
    ]
)

OWN = re.compile(r"[abmnqkw]|at|[et]\d+|(wants|can)_\d+|somebody_acts|all_rest|within|\w+_decided")  # its own


class ProgramNames:
    """The names of a program: each of its own."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._names: dict[tuple[str, str], str] = {}
        self._used: set[str] = set(RESERVED)
        self.numbers: dict[Atom, int] = {}
        self._instances: dict[str, str] = {}
        for one in model.instances:
            self._instances[self.value(one.name)] = one.name

    def _unique(self, sort: str, text: str) -> str:
        found = self._names.get((sort, text))
        if found is None:
            found = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_") or "x"
            found = f"_{found}" if found[0].isdigit() else found
            while found in self._used or OWN.fullmatch(found):
                found += "_"
            self._used.add(found)
            self._names[sort, text] = found
        return found

    def own(self, text: str) -> str:
        """The name of a variable or a channel."""
        return self._unique("variable", text)

    def value(self, text: str) -> Atom:
        """The name of a value of an enumeration, a state or an instance; what is called alike is one value."""
        name = Atom(self._unique("value", "down_" if text == DOWN else text))
        self.numbers.setdefault(name, len(self.numbers) + 1)
        return name

    def message(self, text: str) -> Atom:
        """The name of a message."""
        name = Atom(self._unique("message", text))
        self.numbers.setdefault(name, len(self.numbers) + 1)
        return name

    def message_of(self, name: Any) -> str:
        """The message that a name of the program stands for."""
        return next(text for (sort, text), found in self._names.items() if sort == "message" and found == name)

    def macro(self, text: str) -> str:
        """The name of a condition."""
        return self._unique("macro", text)

    def instance_of(self, name: str) -> str:
        """The instance that a name of the program stands for."""
        return self._instances[name]

    def plain(self, value: Any) -> Tree:
        """A value of a parameter, whose domain is told by itself: a number, a truth value, a name, or several."""
        from mcfsm.report.promela.terms import OrNone, Parts

        if value is None:
            return OrNone(False, None)
        if isinstance(value, bool | int):
            return value
        if isinstance(value, str):
            return self.value(value)
        if isinstance(value, frozenset):
            return Parts(dict.fromkeys(value, True))
        return Parts({i: self.plain(part) for i, part in enumerate(value)})
