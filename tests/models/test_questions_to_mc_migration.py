"""What the questions to a family print about models/mc_migration, to the letter.

    python tests/models/test_questions_to_mc_migration.py

rewrites the texts in tests/snapshots/questions; read the difference before it is committed.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from pathlib import Path

import pytest

from mcfsm.commands.cli import run

ROOT = Path(__file__).parents[2]
TEXTS = ROOT / "tests" / "snapshots" / "questions"
ONE = ["--scenario", "one_partner"]
FOUR = [
    part for name in ("one_partner", "two_partners", "way_home", "make_before_break") for part in ("--scenario", name)
]
RECORD = "order_stamp,end_report,status_per_system,confirmed_notification,cancel_previous"  # corrections of the record
BROKEN = ["K1", "K2", "K3", "K6", "R1", "R4", "R5", "K4"]  # in one of these, under one reading of notify
SLOW = {"interwork_S0", "interwork_S0_after", "conditions_K2", "repair_K2"}  # many variants
SLOW |= {"assumptions", "ladder", "overview", "candidates_one_partner"}  # each is asked of something smaller too
SLOW |= {"repair_R15", "conditions_R2", "matrix"}
SLOW |= {"compare_S0", "compare_S0_after_S1", "compare_S0_alone", "compare_end_report"}  # three others compare
SLOW |= {f"candidates_{name}" for name in BROKEN}
BREAK = ["--option", "mode=break_before_make"]
SAME = [  # where no caller changes system, nobody has a KMS URI in two ways, and messages keep their order
    *("--reading", "message_order=kept"),
    *("--reading", "redirect_scope=owner_of_id", "--reading", "original_id=of_this_request"),
    *("--option", "retry=once", "--option", "kms_source=redirection", "--option", "answer=names_system"),
    *(
        "--option",
        "encryption=every_call",
        "--option",
        "no_registration=rejects",
        "--reading",
        "no_longer_works=any_reject",
    ),
]
ANSWERS = [
    *("--reading", "left_system=answers", "--property", "R2", "--property", "R13", "--property", "check.deadlock"),
    *("--pairs", "none"),
]
KEPT = ["--option", "newer_registration=kept"]
# name, arguments, exit status
QUESTIONS: list[tuple[str, list[str], int]] = [
    ("changes", ["changes"], 0),
    ("compare_S1", ["compare", "--change", "S1", *ONE], 0),
    ("compare_S0", ["compare", "--change", "S0", "--with", "S4", "--option", "profile_kms=configured", *ONE], 0),
    ("compare_S0_after_S1", ["compare", "--change", "S0", "--reading", "notify=after", *ONE], 0),
    ("compare_S0_alone", ["compare", "--change", "S0", "--with", "S4", *ONE], 0),
    ("compare_end_report", ["compare", "--change", "end_report", *ONE], 0),
    ("compare_cancel_previous", ["compare", "--change", "cancel_previous", *ONE], 0),
    ("compare_without_clause", ["compare", "--without", "10.16.5.2-NOTE", *ONE], 0),
    ("matrix", ["matrix", "--reading", "notify=all", *ONE], 0),
    ("overview", ["overview", *ONE], 0),
    ("conditions_K2", ["conditions", "--property", "K2", *BREAK, *SAME, *ONE], 0),
    ("conditions_R2", ["conditions", "--property", "R2", *BREAK, *KEPT, *SAME, *ONE], 0),
    ("interwork_S1", ["interwork", "--change", "S1", *ONE], 0),
    ("interwork_S0", ["interwork", "--change", "S0", *ONE], 0),
    ("interwork_S0_after", ["interwork", "--change", "S0", "--reading", "notify=after", *ONE], 0),
    (
        "repair_R15",
        [
            *(
                "repair",
                "--property",
                "R15",
                "--with",
                "S0,S1,S4",
                "--candidates",
                "order_stamp,redirect_limit,kms_of_id",
            ),
            *("--reading", "notify=after", *ONE),
        ],
        0,
    ),
    ("repair_K2", ["repair", "--property", "K2", "--candidates", "S0", "--reading", "notify=after", *ONE], 1),
    (
        "candidates_one_partner",
        [
            "repair",
            "--property",
            "K2",
            "--candidates",
            RECORD,
            "--most",
            "1",
            "--flows",
            "--reading",
            "notify=after",
            *ONE,
        ],
        0,
    ),
    *(
        (
            f"candidates_{name}",
            ["repair", "--property", name, "--candidates", RECORD, "--flows", "--reading", "notify=all", *FOUR],
            int(name == "K1"),
        )
        for name in BROKEN
    ),
    ("ladder", ["ladder", *ONE], 2),
    ("ladder_second_client", ["ladder", "--scenario", "second_client"], 0),
    ("receptions_by_text", ["check", "--normative", "--property", "check.reception", "--all", *ONE], 1),
    ("assumptions", ["assumptions", *ONE], 0),
    ("assumptions_left_system", ["assumptions", *ANSWERS, *ONE], 0),
]


def printed(arguments: list[str]) -> tuple[str, int]:
    """What a question prints, asked from the root of the project, less how long it took; and the exit status."""
    before = Path.cwd()
    os.chdir(ROOT)
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            status = run([arguments[0], "models/mc_migration", *arguments[1:]])
    finally:
        os.chdir(before)
    return re.sub(r"\b\d+\.\d s$", "... s", out.getvalue(), flags=re.MULTILINE), status


@pytest.mark.parametrize(
    ("name", "arguments", "status"),
    [pytest.param(*row, id=row[0], marks=[pytest.mark.slow] if row[0] in SLOW else []) for row in QUESTIONS],
)
def test_the_answer_as_printed(name: str, arguments: list[str], status: int) -> None:
    text, found = printed(arguments)
    assert text == (TEXTS / f"{name}.txt").read_text(encoding="utf-8")
    assert found == status


@pytest.mark.parametrize(("name", "steps"), [("compare_end_report", [8, 8]), ("compare_cancel_previous", [11])])
def test_two_versions_that_differ_late(name: str, steps: list[int]) -> None:
    """What they do is the same for so many steps but one; the flow itself is in the text."""
    text = (TEXTS / f"{name}.txt").read_text(encoding="utf-8")
    assert [
        int(found) for found in re.findall(r"^possible only .*, (\d+) steps, shortest$", text, re.MULTILINE)
    ] == steps


def test_no_text_is_left_over() -> None:
    assert {path.stem for path in TEXTS.iterdir()} == {name for name, *_ in QUESTIONS}


if __name__ == "__main__":
    os.environ["MCFSM_NO_CACHE"] = "1"
    for title, asked, expected in QUESTIONS:
        shown, exit_status = printed(asked)
        (TEXTS / f"{title}.txt").write_text(shown, encoding="utf-8")
        if exit_status != expected:
            print(f"{title}: exit status {exit_status}, not {expected}")
