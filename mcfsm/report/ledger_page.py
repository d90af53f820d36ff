"""The ledger as a page in Markdown: each sentence once, and what becomes of the verdicts of scenarios without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mcfsm.model import Status
from mcfsm.model.labels import Labels, in_all
from mcfsm.pictures.markdown import page
from mcfsm.problems import counted
from mcfsm.questions.families.in_error import InError
from mcfsm.questions.families.ledger import Ledger, LedgerEntry
from mcfsm.questions.families.switches import Switch
from mcfsm.report.in_error import in_error_in_words
from mcfsm.report.style import switch_words, together
from mcfsm.verdicts.verdict import Verdict

_EMPTIES = "makes vacuous"
_DOES: dict[tuple[str | None, str | None], str] = {
    ("PROVED", "VIOLATED"): "breaks",
    ("VACUOUS", "VIOLATED"): "breaks",
    ("PROVED", "VACUOUS"): _EMPTIES,
    ("VIOLATED", "PROVED"): "mends",
    ("VIOLATED", "VACUOUS"): _EMPTIES,
}
_TRIED = "Alone, or beside an assumption that is dropped: two values of readings and options together were not tried."
_Flip = tuple[str, Status | None, Status | None]  # a verdict by its name, what it is, and what it becomes


def ledger_as_page(path: str, found: Sequence[Ledger], errors: Sequence[InError] = ()) -> str:
    """All scenarios beside each other: what changes most first, then pairs, then what changes nothing."""
    scenarios = [one.model.scenario for one in found]
    asked = " ".join(f"--scenario {name}" for name in scenarios)
    sentences = _sentences(found)
    moving = [text for text, entry in sentences.items() if any(_count(one, entry) for one in found)]
    moving.sort(key=lambda text: -sum(_count(one, sentences[text]) for one in found))
    idle = set.intersection(*({entry.sentence for entry in one.idle} for one in found))
    paired = {entry.sentence for one in found for entry in _paired(one)}
    secondary = {entry.sentence for one in found for entry in one.secondary} - set(moving) - paired - idle
    untold = sum(one.incomplete for one in found)
    words = in_all(one.model.labels for one in found)
    lines = [
        f"# What the verdicts stand on: {found[0].model.name}",
        "",
        f"Written by `mcfsm assumptions {path} {asked} --page`; do not edit.",
        "",
        "A sentence is an assumption, or what a reading or an option is taken to be. An assumption is dropped:",
        "no transition is taken that rests on it, so that a message that only such a transition takes stays in",
        "flight, and who waits for its answer waits for ever. A reading or an option is turned to each of its other",
        "values. What that *breaks* was proved or vacuous; behind it stand the steps of the shortest flow. What it",
        "*mends* was violated. What it *makes vacuous* speaks of something that never happens then. What is mended",
        "may stand on assumptions in turn: *on* the lines without which it falls again. Verdicts have the names that",
        "`mcfsm check` gives them, which shows the promise in words.",
        *(["", f"Not told (INCOMPLETE): {counted(untold, 'verdict')}."] if untold else []),
        *(["", f"In error, and not told: {'; '.join(map(in_error_in_words, errors))}."] if errors else []),
        *["", "## Sentences that change a verdict alone", ""],
        *_table(["sentence", "of", *scenarios], (_sentence(sentences[text], found, words) for text in moving)),
        *["", "## Two sentences that change a verdict together, and neither alone", ""],
        *([f"* {said}" for said in _pairs(found, words)] or ["None."]),
        *["", "## Sentences that change only what another makes of a verdict", ""],
        *_table(
            ["sentence", "of"],
            (_sentence(entry, [], words) for text, entry in sentences.items() if text in secondary),
        ),
        *["", "## Verdicts that no sentence changes", ""],
        *([] if all(one.whole for one in found) else [_TRIED, ""]),
        *_table(["scenario", "verdicts"], ([one.model.scenario, _settled(one) or "none"] for one in found)),
        *["", "## Sentences that change no verdict in any of these scenarios", ""],
        *_table(["sentence", "of"], (_sentence(entry, [], words) for text, entry in sentences.items() if text in idle)),
        *["", "## What is not switched", ""],
        *([f"* {said}" for said in _unswitched(found, words)] or ["Nothing."]),
    ]
    return page(lines)


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    body = list(map(_row, rows))
    return [_row(titles), "|" + "---|" * len(titles), *body] if body else ["None."]


def _paired(one: Ledger) -> Iterator[LedgerEntry]:
    """The sentences that change a verdict beside another, where neither does alone."""
    switches = {switch for standing in one.standings for pair, _ in standing.pairs for switch in pair}
    return (entry for entry in one.entries if not switches.isdisjoint(entry.switches))


def _sentence(entry: LedgerEntry, found: Iterable[Ledger], words: Labels) -> list[str]:
    return [entry.in_words(words), _of(entry, words), *(_cell(one, entry, words) for one in found)]


def _sentences(found: Iterable[Ledger]) -> dict[str, LedgerEntry]:
    """Each sentence as the first scenario has it that does."""
    sentences: dict[str, LedgerEntry] = {}
    for entry in (entry for one in found for entry in one.entries):
        sentences.setdefault(entry.sentence, entry)
    return sentences


def _of(entry: LedgerEntry, words: Labels) -> str:
    if entry.constant is None:
        return ", ".join(line.id for line in entry.lines)
    name = words.label("constant", entry.constant.name) or f"`{entry.constant.name}`"
    return ", ".join(filter(None, [name, entry.constant.clause]))


def _flips(one: Ledger, entry: LedgerEntry) -> Iterator[tuple[Switch, list[_Flip]]]:
    """What each switch of a sentence changes in a scenario."""
    mine = next((own for own in one.entries if own.sentence == entry.sentence), None)
    for switch in () if mine is None else mine.switches:
        told = [(standing, dict(flip for _, flips in standing.alone for flip in flips)) for standing in one.standings]
        yield switch, [(s.row.id, s.row.default, changed[switch]) for s, changed in told if switch in changed]


def _count(one: Ledger, entry: LedgerEntry) -> int:
    return sum(len(flips) for _, flips in _flips(one, entry))


def _cell(one: Ledger, entry: LedgerEntry, words: Labels) -> str:
    """What a sentence decides in a scenario, by switch and by what it does."""
    lines = {each.switches[0]: each.lines[0].id for each in one.entries if each.lines}
    standing = {each.row.id: each for each in one.standings}
    said = []
    for switch, flips in _flips(one, entry):
        how = "without it" if switch.kind == "assumption" else f"*{words.value(switch.name, switch.value)}*"
        by: dict[tuple[str, str], list[str]] = {}
        for name, status, then in flips:
            does = _DOES.get((status, then), f"makes {then}")
            on = ", ".join(lines[drop] for drop in standing[name].then_on(switch)) if then == "PROVED" else ""
            by.setdefault((does, on), []).append(name + _steps(one.flows.get((switch, name))))
        said += [f"{how} {does} {', '.join(names)}" + (f" (on {on})" if on else "") for (does, on), names in by.items()]
    return "; ".join(said)


def _steps(verdict: Verdict | None) -> str:
    if verdict is None or verdict.trace is None:
        return ""
    steps = verdict.trace.loop_start if verdict.trace.loop_start is not None else len(verdict.trace)
    return f" ({steps})"


def _pairs(found: Iterable[Ledger], words: Labels) -> Iterator[str]:
    """Each pair once, with what it does to verdicts in each scenario; what breaks or mends something first."""
    by: dict[tuple[str, str], dict[str, dict[str, list[str]]]] = {}
    for one in found:
        names = {switch: _name(switch, entry, words) for entry in one.entries for switch in entry.switches}
        for standing in one.standings:
            for (first, second), then in standing.pairs:
                does = _DOES.get((standing.row.default, then), f"makes {then}")
                there = by.setdefault((names[first], names[second]), {}).setdefault(one.model.scenario, {})
                there.setdefault(does, []).append(standing.row.id)
    weak = {pair for pair, there in by.items() if all(list(done) == [_EMPTIES] for done in there.values())}
    for pair in sorted(by, key=lambda pair: pair in weak):
        said = [f"{name}: {', '.join(_done(done))}" for name, done in by[pair].items()]
        yield f"{pair[0]}, and {pair[1]}. {'; '.join(said)}"


def _done(done: dict[str, list[str]]) -> Iterator[str]:
    return (f"{does} {', '.join(names)}" for does, names in done.items())


def _name(switch: Switch, entry: LedgerEntry, words: Labels) -> str:
    if entry.constant is None:
        return f"without *{entry.sentence.rstrip('.')}* ({_of(entry, words)})"
    said = switch_words(words, switch)
    chosen = f"`{said}`" if said == str(switch) else f'"{said}"'
    return f"with {chosen}" + (f" (*{entry.constant.text.rstrip('.')}*)" if entry.constant.text else "")


def _settled(one: Ledger) -> str:
    by: dict[str | None, list[str]] = {}
    for standing in one.standings:
        if standing.settled:
            by.setdefault(standing.row.default, []).append(standing.row.id)
    return "; ".join(f"{status}: {', '.join(names)}" for status, names in by.items())


def _unswitched(found: Iterable[Ledger], words: Labels) -> Iterator[str]:
    said: dict[str, None] = {}
    scenarios: dict[str, list[str]] = {}  # by values that make no model of them
    for one in found:
        for item in one.unswitched:
            if item.kind == "value":
                listed = (" with ".join(switch_words(words, switch) for switch in point) for point in item.points)
                scenarios.setdefault(together(listed), []).append(one.model.scenario)
            else:
                said[f"What {item.kind} {item.names[0]} assumes: {item.why}"] = None
    yield from said
    for values, names in scenarios.items():
        yield f"{values}, which make no model of {', '.join(names)}."
    if any(one.paired != "all" for one in found):
        yield "Two values of readings and options together, which `mcfsm overview` is asked."


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
