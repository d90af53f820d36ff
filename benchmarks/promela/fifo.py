"""A fifo that loses messages, without Promela's own channels: these cannot be looked into at any position.

Faults that leave the same content are one: of equal neighbours only the first is lost.
"""

from __future__ import annotations

from dataclasses import dataclass

from promela import width


@dataclass(frozen=True)
class Fifo:
    """A fifo of so many different messages: an array of bytes, or (`packed`) a few bits of an integer."""

    name: str
    values: int
    bound: int
    packed: bool

    def declare(self) -> str:
        """Its declaration: empty."""
        if self.packed:  # the oldest lowest, a 1 above the newest
            return f"unsigned {self.name} : {self._bits * self.bound + 1} = 1;"
        return f"byte {self.name}[{self.bound}]; byte {self.name}_holds;"

    def free(self) -> str:
        """Whether it takes one more."""
        return f"({self.name} < {self._above(self.bound)})" if self.packed else f"({self.name}_holds < {self.bound})"

    def offers(self, value: int) -> str:
        """Whether a message comes next."""
        return f"({self._holds(1)} && {self._at(0)} == {value})"

    def send(self, value: str) -> list[str]:
        """The statements that append a message."""
        if not self.packed:
            return [f"{self.name}[{self.name}_holds] = {value}", f"{self.name}_holds++"]
        result = self._behind(self.bound - 1, value)
        for held in range(self.bound - 2, -1, -1):
            result = f"({self.name} < {self._above(held + 1)} -> {self._behind(held, value)} : {result})"
        return [f"{self.name} = {result}"]

    def drop(self, position: int = 0) -> list[str]:
        """The statements that take the message at a position away."""
        if self.packed:
            low, behind = self._above(position) - 1, self._bits * (position + 1)
            rest = f"(({self.name} >> {behind}) << {self._bits * position})"
            return [f"{self.name} = {rest if position == 0 else f'({self.name} & {low}) | {rest}'}"]
        shifts = [f"{self.name}[{i}] = {self.name}[{i + 1}]" for i in range(position, self.bound - 1)]
        return [*shifts, f"{self.name}[{self.bound - 1}] = 0", f"{self.name}_holds--"]

    def losses(self) -> list[tuple[list[str], list[str]]]:
        """Guards and effects of the loss at each position."""
        return [
            ([self._holds(i + 1), *([] if i == 0 else [f"{self._at(i)} != {self._at(i - 1)}"])], self.drop(i))
            for i in range(self.bound)
        ]

    @property
    def _bits(self) -> int:
        return width(self.values)

    def _above(self, held: int) -> int:
        return 1 << self._bits * held

    def _behind(self, held: int, value: str) -> str:
        return f"({self.name} & {self._above(held) - 1}) | (({value}) << {self._bits * held}) | {self._above(held + 1)}"

    def _holds(self, least: int) -> str:
        return f"({self.name} >= {self._above(least)})" if self.packed else f"({self.name}_holds >= {least})"

    def _at(self, position: int) -> str:
        if self.packed:
            return f"(({self.name} >> {self._bits * position}) & {(1 << self._bits) - 1})"
        return f"{self.name}[{position}]"
