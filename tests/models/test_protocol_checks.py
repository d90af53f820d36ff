"""A mistake of each kind planted into a small model, and the exact lines that report it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from planted import MODEL, NOBODY_CRASHES, planted

from mcfsm.commands.cli import run
from mcfsm.questions.check import Checked, check
from mcfsm.questions.lint.lint import lint

AUTHORIZED = """    - id: B-2c
      trigger: migration_service_authorization_response
      under: {notify: confirmed}
      source: authorizing
      dest: serving
      send:
      - registration_response: {to: client(msg.primary_mc_service_id.user), mc_service_id: "Id(msg.primary_mc_service_id.user, key)"}
"""  # noqa: E501
ANSWERED = """    - id: A-11
      trigger: private_call_response
      send: [{private_call_response: {to: client(msg.calling_id.user), calling_id: msg.calling_id}}]
      clause: 10.16.5.3-4
"""
LEFT = """      send: [{deregister: {to: server(active), mc_service_id: "Id(key, active)"}}]
      clause: [10.16.2.2-pre-2, 10.16.2.2-1b]
"""
TO_CLIENT = "private_call_reject: {to: client(msg.calling_id.user), calling_id: msg.calling_id, cause: "
TO_SERVER = "private_call_reject: {to: server(msg.calling_id.system), calling_id: msg.calling_id, cause: "
SNAPSHOTS = Path(__file__).parents[1] / "snapshots"
CACHED = "set: {cached_id: msg.current_called_id, cached_kms: msg.kms_uri"
REJECTED = """      source: gone
      conditions: msg.called_id.system == key
      send: [{private_call_reject: {to: sender, calling_id: msg.calling_id, cause: not_served}}]
"""
PASSED_ON = """    - id: A-12
      trigger: private_call_reject
"""
PARTNER = "\n  partner_mc_server:\n"
STATES = "    states: [absent, authorizing, serving]"


def linted(path: str) -> list[str]:
    """What lint finds beyond what it finds in the model itself: file, line, code and sentence."""
    known = {(problem.code, problem.message) for problem in lint(str(MODEL))}
    return [
        f"{Path(p.span.file).name}:{p.span.line} {p.code} {p.message}"
        for p in lint(path)
        if p.span and (p.code, p.message) not in known
    ]


def warned(found: Checked) -> list[str]:
    """The warnings, with the names of files."""
    return [re.sub(r"^\S*/", "", warning) for warning in found.warnings]


def unmet(found: Checked) -> list[str]:
    """The verdicts that were not expected."""
    return [f"{v.status} {v.id}: {v.reason}" for run in found.runs for v in run.verdicts if not v.met]


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """The lines that a command prints, less the blanks at the ends."""
    run(list(arguments))
    return [line.strip() for line in capsys.readouterr().out.splitlines()]


def test_the_model_itself_has_none_of_these(tmp_path: Path) -> None:
    path = planted(tmp_path)
    found = check(path, everything=True)
    assert (linted(path), warned(found), unmet(found)) == ([], [], [])


def test_a_missing_reception(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = planted(tmp_path, ("servers.yaml", ANSWERED, ""))
    lines = printed(capsys, "receptions", path, "--role", "primary_mc_server")
    assert "private_call_response                     unspecified   unspecified   -" in lines
    at = lines.index("private_call_response in home (unspecified)")
    assert lines[at : at + 7] == [
        "private_call_response in home (unspecified)",
        "server(A) has no answer to private_call_response(Id(u1, A)) from client(u2)",
        "state = home, migrated_to = none",
        "no line of its role names private_call_response there",
        "scenario one_partner, 3 steps, shortest",
        "client(u1)   client(u2)                server(A)",
        "1       o            |                         |       dial_primary_id, user (spontaneous)  10.16.5.3-1",
    ]
    found = check(path, everything=True)
    assert warned(found) == [
        "client.yaml:129: transition C-PC5 was never fired in any scenario:"
        " never enabled, as no private_call_response meets any mc_service_client in calling",
        "client.yaml:148: transition C-PC9 was never fired in any scenario:"
        " never reached, as no mc_service_client is ever in in_call",
        "client.yaml:17: state in_call of role mc_service_client is never entered in any scenario",
    ]


def test_a_gap_between_guards(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = "      conditions: dialled.system == A or retried\n"
    path = planted(tmp_path, ("client.yaml", whole, "      conditions: retried\n"))
    lines = printed(capsys, "receptions", path, "--role", "mc_service_client")
    assert "private_call_reject        -              partly    -            -" in lines
    at = lines.index("private_call_reject in served (partly), calling (partly)")
    assert lines[at : at + 7] == [
        "private_call_reject in served (partly), calling (partly)",
        "client(u1) has no answer to private_call_reject(Id(u1, A), not_served) from server(A)",
        "registration = served, private_call = calling, registered = {A}, active = A, target = none, dialled = Id(u2, A),",  # noqa: E501
        "kms = A, retried = false, cached_id = none, cached_kms = none",
        "C-PC4: dialled.system != A is false",
        "C-PC4f: retried is false",
        "scenario one_partner, 4 steps, shortest",
    ]


def test_a_state_that_nothing_leads_to(tmp_path: Path) -> None:
    path = planted(tmp_path, ("servers.yaml", STATES, STATES.replace("serving", "serving, suspended")))
    assert linted(path) == [
        "servers.yaml:81 M806 no transition leads to state suspended of role partner_mc_server, and it is not initial",
        "servers.yaml:81 M807 no transition leaves state suspended of role partner_mc_server, and it is not final",
    ]


def test_a_state_that_is_never_entered(tmp_path: Path) -> None:
    suspend = """    - id: B-9
      trigger: deregister
      source: authorizing
      dest: suspended
      assumption: A partner that is left while it authorizes waits.
