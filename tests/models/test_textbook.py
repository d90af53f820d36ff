"""The textbook models: their counts, and the verdict and shortest trace of each property.

Counts are compared with published ones, with closed formulas, and with the same protocols in plain Python (`by_hand`).
"""

from __future__ import annotations

from pathlib import Path

import breadth_first
import by_hand
import pytest

from mcfsm.checking import check
from mcfsm.language.reader import read
from mcfsm.language.resolve import resolve_all

MODELS = Path(__file__).parents[2] / "models" / "textbook"
PROVED, VIOLATED = "PROVED", "VIOLATED"
BUILT_IN = {"check.deadlock": (PROVED, None), "check.reception": (PROVED, None), "check.overflow": (PROVED, None)}
# model, scenario, (states, transitions, depth), each property with its status and the length of its shortest trace
RUNS = [
    (
        "two_phase_commit",
        "three",
        (288, 1145, 10),
        "agreement PROVED, can_commit PROVED 10, can_abort PROVED 3",
    ),
    (
        "two_phase_commit",
        "five",
        (8832, 58145, 16),
        "agreement PROVED, can_commit PROVED 16, can_abort PROVED 5",
    ),
    (
        "alternating_bit",
        "lossy",
        (112, 434, 13),
        "no_duplicate PROVED, in_order PROVED, no_loss PROVED, delivery PROVED 9",
    ),
    (
        "alternating_bit",
        "careless_acceptor",
        (220, 860, 14),
        "no_duplicate VIOLATED 4, in_order PROVED, no_loss PROVED, delivery PROVED 9",
    ),
    (
        "alternating_bit",
        "careless_transmitter",
        (255, 1017, 16),
        "no_duplicate PROVED, in_order PROVED, no_loss VIOLATED 9, delivery PROVED 9",
    ),
    (
        "alternating_bit",
        "reordering",
        (2670, 17167, 21),
        "no_duplicate VIOLATED 8, in_order VIOLATED 8, no_loss PROVED, delivery PROVED 6",
    ),
    (
        "token_ring",
        "ring",
        (2304, 6784, 26),
        "mutual_exclusion PROVED, token_unique PROVED, each_enters PROVED 14, "
        "each_turn PROVED, goes_round PROVED, nobody_must VIOLATED 8",
    ),
    (
        "token_ring",
        "two_tokens",
        (12384, 45088, 29),
        "mutual_exclusion VIOLATED 4, token_unique VIOLATED 0, each_enters PROVED 12, "
        "each_turn PROVED, goes_round PROVED, nobody_must VIOLATED 8",
    ),
    (
        "leader_election",
        "ring",
        (313, 642, 11),
        "one_leader PROVED, highest PROVED, agreement PROVED, elected PROVED 10",
    ),
    (
        "leader_election",
        "ring_of_four",
        (4537, 12304, 15),
        "one_leader PROVED, highest PROVED, agreement PROVED, elected PROVED 13",
    ),
]
each_run = pytest.mark.parametrize(
    ("model", "scenario", "counts", "verdicts"), RUNS, ids=[f"{r[0]}-{r[1]}" for r in RUNS]
)


def spelled(verdicts: str) -> dict[str, tuple[str, int | None]]:
    rows = [line.split() for line in verdicts.split(", ")]
    return {row[0]: (row[1], int(row[2]) if len(row) > 2 else None) for row in rows}


def path(model: str) -> Path:
    return MODELS / f"{model}.yaml"


def test_every_scenario_of_every_textbook_model_is_listed_here() -> None:
    written = {(file.stem, model.scenario) for file in MODELS.glob("*.yaml") for model in resolve_all(read(file))}
    assert written == {(model, scenario) for model, scenario, _, _ in RUNS}


@each_run
def test_counts_and_verdicts(model: str, scenario: str, counts: tuple[int, int, int], verdicts: str) -> None:
    found = breadth_first.explore_file(path(model), scenario)
    assert found.counts == counts
    of_runs = {response.id for m in resolve_all(read(path(model))) for response in m.responses}
    of_states = {name: verdict for name, verdict in spelled(verdicts).items() if name not in of_runs}
    assert found.verdicts == of_states
    assert (found.deadlock, found.receptions, found.overflows) == (None, set(), set())
    assert found.fired == found.transition_ids
    assert found.premises == set(of_states)


@each_run
def test_check_agrees_and_every_expectation_is_met(
    model: str, scenario: str, counts: tuple[int, int, int], verdicts: str
) -> None:
    checked = check(path(model), scenarios=[scenario], everything=True)
    (run,) = checked.runs
    judged = {v.id: (str(v.status), None if v.trace is None else len(v.trace)) for v in run.verdicts}
    assert (run.findings.states, run.findings.transitions, run.findings.depth) == counts
    assert judged == {**spelled(verdicts), **BUILT_IN}
    assert [v.id for v in run.verdicts if not v.met] == []
    assert checked.exit_status == 0


# ---- two-phase commit

PUBLISHED = {3: (1146, 288, 11), 5: (58146, 8832, 17), 6: (402306, 50816, 20)}  # TLC: generated, distinct, diameter


