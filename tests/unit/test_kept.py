"""What was found out before: the same as what is searched, never of another question, and never what is spoiled."""

from __future__ import annotations

import errno
import hashlib
import json
import multiprocessing
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from building import write

from mcfsm import model as records
from mcfsm.explore.findings import Limits
from mcfsm.host import code
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model import Model
from mcfsm.verdicts.kept import files, keeping, question
from mcfsm.verdicts.kept.files import Files
from mcfsm.verdicts.kept.keeping import KnownFindings
from mcfsm.verdicts.kept.question import Question
from mcfsm.verdicts.run import Effort, run, run_by_text
from mcfsm.verdicts.verdict import Run

TEXT = """
model: a caller and a called party
clauses: clauses.yaml
messages: {ping: {n: "0..2"}, pong: {why: "set[0..1]", late?: bool}, bye: {}}
roles:
  caller:
    variables: {tried: 0..2 = 0, seen: "set[0..1]"}
    states: [idle, waiting, done]
    initial: idle
    final: [idle, waiting, done]
    transitions:
    - {trigger: call, kind: user, source: idle, dest: waiting, clause: "5.1", send: [{ping: {to: b, n: tried}}]}
    - {trigger: stop, kind: user, source: waiting, dest: done, send: [{bye: {to: b}}],
       assumption: A caller may stop at any time.}
    - {trigger: hang_up, kind: user, source: waiting, dest: done, clause: "5.2"}
    - {trigger: again, kind: user, source: done, dest: idle, conditions: tried < 2, set: {tried: tried + 1},
       clause: "5.1"}
    - {trigger: pong, source: waiting, dest: done, set: {seen: msg.why}, clause: "5.1"}
    ignore: {pong: [idle, done]}
  called:
    variables: {times: 0..3 = 0}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {trigger: ping, clause: "5.1", set: {times: "min(times + 1, 3)"}, send: [{pong: {to: a, why: "{0, 1}"}}]}
    - {trigger: ping, clause: "5.1", set: {times: "min(times + 1, 3)"}, send: [{pong: {to: a, why: "{}", late: true}}]}
    - {trigger: bye, assumption: Who is called may hear it.}
properties:
  few: {text: A call is heard twice at most., never: b.times > 2, clause: "5.1"}
  heard: {text: Who is done was heard., when: a.state == done, always: b.times > 0, clause: "5.1"}
  ends: {text: Somebody is done., reachable: a.state == done, clause: "5.1"}
  answered: {text: Who waits is done., leads_to: [a.state == waiting, a.state == done], clause: "5.1"}
  stays: {text: Who is done stays so., leads_to: [a.state == done, a.state == idle], clause: "5.1"}
scenarios:
  s:
    instances: {a: caller, b: called}
    channels: {default: {kind: fifo, bound: 1, when_full: error}}
"""
CLAUSES = """
"5.1": {modality: shall, text: Who is called answers.}
"5.2": {modality: informative, text: Somebody may hang up.}
"""
IDS = ("few", "heard", "ends", "answered", "stays", "check.deadlock", "check.reception", "check.overflow")


