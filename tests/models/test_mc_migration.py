"""models/mc_migration: the verdict of every promise in both readings, each flow judged by hand, and planted mistakes.

The judgement by hand (`Story`) follows a flow by its words alone: which messages moved, and which states changed. It
knows nothing of observers, definitions or the expressions of the model.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mission import MODEL, differences, planted, run, told
from preparation import RUNS as PREPARED
from runs_of_calls import CALLS
from shared_runs import checked, first_flows

from mcfsm.explore.liveness.digraph import digraph
from mcfsm.explore.liveness.exhaustive_graph import explored
from mcfsm.explore.liveness.fair_runs import components
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.effects import as_list
from mcfsm.language.resolving.resolve import resolve, resolve_all
from mcfsm.model import CHECKS
from mcfsm.problems import ModelError
from mcfsm.questions.check import check
from mcfsm.semantics.trace import Disturbance, Trace, TraceStep
from mcfsm.verdicts.family_runs import statuses_of_family
from mcfsm.verdicts.run import Effort

PROVED, VIOLATED = "PROVED", "VIOLATED"
VERSIONS = [[*some, *rest] for some in ([], ["S0"], ["S1"], ["S0", "S1"]) for rest in ([], ["S4"])]
# scenario, reading, (states, transitions, depth), each property with its status and the length of its shortest trace;
# and each built-in check that is violated
RUNS = [
    (
        "one_partner",
        "confirmed",
        (5664, 15867, 36),
        "K1 PROVED, K2 PROVED, K3 PROVED, K6 PROVED, R1 PROVED, R3 PROVED, R4 PROVED, R5 PROVED, R8 PROVED, S3 "
        "PROVED, K4 PROVED, R2 VIOLATED 11, R15 PROVED, R13 VIOLATED 10, answered_at_B PROVED 16, "
        "answered_at_home PROVED 16, check.deadlock VIOLATED 11",
    ),
    (
        "one_partner",
        "after",
        (7294, 20183, 39),
        "K1 VIOLATED 3, K2 VIOLATED 11, K3 VIOLATED 11, K6 VIOLATED 11, R1 VIOLATED 20, R3 PROVED, R4 VIOLATED "
        "14, R5 VIOLATED 27, R8 PROVED, S3 PROVED, K4 VIOLATED 12, R2 VIOLATED 10, R15 PROVED, R13 VIOLATED 9, "
        "answered_at_B PROVED 15, answered_at_home PROVED 14, check.deadlock VIOLATED 10",
    ),
    (
        "two_partners",
        "confirmed",
        (33356, 100616, 40),
        "K1 PROVED, K2 PROVED, K3 PROVED, K6 PROVED, R1 PROVED, R3 PROVED, R4 PROVED, R5 PROVED, R8 PROVED, S3 "
        "PROVED, K4 PROVED, R2 VIOLATED 11, R13 VIOLATED 10, answered_at_B PROVED 16, answered_at_C PROVED 20, "
        "answered_at_home PROVED 16, check.deadlock VIOLATED 11",
    ),
    (
        "two_partners",
        "after",
        (48324, 150588, 40),
        "K1 VIOLATED 3, K2 VIOLATED 11, K3 VIOLATED 11, K6 VIOLATED 11, R1 VIOLATED 20, R3 PROVED, R4 VIOLATED "
        "14, R5 VIOLATED 27, R8 PROVED, S3 PROVED, K4 VIOLATED 12, R2 VIOLATED 10, R13 VIOLATED 9, answered_at_B "
        "PROVED 15, answered_at_C PROVED 18, answered_at_home PROVED 14, check.deadlock VIOLATED 10",
    ),
    (
        "gives_up",
        "confirmed",
        (17190, 54641, 33),
        "K1 VIOLATED 9, K2 VIOLATED 12, K3 VIOLATED 8, K6 VIOLATED 12, R4 VIOLATED 11, R5 VIOLATED 20, K4 "
        "VIOLATED 13, R15 PROVED, K7 VIOLATED 8, check.deadlock VIOLATED 9",
    ),
    (
        "gives_up",
        "after",
        (15112, 46835, 28),
        "K1 VIOLATED 3, K2 VIOLATED 11, K3 VIOLATED 7, K6 VIOLATED 11, R4 VIOLATED 10, R5 VIOLATED 19, K4 "
        "VIOLATED 12, R15 PROVED, K7 VIOLATED 7, check.deadlock VIOLATED 9",
    ),
    (
        "logs_off",
        "confirmed",
        (7576, 21344, 36),
        "K1 PROVED, K2 PROVED, K3 VIOLATED 9, K6 PROVED, R4 VIOLATED 12, R5 PROVED, K4 PROVED, R15 PROVED, K7 "
        "VIOLATED 9, check.deadlock VIOLATED 6",
    ),
    (
        "logs_off",
        "after",
        (10276, 30200, 34),
        "K1 VIOLATED 3, K2 VIOLATED 11, K3 VIOLATED 8, K6 VIOLATED 11, R4 VIOLATED 11, R5 VIOLATED 27, K4 "
        "VIOLATED 12, R15 PROVED, K7 VIOLATED 8, check.deadlock VIOLATED 6",
    ),
    (
        "second_client",
        "confirmed",
        (1248, 3392, 18),
        "K1 VIOLATED 7, K2 VIOLATED 10, K3 VIOLATED 10, K6 PROVED, K4 VIOLATED 11",
    ),
    (
        "second_client",
        "after",
        (2192, 6968, 16),
        "K1 VIOLATED 3, K2 VIOLATED 9, K3 VIOLATED 9, K6 VIOLATED 11, K4 VIOLATED 10",
    ),
    (
        "way_home",
        "confirmed",
        (23090, 65432, 39),
        "K1 PROVED, K2 PROVED, K3 PROVED, K6 PROVED, R3 PROVED, S3 PROVED, R13 VIOLATED 10, answered_at_home "
        "PROVED 16, check.deadlock VIOLATED 22",
    ),
    (
        "way_home",
        "after",
        (64262, 211230, 36),
        "K1 VIOLATED 3, K2 VIOLATED 11, K3 VIOLATED 11, K6 VIOLATED 11, R3 PROVED, S3 PROVED, R13 VIOLATED 9, "
        "answered_at_home PROVED 14, check.deadlock VIOLATED 20",
    ),
    (
        "any_order",
        "confirmed",
        (4644, 13655, 31),
        "K1 VIOLATED 10, K2 VIOLATED 12, K3 PROVED, K6 VIOLATED 12, R1 PROVED, R4 PROVED, R5 VIOLATED 16, K4 "
        "VIOLATED 13, R15 PROVED, R13 VIOLATED 10, check.deadlock VIOLATED 11",
    ),
    (
        "any_order",
        "after",
        (4650, 13599, 27),
        "K1 VIOLATED 3, K2 VIOLATED 11, K3 VIOLATED 11, K6 VIOLATED 11, R1 VIOLATED 20, R4 VIOLATED 14, R5 "
        "VIOLATED 15, K4 VIOLATED 12, R15 PROVED, R13 VIOLATED 9, check.deadlock VIOLATED 10",
    ),
    (
        "make_before_break",
        "confirmed",
        (8638, 20447, 40),
        "K1 VIOLATED 3, K2 VIOLATED 7, K3 VIOLATED 7, K6 VIOLATED 7, R1 VIOLATED 16, R3 PROVED, R4 VIOLATED 10, "
        "R5 VIOLATED 16, R8 PROVED, S3 PROVED, K4 VIOLATED 8, R2 VIOLATED 11, R15 PROVED, R13 VIOLATED 10, "
        "answered_at_B PROVED 15, answered_at_home PROVED 15, check.deadlock VIOLATED 11",
    ),
    (
        "make_before_break",
        "after",
        (12146, 32109, 38),
        "K1 VIOLATED 2, K2 VIOLATED 6, K3 VIOLATED 6, K6 VIOLATED 6, R1 VIOLATED 15, R3 PROVED, R4 VIOLATED 9, R5 "
        "VIOLATED 15, R8 PROVED, S3 PROVED, K4 VIOLATED 7, R2 VIOLATED 10, R15 PROVED, R13 VIOLATED 9, "
        "answered_at_B PROVED 14, answered_at_home PROVED 12, check.deadlock VIOLATED 10",
    ),
    (
        "family",
        "confirmed",
        (363972, 1083765, 56),
        "K1 VIOLATED 3, K2 PROVED, K3 PROVED, K6 PROVED, R1 PROVED, R3 PROVED, R4 PROVED, R5 PROVED, R8 PROVED, "
        "R6 PROVED, S3 VIOLATED 8, check.deadlock VIOLATED 11",
    ),
    (
        "family",
        "after",
        (924996, 3152316, 48),
        "K1 VIOLATED 2, K2 VIOLATED 9, K3 VIOLATED 11, K6 VIOLATED 9, R1 VIOLATED 20, R3 PROVED, R4 VIOLATED 14, "
        "R5 VIOLATED 27, R8 PROVED, R6 VIOLATED 28, S3 VIOLATED 8, check.deadlock VIOLATED 10",
    ),
    (
        "mbb_gives_up",
        "confirmed",
        (7378, 20731, 32),
        "K1 VIOLATED 3, K2 VIOLATED 6, K3 VIOLATED 6, K6 VIOLATED 6, R4 VIOLATED 9, R5 VIOLATED 14, K4 VIOLATED "
        "7, R15 PROVED, K7 VACUOUS, check.deadlock VIOLATED 11",
    ),
    (
        "mbb_gives_up",
        "after",
        (6702, 18861, 27),
        "K1 VIOLATED 2, K2 VIOLATED 5, K3 VIOLATED 5, K6 VIOLATED 5, R4 VIOLATED 8, R5 VIOLATED 13, K4 VIOLATED "
        "6, R15 PROVED, K7 VACUOUS, check.deadlock VIOLATED 10",
    ),
    (
        "loss",
        "confirmed",
        (89740, 271033, 41),
        "K1 PROVED, K2 PROVED, K3 VIOLATED 6, K6 PROVED, R1 VIOLATED 15, R3 PROVED, R4 VIOLATED 9, R5 VIOLATED 3, "
        "R8 VIOLATED 21, S3 PROVED, K4 PROVED, R2 VIOLATED 3, R13 VIOLATED 2, answered_at_B PROVED 16, "
        "answered_at_C PROVED 20, answered_at_home PROVED 16, check.deadlock VIOLATED 3",
    ),
    (
        "loss",
        "after",
        (129040, 418262, 40),
        "K1 VIOLATED 3, K2 VIOLATED 6, K3 VIOLATED 10, K6 VIOLATED 11, R1 VIOLATED 19, R3 PROVED, R4 VIOLATED 13, "
        "R5 VIOLATED 3, R8 VIOLATED 20, S3 PROVED, K4 VIOLATED 7, R2 VIOLATED 3, R13 VIOLATED 2, answered_at_B "
        "PROVED 15, answered_at_C PROVED 18, answered_at_home PROVED 14, check.deadlock VIOLATED 3",
    ),
    (
        "duplication",
        "confirmed",
        (974018, 3371041, 49),
        "K1 VIOLATED 12, K2 VIOLATED 14, K3 PROVED, K6 VIOLATED 14, R1 VIOLATED 15, R3 VIOLATED 19, R4 PROVED, R5 "
        "VIOLATED 14, R8 PROVED, S3 PROVED, K4 VIOLATED 15, R2 VIOLATED 11, R13 VIOLATED 10, answered_at_B PROVED "
        "13, answered_at_C PROVED 19, answered_at_home PROVED 16, check.deadlock VIOLATED 7, check.reception "
        "VIOLATED 3",
    ),
    (
        "duplication",
        "after",
        (1297062, 4589256, 49),
        "K1 VIOLATED 3, K2 VIOLATED 11, K3 VIOLATED 11, K6 VIOLATED 11, R1 VIOLATED 14, R3 VIOLATED 18, R4 "
        "VIOLATED 14, R5 VIOLATED 13, R8 PROVED, S3 PROVED, K4 VIOLATED 12, R2 VIOLATED 10, R13 VIOLATED 9, "
        "answered_at_B PROVED 13, answered_at_C PROVED 17, answered_at_home PROVED 14, check.deadlock VIOLATED 7, "
        "check.reception VIOLATED 3",
    ),
    (
        "crash_of_A",
        "confirmed",
        (144718, 443308, 42),
        "K1 VIOLATED 1, K2 VIOLATED 9, K3 VIOLATED 9, K6 PROVED, R1 PROVED, R3 PROVED, R4 PROVED, R5 VIOLATED 13, "
        "R8 VIOLATED 35, S3 PROVED, K4 VIOLATED 10, R2 VIOLATED 11, R13 VIOLATED 2, answered_at_B PROVED 16, "
        "answered_at_C PROVED 20, answered_at_home PROVED 16, check.deadlock VIOLATED 11",
    ),
    (
        "crash_of_A",
        "after",
        (195150, 618002, 42),
        "K1 VIOLATED 1, K2 VIOLATED 8, K3 VIOLATED 8, K6 VIOLATED 11, R1 VIOLATED 20, R3 PROVED, R4 VIOLATED 14, "
        "R5 VIOLATED 12, R8 VIOLATED 33, S3 PROVED, K4 VIOLATED 9, R2 VIOLATED 10, R13 VIOLATED 2, answered_at_B "
        "PROVED 15, answered_at_C PROVED 18, answered_at_home PROVED 14, check.deadlock VIOLATED 10",
    ),
    (
        "crash_of_B",
        "confirmed",
        (124578, 411237, 43),
        "K1 PROVED, K2 PROVED, K3 VIOLATED 9, K6 PROVED, R1 VIOLATED 18, R3 PROVED, R4 VIOLATED 12, R5 PROVED, R8 "
        "PROVED, S3 PROVED, K4 PROVED, R2 VIOLATED 11, R13 VIOLATED 7, answered_at_B PROVED 16, answered_at_C "
        "PROVED 20, answered_at_home PROVED 16, check.deadlock VIOLATED 8, check.reception VIOLATED 6",
    ),
    (
        "crash_of_B",
        "after",
        (185376, 637423, 42),
        "K1 VIOLATED 3, K2 VIOLATED 11, K3 VIOLATED 8, K6 VIOLATED 11, R1 VIOLATED 17, R3 PROVED, R4 VIOLATED 11, "
        "R5 VIOLATED 27, R8 PROVED, S3 PROVED, K4 VIOLATED 12, R2 VIOLATED 10, R13 VIOLATED 7, answered_at_B "
        "PROVED 15, answered_at_C PROVED 18, answered_at_home PROVED 14, check.deadlock VIOLATED 10, "
        "check.reception VIOLATED 7",
    ),
    (
        "crash_of_C",
        "confirmed",
        (124578, 411237, 43),
        "K1 PROVED, K2 PROVED, K3 VIOLATED 9, K6 PROVED, R1 VIOLATED 18, R3 PROVED, R4 VIOLATED 12, R5 PROVED, R8 "
        "PROVED, S3 PROVED, K4 PROVED, R2 VIOLATED 11, R13 VIOLATED 7, answered_at_B PROVED 16, answered_at_C "
        "PROVED 20, answered_at_home PROVED 16, check.deadlock VIOLATED 8, check.reception VIOLATED 6",
    ),
    (
        "crash_of_C",
        "after",
        (185376, 637423, 42),
        "K1 VIOLATED 3, K2 VIOLATED 11, K3 VIOLATED 8, K6 VIOLATED 11, R1 VIOLATED 17, R3 PROVED, R4 VIOLATED 11, "
        "R5 VIOLATED 27, R8 PROVED, S3 PROVED, K4 VIOLATED 12, R2 VIOLATED 10, R13 VIOLATED 7, answered_at_B "
        "PROVED 15, answered_at_C PROVED 18, answered_at_home PROVED 14, check.deadlock VIOLATED 10, "
        "check.reception VIOLATED 7",
    ),
    (
        "mbb_loss",
        "confirmed",
        (17098, 40928, 40),
        "K1 VIOLATED 3, K2 VIOLATED 4, K3 VIOLATED 4, K6 VIOLATED 4, R1 VIOLATED 13, R3 PROVED, R4 VIOLATED 7, R5 "
        "VIOLATED 3, R8 VIOLATED 19, S3 PROVED, K4 VIOLATED 5, R2 VIOLATED 3, R15 PROVED, R13 VIOLATED 2, "
        "answered_at_B PROVED 15, answered_at_home PROVED 15, check.deadlock VIOLATED 3, check.reception VIOLATED "
        "8",
    ),
    (
        "mbb_loss",
        "after",
        (26664, 72461, 38),
        "K1 VIOLATED 2, K2 VIOLATED 4, K3 VIOLATED 6, K6 VIOLATED 6, R1 VIOLATED 15, R3 PROVED, R4 VIOLATED 9, R5 "
        "VIOLATED 3, R8 VIOLATED 18, S3 PROVED, K4 VIOLATED 7, R2 VIOLATED 3, R15 PROVED, R13 VIOLATED 2, "
        "answered_at_B PROVED 14, answered_at_home PROVED 12, check.deadlock VIOLATED 3, check.reception VIOLATED "
        "6",
    ),
    (
        "mbb_duplication",
        "confirmed",
        (236080, 681134, 49),
        "K1 VIOLATED 3, K2 VIOLATED 7, K3 VIOLATED 7, K6 VIOLATED 7, R1 VIOLATED 13, R3 VIOLATED 18, R4 VIOLATED "
        "10, R5 VIOLATED 16, R8 PROVED, S3 PROVED, K4 VIOLATED 8, R2 VIOLATED 11, R15 VIOLATED 14, R13 VIOLATED "
        "10, answered_at_B PROVED 12, answered_at_home PROVED 15, check.deadlock VIOLATED 7, check.reception "
        "VIOLATED 3",
    ),
    (
        "mbb_duplication",
        "after",
        (313260, 983413, 49),
        "K1 VIOLATED 2, K2 VIOLATED 6, K3 VIOLATED 6, K6 VIOLATED 6, R1 VIOLATED 12, R3 VIOLATED 17, R4 VIOLATED "
        "9, R5 VIOLATED 13, R8 PROVED, S3 PROVED, K4 VIOLATED 7, R2 VIOLATED 10, R15 VIOLATED 14, R13 VIOLATED 9, "
        "answered_at_B PROVED 12, answered_at_home PROVED 12, check.deadlock VIOLATED 7, check.reception VIOLATED "
        "3",
    ),
    (
        "mbb_crash_of_A",
        "confirmed",
        (34152, 87533, 42),
        "K1 VIOLATED 1, K2 VIOLATED 7, K3 VIOLATED 7, K6 VIOLATED 7, R1 VIOLATED 16, R3 PROVED, R4 VIOLATED 10, "
        "R5 VIOLATED 13, R8 PROVED, S3 PROVED, K4 VIOLATED 8, R2 VIOLATED 11, R15 PROVED, R13 VIOLATED 2, "
        "answered_at_B PROVED 15, answered_at_home PROVED 15, check.deadlock VIOLATED 11",
    ),
    (
        "mbb_crash_of_A",
        "after",
        (47036, 130461, 40),
        "K1 VIOLATED 1, K2 VIOLATED 6, K3 VIOLATED 6, K6 VIOLATED 6, R1 VIOLATED 15, R3 PROVED, R4 VIOLATED 9, R5 "
        "VIOLATED 12, R8 PROVED, S3 PROVED, K4 VIOLATED 7, R2 VIOLATED 10, R15 PROVED, R13 VIOLATED 2, "
        "answered_at_B PROVED 14, answered_at_home PROVED 12, check.deadlock VIOLATED 10",
    ),
    (
        "mbb_crash_of_B",
        "confirmed",
        (37626, 97953, 42),
        "K1 VIOLATED 3, K2 VIOLATED 7, K3 VIOLATED 7, K6 VIOLATED 7, R1 VIOLATED 16, R3 PROVED, R4 VIOLATED 10, "
        "R5 VIOLATED 16, R8 PROVED, S3 PROVED, K4 VIOLATED 6, R2 VIOLATED 11, R15 VIOLATED 11, R13 VIOLATED 9, "
        "answered_at_B PROVED 15, answered_at_home PROVED 15, check.deadlock VIOLATED 6, check.reception VIOLATED "
        "5",
    ),
    (
        "mbb_crash_of_B",
        "after",
        (51728, 149385, 40),
        "K1 VIOLATED 2, K2 VIOLATED 6, K3 VIOLATED 6, K6 VIOLATED 6, R1 VIOLATED 15, R3 PROVED, R4 VIOLATED 9, R5 "
        "VIOLATED 15, R8 PROVED, S3 PROVED, K4 VIOLATED 7, R2 VIOLATED 10, R15 PROVED, R13 VIOLATED 9, "
        "answered_at_B PROVED 14, answered_at_home PROVED 12, check.deadlock VIOLATED 8, check.reception VIOLATED "
        "6",
    ),
    (
        "large",
        "confirmed",
        (1191518, 4134383, 70),
        "K1 PROVED, K2 PROVED, K3 PROVED, K6 PROVED, R1 PROVED, R3 PROVED, R4 PROVED, R5 PROVED, R8 PROVED, S3 "
        "PROVED, R13 VIOLATED 10, answered_at_B PROVED 16, answered_at_C PROVED 20, answered_at_home PROVED 16, "
        "check.deadlock VIOLATED 11",
    ),
    (
        "large",
        "after",
        (8170712, 36187179, 71),
        "K1 VIOLATED 3, K2 VIOLATED 11, K3 VIOLATED 11, K6 VIOLATED 11, R1 VIOLATED 20, R3 PROVED, R4 "
        "VIOLATED 14, R5 VIOLATED 27, R8 PROVED, S3 PROVED, R13 PROVED, answered_at_B PROVED 15, "
        "answered_at_C PROVED 18, answered_at_home PROVED 14",
    ),
]
RUNS += CALLS
LIVE = {"K4", "R2", "R13", "R15"}  # promises of runs: what breaks them is replayed as a lasso
VIOLATIONS = [
    (scenario, reading, line.split()[0])
    for scenario, reading, _, lines in RUNS
    for line in lines.split(", ")
    if VIOLATED in line and line.split()[0] not in LIVE | set(CHECKS)
]
WITNESSES = [
    (scenario, reading, line.split()[0])
    for scenario, reading, _, lines in RUNS
    for line in lines.split(", ")
    if line.startswith("answered")
]


def trace(scenario: str, reading: str, name: str) -> Trace:
    """The flow of one property."""
    found = next(verdict.trace for verdict in run(scenario, reading).verdicts if verdict.id == name)
    assert found is not None
    return found


# ---- verdicts


SLOW_RUNS = [
    "large-after",
    "large-confirmed",
    "duplication-after",
    "duplication-confirmed",
]  # a million states and more
# a crash of C is one of B under another name; the others are the second reading of a fault whose first is in every run
SLOW_RUNS += ["crash_of_C-after", "crash_of_C-confirmed", "mbb_loss-after", "mbb_duplication-after"]
SLOW_RUNS += ["mbb_crash_of_A-after", "mbb_crash_of_B-after", "calls_duplication-after"]


@pytest.mark.parametrize(
    ("scenario", "reading", "counts", "lines"),
    [
        pytest.param(*one, id=name, marks=[pytest.mark.slow] if name in SLOW_RUNS else [])
        for one in RUNS
        for name in [f"{one[0]}-{one[1]}"]
    ],
)
def test_counts_and_verdicts(scenario: str, reading: str, counts: tuple[int, int, int], lines: str) -> None:
    found = run(scenario, reading)
    assert (found.findings.states, found.findings.transitions, found.findings.depth) == counts
    assert found.findings.complete
    shown = [
        f"{verdict.id} {verdict.status}" + ("" if verdict.trace is None else f" {len(verdict.trace)}")
        for verdict in found.verdicts
    ]
    said = {line.split()[0] for line in lines.split(", ")}
    proved = {name: f"{name} {PROVED}" for name in CHECKS if name not in said}
    rows = {line.split()[0]: line for line in lines.split(", ")} | proved
    assert shown == [rows[name] for name in [*(name for name in rows if name not in CHECKS), *CHECKS]]
    assert [verdict.id for verdict in found.verdicts if not verdict.met] == []


SLOWLY_DEFINED = [
    pytest.param(scenario, "confirmed", marks=pytest.mark.slow)
    for scenario in ("one_partner", "mbb_loss", "mbb_crash_of_A", "mbb_crash_of_B")
]


@pytest.mark.parametrize(("scenario", "reading"), [("one_partner", "after"), *SLOWLY_DEFINED])
def test_the_definition_gives_the_same_verdicts_and_flows(scenario: str, reading: str) -> None:
    fast, slow = run(scenario, reading), run(scenario, reading, engine="reference")
    assert [verdict.trace and verdict.trace.steps for verdict in slow.verdicts] == [
        verdict.trace and verdict.trace.steps for verdict in fast.verdicts
    ]
    assert (slow.findings.states, slow.findings.transitions, slow.findings.depth) == (
        fast.findings.states,
        fast.findings.transitions,
        fast.findings.depth,
    )


# without S1 or S4, and with S0: changes, scenario, reading, (states, transitions, depth), what differs from the default
VARIANTS = [
    (
        "",
        "one_partner",
        "confirmed",
        (3670, 10096, 32),
        "answered_at_B 17",
    ),
    ("S1", "one_partner", "confirmed", (4158, 11868, 31), ""),
    (
        "S4",
        "one_partner",
        "confirmed",
        (4952, 13319, 38),
        "answered_at_B 17",
    ),
    (
        "S4",
        "one_partner",
        "after",
        (6442, 17253, 42),
        "R1 21, R5 29, answered_at_B 16",
    ),
    (
        "S4",
        "make_before_break",
        "confirmed",
        (7526, 17067, 42),
        "R1 17, answered_at_B 16",
    ),
    ("S0,S1,S4", "one_partner", "confirmed", (7598, 21243, 43), "R3 VIOLATED 18"),
    (
        "S0,S1,S4",
        "one_partner",
        "after",
        (9326, 25908, 42),
        "R1 21, R3 VIOLATED 17, R5 PROVED, R15 VIOLATED 30",
    ),
]


@pytest.mark.parametrize(("changes", "scenario", "reading", "counts", "differing"), VARIANTS)
def test_counts_and_verdicts_with_other_changes(
    changes: str, scenario: str, reading: str, counts: tuple[int, int, int], differing: str
) -> None:
    asked = [name for name in changes.split(",") if name]
    found = run(scenario, reading, changes=asked)
    assert (found.findings.states, found.findings.transitions, found.findings.depth) == counts
    assert differences(told(run(scenario, reading)), told(found)) == differing
    if "S0" not in asked:
        assert [verdict.id for verdict in found.verdicts if not verdict.met] == []  # as expected


UNDER_FAULTS = ["loss", "duplication", "crash_of_A", "crash_of_B", "crash_of_C", "mbb_duplication"]


@pytest.mark.slow
@pytest.mark.parametrize("faults", [False, True])
@pytest.mark.parametrize("profile", ["not_configured", "configured"])
@pytest.mark.parametrize("changes", [[], ["S4"]])
def test_the_baseline_is_as_expected_in_every_small_scenario(changes: list[str], profile: str, faults: bool) -> None:
    assert_as_expected(changes, profile, [name for name in small(changes) if (name in UNDER_FAULTS) is faults])


@pytest.mark.parametrize("profile", ["not_configured", "configured"])
def test_the_baseline_is_as_expected_in_the_first_scenarios(profile: str) -> None:
    assert_as_expected([], profile, small([])[:4])


def small(changes: list[str]) -> list[str]:
    """The scenarios of a version that are listed above, but the largest."""
    called = {name for name, *_ in RUNS if name != "large"}
    return [name for name in map(str, read(MODEL, changes).scenarios) if name in called]


def assert_as_expected(changes: list[str], profile: str, scenarios: list[str]) -> None:
    """Each verdict is that which its scenario expects, in both readings."""
    names = [name for name in scenarios if name != "family" or profile == "configured"]  # there it always is
    document, unmet = read(MODEL, changes), set()
    for name in names:
        chosen = [{"notify": notify, "profile_kms": profile} for notify in document.readings["notify"].values]
        models = [resolve(document, name, chosen={key: str(value) for key, value in one.items()}) for one in chosen]
        wanted = [
            {p.id: p.expected for p in model.properties} | dict.fromkeys(CHECKS, PROVED) | dict(model.expected_checks)
            for model in models
        ]
        found = statuses_of_family(models, [list(one) for one in wanted], effort=Effort())
        for statuses, expected in zip(found, wanted, strict=True):
            unmet |= {name for name, status in statuses.statuses.items() if status != (expected[name] or PROVED)}
    assert unmet == ({"S3"} if profile == "configured" else set())  # configured with the KMS of B, and called at C


NUMBERS = ["migrations", "attempts", "redirects"]


@pytest.mark.parametrize(
    "parameters", [NUMBERS, *(pytest.param([name], marks=pytest.mark.slow) for name in NUMBERS)], ids=", ".join
)
@pytest.mark.parametrize("value", [0, *(pytest.param(value, marks=pytest.mark.slow) for value in (1, 3)), 4])
def test_the_model_holds_for_other_numbers(parameters: list[str], value: int) -> None:
    models = resolve_all(read(MODEL), chosen=dict.fromkeys(parameters, str(value)))
    chosen = {model.scenario: {one.name: one.value for one in model.parameters} for model in models}
    assert {chosen["two_partners"][name] for name in parameters} == {str(value)}


def test_nobody_is_answered_where_he_never_went() -> None:
    """One migration leads to B: an answer at C, or at home after the return, takes two."""
    asked = ["answered_at_B", "answered_at_C", "answered_at_home"]
    (run,) = check(MODEL, scenarios=["two_partners"], properties=asked, settings={"migrations": "1"}).runs
    assert [verdict.status for verdict in run.verdicts] == ["PROVED", "VIOLATED", "VIOLATED"]


def test_every_promise_is_checked_in_both_readings_and_the_table_is_complete() -> None:
    document = read(MODEL)
    assert {(scenario, reading) for scenario, reading, *_ in [*RUNS, *PREPARED]} == {
        (str(scenario), str(reading))
        for scenario in document.scenarios
        for reading in document.readings["notify"].values
    }
    checked = {line.split()[0] for *_, lines in [*RUNS, *PREPARED] for line in lines.split(", ")}
    assert checked - set(CHECKS) == set(map(str, document.properties))


# ---- redirections never loop

REST = ["duplication", "crash_of_A"]
FAULTS = [
    pytest.param(name, marks=pytest.mark.slow)
    for name in ("loss", "crash_of_A", "crash_of_B", "crash_of_C", "duplication")
]
MBB_FAULTS = ["mbb_loss", "mbb_crash_of_B", *(pytest.param(f"mbb_{name}", marks=pytest.mark.slow) for name in REST)]


def loops(path: Path, scenario: str, reading: str) -> int:
    """How many states of an attempt lie on a loop that never leaves it: there the caller is kept going for ever."""
    model = resolve(read(path), scenario, chosen={"notify": reading}, properties=["R13"])
    _, graph = explored(model, property_ids=(), liveness_properties=model.liveness_properties)
    assert graph is not None
    assert graph.complete
    inside = graph.causes["R13"] & ~graph.goals["R13"]
    edges = inside[graph.source] & inside[graph.target]
    label = components(digraph(graph.states, graph.source[edges], graph.target[edges]))
    cyclic = label[graph.source[edges]] == label[graph.target[edges]]
    return len(np.unique(graph.source[edges][cyclic]))


@pytest.mark.parametrize("reading", ["confirmed", "after"])
@pytest.mark.parametrize("scenario", ["two_partners", "way_home", "make_before_break", *FAULTS, *MBB_FAULTS])
def test_redirections_never_loop_whatever_the_fault(scenario: str, reading: str) -> None:
    """Whatever keeps an attempt from ending (R2, R13) stops it: no run redirects a caller for ever."""
    assert loops(MODEL, scenario, reading) == 0
    for verdict in run(scenario, reading).verdicts:
        if verdict.id in ("R2", "R13") and verdict.trace is not None:
            assert verdict.trace.ending == "the run may stop here: nobody has to act"


def test_a_caller_who_is_redirected_for_ever_is_on_a_loop(tmp_path: Path) -> None:
    _, changes, _ = MUTATIONS["the caller caches the primary ID of a redirection"]
    assert loops(planted(tmp_path, changes), "one_partner", "confirmed") == 288


# ---- the text


@pytest.mark.parametrize("changes", VERSIONS, ids=",".join)
def test_every_transition_and_property_cites_an_item_or_says_what_it_assumes(changes: list[str]) -> None:
    """Under whatever reading and option a line stands."""
    document = read(MODEL, changes)
    items = set(map(str, document.items))
    for role in document.roles.values():
        for line in role.transitions:
            assert line.assumption or line.clause, line.span
            assert set(map(str, as_list(line.clause))) <= items, line.span
    for name, part in document.properties.items():
        assert (part.clause in items) if part.clause else part.assumption, name


def test_what_the_flows_rest_on() -> None:
    verdicts = {verdict.id: verdict for verdict in run("one_partner", "after").verdicts}
    assert tuple(map(str, verdicts["K2"].relies_on)) == (
        "C-RG6 (assumption: A client that has no group call gives up its authorization too before it migrates;"
        " only a change request says so, and of clients in group calls.)",
        "C-RG6p (assumption: A client leaves a partner as it leaves the primary; the text speaks of the primary only.)",
        "B-3 (assumption: A partner whose user leaves tells nobody; the text asks for no report.)",
        "mode=break_before_make (10.16.2.2-1b, plain)",
        "notify=after (X.1.6-10, informative)",
        *(f"{item} (informative)" for item in K2_INFORMATIVE),
    )
    asked = {"scenarios": ["one_partner"], "properties": ["K2"], "readings": {"notify": ["after"]}}
    ((k2,),) = (found.verdicts for found in checked(MODEL, **asked, normative_flows=True).runs)
    assert k2.normative_note == "no flow without assumptions and informative items"
    confirmed = {verdict.id: verdict for verdict in run("one_partner", "confirmed").verdicts}
    assert [str(ground) for ground in confirmed["R13"].relies_on if "=" in str(ground)] == [
        "mode=break_before_make (10.16.2.2-1b, plain)",
        "left_system=unreachable",
        "notify=confirmed (10.6.3.3-1, plain)",
    ]


K2_INFORMATIVE = ("X.1.6-9", "X.1.6-10", "X.1.4.1-5", "X.1.4-3")


# ---- flows, judged by hand


ANSWERS = {"private_call_response", "private_call_reject", "private_call_redirection"}
REGISTRATION = {
    "registration_request",
    "registration_response",
    "deregister",
    "migration_notification",
    "migration_service_authorization_request",
    "migration_service_authorization_response",
}
REFUSALS = {"registration_reject", "migration_service_authorization_reject"}


def system(shown: str) -> str:
    """The system of an ID as shown: Id(u2, B)."""
    return shown.removesuffix(")").split(", ")[1]


class Story:
    """What happened in a flow so far."""

    def __init__(self) -> None:
        self.values = {
            ("server(A)", "state"): "home",
            ("server(A)", "migrated_to"): "none",
            ("client(u2)", "registration"): "served",
            ("client(u1)", "private_call"): "idle",
            ("client(u1)", "dialled"): "none",
            ("client(u1)", "active"): "A",
            ("client(u2)", "private_keys"): "System",
        }
        self.live = ["A"]  # registrations of u2, the newest first
        self.registered = 0  # how often u2 was, since it began at home
        self.flying: list[str] = []
        self.frozen = False
        self.down: set[str] = set()
        # of the caller's attempt, since its last registration message if that came later
        self.dialled: list[str] = []
        self.first = ""
        self.redirected_to: str | None = None
        self.redirections = self.retries = 0
        self.settled = False
        self.outcome = ""
        # of the caller's requests: what it addressed at first, what it waits for, and what is told to it and to others
        self.begun = ""
        self.waiting = 0
        self.told: set[str] = set()
        self.asked = self.newest = "A"  # called last at u2; registered last
        self.answered = False
        self.talking = ""  # through which system u2 is in a call

    def take(self, step: TraceStep) -> None:
        """One step: what is received, then what is sent, then what it leaves."""
        if step.transition == "freeze":
            self.frozen = True
        if step.fault is not None:
            self.suffer(step.fault)
        if step.receives is not None:
            self.flying.remove(step.receives.message)
            self.moved(step.receives.message)
        for change in step.changes:
            self.values[change.instance, change.name] = change.after
        self.decline(step)
        if step.transition == "C-RG9":
            self.settled, self.dialled, self.redirected_to = False, [], None
        self.call(step)
        self.hear(step)
        for sent in step.sends:
            self.flying.append(sent.message)
            self.say(step.instance, sent.message, dict(sent.elements))
            if step.instance == "client(u2)":
                self.talk(step, sent.message, dict(sent.elements))
            if sent.message == "deregister":
                self.end(system(dict(sent.elements)["mc_service_id"]))
            if sent.message == "registration_response" and sent.receiver == "client(u2)":
                newest = system(dict(sent.elements)["mc_service_id"])
                self.live = [newest, *(other for other in self.live if other != newest)]
                self.registered += 1
            if sent.message == "private_call_redirection":
                if step.receives is None or step.receives.message != sent.message:  # else it was decided elsewhere
                    self.redirected_to = system(dict(sent.elements)["current_called_id"])
                self.redirections += sent.receiver == "client(u1)"
            self.moved(sent.message)

    def talk(self, step: TraceStep, message: str, elements: dict[str, str]) -> None:
        """A call that u2 has answered goes on until somebody hangs up; who leaves its system before drops it."""
        if message == "private_call_response" and step.receives is not None:
            self.talking = system(dict(step.receives.elements)["called_id"])
        if message == "private_call_end" and step.kind == "user":
            self.talking = ""
        if message == "deregister" and system(elements["mc_service_id"]) == self.talking:
            self.told |= {"dropped"}

    def end(self, gone: str) -> None:
        self.live = [other for other in self.live if other != gone]

    def decline(self, step: TraceStep) -> None:
        """An acceptance of which the client takes no notice, having given up, is no registration."""
        if step.instance == "client(u2)" and step.receives is not None:
            accepted = step.receives.message == "registration_response"
            if accepted and not any(change.name == "registration" for change in step.changes):
                self.end(system(dict(step.receives.elements)["mc_service_id"]))

    def hear(self, step: TraceStep) -> None:
        """What a message tells the one who receives it, after the step and before what is sent."""
        cached = [change for change in step.changes if (change.instance, change.name) == ("client(u1)", "cached_id")]
        if step.receives is None:
            return
        elements = dict(step.receives.elements)
        if step.receives.message == "private_call_end" and step.instance == "client(u2)":
            self.talking = ""
        if step.receives.message == "deregister" and system(elements["mc_service_id"]) == self.newest:
            self.newest = ""
        if step.instance == "client(u1)" and step.receives.message in ANSWERS:
            if step.receives.message == "private_call_redirection":
                self.told |= {"stray"} if self.waiting == 0 else set()
                self.told |= {"no reason"} if "redirection_reason" not in elements else set()
                before = [system(change.before) for change in cached if change.before != "none"]
                after = [system(change.after) for change in cached if change.after != "none"]
                self.told |= {"aged"} if self.newest in before and after and self.newest not in after else set()
            self.waiting -= self.waiting > 0
        if step.instance.startswith("client") and step.receives.message == "private_call_request":
            called = elements.get("original_called_id", elements["called_id"])
            self.told |= {"another ID"} if called != self.begun else set()
            self.told |= {"another person"} if f"({elements['called_id'][3:5]})" not in step.instance else set()
            self.told |= {"no ID of A"} if system(elements["calling_id"]) != "A" and len(elements) < 3 else set()
            self.asked, self.answered = system(called), False

    def say(self, sender: str, message: str, elements: dict[str, str]) -> None:
        """What is sent."""
        if message == "registration_response":
            self.newest = system(elements["mc_service_id"])
        if message == "migration_service_authorization_request":
            self.newest = system(elements["partner_mc_service_id"])
        if sender == "client(u1)" and message == "private_call_request":
            self.waiting, self.answered = self.waiting + 1, False
        if sender == "client(u2)" and message == "private_call_response":
            self.answered = True

    def suffer(self, fault: Disturbance) -> None:
        """A message is lost or copied; a server goes down, and a partner forgets whom it serves, or comes back."""
        if fault.message is not None:
            (self.flying.append if fault.kind == "duplication" else self.flying.remove)(fault.message)
        elif fault.kind == "crash":
            self.down.add(fault.place)
            self.live = [other for other in self.live if other == "A" or fault.place != f"server({other})"]
        else:
            self.down.remove(fault.place)

    def moved(self, message: str) -> None:
        if message in REGISTRATION:
            self.settled, self.dialled, self.redirected_to = False, [], None

    def call(self, step: TraceStep) -> None:
        """What the caller does, told by what it sends and by the state it comes to."""
        if step.instance != "client(u1)":
            return
        requests = [dict(sent.elements)["called_id"] for sent in step.sends if sent.message == "private_call_request"]
        if requests and step.kind == "user":
            self.dialled, self.first, self.settled, self.outcome = [], requests[0], True, ""
            self.redirected_to, self.redirections, self.retries = None, 0, 0
        if requests and step.receives is not None:
            self.retries += 1
        if requests and (step.kind == "user" or step.receives is not None):  # a new call, or begun again
            self.begun = requests[0]
        self.dialled += requests
        if step.receives is not None and step.receives.message == "private_call_response":
            self.outcome = "answered"
        if step.receives is not None and step.receives.message == "private_call_reject" and not requests:
            self.outcome = "failed"

    @property
    def truth(self) -> str | None:
        return self.live[0] if self.live else None

    @property
    def record(self) -> str | None:
        state = self.values["server(A)", "state"]
        return {"home": "A", "migrated": self.values["server(A)", "migrated_to"]}.get(state)

    @property
    def quiet(self) -> bool:
        to_do = self.values["client(u2)", "registration"] == "detached"
        return not to_do and not self.down and not (REGISTRATION | REFUSALS) & set(self.flying)

    @property
    def unreached(self) -> bool:
        """The attempt has failed, or nothing is on its way that could end it."""
        return self.outcome == "failed" or self.waits

    @property
    def waits(self) -> bool:
        calling = self.values["client(u1)", "private_call"] == "calling"
        return calling and not (ANSWERS | {"private_call_request"}) & set(self.flying)

    @property
    def at_rest(self) -> bool:
        return self.frozen and self.quiet


BROKEN: dict[str, Callable[[Story], bool]] = {
    "K1": lambda s: s.truth is not None and s.record != s.truth,
    "K2": lambda s: s.quiet and s.truth is not None and s.record != s.truth,
    "K3": lambda s: s.quiet and s.record is not None and s.record not in s.live,
    "K6": lambda s: s.quiet and s.truth == "A" and s.record != "A",
    "R1": lambda s: s.at_rest and len(set(s.dialled)) < len(s.dialled),
    "R3": lambda s: s.redirections > 2,
    "R4": lambda s: s.at_rest and s.redirected_to is not None and s.redirected_to not in s.live,
    "R5": lambda s: failed_by_primary_id(s) and s.values["client(u1)", "active"] == "A",
    "R6": lambda s: failed_by_primary_id(s) and s.values["client(u1)", "active"] != "A",
    "R7": lambda s: s.at_rest and s.settled and s.unreached and system(s.first) == s.truth,
    "K7": lambda s: s.quiet and s.truth is None and s.record is not None,
    "R8": lambda s: (
        s.at_rest
        and s.settled
        and system(s.first) != "A"
        and (s.waits or s.retries > 1 or (s.outcome == "failed" and s.retries == 0))
    ),
    "R10": lambda s: "no reason" in s.told,
    "R12": lambda s: bool(s.told & {"stray", "aged"}),
    "S1": lambda s: "another person" in s.told,
    "S2": lambda s: (
        s.answered
        and not (s.values["client(u1)", "kms"] == s.asked and s.asked in s.values["client(u2)", "private_keys"])
    ),
    "S7": lambda s: "another ID" in s.told,
    "P1": lambda s: "dropped" in s.told,
    "S3": lambda s: (
        s.values["client(u1)", "private_call"] == "calling"
        and s.values["client(u1)", "kms"] != system(s.values["client(u1)", "dialled"])
    ),
    "answered_at_B": lambda s: answered(s, "B"),
    "answered_at_C": lambda s: answered(s, "C") and s.registered > 1,
    "answered_at_home": lambda s: (
        s.outcome == "answered"
        and system(s.values["client(u1)", "dialled"]) == "A"
        and s.values.get(("client(u2)", "active")) == "A"  # changed when it came back
        and s.registered > 1
    ),
}


def failed_by_primary_id(story: Story) -> bool:
    return story.at_rest and bool(story.live) and story.settled and system(story.first) == "A" and story.unreached


def answered(story: Story, where: str) -> bool:
    last = story.values["client(u1)", "dialled"]
    return story.outcome == "answered" and story.redirections > 0 and last != "none" and system(last) == where


@pytest.mark.parametrize(
    ("scenario", "reading", "name"),
    [
        pytest.param(*one, marks=[pytest.mark.slow] if f"{one[0]}-{one[1]}" in SLOW_RUNS else [])
        for one in [*VIOLATIONS, *WITNESSES]
    ],
)
def test_a_flow_ends_where_it_first_breaks_or_shows_the_promise(scenario: str, reading: str, name: str) -> None:
    story = Story()
    broken = [BROKEN[name](story)]
    for step in trace(scenario, reading, name).steps:
        story.take(step)
        broken.append(BROKEN[name](story))
    assert broken == [False] * (len(broken) - 1) + [True]


# ---- planted mistakes: each must change the verdicts that should see it, and no others


A5S = """      under: {notify: confirmed}
      dest: migrated
      set: {migrated_to: msg.partner_mc_service_id.system}