"""
    path = planted(
        tmp_path,
        ("servers.yaml", STATES, STATES.replace("serving", "serving, suspended")),
        ("servers.yaml", AUTHORIZED, suspend + AUTHORIZED),
    )
    assert warned(check(path, everything=True)) == [
        "servers.yaml:96: transition B-9 was never fired in any scenario:"
        " never enabled, as no deregister meets any partner_mc_server in authorizing",
        "servers.yaml:81: state suspended of role partner_mc_server is never entered in any scenario",
    ]


def test_a_run_that_simply_stops_says_what_everybody_waits_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = "      send: [{migration_service_authorization_response: {to: sender, primary_mc_service_id: msg.primary_mc_service_id}}]\n"  # noqa: E501
    path = planted(tmp_path, ("servers.yaml", answer, ""))
    lines = printed(capsys, "check", path, "--property", "check.deadlock")
    at = lines.index("client(u1): served, idle (may rest)")
    assert lines[at : lines.index("", at)] == [
        "client(u1): served, idle (may rest)",
        "waits for private_call_request: none is there",
        "C-RG6 (leave): migrates is false",
        "C-PC1 (dial_primary_id): the environment is frozen",
        "C-PC1c (dial_cached_id): cached_id != none is false",
        "client(u2): registering, idle (is not final)",
        "waits for registration_response or private_call_request: none is there",
        "C-PC1 (dial_primary_id): nothing can be chosen",
        "C-PC1c (dial_cached_id): cached_id != none is false",
        "server(A): migrated (may rest)",
        "waits for registration_request or deregister or migration_service_authorization_request or"
        " private_call_request or",
        "private_call_response or private_call_reject: none is there",
        "server(B): authorizing (is not final)",
        "waits for migration_service_authorization_response or private_call_request or private_call_response or",
        "private_call_reject: none is there",
    ]


def flow(capsys: pytest.CaptureFixture[str], path: str, name: str) -> str:
    """What a check prints of a property that is violated, from its flow to the count of verdicts."""
    assert run(["check", path, "--property", name]) == 1
    return "VIOLATED " + capsys.readouterr().out.split("\nVIOLATED ")[-1].partition("Next: ")[0]


def report(name: str) -> str:
    """A report as it is to be printed."""
    return (SNAPSHOTS / "planted" / f"{name}.txt").read_text(encoding="utf-8")


def test_a_livelock(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The caller caches the primary ID of a redirection, and is redirected again and again."""
    path = planted(tmp_path, ("changes/S1.yaml", CACHED, CACHED.replace("current_called_id", "primary_called_id")))
    assert flow(capsys, path, "R2") == report("livelock")