def made(text: str = TEXT, clauses: str = CLAUSES) -> Model:
    """The model of a text beside a catalogue of clauses."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "clauses.yaml").write_text(clauses, encoding="utf-8")
        return resolve(read(write(text, Path(folder))), "s")


@pytest.fixture(scope="module")
def model() -> Model:
    return made()


@pytest.fixture
def kept(tmp_path: Path) -> KnownFindings:
    return KnownFindings(Files(tmp_path))


def ask(model: Model, kept: KnownFindings | None, ids: tuple[str, ...] = IDS, **asked: Any) -> Run:
    """A run as the reference explorer finds it, less what differs between two that are alike."""
    effort = Effort(asked.pop("engine", "reference"), 1, asked.pop("limits", None), kept=kept)
    found = run(model, ids, effort, **asked)
    return replace(found, findings=replace(found.findings, seconds=0.0))


def only(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def spoil(file: Path, change: Callable[[Any], Any]) -> None:
    """Change what a file says, and give it the digest that it then has."""
    content = json.dumps(change(json.loads(file.read_bytes()[65:]))).encode()
    file.write_bytes(sealed(file.name, content))


def sealed(name: str, content: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + content).hexdigest().encode() + b"\n" + content


def test_what_is_taken_is_what_was_found(model: Model, kept: KnownFindings) -> None:
    first = ask(model, kept)
    again = ask(model, kept)
    assert [verdict.status[0] for verdict in first.verdicts] == list("VVPPVPPV")
    assert (first.taken, again.taken, kept.asked, kept.taken) == (False, True, 2, 1)
    assert replace(again, taken=False) == first == ask(model, None)
    assert first["heard"].normative_note == "no flow without assumptions and informative items"
    assert again["stays"].trace == first["stays"].trace
    assert again.findings.visited == first.findings.visited


def test_receptions_by_the_text_alone_are_taken_too(model: Model, kept: KnownFindings) -> None:
    asked = ["few", "check.reception"]
    first, again = (run_by_text(model, asked, Effort("reference", 1, kept=kept)) for _ in range(2))
    assert (kept.asked, kept.taken) == (4, 2)
    assert first.verdicts == again.verdicts
    assert first.faults == again.faults


# ---- what the answer depends on is in the digest


SHORT = made(TEXT.replace("tried < 2", "tried < 1"))
LENIENT = made(TEXT.replace("b.times > 2", "b.times > 3"))
ONE, MORE = ("check.deadlock",), ("check.deadlock", "check.overflow")
PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "model": ({"model": LENIENT}, {}),
    "text_alone": ({}, {"text_alone": True}),
    "property_ids": ({"ids": ONE}, {"ids": MORE}),
    "engine": ({}, {"engine": "exhaustive"}),
    "full": ({"ids": IDS[:1]}, {"ids": IDS[:1], "full": True}),
    "avoid": ({"avoid": frozenset({"caller.again.1"})}, {}),
    "fairness": ({}, {"fairness": "none"}),
    "normative_flows": ({"normative_flows": False}, {}),
}


def two(model: Model, kept: KnownFindings | None, pair: tuple[dict[str, Any], dict[str, Any]]) -> Iterator[Run]:
    """The answers to two questions, one after the other."""
    for each in pair:
        asked = dict(each)
        which = replace(asked.pop("model", model), text_alone=asked.pop("text_alone", False))
        yield replace(ask(which, kept, asked.pop("ids", IDS), **asked), taken=False)


@pytest.mark.parametrize("name", PAIRS)
def test_two_questions_have_each_its_own_answer(name: str, model: Model, kept: KnownFindings, tmp_path: Path) -> None:
    wanted = list(two(model, None, PAIRS[name]))
    assert wanted[0] != wanted[1]
    assert list(two(model, kept, PAIRS[name])) == wanted
    assert kept.taken == 0
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", PAIRS)
def test_an_input_that_is_left_out_of_the_digest_is_noticed(
    name: str, model: Model, kept: KnownFindings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: without any one of its parts the test above would not hold, and the answer would be wrong.

    But for two: that no second flow was looked for is met as it is read; and who asks another engine wants a second
    opinion, which is the same.
    """
    parts = Question.parts
    monkeypatch.setattr(Question, "parts", lambda self: {k: v for k, v in parts(self).items() if k != name})
    wanted = list(two(model, None, PAIRS[name]))
    found = list(two(model, kept, PAIRS[name]))
    assert len(list(tmp_path.iterdir())) == 1
    assert (found == wanted) == (name in ("engine", "normative_flows"))
    assert kept.taken == (name != "normative_flows")


