"""A dossier as one HTML file: no network, a content security policy that names the two parts it runs, escaped words."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from mcfsm import __version__
from mcfsm.questions.dossier import Dossier, Moment
from mcfsm.questions.propose import place_of
from mcfsm.report.dossier_words import NOT_LOOKED_FOR, asked, correction, covers_in_words, depends, first_sentence
from mcfsm.report.grid import MARKS
from mcfsm.report.receptions import summary as reception_summary
from mcfsm.verdicts.verdict import Run

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class GridCell:
    """One verdict in the grid."""

    name: str
    status: str
    reason: str
    met: bool
    finding: str | None


@dataclass(frozen=True)
class GridRow:
    """One run in the grid; None where a promise is not asked."""

    place: str
    run: Run
    cells: tuple[GridCell | None, ...]
    words: str  # that a filter looks for


def as_html(dossier: Dossier) -> str:
    """The whole page."""
    style, script = ((_HERE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    rows = list(_rows(dossier))
    names = dict.fromkeys(verdict.id for verdict in dossier.checked.verdicts)
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.jinja").render(
        dossier=dossier,
        policy=_policy(style, script),
        style=Markup(style),
        script=Markup(script),
        first=first_sentence(dossier),
        asked=asked(dossier),
        rows=rows,
        marks=MARKS,
        places={name: sum(name in run for run in dossier.runs) for name in names},
        clauses=_by_clause(dossier),
        named={one.id: f"{one.verdict.id} in {one.place}" for one in dossier.findings},
        correction=correction,
        looked=any(one.repair for one in dossier.findings),
        not_looked_for=NOT_LOOKED_FOR,
        covers=covers_in_words,
        depends=depends,
        reception_words=lambda matrix: reception_summary(matrix.told),
        data=_data(dossier),
        version=__version__,
    )


def _policy(style: str, script: str) -> str:
    """What a browser may do with the page: show its own style and figures, and run its own script; nothing else."""
    digests = [base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in (style, script)]
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digests[0]}'; script-src 'sha256-{digests[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _rows(dossier: Dossier) -> Iterator[GridRow]:
    """Every run with its verdicts, in the order of the promises."""
    found = {(id(one.run), one.verdict.id): one for one in dossier.findings}
    for run in dossier.runs:
        verdicts = {verdict.id: verdict for verdict in run.verdicts}
        cells: list[GridCell | None] = []
        for name in dossier.promises:
            verdict = verdicts.get(name)
            finding = found.get((id(run), name))
            cells.append(
                None
                if verdict is None
                else GridCell(name, verdict.status, verdict.reason, verdict.met, finding.id if finding else None)
            )
        yield GridRow(place_of(run), run, tuple(cells), f"{run.name} {place_of(run)} {' '.join(verdicts)}")


def _by_clause(dossier: Dossier) -> dict[str, list[Any]]:
    """What rests on each item, clause by clause."""
    return {
        clause: list(lines) for clause, lines in groupby(dossier.rests, key=lambda one: one.item.id.partition("-")[0])
    }


def _data(dossier: Dossier) -> dict[str, Any]:
    """What the script shows when it is looked at: flows step by step, figures, diagrams."""
    return {
        "flows": {one.id: [*map(_moment, one.moments)] for one in dossier.findings},
        "figures": {one.id: one.figure() for one in dossier.findings},
        "roles": [picture for _, picture in dossier.diagrams],
    }


def _moment(moment: Moment) -> dict[str, Any]:
    return {"sentence": moment.sentence, "changed": moment.changed, "standings": moment.standings}
