"""mcfsm check --evidence and mcfsm verify: what each verdict stands on, and that nothing else passes for it."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tokenize
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from building import write

import mcfsm.evidence
from mcfsm.commands import cli
from mcfsm.evidence.verify import sources

TEXT = """
messages: {ping: {}, pong: {sure?: bool}}
options: {hasty: {text: Whether the caller gives up., default: "no", values: {"no": , "yes": }}}
parameters: {calls: 1}
roles:
  caller:
    variables: {called: 0..calls = 0}
    states: [idle, waiting, served]
    initial: idle
    final: [idle, served]
    transitions:
    - {id: call, trigger: call, kind: user, source: idle, dest: waiting, send: [{ping: {to: s}}]}
    - {id: again, trigger: again, kind: protocol, source: waiting, under: {hasty: "no"}, send: [{ping: {to: s}}]}
    - {trigger: pong, source: waiting, dest: served}
    ignore: {pong: [served]}
  server:
    states: [ready]
    initial: ready
    final: [ready]
    transitions: [{trigger: ping, send: [{pong: {to: sender, sure?: true}}]}]
properties:
  safe: {text: No answer comes before a call., never: c.state == idle and in_flight(pong)}
  empty: {text: It says nothing., when: c.state == idle and in_flight(pong), always: in_flight(ping)}
  can: {text: A call can be answered., reachable: c.state == served}
  cannot: {text: It can be answered before., reachable: c.state == idle and in_flight(pong)}
  broken: {text: No call is answered., never: c.state == served}
  strong: {text: A call is answered., leads_to: [c.state == waiting, c.state == served], fairness: strong}
  weak: {text: The same over any network., leads_to: [c.state == waiting, c.state == served]}
  unset: {text: Nothing sets it off., leads_to: [c.state == idle and in_flight(pong), c.state == served]}
scenarios:
  s:
    instances: {c: caller, s: server}
    channels: {default: {kind: fifo, bound: 1, when_full: lose, faults: {loss: unlimited}}}
    expect: {empty: vacuous, cannot: violated, broken: violated, weak: violated, unset: vacuous}
"""
STANDS_ON = [
    ("safe", "PROVED", "states"), ("empty", "VACUOUS", "states"), ("can", "PROVED", "flow"),
    ("cannot", "VIOLATED", "states"), ("broken", "VIOLATED", "flow"), ("strong", "PROVED", "ranking"),
    ("weak", "VIOLATED", "lasso"), ("unset", "VACUOUS", "states"), ("check.deadlock", "PROVED", "states"),
    ("check.reception", "PROVED", "states"), ("check.overflow", "PROVED", "states"),
]  # fmt: skip


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The evidence of every verdict on the model above, beside it."""
    model = write(TEXT, tmp_path_factory.mktemp("evidence"))
    file = model.with_name("proof.gz")
    assert cli.run(["check", str(model), "--evidence", str(file)]) == 0
    return file


def records(file: Path) -> list[Any]:
    """What stands in the lines of a file, the last with its digest left out."""
    return [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()][:-1]


def rewritten(file: Path, lines: list[Any]) -> Path:
    """A file beside another with these lines, and a digest that fits them."""
    content = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    end = json.dumps({"lines": len(lines), "sha256": hashlib.sha256(content).hexdigest()})
    other = file.with_name("tampered.gz")
    other.write_bytes(gzip.compress(content + end.encode() + b"\n"))
    return other


def refused(capsys: pytest.CaptureFixture[str], file: Path, *options: str) -> str:
    """Why a file is refused, its lines joined."""
    status = cli.run(["verify", str(file), *options])
    said = " ".join(capsys.readouterr().out.split())
    assert status == 1, said
    assert said.startswith("REFUSED")
    return said


def test_every_kind_of_verdict_is_verified(proof: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["verify", str(proof), "--json", "-"]) == 0
    told = json.loads(capsys.readouterr().out)
    (scenario,) = told["scenarios"]
    assert (told["verified"], scenario["states"], scenario["transitions"]) == (True, 11, 31)
    assert [(one["id"], one["status"], one["by"]) for one in scenario["verdicts"]] == STANDS_ON


