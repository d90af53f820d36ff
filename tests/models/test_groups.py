"""S3: what is promised of group communications that are carried over, and what depends on what the text leaves open."""

from __future__ import annotations

import pytest
from mission import MODEL, told
from shared_runs import checked

from mcfsm.language.files.reader import read
from mcfsm.verdicts.verdict import Run

SECOND = MODEL / "communication.yaml"
# scenario, (states, transitions, depth), each verdict with the length of its flow; built-in checks where violated
RUNS: list[tuple[str, tuple[int, int, int], str]] = [
    (
        "group_to_partner",
        (2182, 7044, 29),
        "G1 PROVED, G3 PROVED, G9 VIOLATED 16, G4 PROVED, G5 PROVED, G8 PROVED, G13 PROVED, "
        "group_carried_over PROVED 22, G2 VIOLATED 8",
    ),
    (
        "group_of_partner",
        (4100, 14071, 31),
        "G1 PROVED, G3 PROVED, G9 VIOLATED 17, G4 PROVED, G5 PROVED, G8 PROVED, G13 PROVED, "
        "group_carried_over PROVED 22, G2 VIOLATED 11",
    ),
    (
        "group_document_short",
        (1274, 3874, 25),
        "G1 PROVED, G3 PROVED, G9 PROVED, G4 PROVED, G5 PROVED, G8 VIOLATED 24, G13 PROVED, "
        "group_carried_over VIOLATED",
    ),
    (
        "group_without_de_authorization",
        (1104, 3005, 28),
        "G1 PROVED, G3 PROVED, G9 VIOLATED 16, G4 PROVED, G5 PROVED, G8 PROVED, G12 PROVED, G13 PROVED, "
        "group_carried_over PROVED 22",
    ),
    (
        "group_profile",
        (2470, 7950, 32),
        "G1 PROVED, G3 PROVED, G9 VIOLATED 19, G4 PROVED, G5 PROVED, G8 PROVED, G13 PROVED, "
        "group_carried_over PROVED 25, G2 VIOLATED 8",
    ),
    (
        "group_to_primary",
        (6478, 24444, 34),
        "G1 PROVED, G3 PROVED, G9 VIOLATED 16, G4 VIOLATED 27, G5 PROVED, G8 VIOLATED 22, G13 PROVED, "
        "group_carried_over PROVED 22, G2 VIOLATED 8",
    ),
    (
        "group_between_partners",
        (27842, 113002, 36),
        "G1 PROVED, G3 PROVED, G9 VIOLATED 16, G4 VIOLATED 29, G5 PROVED, G8 VIOLATED 32, G13 PROVED, "
        "group_carried_over PROVED 22, G2 VIOLATED 8",
    ),
    (
        "group_fails",
        (28090, 111084, 35),
        "G3 PROVED, G9 VIOLATED 16, G4 VIOLATED 27, G5 PROVED, G6 VIOLATED 12, G8 VIOLATED 15, G12 VIOLATED "
        "16, G13 PROVED, group_carried_over PROVED 22",
    ),
    (
        "group_transmitting",
        (40264, 155802, 46),
        "G1 PROVED, G3 PROVED, G9 VIOLATED 16, G4 PROVED, G5 PROVED, G8 PROVED, G10 PROVED, G11 VIOLATED 11, "
        "G13 PROVED, group_carried_over PROVED 22",
    ),
    (
        "group_third_member",
        (23654, 97634, 35),
        "G1 PROVED, G3 PROVED, G9 VIOLATED 16, G4 PROVED, G5 PROVED, G8 PROVED, G13 PROVED, "
        "group_carried_over PROVED 22, G2 VIOLATED 8",
    ),
    (
        "group_two_members",
        (199014, 1075417, 48),
        "G1 PROVED, G3 PROVED, G9 VIOLATED 16, G4 PROVED, G5 PROVED, G8 PROVED, G13 PROVED, "
        "group_carried_over PROVED 22, G2 VIOLATED 8",
    ),
    (
        "group_loss",
        (8044, 27919, 29),
        "G1 PROVED, G3 VIOLATED 21, G9 VIOLATED 16, G4 VIOLATED 21, G5 VIOLATED 8, G8 VIOLATED 14, G13 "
        "PROVED, check.deadlock VIOLATED 2",
    ),
    (
        "group_duplication",
        (45970, 167526, 33),
        "G1 PROVED, G3 PROVED, G9 VIOLATED 16, G4 PROVED, G5 VIOLATED 8, G8 VIOLATED 26, G13 PROVED, "
        "check.deadlock VIOLATED 7, check.reception VIOLATED 6",
    ),
    (
        "group_crash_of_A",
        (8548, 29329, 31),
        "G1 PROVED, G3 PROVED, G9 VIOLATED 16, G4 PROVED, G5 PROVED, G8 PROVED, G13 VIOLATED 7",
    ),
    (
        "group_crash_of_B",
        (7930, 28145, 31),
        "G1 PROVED, G3 PROVED, G9 VIOLATED 16, G4 PROVED, G5 VIOLATED 24, G8 VIOLATED 19, G13 PROVED",
    ),
    (
        "group_overlap",
        (1258, 3963, 29),
        "G1 PROVED, G3 PROVED, G9 VIOLATED 15, G4 PROVED, G5 PROVED, G2 VIOLATED 20, G7 VIOLATED 21, "
        "group_overlaps PROVED 19",
    ),
    (
        "group_overlap_document_short",
        (266, 590, 26),
        "G1 PROVED, G3 PROVED, G9 PROVED, G4 PROVED, G5 VIOLATED 25, G2 PROVED, G7 PROVED, group_overlaps VIOLATED",
    ),
    (
        "group_overlap_to_primary",
        (6338, 21987, 44),
        "G1 PROVED, G3 PROVED, G9 VIOLATED 15, G4 PROVED, G5 PROVED, G2 VIOLATED 20, G7 VIOLATED 21, "
        "group_overlaps PROVED 19",
    ),
    (
        "group_overlap_between_partners",
        (168666, 888188, 50),
        "G1 PROVED, G3 PROVED, G9 VIOLATED 15, G4 PROVED, G5 PROVED, G2 VIOLATED 20, G7 VIOLATED 21, "
        "group_overlaps PROVED 19",
    ),
    (
        "group_overlap_transmitting",
        (18806, 68953, 46),
        "G1 PROVED, G3 PROVED, G9 VIOLATED 15, G4 PROVED, G5 PROVED, G10 PROVED, G11 PROVED, G2 VIOLATED 20, "
        "G7 VIOLATED 21, talks_on PROVED 22",
    ),
    (
        "group_and_call",
        (137612, 677781, 46),
        "P2 PROVED, P3 VIOLATED 13, P6 VIOLATED 18, P10 VIOLATED 20, P8 PROVED, P9 PROVED, P11 VIOLATED 23, R13 "
        "PROVED, carried_over PROVED 25, G1 PROVED, G3 PROVED, G9 VIOLATED 16, G4 PROVED, G5 PROVED, G8 PROVED, G13 "
        "PROVED, group_carried_over PROVED 22, both_carried_over PROVED 36",
    ),
    (
        "group_and_call_overlap",
        (32480, 133565, 41),
        "P8 PROVED, P9 PROVED, R13 PROVED, G1 PROVED, G3 PROVED, G9 VIOLATED 15, G4 PROVED, G5 PROVED, G2 VIOLATED "
        "20, G7 VIOLATED 21, both_registered_in_both PROVED 17, P1 PROVED",
    ),
    (
        "group_large",
        (922246, 4991563, 49),
        "G1 PROVED, G3 PROVED, G9 VIOLATED 16, G4 VIOLATED 34, G5 PROVED, G8 VIOLATED 38, G13 PROVED, "
        "group_carried_over PROVED 22, G2 VIOLATED 8",
    ),
]

