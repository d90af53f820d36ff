"""`mcfsm mutate`: the score, what nothing notices in sentences, JSON and exit statuses.

`python tests/cli/test_mutate.py` rewrites the texts in tests/snapshots/mutate; read the difference before it is
committed.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from mcfsm.commands.cli import run
from mcfsm.language.selection import Selection
from mcfsm.questions.mutate import Mutated, mutate
from mcfsm.report.mutate import mutate_as_json, mutate_as_text
from mcfsm.verdicts.run import Effort

ROOT = Path(__file__).parents[2]
SNAPSHOTS = ROOT / "tests" / "snapshots" / "mutate"
WIDTHS = (60, 80, 120)
TWO_PHASE_COMMIT, ALTERNATING_BIT = (f"models/textbook/{name}.yaml" for name in ("two_phase_commit", "alternating_bit"))


def asked() -> Mutated:
    found = mutate(ROOT / ALTERNATING_BIT, effort=Effort(workers=1))
    return replace(found, path=ALTERNATING_BIT)


def printed(found: Mutated, width: int) -> str:
    console = Console(width=width, highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        console.print(mutate_as_text(found, width=width, seconds=1.5))
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


@pytest.fixture(scope="module")
def found() -> Mutated:
    return asked()


@pytest.mark.long
@pytest.mark.parametrize("width", WIDTHS)
def test_the_report_at_every_width(width: int, found: Mutated) -> None:
    text = printed(found, width)
    assert text == (SNAPSHOTS / f"alternating_bit_{width}.txt").read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= width


def test_what_is_asked_alone_is_said_and_what_is_stopped_is_no_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mutate", ALTERNATING_BIT, "--scenario", "lossy", "--property", "no_loss"]) == 0
    text = capsys.readouterr().out
    assert " are noticed by no_loss (" in text
    assert "Nothing that no_loss says changes if" in text
    assert run(["mutate", ALTERNATING_BIT, "--scenario", "lossy", "--max-states", "2"]) == 2
    assert "Nothing could be told." in capsys.readouterr().out


def test_the_data_say_the_same_of_every_mutation(found: Mutated) -> None:
    data = mutate_as_json(found)
    fates = [one["fate"] for one in data["mutations"]]
    assert data["fates"] == {fate: fates.count(fate) for fate in dict.fromkeys(fates)}
    assert data["score"] == round(fates.count("noticed") / (fates.count("noticed") + fates.count("unnoticed")), 4)
    texts = [one["text"] for one in data["mutations"] if one["fate"] == "unnoticed"]
    assert texts[:2] == ["does not send data, at transmit", "sends data with 0 as bit, at transmit"]
    assert {bool(one["noticed_by"]) for one in data["mutations"] if one["fate"] == "noticed"} == {True}


def test_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    asked = ["mutate", TWO_PHASE_COMMIT, "--scenario", "three", "--property", "can_commit", "--workers", "1"]
    assert run(asked) == 0
    text = capsys.readouterr().out
    assert text.splitlines()[0] == f"{TWO_PHASE_COMMIT}  scenario three"
    assert (
        "\n    does not ask whether votes == all_of(resource_manager), at decide (transaction_manager.decide.1)\n"
        in text
    )
    assert run([*asked, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["fates"] == {"noticed": 8, "unnoticed": 15}


def test_what_decides_nothing_stands_apart(tmp_path: Path) -> None:
    text = (
        (ROOT / TWO_PHASE_COMMIT)
        .read_text(encoding="utf-8")
        .replace("{prepared: {label: Prepared},", "{prepared: {mood: 1..2},")
    )
    path = tmp_path / "commit.yaml"
    path.write_text(text.replace("{prepared: {to: tm}}", "{prepared: {to: tm, mood: 1}}"), encoding="utf-8")
    asked = mutate(path, Selection(scenarios=["three"]), effort=Effort(workers=1))
    assert [one.mutation.part for one in asked.of("unnoticed") if one.dead] == ["mood"]
    assert printed(asked, 80).partition("\nNor ")[2].splitlines()[:2] == [
        "whatever is in these, on which no condition, receiver or promise depends",
        "  prepared: mood (resource_manager.prepare.1)",
    ]


def test_what_a_limit_leaves_open_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert run(["mutate", TWO_PHASE_COMMIT, "--scenario", "three", "--max-states", "20", "--workers", "1"]) == 2
    text = capsys.readouterr().out
    assert "agreement of three is INCOMPLETE by itself: what it would notice is not told." in text
    assert "It could not be told whether anything changes if" in text
    assert "--max-states 20" in text


def test_mistakes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert run(["mutate", TWO_PHASE_COMMIT, "--engine", "reference"]) == 4
    assert "only --engine exhaustive" in capsys.readouterr().err
    assert run(["mutate", TWO_PHASE_COMMIT, "--property", "agrement"]) == 4
    assert "did you mean agreement" in capsys.readouterr().err


if __name__ == "__main__":
    SNAPSHOTS.mkdir(parents=True, exist_ok=True)
    for columns in WIDTHS:
        (SNAPSHOTS / f"alternating_bit_{columns}.txt").write_text(printed(asked(), columns), encoding="utf-8")
