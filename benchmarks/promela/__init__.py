"""The protocols of the benchmark in Promela, text for SPIN: the same steps, states and transitions as our models.

One joint step of ours is one `d_step`: its guard holds everything that may disable it, full channels included, so that
it never blocks half-way. Every process is one `do` loop, so that no program counter adds a state.
"""

from __future__ import annotations

from typing import Literal

# one:       one process, Promela channels, one option for each channel (`hidden` scratch: single-core depth first only)
# plain:     the same without a hidden variable, one option for each message; for modes that refuse hidden variables
# processes: a process for each instance, channels claimed with xr and xs, as the partial order reduction wants it
# packed:    one process, no channels: the content of each in a few bits of an integer, written by hand
Shape = Literal["one", "plain", "processes", "packed"]


def d_step(guards: list[str], effects: list[str]) -> str:
    """One atomic step of a `do` loop."""
    guard = " && ".join(guards) or "true"
    return f"  :: d_step {{ {guard} -> {'; '.join(effects)} }}"


def proctype(name: str, claims: list[str], steps: list[str]) -> list[str]:
    """A process that takes one of its steps, for ever; it may rest between any two."""
    return [f"active proctype {name}() {{", *(f"  {claim};" for claim in claims), "end: do", *steps, "  od", "}"]


def width(values: int) -> int:
    """The bits that so many values need; at least one."""
    return max(1, (values - 1).bit_length())
