"""The textbook models: their counts, and the verdict and shortest trace of each property.

Counts are compared with published ones, with closed formulas, and with the same protocols in plain Python (`by_hand`).
"""

from __future__ import annotations

from pathlib import Path

import breadth_first
import by_hand
import pytest

from mcfsm.commands.cli import run as main
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve_all
from mcfsm.model import Fairness
from mcfsm.questions.check import check

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
        "no_duplicate PROVED, in_order PROVED, no_loss PROVED, delivery PROVED 9, "
        "delivered VIOLATED 10, acknowledged VIOLATED 10, by_any_network VIOLATED 5",
    ),
    (
        "alternating_bit",
        "few_copies",
        (430, 1609, 15),
        "no_duplicate PROVED, in_order PROVED, no_loss PROVED, delivery PROVED 9, "
        "delivered PROVED, acknowledged PROVED, by_any_network VIOLATED 5",
    ),
    (
        "alternating_bit",
        "few_faults",
        (831, 2638, 18),
        "no_duplicate PROVED, in_order PROVED, no_loss PROVED, delivery PROVED 9, "
        "delivered PROVED, acknowledged PROVED, by_any_network PROVED",
    ),
    (
        "alternating_bit",
        "careless_acceptor",
        (220, 860, 14),
        "no_duplicate VIOLATED 4, in_order PROVED, no_loss PROVED, delivery PROVED 9, "
        "delivered VIOLATED 10, acknowledged VIOLATED 10, by_any_network VIOLATED 5",
    ),
    (
        "alternating_bit",
        "careless_transmitter",
        (255, 1017, 16),
        "no_duplicate PROVED, in_order PROVED, no_loss VIOLATED 9, delivery PROVED 9, "
        "delivered VIOLATED 7, acknowledged PROVED, by_any_network VIOLATED 5",
    ),
    (
        "alternating_bit",
        "reordering",
        (2670, 17167, 21),
        "no_duplicate VIOLATED 8, in_order VIOLATED 8, no_loss PROVED, delivery PROVED 6, "
        "delivered VIOLATED 12, acknowledged VIOLATED 12, by_any_network VIOLATED 5",
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
    of_runs = {property_.id for m in resolve_all(read(path(model))) for property_ in m.liveness_properties}
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


@pytest.mark.parametrize("managers", [3, 5, pytest.param(6, marks=pytest.mark.slow)])
def test_two_phase_commit_as_published_for_tla(managers: int) -> None:
    generated, distinct, diameter = PUBLISHED[managers]
    found = breadth_first.explore_file(path("two_phase_commit"), "three", properties=[], managers=managers)
    assert found.counts == (distinct, generated - 1, diameter - 1)


# ---- alternating bit


@pytest.mark.parametrize(
    ("scenario", "protocol", "broken"),
    [
        ("lossy", by_hand.alternating_bit(3), {}),
        ("few_copies", by_hand.alternating_bit(3, copies=3), {}),
        ("few_faults", by_hand.alternating_bit(3, losses=2, copies=2), {}),
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


# which faults, and what makes the promise true: loss without end, copies without end, and fairness of the network
FAIRNESS = [
    ("few_faults", "none", "delivered VIOLATED 1, acknowledged VIOLATED 1"),
    ("few_faults", "weak", "delivered PROVED, acknowledged PROVED"),
    ("few_faults", "strong", "delivered PROVED, acknowledged PROVED"),
    ("few_copies", "weak", "delivered VIOLATED 5, acknowledged VIOLATED 5"),
    ("few_copies", "strong", "delivered PROVED, acknowledged PROVED"),
    ("lossy", "weak", "delivered VIOLATED 5, acknowledged VIOLATED 5"),
    ("lossy", "strong", "delivered VIOLATED 10, acknowledged VIOLATED 10"),
]


@pytest.mark.parametrize(("scenario", "fairness", "verdicts"), FAIRNESS, ids=[f"{r[0]}-{r[1]}" for r in FAIRNESS])
def test_alternating_bit_delivers_under_loss_if_the_network_is_strongly_fair(
    scenario: str, fairness: Fairness, verdicts: str
) -> None:
    asked = ["delivered", "acknowledged"]
    (run,) = check(path("alternating_bit"), scenarios=[scenario], properties=asked, fairness=fairness).runs
    judged = {v.id: (str(v.status), None if v.trace is None else len(v.trace)) for v in run.verdicts}
    assert judged == spelled(verdicts)


def reported(capsys: pytest.CaptureFixture[str], scenario: str, name: str) -> str:
    """The flow of a violated property, as printed."""
    main(["check", str(path("alternating_bit")), "--scenario", scenario, "--property", name, "--ids"])
    return capsys.readouterr().out.partition("\nVIOLATED")[2].partition("\n\n")[0]


def test_a_network_that_loses_each_copy_keeps_alternating_bit_waiting(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        reported(capsys, "few_copies", "by_any_network")
        == """ (expected)  by_any_network  1 step, then 4 again and again; weak fairness
  The same over a network that may lose a message each time it is sent.
         tx          rx
     1   o           |   transmit, user (spontaneous)
         |           |   its message is lost at 3
        ~ the loop begins ~
     2   o           |   patience, timer (spontaneous)
         |           |   its message is lost at 4
     3   |.. data ..x|   0, 1
         |           |   loss, fault
         |           |   sent at 1
     4   |.. data ..x|   0, 1
         |           |   loss, fault
         |           |   sent at 2
     5   o           |   patience, timer (spontaneous)
         |.. data ..>|   0, 1
         |           |   in flight at the end
        ~ then again from step 2, for ever ~
  The loop is fair: tx patience is taken in step 2; rx receives from tx is disabled after step 4.
  The loop takes steps of the environment or faults that nothing limits, which weak fairness allows: with strong
  fairness of receptions (fairness: strong) no such run is left.
  after step 5: tx.state = waiting"""
    )


def test_old_copies_in_place_of_new_ones_keep_alternating_bit_waiting(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        reported(capsys, "lossy", "delivered")
        == """ (expected)  delivered  5 steps, then 5 again and again; strong fairness
  An item that is sent is delivered in the end, with all before it, over a network that is strongly fair.
         tx          rx
     1   o           |   transmit, user (spontaneous)
         |           |   its message arrives at 3
     2   o           |   patience, timer (spontaneous)
         |           |   its message arrives at 8
     3   |-- data -->|   0, 1
         |           |   sent at 1
     4   |<-- ack ---|   0
     5   o           |   transmit, user (spontaneous)
        ~ the loop begins ~
     6   |.. data ..x|   1, 2
         |           |   loss, fault
     7   |.. data ..+|   0, 1
         |           |   duplication, fault
     8   |-- data -->|   0, 1
         |           |   sent at 2
     9   |<-- ack ---|   0
         |           |   ignored
    10   o           |   patience, timer (spontaneous)
         |.. data ..>|   1, 2
         |           |   in flight at the end
        ~ then again from step 6, for ever ~
  The loop is fair: tx patience is taken in step 10; tx receives from rx is taken in step 9; rx receives from tx is
  taken in step 8.
  after step 10: tx.item = 2, tx.state = waiting, user.delivered = {1}
  Relies on:
    data_bit=checked"""
    )


def test_an_item_overtaken_by_an_older_one_is_out_of_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        reported(capsys, "reordering", "in_order")
        == """ (expected)  in_order  8 steps, shortest
  Items are delivered in the order in which they were sent.
         tx          rx
     1   o           |   transmit, user (spontaneous)
         |           |   its message arrives at 3
     2   o           |   patience, timer (spontaneous)
         |           |   its message arrives at 8
     3   |-- data -->|   0, 1
         |           |   sent at 1
     4   |<-- ack ---|   0
     5   o           |   transmit, user (spontaneous)
         |           |   its message arrives at 7
     6   |.. data ..~|   1, 2
         |           |   reordering, fault
     7   |-- data -->|   1, 2
         |           |   sent at 5
         |<.. ack ...|   1
         |           |   in flight at the end
     8   |-- data -->|   0, 1
         |           |   sent at 2
         |<.. ack ...|   0
         |           |   in flight at the end
  after step 8: user.disordered = true"""
    )


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
