"""Every bad model gives exactly the text beside it; see bad_models.py."""

import re

import pytest
from bad_models import CASES


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


def test_there_are_enough_cases_and_none_is_left_over() -> None:
    assert len(CASES.names()) >= 60
    assert CASES.left_over() == set()
