"""mcfsm compare, matrix, overview, conditions, interwork, repair, ladder: JSON, exit statuses, mistakes of a user."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from building import write

from mcfsm.commands import cli
from mcfsm.questions.families.ladder import FAULTS

MODEL = Path(__file__).parents[2] / "models" / "mc_migration"
PINGS = """
model: pings
changes: [louder.yaml]
messages: {ping: {number: 0..3}}
roles:
  caller: {states: [before, after], initial: before, final: [after], transitions: [{id: go, trigger: go, kind: protocol, source: before, dest: after, send: [{ping: {to: second, number: 1}}]}]}
  called: {states: [there], initial: there, final: [there], transitions: [{id: hear, trigger: ping, conditions: msg.number < 3}]}
properties: {arrives: {text: It arrives., reachable: first.state == after and not in_flight(ping)}}
scenarios: {one: {instances: {first: caller, second: called}, channels: {default: {kind: fifo, bound: 1}}}}
"""  # noqa: E501
LOUDER = """
change: louder
title: a ping is too loud to be heard
edits:
- replace: {set: {}, transitions: {caller: [{id: go, trigger: go, kind: protocol, source: before, dest: after, send: [{ping: {to: second, number: 3}}]}]}}
"""  # noqa: E501


@pytest.fixture
def pings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "pings").mkdir()
    (tmp_path / "pings" / "model.yaml").write_text(PINGS, encoding="utf-8")
    (tmp_path / "pings" / "louder.yaml").write_text(LOUDER, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return "pings"


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[dict[str, Any], int]:
    status = cli.run([*arguments, "--json", "-"])
    return json.loads(capsys.readouterr().out), status


def test_compare_as_json(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    data, status = asked(capsys, "compare", pings, "--change", "louder")
    (one,) = data["scenarios"]
    assert status == 0
    assert [version["title"] for version in one["versions"]] == ["no change", "louder"]
    assert [version["states"] for version in one["versions"]] == [3, 2]
    assert one["parts"] == ["replaces transition go of caller"]
    assert one["verdicts"] == [
        {"id": "arrives", "before": "PROVED", "after": "VIOLATED"},
        {"id": "check.deadlock", "before": "PROVED", "after": "VIOLATED"},
        {"id": "check.reception", "before": "PROVED", "after": "VIOLATED"},
    ]
    assert one["transitions"] == [{"id": "hear", "fate": "dead"}]
    assert [cell["after"] for cell in one["receptions"]] == ["unspecified"]
    sent = {"message": "ping", "receiver": "second", "elements": {"number": "3"}}
    assert one["only_after"]["flow"] == [{"instance": "first", "receives": [], "sends": [sent], "event": None}]
    assert [step["transition"] for step in one["only_before"]["trace"]] == ["go"]
    assert one["happened"] == ["behaviour-added", "behaviour-removed", "verdict-lost"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["pings", "--change", "louder"],
        ["pings", "--without", "1"],
        ["pings", "--since", "HEAD"],
        ["pings", "louder_pings", "--with", "none"],
    ],
)
def test_of_a_verdict_that_is_lost_the_next_command_shows_the_flow(
    pings: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    cited = PINGS.replace("{id: go, trigger", "{id: go, clause: '1', trigger")
    (tmp_path / pings / "model.yaml").write_text(cited, encoding="utf-8")
    shutil.copytree(tmp_path / pings, tmp_path / "louder_pings")
    louder = cited.replace("number: 1}", "number: 3}")
    (tmp_path / "louder_pings" / "model.yaml").write_text(louder, encoding="utf-8")
    if "--since" in arguments:
        git = ["git", "-C", str(tmp_path), "-c", "user.name=n", "-c", "user.email=e@example.org"]
        for one in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
            subprocess.run([*git, *one], check=True)
        (tmp_path / pings / "model.yaml").write_text(louder, encoding="utf-8")
    assert cli.run(["compare", *arguments]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Next: ")]
    command, said = line.removeprefix("Next: ").split("   ")
    assert said == "(the flow that breaks it)"
    name, *again = shlex.split(command)
    assert name == "mcfsm"
    assert cli.run(again) in (0, 1)
    shown = " ".join(capsys.readouterr().out.split())
    assert "check.deadlock no step is possible, and not everybody is at rest" in shown


def test_nothing_is_asked_next_where_no_verdict_is_lost(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["compare", pings, pings]) == 0
    assert "Next:" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("forbid", "status"), [("behaviour-added", 1), ("behaviour-removed", 1), ("verdict-lost,behaviour-added", 1)]
)
def test_forbidden_things_set_the_exit_status(pings: str, forbid: str, status: int) -> None:
    assert cli.run(["compare", pings, "--change", "louder", "--forbid", forbid]) == status
    assert cli.run(["compare", pings, pings, "--forbid", forbid]) == 0


def test_a_search_that_is_stopped_is_no_pass(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["compare", pings, pings, "--max-depth", "1"]) == 2
    assert "none of up to 1 step; stopped by --max-depth 1, raise it" in capsys.readouterr().out
    assert cli.run(["compare", pings, pings, "--max-depth", "1", "--forbid", "verdict-lost"]) == 2


def test_two_models_are_compared(pings: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(tmp_path / pings, tmp_path / "pangs")
    text = PINGS.replace("number: 1}", "number: 2}").replace("id: hear", "id: listen")
    (tmp_path / "pangs" / "model.yaml").write_text(text, encoding="utf-8")
    data, status = asked(capsys, "compare", pings, "pangs")
    assert status == 0
    assert data["scenarios"][0]["parts"] == [
        "adds transition listen of called",
        "replaces transition go of caller",
        "removes transition hear of called",
    ]
    assert data["scenarios"][0]["transitions"] == [{"id": "listen", "fate": "new"}, {"id": "hear", "fate": "gone"}]


def test_a_model_is_compared_with_what_it_was(pings: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=n", "-c", "user.email=e@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *arguments], check=True)
    (tmp_path / pings / "model.yaml").write_text(PINGS.replace("number: 1}", "number: 0}"), encoding="utf-8")
    data, status = asked(capsys, "compare", pings, "--since", "HEAD")
    assert status == 0
    assert [version["title"] for version in data["scenarios"][0]["versions"]] == ["pings as of HEAD", "pings"]
    assert data["scenarios"][0]["parts"] == ["replaces transition go of caller"]
    assert data["scenarios"][0]["happened"] == ["behaviour-added", "behaviour-removed"]
    assert cli.run(["compare", pings, "--since", "nowhere"]) == 3
    assert "error M109: git does not have the model" in capsys.readouterr().err
    assert cli.run(["compare", pings, "--since=--output=x"]) == 3
    assert "error M109: --output=x is no revision" in capsys.readouterr().err


@pytest.mark.long
def test_overview_as_json(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    data, status = asked(capsys, "overview", pings)
    (one,) = data["scenarios"]
    assert (status, data["format"], one["variants"], one["distinct"]) == (0, 1, [[], ["with louder"]], 2)
    assert (one["states"], one["left_out"]) == ([3, 2], [])
    assert one["properties"][0] == {
        "id": "arrives",
        "text": "It arrives.",
        "statuses": ["PROVED", "VIOLATED"],
        "alone": [{"switch": "with louder", "status": "VIOLATED"}],
        "pairs": [],
        "undone": [],
    }


@pytest.mark.long
def test_overview_as_text(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["overview", pings, "--no-pairs"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[:2] == ["pings/model.yaml scenario one fifo 1", "switches: with louder"]
    assert lines[3] == "property default otherwise"
    assert lines[5:8] == [
        "arrives PROVED VIOLATED with louder",
        "check.deadlock PROVED VIOLATED with louder",
        "check.reception PROVED VIOLATED with louder",
    ]
    assert lines[9] == "PROVED whatever is switched: check.overflow"
    assert re.fullmatch(r"8 verdicts: 1 scenario, 2 variants, 2 of them distinct, \d+\.\d s", lines[-1])


@pytest.mark.long
def test_an_overview_that_is_not_complete_says_so_and_is_no_pass(
    pings: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["overview", pings, "--max-depth", "0"]) == 2
    text = capsys.readouterr().out
    assert "INCOMPLETE whatever is switched: arrives, check.deadlock, check.reception, check.overflow" in text
    assert "8 of 8 verdicts INCOMPLETE" in text
    assert text.endswith("\nSome searches were stopped by --max-depth 0; raise it.\n")
    data, status = asked(capsys, "overview", pings, "--max-depth", "0")
    assert (status, data["limited"]) == (2, "--max-depth 0")


@pytest.mark.long
def test_processes_beside_each_other_tell_what_limited_them(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    model = Path(pings) / "model.yaml"
    model.write_text(f"{PINGS.rstrip()[:-1]}, two: {{like: one}}}}\n", encoding="utf-8")
    data, status = asked(capsys, "matrix", pings, "--max-depth", "0")
    assert (status, data["limited"]) == (2, "--max-depth 0")
    assert "limited" not in asked(capsys, "matrix", pings)[0]


@pytest.mark.long
def test_assumptions_as_text_and_json(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    model = Path(pings) / "model.yaml"
    line = "conditions: msg.number < 3}"
    model.write_text(PINGS.replace(line, f"{line[:-1]}, assumption: Pings are heard.}}"), encoding="utf-8")
    assert cli.run(["assumptions", pings]) == 0
    text = capsys.readouterr().out
    assert "2 of 4 proofs stand on what the text does not say or leaves open: on 1 sentence alone." in text
    assert "PROVED  arrives  It arrives.\n" in text
    falls = "without it they are VIOLATED: arrives (no such state); check.deadlock in 1 step."
    assert f"  1. Pings are heard.\n     hear model.yaml:7; {falls}\n" in text
    assert "\nWithout: Pings are heard (hear): check.deadlock is VIOLATED in 1 step\n" in text
    assert cli.run(["assumptions", pings, "--flows", "none", "--property", "arrives"]) == 0
    assert "Without: " not in capsys.readouterr().out
    data, status = asked(capsys, "assumptions", pings, "--property", "check.deadlock")
    ((check,),) = [one["properties"] for one in data["scenarios"]]
    assert (status, check["status"], [one["status"] for one in check["alone"]]) == (0, "PROVED", ["VIOLATED"])
    assert [step["transition"] for step in check["alone"][0]["trace"]] == ["go"]


@pytest.mark.long
def test_a_ledger_that_is_not_complete_says_so_and_is_no_pass(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["assumptions", pings, "--max-depth", "0"]) == 2
    assert "4 of 4 verdicts INCOMPLETE" in capsys.readouterr().out
    assert cli.run(["assumptions", pings, "--property", "arrive"]) == 4
    assert "unknown property arrive" in capsys.readouterr().err
    assert cli.run(["assumptions", pings, "--pairs", "some"]) == 4


@pytest.mark.long
def test_matrix_and_conditions_as_json(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    data, status = asked(capsys, "matrix", pings)
    (one,) = data["matrices"]
    assert (status, one["columns"]) == (0, [[], ["louder"]])
    assert one["properties"][0] == {
        "id": "arrives",
        "statuses": ["PROVED", "VIOLATED"],
        "breaks": [["louder"]],
        "mends": [],
    }
    data, status = asked(capsys, "conditions", pings, "--property", "arrives")
    (one,) = data["conditions"]
    assert (status, one["holds"], one["terms"]) == (0, "not louder", [{"louder": ["without"]}])
    assert one["variants"] == [
        {"changes": [], "chosen": {}, "status": "PROVED"},
        {"changes": ["louder"], "chosen": {}, "status": "VIOLATED"},
    ]


def test_interwork_and_repair_as_json(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    data, status = asked(capsys, "interwork", pings, "--change", "louder")
    assert (status, data["scenarios"][0]["works"]) == (0, True)
    assert [combination["roles"] for combination in data["scenarios"][0]["combinations"]] == [
        {"caller": "old"},
        {"caller": "new"},
    ]
    data, status = asked(capsys, "repair", pings, "--property", "arrives", "--with", "louder")
    assert (status, data["corrections"], data["candidates"]) == (1, [], [])
    data, status = asked(capsys, "repair", pings, "--property", "arrives")
    assert (status, data["holds"]) == (0, True)


def test_interwork_says_where_nothing_is_mixed_and_what_is_not_asked(
    pings: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = "- add: {scenarios: {three: {like: one}}}\n"
    (tmp_path / pings / "louder.yaml").write_text(LOUDER + more, encoding="utf-8")
    data, status = asked(capsys, "interwork", pings, "--change", "louder")
    assert [(one["scenario"], one["mixed"], one["only_newer"]) for one in data["scenarios"]] == [
        ("one", False, ["three"])
    ]
    assert (status, cli.run(["interwork", pings, "--change", "louder"])) == (0, 0)
    said = capsys.readouterr().out
    assert "nothing is mixed here: caller alone is otherwise in the newer text" in said
    assert "every mixture" not in said
    assert said.rstrip().endswith("not asked, as only louder has them: three")
    for command in ("compare", "interwork"):
        assert cli.run([command, pings, "--change", "louder", "--scenario", "three"]) == 4
        assert "error M601: only the text with louder has scenario three" in capsys.readouterr().err


def test_ladder_as_json(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    data, status = asked(capsys, "ladder", pings, "--faults", "loss,duplication", "--most", "2")
    (one,) = data["ladders"]
    assert (status, one["most"]) == (0, 2)
    assert {found["id"]: [broken["faults"] for broken in found["broken"]] for found in one["properties"]} == {
        "arrives": [],
        "check.deadlock": [],
        "check.reception": [],
        "check.overflow": [],
    }


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["compare", "pings"], 4, "name what is compared"),
        (["compare", "pings", "pings", "--change", "louder"], 4, "name what is compared"),
        (
            ["compare", "pings", "pings", "--forbid", "anything"],
            4,
            "--forbid takes behaviour-added,",
        ),
        (["compare", "pings", "--change", "quiet"], 4, "error M317: unknown change quiet"),
        (["compare", "pings", "--without", "1.2"], 4, "error M308: no transition cites clause 1.2"),
        (["compare", "pings", "pings", "--scenario", "two"], 4, "error M601: unknown scenario two"),
        (["compare", "pings", "pings", "--reading", "x=y"], 4, "error M309: unknown reading or option x"),
        (["matrix", "pings", "--property", "nothing"], 4, "error M313: unknown property nothing"),
        (["conditions", "pings", "--property", "nothing"], 4, "error M313: unknown property nothing"),
        (["conditions", "pings"], 4, "Missing option '--property'"),
        (["interwork", "pings"], 4, "Missing option '--change'"),
        (["repair", "pings", "--property", "arrives", "--candidates", "x"], 4, "error M317: unknown change x"),
        (
            ["ladder", "pings", "--faults", "fire"],
            4,
            f"--faults takes {', '.join(FAULTS)}, not fire",
        ),
    ],
)
def test_mistakes(pings: str, arguments: list[str], status: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (pings, cli.run(arguments)) == ("pings", status)
    assert said in " ".join(capsys.readouterr().err.split())


def test_of_a_model_without_changes_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    token_ring = str(Path(__file__).parents[2] / "models" / "textbook" / "token_ring.yaml")
    assert cli.run(["check", token_ring, "--with", "S1"]) == 4
    assert "hint: the model has no changes" in capsys.readouterr().err


@pytest.mark.long
def test_a_question_about_too_many_variants_says_what_is_open(capsys: pytest.CaptureFixture[str]) -> None:
    mission = str(Path(__file__).parents[2] / "models" / "mc_migration")
    asked_of = ["conditions", mission, "--property", "R2", "--scenario", "one_partner"]
    assert cli.run(asked_of) == 4
    said = " ".join(capsys.readouterr().err.split())
    assert "error M104: 148,224 variants; at most 1,024 are tried" in said
    assert "(--with NAMES, --reading NAME=VALUE, --option NAME=VALUE). Open are: 8 sets of changes; readings" in said
    assert "asked (3)" in said
    assert "retry (3)" in said
    assert "1 problem in what was asked" in said
    assert cli.run([*asked_of, "--with", "S0", "--option", "mode=break_before_make"]) == 0
    assert "256 variants" in capsys.readouterr().out


def test_a_setting_may_be_of_one_version_only(pings: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quiet = "- add: {options: {how: {text: How., default: softly, values: {softly: , loudly: }}}}\n"
    (tmp_path / pings / "louder.yaml").write_text(LOUDER + quiet, encoding="utf-8")
    for command in ("compare", "interwork"):
        data, _ = asked(capsys, command, pings, "--change", "louder", "--set", "how=loudly")
        assert len(data["scenarios"]) == 1
        assert cli.run([command, pings, "--change", "louder", "--set", "why=loudly"]) == 4
        assert "error M309: unknown option or parameter why" in capsys.readouterr().err


def test_a_fault_that_an_observer_cannot_see_leaves_its_property_unclear(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The ladder lets everybody crash, also who has nothing of what the observer of crashes reads."""
    path = write(
        """
        messages: {hello: {}}
        roles:
          one: {states: [s], initial: s, final: [s], transitions: [{trigger: go, kind: user, send: [{hello: {to: b}}]}]}
          other: {variables: {asked: bool}, states: [s], initial: s, final: [s], transitions: [{trigger: hello}]}
        observers:
          blame: {variables: {forgot: bool}, transitions: [{on: {fault: crash}, set: {forgot: before.asked}}]}
        properties:
          known: {text: Nothing is forgotten., never: blame.forgot}
        scenarios:
          s: {instances: {a: one, b: other}, channels: {default: {bound: 1}}, crash: {b: 1}}
        """,
        tmp_path,
    )
    asked_of = ["ladder", str(path), "--property", "known", "--faults", "crash", "--json", "-"]
    assert cli.run([*asked_of, "--engine", "reference"]) == 2
    (one,) = json.loads(capsys.readouterr().out)["ladders"]
    assert "a takes a step that reads asked, which it does not have" in json.dumps(one)


