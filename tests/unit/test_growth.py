"""What reading costs grows as the text does: calls are counted, no clock is looked at.

A text of twice the size may take 2.6 times the calls: twice, with the logarithm of a sort and what is done once.
"""

import contextlib
import sys
from collections.abc import Callable
from types import FrameType

import pytest
from building import build

from mcfsm import problems
from mcfsm.expressions import typecheck
from mcfsm.problems import ModelError, closest

MODEL = """
roles:
  one:
    variables: {{a: 0..3 = 0, s: "set[0..3]"}}
    states: [idle{states}]
    initial: idle
    final: [idle]
    transitions:
    - {{trigger: go, kind: protocol, source: idle, dest: idle}}
{transitions}
define: {{d0: x.a{define}}}
properties:
  p: {{text: T., always: "{condition}"}}
{properties}
scenarios:
  s: {{instances: {{x: one}}}}
"""


def model(
    condition: str = "x.a < 4", *, states: str = "", transitions: str = "", define: str = "", properties: str = ""
) -> str:
    """A model with more of something."""
    return MODEL.format(
        condition=condition, states=states, transitions=transitions, define=define, properties=properties
    )


TEXTS: dict[str, Callable[[int], str]] = {
    "sum": lambda n: model(" + ".join(["x.a"] * n) + " < 400"),
    "union": lambda n: model("len(" + " | ".join(["x.s"] * n) + ") < 5"),
    "product": lambda n: model(" * ".join(["x.a"] * n) + " >= 0"),
    "and": lambda n: model(" and ".join(["x.a < 4"] * n)),
    "comparison": lambda n: model(" <= ".join(["x.a"] * n) + " or true"),
    "not": lambda n: model("not " * 2 * (n // 2) + "x.a < 4"),
    "if": lambda n: model("x.a < 4 if x.a == 1 else " * n + "true"),
    "least": lambda n: model("min(x.a, " * n + "x.a" + ")" * n + " < 4"),
    "definitions": lambda n: model("d1 < 400", define="".join(f", d{i}: d{i - 1} + 0" for i in range(1, n))),
    "definitions that double": lambda n: model(
        f"c{n // 2}", define=", c0: x.a < 4" + "".join(f", c{i}: c{i - 1} and c{i - 1}" for i in range(1, n // 2 + 1))
    ),
    "states": lambda n: model(states="".join(f", s{i}" for i in range(10 * n))),
    "transitions": lambda n: model(
        transitions="\n".join(f"    - {{trigger: t{i}, kind: user, source: idle}}" for i in range(10 * n))
    ),
    "properties": lambda n: model(
        properties="\n".join(f"  q{i}: {{text: T., never: x.a == 4 - 1}}" for i in range(10 * n))
    ),
    "misspelt": lambda n: model(
        properties="\n".join(f"  q{i}: {{text: T., never: x.state == ilde{i}}}" for i in range(5 * n))
    ),
}


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, of Python and of C."""
    count = 0

    def note(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def reading(text: str) -> Callable[[], object]:
    def read() -> None:
        with contextlib.suppress(ModelError):
            build(text, whole=False)

    return read


def growth(what: str) -> float:
    """By how much the calls grow where the text grows from once to twice its size, what is small taken off."""
    make = TEXTS[what]
    reading(make(1))()
    least, once, twice = (calls(reading(make(n))) for n in (4, 16, 28))
    return (twice - least) / (once - least)


@pytest.mark.parametrize("what", TEXTS)
def test_twice_the_text_is_twice_the_work(what: str) -> None:
    assert growth(what) < 2.6


def test_a_part_that_is_visited_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    integer = typecheck.Checker.integer
    monkeypatch.setattr(typecheck.Checker, "integer", lambda self, tree, _=None: integer(self, tree))
    monkeypatch.setitem(TEXTS, "sum", lambda n: model(" + ".join(["x.a"] * (4 + n // 4)) + " < 400"))
    assert growth("sum") > 4


def test_the_nearest_of_many_names_is_found_among_few() -> None:
    names = [f"registration_{i:04d}" for i in range(3000)]
    problems._pairs.cache_clear()
    few, many = (calls(lambda known=known: closest("registraton_0042", known)) for known in (names[:1500], names))
    assert closest("registraton_0042", names) == "did you mean registration_0042?"
    assert many / few < 2.6
