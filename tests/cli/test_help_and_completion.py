"""The help in groups, an example for each command that can be asked, and what a shell is offered of a model's names."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from mcfsm.commands.cli import group, run
from mcfsm.commands.grouped import EXAMPLES, GROUPS

ROOT = Path(__file__).parents[2]
MODEL = str(ROOT / "models" / "mc_migration")


def offered(*arguments: str, typed: str = "") -> list[str]:
    """What a shell is offered behind some arguments."""
    return [
        item.value for item in ShellComplete(group, {}, "mcfsm", "_MCFSM_COMPLETE").get_completions([*arguments], typed)
    ]


def test_every_group_stands_in_the_help_with_its_commands_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    heads = [line for line in text.splitlines() if line in GROUPS]
    assert heads == list(GROUPS)
    assert "..." not in text.replace("[ARGS]...", "")
    assert [name for names in GROUPS.values() for name in names] == list(EXAMPLES)
    assert set(EXAMPLES) <= set(group.commands)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_can_be_asked(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(EXAMPLES[name])
    command = group.commands[name]
    assert words[0] == name
    assert isinstance(command.make_context(name, words[1:]), click.Context)
    assert run([name, "--help"]) == 0
    assert f"Example: mcfsm {name}" in " ".join(capsys.readouterr().out.split())


def test_names_of_a_model_are_completed() -> None:
    assert offered("check", MODEL, "--scenario", typed="two")[0] == "two_partners"
    assert "make_before_break" in offered("check", MODEL, "--scenario")  # of a change
    assert offered("why", MODEL, "--property", typed="K")[:3] == ["K1", "K2", "K3"]
    assert "check.deadlock" in offered("check", MODEL, "--property", typed="check")
    assert offered("check", MODEL, "--reading", typed="notify=") == ["notify=confirmed", "notify=after", "notify=all"]
    assert "mode=make_before_break" in offered("check", MODEL, "--option", typed="mode=")
    assert offered("check", MODEL, "--with", typed="S0,S") == ["S0,S0", "S0,S1", "S0,S4"]
    assert offered("compare", MODEL, "--change", typed="end") == ["end_report"]


def test_where_no_model_can_be_read_nothing_is_completed(tmp_path: Path) -> None:
    assert offered("check", "--scenario") == []
    assert offered("check", str(tmp_path / "none.yaml"), "--scenario") == []
    (tmp_path / "bad.yaml").write_text("model: [", encoding="utf-8")
    assert offered("check", str(tmp_path / "bad.yaml"), "--property") == []


def test_why_says_which_properties_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["why", str(ROOT / "models" / "textbook" / "two_phase_commit.yaml")]) == 4
    said = " ".join(capsys.readouterr().err.split())
    assert "whose verdict? Give --property one of agreement, can_commit, can_abort, check.deadlock" in said


def test_who_stops_reading_gets_no_status_of_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(click, "echo", gone)
    assert run(["schema"]) == 141  # and not main, after which this process would hear no signal
