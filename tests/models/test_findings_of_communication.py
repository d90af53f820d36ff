"""docs/findings_communication.md is true: each finding is one where the page says so, and none where it holds.

    python tests/models/test_findings_of_communication.py

rewrites the flows on the page, and the charts in diagrams/communication with their index, of all findings or of those
that are named (F50 F51); read what git says changed.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from mission import MODEL
from sentences import sentences
from shared_runs import checked
from test_findings import options

from mcfsm.pictures.folder import Picture, write
from mcfsm.pictures.index import IndexEntry, index_page
from mcfsm.pictures.look import Look
from mcfsm.questions.draw import verdict_pictures
from mcfsm.semantics.trace import Trace
from mcfsm.verdicts.verdict import Run, Verdict

ROOT = Path(__file__).parents[2]
SECOND = MODEL / "communication.yaml"
PAGE = ROOT / "docs" / "findings_communication.md"
CHARTS = ROOT / "diagrams" / "communication"
LARGE = {"both_to_partner", "called_moves", "both_move", "third_party", "fails"}  # scenarios that take their time


@dataclass(frozen=True)
class Finding:
    """A row of the page: a promise, where it is broken, and where it holds."""

    id: str
    promise: str
    broken: str
    holds: str


FINDINGS = {
    row[0]: Finding(*row)
    for row in re.findall(r"^\| (F\d+) \| ([\w.]+) \| `(.*?)` \| `(.*?)` \|$", PAGE.read_text("utf-8"), re.M)
}
LISTED = re.findall(r"^\| \[(.*?)\]\(#f\d+\) \((F\d+)\) \| (.*?) \| (.*?) \| (.*?) \|$", PAGE.read_text("utf-8"), re.M)
DETAILS = re.findall(
    r'^### (.*?) \((F\d+)\)<a id="f\d+"></a>\n\n\*\*Clause:\*\* (.*?)\. \*\*For a user:\*\* (.*?)\n(.*?)(?=^##)',
    PAGE.read_text("utf-8"),
    re.M | re.DOTALL,
)
EACH = [
    pytest.param(name, marks=[pytest.mark.slow] * any(f"--scenario {one}" in finding.broken for one in LARGE))
    for name, finding in FINDINGS.items()
]


def found(promise: str, arguments: str) -> tuple[Run, Verdict]:
    """The one run that the options of a command ask for, and the verdict of a property in it."""
    given = options(arguments)
    values = {
        name: [value] for name, value in (pair.split("=") for key in ("--reading", "--option") for pair in given[key])
    }
    changes = given["--with"][0].split(",") if given["--with"] else None
    asked = {"scenarios": given["--scenario"], "properties": [promise], "changes": changes, "readings": values}
    (run,) = checked(SECOND, **asked).runs
    return run, run[promise]


def flow(finding: Finding) -> Trace:
    trace = found(finding.promise, finding.broken)[1].trace
    assert trace is not None
    return trace


def charts(finding: Finding) -> list[Picture]:
    run, verdict = found(finding.promise, finding.broken)
    name = f"{finding.id}-{finding.promise}"  # the page has its steps in sentences
    title = f"{finding.id}, {verdict.id}"
    return list(verdict_pictures(run, verdict, name, Look(steps="none"), (".svg",), title))


def index() -> str:
    """What the folder of the charts says of each, as the page has it."""
    page = PAGE.read_text("utf-8")
    titles = {name: title for title, name, *_ in LISTED}
    entries = []
    for one in FINDINGS.values():
        (shown,) = re.findall(rf"<!-- flow {one.id} -->\n(.*?)\n<!-- end -->", page, re.DOTALL)
        steps = re.findall(r"^(\d+)\. ", shown, re.M)[-1]
        subject = f"{one.id}, {one.promise}: {titles[one.id]}"
        name = f"{one.id}-{one.promise}"
        entries.append(IndexEntry(name, (f"{name}.svg",), subject, f"`{one.broken}`", f"VIOLATED in {steps} steps"))
    return index_page("Flows of docs/findings_communication.md", [], entries)


def test_the_page_is_of_one_piece() -> None:
    names = list(FINDINGS)
    assert names == [f"F{number}" for number in range(35, 35 + len(names))]
    assert [name for _, name, *_ in LISTED] == [name for _, name, *_ in DETAILS] == names
    assert [row[0] for row in LISTED] == [row[0] for row in DETAILS]
    assert [(row[2], row[3]) for row in LISTED] == [(row[2], row[3]) for row in DETAILS]
    assert re.findall(r"^<!-- flow (F\d+) -->$", PAGE.read_text("utf-8"), re.M) == names
    assert (CHARTS / "README.md").read_text("utf-8") == index()
    beside = re.findall(r"\]\(../diagrams/communication/(.*)\)\n\n<!-- flow", PAGE.read_text("utf-8"))
    assert beside == [f"{one.id}-{one.promise}.svg" for one in FINDINGS.values()]
    for _, name, _, _, body in DETAILS:
        assert body.count("**Does not mend:**") == 1
        assert body.count("**Proposed text** (") == (name not in {"F46", "F47"})  # those of a correction propose none


@pytest.mark.parametrize("name", EACH)
def test_the_promise_is_broken_as_the_page_shows_it_and_holds_where_it_says(name: str) -> None:
    finding = FINDINGS[name]
    (shown,) = re.findall(rf"<!-- flow {name} -->\n(.*?)\n<!-- end -->", PAGE.read_text("utf-8"), re.DOTALL)
    assert found(finding.promise, finding.broken)[1].status == "VIOLATED"
    assert shown == sentences(flow(finding))
    assert [picture.fresh(CHARTS / picture.name) for picture in charts(finding)] == [True]
    assert found(finding.promise, finding.holds)[1].status == "PROVED"


if __name__ == "__main__":
    text = PAGE.read_text("utf-8")
    asked = [one for one in FINDINGS.values() if one.id in sys.argv[1:] or len(sys.argv) == 1]
    for one in asked:
        block = f"<!-- flow {one.id} -->\n{sentences(flow(one))}\n<!-- end -->"
        text = re.sub(rf"<!-- flow {one.id} -->\n.*?<!-- end -->", lambda _, new=block: new, text, flags=re.DOTALL)
    PAGE.write_text(text, "utf-8")
    CHARTS.mkdir(exist_ok=True)
    (CHARTS / "README.md").write_text(index(), "utf-8")
    print(len(write([picture for one in asked for picture in charts(one)], CHARTS, whole=len(sys.argv) == 1)), "charts")
