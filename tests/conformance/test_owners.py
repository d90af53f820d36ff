"""A search with its states at several owners finds what one in memory finds: on random models, without Ray."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from common import for_models, plant, until
from kept import kept, names
from owners import Here, Losing, owners_here
from randomized.alike import alike_texts
from randomized.conformance import Difference, Expected
from randomized.strategies import ModelText

from mcfsm.commands.cli import run
from mcfsm.explore import exhaustive
from mcfsm.explore.cluster import kept_levels, owner, router, search
from mcfsm.explore.cluster.team import Piece
from mcfsm.explore.disk import store
from mcfsm.explore.findings import Findings, Limits
from mcfsm.explore.stopping import Stopped
from mcfsm.host.cluster import ray_cluster
from mcfsm.host.places import OwnerLost
from mcfsm.kernel.rows import lay_out
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model import Model
from mcfsm.problems import ModelError

CHUNKS, EACH = 20, 50
BOUNDED = """
model: bounded
roles:
  counter:
    states: [on]
    initial: on
    variables: {n: 0..3 = 0}
    transitions:
      - {trigger: more, kind: user, source: on, dest: on, conditions: n < 3, set: {n: n + 1}}
scenarios:
  few: {instances: {a: counter}, within: a.n < 2}
properties:
  small: {text: It stays small., never: a.n == 3}
"""


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three states of a level at a time, so that a level has many parts."""
    monkeypatch.setattr(search, "PART", 3)


def found(model: Model, *, full: bool, owners: int) -> Findings | str:
    """What a search finds, less its seconds; or the error that it ends in. Without owners, in memory.

    In which state of a level an error is shown hangs on the parts that it is expanded in, so who makes the step is
    left out.
    """
    try:
        if owners:
            limits = Limits(max_depth=100)
            said = search.explore(model, hire=owners_here(owners), full=full, limits=limits)
        else:
            said = exhaustive.explore(model, full=full, workers=1)
    except ModelError as error:
        return error.problems[0].message.partition(" (transition")[0]
    return replace(said, seconds=0.0)


def assert_same(text: ModelText, model: Model, _: list[Expected]) -> None:
    if model.boundary is not None:
        with pytest.raises(ValueError, match="within"):
            found(model, full=True, owners=1)
        return
    full, owners = bool(len(text) % 2), 2 + len(text) % 3
    in_memory, owned = (found(model, full=full, owners=many) for many in (0, owners))
    if in_memory != owned:
        raise Difference(f"with {owners} owners: {owned}, not {in_memory}")


@pytest.mark.parametrize("name", names())
def test_models_that_are_kept(name: str) -> None:
    assert_same(*kept(name))


def test_some_models() -> None:
    for_models(9400, 30, assert_same)


def test_models_with_interchangeable_instances() -> None:
    for_models(9500, 10, assert_same, drawn=alike_texts())


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_thousand_models(chunk: int) -> None:
    for_models(9600 + chunk, EACH, assert_same)


@cache
def protocols() -> list[Model]:
    core = resolve(read("benchmarks/models/migration_core.yaml"), "core", chosen={"users": "1", "moves": "2"})
    return [core, resolve(read("models/textbook/two_phase_commit.yaml"), "three")]


def test_without_a_plant_nothing_differs() -> None:
    assert not any(map(differs, protocols()))


PLANTS: dict[str, tuple[ModuleType, str, str]] = {
    "a batch is dropped": (search, "tuple(batches[i] for _, batches in told)", "tuple(b[i] for _, b in told[1:])"),
    "an owner is computed otherwise by one": (
        router,
        "owners = owner_of(lines[:, self.layout.words], len(self.others))",
        "owners = (owner_of(lines[:, self.layout.words], len(self.others)) + np.uint64(self.me == 1)) % np.uint64(3)",
    ),
    "a level ends with the first owner that is done": (search, "done = all(", "done = any("),
    "a level ends before the last batch is taken": (
        search,
        'self.team.call("take"',
        'all(report.done for report in reports) or self.team.call("take"',
    ),
    "a journal is told backwards": (
        search,
        "np.array(journal, dtype",
        "np.array(__import__('owners').backwards(journal), dtype",
    ),
    "a journal is not told": (search, "np.array(journal, dtype", "np.array([], dtype"),
    "what is found on this level is not told to others": (
        search,
        "self.hit_level, self.seen))",
        "self.hit_level * 0 - 1, self.seen))",
    ),
    "states that asked for entries are forgotten": (owner, "done and not len(self.left)", "done"),
    "findings of an owner are the first one's": (search, ".append((i, state))", ".append((0, state))"),
    "values of components are forgotten": (search, "known[: len(seen)] |= seen", "known[:] = False"),
}