"""
B4 = (
    "      source: serving\n      conditions: msg.called_id.system == key\n"
    "      send: [{private_call_request: {to: client(msg.called_id.user), "
    "calling_id: msg.calling_id, called_id: msg.called_id}}]\n"
)
REFUSED = """      source: [absent, authorizing]
      conditions: [msg.called_id.system == key, given_to == none]
      send: [{private_call_reject"""
A6 = """    - id: A-6
      label: redirects the caller
      trigger: private_call_request
      source: migrated
"""
RETRY = 'set: {dialled: "Id(dialled.user, A)", kms: A, retried: retry == once,'
MUTATIONS = {
    "the primary does not note the migration": (
        "confirmed",
        [("servers.yaml", A5S, "      under: {notify: confirmed}\n")],
        "K1 VIOLATED 5, K2 VIOLATED 7, R4 VACUOUS, R5 VIOLATED 11, R8 VACUOUS, K4 VIOLATED 8, R15 VACUOUS, "
        "answered_at_B VIOLATED",
    ),
    "the primary notes the primary ID": (
        "confirmed",
        [
            (
                "servers.yaml",
                "          partner_mc_service_id: msg.mc_service_id\n"
                "          primary_mc_service_id: msg.primary_mc_service_id\n      clause: 10.6.3.3-1\n",
                "          partner_mc_service_id: msg.primary_mc_service_id\n"
                "          primary_mc_service_id: msg.primary_mc_service_id\n      clause: 10.6.3.3-1\n",
            )
        ],
        "K1 VIOLATED 5, K2 VIOLATED 7, K3 VIOLATED 7, R1 VIOLATED 12, R3 VIOLATED 12, R4 VIOLATED 10, R8 VACUOUS, "
        "K4 VIOLATED 8, R15 VIOLATED 19, answered_at_B VIOLATED",
    ),
    "the notification carries the primary ID as the partner's": (
        "after",
        [
            (
                "changes/S4.yaml",
                "            partner_mc_service_id: msg.mc_service_id\n        clause: [X.1.6-9,",
                "            partner_mc_service_id: msg.primary_mc_service_id\n        clause: [X.1.6-9,",
            )
        ],
        "K2 6, K3 6, K6 PROVED, R1 11, R3 VIOLATED 12, R4 9, R5 PROVED, R8 VACUOUS, K4 7, R15 VIOLATED 18, "
        "answered_at_B VIOLATED",
    ),
    "the caller caches the primary ID of a redirection": (
        "confirmed",
        [
            (
                "changes/S1.yaml",
                "set: {cached_id: msg.current_called_id,",
                "set: {cached_id: msg.primary_called_id,",
            )
        ],
        "R1 VIOLATED 12, R3 VIOLATED 12, S3 VIOLATED 8, R15 VIOLATED 19, answered_at_B 17",
    ),
    "the caller goes back to the primary ID again and again": (
        "confirmed",
        [("changes/S4.yaml", RETRY, RETRY.replace(", retried: retry == once", ""))],
        "R3 VIOLATED 24",
    ),
    "the caller never goes back to the primary ID": (
        "confirmed",
        [
            ("changes/S4.yaml", "dialled.system != A, not retried,", '"false",'),
            ("changes/S4.yaml", "dialled.system == A or retried or retry == never or", "true or"),
        ],
        "R8 VIOLATED 26",
    ),
    "a partner rejects although it serves": (
        "confirmed",
        [
            ("servers.yaml", B4, B4.replace("conditions: msg.called_id.system == key", 'conditions: "false"')),
            ("servers.yaml", REFUSED, REFUSED.replace("authorizing]", "authorizing, serving]")),
        ],
        "R1 VIOLATED 16, R5 VIOLATED 23, answered_at_B VIOLATED",
    ),
    "the redirection carries the KMS of the wrong system": (
        "confirmed",
        [("changes/S1.yaml", "{kms_uri?: migrated_to}", "{kms_uri?: key}")],
        "S3 VIOLATED 8",
    ),
    "the caller looks the KMS up in the wrong system": (
        "confirmed",
        [("client.yaml", "set: {cached_kms: cached_id.system}", "set: {cached_kms: A}")],
        "S3 VIOLATED 9",
    ),
    "the primary redirects a user who is at home": (
        "confirmed",
        [
            (
                "servers.yaml",
                A6,
                "    - id: A-6h\n      trigger: private_call_request\n      source: home\n"
                "      conditions: msg.called_id.system == key\n"
                "      send: [{private_call_redirection: {to: sender, calling_id: msg.calling_id, primary_called_id: "
                'msg.called_id, current_called_id: "Id(msg.called_id.user, B)", kms_uri: B}}]\n'
                "      clause: 10.16.5.3-2\n" + A6,
            )
        ],
        "R1 VIOLATED 9, R4 VIOLATED 3, R5 VIOLATED 16",
    ),
    "the primary also redirects the partner's ID": (
        "confirmed",
        [
            (
                "servers.yaml",
                A6 + "      conditions: [msg.called_id.system == key,",
                A6 + '      conditions: ["msg.called_id.system in {key, B}",',
            )
        ],
        "R1 VIOLATED 15, R3 VIOLATED 12, R15 VIOLATED 19",
    ),
    "the primary keeps its record when the user comes home": (
        "confirmed",
        [
            (
                "servers.yaml",
                "      trigger: registration_request\n      dest: home\n      set: {migrated_to: none}\n",
                "      trigger: registration_request\n",
            )
        ],
        "K1 VIOLATED 10, K2 VIOLATED 12, K3 VIOLATED 12, K6 VIOLATED 12, R1 VIOLATED 21, R4 VIOLATED 15, R5 "
        "VIOLATED 28, K4 VIOLATED 13",
    ),
    "the client forgets that it is registered": (
        "confirmed",
        [
            (
                "client.yaml",
                '== target\n      set: {registered: "registered | {target}", active: target, target: none}\n',
                "== target\n      set: {active: target, target: none}\n",
            )
        ],
        "K3 VIOLATED 7, R4 VIOLATED 10, R8 VIOLATED 35, answered_at_B VIOLATED",
    ),
    "the primary drops a call towards a user who is nowhere": (
        "confirmed",
        [
            (
                "servers.yaml",
                "      source: gone\n      conditions: msg.called_id.system == key\n"
                "      send: [{private_call_reject: {to: sender, calling_id: msg.calling_id, cause: not_served}}]\n",
                "      source: gone\n      conditions: msg.called_id.system == key\n",
            )
        ],
        "R2 10, R13 9, check.deadlock 10",
    ),
    "a channel holds one message": (
        "confirmed",
        [("scenarios.yaml", "else fifo, bound: 3}}\n    budgets", "else fifo, bound: 1}}\n    budgets")],
        "check.overflow VIOLATED 3",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_planted_mistake_is_seen(name: str, tmp_path: Path) -> None:
    reading, changes, expected = MUTATIONS[name]
    path = planted(tmp_path, changes)
    (found,) = first_flows(path, scenarios=["one_partner"], readings={"notify": [reading]}).runs
    assert differences(told(run("one_partner", reading)), told(found)) == expected


def test_a_partner_that_never_forgets_is_seen_when_the_user_comes_a_second_time(tmp_path: Path) -> None:
    path = planted(
        tmp_path,
        [("servers.yaml", "      source: serving\n      dest: absent\n      ass", "      source: serving\n      ass")],
    )
    (found,) = first_flows(path, scenarios=["way_home"], readings={"notify": ["confirmed"]}).runs
    changed = differences(told(run("way_home", "confirmed")), told(found))
    assert changed == "check.deadlock 18, check.reception VIOLATED 14"


def test_a_primary_that_moves_without_noting_where_cannot_redirect(tmp_path: Path) -> None:
    forgetful = "".join(line + "\n" for line in A5S.splitlines()[:-1])
    path = planted(tmp_path, [("servers.yaml", A5S, forgetful)])
    with pytest.raises(ModelError) as caught:
        first_flows(path, scenarios=["one_partner"], readings={"notify": ["confirmed"]})
    (problem,) = caught.value.problems
    assert problem.code == "M701"
    assert problem.message == (
        "field system would be none, which is not in System,"
        " in element current_called_id of private_call_redirection (transition A-6 of server(A))"
    )