def test_other_code_answers_anew(model: Model, kept: KnownFindings, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(model, kept)
    monkeypatch.setattr(question, "code_digest", lambda: "of another version")
    assert not ask(model, kept).taken
    assert ask(model, kept).taken


def test_every_part_of_the_question_has_its_pair(model: Model) -> None:
    """A parameter that is added to `run` is either part of the question, or known to change no answer."""
    parts = Question(model, frozenset(), "reference", False, frozenset(), None, True).parts()
    assert parts.keys() == {*PAIRS, "code"}
    assert signature(run).parameters.keys() == {"model", "effort", "property_ids", *parts} - {
        "text_alone",
        "engine",
        "code",
    }
    effort = {item.name for item in fields(Effort)}
    known = {
        "engine",
        "workers",
        "limits",
        "symmetry",
        "progress",
        "kept",
        "budget",
        "checkpoints",
        "disk",
        "owners",
        "place",
        "reduce",
    }
    assert effort == known  # symmetry: of the model; what is reduced is not kept


def test_what_a_record_is_compared_without_is_of_no_answer() -> None:
    """Of a model everything is in its digest but these; `text_alone` and `avoided` the question adds itself."""
    ignored = {
        f"{name}.{item.name}"
        for name, record in vars(records).items()
        if isinstance(record, type) and is_dataclass(record)
        for item in fields(record)
        if not item.compare
    }
    judged_now = {"Model.changes", "Model.usual_changes", "Model.number_reads"}
    judged_now |= {"Property.position", "LivenessProperty.position"}
    words = {"Model.file", "Model.labels", "Model.begin_texts"}
    words |= {"Boundary.span", "Transition.span", "ObserverTransition.span"}
    assert ignored == judged_now | words | {"Model.text_alone", "Model.avoided"}


def test_every_file_of_the_package_is_in_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("a.py", "b/c.py", "b/d.py"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text("x = 1\n")
    monkeypatch.setattr(code, "ROOT", tmp_path)
    digests = set()
    for change in (
        lambda: None,
        lambda: (tmp_path / "a.py").write_text("x = 2\n"),
        lambda: (tmp_path / "b" / "d.py").rename(tmp_path / "b" / "e.py"),
        lambda: (tmp_path / "b" / "c.py").unlink(),
        lambda: monkeypatch.setattr(code, "LIBRARIES", ("numpy",)),
    ):
        change()
        code.code_digest.cache_clear()
        digests.add(code.code_digest())
    code.code_digest.cache_clear()
    assert len(digests) == 5


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("model: a caller", "model: another caller"),
        ("A call is heard twice at most.", "Nobody hears a call more than twice."),
        ("Who is called answers.", "The called party answers."),
        ("messages:", "# what goes to and fro\n\nmessages:"),
        ("instances: {a: caller", "text: Two parties.\n    expect: {few: violated}\n    instances: {a: caller"),
    ],
)
def test_what_is_only_said_or_expected_is_said_as_it_is_now(
    before: str, after: str, model: Model, kept: KnownFindings
) -> None:
    """A sentence, a line that moved, an expectation: nothing is searched for it; what is shown is of the new file."""
    ask(model, kept)
    changed = made(TEXT.replace(before, after), CLAUSES.replace(before, after))
    again = ask(changed, kept)
    assert again.taken
    assert replace(again, taken=False) == ask(changed, None)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("tried < 2", "tried < 1"),
        ("final: [idle, waiting, done]", "final: [idle, waiting]"),
        ('why: "{0, 1}"', 'why: "{0}"'),
        ("bound: 1", "bound: 2"),
        ("ignore: {pong: [idle, done]}", "ignore: {pong: [idle]}"),
        ("b.times > 2", "b.times > 1"),
        ("assumption: Who is called may hear it.", 'clause: "5.1"'),
        ("{modality: informative, text", "{modality: shall, text"),
    ],
)
def test_what_changes_an_answer_is_searched(before: str, after: str, model: Model, kept: KnownFindings) -> None:
    ask(model, kept)
    changed = made(TEXT.replace(before, after), CLAUSES.replace(before, after))
    assert changed != model
    again = ask(changed, kept)
    assert not again.taken
    assert again == ask(changed, None)


# ---- limits


def test_what_was_cut_short_is_not_kept(model: Model, kept: KnownFindings, tmp_path: Path) -> None:
    found = ask(model, kept, limits=Limits(max_states=3))
    assert found["few"].status == "INCOMPLETE"
    assert list(tmp_path.iterdir()) == []
    assert ask(model, kept)["few"].status == "VIOLATED"


def test_a_limit_that_would_have_mattered_matters(model: Model, kept: KnownFindings) -> None:
    """There is one answer to a question, whoever asked it before with a larger limit, or with none."""
    whole = ask(model, kept)
    for limits in (Limits(max_states=3), Limits(max_depth=1)):
        assert ask(model, kept, limits=limits) == ask(model, None, limits=limits)
    assert ask(model, kept, limits=Limits(max_states=whole.findings.states)).taken
    assert ask(model, kept, limits=Limits(max_seconds=0.0)).taken  # however short the time is, it is known


# ---- what is spoiled


