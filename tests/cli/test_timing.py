"""`mcfsm check --timing`, and what the JSON says of it: where the time went, and what would make it less."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from mcfsm.commands.cli import run
from mcfsm.host.timing import PHASES, Account, Filled, account, phase
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.report.timing import as_json, as_text
from mcfsm.tables.tables import Tables

MODEL = Path(__file__).parents[2] / "models" / "textbook" / "alternating_bit.yaml"


def printed(spent: Account) -> list[str]:
    """The lines of the text."""
    console = Console(file=StringIO(), width=120)
    console.print(as_text(spent))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


def test_time_of_a_phase_within_another_is_counted_once() -> None:
    with account() as spent, phase("searching"), phase("filling"):
        pass
    assert list(spent.seconds) == ["filling", "searching"]
    assert sum(spent.seconds.values()) == spent.inner


def test_where_nobody_keeps_an_account_nothing_is_noted() -> None:
    with account() as spent:
        pass
    with phase("searching"):
        pass
    assert spent.seconds == {}


def test_filling_that_dominates_names_what_would_make_it_smaller() -> None:
    spent = Account({"filling": 4.0, "searching": 1.0}, {"role r": Filled(10, 1.0), "channel a -> b": Filled(1, 3.0)})
    spent.filled["channel a -> b"].size = "3,110 contents"
    assert printed(spent) == [
        "time   filling 4.00 s, searching 1.00 s",
        "  filled for channel a -> b: 1 entry, 3.00 s",
        "  filled for role r: 10 entries, 1.00 s",
        "Most of it is what is computed once for each local state or content, "
        "above all for channel a -> b (3,110 contents).",
        "A lower bound of this channel, or messages of fewer values, would make it smaller.",
    ]


def test_what_filling_went_to_most_is_measured() -> None:
    """Of what took most how much there is, once; of nothing else, and of what has no size nothing."""
    tables = Tables(resolve(read(str(MODEL)), "few_faults"))
    transmitter, row = tables.spontaneous[0], tables.components.row_of(tables.product.initial())
    with account() as spent:
        spent.seconds["filling"] = 2.0
        tables.fill(tables.context, 0, 0, tables.encoding.all)
        tables.fill(transmitter, 0, row[0], tables.encoding.all)
        tables.note(transmitter, 2, 0.5)
        tables.note(transmitter, 3, 0.5)
        tables.note(tables.contents[0], 1, 0.25)
        tables.note(tables.push[0], 1, 0.25)
        tables.note(tables.of_moves, 9, 9.0)  # of properties
        tables.note_sizes()
        tables.note_sizes()
        assert spent.filled == {
            "role transmitter": Filled(5, 1.0, spent.filled["role transmitter"].size),
            "channel tx -> rx": Filled(2, 0.5),
        }
        assert re.match(r"\d local states; most vary \w", spent.filled["role transmitter"].size)
        tables.note(tables.observe[0], 1, 4.0)
        tables.note_sizes()
        assert spent.filled["observer user"] == Filled(1, 4.0)


def test_filling_that_does_not_dominate_is_no_reason_for_advice() -> None:
    spent = Account({"filling": 4.0, "searching": 5.0}, {"role r": Filled(10, 4.0)})
    assert as_json(spent)["advice"] is None


def test_the_json_of_a_check_has_it_always(tmp_path: Path) -> None:
    there = tmp_path / "report.json"
    run(["check", str(MODEL), "--scenario", "few_faults", "--property", "no_loss", "--json", str(there)])
    timing = json.loads(there.read_text())["timing"]
    assert list(timing["phases"]) == list(PHASES)
    assert list(timing["filled"]) == [
        "budgets and the freeze",
        "channel rx -> tx",
        "channel tx -> rx",
        "observer user",
        "role acceptor",
        "role transmitter",
    ]
    assert all(one["entries"] > 0 for one in timing["filled"].values())


def test_the_text_says_it_where_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["check", str(MODEL), "--scenario", "few_faults", "--property", "no_loss"]
    run(asked)
    assert "\ntime   " not in capsys.readouterr().out
    run([*asked, "--timing"])
    assert "\ntime   " in capsys.readouterr().out