TRIED = """
change: {name}
title: {name}
candidate: true
edits:
- add: {added}
"""
UNHEARD = PINGS.replace("< 3", "< 1").replace("kind: fifo, bound: 1", "kind: bag, bound: 2")
APART = {  # each is a model by itself; the first does not give what the second asks for, and counts on beyond the third
    "spoken": "{transitions: {caller: [{id: speak, trigger: speak, kind: user, source: after, "
    "send: [{ping: {to: second, number: 0}}]}]}}",
    "named": "{domains: {Name: [anna]}, elements: {ping: {name: Name}}, sent: {go: {ping: {name: anna}}}}",
    "counted": "{variables: {called: {heard: 0..1 = 0}}, set: {hear: {heard: heard + 1}}}",
}


def test_corrections_that_do_not_go_together_are_told(
    pings: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, added in APART.items():
        (tmp_path / pings / f"{name}.yaml").write_text(TRIED.format(name=name, added=added), encoding="utf-8")
    listed = ", ".join(f"{name}.yaml" for name in APART)
    model = UNHEARD.replace("changes: [louder.yaml]", f"changes: [{listed}]")
    (tmp_path / pings / "model.yaml").write_text(model, encoding="utf-8")
    ask = ("repair", pings, "--property", "arrives")
    data, status = asked(capsys, *ask)
    why = {tuple(one["changes"]): one["why"].split()[0] for one in data["wrong"]}
    assert (status, why) == (1, {("spoken", "named"): "M501", ("spoken", "counted"): "M701"})
    assert [one["changes"] for one in data["alone"]] == [[name] for name in APART]
    assert cli.run(ask) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "left out: spoken+named do not go together: M501 the mandatory element name of ping is not given" in said


def test_a_single_correction_that_makes_no_model_is_an_error(
    pings: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    added = APART["named"].replace(", sent: {go: {ping: {name: anna}}}", "")
    (tmp_path / pings / "named.yaml").write_text(TRIED.format(name="named", added=added), encoding="utf-8")
    model = UNHEARD.replace("changes: [louder.yaml]", "changes: [named.yaml]")
    (tmp_path / pings / "model.yaml").write_text(model, encoding="utf-8")
    data, status = asked(capsys, "repair", pings, "--property", "arrives")
    assert (status, data["problems"][0]["code"]) == (3, "M501")
