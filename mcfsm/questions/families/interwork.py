"""Do releases interwork? Every role that a change touches with it and without it, in all combinations.

A mixed model has the roles of either text and the messages of both. An element that only one of the texts has is there
or not as its sender knows it: an older receiver does not see what it does not know, and a newer one that asks for a
mandatory element finds it absent, which is reported with the flow that leads there. A message that its receiver does
not know is an unspecified reception.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from mcfsm.expressions.parse import SourceText
from mcfsm.language.changes.parts import plain, written
from mcfsm.language.files.document import Document, ElementForm, MessageShape, ObserverPart, elements_of
from mcfsm.language.resolving.effects import as_list
from mcfsm.language.resolving.resolve import resolve
from mcfsm.language.resolving.roles import transition_ids
from mcfsm.language.selection import Selection
from mcfsm.model import CHECKS, Model, Status
from mcfsm.problems import ModelError, Problem, Problems
from mcfsm.questions.compare.compare import (
    change_versions,
    check_settings,
    common_choices,
    common_scenarios,
    fixed_there,
)
from mcfsm.questions.families.in_error import InError, noting, told
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.verdict import Run, Verdict

MOST_ROLES = 6  # that a change may touch: 64 combinations
OLD, NEW = "old", "new"


@dataclass(frozen=True)
class Combination:
    """The roles touched, each old or new, and what comes out; `problem` where a value that is needed is not there.

    It has neither where it was not explored, as the question was over.
    """

    roles: tuple[tuple[str, str], ...]
    run: Run | None
    problem: Problem | None

    @property
    def mixed(self) -> bool:
        """Whether some roles are old and some new."""
        return len({version for _, version in self.roles}) > 1

    def status(self, name: str) -> Status | None:
        """The verdict on a property; None where this combination cannot be asked about it."""
        found = [verdict.status for verdict in self.run.verdicts if verdict.id == name] if self.run is not None else []
        return found[0] if found else None


@dataclass(frozen=True)
class Interworking:
    """All combinations for one scenario under one choice of constants: first all roles old, last all new."""

    scenario: str
    chosen: tuple[tuple[str, str], ...]
    versions: tuple[str, str]
    combinations: tuple[Combination, ...]
    only_newer: tuple[str, ...] = ()  # scenarios that the older text lacks, where all were asked for

    @property
    def mixed(self) -> bool:
        """Whether some combination has an older role beside a newer one: not where the change touches one role here."""
        return any(combination.mixed for combination in self.combinations)

    @property
    def names(self) -> tuple[str, ...]:
        """The properties that some combination was asked about, checks last."""
        runs = [combination.run for combination in self.combinations if combination.run is not None]
        names = dict.fromkeys(verdict.id for found in runs for verdict in found.verdicts)
        return tuple(sorted(names, key=lambda name: name.startswith("check.")))

    def broken(self, combination: Combination) -> tuple[Verdict, ...]:
        """What does not hold in a mixed combination although it holds with all roles old and with all new."""
        if not combination.mixed or combination.run is None:
            return ()
        pure = self.combinations[0], self.combinations[-1]
        return tuple(
            verdict
            for verdict in combination.run.verdicts
            if verdict.status not in ("PROVED", "INCOMPLETE")
            and all(one.status(verdict.id) == "PROVED" for one in pure)
        )

    @property
    def works(self) -> bool:
        """Whether every mixed combination holds what both releases hold, with nothing missing."""
        mixed = [combination for combination in self.combinations if combination.mixed]
        return not any(one.problem is not None or self.broken(one) for one in mixed)

    @property
    def complete(self) -> bool:
        """Whether every verdict could be told."""
        runs = [combination.run for combination in self.combinations if combination.run is not None]
        told = all(combination.run is not None or combination.problem is not None for combination in self.combinations)
        return told and not any(verdict.status == "INCOMPLETE" for found in runs for verdict in found.verdicts)


def interwork(
    path: Path | str,
    released: Iterable[str],
    selection: Selection = Selection(),
    *,
    effort: Effort = Effort(),
    errors: list[InError] | None = None,
) -> list[Interworking]:
    """All combinations of the roles that what is released touches, beside other changes, scenario by scenario.

    Scenarios in which either text is in error are noted in `errors`, where it is given and something is answered in
    spite of them. Else raises ModelError for these; and for unknown names, and where the changes touch no role (M318)
    or too many (M104).
    """
    before, after = change_versions(path, released, selection.changes)
    touched = touched_roles(before.document, after.document)
    if not touched:
        raise ModelError(
            [Problem("M318", None, f"{after.title} touches no role of {before.title}", "name another change")]
        )
    if len(touched) > MOST_ROLES:
        message = f"the change touches {len(touched)} roles; at most {MOST_ROLES} are combined"
        raise ModelError([Problem("M104", None, message)])
    check_settings(before, after, selection.settings)
    choices = common_choices(before, after, selection.readings)
    scenarios = common_scenarios(before, after, selection.scenarios)
    newer = [] if selection.scenarios is not None else after.document.scenarios
    only_newer = tuple(str(name) for name in newer if name not in before.document.scenarios)

    noted: list[InError] = []

    def ask(part: tuple[str, dict[str, str]]) -> Iterator[Interworking]:
        scenario, chosen = part
        with noting(noted, scenario, chosen):
            fixed = fixed_there(after.document, chosen, selection.settings)
            combinations = []
            there = _there(touched, after.document, scenario, fixed)
            for versions in product((OLD, NEW), repeat=len(there)):
                roles = dict(zip(there, versions, strict=True))
                mix = mixed(before.document, after.document, roles)
                fixed = fixed_there(mix, chosen, selection.settings)
                combinations.append(_combination(mix, roles, scenario, fixed, effort))
            yield Interworking(
                scenario, tuple(chosen.items()), (before.title, after.title), tuple(combinations), only_newer
            )

    found = list(effort.each([(scenario, chosen) for scenario in scenarios for chosen in choices], ask))
    told(errors, noted, bool(found))
    return found


def _there(touched: tuple[str, ...], text: Document, scenario: str, fixed: Mapping[str, str]) -> tuple[str, ...]:
    """Those of some roles that a scenario has instances of; all, where it has none of any."""
    model = resolve(text, scenario, chosen=fixed, properties=[])
    used = {instance.role for instance in model.instances}
    return tuple(name for name in touched if name in used) or touched


def touched_roles(before: Document, after: Document) -> tuple[str, ...]:
    """The roles that both texts have and that are written otherwise, in order."""
    common = [(str(name), role) for name, role in after.roles.items() if name in before.roles]
    old = {str(name): written(role) for name, role in before.roles.items()}
    return tuple(name for name, role in common if written(role) != old[name])


def mixed(before: Document, after: Document, roles: Mapping[str, str]) -> Document:
    """The newer text with some roles as in the older one, and with all that these may speak of."""
    if OLD not in roles.values():
        return after
    if NEW not in roles.values():
        return before
    messages = {
        name: _elements(before.messages.get(name), after.messages.get(name))
        for name in {**after.messages, **before.messages}
    }
    machines = {name: before.roles[name] if roles.get(name) == OLD else role for name, role in after.roles.items()}
    known = set(transition_ids(machines, Problems()).values())
    kinds = ("items", "readings", "options", "domains")
    return after.but(
        messages=messages,
        roles=machines,
        observers={name: _observing(part, known) for name, part in after.observers.items()},
        **{kind: {**getattr(before, kind), **getattr(after, kind)} for kind in kinds},
    )


def _elements(before: MessageShape | None, after: MessageShape | None) -> dict[SourceText, ElementForm]:
    """The elements of a message of both texts; those that are not mandatory in both are optional."""
    old, new = (None if form is None else elements_of(form) for form in (before, after))
    if old is None or new is None:
        return dict(new or old or {})
    mandatory = {str(name) for name in old} & {str(name) for name in new if not name.endswith("?")}
    known = set(map(plain, new))
    made = {name if name in mandatory else _optional(name): form for name, form in new.items()}
    return made | {_optional(name): form for name, form in old.items() if plain(name) not in known}


def _optional(name: SourceText) -> SourceText:
    return name if name.endswith("?") else SourceText(f"{name}?", name.span)


def _observing(part: ObserverPart, known: set[str]) -> ObserverPart:
    """An observer, less what it sees of transitions that are not there."""
    lines = []
    for line in part.transitions:
        names = as_list(line.on.get("fired")) if isinstance(line.on, dict) else []
        left = [name for name in names if name in known]
        if isinstance(line.on, dict) and len(left) < len(names):
            line = line.but(on={**line.on, "fired": left})
        if left or not names:
            lines.append(line)
    return part.but(transitions=lines)


def _combination(
    mix: Document, roles: Mapping[str, str], scenario: str, fixed: Mapping[str, str], effort: Effort
) -> Combination:
    """One combination explored; what cannot be asked of it is left out, and an absent value that is needed reported.

    Where nothing more is explored, it has neither a run nor a problem.
    """
    named = tuple(roles.items())
    if effort.over is not None:
        return Combination(named, None, None)
    try:
        model = _askable(mix, scenario, fixed, effort.symmetry)
        property_ids = [*(property_.id for property_ in model.properties), *CHECKS]
        found = effort.run(model, property_ids)
    except ModelError as error:
        if len(set(roles.values())) == 1:
            raise
        return Combination(named, None, error.problems[0])
    return Combination(named, found, None)


def _askable(mix: Document, scenario: str, fixed: Mapping[str, str], symmetry: bool) -> Model:
    """The scenario with the properties that can be asked of it: those that read what an older role lacks cannot.

    Several can be asked together if each can be asked alone; where they cannot, either half of them is tried.
    """

    def asked(names: Sequence[str]) -> Model:
        return resolve(mix, scenario, chosen=fixed, properties=names, symmetry=symmetry)

    def askable(names: Sequence[str]) -> list[str]:
        try:
            asked(names)
        except ModelError:
            half = len(names) // 2
            return [*askable(names[:half]), *askable(names[half:])] if half else []
        return list(names)

    return asked(askable([str(name) for name in mix.properties]))