@pytest.mark.long
def test_a_file_cut_short_or_changed_anywhere_is_not_taken(model: Model, kept: KnownFindings, tmp_path: Path) -> None:
    wanted = ask(model, kept)
    file = only(tmp_path)
    whole = file.read_bytes()
    places = [*range(0, len(whole), len(whole) // 12), len(whole) - 1]
    for place in places:
        for content in (whole[:place], whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]):
            file.write_bytes(content)
            found = ask(model, kept)
            assert found == wanted
            assert file.read_bytes() == whole  # written anew
    assert kept.taken == 0


def put(*path: Any, value: Any) -> Callable[[Any], Any]:
    """A change of one value of what a file says."""

    def change(data: Any) -> Any:
        at = data
        for part in path[:-1]:
            at = at[part]
        at[path[-1]] = value
        return data

    return change


def less(*path: Any) -> Callable[[Any], Any]:
    def change(data: Any) -> Any:
        at = data
        for part in path[:-1]:
            at = at[part]
        del at[path[-1]]
        return data

    return change


def deep(_: Any) -> Any:
    found: Any = []
    for _ in range(900):
        found = [found]
    return found


HOSTILE = {
    "nothing": lambda _: None,
    "a list": lambda _: [],
    "deep": deep,
    "another key": put("more", value=1),
    "no states": less("states"),
    "states as text": put("states", value="12"),
    "states as a truth": put("states", value=True),
    "less than no states": put("states", value=-1),
    "more states than can be": put("states", value=10**30),
    "complete as a number": put("complete", value=1),
    "a step that there is not": put("paths", "few", 0, value=99),
    "a step before the first": put("paths", "few", 0, value=-1),
    "a step as a fraction": put("paths", "few", 0, value=0.0),
    "a flow to a state that breaks nothing": put("paths", "few", value=[0]),
    "a flow of a property that is not asked": put("paths", "silent", value=[]),
    "a check that there is not": put("faults", 0, 0, value="check.everything"),
    "a finding that is none": put("faults", 0, 1, value="everything is wrong"),
    "a flow to a state without that finding": put("faults", 0, 2, value=[]),
    "a transition that there is not": put("fired", 0, value="elsewhere"),
    "coverage of nothing": put("coverage", "silent", value=[]),
    "coverage that is no coverage": put("coverage", "heard", value=[["what", 1, 0]]),
    "an instance too few": less("visited", 0),
    "a state that there is not": put("visited", 0, "locals", 0, 0, value="elsewhere"),
    "a value that there is not": put("visited", 0, "values", 0, 0, value=7),
    "a value of another kind": put("visited", 0, "values", 0, 0, value=[{}]),
    "a value as a truth": put("visited", 0, "values", 0, 0, value=False),
    "the number of no value": put("visited", 0, "locals", 0, 1, value=99),
    "a number before the first": put("visited", 0, "locals", 0, 1, value=-1),
    "a message that there is not": put("visited", 1, "events", 0, 1, value="pung"),
    "a sender that there is not": put("visited", 1, "events", 0, 0, value="c"),
    "the number of no local state": put("visited", 1, "inspected", 0, 0, value=99),
    "more local states than there are": put("visited", 1, "rested", value=99),
    "an answer too few": less("answers", 0),
    "a loop that does not close": put("answers", 1, "lasso", value=[[0], 0, 0]),
    "a loop that begins after its end": put("answers", 1, "lasso", value=[[0], 2, 0]),
    "a loop that is no list": put("answers", 1, "lasso", value={"stem": []}),
    "nothing on normative items alone": put("without", value=None),
    "a flow on normative items that breaks nothing": put("without", "paths", value={"heard": []}),
    "what is left undecided": put("complete", value=False),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_with_the_right_digest_is_read_as_hostile(
    name: str, model: Model, kept: KnownFindings, tmp_path: Path
) -> None:
    wanted = ask(model, kept)
    spoil(only(tmp_path), HOSTILE[name])
    assert ask(model, kept) == wanted
    assert kept.taken == 0


def places(data: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
    """Where something stands in plain data."""
    yield path
    for key in data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield from places(data[key], *path, key)


VALUES = [None, True, -1, 0, 1, 10**30, 0.5, "", "a", "few", [], [0], [[]], {}, {"few": []}, {"absent": True}]


@pytest.mark.long
def test_whatever_stands_in_a_file_it_is_read_or_searched(model: Model, kept: KnownFindings, tmp_path: Path) -> None:
    """Any value in the place of any other: what comes out may say other counts, but never fails, and no other flow."""
    wanted = ask(model, kept)
    flows = {verdict.id: verdict.trace for verdict in wanted.verdicts}
    file = only(tmp_path)
    whole = file.read_bytes()
    known = [path for path in places(json.loads(whole[65:])) if path]
    dice = random.Random(16)
    taken = 0
    for path in dice.sample(known, 60):
        file.write_bytes(whole)
        spoil(file, put(*path, value=dice.choice(VALUES)))
        found = ask(model, kept)
        taken += found.taken
        assert all(verdict.trace in (None, flows[verdict.id]) for verdict in found.verdicts)
    assert 0 < taken < 75


@pytest.mark.parametrize("content", [b"", b"[" * 100_000, b"1" * 10_000, b"NaN", b"\xff\xfe", b'{"states": 1e999}'])
def test_what_is_no_json_is_not_taken(content: bytes, model: Model, kept: KnownFindings, tmp_path: Path) -> None:
    wanted = ask(model, kept)
    file = only(tmp_path)
    file.write_bytes(sealed(file.name, content))
    assert ask(model, kept) == wanted


def test_a_file_under_another_name_is_not_taken(model: Model, kept: KnownFindings, tmp_path: Path) -> None:
    """What was found of one question is put where the answer to another is looked for."""
    ask(SHORT, kept)
    file = only(tmp_path)
    wanted = ask(model, None)
    asked = Question(model, frozenset(IDS), "reference", False, frozenset(), None, True)
    file.rename(tmp_path / asked.digest())
    assert ask(model, kept) == wanted


def test_what_is_no_plain_file_is_not_read(model: Model, kept: KnownFindings, tmp_path: Path) -> None:
    wanted = ask(model, kept)
    file = only(tmp_path)
    elsewhere = tmp_path.with_name("elsewhere")
    file.rename(elsewhere)
    for make in (lambda: os.mkfifo(file), lambda: file.symlink_to(elsewhere), file.mkdir):
        make()
        assert ask(model, kept) == wanted
        file.rmdir() if file.is_dir() else file.unlink()
    assert kept.taken == 0


def test_what_somebody_else_could_write_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    mine = KnownFindings.of_user()
    assert mine is not None
    assert mine.files.folder == tmp_path / "mcfsm" / "verdicts"
    assert mine.files.folder.stat().st_mode & 0o777 == 0o700
    mine.files.folder.chmod(0o777)
    assert KnownFindings.of_user() is None


# ---- processes, disks, sizes


def write_often(folder: Path, content: bytes, times: int) -> None:
    found = Files(folder)
    for _ in range(times):
        found.write("name", content)


@pytest.mark.process
def test_several_processes_write_the_same_at_once(tmp_path: Path) -> None:
    content = b"x" * 50_000
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=write_often, args=(tmp_path, content, 200)) for _ in range(3)]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        seen.add(Files(tmp_path).read("name"))
    for writer in writers:
        writer.join()
    assert seen <= {None, content}
    assert Files(tmp_path).read("name") == content
    assert [file.name for file in tmp_path.iterdir()] == ["name"]


@pytest.mark.process
def test_a_process_that_is_killed_leaves_nothing_that_is_believed(tmp_path: Path) -> None:
    content = b"x" * 2_000_000
    context = multiprocessing.get_context("fork")
    for wait in (0.01, 0.02, 0.03, 0.05):
        writer = context.Process(target=write_often, args=(tmp_path, content, 10_000))
        writer.start()
        time.sleep(wait)
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        assert Files(tmp_path).read("name") in (None, content)
    left = tmp_path / ".unfinished"
    left.write_bytes(b"what was left over")
    os.utime(left, (time.time() - 7200, time.time() - 7200))
    Files(tmp_path).write("other", b"1")
    assert not left.exists()


@pytest.mark.parametrize("call", ["tempfile.mkstemp", "os.replace", "os.fdopen", "os.scandir"])
def test_on_a_full_disk_all_goes_on_and_it_is_said(
    call: str, model: Model, kept: KnownFindings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    wanted = ask(model, None)
    with monkeypatch.context() as patched:
        patched.setattr(call, full)
        assert ask(model, kept) == wanted
    assert kept.files.failed == "No space left on device"
    assert list(tmp_path.iterdir()) == []


def test_there_is_never_more_than_so_much_and_what_is_used_stays(tmp_path: Path) -> None:
    found = Files(tmp_path, most=10_000)
    for number in range(8):
        found.write(str(number), b"x" * 1_000)
        os.utime(tmp_path / str(number), (number, number))
    assert found.read("0") == b"x" * 1_000  # used now
    for number in range(8, 12):
        found.write(str(number), b"x" * 1_000)
        assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 10_000
    names = {file.name for file in tmp_path.iterdir()}
    assert "0" in names
    assert "1" not in names
    assert {"8", "9", "10", "11"} <= names


def test_what_is_too_large_is_not_kept(
    model: Model, kept: KnownFindings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_OF_ONE", 100)
    ask(model, kept)
    monkeypatch.undo()
    monkeypatch.setattr(keeping, "_MOST_VISITED", 3)
    ask(model, kept)
    assert list(tmp_path.iterdir()) == []
