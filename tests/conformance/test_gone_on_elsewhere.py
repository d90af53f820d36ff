"""A search with its states at owners writes what one in memory goes on from, and the other way round: without Ray.

Each is stopped after some levels and gone on with, now here and now there, every time with another number of workers.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from common import MOST_STATES, for_models, plant
from kept import kept, names
from owners import Losing, owners_here
from randomized.alike import alike_texts
from randomized.conformance import Difference, Expected
from randomized.strategies import ModelText
from test_gone_on import Kept, found
from test_owners import Place, checked, protocols

from mcfsm.commands.cli import run
from mcfsm.explore import saved_levels
from mcfsm.explore.checkpoint import Checkpoint
from mcfsm.explore.cluster import given_levels, owner, search
from mcfsm.explore.findings import Findings, Limits
from mcfsm.explore.saved_levels import CheckpointSpoiled
from mcfsm.explore.stopping import Stopped
from mcfsm.host.cluster import ray_cluster
from mcfsm.host.places import OwnerLost
from mcfsm.model import Model
from mcfsm.problems import ModelError

CHUNKS, EACH = 10, 50


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few states at a time, so that a level has many parts."""
    monkeypatch.setattr(search, "PART", 3)
    monkeypatch.setattr(given_levels, "CHUNK", 3)
    monkeypatch.setattr(saved_levels, "_AT_ONCE", 5)


def shared(model: Model, files: Kept, *, full: bool, owners: int, depth: int | None, losing: int = 0) -> Findings | str:
    """What a search with owners finds, less its seconds; or the first error that it ends in, less who makes the step.

    In which state of a level an error is shown hangs on the parts that it is expanded in.
    """
    saved = Checkpoint(files, "search", least_seconds=0.0)
    limits = Limits(max_depth=depth, max_states=40 * MOST_STATES)
    hire = owners_here(owners, Losing, losing, 60.0) if losing else owners_here(owners)
    try:
        said = search.explore(model, hire=hire, full=full, limits=limits, checkpoint=saved)
    except ModelError as error:
        return error.problems[0].message.partition(" (transition")[0]
    return replace(said, seconds=0.0)


def same(said: Findings | str, whole: Findings | str) -> bool:
    return said == (whole.partition(" (transition")[0] if isinstance(whole, str) and isinstance(said, str) else whole)


