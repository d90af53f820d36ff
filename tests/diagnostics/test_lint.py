"""Every finding of lint gives exactly the text beside its model, and each model shows one kind; see lint_models.py."""

import re

import pytest
from lint_models import CASES


@pytest.mark.parametrize("name", CASES.names())
def test_exact_text(name: str) -> None:
    assert CASES.shown_case(name) == CASES.expected(name)


@pytest.mark.parametrize("name", CASES.names())
def test_each_case_shows_one_kind_and_every_finding_has_a_hint(name: str) -> None:
    text = CASES.shown_case(name)
    codes = re.findall(r" warning (M8\d\d): ", text)
    assert len(set(codes)) == (name != "clean")
    assert text.count("\n  hint: ") == len(codes)


def test_no_expected_text_is_left_over() -> None:
    assert CASES.left_over() == set()
