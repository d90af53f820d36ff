"""What is resolved once for several variants is what each of them would have been resolved to by itself."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from building import write

from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.language.resolving.words import words_of
from mcfsm.model import Model, digest
from mcfsm.model.identity_cache import IdentityCache
from mcfsm.problems import ModelError

MISSION = Path(__file__).parents[2] / "models" / "mc_migration"
TEXT = """
model: a door
readings:
  near: {text: Who is near?, default: one, values: {one: , two: }}
  far: {text: Who is far?, default: one, values: {one: , two: }}
parameters: {most: 2}
domains: {N: 0..most}
roles:
  door:
    variables: {seen: N = 0}
    states: [shut, open]
    initial: shut
    final: [shut, open]
    transitions:
    - {trigger: knock, kind: user, source: shut, dest: open, under: {near: one}}
    - {trigger: push, kind: user, source: shut, dest: open, under: {near: two}}
    - {trigger: look, kind: user, conditions: seen < most, set: {seen: seen + 1}}
define: {wide: any(o.state == open for o in door) and far == two}
observers:
  looks:
    variables: {last: N = 0}
    transitions: [{on: {fired: [door.look.1]}, set: {last: "most if far == one else 0"}}]
properties:
  stays: {text: It stays shut., never: wide}
  counts: {text: It counts., always: looks.last < 2}
scenarios: {s: {instances: {d: door}}}
"""


def resolved(folder: Path, scenario: str, chosen: list[dict[str, str]]) -> list[Model]:
    document = read(folder)
    models = []
    for one in chosen:
        with contextlib.suppress(ModelError):  # a value may speak of instances that a scenario does not have
            models.append(resolve(document, scenario, chosen=one))
    return models


def alone(monkeypatch: pytest.MonkeyPatch, folder: Path, scenario: str, chosen: list[dict[str, str]]) -> list[Model]:
    """The same where nothing is kept."""
    with monkeypatch.context() as patch:
        patch.setattr(IdentityCache, "get", lambda *_: None)
        return resolved(folder, scenario, chosen)


def test_variants_share_what_does_not_name_what_tells_them_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(TEXT, tmp_path)
    flips: list[dict[str, str]] = [{}, {"near": "two"}, {"far": "two"}, {"most": "3"}]
    usual, near, far, most = resolved(path, "s", flips)
    assert usual.roles[0].transitions[0].trigger == "knock"
    assert near.roles[0].transitions[0].trigger == "push"
    assert near.roles[0].transitions[1] is usual.roles[0].transitions[1]
    assert near.state_properties[0] is usual.state_properties[0]
    assert far.roles[0] is usual.roles[0]
    assert far.observers != usual.observers
    assert far.state_properties != usual.state_properties
    assert most.roles[0].variables != usual.roles[0].variables
    assert [usual, near, far, most] == alone(monkeypatch, path, "s", flips)


@pytest.mark.long
@pytest.mark.parametrize(
    ("scenario", "every"),
    [("calls", 4), *(pytest.param(name, 1, marks=pytest.mark.slow) for name in ("calls", "one_partner"))],
)
def test_variants_of_the_mission_are_what_they_are_alone(
    scenario: str, every: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = read(MISSION)
    flips: list[dict[str, str]] = [{}]
    for name, part in (*document.readings.items(), *document.options.items()):
        flips += [{str(name): str(value)} for value in part.values if value != part.default]
    flips = flips[::every]
    together = resolved(MISSION, scenario, flips)
    assert len(together) >= 15 // every
    apart = alone(monkeypatch, MISSION, scenario, flips)
    assert together == apart
    assert list(map(digest.digest, together)) == list(map(digest.digest, apart))


def test_everything_that_a_part_says_is_a_word_of_it() -> None:
    assert words_of([{"cache[u1]": "Id(u1, home)"}, "10.2-1"]) >= {"cache", "u1", "Id", "home", "10.2-1"}
