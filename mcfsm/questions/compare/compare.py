"""What does a change do? Two versions of a model side by side: parts, verdicts, flows, transitions, receptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from mcfsm.explore.findings import Limits
from mcfsm.explore.stopping import reason_of
from mcfsm.language.changes.apply import apply, select
from mcfsm.language.changes.parts import parts_of
from mcfsm.language.files.document import Document
from mcfsm.language.files.reader import read, read_baseline
from mcfsm.language.resolving.effects import as_list
from mcfsm.language.resolving.resolve import resolve
from mcfsm.language.resolving.roles import transition_ids
from mcfsm.language.selection import Selection, combine, known_scenarios, known_settings
from mcfsm.model import CHECKS, Model, Status
from mcfsm.problems import ModelError, Problem, Problems, closest
from mcfsm.questions.compare.flow_difference import FlowDifference, difference
from mcfsm.questions.compare.revisions import checked_out
from mcfsm.questions.families.family import changes_title, has_constant
from mcfsm.questions.receptions import ReceptionCell, Receptions
from mcfsm.semantics.product import Product
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.verdict import Run

Forbidden = Literal["behaviour-added", "behaviour-removed", "verdict-lost"]
FORBIDDEN: tuple[Forbidden, ...] = ("behaviour-added", "behaviour-removed", "verdict-lost")
Fate = Literal["new", "gone", "alive", "dead"]
FATES: dict[Fate, str] = {
    "new": "added, and taken in some run",
    "gone": "removed, and was taken in some run",
    "alive": "taken in some run, and was in none",
    "dead": "taken in no run, and was in some",
}
Watching = Callable[[str], None]
Context = Iterable[str] | None  # the changes that both versions have; None: those that the model names


@dataclass(frozen=True)
class Version:
    """One of the two: a text, and transitions of it that are left out."""

    title: str
    document: Document
    avoid: frozenset[str] = frozenset()
    asked: tuple[str, ...] = ()  # what a command says to get this version: its path, changes, what is left out


@dataclass(frozen=True)
class VerdictChange:
    """A property whose verdict is another; None where one version does not have the property."""

    id: str
    text: str
    before: Status | None
    after: Status | None

    @property
    def lost(self) -> bool:
        """Whether it was proved and is not any more; where a search was stopped, that is not told."""
        return self.before == "PROVED" and self.after not in ("PROVED", "INCOMPLETE")


@dataclass(frozen=True)
class CellChange:
    """A message in a state of a role that is answered otherwise; None where one version does not have the cell."""

    role: str
    region: str
    state: str
    message: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Compared:
    """Two versions of one scenario under one choice of constants."""

    scenario: str
    chosen: tuple[tuple[str, str], ...]
    versions: tuple[str, str]
    before: Run
    after: Run
    parts: tuple[str, ...]
    verdicts: tuple[VerdictChange, ...]
    fates: tuple[tuple[str, Fate], ...]  # of transitions, by id
    cells: tuple[CellChange, ...]
    difference: FlowDifference
    asked: tuple[str, ...] = ()  # what a command says to ask about this scenario as it is after

    @property
    def happened(self) -> frozenset[Forbidden]:
        """What a CI run may forbid."""
        found: set[Forbidden] = set()
        if self.difference.only_second is not None:
            found.add("behaviour-added")
        if self.difference.only_first is not None:
            found.add("behaviour-removed")
        if any(change.lost for change in self.verdicts):
            found.add("verdict-lost")
        return frozenset(found)

    @property
    def complete(self) -> bool:
        """Whether all verdicts, and whether the flows differ, could be told."""
        incomplete = any(v.status == "INCOMPLETE" for run in (self.before, self.after) for v in run.verdicts)
        return not incomplete and self.difference.stopped is None


def change_versions(path: Path | str, changes: Iterable[str], context: Context = None) -> tuple[Version, Version]:
    """The text without some changes and with them, beside those in `context` (the model's own). Raises ModelError."""
    baseline = read_baseline(path)
    chosen = select(baseline, changes)
    others = [name for name in select(baseline, context) if name not in chosen]
    before, after = select(baseline, others), select(baseline, [*others, *chosen])
    return (
        Version(changes_title(before), apply(baseline, before), asked=_asked(path, before)),
        Version(changes_title(after), apply(baseline, after), asked=_asked(path, after)),
    )


def clause_versions(path: Path | str, clause: str, context: Context = None) -> tuple[Version, Version]:
    """The text, and the text less every transition that cites a clause. Raises ModelError (M308 for an unknown one)."""
    document = read(path, context)
    ids = transition_ids(document.roles, Problems())
    lines = [line for role in document.roles.values() for line in role.transitions]
    citing = frozenset(ids[id(line)] for line in lines if clause in as_list(line.clause))
    if not citing:
        known = {str(item) for line in lines for item in as_list(line.clause)}
        hint = closest(clause, known)
        raise ModelError([Problem("M308", None, f"no transition cites clause {clause}", hint)])
    asked = _asked(path, context)
    less = (*asked, "--avoid", ",".join(sorted(citing)))
    return Version("the text", document, asked=asked), Version(f"without {clause}", document, citing, less)


def file_versions(first: Path | str, second: Path | str, context: Context = None) -> tuple[Version, Version]:
    """Two models, each with its own default changes unless others are named. Raises ModelError."""
    one, other = ((path, read(path, context), _asked(path, context)) for path in (first, second))
    return Version(str(one[0]), one[1], asked=one[2]), Version(str(other[0]), other[1], asked=other[2])


def revision_versions(path: Path | str, revision: str, context: Context = None) -> tuple[Version, Version]:
    """A model as of a git revision, and as it is. Raises ModelError, also where git has no such model (M109)."""
    path = Path(path)
    with checked_out(path, revision) as copy:
        before = read(copy, context)
    now = Version(str(path), read(path, context), asked=_asked(path, context))
    return Version(f"{path} as of {revision}", before), now


def _asked(path: Path | str, changes: Context) -> tuple[str, ...]:
    """How a command is given a model with some changes; None: its own."""
    return (str(path),) if changes is None else (str(path), "--with", ",".join(changes) or "none")


def compare(
    before: Version,
    after: Version,
    selection: Selection = Selection(),
    *,
    effort: Effort = Effort(),
    flow_limits: Limits | None = None,
    watch: Watching | None = None,
) -> list[Compared]:
    """What is different, for each scenario that both have and each combination of values.

    The changes of both are those of the versions. Both are explored to the end, as far as the limits of `effort` allow;
    `flow_limits` are those of the search for
    flows. Raises ModelError for what is wrong with either version, and for unknown names.
    """
    check_settings(before, after, selection.settings)
    parts = _parts_changed(before.document, after.document)
    choices = common_choices(before, after, selection.readings)
    scenarios = common_scenarios(before, after, selection.scenarios)

    def ask(part: tuple[str, dict[str, str]]) -> Iterator[Compared]:
        scenario, chosen = part
        sides = []
        for version in (before, after):
            if watch is not None:
                watch(f"{scenario}, {version.title}")
            sides.append(_Side(version, scenario, chosen, selection.settings, effort))
        if watch is not None:
            watch(f"{scenario}, flows")
        yield _compared(scenario, chosen, parts, sides[0], sides[1], effort, flow_limits)

    return list(effort.each([(scenario, chosen) for scenario in scenarios for chosen in choices], ask))


class _Side:
    """One version explored."""

    def __init__(
        self, version: Version, scenario: str, chosen: Mapping[str, str], settings: Mapping[str, str], effort: Effort
    ) -> None:
        document = version.document
        fixed = fixed_there(document, chosen, settings)
        self.version, self.fixed = version, fixed
        self.model = resolve(document, scenario, chosen=fixed, symmetry=effort.symmetry)
        self.bare = resolve(document, scenario, chosen=fixed, properties=[])  # observers keep no step back
        property_ids = [*(property_.id for property_ in self.model.properties), *CHECKS]
        self.run = effort.run(self.model, property_ids, full=True, avoid=version.avoid)

    def given(self) -> Iterator[str]:
        """The options of a command that fix what is fixed here."""
        document = self.version.document
        for name, value in self.fixed.items():
            flag = "--reading" if name in document.readings else "--option" if name in document.options else "--set"
            yield from (flag, f"{name}={value}")

    def cells(self) -> dict[tuple[str, str, str, str], ReceptionCell]:
        """The matrices of receptions of all roles."""
        receptions = Receptions()
        receptions.take_in(self.model, self.run.findings, self.model.scenario)
        return {(matrix.role, *key): cell for matrix in receptions.matrices() for key, cell in matrix.cells.items()}


def _compared(
    scenario: str,
    chosen: Mapping[str, str],
    parts: tuple[str, ...],
    before: _Side,
    after: _Side,
    effort: Effort,
    flow_limits: Limits | None,
) -> Compared:
    first, second = (Product(side.bare, avoid=side.version.avoid) for side in (before, after))
    limits = None if flow_limits is None else replace(flow_limits, spent=effort.left.spent)
    try:
        flows = difference(first, second, limits=limits)
    except KeyboardInterrupt as error:
        if effort.budget is None:
            raise
        flows = FlowDifference(None, None, 0, 0, reason_of(error))
    if effort.budget is not None:
        effort.budget.note(flows.stopped)
    restricted = bool(before.version.avoid or after.version.avoid)
    return Compared(
        scenario,
        tuple(chosen.items()),
        (before.version.title, after.version.title),
        before.run,
        after.run,
        parts,
        _verdict_changes(before.run, after.run),
        _fates(before, after),
        () if restricted else _cell_changes(before.cells(), after.cells()),
        flows,
        (*after.version.asked, "--scenario", scenario, *after.given()),
    )


def common_scenarios(before: Version, after: Version, names: Iterable[str] | None) -> list[str]:
    """The scenarios asked for, if both texts have them; all that both have where None is asked for. Raises M601."""
    listed = None if names is None else list(names)
    for name in listed or ():
        having = [version for version in (before, after) if name in version.document.scenarios]
        if len(having) == 1:
            message = f"only the text with {having[0].title} has scenario {name}"
            raise ModelError([Problem("M601", None, message, "name one that both texts have")])
    first, second = (known_scenarios(version.document, listed) for version in (before, after))
    return [name for name in first if name in second]


def common_choices(before: Version, after: Version, readings: Mapping[str, Iterable[str]]) -> list[dict[str, str]]:
    """The combinations of values, also of readings and options that only one text has. Raises M309, M310."""
    found: list[dict[str, str]] = [{}]
    for name, values in readings.items():
        document = before.document if has_constant(before.document, name) else after.document
        more = list(combine(document, {name: values}))
        found = [{**row, **one} for row in found for one in more]
    return found


def check_settings(before: Version, after: Version, settings: Mapping[str, str]) -> None:
    """Raise ModelError (M309) for an option or parameter that neither text has."""
    known = {str(name) for v in (before, after) for name in (*v.document.options, *v.document.parameters)}
    for name, value in settings.items():
        if name not in known:
            known_settings(after.document, {name: value})  # says that there is none


def fixed_there(document: Document, chosen: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """The values chosen and set for the constants that a text has."""
    has = {str(name) for name in (*document.readings, *document.options)}
    return {
        **{name: value for name, value in settings.items() if name in has or name in document.parameters},
        **{name: value for name, value in chosen.items() if name in has},
    }


def _parts_changed(before: Document, after: Document) -> tuple[str, ...]:
    old, new = parts_of(before), parts_of(after)
    changed = [f"adds {part}" for part in new if part not in old]
    changed += [f"replaces {part}" for part in new if part in old and old[part] != new[part]]
    return (*changed, *(f"removes {part}" for part in old if part not in new))


def _verdict_changes(before: Run, after: Run) -> tuple[VerdictChange, ...]:
    old, new = ({verdict.id: verdict for verdict in run.verdicts} for run in (before, after))
    names = sorted(dict.fromkeys([*new, *old]), key=lambda name: name.startswith("check."))
    changes = []
    for name in names:
        one, other = old.get(name), new.get(name)
        text = (other or old[name]).text
        change = VerdictChange(name, text, None if one is None else one.status, None if other is None else other.status)
        if change.before != change.after:
            changes.append(change)
    return tuple(changes)


def _fates(before: _Side, after: _Side) -> tuple[tuple[str, Fate], ...]:
    """The transitions that are taken in some run of one version and in none of the other, as declared."""
    old, new = (_declared(side.model) for side in (before, after))
    fates: dict[str, Fate] = {}
    for name in (*new, *(name for name in old if name not in new)):
        was, is_ = name in before.run.findings.fired, name in after.run.findings.fired
        if is_ and not was:
            fates[name] = "alive" if name in old else "new"
        elif was and not is_:
            fates[name] = "dead" if name in new else "gone"
    return tuple(fates.items())


def _declared(model: Model) -> list[str]:
    return [transition.id for role in model.roles for transition in role.transitions]


def _cell_changes(
    before: Mapping[tuple[str, str, str, str], ReceptionCell], after: Mapping[tuple[str, str, str, str], ReceptionCell]
) -> tuple[CellChange, ...]:
    changes = []
    for key in (*after, *(key for key in before if key not in after)):
        one, other = before.get(key), after.get(key)
        change = CellChange(*key, None if one is None else one.answer, None if other is None else other.answer)
        if change.before != change.after:
            changes.append(change)
    return tuple(changes)
