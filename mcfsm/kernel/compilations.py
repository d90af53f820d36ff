"""What this process had to compile: who is told of it, and how long it took.

What may live here: an account, which nobody has to import numpy for.
"""

from __future__ import annotations

from collections.abc import Callable

WATCHING: list[tuple[Callable[[], None], Callable[[float], None]]] = []
SECONDS: list[float] = []  # of this process, in seconds; one for all that is compiled on behalf of one call


def watch_compilation(begun: Callable[[], None], done: Callable[[float], None]) -> None:
    """Call `begun` from now on before something is compiled, and `done` after it with the seconds that it took.

    What is found in the cache is not compiled.
    """
    WATCHING.append((begun, done))


watch_compilation(lambda: None, SECONDS.append)


def seconds_compiling() -> float:
    """How long this process has compiled up to now; what it found in the cache took it no time."""
    return sum(SECONDS)