def test_a_run_that_simply_stops(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The primary says nothing of a user who is nowhere, and the caller waits."""
    path = planted(tmp_path, ("servers.yaml", REJECTED, REJECTED.partition("      send:")[0]))
    assert flow(capsys, path, "R13") == report("run_that_stops")


# The primary passes on a rejection only where it knows that the user is away, which after a crash it does not.
AWAY = [
    ("model.yaml", "  migrations: 2 ", "  migrations: 1 "),
    ("servers.yaml", PASSED_ON, f"{PASSED_ON}      source: [migrated, gone]\n"),
    ("servers.yaml", PARTNER, f"    ignore: {{private_call_reject: [home]}}\n{PARTNER}"),
]
ONE_CRASH = ("scenarios.yaml", NOBODY_CRASHES, "    crash: {server(A): {budget: 1, arrivals: wait}} ")


def test_a_deadlock_only_after_a_crash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    crashes = [("model.yaml", "  migrations: 2 ", "  migrations: 1 "), ONE_CRASH]
    copies = {"neither": AWAY[:1], "crash alone": crashes, "mistake alone": AWAY, "both": [*AWAY, ONE_CRASH]}
    paths = {name: planted(tmp_path / name, *changes) for name, changes in copies.items()}
    asked = ["check.deadlock", "check.reception"]
    found = {name: [v.status for v in check(path, properties=asked).runs[0].verdicts] for name, path in paths.items()}
    assert found == {
        "neither": ["PROVED", "PROVED"],
        "crash alone": ["PROVED", "PROVED"],
        "mistake alone": ["PROVED", "PROVED"],
        "both": ["VIOLATED", "PROVED"],
    }
    assert flow(capsys, paths["both"], "check.deadlock") == report("deadlock_after_a_crash")


def test_a_state_that_cannot_be_left(tmp_path: Path) -> None:
    stays = AUTHORIZED.partition("      dest:")[0]
    path = planted(tmp_path, ("servers.yaml", AUTHORIZED, stays))
    assert linted(path) == [
        "model.yaml:45 M804 no receiver reads element primary_mc_service_id of"
        " migration_service_authorization_response",
        "servers.yaml:81 M807 no transition leaves state authorizing of role partner_mc_server, and it is not final",
    ]
    said = "servers.yaml:81: state authorizing of role partner_mc_server is entered and never left, and it is not final"
    what_to_do = "add the line that leaves it; or list it under final, if an instance may rest there"
    assert f"{said}: {what_to_do}" in warned(check(path, everything=True))


def test_a_vacuous_property(tmp_path: Path) -> None:
    path = planted(
        tmp_path, ("properties.yaml", "    when: quiet and record != none\n", "    when: quiet and record == C\n")
    )
    assert unmet(check(path, everything=True)) == ["VACUOUS K3: its premise was false throughout"]


def test_an_element_that_nobody_reads(tmp_path: Path) -> None:
    path = planted(
        tmp_path,
        ("servers.yaml", f"{TO_CLIENT}msg.cause", f"{TO_CLIENT}not_served"),
        ("servers.yaml", f"{TO_SERVER}msg.cause", f"{TO_SERVER}not_served"),
    )
    assert linted(path) == ["model.yaml:49 M804 no receiver reads element cause of private_call_reject"]


def test_a_mandatory_element_that_cannot_be_filled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = "      set: {migrated_to: msg.partner_mc_service_id.system}\n      send:"
    path = planted(tmp_path, ("servers.yaml", record, record.replace("msg.partner_mc_service_id.system", "none")))
    assert run(["check", path]) == 3
    lines = capsys.readouterr().err.splitlines()
    assert [re.sub(r"^\S*/", "", line) for line in lines if "error" in line or "hint" in line] == [
        "servers.yaml:49:54: error M701: field system would be none, which is not in System,"
        " in element current_called_id of private_call_redirection (transition A-6 of server(A))",
        "  hint: guard the transition, or widen the domain; reached by: client(u1) C-PC1; client(u2) C-RG6;"
        " client(u2) C-RG3b; server(B) B-2; server(A) A-5s",
    ]
    assert "servers.yaml:49 M805" in " ".join(
        f"{Path(p.span.file).name}:{p.span.line} {p.code}" for p in lint(path) if p.span
    )


def test_a_message_to_nobody(tmp_path: Path) -> None:
    path = planted(tmp_path, ("client.yaml", LEFT, LEFT.replace("server(active)", "client(u1)")))
    assert linted(path) == [
        "client.yaml:30 M802 C-RG6 sends deregister to mc_service_client, which has no line for it",
    ]
    found = check(path, everything=True)
    assert "model.yaml:43: message deregister is sent, and nobody ever handles or ignores it" in warned(found)
    assert [v for v in unmet(found) if "reception" in v] == [
        "VIOLATED check.reception: client(u1) in served, idle has no answer to deregister from client(u2)"
        " and 3 more; 1 step, shortest",
    ]


def test_a_transition_that_is_held_back(tmp_path: Path) -> None:
    path = planted(tmp_path, ("model.yaml", "  attempts: 2 ", "  attempts: 1 "))
    assert warned(check(path, everything=True)) == [
        "client.yaml:96: transition C-PC1c was never fired in any scenario:"
        " held back each time it was enabled, by its budget, the freeze or a full channel",
    ]


FAULTLESS = ["one_partner", "two_partners", "way_home", "make_before_break", "large"]
FAULTY = ["loss", "duplication", "crash_of_A", "crash_of_B", "crash_of_C"]
FAULTY += ["mbb_loss", "mbb_duplication", "mbb_crash_of_A", "mbb_crash_of_B"]


@pytest.mark.parametrize(
    ("name", "scenarios"),
    [
        ("mc_migration", FAULTLESS),
        pytest.param("mc_migration_under_faults", [*FAULTLESS, *FAULTY], marks=pytest.mark.slow),
    ],
)
def test_the_matrices_as_printed(capsys: pytest.CaptureFixture[str], name: str, scenarios: list[str]) -> None:
    assert run(["receptions", "models/mc_migration", *(f"--scenario={scenario}" for scenario in scenarios)]) == 0
    assert capsys.readouterr().out == (SNAPSHOTS / "receptions" / f"{name}.txt").read_text(encoding="utf-8")
