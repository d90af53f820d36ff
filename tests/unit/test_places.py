"""Where scenarios are asked about changes nothing in the answer; what a place is told, and what it refuses."""

from __future__ import annotations

import pickle
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from building import write

from mcfsm.explore.findings import Limits
from mcfsm.explore.stopping import INTERRUPTED, Stopped, listen
from mcfsm.host.cluster import arrival, ray_cluster, ray_team
from mcfsm.host.code import code_parts
from mcfsm.host.places import PlaceRefused, Pool
from mcfsm.language.selection import Selection
from mcfsm.questions.families.beside import of_each
from mcfsm.questions.families.in_error import InError
from mcfsm.questions.families.ledger import ledger
from mcfsm.questions.families.matrix import matrix
from mcfsm.questions.families.overview import overview
from mcfsm.report.ledger_json import ledger_as_json
from mcfsm.report.matrix import matrix_as_json
from mcfsm.report.overview import overview_as_json
from mcfsm.verdicts.budget import QuestionBudget
from mcfsm.verdicts.run import Effort

DOOR = """
model: door
changes: [glue.yaml]
readings: {bell: {text: The bell., default: loud, values: {loud: , mute: }}}
roles:
  door:
    states: [shut, open, stuck]
    initial: shut
    final: [shut, open, stuck]
    transitions:
    - {id: ring, trigger: ring, kind: user, source: shut, dest: open, under: {bell: loud}}
    - {id: push, trigger: push, kind: user, source: shut, dest: open, assumption: Somebody pushes.}
    - {id: fall, trigger: fall, kind: environment, source: open, dest: shut}
properties:
  opens: {text: It opens., reachable: d.state == open}
  moves: {text: It never sticks., never: d.state == stuck}
scenarios:
  one: {instances: {d: door}, channels: {}, properties: [opens, moves]}
  two: {instances: {d: door, e: door}, channels: {}, properties: [opens, moves]}
"""
GLUE = """
change: glue
title: it sticks
edits: [{add: {transitions: {door: [{id: stick, trigger: stick, kind: environment, source: open, dest: stuck}]}}}]
"""
ALL = Selection(readings={"bell": ("all",)})


class InPickles:
    """A place that is this process, but for that all comes and goes in pickles; the last piece is done first."""

    def __init__(self, refuses: str | None = None) -> None:
        self.asked: list[Any] = []
        self.refuses = refuses
        self.stopped = False

    @contextmanager
    def pool(self, pieces: int, workers: int | None, prepare: Callable[[], None]) -> Iterator[Pool]:
        self.asked.append((pieces, workers))
        self.threads = 1
        pickle.dumps(prepare)
        yield self

    def begin(self, work: Any, pieces: Sequence[Any]) -> list[Future[Any]]:
        from mcfsm.explore import stopping

        stopping.hold()
        futures: list[Future[Any]] = [Future() for _ in pieces]
        for future, piece in reversed(list(zip(futures, pieces, strict=True))):
            if self.refuses == piece:
                future.set_exception(PlaceRefused("no room"))
            else:
                future.set_result(pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(work))(piece, sharing=2))))
        stopping._held.clear()
        return futures

    def stop(self) -> None:
        self.stopped = True

    def kill(self) -> None:
        self.stopped = True


def timeless(told: Any) -> Any:
    """What was told, without how long it took."""
    if isinstance(told, dict):
        return {key: timeless(value) for key, value in told.items() if key not in ("seconds", "timing")}
    return [timeless(one) for one in told] if isinstance(told, list) else told


def statuses(row: Any) -> list[Any]:
    """Under each variant."""
    return list(row.statuses.values() if hasattr(row.statuses, "values") else row.statuses)


def rows(one: Any) -> list[Any]:
    """The statuses of each property."""
    return [standing.row for standing in one.standings] if hasattr(one, "standings") else list(one.rows)