# what is otherwise, under another value of what the text leaves open
OTHERWISE = [
    ("group_to_partner", {"message_order": "not_kept"}, "G5 VIOLATED 8, G8 VIOLATED 26"),
    ("group_to_primary", {"group_directions": "every"}, "G4 PROVED, G8 PROVED"),
    ("group_fails", {"group_directions": "every"}, "G4 PROVED, G6 VIOLATED 12"),
    ("group_fails", {"de_authorization": "left_out"}, "G6 VIOLATED 11, G12 VIOLATED 10"),
    ("group_transmitting", {"floor_of_leaver": "kept"}, "G10 VIOLATED 35"),
    ("group_overlap", {"group_in_overlap": "stays_until_end"}, "G2 PROVED, G7 PROVED, group_overlaps VIOLATED"),
    ("group_overlap", {"group_in_overlap": "de_affiliates_first"}, "G2 VIOLATED 13, G7 PROVED"),
    ("group_overlap_transmitting", {"group_in_overlap": "stays_until_end"}, "G2 PROVED, G7 PROVED, G11 PROVED"),
    ("group_overlap_document_short", {"group_in_overlap": "de_affiliates_first"}, "G2 VIOLATED 13, G5 VIOLATED 25"),
]


def run_of(scenario: str, chosen: dict[str, str], changes: list[str] | None = None) -> Run:
    readings = {name: [value] for name, value in chosen.items() if name == "message_order"}
    settings = {name: value for name, value in chosen.items() if name != "message_order"}
    (run,) = checked(SECOND, scenarios=[scenario], changes=changes, readings=readings, settings=settings).runs
    assert run.findings.complete
    return run


