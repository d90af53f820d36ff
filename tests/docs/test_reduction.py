"""docs/reduction.md has the lines that `python tests/docs/reduction.py` writes."""

from __future__ import annotations

import pytest
import reduction


@pytest.mark.long
@pytest.mark.parametrize("scenario", ["one_partner", "second_client"])
def test_a_line_is_fresh(scenario: str) -> None:
    (model,) = reduction.models((scenario,))
    assert f"\n{reduction.line(model)}\n" in reduction.PAGE.read_text(encoding="utf-8")


def test_every_scenario_has_a_line() -> None:
    _, _, table = reduction.PAGE.read_text(encoding="utf-8").partition(reduction.HEAD)
    listed = [line.split("`")[1] for line in table.splitlines()]
    assert listed == [model.scenario for model in reduction.models()]


@pytest.mark.slow
def test_the_page_is_fresh() -> None:
    text = reduction.PAGE.read_text(encoding="utf-8")
    assert text == reduction.page(map(reduction.line, reduction.models()))