def differs(model: Model) -> bool:
    """Whether something else is found; or nothing, as owners and who asks do not understand each other."""
    try:
        for owners in (2, 3):
            said = found(model, full=True, owners=owners)
            if said != found(model, full=True, owners=0):
                return True
    except (ValueError, LookupError, AssertionError, MemoryError, TypeError):
        return True
    return False


@pytest.mark.parametrize("name", PLANTS)
def test_planted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, old, new = PLANTS[name]
    small = [("PART = 1 << 16", "PART = 3")] if module is search else []
    plant(monkeypatch, module, [(old, new), *small])
    assert any(map(differs, protocols()))


# ---- owners that are lost

LOST_PLANTS: dict[str, tuple[ModuleType, str, str]] = {
    "what was sent on the level is still known as sent": (
        store,
        "self.runs, self.count = [], 0\n        self._forget()",
        "pass",
    ),
    "a level that an owner has ended stays": (owner, "if len(self.store.levels) >= levels:", "if False:"),
    "steps of the level are counted twice": (owner, "worker.counts[lists.TRANSITIONS] = transitions", "pass"),
    "what decides a property stays": (search, "self.hit_level[:], self.seen[:] =", "_, self.seen[:] ="),
    "levels are not put back": (search, "range(has, levels)", "range(levels, levels)"),
    "a piece is not put back": (search, 'self.team.one(owner, "put_back", piece)', "pass"),
    "a new owner learns the last part alone": (search, "self.parts[learned:]", "self.parts[-1:]"),
    "a new owner lays its rows out for all parts at once": (owner, "self.fit_tables()  # after each", "pass  # not"),
}


def lost_differs(model: Model, seeds: range, every: float = 120.0) -> bool:
    """Whether something else is found where owners are lost; or nothing, as what is there does not fit together."""
    whole = found(model, full=True, owners=0)
    limits = Limits(max_depth=100)
    for seed in seeds:
        hire = owners_here(1 + seed % 4, Losing, seed, every)
        try:
            said = replace(search.explore(model, hire=hire, full=True, limits=limits), seconds=0.0)
        except (ValueError, LookupError, AssertionError, MemoryError, TypeError, OSError):
            return True
        if said != whole:
            return True
    return False


def test_owners_that_are_lost_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """At random moments, of which there are all kinds: while a level is expanded, ended, or put back; and for flows."""
    lost: list[str] = []
    whole = Losing.lose

    def lose(self: Losing, number: int) -> None:
        lost.extend(self.lost[-1:])
        whole(self, number)

    monkeypatch.setattr(Losing, "lose", lose)
    kinds = {"begin_level", "expand_part", "take", "learn", "end_level", "put_back"}

    def draw(chunk: int) -> None:
        seeds = range(4 * chunk, 4 * chunk + 4)
        assert not any(lost_differs(model, seeds, 60.0) for model in protocols())

    until(lambda: kinds <= set(lost), draw, 10)


def assert_nothing_is_lost(text: ModelText, model: Model, _: list[Expected]) -> None:
    if model.boundary is None and not isinstance(found(model, full=True, owners=0), str):
        seed = len(text)
        if lost_differs(model, range(seed, seed + 1), 40.0):
            raise Difference(f"owners are lost, with seed {seed}")


def test_some_models_whose_owners_are_lost() -> None:
    for_models(9450, 15, assert_nothing_is_lost)


@pytest.mark.parametrize("name", LOST_PLANTS)
def test_what_is_not_undone_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, old, new = LOST_PLANTS[name]
    small = [("PART = 1 << 16", "PART = 3")] if module is search else []
    plant(monkeypatch, module, [(old, new), *small])
    assert any(lost_differs(model, range(20)) for model in protocols())


