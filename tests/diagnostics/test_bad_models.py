"""Every bad model gives exactly the text beside it; see bad_models.py."""

import re

import pytest
from bad_models import CASES

from mcfsm.problems import Problem, Span, render


@pytest.mark.parametrize("name", CASES.names())
def test_exact_text(name: str) -> None:
    assert CASES.shown_case(name) == CASES.expected(name)


def test_every_problem_has_place_and_code() -> None:
    """Read off the expected texts: that these are what is shown is what `test_exact_text` asks."""
    for name in CASES.names():
        heads = [line for line in CASES.expected(name).splitlines() if " error M" in line]
        assert heads, name
        for head in heads:
            assert re.fullmatch(rf"{name}(\.yaml|/\w+\.yaml):\d+:\d+: error M\d{{3}}: \S.*", head), head


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("column", [1, 30, 150, 250])
def test_a_long_line_is_cut_at_the_width_with_its_carets_in_view(width: int, column: int) -> None:
    row = "\n" * 1233 + f"{'x' * (column - 1)}HERE{'y' * (300 - column)}"
    problem = Problem("M201", Span("a.yaml", 1234, column, 4), "a sentence")
    _, shown, carets = render([problem], lambda _: row, width=width).splitlines()
    assert len(shown) <= width
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "HERE"


def test_there_are_enough_cases_and_none_is_left_over() -> None:
    assert len(CASES.names()) >= 60
    assert CASES.left_over() == set()
