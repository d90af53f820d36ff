"""docs/scenario_matrix.md is fresh: what becomes of a migration by direction, communication and mode.

    python tests/models/test_scenario_matrix.py

rewrites the page. A cell has the verdicts that the scenarios expect of their promises with the changes that apply by
default; that a search finds them so is what the tests of the scenarios say.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from mission import MODEL

from mcfsm.language.files.document import Document
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve

PAGE = Path(__file__).parents[2] / "docs" / "scenario_matrix.md"
FIRST, SECOND = MODEL, MODEL / "communication.yaml"
OPEN = "left open by the text"
Cell = str | tuple[Path, str, str]  # what the text says of it, or a model, its scenario and promises

# direction, communication, break before make, make before break, where the text speaks of it
ROWS: list[tuple[str, str, Cell, Cell, str]] = [
    (
        "primary to partner",
        "none",
        (FIRST, "one_partner", "K2 K3 R5"),
        (FIRST, "make_before_break", "K2 K3 R5"),
        "10.6.3.3; X.1.2, X.1.4",
    ),
    (
        "primary to partner",
        "private call, MCPTT or MCVideo",
        (SECOND, "to_partner", "P2 P3 P6 P8 P9 P10 P11"),
        (SECOND, "mbb_private_call", "P1 P8 P9"),
        "10.16.3.2 (S2); X.1.4.1-3, X.1.7.4-2",
    ),
    (
        "primary to partner",
        "one-to-one MCData",
        (SECOND, "mcdata", "P8 P9"),
        OPEN,
        "excluded by 10.16.3.1-NOTE: nothing is promised, and this is what becomes of it",
    ),
    (
        "primary to partner",
        "group call, receiving",
        (SECOND, "group_to_partner", "G1 G3 G4 G5 G8 G9"),
        (SECOND, "group_overlap", "G2 G3 G4 G5 G7 G9"),
        "10.16.2.2 (S3); X.1.4.1-4, X.1.7.4-5",
    ),
    (
        "primary to partner",
        "group call, transmitting",
        (SECOND, "group_transmitting", "G10 G11"),
        (SECOND, "group_overlap_transmitting", "G2 G7 G10 G11"),
        "left open: 10.16.2.2-pre-1 speaks of a receiving party",
    ),
    (
        "primary to partner",
        "private call and group call at once, of one or of two MC services",
        (SECOND, "group_and_call", "P2 P8 P9 P11 G3 G5 G8 G9"),
        (SECOND, "group_and_call_overlap", "P1 P8 P9 G2 G5 G7 G9"),
        "10.16.2.2 and 10.16.3.2 beside each other",
    ),
    ("primary to partner", "MCData group", OPEN, OPEN, "for further study (10.16.2.1-EN)"),
    (
        "partner to partner",
        "none",
        (FIRST, "two_partners", "K2 K3 R5"),
        (FIRST, "family", "K2 K3 R5"),
        "in part: X.1.7.4-NOTE; X.1.6 speaks of one partner",
    ),
    (
        "partner to partner",
        "private call",
        (SECOND, "between_partners", "P2 P3 P6 P8 P9 P10 P11"),
        (SECOND, "mbb_between_partners", "P1 P8 P9"),
        "10.16.3.2-scope; X.1.7.4-NOTE",
    ),
    (
        "partner to partner",
        "group call",
        (SECOND, "group_between_partners", "G3 G4 G5 G8 G9"),
        (SECOND, "group_overlap_between_partners", "G2 G3 G4 G5 G7 G9"),
        "left open: 10.16.2.2 goes from the primary to a partner",
    ),
    (
        "partner to primary",
        "none",
        (FIRST, "one_partner", "K2 K6"),
        (FIRST, "make_before_break", "K2 K6"),
        "in part: X.1.7.4-NOTE; no step home, no report of an end",
    ),
    (
        "partner to primary",
        "private call",
        (SECOND, "to_primary", "P2 P3 P6 P8 P9 P10 P11"),
        (SECOND, "mbb_private_call", "P1 P8 P9"),
        "10.16.3.2-scope; X.1.7.4-NOTE",
    ),
    (
        "partner to primary",
        "group call",
        (SECOND, "group_to_primary", "G3 G4 G5 G8 G9"),
        (SECOND, "group_overlap_to_primary", "G2 G3 G4 G5 G7 G9"),
        "left open: 10.16.2.2 goes from the primary to a partner",
    ),
    (
        "any",
        "call towards the user while it moves",
        (FIRST, "one_partner", "R2 R13"),
        (FIRST, "make_before_break", "R2 R13"),
        "left open: 10.16.5.3-pre-3 assumes the result",
    ),
    (
        "any",
        "first call towards the user afterwards",
        (FIRST, "calls", "R7"),
        (FIRST, "mbb_calls", "R7"),
        "10.16.5.3 (S1)",
    ),
    (
        "any",
        "later calls by the ID from the partner",
        (FIRST, "one_partner", "R8"),
        (FIRST, "make_before_break", "R8"),
        "X.1.7.1-6b; 10.16.5.3-NOTE 2 (S0)",
    ),
    (
        "any",
        "calls by the migrated user",
        (FIRST, "caller_moves", "R6 S8"),
        (FIRST, "mbb_caller_moves", "R6 S8"),
        "X.1.7.3",
    ),
    (
        "any",
        "both users migrate, in a call",
        (SECOND, "both_move", "P2 P4 P11 P13"),
        (SECOND, "mbb_both_move", "P1 P8 P9"),
        "left open",
    ),
    (
        "any",
        "a migration that fails",
        (SECOND, "fails", "P2 P7"),
        (FIRST, "mbb_gives_up", "K2 K3"),
        "left open",
    ),
    (
        "any",
        "a migration that fails, in a group call",
        (SECOND, "group_fails", "G6 G8"),
        OPEN,
        "left open",
    ),
]
# how a migration is permitted: kind, and the three directions
PERMITTED: list[tuple[str, Cell, Cell, Cell]] = [
    ("command (X.1.2-3a, X.1.5-1)", (FIRST, "preparation_by_command", "M4 M5 M6 S4"), OPEN, OPEN),
    (
        "request and answer (X.1.2-3b-i, X.1.5-4)",
        (FIRST, "preparation_one_partner", "M4 S4"),
        (FIRST, "preparation_two_partners", "M4 S4"),
        (FIRST, "preparation_at_the_partner", "M4 S4"),
    ),
    (
        "provisioned (X.1.2-3b-ii)",
        (FIRST, "preparation_on_a_journey", "M4 S4"),
        (FIRST, "preparation_on_a_journey", "M4 S4"),
        OPEN,
    ),
    ("withdrawn", OPEN, OPEN, OPEN),
    ("command and request at once", (FIRST, "preparation_by_command", "M6"), OPEN, OPEN),
]


@cache
def document(path: Path) -> Document:
    return read(path)


@cache
def expected(path: Path, scenario: str) -> dict[str, str]:
    """The verdict that a scenario expects of each of its promises."""
    model = resolve(document(path), scenario)
    promises = (*model.state_properties, *model.liveness_properties)
    return {str(promise.id): str(promise.expected) for promise in promises}


def shown(cell: Cell) -> str:
    """A cell in words: a scenario with its promises, those that do not hold in bold."""
    if isinstance(cell, str):
        return cell
    path, scenario, promises = cell
    verdicts = expected(path, scenario)
    said = [name if verdicts[name] == "PROVED" else f"**{name} {verdicts[name]}**" for name in promises.split()]
    return f"`{scenario}`: {', '.join(said)}"


def page() -> str:
    lines = [
        "# The scenario matrix",
        "",
        "Written by `python tests/models/test_scenario_matrix.py`; do not edit. In which direction a user",
        "migrates, in which communication, in which mode, and which promises are then kept. A cell names the",
        "scenario and its promises: those without a word are proved, those in bold are not. *Left open by the",
        "text* stands where no item says what happens, and nothing is asked; where the last column says so and a",
        "cell has verdicts all the same, they rest on assumptions ([assumptions.md](assumptions.md)). Scenarios",
        "with calls and groups that are carried over are those of `models/mc_migration/communication.yaml`, the",
        "others those of `models/mc_migration`; S1 to S4 are applied.",
        "",
        "| direction | communication | break before make | make before break | the text |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {one} | {what} | {shown(bbm)} | {shown(mbb)} | {where} |" for one, what, bbm, mbb, where in ROWS]
    lines += [
        "",
        "How a migration is permitted is orthogonal to calls in the text (X.1.4-1), and is asked without them:",
        "",
        "| permitted by | primary to partner | partner to partner | partner to primary |",
        "|---|---|---|---|",
    ]
    lines += [f"| {kind} | {' | '.join(map(shown, cells))} |" for kind, *cells in PERMITTED]
    lines += ["", "What the promises say:", "", "| promise | says |", "|---|---|"]
    lines += [f"| {name} | {text} |" for name, text in asked()]
    return "\n".join(lines) + "\n"


def asked() -> Iterator[tuple[str, str]]:
    """Each promise that a cell names, once, with its text."""
    cells = [cell for row in ROWS for cell in row[2:4]] + [cell for row in PERMITTED for cell in row[1:]]
    found = {name: str(document(cell[0]).properties[name].text) for cell in cells if cell[1:] for name in named(cell)}
    return iter(sorted(found.items(), key=lambda item: (item[0][0], int(item[0][1:]))))


def named(cell: Cell) -> list[str]:
    return [] if isinstance(cell, str) else cell[2].split()


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == page()


def test_every_cell_has_a_verdict_or_is_left_open() -> None:
    cells = [cell for row in ROWS for cell in row[2:4]] + [cell for row in PERMITTED for cell in row[1:]]
    assert len(cells) == 2 * 20 + 3 * 5
    assert {cell for cell in cells if isinstance(cell, str)} == {OPEN}
    assert all(named(cell) for cell in cells if not isinstance(cell, str))


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