@pytest.mark.parametrize("managers", [1, 2, 3, 4])
def test_two_phase_commit_by_hand(managers: int) -> None:
    counts, depths = by_hand.count(
        by_hand.two_phase_commit(managers),
        commit=lambda state: set(state[0]) == {"committed"},
        abort=lambda state: set(state[0]) == {"aborted"},
        split=lambda state: {"committed", "aborted"} <= set(state[0]),
    )
    found = breadth_first.explore_file(path("two_phase_commit"), "three", managers=managers)
    assert found.counts == counts
    assert depths == {"commit": 3 * managers + 1, "abort": managers, "split": None}
    assert found.verdicts == {
        "agreement": (PROVED, None),
        "can_commit": (PROVED, 3 * managers + 1),
        "can_abort": (PROVED, managers),
    }


@pytest.mark.parametrize("managers", PUBLISHED)
def test_two_phase_commit_as_published_for_tla(managers: int) -> None:
    generated, distinct, diameter = PUBLISHED[managers]
    found = breadth_first.explore_file(path("two_phase_commit"), "three", properties=[], managers=managers)
    assert found.counts == (distinct, generated - 1, diameter - 1)


# ---- alternating bit


@pytest.mark.parametrize(
    ("scenario", "protocol", "broken"),
    [
        ("lossy", by_hand.alternating_bit(3), {}),
        ("careless_acceptor", by_hand.alternating_bit(3, look_data=False), {"repeated": 4}),
        ("careless_transmitter", by_hand.alternating_bit(3, look_ack=False), {"lost": 9}),
        ("reordering", by_hand.alternating_bit(2, bound=3, reorderings=1), {"repeated": 8, "disordered": 8}),
    ],
)
def test_alternating_bit_by_hand(scenario: str, protocol: by_hand.Protocol, broken: dict[str, int]) -> None:
    items = 2 if scenario == "reordering" else 3
    counts, depths = by_hand.count(
        protocol,
        repeated=lambda state: state[-1][1],
        disordered=lambda state: state[-1][2],
        lost=lambda state: state[0][0] == "done" and len(state[-1][0]) < items,
        delivered=lambda state: state[0][0] == "done" and state[1][1] == items,
    )
    assert breadth_first.explore_file(path("alternating_bit"), scenario).counts == counts
    delivered = depths.pop("delivered")
    assert delivered == 3 * items  # transmitted, delivered, acknowledged
    assert {name: depth for name, depth in depths.items() if depth is not None} == broken


@pytest.mark.parametrize("items", [2, 3, 4])
def test_alternating_bit_needs_only_the_observer_it_reads(items: int) -> None:
    counts, _ = by_hand.count(by_hand.alternating_bit(items, watch=False))
    found = breadth_first.explore_file(path("alternating_bit"), "lossy", properties=["delivery"], items=items)
    assert found.counts == counts


# ---- token ring


@pytest.mark.parametrize("nodes", [1, 2, 3, 4])
def test_token_ring_by_formula(nodes: int) -> None:
    """The token is on one of n ways, or with one of n stations (idle, wanting, critical); the others idle or want."""
    others = 2 ** (nodes - 1)
    found = breadth_first.explore_file(path("token_ring"), "ring", properties=["mutual_exclusion"], nodes=nodes)
    assert found.states == nodes * (2 * others + 3 * others)
    asking = nodes / 2  # stations that are idle, on average over the states with the token on its way
    on_its_way = 2 * others * (asking + 1)
    held = others * ((asking - 1 / 2) * 3 + 2 + 1 + 1)
    assert found.transitions == nodes * (on_its_way + held)


@pytest.mark.parametrize("nodes", [1, 2, 3, 4])
def test_token_ring_by_formula_with_its_observer(nodes: int) -> None:
    """Any set of stations may have entered, but one in the critical section is among them."""
    entered, others = 2**nodes, 2 ** (nodes - 1)
    found = breadth_first.explore_file(path("token_ring"), "ring", nodes=nodes)
    assert found.states == nodes * (2 * others * entered + 2 * others * entered + others * entered // 2)
    assert found.verdicts["each_enters"] == (PROVED, 4 * nodes - 2)  # ask, enter, leave, and the token goes on


@pytest.mark.parametrize(("nodes", "tokens"), [(1, 1), (2, 1), (3, 1), (4, 1), (3, 2), (4, 2)])
def test_token_ring_by_hand(nodes: int, tokens: int) -> None:
    counts, depths = by_hand.count(
        by_hand.token_ring(nodes, tokens),
        two=lambda state: sum(phase == "critical" for phase, _ in state[0]) > 1,
        all=lambda state: len(state[2]) == nodes,
    )
    found = breadth_first.explore_file(path("token_ring"), "ring", nodes=nodes, tokens=tokens)
    assert found.counts == counts
    assert found.verdicts["mutual_exclusion"][1] == depths["two"]
    assert found.verdicts["each_enters"][1] == depths["all"]


# ---- leader election


@pytest.mark.parametrize("nodes", [1, 2, 3, 4])
def test_leader_election_by_hand(nodes: int) -> None:
    def leaders(state: by_hand.State) -> list[int]:
        return [i for i, (phase, _) in enumerate(state[1]) if phase == "leader"]

    counts, depths = by_hand.count(
        by_hand.leader_election(nodes),
        two=lambda state: len(leaders(state)) > 1,
        low=lambda state: any(state[0][i] < nodes for i in leaders(state)),
        all=lambda state: all(known == nodes for _, known in state[1]),
    )
    found = breadth_first.explore_file(path("leader_election"), "ring", nodes=nodes)
    assert found.counts == counts
    assert depths == {"two": None, "low": None, "all": 3 * nodes + 1}  # deal; to each its seat, the number, the leader
    assert found.verdicts["elected"] == (PROVED, 3 * nodes + 1)
    assert found.receptions == set()
