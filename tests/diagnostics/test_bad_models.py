"""Every bad model gives exactly the text beside it; see bad_models.py."""

import re

import bad_models
import pytest


@pytest.mark.parametrize("name", bad_models.names())
def test_exact_text(name: str) -> None:
    assert bad_models.shown_case(name) == bad_models.expected_file(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", bad_models.names())
def test_every_problem_has_place_and_code(name: str) -> None:
    heads = [line for line in bad_models.shown_case(name).splitlines() if " error M" in line]
    assert heads
    for head in heads:
        assert re.fullmatch(rf"{name}(\.yaml|/\w+\.yaml):\d+:\d+: error M\d{{3}}: \S.*", head)


def test_there_are_enough_cases_and_none_is_left_over() -> None:
    names = bad_models.names()
    expected = {path.stem for path in bad_models.CASES.glob("*.expected")}
    assert expected == set(names)
    assert len(names) >= 60
