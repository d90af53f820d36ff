"""mcfsm trace: what a text and a model say of each other, as text and as JSON; mistakes and exit statuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import documents
import pytest
from documents import deleted, inserted, paragraph, run

from mcfsm.commands import cli
from mcfsm.prose.fingerprint import fingerprint
from mcfsm.prose.rules import RULES
from mcfsm.questions.trace import Against, fingerprints, trace

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "trace.md").read_text(encoding="utf-8")
GO, HEAR, MAY = "The caller sends a ping.", "The called one hears it.", "It may be loud."
BEFORE = f"1.1\tProcedure\n1.\t{GO} {HEAR}\n2.\t{MAY}\nNOTE:\tIt is a ping.\n"
MODEL = """
model: pings
source: TS 12.345 clause 1.1
clauses: clauses.yaml
changes: [louder.yaml]
messages: {ping: {}}
roles:
  caller: {states: [before, after], initial: before, final: [after], transitions: [{id: go, trigger: go, kind: protocol, source: before, dest: after, send: [{ping: {to: second}}], clause: 1.1-1a}]}
  called: {states: [there], initial: there, final: [there], transitions: [{id: hear, trigger: ping, clause: [1.1-1b, 1.1-7]}]}
properties: {arrives: {text: It arrives., clause: 1.1-1a, reachable: first.state == after and not in_flight(ping)}}
scenarios: {one: {instances: {first: caller, second: called}, channels: {default: {kind: fifo, bound: 1}}}}
"""  # noqa: E501
LOUDER = """
change: louder
title: pings are loud
edits:
- clause: 1.1-3
  add: {items: {1.1-3: {modality: may, text: A ping is loud., fingerprint: LOUD}}}
- clause: 1.1-3
  add: {conditions: {hear: "1 < 2"}}
