"""Models with interchangeable instances: states with and without symmetry, and the same verdicts on the same flows."""

from __future__ import annotations

import shutil
from itertools import combinations
from pathlib import Path

import pytest

from mcfsm.explore import exhaustive
from mcfsm.explore.findings import Findings
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model import Model
from mcfsm.problems import ModelError

ROOT = Path(__file__).parents[2]
CORE = ROOT / "benchmarks/models/migration_core.yaml"
COMMIT = ROOT / "models/textbook/two_phase_commit.yaml"
MIGRATION = ROOT / "models/mc_migration"
SAME = ("depth", "complete", "paths", "fired", "coverage", "visited")


def both(path: Path, scenario: str, chosen: dict[str, str]) -> tuple[Findings, Findings]:
    """What is found up to permutation, and what without; they agree on all but the counts."""
    up_to, whole = (
        exhaustive.explore(resolve(read(path), scenario, chosen=chosen, symmetry=symmetry), full=True)
        for symmetry in (True, False)
    )
    assert [name for name in SAME if getattr(up_to, name) != getattr(whole, name)] == []
    lengths = {(fault.check, fault.subject): len(fault.path) for fault in whole.faults}
    assert all(lengths[fault.check, fault.subject] == len(fault.path) for fault in up_to.faults)
    assert {fault.check for fault in up_to.faults} == {fault.check for fault in whole.faults}
    return up_to, whole


def declaring(path: Path, folder: Path, scenario: str, expression: str, properties: list[str] | None = None) -> Path:
    """A model with one more scenario, `alike`, that declares a set interchangeable."""
    entry = folder / "model.yaml"
    if path.is_dir():
        shutil.copytree(path, folder, dirs_exist_ok=True)
    else:
        shutil.copy(path, entry)
    file = folder / "scenarios.yaml" if path.is_dir() else entry
    kept = "" if properties is None else f"\n    properties: [{', '.join(properties)}]"
    text = file.read_text(encoding="utf-8").rstrip()
    file.write_text(f'{text}\n  alike:\n    like: {scenario}\n    interchangeable: ["{expression}"]{kept}\n', "utf-8")
    return folder if path.is_dir() else entry


@pytest.mark.parametrize(
    ("users", "states", "transitions", "up_to_states", "up_to_transitions"),
    [
        (2, 187_245, 832_594, 93_657, 416_445),
        (3, 927_171, 4_524_837, 161_121, 785_143),
        pytest.param(4, 2_851_185, 14_563_668, 171_273, 867_739, marks=pytest.mark.slow),
    ],
)
def test_users_of_the_migration_core(
    users: int, states: int, transitions: int, up_to_states: int, up_to_transitions: int
) -> None:
    up_to, whole = both(CORE, "alike", {"users": str(users), "moves": "3", "calls": "2"})
    assert (whole.states, whole.transitions) == (states, transitions)
    assert (up_to.states, up_to.transitions) == (up_to_states, up_to_transitions)
    assert {name: len(path) for name, path in up_to.paths.items()} == {"record_current": 9, "redirected": 8}


@pytest.mark.parametrize(
    ("managers", "states", "up_to_states"), [(2, 56, 34), (3, 288, 80), (4, 1_568, 166), (5, 8_832, 314)]
)
def test_resource_managers(managers: int, states: int, up_to_states: int, tmp_path: Path) -> None:
    path = declaring(COMMIT, tmp_path, "three", "rm")
    up_to, whole = both(path, "alike", {"managers": str(managers)})
    assert (up_to.states, whole.states) == (up_to_states, states)
    assert {name: len(flow) for name, flow in up_to.paths.items()} == {
        "can_abort": managers,
        "can_commit": 3 * managers + 1,
    }


@pytest.mark.parametrize(
    ("notify", "states", "up_to_states", "violated"),
    [
        ("confirmed", 33_356, 16_752, {}),
        ("after", 48_324, 24_236, {"K1": 3, "K2": 11, "K3": 11, "K6": 11, "R1": 20, "R4": 14, "R5": 27}),
    ],
)
def test_the_partners_of_a_migration(
    notify: str, states: int, up_to_states: int, violated: dict[str, int], tmp_path: Path
) -> None:
    properties = ["K1", "K2", "K3", "K6", "R1", "R3", "R4", "R5", "R8", "S3"]
    path = declaring(MIGRATION, tmp_path, "two_partners", "server - {server(A)}", properties)
    change = path / "changes" / "S1.yaml"
    profile = "B if profile_kms == configured and kms_source == profile else msg.kms_uri"
    text = change.read_text(encoding="utf-8")
    assert text.count(profile) == 1
    change.write_text(text.replace(profile, "msg.kms_uri"), encoding="utf-8")
    up_to, whole = both(path, "alike", {"notify": notify})
    assert (up_to.states, whole.states) == (up_to_states, states)
    assert {name: len(flow) for name, flow in up_to.paths.items()} == violated


def refused(path: Path) -> frozenset[str]:
    """The codes for which scenario `alike` is refused."""
    try:
        resolve(read(path), "alike")
    except ModelError as error:
        return frozenset(problem.code for problem in error.problems)
    return frozenset()


def pairs(model: Model) -> list[str]:
    """Every two instances of one role, as an expression."""
    return [f"{{{a.name}, {b.name}}}" for a, b in combinations(model.instances, 2) if a.role == b.role]


@pytest.mark.parametrize(
    ("path", "scenario", "interchangeable"),
    [
        ("two_phase_commit.yaml", "three", ["{rm(1), rm(2)}", "{rm(2), rm(3)}"]),
        ("alternating_bit.yaml", None, []),
        ("leader_election.yaml", "ring", []),
        ("token_ring.yaml", None, []),
    ],
)
def test_which_instances_of_a_textbook_are_alike(
    path: str, scenario: str | None, interchangeable: list[str], tmp_path: Path
) -> None:
    """Any two are declared interchangeable; those that nothing tells apart are not refused, and change no verdict."""
    file = ROOT / "models/textbook" / path
    document = read(file)
    found = []
    for name in [scenario] if scenario is not None else map(str, document.scenarios):
        for number, expression in enumerate(pairs(resolve(document, name))):
            folder = tmp_path / f"{name}{number}"
            folder.mkdir()
            changed = declaring(file, folder, name, expression)
            if not refused(changed):
                both(changed, "alike", {})
                found.append(expression)
    assert found == interchangeable
