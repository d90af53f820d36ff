"""A module as a tree of tuples, whose first part says what each is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tla.tokens import SyntaxMistake, Token, tokens

Tree = tuple[Any, ...]

# low and high precedence, Specifying Systems, table 6
INFIX: dict[str, tuple[int, int]] = {
    "=>": (1, 1),
    "~>": (2, 2),
    "<=>": (2, 2),
    "/\\": (3, 3),
    "\\/": (3, 3),
    **dict.fromkeys(("=", "#", "<", ">", "<=", ">=", "\\in", "\\notin", "\\subseteq"), (5, 5)),
    "@@": (6, 6),
    ":>": (7, 7),
    **dict.fromkeys(("\\cup", "\\cap", "\\"), (8, 8)),
    "..": (9, 9),
    "+": (10, 10),
    "-": (11, 11),
    "%": (10, 11),
    "*": (13, 13),
    "\\div": (13, 13),
    "\\o": (13, 13),
}
LEFT = frozenset({"/\\", "\\/", "@@", "\\cup", "\\cap", "+", "-", "*", "\\o"})  # that may be repeated
PREFIX: dict[str, tuple[int, int]] = {
    "~": (4, 4),
    "ENABLED": (4, 15),
    "UNCHANGED": (4, 15),
    "[]": (4, 15),
    "<>": (4, 15),
    "SUBSET": (8, 8),
    "UNION": (8, 8),
    "DOMAIN": (9, 9),
    "-": (12, 12),
}
WORDS = frozenset(
    "IF THEN ELSE CASE OTHER LET IN CHOOSE LAMBDA EXCEPT TRUE FALSE EXTENDS CONSTANTS CONSTANT VARIABLES VARIABLE "
    "RECURSIVE MODULE BOOLEAN SUBSET UNION DOMAIN ENABLED UNCHANGED".split()
)


@dataclass
class Definition:
    """An operator: its parameters, and what it is; None of one that is only declared."""

    name: str
    parameters: tuple[str, ...]
    body: Tree | None
    line: int


@dataclass
class Module:
    """A module: what it extends and declares, and its definitions in order, declarations of recursion among them."""

    name: str
    extends: list[str] = field(default_factory=list)
    constants: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    definitions: list[Definition] = field(default_factory=list)


class Parser:
    """Reads a module from the words of its text."""

    def __init__(self, text: str) -> None:
        self.words = tokens(text)
        self.at = 0
        self.margins = [-1]  # what stands at this column or before it belongs to what is around

    # ---- words

    @property
    def next(self) -> Token:
        """The next word, if it belongs to what is read."""
        word = self.words[self.at]
        return word if word.column > self.margins[-1] else Token("end", "", word.line, word.column)

    def fail(self, wanted: str) -> SyntaxMistake:
        word = self.words[self.at]
        return SyntaxMistake(f"line {word.line}, column {word.column}: {wanted}, not {word.text!r}")

    def take(self, text: str) -> Token:
        """The next word, which has to be this one."""
        if self.next.text != text or self.next.kind == "string":
            raise self.fail(text)
        self.at += 1
        return self.words[self.at - 1]

    def got(self, text: str) -> bool:
        """Take the next word if it is this one."""
        if self.next.text == text and self.next.kind != "string":
            self.at += 1
            return True
        return False

    def name(self) -> str:
        """A name."""
        word = self.next
        if word.kind != "name" or word.text in WORDS or word.text.startswith(("WF_", "SF_")):
            raise self.fail("a name")
        self.at += 1
        return word.text

    def several(self, read: Any, end: str | None = None) -> list[Any]:
        """What stands between commas, up to a closing word."""
        found = []
        if end is not None and self.got(end):
            return found
        while True:
            found.append(read())
            if not self.got(","):
                break
        if end is not None:
            self.take(end)
        return found

    # ---- the module

    def module(self) -> Module:
        """The whole of it."""
        if not self.next.text.startswith("----"):
            raise self.fail("----")
        self.at += 1
        self.take("MODULE")
        found = Module(self.name())
        if not self.next.text.startswith("----"):
            raise self.fail("----")
        self.at += 1
        while not self.next.text.startswith("===="):
            word = self.next.text
            if self.got("EXTENDS"):
                found.extends += self.several(self.name)
            elif self.got("CONSTANTS") or self.got("CONSTANT"):
                found.constants += self.several(self.name)
            elif self.got("VARIABLES") or self.got("VARIABLE"):
                found.variables += self.several(self.name)
            elif self.got("RECURSIVE"):
                line = self.next.line
                name = self.name()
                self.take("(")
                parameters = self.several(lambda: self.take("_").text, ")")
                found.definitions.append(Definition(name, tuple(parameters), None, line))
            elif self.next.kind == "name" and word not in WORDS:
                found.definitions.append(self.definition())
            else:
                raise self.fail("a definition")
        return found

    def definition(self) -> Definition:
        """A definition of an operator."""
        line, name = self.next.line, self.name()
        parameters = self.several(self.name, ")") if self.got("(") else []
        self.take("==")
        return Definition(name, tuple(parameters), self.expression(), line)

    # ---- expressions

    def expression(self, low: int = 0) -> Tree:
        """An expression whose operators bind closer than `low`."""
        left = self.operand()
        highest = 18  # what was taken may not stand beside an operator that binds as it does
        while True:
            word = self.next
            if word.kind == "end" or word.kind == "string" or word.text not in INFIX:
                return left
            below, above = INFIX[word.text]
            if below <= low:
                return left
            if above >= highest:
                raise self.fail(f"brackets before {word.text}")
            self.at += 1
            right = self.expression(above)
            while word.text in LEFT and self.got(word.text):
                left, right = (word.text, left, right), self.expression(above)
            left = (word.text, left, right)
            highest = below

    def operand(self) -> Tree:
        """A prefix operator with its operand, or a primary expression with what follows it."""
        word = self.next
        if word.kind == "sign" and word.text in ("/\\", "\\/"):
            return self.bullets(word)
        if word.kind != "string" and word.text in PREFIX:
            self.at += 1
            if word.text == "[]" and self.next.text == "[":
                return ("always", self.operand())
            below = PREFIX[word.text][0]
            return (f"prefix {word.text}", self.expression(below if word.text != "-" else 12))
        if word.kind == "sign" and word.text in ("\\E", "\\A"):
            self.at += 1
            bounds = self.bounds()
            self.take(":")
            return (word.text, bounds, self.expression())
        if word.kind == "name" and word.text in ("IF", "CASE", "LET", "CHOOSE", "LAMBDA"):
            self.at += 1
            return getattr(self, word.text.lower() + "_")()
        return self.postfix(self.primary())

    def bullets(self, first: Token) -> Tree:
        """A list of conjuncts or disjuncts, each beginning at the same column."""
        parts = []
        while self.next.text == first.text and self.next.column == first.column:
            self.at += 1
            self.margins.append(first.column)
            parts.append(self.expression())
            self.margins.pop()
        return ("and" if first.text == "/\\" else "or", parts)

    def bounds(self) -> list[tuple[str, Tree]]:
        """x in S, y in T."""

        def bound() -> tuple[str, Tree]:
            name = self.name()
            self.take("\\in")
            return name, self.expression(5)

        return self.several(bound)

    def if_(self) -> Tree:
        condition = self.expression()
        self.take("THEN")
        then = self.expression()
        self.take("ELSE")
        return ("if", condition, then, self.expression())

    def case_(self) -> Tree:
        arms, other = [], None
        while True:
            condition = None if self.got("OTHER") else self.expression()
            self.take("->")
            value = self.expression()
            if condition is None:
                return ("case", arms, value)
            arms.append((condition, value))
            if not self.got("[]"):
                return ("case", arms, other)

    def let_(self) -> Tree:
        definitions = []
        while not self.got("IN"):
            definitions.append(self.definition())
        return ("let", definitions, self.expression())

    def choose_(self) -> Tree:
        ((name, among),) = self.bounds()
        self.take(":")
        return ("choose", name, among, self.expression())

    def lambda_(self) -> Tree:
        names = self.several(self.name)
        self.take(":")
        return ("lambda", tuple(names), self.expression())

    def postfix(self, left: Tree) -> Tree:
        """Primes, fields and applications of functions."""
        while True:
            if self.got("'"):
                left = ("prime", left)
            elif self.next.text == "[" and self.next.kind == "sign":
                self.at += 1
                left = ("apply", left, self.inside(lambda: self.several(self.expression, "]")))
            elif self.got("."):
                left = ("field", left, self.field())
            else:
                return left

    def field(self) -> str:
        word = self.next
        if word.kind != "name" or word.text in WORDS:
            raise self.fail("a field")
        self.at += 1
        return word.text

    def inside(self, read: Any) -> Any:
        """What stands between brackets."""
        return read()

    def primary(self) -> Tree:
        word = self.next
        self.at += 1
        match word.kind, word.text:
            case "number", text:
                return ("value", int(text))
            case "string", text:
                plain = text[1:-1].replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")
                return ("value", plain)
            case "name", "TRUE" | "FALSE":
                return ("value", word.text == "TRUE")
            case "name", "BOOLEAN":
                return ("value", frozenset((False, True)))
            case "name", text if text.startswith(("WF_", "SF_")):
                self.take("(")
                action = self.expression()
                self.take(")")
                return ("fair", text[:2], text[3:], action)
            case "name", text if text not in WORDS:
                if self.next.text == "(" and self.next.kind == "sign":
                    self.at += 1
                    return ("call", text, self.several(self.argument, ")"), word.line)
                return ("call", text, [], word.line)
            case "sign", "(":
                inner = self.expression()
                self.take(")")
                return inner if inner[0] not in INFIX else ("group", inner)
            case "sign", "<<":
                return ("tuple", self.several(self.expression, ">>"))
            case "sign", "{":
                return self.set_()
            case "sign", "[":
                return self.square()
            case "sign", "@":
                return ("call", "@", [], word.line)
        self.at -= 1
        raise self.fail("an expression")

    def argument(self) -> Tree:
        if self.got("LAMBDA"):
            return self.lambda_()
        return self.expression()

    def set_(self) -> Tree:
        if self.got("}"):
            return ("set", [])
        at = self.at
        if self.next.kind == "name" and self.next.text not in WORDS:
            name = self.name()
            if self.got("\\in"):
                among = self.expression(5)
                if self.got(":"):
                    condition = self.expression()
                    self.take("}")
                    return ("filter", name, among, condition)
            self.at = at
        first = self.expression()
        if self.got(":"):
            bounds = self.bounds()
            self.take("}")
            return ("image", first, bounds)
        rest = self.several(self.expression) if self.got(",") else []
        self.take("}")
        return ("set", [first, *rest])

    def square(self) -> Tree:
        """A function, a record, a set of them, an EXCEPT, or an action that may stutter."""
        at = self.at
        if self.next.kind == "name" and self.words[self.at + 1].text in ("|->", ":"):
            sign = self.words[self.at + 1].text

            def part() -> tuple[str, Tree]:
                name = self.field()
                self.take(sign)
                return name, self.expression()

            return ("record" if sign == "|->" else "records", self.several(part, "]"))
        if self.next.kind == "name" and self.words[self.at + 1].text == "\\in":
            bounds = self.bounds()
            if self.got("|->"):
                body = self.expression()
                self.take("]")
                return ("function", bounds, body)
            self.at = at
        first = self.expression()
        if self.got("EXCEPT"):
            return ("except", first, self.several(self.update, "]"))
        if self.got("->"):
            to = self.expression()
            self.take("]")
            return ("functions", first, to)
        if self.next.text == "]_":
            self.at += 1
            return ("square", first, self.name())
        raise self.fail("|->, EXCEPT, -> or ]_")

    def update(self) -> tuple[list[tuple[str, Any]], Tree]:
        self.take("!")
        path: list[tuple[str, Any]] = []
        while True:
            if self.got("["):
                path.append(("[", self.expression()))
                self.take("]")
            elif self.got("."):
                path.append((".", self.field()))
            else:
                break
        self.take("=")
        return path, self.expression()


def parse(text: str) -> Module:
    """The module of a text. Raises SyntaxMistake."""
    return Parser(text).module()
