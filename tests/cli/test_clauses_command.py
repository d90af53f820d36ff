"""mcfsm clauses: what covers each item, what is missing, and what is said to be missing and is not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mcfsm.commands import cli
from mcfsm.questions.clauses import Cover, Item, clauses

CLAUSES = """
1-title: {modality: plain, text: Pings., not_modelled: It is a title.}
1-1: {modality: shall, text: The caller pings.}
1-2: {modality: may, text: It pings with a number.}
1-3: {modality: may, text: It shows the ping to its user.}
1-4: {modality: plain, text: Somebody is there.}
1-5: {modality: informative, text: The called one may be asleep., not_modelled: Nobody sleeps.}
"""
PINGS = """
model: pings
clauses: clauses.yaml
changes: [louder.yaml, softer.yaml, better.yaml]
readings: {tone: {text: Tone., default: high, values: {high: 1-2, low: }}}
messages: {ping: {number: {type: 0..3, clause: 1-2}}}
roles:
  caller: {states: [before, after], initial: before, final: [after], transitions: [{id: go, trigger: go, kind: protocol, source: before, dest: after, send: [{ping: {to: second, number: 1}}], clause: 1-1}]}
  called: {states: [there], initial: there, final: [there], transitions: [{id: hear, trigger: ping, assumption: Whoever is there (1-4) hears a ping (1-1).}]}
properties: {arrives: {text: It arrives., clause: 1-1, reachable: first.state == after and not in_flight(ping)}}
scenarios: {one: {instances: {first: caller, second: called}, channels: {default: {kind: fifo, bound: 1}}}}
"""  # noqa: E501
LOUDER = """
change: louder
title: pings are loud
edits:
- clause: 1-1a
  add: {items: {1-1a: {modality: may, text: It pings loudly.}}}
  after: 1-1
- clause: 1-1a
  add: {conditions: {hear: msg.number < 3}}
- clause: 1-2
  replace: {items: {1-2: {modality: shall, text: It pings with a large number.}}}
- clause: 1-5
  add: {unless: {hear: msg.number < 1}}
"""
SOFTER = """
change: softer
title: pings are not loud
edits:
- clause: 1-1b
  add: {items: {1-1b: {modality: may, text: It pings softly.}, 1-1c: {modality: may, text: Nobody hears it.}}}
  after: 1-1
- clause: 1-1c
  replace:
    transitions:
      called: [{id: hear, trigger: ping, clause: 1-1b}]
    items: {1-5: {modality: informative, text: The called one may be asleep.}}
- clause: 1-5
  add: {ignore: {called: {ping: [there]}}}
