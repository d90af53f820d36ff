"""Every finding of lint gives exactly the text beside its model, and each model shows one kind; see lint_models.py."""

import re

import lint_models
import pytest


@pytest.mark.parametrize("name", lint_models.names())
def test_exact_text(name: str) -> None:
    assert lint_models.shown_case(name) == lint_models.expected_file(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", lint_models.names())
def test_each_case_shows_one_kind_and_every_finding_has_a_hint(name: str) -> None:
    text = lint_models.shown_case(name)
    codes = re.findall(r" warning (M8\d\d): ", text)
    assert len(set(codes)) == (name != "clean")
    assert text.count("\n  hint: ") == len(codes)


def test_no_expected_text_is_left_over() -> None:
    assert {path.stem for path in lint_models.CASES.glob("*.expected")} == set(lint_models.names())
