"""What is said of a dossier in sentences, alike in a page, in Markdown and in a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcfsm.model import CHECKS
from mcfsm.problems import counted
from mcfsm.questions.clauses import Item
from mcfsm.questions.dossier import BrokenPromise, Dossier
from mcfsm.questions.families.family import changes_title
from mcfsm.questions.families.overview import Overview, OverviewRow
from mcfsm.report.clauses import listed
from mcfsm.report.receptions import summary
from mcfsm.report.style import switch_words, together

_MOST = 8  # names that a sentence lists


NOT_LOOKED_FOR = "No correction was looked for; mcfsm report --corrections does."


def first_sentence(dossier: Dossier) -> str:
    """The one thing: what is broken, and whether anybody expected it."""
    broken = dossier.broken
    places = counted(len(dossier.runs), "place")
    promises = [name for name in dossier.promises if name not in CHECKS]
    checks = len(dossier.promises) - len(promises)
    said = counted(len(promises), "promise") + (f" and {counted(checks, 'built-in check')}" if checks else "")
    said += f" asked in {places}. "
    if not broken:
        said += "None is broken"
    else:
        names = list(broken)
        more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
        said += f"{len(names)} of them broken somewhere: {', '.join(names[:_MOST])}{more}"
        surprising = list(dict.fromkeys(one.verdict.id for one in dossier.findings if one.surprising))
        said += (
            f"; not expected: {', '.join(surprising[:_MOST])}" if surprising else "; all of it expected by the model"
        )
    untold = dossier.count("INCOMPLETE")
    return said + (f"; {counted(untold, 'verdict')} not told to the end." if untold else ".")


def asked(dossier: Dossier) -> list[str]:
    """Which changes were applied, and what was chosen of what the model leaves open; nothing where it is as written."""
    variant, words = dossier.asked, dossier.runs[0].model.labels
    said = [f"With the change {name}: {title.rstrip('.')}." for name, title in variant.changes]
    if not variant.changes and not variant.usual:
        said.append("Without the changes that the model has by default.")
    chosen = [
        " or ".join([words.choice(name, first), *(words.value(name, value) for value in more)])
        for name, (first, *more) in variant.chosen
    ]
    return said + ([f"With {together(chosen)}."] if chosen else [])


def correction(found: Sequence[BrokenPromise]) -> str:
    """The candidates that each restore a promise wherever it is broken, in a sentence; nothing where none was tried."""
    looked = [one.repair for one in found if one.repair is not None]
    if not looked:
        return ""
    each = [[changes_title(one.changes) for one in told.corrections] for told in looked]
    free = [name for name in dict.fromkeys(each[0]) if all(name in other for other in each)]
    if free:
        return f"Restored by {free[0]}." if len(free) == 1 else f"Restored by any one of {', '.join(free)}."
    if all(each):
        return "Restored by one candidate or another, and by none in every place."
    costly = [one for told in looked for one in told.costly]
    if len(looked) == 1 and costly:
        return f"Restored by {changes_title(costly[0].changes)} at the price of {listed(list(costly[0].lost))}."
    where = " everywhere without a loss" if len(looked) > 1 else ""
    return f"No single candidate restores it{where}."


def depends(family: Overview, row: OverviewRow) -> str:
    """What makes a promise another than it is by default, switch by switch."""
    if row.settled:
        return "The same whatever is switched alone."
    each = (f"{switch_words(family.labels, one)}: {(status or 'not asked').lower()}" for one, status in row.alone())
    return "; ".join(each)


def extra_tables(dossier: Dossier) -> Iterator[tuple[str, Sequence[Sequence[str]]]]:
    """What the verdicts depend on, and what becomes of messages, where that was asked: a title and rows for each."""
    for family in dossier.families:
        told = [(row.id, (row.default or "not asked").lower(), depends(family, row)) for row in family.rows]
        title = f"What the verdicts depend on: {family.model.labels.scenario(family.scenario)}"
        yield title, [("promise", "by default", "what is switched alone"), *told]
    for matrix in dossier.receptions:
        words, rows = matrix.labels, [("state", "message", "what becomes of it", "by", "which rests on")]
        for cell in (cell for cell in matrix.cells.values() if cell.occurs):
            state = f"{words.region(matrix.role, cell.region)}: {words.state(matrix.role, cell.state)}"
            by = ", ".join(one.transition or "" for one in cell.answers)
            grounds = (ground for one in cell.answers for ground in (*one.clauses, one.assumption) if ground)
            rows.append((state, words.message(cell.message), cell.answer, by, ", ".join(dict.fromkeys(grounds))))
        role = words.label("role", matrix.role) or matrix.role.replace("_", " ")
        yield f"What becomes of every message: {role}. {summary(matrix.told)}", rows


def covers_in_words(item: Item) -> str:
    """How much of the model rests on an item."""
    if not item.covers:
        return "Nothing rests on it."
    kinds: dict[str, int] = {}
    for cover in item.covers:
        kinds[cover.kind] = kinds.get(cover.kind, 0) + 1
    said = ", ".join(counted(number, kind).replace("propertys", "properties") for kind, number in kinds.items())
    return f"Rests on it: {said}."
