"""A dossier as a document of a word processor: what is broken, the flows with their figures, the grid."""

from __future__ import annotations

from mcfsm.pictures.convert import converted
from mcfsm.questions.dossier import Dossier
from mcfsm.questions.propose import place_of
from mcfsm.report.dossier_words import asked, correction, extra_tables, first_sentence


def as_document(dossier: Dossier) -> bytes:
    """The document. Raises ProgramMissing where nothing is there that makes a png of a figure."""
    from mcfsm.report.tracked import TrackedDocument

    written = TrackedDocument(dossier.title)
    written.heading(dossier.title, 1)
    written.paragraph(first_sentence(dossier), bold=True)
    for said in asked(dossier):
        written.paragraph(said)
    for place, (name, found) in enumerate(dossier.broken.items(), 1):
        where = ", ".join(one.place for one in found)
        text = f"{name}: {dossier.promises[name]} Broken: {where}. {correction(found)}".rstrip()
        written.paragraph(text, mark=f"{place}.")
    for one in dossier.findings:
        written.heading(f"{one.verdict.id} in {one.place}", 2)
        written.paragraph(one.verdict.text)
        written.figure(converted(one.figure(), ".png"))
        for number, moment in enumerate(one.moments[1:], 1):
            items = f" [{', '.join(moment.clauses)}]" if moment.clauses else ""
            written.paragraph(moment.sentence + items, mark=f"{number}.")
        for said in one.assumptions:
            written.paragraph(f"Assumed: {said}", mark="-")
    written.heading("Every promise in every place", 2)
    rows = [("scenario", "promise", "verdict")]
    rows += [
        (place_of(run), verdict.id, verdict.status.lower() + ("" if verdict.met else ", not expected"))
        for run in dossier.runs
        for verdict in run.verdicts
    ]
    written.table(rows, (8.0, 4.5, 4.0))
    for title, lines in extra_tables(dossier):
        written.heading(title, 2)
        written.table(lines, (4.0, 2.5, 10.0) if len(lines[0]) == 3 else (4.0, 3.0, 3.0, 3.0, 3.5))
    return written.content()