def test_a_level_begins_again_with_what_was_known_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that it adds to is undone, also what would do no harm."""
    whole, changed = search.ClusterSearch.go_back, set()

    def go_back(self: search.ClusterSearch) -> None:
        known = self.mark()
        whole(self)
        for part, was, begun in zip(self.before._fields, known, self.before, strict=True):
            if repr(was) != repr(begun):
                changed.add(part)
        assert repr(self.mark()) == repr(self.before)

    monkeypatch.setattr(search.ClusterSearch, "go_back", go_back)
    assert not any(lost_differs(model, range(2), 60.0) for model in protocols())
    assert changed == {"found", "hit_level", "seen", "transitions", "fired"}


def test_rows_of_a_level_that_did_not_become_whole_are_not_kept(tmp_path: Path) -> None:
    layout = lay_out([3, 3], ordered=True)
    kept = kept_levels.KeptLevels(tmp_path, 2)
    pieces = [Piece(layout, i, np.full(i, i, dtype=np.uint8)) for i in range(1, 5)]
    for level in ([pieces[0]], pieces[1:]):  # what is lost, and what is there
        kept.begin_level()
        for piece in level:
            kept.add(1, piece)
    kept.end_level()
    assert list(kept.pieces(0, 0)) == []
    assert [(one.states, one.content.tolist()) for one in kept.pieces(1, 0)] == [(i, [i] * i) for i in (2, 3, 4)]
    assert kept.file.size == 9
    kept.close()


@pytest.mark.parametrize("limits", [Limits(max_states=500), Limits(max_depth=4)])
def test_limits_stop_it_after_the_same_level(limits: Limits) -> None:
    model = protocols()[0]
    here = exhaustive.explore(model, full=True, workers=1, limits=limits)
    there = search.explore(model, hire=owners_here(3), full=True, limits=limits)
    assert replace(there, seconds=0.0) == replace(here, seconds=0.0)
    assert here.stopped is not None


@pytest.mark.parametrize(("error", "said"), [(OwnerLost, "lost again and again"), (OSError, "the disk")])
def test_an_owner_that_is_lost_ends_the_search(
    error: type[Exception], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, parts = Here.expand, []

    def expand(self: Here, most: int) -> list[tuple[Any, list[Any]]]:
        parts.append(most)
        if len(parts) > 5:
            raise error
        return whole(self, most)

    monkeypatch.setattr(Here, "expand", expand)
    with pytest.raises(Stopped, match=said):
        found(protocols()[0], full=True, owners=2)


class Place:
    """Two owners, as what `--cluster` names."""

    hire = staticmethod(owners_here(2))

    def __init__(self, address: str) -> None:
        self.address = address


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_cluster, "RayCluster", Place)


def checked(*arguments: str, file: Path) -> tuple[int, Any]:
    """The status and the record of a check, without how long it took."""
    status = run(["check", *arguments, "--no-cache", "--json", str(file)])
    return status, timeless(json.loads(file.read_text()))


def timeless(told: Any) -> Any:
    if isinstance(told, dict):
        return {key: timeless(value) for key, value in told.items() if key not in ("seconds", "timing")}
    return [timeless(one) for one in told] if isinstance(told, list) else told


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("everything", [[], ["--all"]])
def test_the_record_is_that_of_a_search_in_memory(tmp_path: Path, everything: list[str]) -> None:
    question, file = (
        ["models/textbook/two_phase_commit.yaml", "--scenario", "three", *everything],
        tmp_path / "said.json",
    )
    assert checked(*question, "--cluster", "auto", file=file) == checked(*question, file=file)


@pytest.mark.usefixtures("place")
def test_properties_of_runs_are_not_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ring = ["models/textbook/token_ring.yaml", "--scenario", "ring"]
    status, said = checked(*ring, "--cluster", "auto", file=tmp_path / "said.json")
    assert status == 2
    assert {one["status"] for one in said["scenarios"][0]["properties"]} == {"PROVED", "INCOMPLETE"}
    assert "--cluster, which keeps no graph for properties of runs" in " ".join(capsys.readouterr().out.split())


@pytest.mark.usefixtures("place")
def test_a_scenario_with_a_boundary_is_not_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tmp_path / "m.yaml"
    model.write_text(BOUNDED, encoding="utf-8")
    status, said = checked(str(model), "--cluster", "auto", file=tmp_path / "said.json")
    assert (status, {one["status"] for one in said["scenarios"][0]["properties"]}) == (2, {"INCOMPLETE"})
    assert "--cluster, which does not go with `within`" in " ".join(capsys.readouterr().out.split())


@pytest.mark.usefixtures("place")
def test_a_lost_owner_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def expand(_: Here, __: int) -> list[tuple[Any, list[Any]]]:
        raise OwnerLost

    monkeypatch.setattr(Here, "expand", expand)
    question = ["models/textbook/two_phase_commit.yaml", "--scenario", "three"]
    status, said = checked(*question, "--cluster", "auto", file=tmp_path / "said.json")
    assert (status, {one["status"] for one in said["scenarios"][0]["properties"]}) == (2, {"INCOMPLETE"})
    assert "whose processes were lost again and again" in " ".join(capsys.readouterr().out.split())


@pytest.mark.usefixtures("place")
def test_what_it_does_not_go_with(capsys: pytest.CaptureFixture[str]) -> None:
    for other in (["--engine", "reference"], ["--disk", "/tmp"], ["--reduce"]):
        assert run(["check", "models/textbook/two_phase_commit.yaml", "--cluster", "auto", *other]) == 4
        assert "does not go with" in capsys.readouterr().err