"""
BETTER = """
change: better
title: the ping is shown
candidate: true
edits: [{clause: 1-3, add: {conditions: {hear: msg.number < 2}}}]
"""
WHERE = {"model": PINGS, "clauses": CLAUSES, "louder": LOUDER, "softer": SOFTER, "better": BETTER}
MC_MIGRATION = Path(__file__).parents[2] / "models" / "mc_migration"


@pytest.fixture
def pings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "pings").mkdir()
    for name, text in WHERE.items():
        (tmp_path / "pings" / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return "pings"


def test_every_item_of_the_text_and_of_pending_changes_that_touch_the_same(pings: str) -> None:
    found = clauses(pings)
    assert [(item.id, item.change, item.coverage) for item in found.items] == [
        ("1-title", None, "not_modelled"),
        ("1-1", None, "covered"),
        ("1-1a", "louder", "covered"),
        ("1-1b", "softer", "covered"),
        ("1-1c", "softer", "missing"),
        ("1-2", None, "covered"),
        ("1-3", None, "missing"),
        ("1-4", None, "covered"),
        ("1-5", None, "covered"),
    ]
    of = {item.id: item for item in found.items}
    assert of["1-1"].covers == (Cover("transition", "go"), Cover("assumption", "hear"), Cover("property", "arrives"))
    assert of["1-1a"].covers == (Cover("edit", "adds condition 'msg.number < 3' of hear", "louder"),)
    assert of["1-1b"].covers == (Cover("transition", "hear", "softer"),)
    assert of["1-4"].covers == (Cover("assumption", "hear"),)
    covers = (Cover("element", "number of ping"), Cover("reading", "tone=high"))
    assert of["1-2"] == Item("1-2", "shall", "It pings with a large number.", None, covers, None, False)


def test_a_reason_beside_what_rests_on_the_item_is_a_contradiction_in_the_text_that_has_both(pings: str) -> None:
    found = clauses(pings)
    assert [item.id for item in found.items if item.contradictory] == ["1-5"]  # louder; softer takes the reason away
    assert found.happened == {"missing", "contradictory"}
    Path("pings/louder.yaml").write_text(LOUDER.replace("clause: 1-5", "clause: 1-3"), encoding="utf-8")
    again = clauses(pings)
    assert again.happened == {"missing"}
    assert again.items[-1].covers == (Cover("edit", "adds ping ignored in there of called", "softer"),)


def test_as_text(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["clauses", pings]) == 0
    rows = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert rows[2] == "1-title plain Pings. not modelled: It is a title."
    assert "1-1c may Nobody hears it. MISSING" in rows
    assert "CONTRADICTORY: louder: adds unless 'msg.number < 1' of" in " ".join(rows)
    assert rows[-1] == (
        "9 items: 6 covered, 1 not modelled, with the reason, 2 missing, 1 covered that is said to be not modelled"
    )


def test_exit_statuses(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["clauses", pings, "--forbid", "missing"]) == 1
    assert cli.run(["clauses", pings, "--forbid", "contradictory"]) == 1
    Path("pings/softer.yaml").write_text(SOFTER.replace("clause: 1-1b}", "clause: [1-1b, 1-1c]}"), encoding="utf-8")
    Path("pings/louder.yaml").write_text(LOUDER.replace("clause: 1-5", "clause: 1-3"), encoding="utf-8")
    assert cli.run(["clauses", pings, "--forbid", "missing,contradictory"]) == 0
    assert cli.run(["clauses", pings, "--forbid", "gone"]) == 4
    assert "--forbid takes missing, contradictory, not gone" in capsys.readouterr().err


def test_as_json(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["clauses", pings, "--json", "-"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["format"], data["changes"]) == (1, ["louder", "softer"])
    assert data["items"][3] == {
        "id": "1-1b",
        "modality": "may",
        "text": "It pings softly.",
        "change": "softer",
        "covers": [{"kind": "transition", "name": "hear", "change": "softer"}],
        "not_modelled": None,
        "contradictory": False,
        "coverage": "covered",
    }


def test_as_a_page(pings: str) -> None:
    assert cli.run(["clauses", pings, "--page", "page.md"]) == 0
    lines = Path("page.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# Coverage of the text: pings"
    assert "## 1" in lines
    assert "| 1-1b (softer) | may | It pings softly. | softer: transition hear |" in lines
    assert "| 1-2 | shall | It pings with a large number. | element number of ping, reading tone=high |" in lines


SHOWN = """
change: better
title: the ping is shown
candidate: true
edits:
- assumption: A ping shows.
  add: {properties: {shown: {text: It shows., assumption: A ping shows., reachable: first.state == after}}}
- assumption: One may rest before.
  add: {final: {caller: [before]}}
"""


def test_what_is_assumed_as_a_page(pings: str) -> None:
    """By kind of part; of a change what it brings, and the reason of an edit where no part of it gives the same."""
    silent = PINGS.replace("{one: {instances", "{one: {text: 'One ping. Assumption: nothing else arrives.', instances")
    Path("pings/model.yaml").write_text(silent, encoding="utf-8")
    Path("pings/better.yaml").write_text(SHOWN, encoding="utf-8")
    assert cli.run(["clauses", pings, "--assumptions", "page.md"]) == 0
    lines = Path("page.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# Assumptions: pings"
    assert [line for line in lines if line.startswith(("## ", "| ")) and not line.endswith("assumption |")] == [
        "## Transitions",
        "| hear | Whoever is there (1-4) hears a ping (1-1). |",
        "## Properties",
        "| shown (better) | A ping shows. |",
        "## Scenarios",
        "| one | Nothing else arrives. |",
        "## Changes",
        "| the ping is shown (better) | One may rest before. |",
    ]


def test_nothing_is_said_to_be_left_out_and_is_in_the_model_after_all(tmp_path: Path) -> None:
    """And it is seen: an item that a transition cites gets a reason why none does."""
    assert "contradictory" not in clauses(MC_MIGRATION).happened
    copy = shutil.copytree(MC_MIGRATION, tmp_path / "mc_migration")
    text = (copy / "clauses.yaml").read_text(encoding="utf-8")
    planted = text.replace("asks for a private call to user 2, whose", 'asks", not_modelled: "whose')
    assert planted != text
    (copy / "clauses.yaml").write_text(planted, encoding="utf-8")
    assert [item.id for item in clauses(copy).items if item.contradictory] == ["10.16.5.3-1"]