@pytest.mark.parametrize(
    ("ask", "as_json"), [(overview, overview_as_json), (ledger, ledger_as_json), (matrix, matrix_as_json)]
)
def test_what_is_asked_elsewhere_is_answered_alike(ask: Any, as_json: Any, tmp_path: Path) -> None:
    write(DOOR, tmp_path).rename(tmp_path / "model.yaml")
    (tmp_path / "glue.yaml").write_text(GLUE, encoding="utf-8")
    place = InPickles()
    here = ask(tmp_path, ALL, effort=Effort(engine="reference", workers=1))
    there = ask(tmp_path, ALL, effort=Effort(engine="reference", workers=3, place=place))
    assert timeless(as_json(there)) == timeless(as_json(here))
    assert {"PROVED", "VIOLATED"} <= {status for one in here for row in rows(one) for status in statuses(row)}
    assert place.asked == [(2, 3)]


@pytest.mark.parametrize("ask", [overview, ledger, matrix])
def test_a_scenario_that_is_in_error_elsewhere_takes_no_other_with_it(ask: Any, tmp_path: Path) -> None:
    worn = DOOR.replace("dest: shut}", "dest: shut, set: {falls: falls + 1}, under: {wear: real}}")
    worn = worn.replace("  door:\n    states", "  door:\n    variables: {falls: 0..1 = 0}\n    states")
    worn = worn.replace("roles:", "options: {wear: {text: Wear., default: real, values: {real: , unreal: }}}\nroles:")
    three = worn.replace("scenarios:\n", "scenarios:\n  still: {like: one, options: {wear: unreal}}\n")
    write(three, tmp_path).rename(tmp_path / "model.yaml")
    (tmp_path / "glue.yaml").write_text(GLUE, encoding="utf-8")
    errors: list[InError] = []
    ask(tmp_path, effort=Effort(engine="reference", place=InPickles()), errors=errors)
    assert [one.scenario for one in errors if one.variant is None] == ["one", "two"]
    assert {problem.code for one in errors for problem in one.error.problems} == {"M701"}


def memory_of(effort: Effort, scenario: str) -> tuple[str, int | None, int | None]:
    assert effort.limits is not None
    return scenario, effort.workers, effort.limits.max_memory


def test_pieces_share_the_memory_of_their_machine() -> None:
    effort = Effort(limits=Limits(max_memory=1000), place=InPickles())
    assert list(of_each(memory_of, ["a", "b"], effort, beside=False)) == [("a", 1, 500), ("b", 1, 500)]


def test_a_place_that_refuses_is_an_error_also_where_others_have_answered() -> None:
    answers = of_each(memory_of, ["a", "b", "c"], Effort(place=InPickles("b")), beside=True)
    assert next(answers)[0] == "a"
    with pytest.raises(PlaceRefused, match="no room"):
        next(answers)


def test_a_cluster_that_does_not_start_in_time_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def init(*_: object, **__: object) -> None:
        raise Exception("The current node timed out during startup.")

    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(init=init, shutdown=lambda: None))
    cluster = ray_cluster.RayCluster("local:2")
    refused = r"local:2: no Ray cluster is reached: .* timed out during startup. Ray did not start here"
    with pytest.raises(PlaceRefused, match=refused), cluster.pool(1, None, lambda: None):
        pass


def test_a_budget_goes_on_elsewhere_by_the_time_of_day(monkeypatch: pytest.MonkeyPatch) -> None:
    budget = QuestionBudget(60.0, began=time.monotonic() - 10.0)
    sent = pickle.dumps(budget)
    assert pickle.loads(sent).spent() == pytest.approx(10.0, abs=2.0)
    monkeypatch.setattr("mcfsm.verdicts.budget.machine", lambda: "another")
    monkeypatch.setattr(time, "monotonic", lambda: 5.0)  # as where a machine was just started
    assert pickle.loads(sent).spent() == pytest.approx(10.0, abs=2.0)