def words(run: Run) -> dict[str, str]:
    return {name: status if length is None else f"{status} {length}" for name, (status, length) in told(run).items()}


SLOW = [pytest.param(*row, marks=[pytest.mark.slow] * (row[0] == "group_large"), id=row[0]) for row in RUNS]


@pytest.mark.parametrize(("scenario", "counts", "verdicts"), SLOW)
def test_what_is_promised_of_groups(scenario: str, counts: tuple[int, int, int], verdicts: str) -> None:
    run = run_of(scenario, {})
    assert (run.findings.states, run.findings.transitions, run.findings.depth) == counts
    found = {name: said for name, said in words(run).items() if said != "PROVED" or not name.startswith("check.")}
    assert ", ".join(f"{name} {said}" for name, said in found.items()) == verdicts
    assert [verdict.id for verdict in run.verdicts if not verdict.passed] == []


@pytest.mark.parametrize(("scenario", "chosen", "verdicts"), OTHERWISE)
def test_what_the_text_leaves_open_about_groups(scenario: str, chosen: dict[str, str], verdicts: str) -> None:
    run = run_of(scenario, chosen)
    found = words(run)
    assert [f"{name} {found[name]}" for name in (part.split()[0] for part in verdicts.split(", "))] == verdicts.split(
        ", "
    )
    assert [verdict.id for verdict in run.verdicts if not verdict.passed] == []


def test_every_scenario_of_groups_is_run() -> None:
    named = {str(name) for name in read(SECOND).scenarios if str(name).startswith("group_")}
    assert {scenario for scenario, *_ in RUNS} == named


# candidates beside the default changes, scenario, what is chosen, what they restore and what they break
ALL = "back_to_previous,late_acceptance_declined,back_to_groups,every_direction,one_user_counts_once"
MENDED: list[tuple[str, str, dict[str, str], str, str]] = [
    ("group_document_precondition", "group_document_short", {}, "G8 group_carried_over", "G9"),
    ("every_direction", "group_to_primary", {}, "G4 G8", ""),
    ("end_ends_affiliation", "group_to_primary", {}, "G4", ""),
    ("one_user_counts_once", "group_to_partner", {}, "G9", ""),
    ("one_user_counts_once", "group_overlap", {}, "G9", ""),
    ("one_user_counts_once", "group_loss", {}, "G3 G9 G4", ""),
    ("back_to_previous,back_to_groups", "group_fails", {}, "", ""),
    ("late_acceptance_declined", "group_fails", {}, "G12", ""),
    ("floor_released_first", "group_transmitting", {}, "G11", ""),
    ("floor_released_first", "group_transmitting", {"floor_of_leaver": "kept"}, "G11", ""),
    ("back_to_previous,back_to_groups,every_direction", "group_fails", {}, "G4 G6 G8", ""),
    (ALL, "group_fails", {}, "G9 G4 G6 G8 G12", ""),
    ("late_entry_waits", "group_to_partner", {"message_order": "not_kept"}, "G5 G8", ""),
]


@pytest.mark.parametrize(
    ("candidates", "scenario", "chosen", "restored", "broken"),
    [pytest.param(*row, marks=[pytest.mark.slow] * (row[0].count(",") > 1)) for row in MENDED],
)
def test_what_candidates_restore_and_break(
    candidates: str, scenario: str, chosen: dict[str, str], restored: str, broken: str
) -> None:
    text = words(run_of(scenario, chosen))
    with_it = words(run_of(scenario, chosen, ["S1", "S2", "S3", "S4", *candidates.split(",")]))
    kept = {name: said.startswith("PROVED") for name, said in text.items()}
    keeps = {name: said.startswith("PROVED") for name, said in with_it.items()}
    assert [name for name in kept if not kept[name] and keeps[name]] == restored.split()
    assert [name for name in kept if kept[name] and not keeps[name]] == broken.split()


PAGE = MODEL.parents[1] / "docs" / "groups.md"
PROMISES = ["G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "G10", "G11", "G12", "G13"]


def matrix() -> str:
    """The scenarios of groups by the promises of C.5, as the runs above have them."""
    lines = ["| Scenario | " + " | ".join(PROMISES) + " |", "|---" * (len(PROMISES) + 1) + "|"]
    for scenario, _, verdicts in RUNS:
        found = {part.split()[0]: " ".join(part.split()[1:]) for part in verdicts.split(", ")}
        cells = [found.get(name, "-").replace("PROVED", "holds").replace("VIOLATED", "broken,") for name in PROMISES]
        lines.append(f"| `{scenario}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def test_the_matrix_on_the_page_is_that_of_the_runs() -> None:
    assert matrix() in PAGE.read_text("utf-8")
