"""The ledger names what once decided verdicts of the migration model: a client answers through a system it has left."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.language.selection import Selection
from mcfsm.questions.families.ledger import Ledger, Standing, ledger
from mcfsm.questions.families.switches import Switch
from mcfsm.verdicts.run import run

MODEL = Path(__file__).parents[2] / "models" / "mc_migration"
ASKED = ("R2", "R13", "check.deadlock")
ANSWERS = Switch("reading", "left_system", "answers")


def asked(**readings: list[str]) -> Ledger:
    (found,) = ledger(MODEL, Selection(scenarios=["one_partner"], properties=ASKED, readings=readings))
    return found


def of(found: Ledger, name: str) -> Standing:
    return next(one for one in found.standings if one.row.id == name)


def drops(one: Standing) -> dict[str, str | None]:
    """Transition to what the verdict is without the assumption that it rests on."""
    lines = ((entry, flips) for entry, flips in one.alone if entry.constant is None)
    return {line.id: status for entry, ((_, status),) in lines for line in entry.lines}


@pytest.fixture(scope="module")
def answered() -> Ledger:
    return asked(left_system=["answers"])


@pytest.mark.parametrize(
    ("name", "steps"), [("R2", 10), ("R13", 9), pytest.param("check.deadlock", 10, marks=pytest.mark.slow)]
)
def test_what_is_proved_if_a_client_answers_where_it_has_left_stands_on_that(
    answered: Ledger, name: str, steps: int
) -> None:
    one = of(answered, name)
    assert one.row.default == "PROVED"
    assert drops(one)["C-PC6x"] == "VIOLATED"
    entry = next(entry for entry, _ in one.alone if "C-PC6x" in [line.id for line in entry.lines])
    assert entry.sentence == "A client rejects a call that reaches it through a system it has left."
    (switch,) = entry.switches
    trace = answered.flows[switch, name].trace
    assert trace is not None
    assert (trace.loop_start or len(trace.steps)) == steps


@pytest.mark.slow
def test_a_sample_of_the_variants_of_one_partner_is_what_each_is_alone() -> None:
    """Two hundred variants, most of them not explored by the ledger, as runs that avoid the lines by name find them."""
    (found,) = ledger(MODEL, Selection(scenarios=["one_partner"]))
    points = random.Random(3).sample(list(found.standings[0].row.statuses), 200)
    document = read(MODEL)
    known: dict[tuple[str, frozenset[str]], dict[str, str]] = {}
    changed = 0
    for point in points:
        chosen = {switch.name: switch.value for switch in point if switch.kind != "assumption"}
        model = resolve(document, "one_partner", chosen=chosen)
        sentences = {switch.name for switch in point if switch.kind == "assumption"}
        avoid = frozenset(t.id for role in model.roles for t in role.transitions if t.assumption in sentences)
        key = str(chosen), avoid
        if key not in known:
            asked_ = [one.row.id for one in found.standings]
            alone = run(model, asked_, avoid=avoid, normative_flows=False)
            known[key] = {verdict.id: verdict.status for verdict in alone.verdicts}
        assert {one.row.id: one.row.statuses[point] for one in found.standings} == known[key], point
        changed += any(one.row.statuses[point] != one.row.default for one in found.standings)
    assert changed > 20


def test_by_default_it_is_violated_and_the_ledger_says_what_a_proof_would_stand_on() -> None:
    found = asked()
    for name in ASKED:
        one = of(found, name)
        assert one.row.default == "VIOLATED"
        assert (ANSWERS, "PROVED") in [flip for _, flips in one.alone for flip in flips]
        assert "A client rejects a call that reaches it through a system it has left." in [
            switch.name for switch in one.then_on(ANSWERS)
        ]