def assert_goes_on(model: Model, depth: int, *, full: bool, begins_here: bool, losing: int = 0) -> None:
    """Stop after so many levels, and after as many more, each time elsewhere; it is the same as if nothing had been."""
    files, whole = Kept(), found(model, None, full=full, workers=2)
    try:
        for at, until in enumerate([depth, 2 * depth + 1, 3 * depth + 2, 4 * depth + 3, None, None]):
            many, here = 1 + (depth + at) % 3, (at // 2 if depth % 2 else at) % 2 == int(not begins_here)
            if here:
                said = found(model, files, full=full, workers=many, depth=until)
            else:
                said = shared(model, files, full=full, owners=many, depth=until, losing=losing)
    except (CheckpointSpoiled, AssertionError) as error:
        raise Difference(f"gone on with after {depth} levels: {error}") from error
    if isinstance(whole, str) and isinstance(said, str):
        whole, said = (one.partition(" (transition")[0] for one in (whole, said))
    if said != whole:
        raise Difference(f"gone on with after {depth} levels: {said}, not {whole}")


def in_turn(text: ModelText, model: Model, _: list[Expected]) -> None:
    if model.boundary is None:
        for depth in (0, 1, len(text) % 7):
            assert_goes_on(model, depth, full=bool(len(text) % 2), begins_here=bool(len(text) // 2 % 2))


@pytest.mark.parametrize("name", names()[::3])
def test_models_that_are_kept(name: str) -> None:
    in_turn(*kept(name))


def test_some_models() -> None:
    for_models(9750, 8, in_turn)


def test_models_with_interchangeable_instances() -> None:
    for_models(9760, 4, in_turn, drawn=alike_texts())


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_five_hundred_models(chunk: int) -> None:
    for_models(9770 + chunk, EACH, in_turn)


@pytest.mark.parametrize("begins_here", [True, False])
def test_owners_that_are_lost_meanwhile(begins_here: bool) -> None:
    for seed, model in enumerate(protocols(), 1):
        assert_goes_on(model, 3 + seed, full=True, begins_here=begins_here, losing=seed)


PLANTS: dict[str, tuple[ModuleType, str, str]] = {
    "the last level is not written again": (search, "len(saved[-1].levels) - 1", "len(saved[-1].levels)"),
    "what owners were told is not written": (search, "self.noted += journal", "pass"),
    "states that decide are those of the first owner": (given_levels, "((i, state) for", "((0, state) for"),
    "places are those of another level": (owner, "self.store.firsts[level] + at", "self.store.firsts[level - 1] + at"),
    "a level is one state short": (given_levels, "range(0, len(mine), CHUNK)", "range(0, len(mine) - 1, CHUNK)"),
    "rows are those of the level before": (given_levels, "skipped + size\n", "skipped\n"),
    "values of components are forgotten": (given_levels, "known[ids[:, i]] = True", "pass"),
    "owners are not told of steps": (
        given_levels,
        "search.apart = True  # owners are told of steps",
        "pass  # owners are told of steps",
    ),
}


@pytest.mark.parametrize("name", PLANTS)
def test_planted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, old, new = PLANTS[name]
    small = [("PART = 1 << 16", "PART = 3")] if module is search else []
    small += [("CHUNK = 1 << 18", "CHUNK = 3")] if module is given_levels else []
    plant(monkeypatch, module, [(old, new), *small])
    if module is given_levels:
        monkeypatch.setattr(search, "GivenLevels", given_levels.GivenLevels)
    assert any(differs(model, depth, begins) for model in planted_on() for depth in (1, 4) for begins in (True, False))


def planted_on() -> list[Model]:
    return [*protocols(), *(kept(name)[1] for name in names()[:40] if kept(name)[1].boundary is None)]


def differs(model: Model, depth: int, begins_here: bool) -> bool:
    try:
        assert_goes_on(model, depth, full=True, begins_here=begins_here)
    except (Difference, ValueError, LookupError, TypeError):
        return True
    return False


def test_without_a_plant_nothing_differs() -> None:
    assert not any(
        differs(model, depth, begins) for model in protocols() for depth in (1, 4) for begins in (True, False)
    )


def test_what_is_lost_for_good_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """The levels that were done stay, though no second had passed since the last file."""
    (model, _), files, lost = protocols(), Kept(), []
    whole = search.ClusterSearch.level

    def level(self: search.ClusterSearch, pool: object) -> str | None:
        if self.depth == 5:
            lost.append(1)
            raise OwnerLost
        return whole(self, pool)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(search.ClusterSearch, "level", level)
        with pytest.raises(Stopped, match="lost again and again"):
            search.explore(model, hire=owners_here(2), full=True, checkpoint=Checkpoint(files, "search"))
    assert len(lost) == search.MOST_LOST + 1
    (levels,) = Checkpoint(files, "search").saved()
    assert levels.depth == 4
    assert same(found(model, files, full=True, workers=2), found(model, None, full=True, workers=1))


def test_a_level_whose_states_are_not_all_there_is_spoiled(monkeypatch: pytest.MonkeyPatch) -> None:
    (model, _), files = protocols(), Kept()
    shared(model, files, full=True, owners=2, depth=5)
    monkeypatch.setattr(given_levels, "check_ids", lambda ids, _: ids.__setitem__(slice(None), ids[-1]))
    with pytest.raises(CheckpointSpoiled, match="a level with other states than it should have"):
        shared(model, files, full=True, owners=3, depth=None)


RING = "models/textbook/token_ring.yaml", "--scenario", "ring"


@pytest.mark.parametrize("begins_here", [True, False])
def test_the_record_is_that_of_a_check_that_was_never_stopped(
    begins_here: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Properties of runs too, where it ends in memory: with owners they are `INCOMPLETE`."""
    monkeypatch.setattr(ray_cluster, "RayCluster", Place)
    where, file = str(tmp_path / "checkpoint"), tmp_path / "said.json"
    there = ["--cluster", "auto"]
    first, second = ([], there) if begins_here else (there, [])
    status, _ = checked(*RING, *first, "--checkpoint", where, "--max-depth", "6", file=file)
    assert status == 2
    assert list(Path(where).glob("*.npz"))
    assert checked(*RING, *second, "--resume", where, file=file) == checked(*RING, *second, file=file)


def test_another_question_and_another_version_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ray_cluster, "RayCluster", Place)
    where, there = str(tmp_path / "checkpoint"), ["--cluster", "auto"]
    checked(*RING, *there, "--checkpoint", where, "--max-depth", "6", file=tmp_path / "said.json")
    capsys.readouterr()
    assert run(["check", RING[0], "--scenario", "two_tokens", *there, "--resume", where]) == 4
    assert "its checkpoint is of another question: the model" in " ".join(capsys.readouterr().err.split())
    about = tmp_path / "checkpoint" / "checkpoint.json"
    about.write_text(about.read_text().replace('"code": "', '"code": "0'))
    assert run(["check", *RING, *there, "--resume", where]) == 4
    assert "its checkpoint is of another version of mcfsm" in " ".join(capsys.readouterr().err.split())
