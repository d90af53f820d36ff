"""models/mc_migration, the calling side: what readings, options and candidates of corrections change there."""

from __future__ import annotations

from pathlib import Path

import pytest
from mission import Asked, differences, planted, run, told
from shared_runs import first_flows

# changes, scenario, notify, readings and options, (states, transitions, depth), what differs from the same without them
SWITCHES: list[tuple[str, str, str, Asked, tuple[int, int, int], str]] = [
    (
        "S0,S1,S4",
        "caller_moves",
        "confirmed",
        (("asked", "callers_system"),),
        (35752, 99896, 46),
        "R3 14, R9 VIOLATED 16",
    ),
    (
        "S0,S1,S4",
        "caller_moves",
        "after",
        (("asked", "primary_system"),),
        (38172, 105095, 47),
        "R1 20, R3 22, R5 VIOLATED 27, R7 VIOLATED 27, R11 14, R12 PROVED, R9 VIOLATED 15",
    ),
    (
        "S0,S1,S4",
        "mbb_caller_moves",
        "confirmed",
        (("asked", "callers_system"),),
        (76450, 186250, 54),
        "R1 16, R3 13, R8 VIOLATED 30, R7 VIOLATED 23",
    ),
    (
        "S0,S1,S4",
        "mbb_caller_moves",
        "confirmed",
        (("asked", "primary_system"),),
        (56860, 139388, 45),
        "R1 16, R3 PROVED, R8 VIOLATED 30, R7 VIOLATED 23, R11 14, R12 PROVED",
    ),
    (
        "S0,S1,S4",
        "caller_moves",
        "confirmed",
        (("redirect_scope", "owner_of_id"),),
        (40984, 120196, 50),
        "R3 16, R6 PROVED",
    ),
    ("S1,S4", "mbb_caller_moves", "confirmed", (("redirect_scope", "same_system"),), (52362, 129407, 43), "R6 13"),
    (
        "S1,S4",
        "calls",
        "confirmed",
        (("original_id", "of_the_first"),),
        (13060, 35563, 40),
        "S2 VIOLATED 13, S7 PROVED",
    ),
    (
        "S1,S4",
        "mbb_calls",
        "after",
        (("original_id", "of_the_first"),),
        (31000, 79874, 43),
        "S2 VIOLATED 11, S7 PROVED",
    ),
    ("S1,S4", "one_partner", "confirmed", (("retry", "never"),), (4158, 11868, 31), "R8 VIOLATED 26"),
    (
        "S1,S4",
        "one_partner",
        "after",
        (("retry", "unbounded"),),
        (9704, 27010, 53),
        "R3 VIOLATED 23, R5 PROVED, R15 VIOLATED 35",
    ),
    (
        "S1,S4",
        "make_before_break",
        "confirmed",
        (("retry", "unbounded"),),
        (12256, 29698, 54),
        "R3 VIOLATED 23, R15 VIOLATED 31",
    ),
    (
        "S1,S4",
        "calls_two_partners",
        "confirmed",
        (("profile_kms", "configured"),),
        (128556, 373764, 45),
        "S3 VIOLATED 9, S2 VIOLATED 14",
    ),
    (
        "S1,S4",
        "calls_two_partners",
        "confirmed",
        (("profile_kms", "configured"), ("kms_source", "profile")),
        (97056, 284622, 44),
        "S3 VIOLATED 8, S2 VIOLATED 13",
    ),
    ("S0,S1,S4", "given_away", "confirmed", (("asked", "primary_system"),), (13058, 36021, 40), "S1 VIOLATED 15"),
]
# candidate, changes, scenario, notify, readings and options, what differs from the same without it
CANDIDATES: list[tuple[str, str, str, str, Asked, str]] = [
    (
        "primary_redirects",
        "S0,S1,S4",
        "one_partner",
        "after",
        (),
        "R1 20, R3 22, R5 VIOLATED 27, R15 PROVED",
    ),
    (
        "primary_redirects",
        "S0,S1,S4",
        "mbb_caller_moves",
        "confirmed",
        (),
        "R1 16, R3 PROVED, R8 VIOLATED 30, R7 VIOLATED 23, R11 14, R12 PROVED",
    ),
    ("primary_redirects", "S0,S1,S4", "calls", "confirmed", (), "R11 15, R12 PROVED, R9 VIOLATED 16"),
    ("redirect_limit", "S0,S1,S4", "one_partner", "confirmed", (), "R3 PROVED"),
    ("redirect_limit", "S0,S1,S4", "one_partner", "after", (), "R3 PROVED, R5 VIOLATED 23, R15 PROVED"),
    (
        "redirect_limit",
        "S0,S1,S4",
        "mbb_caller_moves",
        "confirmed",
        (),
        "R3 PROVED, R7 VIOLATED 19",
    ),
    ("owner_redirects", "S0,S1,S4", "caller_moves", "confirmed", (), "R3 16, R6 PROVED"),
    ("owner_redirects", "S0,S1,S4", "mbb_caller_moves", "confirmed", (), "R3 15, R6 19"),
    ("caller_by_primary_id", "S0,S1,S4", "caller_moves", "confirmed", (), "R3 16, R6 PROVED"),
    ("kms_of_id", "S1,S4", "calls_two_partners", "confirmed", (("profile_kms", "configured"),), "S3 PROVED, S2 PROVED"),
    (
        "kms_of_id",
        "S1,S4",
        "calls_two_partners",
        "confirmed",
        (("profile_kms", "configured"), ("kms_source", "profile")),
        "S3 PROVED, S2 PROVED",
    ),
    ("kms_of_id", "S1,S4", "keys", "confirmed", (), ""),
    ("mandatory_reason", "S1,S4", "calls", "confirmed", (), "R10 PROVED"),
    ("mandatory_reason", "S0,S1,S4", "calls", "confirmed", (), "R10 PROVED"),
]


