"""docs/findings.md is true: each finding is one where the page says so, and none where it says that the promise holds.

    python tests/models/test_findings.py

rewrites the flows on the page, and the charts in diagrams/findings with their index; read what git says changed.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from mission import DEFAULT, MODEL, run, told
from sentences import sentences
from shared_runs import checked

from mcfsm.language.files.document import Document
from mcfsm.language.files.reader import read
from mcfsm.language.selection import Questions, Selection
from mcfsm.model import CHECKS, Model
from mcfsm.pictures.folder import Picture, listed, write
from mcfsm.pictures.index import IndexEntry, index_page
from mcfsm.pictures.look import Look
from mcfsm.problems import ModelError
from mcfsm.questions.draw import verdict_pictures
from mcfsm.questions.families.family import family
from mcfsm.semantics.trace import Trace
from mcfsm.verdicts.family_runs import statuses_of_family
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.verdict import Run, Verdict

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "findings.md"
CHARTS = ROOT / "diagrams" / "findings"
MILLIONS = {"F8", "F9"}  # of which the scenario takes its time
UNDER_WAY = {"mbb_in_call", "mbb_drops_call"}
FAULTS = {"loss", "duplication", "crash_of_A", "crash_of_B", "crash_of_C"}


@dataclass(frozen=True)
class Finding:
    """A row of the page: a promise, where it is broken, where it holds, and what the flow needs."""

    id: str
    promise: str
    broken: str
    holds: str
    needs: frozenset[str]


def findings() -> list[Finding]:
    rows = re.findall(
        r"^\| (F\d+) \| (\w+) \| (?:`(.*?)`)? \| (?:`(.*?)`)? ?\| (.*?) \|$", PAGE.read_text("utf-8"), re.M
    )
    return [Finding(*row[:4], frozenset(row[4].split("; "))) for row in rows]


FINDINGS = {finding.id: finding for finding in findings()}


LISTED = re.findall(
    r"^\| (\d+) \| \[(.*?)\]\(#f\d+\) \((F\d+)\) \| .*? \| .*? \| (.*?) \|$", PAGE.read_text("utf-8"), re.M
)
LISTED = [(rank, name, title, mended) for rank, title, name, mended in LISTED]
DETAILS = re.findall(
    r'^### (\d+)\. (.*?) \((F\d+)\)<a id="f\d+"></a>\n(.*?)(?=^##)', PAGE.read_text("utf-8"), re.M | re.DOTALL
)
GROUPED = [  # under each heading, the findings in their order
    dict.fromkeys(re.findall(r"^<!-- flow (F\d+) -->$", part, re.M))
    for part in PAGE.read_text("utf-8").split("\n## ")[2:7]
]


def options(arguments: str) -> dict[str, list[str]]:
    given = defaultdict(list)
    words = shlex.split(arguments)
    for flag, value in zip(words[::2], words[1::2], strict=True):
        given[flag].append(value)
    return given


def found(promise: str, arguments: str, *, normative_flows: bool = False) -> tuple[Run, Verdict]:
    """The one run that the options of a command ask for, and the verdict of a property in it."""
    given = options(arguments)
    assert set(given) <= {"--scenario", "--with", "--reading", "--option"}, arguments
    values = {
        name: [value] for name, value in (pair.split("=") for key in ("--reading", "--option") for pair in given[key])
    }
    changes = [[] if names == "none" else names.split(",") for names in given["--with"]] or [None]
    asked = {"scenarios": given["--scenario"], "changes": changes[0], "properties": [promise], "readings": values}
    report = checked(MODEL, **asked, normative_flows=normative_flows)
    (run,) = report.runs
    (verdict,) = [verdict for verdict in run.verdicts if verdict.id == promise]
    return run, verdict


def broken(finding: Finding) -> tuple[Run, Verdict]:
    """The run in which a finding is one, and its verdict, with the flow on normative items alone where there is one."""
    return found(finding.promise, finding.broken, normative_flows=True)


def flow(finding: Finding) -> Trace:
    trace = broken(finding)[1].trace
    assert trace is not None
    return trace


def charts(finding: Finding) -> list[Picture]:
    run, verdict = broken(finding)
    title = f"{finding.id}, {verdict.id}"
    name = f"{finding.id}-{finding.promise}"  # the page has its steps in sentences
    return list(verdict_pictures(run, verdict, name, Look(steps="none"), (".svg",), title))


@cache
def with_changes(changes: tuple[str, ...] | None) -> Document:
    """The model with some changes; None: its default ones."""
    return read(MODEL, changes)


def index() -> str:
    """What the folder of the charts says of each; as the page has it, without a search."""
    page = PAGE.read_text("utf-8")
    entries = []
    for finding in FINDINGS.values():
        named = options(finding.broken)["--with"]
        changes = tuple(change for change in named[0].split(",") if change != "none") if named else None
        text = with_changes(changes).properties[finding.promise].text
        (shown,) = re.findall(rf"<!-- flow {finding.id} -->\n(.*?)\n<!-- end -->", page, re.DOTALL)
        steps = re.findall(r"^(\d+)\. ", shown, re.M)[-1]
        subject = f"{finding.id}, {finding.promise}: {text}"
        name = f"{finding.id}-{finding.promise}"
        entries.append(IndexEntry(name, (f"{name}.svg",), subject, f"`{finding.broken}`", f"VIOLATED in {steps} steps"))
    return index_page("Flows of docs/findings.md", [], entries)


SLOWER = [pytest.param(name, marks=[pytest.mark.slow] if name in MILLIONS else []) for name in FINDINGS]


def test_every_finding_is_read_and_stands_in_its_rank() -> None:
    page = PAGE.read_text("utf-8")
    assert sorted(FINDINGS, key=lambda name: int(name[1:])) == [f"F{i}" for i in range(1, 35)]
    assert [name for _, name, *_ in LISTED] == list(FINDINGS)
    assert re.findall(r"^<!-- flow (F\d+) -->$", page, re.M) == list(FINDINGS)
    titles = [(rank, title, name) for rank, title, name, _ in DETAILS]
    assert titles == [(rank, title, name) for rank, name, title, _ in LISTED]
    assert [int(rank) for rank, *_ in LISTED] == list(range(1, 35))
    assert all(0 < int(rank) <= 34 for rank in re.findall(r"\branks? (\d+)", page))


def test_what_is_said_to_mend_it_is_where_it_holds() -> None:
    for _, name, _, mended in LISTED:
        for candidate in set(re.findall(r"`(\w+)`", mended)) - {"late_acceptance_declined", "ordered_statuses"}:
            assert candidate in FINDINGS[name].holds, name
    for name in ("F2", "F4", "F5", "F12", "F13"):
        finding = FINDINGS[name]
        given = options(finding.broken)
        asked = [f"--scenario {given['--scenario'][0]}", *(f"--reading {one}" for one in given["--reading"])]
        assert found(finding.promise, f"{' '.join(asked)} --with S1,S4,ordered_statuses")[1].status == "PROVED", name


def test_a_proposed_text_obeys_the_rules_of_drafting() -> None:
    """No shall in an informative annex or a NOTE; and every finding of the text or a change proposes one."""
    proposed = {name: re.findall(r"\*\*Proposed text\*\* \((.*?)\): (.*)", body) for _, _, name, body in DETAILS}
    assert [name for name in GROUPED[0] | GROUPED[1] | GROUPED[2] if len(proposed[name]) != 1] == []
    for places in proposed.values():
        for place, text in places:
            bound = re.search(r"\bshall\b", text)
            assert not (bound and re.search(r"(^|, )X\.|NOTE(?! 2$)", place)), (place, text)


def test_what_is_ranked_as_the_text_alone_is_broken_with_no_change_and_no_fault() -> None:
    for name in GROUPED[0]:
        assert options(FINDINGS[name].broken)["--with"] == ["none"]
        assert not any(step.fault for step in flow(FINDINGS[name]).steps)


TOLD = """\
R13 VIOLATED 6: --scenario caller_moves --with none
K2 VIOLATED 12: --scenario gives_up --with none
K6 VIOLATED 12: --scenario gives_up --with none
K2 VIOLATED 6: --scenario mbb_gives_up
R4 VIOLATED 12: --scenario logs_off --with none
K7 VIOLATED 9: --scenario logs_off
K3 PROVED: --scenario gives_up --with S1,S4,end_report,late_acceptance_declined
K3 PROVED: --scenario gives_up --with S1,S4,ordered_statuses,late_acceptance_declined
K3 VIOLATED 9: --scenario gives_up --with S1,S4,late_acceptance_declined
K2 VIOLATED 10: --scenario second_client --with S1,S4,ordered_statuses
K2 VIOLATED 13: --scenario second_client --with S1,S4,cancel_previous,end_report
K2 VIOLATED 13: --scenario second_client --with S1,S4,cancel_previous,status_per_system
S1 VIOLATED 16: --scenario given_away --with S0 --reading asked=primary_system
S1 VIOLATED 16: --scenario given_away --with S0 --reading asked=callers_system
S2 VIOLATED 16: --scenario keys
S2 VIOLATED 16: --scenario keys --with S1,S4,kms_of_id
R15 PROVED: --scenario logs_off --with S0 --reading asked=primary_system
R15 PROVED: --scenario logs_off --with S0,S1,S4,end_report
R15 PROVED: --scenario one_partner --with S0,S1,S4,end_report --reading notify=after
R15 PROVED: --scenario one_partner --with S0,S1,S4,ordered_statuses --reading notify=after
R6 VIOLATED 13: --scenario caller_moves --with S0,caller_by_primary_id
R3 PROVED: --scenario one_partner --with S0 --reading asked=primary_system
R12 PROVED: --scenario calls --with S0 --reading asked=primary_system
R11 VIOLATED 16: --scenario calls --with S0 --reading asked=primary_system
R11 VIOLATED 16: --scenario calls --with S0,primary_redirects
R12 VIOLATED 27: --scenario calls --with S0,redirect_limit
K1 VIOLATED 3: --scenario make_before_break
K1 VIOLATED 3: --scenario make_before_break --with S1,S4,ordered_statuses
S2 VIOLATED 14: --scenario calls --with S4 --reading original_id=of_the_first
R13 PROVED: --scenario way_home --with S1,S4,server_answers
R13 VIOLATED 15: --scenario one_partner --with server_answers --reading message_order=not_kept
R13 VIOLATED 6: --scenario caller_moves --with server_answers
R11 VIOLATED 22: --scenario calls_two_partners --with S0,table_allows_primary_id
R11 PROVED: --scenario calls_two_partners --with S0,primary_redirects,table_allows_primary_id
R13 VIOLATED 10: --scenario mbb_in_call
R13 VIOLATED 10: --scenario make_before_break
R1 PROVED: --scenario mbb_in_call --with S1,S4,newer_call_counts
R5 VIOLATED 14: --scenario mbb_in_call --with S1,S4,newer_call_counts --reading message_order=not_kept
R5 VIOLATED 23: --scenario mbb_in_call --reading no_longer_works=that_one
K2 VIOLATED 12: --scenario any_order --with S1,S4,order_stamp
K2 VIOLATED 13: --scenario any_order --with S1,S4,ordered_statuses
"""


@pytest.mark.parametrize("line", TOLD.splitlines())
def test_what_a_finding_says_beside_its_flow(line: str) -> None:
    said, arguments = line.split(": ")
    promise, status, *steps = said.split()
    verdict = found(promise, arguments)[1]
    assert [verdict.status, *([] if verdict.trace is None else [str(len(verdict.trace))])] == [status, *steps]


def test_nobody_migrates_on_normative_items_alone() -> None:
    (alone,) = checked(MODEL, scenarios=["one_partner"], properties=["K2", "R4"], normative=True).runs
    assert [(verdict.id, verdict.status) for verdict in alone.verdicts] == [("K2", "VACUOUS"), ("R4", "VACUOUS")]


@pytest.mark.parametrize("name", GROUPED[1])
def test_what_is_ranked_under_a_change_request_is_not_broken_without_it(name: str) -> None:
    finding = FINDINGS[name]
    (change,) = re.findall(r"^(S\d): ", next(title for _, each, title, _ in LISTED if each == name))
    given = options(finding.broken)
    applied = given["--with"][0].split(",") if given["--with"] else DEFAULT
    assert change in applied
    left = ",".join(one for one in applied if one != change) or "none"
    others = " ".join(f"{flag} {value}" for flag in ("--reading", "--option") for value in given[flag])
    try:
        found_out = found(finding.promise, f"--scenario {given['--scenario'][0]} --with {left} {others}")[1].status
    except ModelError as error:  # the reading, the scenario or the promise is the change's own
        found_out = error.problems[0].code
    assert found_out in {"PROVED", "M309", "M310", "M313", "M601"}


@pytest.mark.parametrize("name", SLOWER)
def test_the_promise_is_broken_with_it_and_not_without(name: str) -> None:
    finding = FINDINGS[name]
    assert broken(finding)[1].status == "VIOLATED"
    assert found(finding.promise, finding.holds)[1].status == "PROVED"


@pytest.mark.parametrize("name", SLOWER)
def test_the_flow_is_the_one_on_the_page(name: str) -> None:
    (shown,) = re.findall(rf"<!-- flow {name} -->\n(.*?)\n<!-- end -->", PAGE.read_text("utf-8"), re.DOTALL)
    assert shown == sentences(flow(FINDINGS[name]))


@pytest.mark.parametrize("name", SLOWER)
def test_its_chart_is_fresh(name: str) -> None:
    pictures = charts(FINDINGS[name])
    assert [picture.fresh(CHARTS / picture.name) for picture in pictures] == [True]


@pytest.mark.parametrize("name", SLOWER)
def test_it_needs_what_the_page_says(name: str) -> None:
    finding = FINDINGS[name]
    run, verdict = broken(finding)
    given = options(finding.broken)
    scenario = given["--scenario"][0]
    assert ("a fault" in finding.needs) == (scenario in FAULTS) == any(step.fault for step in flow(finding).steps)
    assert ("make before break" in finding.needs) == (scenario in {"make_before_break", *UNDER_WAY})
    assert ("a call under way" in finding.needs) == (scenario in UNDER_WAY)
    applied = {change for names in given["--with"] for change in names.split(",")} - {"S0", "S1", "S4", "none"}
    assert len(applied) == sum({"a correction": 1, "two corrections": 2}.get(need, 0) for need in finding.needs)
    assert ("a change request" in finding.needs) == (name in GROUPED[1] or "S0" in finding.broken)
    normative = verdict.normative is not None or (verdict.normative_note is None and not leaning(run, flow(finding)))
    assert ("normative items alone" in finding.needs) == normative
    if "two partners" in finding.needs:
        assert scenario == "two_partners"
        alone = finding.broken.replace("two_partners", "one_partner")
        assert found(finding.promise, alone)[1].status == "PROVED"
        assert "server(C)" in {step.instance for step in flow(finding).steps}
    assert ("a second client" in finding.needs) == (scenario == "second_client")
    assert ("a registration that fails" in finding.needs) == (scenario == "gives_up")
    assert ("a user who logs off" in finding.needs) == (scenario == "logs_off")
    assert ("messages that overtake" in finding.needs) == (scenario == "any_order")
    assert ("keys that are fetched" in finding.needs) == (scenario == "keys")
    assert ("an ID given away" in finding.needs) == (scenario == "given_away")
    assert ("three moves" in finding.needs) == (scenario == "way_home")
    if "nothing" in finding.needs:
        assert finding.needs <= {"nothing", "normative items alone"}
        assert scenario in {"one_partner", "calls"}


def leaning(run: Run, trace: Trace) -> bool:
    """Whether a step rests on an assumption or on informative items."""
    lines = {line.id: line for role in run.model.roles for line in role.transitions}
    return any(step.transition in lines and lines[step.transition].informative for step in trace.steps)


def test_what_is_quoted_is_printed() -> None:
    quoted = re.findall(r"```text of=(\w+)\n(.*?)\n```", PAGE.read_text("utf-8"), re.DOTALL)
    assert [name for name, _ in quoted] == ["candidates_K2"]
    for name, text in quoted:
        printed = (ROOT / "tests" / "snapshots" / "questions" / f"{name}.txt").read_text("utf-8").splitlines()
        assert set(text.splitlines()) <= set(printed)


TABLES = re.findall(r"^\| With \| (.*?) \|\n\|[-|]+\n(.*?)\n\n", PAGE.read_text("utf-8"), re.M | re.DOTALL)
CELLS = [
    (cells[0], scenario, cell)
    for head, body in TABLES
    for cells in ([cell.strip() for cell in row.split("|")[1:-1]] for row in body.splitlines())
    for scenario, cell in zip(head.split(" | "), cells[1:], strict=True)
]
LARGE = {"two_partners", "way_home", "make_before_break"}  # to take their time
LARGE |= {"preparation_one_partner", "preparation_make_before_break"}


@cache
def still_broken(scenario: str, among: frozenset[str] | None = None) -> dict[str, str]:
    """By the corrections of a row, the promises but K1 that are broken with them; in which reading of notify, if one.

    Asked where a client answers through a system that it has left: else F3 would be in every cell. All rows are one
    family, so that what they have in common is explored once.
    """
    listed = [row for row, place, _ in CELLS if place == scenario and (among is None or row in among)]
    rows = {row: () if row == "nothing" else tuple(row.split(", ")) for row in listed}
    readings = {"notify": ["confirmed", "after"], "left_system": ["answers"]}
    whole = family(MODEL, sets=[(*DEFAULT, *added) for added in rows.values()], readings=readings)
    models = [whole.model(variant, scenario) for variant in whole.variants]
    names = [[*(property_.id for property_ in model.properties), *CHECKS] for model in models]
    broken: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for variant, found in zip(whole.variants, statuses_of_family(models, names, effort=Effort()), strict=True):
        assert "INCOMPLETE" not in found.statuses.values()
        mine = broken.setdefault(tuple(sorted(variant.changes)), defaultdict(list))
        for name, status in found.statuses.items():
            if status == "VIOLATED" and name != "K1":
                mine[name].append(dict(variant.chosen)["notify"])
    return {row: _cell(broken[tuple(sorted((*DEFAULT, *added)))]) for row, added in rows.items()}


def _cell(broken: dict[str, list[str]]) -> str:
    said = [name if len(values) == 2 else f"{name} ({values[0]})" for name, values in broken.items()]
    return ", ".join(said) or "-"


def test_both_tables_are_read() -> None:
    assert len(TABLES) == 2
    assert len(CELLS) == 11 * 4 + 7 * 2


@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param(scenario, marks=[pytest.mark.slow] if scenario in LARGE else [])
        for scenario in dict.fromkeys(scenario for _, scenario, _ in CELLS)
    ],
)
def test_what_corrections_leave(scenario: str) -> None:
    assert still_broken(scenario) == {row: cell for row, place, cell in CELLS if place == scenario}


def test_what_corrections_leave_in_the_ends_of_a_long_table() -> None:
    """All of its rows take their time: without a correction, and with the most of them."""
    wanted = {row: cell for row, place, cell in CELLS if place == "preparation_one_partner"}
    ends = frozenset(["nothing", max(wanted, key=lambda row: row.count(","))])
    assert still_broken("preparation_one_partner", ends) == {row: wanted[row] for row in wanted if row in ends}


BREAKING = [
    (scenario, cell)
    for body in re.findall(
        r"^\| Scenario \| Breaks \| Because \|\n\|[-|]+\n(.*?)\n\n", PAGE.read_text("utf-8"), re.M | re.S
    )
    for scenario, cell in re.findall(r"^\| `(\w+)` \| (.*?) \| \S.* \|$", body, re.M)
]
(CANDIDATE_ROWS,) = re.findall(
    r"^\| Candidate \| Asked of \| Restores \| Breaks \|\n\|[-|]+\n(.*?)\n\n", PAGE.read_text("utf-8"), re.M | re.S
)
CANDIDATES = re.findall(r"^\| `(\w+)` \| `(.*?)` \| (.*?) \| (.*?) \|$", CANDIDATE_ROWS, re.M)
SLOW_SCENARIOS = {
    "duplication",
    "crash_of_C",
    "preparation_two_partners",
    "preparation_at_the_partner",
    "preparation_on_a_journey",
}


def statuses(arguments: str, candidate: str = "") -> dict[str, tuple[str, int | None]]:
    """The status of each verdict of the one run asked for, and the steps of its flow."""
    given = options(arguments)
    values = dict(pair.split("=") for key in ("--reading", "--option") for pair in given[key])
    changes = [*(given["--with"][0].split(",") if given["--with"] else DEFAULT), *([candidate] if candidate else [])]
    (scenario,) = given["--scenario"]
    notify = values.pop("notify", "confirmed")
    return told(run(scenario, notify, changes=changes, asked=tuple(values.items())))


def test_all_rows_of_scenarios_and_of_candidates_are_read() -> None:
    assert [scenario for scenario, _ in BREAKING] == [
        *("loss", "duplication", "crash_of_A", "crash_of_B", "crash_of_C", "second_client", "gives_up"),
        *("mbb_gives_up", "logs_off", "any_order", "preparation_one_partner"),
        *("preparation_two_partners", "preparation_at_the_partner", "preparation_make_before_break"),
        *("preparation_on_a_journey", "preparation_by_command", "preparation_loss"),
        *("calls", "mbb_calls", "mbb_in_call", "mbb_drops_call", "caller_moves", "keys", "given_away"),
    ]
    assert len(CANDIDATES) == len(CANDIDATE_ROWS.splitlines()) == 24


@pytest.mark.parametrize(
    ("scenario", "cell"),
    [pytest.param(*row, marks=[pytest.mark.slow] if row[0] in SLOW_SCENARIOS else []) for row in BREAKING],
)
def test_what_a_scenario_breaks(scenario: str, cell: str) -> None:
    found = statuses(f"--scenario {scenario}")
    broken = [f"{name} {steps}" for name, (status, steps) in found.items() if status == "VIOLATED" and name != "K1"]
    assert ", ".join(broken) == cell


@pytest.mark.slow  # some of them loop for long
@pytest.mark.parametrize(("candidate", "arguments", "restores", "breaks"), CANDIDATES)
def test_what_a_candidate_restores_and_breaks(candidate: str, arguments: str, restores: str, breaks: str) -> None:
    without, found = statuses(arguments), statuses(arguments, candidate)
    changed = {name for name in without if without[name][0] != found[name][0]}
    gained = {name for name in changed if (without[name][0], found[name][0]) == ("VIOLATED", "PROVED")}
    lost = {name for name in changed if found[name][0] == "VIOLATED"}
    assert (gained, lost) == tuple({*cell.split(", ")} - {"-"} for cell in (restores, breaks))


(ORDER_ROWS,) = re.findall(
    r"^\| Holds only where messages keep their order \| In \|\n\|[-|]+\n(.*?)\n\n", PAGE.read_text("utf-8"), re.M | re.S
)


def expected_by_order(scenario: str) -> list[dict[str, str]]:
    """What a scenario expects where messages keep their order, and where they do not."""
    order = Selection(scenarios=[scenario], readings={"message_order": ["kept", "not_kept"]})
    return [
        {name: str(status) for name, status in [*((one.id, one.expected) for one in model.properties), *checks(model)]}
        for model, _ in Questions(with_changes(None), order)
    ]


def checks(model: Model) -> list[tuple[str, str]]:
    given = dict(model.expected_checks)
    return [(name, given.get(name, "PROVED")) for name in CHECKS]


def what_needs_order() -> str:
    """The rows of the page: promises that scenarios expect to hold with order alone, and which scenarios these are."""
    rows: dict[str, list[str]] = {}
    for scenario in map(str, read(MODEL).scenarios):
        if scenario not in {"any_order", "large"}:
            kept, not_kept = expected_by_order(scenario)
            fallen = [name for name in kept if (kept[name], not_kept[name]) == ("PROVED", "VIOLATED")]
            rows.setdefault(", ".join(fallen), []).append(f"`{scenario}`")
    return "\n".join(f"| {promises} | {', '.join(where)} |" for promises, where in rows.items() if promises)


def test_what_needs_order_is_what_the_scenarios_expect() -> None:
    assert what_needs_order() == ORDER_ROWS


@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param(name, marks=[] if name in {"one_partner", "calls"} else [pytest.mark.slow])
        for name in map(str, read(MODEL).scenarios)
        if name not in {"any_order", "large"}
    ],
)
def test_without_order_each_scenario_breaks_what_it_expects(scenario: str) -> None:
    orders = {"notify": ["confirmed", "after"], "message_order": ["not_kept"]}
    for found in checked(MODEL, scenarios=[scenario], readings=orders).runs:
        assert found.findings.complete
        assert [verdict.id for verdict in found.verdicts if verdict.status != verdict.expected] == []


def test_no_chart_is_left_over() -> None:
    names = {f"{finding.id}-{finding.promise}" for finding in FINDINGS.values()}
    assert {path.name for path in CHARTS.iterdir()} == {*(f"{name}.svg" for name in names), "README.md", "drawn.sha256"}
    written = {name: hashlib.sha256((CHARTS / name).read_bytes()).hexdigest() for name in listed(CHARTS)}
    assert written == listed(CHARTS)
    assert {Path(name).stem for name in written} == names


def test_the_index_of_the_charts_is_fresh() -> None:
    assert (CHARTS / "README.md").read_text("utf-8") == index()
    beside = re.findall(r"\]\(../diagrams/findings/(.*)\)\n\n<!-- flow", PAGE.read_text("utf-8"))
    assert beside == [f"{one.id}-{one.promise}.svg" for one in FINDINGS.values()]


if __name__ == "__main__":
    text = PAGE.read_text("utf-8")
    for one in FINDINGS.values():
        block = f"<!-- flow {one.id} -->\n{sentences(flow(one))}\n<!-- end -->"
        text = re.sub(rf"<!-- flow {one.id} -->\n.*?<!-- end -->", lambda _, new=block: new, text, flags=re.DOTALL)
    for head, body in TABLES:
        rows = []
        for with_ in (row.split("|")[1].strip() for row in body.splitlines()):
            rows.append(" | ".join(["", with_, *(still_broken(name)[with_] for name in head.split(" | ")), ""]).strip())
        text = text.replace(body, "\n".join(rows))
    text = text.replace(ORDER_ROWS, what_needs_order())
    PAGE.write_text(text, "utf-8")
    (CHARTS / "README.md").write_text(index(), "utf-8")
    print(len(write([picture for one in FINDINGS.values() for picture in charts(one)], CHARTS, whole=True)), "charts")