def test_what_ended_it_first_is_what_ended_it() -> None:
    budget = QuestionBudget(0.0, began=time.monotonic() - 1.0)
    budget.note(INTERRUPTED)
    assert budget.over() == INTERRUPTED


def test_a_budget_that_is_over_leaves_the_rest() -> None:
    effort = Effort(budget=QuestionBudget(0.0, began=time.monotonic() - 1.0), place=InPickles())
    assert list(of_each(memory_of, ["a", "b"], effort, beside=True)) == []
    assert effort.budget is not None
    assert (effort.budget.left, effort.budget.stopped) == (["a", "b"], "--max-seconds 0")
    with pytest.raises(Stopped):
        effort.budget.raise_if_nothing()


def test_a_place_of_one_question_hears_no_signal_of_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    from mcfsm.explore import stopping

    monkeypatch.setattr(stopping, "_heard", [("Ctrl-C", 0.0)])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    listen(once=True)
    assert stopping.signal_heard() is None


def never(*_: object, **__: object) -> None:
    raise AssertionError("nothing is to be done here")


@pytest.mark.parametrize(
    ("part", "version", "said"),
    [
        ("mcfsm", "0" * 64, "mcfsm {here} there, 000000000000 here"),
        ("CPython", "2.7", "CPython {here} there, 2.7 here"),
        ("numpy", "0.1", "numpy {here} there, 0.1 here"),
    ],
)
def test_nothing_is_done_by_other_code(part: str, version: str, said: str) -> None:
    here = code_parts()
    kind, there = pickle.loads(arrival.arrive(b"not even looked at", b"", here | {part: version}, 1))
    assert (kind, there) == ("other", here)
    text = ray_team.differing(here | {part: version}, there)
    assert said.format(here=here[part][:12]) in text
    assert "install there what is installed here" in text


def test_a_machine_without_mcfsm_is_told_from_one_with_another() -> None:
    text = ray_team.differing(code_parts(), {"CPython": "3.11.7", "mcfsm": ""})
    assert text.startswith("a machine of the cluster has no mcfsm in its Python (CPython 3.11.7)")


def fails(piece: str, *, sharing: int) -> str:
    if piece == "wrong":
        raise ValueError(piece)
    return f"{piece} {sharing}"


def nothing() -> None:
    """What prepares for it."""


def test_what_arrives_is_done_or_says_what_was_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "cores", lambda: 8)
    arrived = partial(arrival.arrive, pickle.dumps((nothing, fails)), parts=code_parts(), threads=4)
    assert pickle.loads(arrived(piece=pickle.dumps("right"))) == ("done", "right 2")
    kind, error = pickle.loads(arrived(piece=pickle.dumps("wrong")))
    assert (kind, type(error), str(error)) == ("raised", ValueError, "wrong")


@pytest.mark.parametrize(
    ("address", "threads"),
    [("auto", None), ("head:6379", None), ("ray://head:10001", None), ("local:2", 2), ("local:256", 256)],
)
def test_addresses(address: str, threads: int | None) -> None:
    assert ray_cluster._local_threads(address) == threads


@pytest.mark.parametrize("address", ["", " ", "head", "a b:1", "local:", "local:0", "local:257", "local:٣", "local:-1"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(ValueError, match=r"local:N|port"):
        ray_cluster._local_threads(address)


@pytest.mark.parametrize(
    ("address", "error", "said"),
    [
        ("auto", OSError(), "none was begun on this machine (ray start), and RAY_ADDRESS names none"),
        (
            "head:6379",
            ConnectionRefusedError(111, "Connection refused"),
            "Connection refused; was it begun there (ray start --head), and may this machine reach it?",
        ),
        ("h:1", ValueError(), "ValueError; was it begun there (ray start --head), and may this machine reach it?"),
    ],
)
def test_why_no_cluster_is_reached(address: str, error: Exception, said: str) -> None:
    assert ray_cluster.RayCluster._why(SimpleNamespace(address=address), error) == said  # type: ignore[arg-type]