def test_what_it_stands_on_is_said(proof: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["verify", str(proof)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith(": 11 verdicts decided again by the definition alone")
    assert "  strong           PROVED    by ranks of 6 states that wait, strong fairness" in lines
    assert "  weak             VIOLATED  by a flow of 5 steps, the last 4 again and again, weak fairness" in lines


def test_the_same_check_writes_the_same_file(proof: Path) -> None:
    other = proof.with_name("again.gz")
    assert cli.run(["check", str(proof.with_name("test.yaml")), "--evidence", str(other), "--workers", "1"]) == 0
    assert other.read_bytes() == proof.read_bytes()


def test_a_line_changed_alone_does_not_fit_the_digest(proof: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = gzip.decompress(proof.read_bytes()).splitlines(keepends=True)
    for number in range(len(lines)):
        changed = [*lines[:number], lines[number].replace(b"1", b"2").replace(b"0", b"1"), *lines[number + 1 :]]
        if changed != lines:
            other = proof.with_name("tampered.gz")
            other.write_bytes(gzip.compress(b"".join(changed)))
            assert "not the digest of those before it" in refused(capsys, other), lines[number]


def field(record: int, name: str, value: Any) -> Callable[[list[Any]], None]:
    """A change of a field of the record in a line."""

    def change(lines: list[Any]) -> None:
        assert lines[record][name] != value
        lines[record][name] = value

    return change


def claim(number: int, name: str, value: Any) -> Callable[[list[Any]], None]:
    """A change of a field of a claim."""
    return field(2 + number, name, value)


CLAIMS = len(STANDS_ON)
VALUES = 2 + CLAIMS  # where the values of parts begin: of c, s, both channels and the budgets


def rows(lines: list[Any]) -> slice:
    """Where the states stand."""
    first = VALUES + sum(lines[1]["values"])
    return slice(first, first + lines[1]["states"])


def swap_ranks(lines: list[Any]) -> None:
    """Give a state that waits the rank of another, and the other the first's."""
    ranks = lines[rows(lines).stop :]
    first = ranks[0]
    other = next(one for one in ranks if len(one) != len(first))
    first[1:], other[1:] = other[1:], first[1:]


def drop_state(lines: list[Any]) -> None:
    """Leave out a state."""
    del lines[rows(lines).stop - 1]
    lines[1]["states"] -= 1


def add_state(lines: list[Any]) -> None:
    """Add a state that nothing leads to."""
    at = rows(lines)
    known = {tuple(row) for row in lines[at]}
    unknown = next(
        row for row in ([a, 0, b, c, 0] for a in (0, 1, 2) for b in (0, 1) for c in (0, 1)) if tuple(row) not in known
    )
    lines.insert(at.stop, unknown)
    lines[1]["states"] += 1


def rename_value(lines: list[Any]) -> None:
    lines[VALUES] = lines[VALUES].replace("idle", "idly")


def no_states(lines: list[Any]) -> None:
    del lines[VALUES : rows(lines).stop]
    lines[1].update(states=0, transitions=0, values=None)


TAMPERED: dict[str, tuple[Callable[[list[Any]], None], str]] = {
    "format": (field(0, "evidence", 2), "says format 2"),
    "model": (field(0, "model", "elsewhere.yaml"), "its model is not at"),
    "sources": (field(0, "sources", {"test.yaml": "0" * 64}), "is not the file that the evidence was found with"),
    "subjects": (field(0, "subjects", 2), "is no subject"),
    "no subjects": (field(0, "subjects", 0), "not the last"),
    "scenario": (field(1, "scenario", "t"), "unknown scenario t"),
    "changes": (field(1, "changes", ["quick"]), "unknown change quick"),
    "readings": (field(1, "readings", {"notify": "after"}), "unknown parameter, reading or option notify"),
    "options": (field(1, "options", {"hasty": "yes"}), "means something else"),
    "parameters": (field(1, "parameters", {"calls": "2"}), "means something else"),
    "properties": (field(1, "properties", ["safe"]), "means something else"),
    "avoided": (field(1, "avoided", ["again"]), "means something else"),
    "avoided, unknown": (field(1, "avoided", ["never"]), "unknown transition never"),
    "meaning": (field(1, "meaning", "0" * 64), "means something else"),
    "claims": (field(1, "claims", CLAIMS + 1), "is no claim"),
    "fewer claims": (field(1, "claims", CLAIMS - 1), "is no value of a part"),
    "states": (field(1, "states", 10), "leads out of the states that are listed: environment loss ping in c -> s"),
    "transitions": (field(1, "transitions", 30), "between the states are 31 steps, not 30"),
    "values": (field(1, "values", [3, 1, 2, 4]), "other parts"),
    "id": (claim(0, "id", "broken"), "broken is not PROVED by all states"),
    "id of nothing": (claim(0, "id", "safety"), "safety is nothing that was asked"),
    "status": (claim(0, "status", "VIOLATED"), "safe is not VIOLATED by all states, but PROVED"),
    "status, vacuous": (claim(1, "status", "PROVED"), "empty is not PROVED by all states, but VACUOUS"),
    "status, reachable": (claim(3, "status", "PROVED"), "cannot is not PROVED by all states, but VIOLATED"),
    "status of a check": (claim(8, "status", "VIOLATED"), "check.deadlock is not VIOLATED"),
    "status of a flow": (claim(4, "status", "PROVED"), "broken is not PROVED by its flow"),
    "status of a lasso": (claim(6, "status", "PROVED"), "breaks nothing"),
    "status of a ranking": (claim(5, "status", "VIOLATED"), "strong is not VIOLATED"),
    "by": (claim(0, "by", "ranking"), "not what ranking can show"),
    "by a flow": (claim(7, "by", "flow"), "not what flow can show"),
    "fairness": (claim(5, "fairness", "weak"), "strong"),
    "fairness of a lasso": (claim(6, "fairness", "strong"), "its loop is not fair"),
    "fairness of a state": (claim(0, "fairness", "weak"), "not what states can show"),
    "steps": (claim(4, "steps", [0, 0, 0]), "step"),
    "steps beyond": (claim(4, "steps", [0, 1, 7]), "step 3 of its flow is none"),
    "fewer steps": (claim(4, "steps", [0]), "not a word for each"),
    "words": (claim(4, "words", ["c call", "s server.ping.1", "c again"]), "step 3 of its flow is none"),
    "start": (claim(6, "start", 3), "no beginning"),
    "start too early": (claim(6, "start", 0), "not set off"),
    "loop": (claim(6, "loop", 3), "does not close"),
    "sets": (claim(5, "sets", ["c again", "c again", "c again"]), "strong: a step from state"),
    "ranked": (claim(5, "ranked", 5), "state 10 waits, and has no rank"),
    "ranks": (swap_ranks, "strong: "),
    "half a rank": (lambda lines: lines[rows(lines).stop].append(0), "is no rank of a state"),
    "a state less": (drop_state, "state"),
    "a state more": (add_state, "1 of the states that are listed are never reached"),
    "a value": (rename_value, "the initial state is not among the states"),
    "no states": (no_states, "no states are listed that it could stand on"),
    "a field more": (lambda lines: lines[1].update(more=1), "is no subject"),
    "a field less": (lambda lines: lines[2].pop("sets"), "is no claim"),
    "another sort": (claim(0, "status", "FINE"), "has no status that could be one"),
    "nothing": (claim(0, "status", None), "has no status that could be one"),
    "another sort where there may be nothing": (claim(4, "steps", "1"), "has no steps that could be one"),
    "a line more": (lambda lines: lines.append([1]), "is not the last"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_what_is_tampered_with_is_refused(name: str, proof: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change, why = TAMPERED[name]
    lines = records(proof)
    change(lines)
    assert why in refused(capsys, rewritten(proof, lines))


def test_every_field_is_tampered_with(proof: Path) -> None:
    lines = records(proof)
    told = " ".join(TAMPERED)
    assert {key for line in lines if isinstance(line, dict) for key in line if key not in told} == {"evidence"}


def test_another_model_is_refused(proof: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = write(TEXT.replace("dest: served}", "dest: idle}"), tmp_path)
    said = refused(capsys, proof, "--model", str(other))
    assert "test.yaml is not the file that the evidence was found with: make it anew with mcfsm check." in said
    lines = records(proof)
    lines[0]["sources"] = sources(other)
    said = refused(capsys, rewritten(proof, lines), "--model", str(other))
    assert "scenario s means something else than when the evidence was found." in said


def test_a_model_that_moved_is_named(proof: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moved = tmp_path / "moved.gz"
    moved.write_bytes(proof.read_bytes())
    assert "say with --model where it is" in refused(capsys, moved)
    assert cli.run(["verify", str(moved), "--model", str(proof.with_name("test.yaml"))]) == 0


def test_files_outside_are_not_read(proof: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = records(proof)
    lines[0]["sources"]["../secret.yaml"] = "0" * 64
    assert "../secret.yaml lies outside the model's directory" in refused(capsys, rewritten(proof, lines))


HOSTILE = {
    "empty": (b"", "or is no evidence"),
    "no gzip": (b"PK no gzip", "line 1 cannot be read"),
    "cut off": (gzip.compress(b"{}\n", mtime=0)[:-4], "line 2 cannot be read"),
    "deep": (gzip.compress(b"[" * 100_000 + b"\n", mtime=0), "or is no evidence"),
    "long": (gzip.compress(b"a" * 2_000_000, mtime=0), "line 1 is not whole"),
    "no number": (gzip.compress(b"NaN\n", mtime=0), "or is no evidence"),
    "many digits": (gzip.compress(b"9" * 5_000 + b"\n", mtime=0), "or is no evidence"),
    "no text": (gzip.compress(b"\xff\n", mtime=0), "or is no evidence"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_evidence_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, why = HOSTILE[name]
    file = tmp_path / "hostile.gz"
    file.write_bytes(content)
    assert why in refused(capsys, file)


@pytest.mark.parametrize("line", [None, True, "text", 7, [], {"evidence": 1}, {"evidence": True}, {"a": {"a": {}}}])
def test_a_first_line_of_another_sort_is_refused(line: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "line 1 is no" in refused(capsys, rewritten(tmp_path / "x.gz", [line]))


def test_a_file_is_read_up_to_a_size(
    proof: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(gzip.decompress(proof.read_bytes()))
    monkeypatch.setattr("mcfsm.evidence.records.MOST_BYTES", size)
    assert cli.run(["verify", str(proof)]) == 0
    capsys.readouterr()
    monkeypatch.setattr("mcfsm.evidence.records.MOST_BYTES", size - 1)
    assert "is not whole: the file ends in it, or is too long" in refused(capsys, proof)


def test_more_states_than_wanted_are_no_refusal(proof: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["verify", str(proof), "--max-states", "5"]) == 2
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("INCOMPLETE")
    assert said.endswith(
        "stopped by --max-states 5: scenario s lists 11 states. Nothing is proved, and nothing is refused."
    )
    lines = records(proof)
    lines[1]["states"] = 4_000_000_000
    assert cli.run(["verify", str(rewritten(proof, lines))]) == 2


def test_what_was_left_out_is_said(proof: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = proof.with_name("without.gz")
    model = str(proof.with_name("test.yaml"))
    cli.run(["check", model, "--avoid", "again", "--property", "safe", "--evidence", str(file)])
    assert "evidence of 1 verdict in " in capsys.readouterr().out
    assert cli.run(["verify", str(file)]) == 0
    assert "without again" in capsys.readouterr().out.splitlines()


def test_what_a_limit_left_open_has_no_evidence(proof: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = proof.with_name("part.gz")
    model = str(proof.with_name("test.yaml"))
    assert (
        cli.run(
            ["check", model, "--max-depth", "3", "--property", "safe", "--property", "can", "--evidence", str(file)]
        )
        == 2
    )
    assert "no evidence: s: safe is INCOMPLETE" in capsys.readouterr().out.splitlines()
    assert cli.run(["verify", str(file)]) == 0
    assert [one["id"] for one in records(file)[2:]] == ["can"]


def test_the_checker_is_small() -> None:
    assert mcfsm.evidence.__file__ is not None
    assert sum(map(lines_of_code, Path(mcfsm.evidence.__file__).parent.glob("*.py"))) < 500


def lines_of_code(file: Path) -> int:
    """The lines of a module that are neither empty nor comments nor docstrings."""
    found: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(file.read_text(encoding="utf-8")).readline):
        docstring = token.string.startswith('"""')
        if token.type in (tokenize.OP, tokenize.NAME, tokenize.NUMBER, tokenize.STRING) and not docstring:
            found.update(range(token.start[0], token.end[0] + 1))
    return len(found)