- clause: 1.1-2
  add: {cites: {hear: 1.1-3}}
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model of the text, with a catalogue that has its fingerprints."""
    item = "{}: {{modality: plain, text: In our words{}}}".format
    prints = {"1.1-1a": GO, "1.1-1b": HEAR, "1.1-2": MAY}
    lines = [item(name, f", fingerprint: {fingerprint(name, said)}") for name, said in prints.items()]
    lines[2] = lines[2].replace("}", ", not_modelled: It is noise.}")
    (tmp_path / "clauses.yaml").write_text("\n".join([*lines, item("1.1-7", "")]), encoding="utf-8")
    loud = fingerprint("1.1-3", "Then it is loud.")
    (tmp_path / "louder.yaml").write_text(LOUDER.replace("LOUD", loud, 1), encoding="utf-8")
    (tmp_path / "model.yaml").write_text(MODEL, encoding="utf-8")
    return tmp_path / "model.yaml"


def against(text: Path, model: Path, change: str | None = None) -> Against:
    """What a text and a model say of each other."""
    found = trace(text, model, change=change).against
    assert found is not None
    return found


def written(folder: Path, text: str) -> Path:
    """A text in a file."""
    (folder / "cr.txt").write_text(text, encoding="utf-8")
    return folder / "cr.txt"


def test_each_step_has_the_parts_that_cite_it(tmp_path: Path, model: Path) -> None:
    found = against(written(tmp_path, BEFORE), model)
    said = {
        one.part.address: [cover.name for item in one.items for cover in item.covers]
        for one in found.placed
        if one.items
    }
    assert said == {"1.1-1": ["go", "arrives", "hear"], "1.1-2": []}
    assert [one.part.address for one in found.placed if not one.items] == ["1.1-NOTE"]
    assert [item.id for item in found.absent] == ["1.1-7"]
    assert found.change is None
    assert not any(one.reworded for one in found.placed)


def test_a_reworded_sentence_is_flagged_with_its_step(tmp_path: Path, model: Path) -> None:
    found = against(written(tmp_path, BEFORE.replace("hears it", "hears that")), model)
    assert {one.part.address: [item.id for item in one.reworded] for one in found.placed if one.reworded} == {
        "1.1-1": ["1.1-1b"]
    }
    same = BEFORE.replace("The called one", "The\N{NO-BREAK SPACE}called  one")
    assert not any(one.reworded for one in against(written(tmp_path, same), model).placed)


def test_a_sentence_under_another_number_has_moved(tmp_path: Path, model: Path) -> None:
    found = against(written(tmp_path, f"1.1\tProcedure\n1.\t{GO} {HEAR}\n2.\tIt waits.\n3.\t{MAY}\n"), model)
    assert [(item.id, part.address) for item, part in found.moved] == [("1.1-2", "1.1-3")]


def test_a_text_is_known_as_a_change_by_its_sentences(tmp_path: Path, model: Path) -> None:
    text = BEFORE.replace("NOTE:", "3.\tThen it is loud.\nNOTE:").replace(MAY, "It may be quiet.")
    found = against(written(tmp_path, text), model)
    assert found.change == "louder"
    assert found.changed is not None
    done = {(one.kind, one.part.address): len(one.edits) for one in found.changed}
    assert done == {("reworded", "1.1-2"): 1, ("added", "1.1-3"): 2, ("added", "1.1-NOTE"): 0}
    before = against(written(tmp_path, BEFORE), model, change="louder")
    assert before.not_in_text == ("1.1-3", "1.1-2")


def test_tracked_changes_say_what_the_text_changes(tmp_path: Path, model: Path) -> None:
    file = documents.write(
        tmp_path / "cr.docx",
        paragraph(run("1.1\tProcedure")),
        paragraph(run(f"1.\t{GO} "), deleted(HEAR), inserted("Nobody hears it.")),
        paragraph(run(f"2.\t{MAY}")),
        paragraph(inserted("3.\tThen it is loud."), mark="ins"),
        paragraph(deleted("NOTE:	It is a ping."), mark="del"),
    )
    found = against(file, model)
    assert found.changed is not None
    assert [(one.kind, one.part.address) for one in found.changed] == [
        ("reworded", "1.1-1"),
        ("added", "1.1-3"),
        ("removed", "1.1-NOTE"),
    ]


def test_fingerprints_are_written_for_the_catalogue(tmp_path: Path, model: Path) -> None:
    text = written(tmp_path, BEFORE)
    assert fingerprints(text, model)["1.1-2"] == (fingerprint("1.1-2", MAY),)
    assert cli.run(["trace", str(text), str(model), "--fingerprints", str(tmp_path / "prints.yaml")]) == 0
    (line,) = re.findall("^1.1-2: .*$", (tmp_path / "prints.yaml").read_text("utf-8"), re.M)
    assert line == f"1.1-2: {{fingerprint: [{fingerprint('1.1-2', MAY)}]}}"


def test_a_fingerprint_is_keyed_and_never_a_number() -> None:
    prints = {fingerprint(f"1.1-{n}", GO) for n in range(200)}
    assert len(prints) == 200
    assert all(re.fullmatch("[bcdfghjklmnpqrst]{10}", one) for one in prints)


@pytest.mark.parametrize("width", ["60", "80", "120"])
def test_the_report_keeps_to_the_width(
    tmp_path: Path, model: Path, width: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    monkeypatch.chdir(tmp_path)
    written(tmp_path, BEFORE.replace("hears it", "hears that"))
    assert cli.run(["trace", "cr.txt", str(model), "--strict"]) == 1
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= int(width)
    words = " ".join(printed.split())
    assert words.startswith("cr.txt: 1 clause, 2 steps, 0 element tables. ")
    assert "1.1-1 (line 2) is not worded as 1.1-1b was when the catalogue was written." in words
    assert "1.1-7 is cited, and the text has no such part." in words
    assert "1.1-1 (line 2): transitions go, hear; property arrives" in words
    assert "1.1-2 (line 3): not modelled: It is noise." in words


def test_json_has_all_of_it(tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = written(tmp_path, BEFORE.replace("It is a ping", "It shall ping"))
    assert cli.run(["trace", str(text), str(model), "--json", "-"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [(one["rule"], one["line"], one["quote"]) for one in data["defects"]] == [
        ("note-shall", 4, "It shall ping.")
    ]
    assert data["against"]["absent"] == ["1.1-7"]
    assert data["against"]["parts"][0]["address"] == "1.1-1"


@pytest.mark.parametrize("named", [["--change", "louder"], []])
def test_a_text_may_be_a_candidate(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str], named: list[str]
) -> None:
    change = tmp_path / "louder.yaml"
    said = change.read_text("utf-8").replace("title:", "candidate: true\ntitle:")
    change.write_text(re.sub(r", fingerprint: \w+", "", said), encoding="utf-8")
    text = BEFORE.replace("NOTE:", "3.\tA ping is loud.\nNOTE:")
    assert cli.run(["trace", str(written(tmp_path, text)), str(model), *named]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "as change louder of the model" in printed
    assert "1.1-3 (line 4): transition hear" in printed
    assert cli.run(["trace", str(written(tmp_path, BEFORE)), str(model)]) == 0  # the text without it is not it
    assert "as change louder" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["cr.txt", "--strict"], 0, ""),
        (["cr.txt", "--strict", "--leave-out", "nothing"], 4, "there is no rule nothing"),
        (["cr.txt", "--change", "louder"], 4, "name one behind the TEXT"),
        (["cr.txt", "model.yaml", "--change", "lauder"], 4, "did you mean louder?"),
        ([], 4, "name a TEXT"),
        (["model.yaml", "cr.txt"], 4, "model.yaml is no .txt and no .docx file: the TEXT stands first, and models"),
        (["cr.html"], 4, "cr.html is no .txt and no .docx file"),
        (["none.txt"], 3, "none.txt:1:1: error M951: cannot be read: No such file or directory"),
        (["cr.txt", "none.yaml"], 3, "none.yaml"),
    ],
)
@pytest.mark.usefixtures("model")
def test_exit_statuses(
    tmp_path: Path,
    words: list[str],
    status: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, BEFORE)
    assert cli.run(["trace", *words]) == status
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "Words\n"])
def test_a_text_without_a_clause_is_not_without_defect(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, text)
    assert cli.run(["trace", "cr.txt", "--strict"]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith("cr.txt: no clause was recognised. ")
    assert "No defect" not in printed


def test_one_part_is_not_said_to_be_several(tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text, said in ((f"1.1\tProcedure\n1.\t{GO} {HEAR}\n", "of 1 part reworded"), (BEFORE, "of 3 parts reworded")):
        assert cli.run(["trace", str(written(tmp_path, text)), str(model)]) == 0
        assert f"; 0 {said} since the catalogue was written" in " ".join(capsys.readouterr().out.split())


def test_without_a_catalogue_nothing_is_said_to_be_reworded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = documents.write(
        tmp_path / "cr.docx", paragraph(run("1.1\tProcedure")), paragraph(inserted("1.\tIt waits."), mark="ins")
    )
    assert cli.run(["trace", str(file), str(ROOT / "models" / "textbook" / "token_ring.yaml")]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "the model has no catalogue of items (clauses) to hold it against." in printed
    assert "1.1-1 (paragraph 2): added; no change file changes anything on its ground." in printed
    assert "reworded" not in printed
    assert "What rests on each part" not in printed


def test_the_page_lists_every_rule_and_prints_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert re.findall(r"^\| `([\w-]+)` \| (.*) \|$", PAGE, re.M) == [(rule.name, rule.asks) for rule in RULES]
    assert cli.run(["trace", "--rules"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [rule.name for rule in RULES]
    text, shown = re.findall(r"```(?:text|console) trace\n(.*?)```", PAGE, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    written(tmp_path, text)
    assert cli.run(["trace", "cr.txt"]) == 0
    assert capsys.readouterr().out == shown


def test_the_catalogue_of_the_mission_has_the_fingerprints_of_what_its_change_requests_say() -> None:
    """Of S0 to S4 every item that a clause of theirs says; what is published beside them was not at hand."""
    said = (ROOT / "models" / "mc_migration").rglob("*.yaml")
    prints = [re.findall(r"fingerprint: \[?([a-z, ]+)", file.read_text("utf-8")) for file in said]
    assert sum(map(len, prints)) == 149


def test_no_two_items_of_the_mission_share_a_fingerprint() -> None:
    """It is keyed with the item: one that was copied with a line finds no sentence."""
    items: dict[str, set[str]] = {}
    for file in (ROOT / "models" / "mc_migration").rglob("*.yaml"):
        lines = re.findall(r"^\s*([\w.-]+): \{.*fingerprint: \[?([a-z]+(?:, [a-z]+)*)", file.read_text("utf-8"), re.M)
        for item, prints in lines:
            for one in prints.split(", "):
                items.setdefault(one, set()).add(item)
    assert len(items) > 160
    assert {one: names for one, names in items.items() if len(names) > 1} == {}
