"""What this process has to compile: who is asked and told of it, and how long it took.

What may live here: an account, which nobody has to import numpy for.
"""

from __future__ import annotations

from collections.abc import Callable

WATCHING: list[tuple[Callable[[], None], Callable[[float], None]]] = []
ASKED: list[Callable[[int], None]] = []
LEAST = 16 << 20  # bytes that compiling a function takes, and does not give back
COMPILER = 80 << 20  # and those that it takes to bring the compiler
SECONDS: list[float] = []  # of this process, in seconds; one for all that is compiled on behalf of one call


def watch_compilation(begun: Callable[[], None], done: Callable[[float], None]) -> None:
    """Call `begun` from now on before something is compiled, and `done` after it with the seconds that it took.

    What is found in the cache is not compiled.
    """
    WATCHING.append((begun, done))


watch_compilation(lambda: None, SECONDS.append)


def ask_before_compiling(asked: Callable[[int], None]) -> None:
    """Call this from now on, before something is compiled, with the bytes that it takes; what it raises prevents it."""
    ASKED.append(asked)


def seconds_compiling() -> float:
    """How long this process has compiled up to now; what it found in the cache took it no time."""
    return sum(SECONDS)