@pytest.mark.parametrize(("changes", "scenario", "notify", "asked", "counts", "differing"), SWITCHES)
def test_what_a_reading_or_an_option_changes(
    changes: str, scenario: str, notify: str, asked: Asked, counts: tuple[int, int, int], differing: str
) -> None:
    found = run(scenario, notify, changes=changes.split(","), asked=asked)
    assert (found.findings.states, found.findings.transitions, found.findings.depth) == counts
    assert differences(told(run(scenario, notify, changes=changes.split(","))), told(found)) == differing


@pytest.mark.slow  # some of them loop for long
@pytest.mark.parametrize(("candidate", "changes", "scenario", "notify", "asked", "differing"), CANDIDATES)
def test_what_a_candidate_changes(
    candidate: str, changes: str, scenario: str, notify: str, asked: Asked, differing: str
) -> None:
    named = changes.split(",")
    found = run(scenario, notify, changes=[*named, candidate], asked=asked)
    assert differences(told(run(scenario, notify, changes=named, asked=asked)), told(found)) == differing


# what none of these breaks can be broken: file, old text, new text, and what differs in caller_moves
MISTAKES = {
    "a migrated caller gives only its ID from the partner": (
        "changes/S4.yaml",
        """      C-PC1: {private_call_request: {primary_calling_id: "Id(key, A) if active != A else none"}}
""",
        "",
        "S8 VIOLATED 5",
    ),
    "a caller dials again before it is answered": (
        "client.yaml",
        """      budget: calls
      source: idle
      dest: calling
      choose: {peer: calls}
""",
        """      budget: calls
      source: [idle, calling]
      dest: calling
      choose: {peer: calls}
""",
        "R1 VIOLATED 16, R3 VIOLATED 17, R5 VIOLATED 12, R6 VIOLATED 15, R7 VIOLATED 17, R14 VIOLATED 2, "
        "check.reception VIOLATED 7, check.overflow VIOLATED 13",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_planted_mistake_is_seen_on_the_calling_side(name: str, tmp_path: Path) -> None:
    file, old, new, expected = MISTAKES[name]
    path = planted(tmp_path, [(file, old, new)])
    (found,) = first_flows(path, scenarios=["caller_moves"], readings={"notify": ["confirmed"]}).runs
    assert differences(told(run("caller_moves", "confirmed")), told(found)) == expected
