"""docs/how_many.md is what `python tests/docs/how_many.py` writes, and says what the mission is asked about."""

from __future__ import annotations

import how_many
import pytest


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(how_many.ROOT)


@pytest.mark.long
def test_the_tables_are_fresh() -> None:
    assert how_many.PAGE.read_text(encoding="utf-8").startswith(how_many.page(every=False).rstrip("\n"))


@pytest.mark.slow
def test_the_page_is_fresh() -> None:
    assert how_many.PAGE.read_text(encoding="utf-8") == how_many.page()


def test_registration_without_calls_is_proved_for_any_number_of_users_and_moves() -> None:
    found = how_many.without_limits(how_many.SECOND, "one_partner", {"attempts": "0"})
    assert [one.limit for one in found.model.budgets if one.name == "moves"] == [None]
    assert found["K2"].status == "PROVED"
    assert how_many.number(found, "K2", "client") == "**proved, by independence**"


def test_what_prevents_it_is_a_line_that_mixes_users() -> None:
    """In the first half one user calls another."""
    found = how_many.without_limits(how_many.FIRST, "one_partner")
    told = how_many.number(found, "K1", "client")
    place, _, said = told.removeprefix("not shown: `").partition("` ")
    assert said == "C-PC1 reads calls, which of client(u1) names u2"
    file, _, line = place.partition(":")
    text = (how_many.ROOT / how_many.FIRST / file).read_text(encoding="utf-8").splitlines()
    assert text[int(line) - 1].strip() == "- id: C-PC1"
