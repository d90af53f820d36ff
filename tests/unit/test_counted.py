"""A count is read with its noun: one of a thing is not printed as several."""

import re
from pathlib import Path

import pytest

from mcfsm.problems import counted

PACKAGE = Path(__file__).parents[2] / "mcfsm"
NOUNS = "verdict|state|transition|variant|step|walk|item|flow|file|problem|node|part|scenario|mutant|reference"
SAID = re.compile(rf"\{{[^{{}}]*\}} (?:{NOUNS})s\b")  # a number in an f-string, and several of a thing
BOUND = re.compile(r"more than \{|at most \{|_MOST|MOST_|avoided\)\}")  # never one


@pytest.mark.parametrize(("number", "said"), [(0, "0 states"), (1, "1 state"), (2, "2 states"), (1234, "1,234 states")])
def test_a_number_with_its_noun(number: int, said: str) -> None:
    assert counted(number, "state") == said


def test_nothing_else_puts_a_noun_to_a_number() -> None:
    lines = ((path, line) for path in PACKAGE.rglob("*.py") for line in path.read_text(encoding="utf-8").splitlines())
    assert [
        f"{path.name}: {line.strip()}" for path, line in lines if SAID.search(line) and not BOUND.search(line)
    ] == []
