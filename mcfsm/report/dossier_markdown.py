"""A dossier as a page in Markdown, to be read in a repository or turned into anything else."""

from __future__ import annotations

from collections.abc import Iterator

from mcfsm.pictures.markdown import markdown, row
from mcfsm.questions.dossier import BrokenPromise, Dossier
from mcfsm.questions.propose import place_of
from mcfsm.report.dossier_words import asked, correction, extra_tables, first_sentence
from mcfsm.report.grid import MARKS


def as_markdown(dossier: Dossier) -> str:
    """What is broken and what to do, the grid, and every flow in sentences.

    The links and anchors are ours: so every word of a model goes through `markdown`, which leaves none of its own.
    """
    lines = [f"# {markdown(dossier.title)}"]
    for said in (first_sentence(dossier), *asked(dossier)):
        lines += ["", markdown(said)]
    lines.append("")
    if dossier.broken:
        lines += ["## What is broken, and what to do", ""]
        for place, (name, found) in enumerate(dossier.broken.items(), 1):
            where = ", ".join(f"[{markdown(one.place)}](#{one.id})" for one in found)
            text = markdown(dossier.promises[name])
            lines.append(
                f"{place}. **{markdown(name)}** {text} Broken: {where}. {markdown(correction(found))}".rstrip()
            )
        lines.append("")
    names = list(dossier.promises)
    lines += [
        "## Every promise in every place",
        "",
        f"| | {' | '.join(map(markdown, names))} |",
        f"|---|{'---|' * len(names)}",
    ]
    for run in dossier.runs:
        marks = [f"{MARKS[run[name].status]}{'' if run[name].met else '!'}" if name in run else "" for name in names]
        lines.append(f"| {markdown(place_of(run))} | {' | '.join(marks)} |")
    key = ", ".join(f"`{mark}` {status.lower()}" for status, mark in MARKS.items())
    lines += ["", f"{key}; `!` not what the model expects; empty where it is not asked.", ""]
    for one in dossier.findings:
        lines += _flow(one)
    for title, (head, *rows) in extra_tables(dossier):
        lines += [f"## {markdown(title)}", "", row(head), "|" + "---|" * len(head)]
        lines += [*(row(map(markdown, cells)) for cells in rows), ""]
    lines += ["## Evidence", "", f"The models mean `{dossier.checked.digest}`.", ""]
    lines += ["| scenario | states | transitions | depth |", "|---|---|---|---|"]
    for run in dossier.runs:
        found_ = run.findings
        lines.append(f"| {markdown(place_of(run))} | {found_.states:,} | {found_.transitions:,} | {found_.depth} |")
    return "\n".join(lines) + "\n"


def _flow(one: BrokenPromise) -> Iterator[str]:
    yield f'## {markdown(one.verdict.id)} in {markdown(one.place)}<a id="{one.id}"></a>'
    yield from ("", f"{markdown(one.verdict.text)} {markdown(one.verdict.reason.capitalize())}.", "")
    for number, moment in enumerate(one.moments[1:], 1):
        items = f" [{markdown(', '.join(moment.clauses))}]" if moment.clauses else ""
        yield f"{number}. {markdown(moment.sentence)}{items}"
    if one.assumptions:
        yield from ("", "Where the text is silent, it takes to be so:", "")
        yield from (f"* {markdown(said)}" for said in one.assumptions)
    yield from ("", *([markdown(correction([one])), ""] if one.repair else []))
