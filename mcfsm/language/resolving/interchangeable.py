"""Instances that a scenario declares interchangeable: read, and held against everything that would tell them apart.

A property of runs that does is no mistake of a model; it is refused where one scenario is resolved, to be explored.
"""

from __future__ import annotations

from itertools import pairwise

from mcfsm.expressions.domains import Instances, SetOf
from mcfsm.expressions.parse import SourceText
from mcfsm.language.files.document import Document, ScenarioPart
from mcfsm.language.resolving.constants import noted_constant
from mcfsm.language.resolving.declarations import Declarations
from mcfsm.model import Instance, Model
from mcfsm.model.asymmetry import asymmetries, asymmetries_of_runs
from mcfsm.model.permutation import MOST_PERMUTATIONS, count_permutations, neighbours
from mcfsm.problems import Problems, Span

Set = tuple[SourceText, tuple[str, ...]]  # as declared, and its instances in order
_SAME = "write it so that it says the same of all of them, or declare fewer interchangeable"
_EXPLORE = "check it with --no-symmetry, or leave it out of the properties of this scenario"


def interchangeable_sets(
    part: ScenarioPart, instances: list[Instance], made: Declarations, problems: Problems
) -> tuple[Set, ...]:
    """The sets that a scenario declares, less those of one instance, where nothing can change places."""
    index = {instance.name: i for i, instance in enumerate(instances)}
    everybody, found, taken = SetOf(Instances(tuple(index))), [], set[str]()
    for text in part.interchangeable or ():
        value = noted_constant(text, made.scope(), everybody, "a set of interchangeable instances", problems)
        if value is None:
            continue
        places = sorted(index[name] for name in value)
        members = [instances[place] for place in places]
        names = tuple(member.name for member in members)
        if len({member.role for member in members}) > 1:
            message = f"{text} has instances of {' and '.join(sorted({member.role for member in members}))}"
            problems.add("M612", text.span, message, "instances of one role can be interchangeable")
        elif not taken.isdisjoint(names):
            message = f"{min(taken & set(names), key=index.__getitem__)} is in two sets"
            problems.add("M612", text.span, message, "an instance can be in one set of interchangeable instances")
        elif not _side_by_side(places, members):
            message = f"the instances of {text} do not stand side by side"
            hint = "interchangeable instances are members of one group, or alone, one after the other under instances"
            problems.add("M612", text.span, message, hint)
        elif len(names) > 1:
            found.append((text, names))
        taken.update(names)
    return tuple(found)


def _side_by_side(places: list[int], members: list[Instance]) -> bool:
    """Whether some instances follow each other in the scenario, all of one group or each alone."""
    groups, alone = {member.group for member in members}, all(member.key is None for member in members)
    return all(b - a == 1 for a, b in pairwise(places)) and (alone or len(groups) == 1)


def check_interchangeable(model: Model, sets: tuple[Set, ...], document: Document, problems: Problems) -> None:
    """Note what tells instances apart that are declared interchangeable (M613)."""
    if not sets:
        return
    if count_permutations(model) > MOST_PERMUTATIONS:
        message = (
            f"{count_permutations(model):,} permutations of interchangeable instances; at most {MOST_PERMUTATIONS}"
        )
        problems.add("M612", sets[-1][0].span, message, "declare fewer of them interchangeable")
        return
    places = _places(document)
    declared = {name: text for text, names in sets for name in names}
    noted: set[object] = set()
    for exchange in neighbours(model):
        pair = [instance.name for instance in model.instances if instance.name in exchange.names]
        text = declared[pair[0]]
        for place, said in asymmetries(model, exchange):
            if (place or text) not in noted:
                noted.add(place or text)
                span = place if isinstance(place, Span) else places.get(place, text.span)
                message = f"{said}: {' and '.join(pair)} are not interchangeable, as scenario {model.scenario} declares"
                problems.add("M613", span, message, _SAME)


def check_properties_of_runs(model: Model, document: Document) -> None:
    """Raise ModelError (M614) where a property of runs singles out one of those that are explored up to permutation."""
    problems, places = Problems(), _places(document)
    noted: set[object] = set()
    for exchange in neighbours(model) if model.liveness_properties else ():
        pair = [instance.name for instance in model.instances if instance.name in exchange.names]
        for place, said in asymmetries_of_runs(model, exchange):
            if place not in noted:
                noted.add(place)
                assert not isinstance(place, Span)
                message = f"{said}: scenario {model.scenario} explores {' and '.join(pair)} up to permutation"
                problems.add("M614", places.get(place), message, _EXPLORE)
    problems.raise_any()


def _places(document: Document) -> dict[tuple[str, ...], Span]:
    """Where what a resolved model knows by name only is declared."""
    found: dict[tuple[str, ...], Span | None] = {("property", str(name)): name.span for name in document.properties}
    found |= {("message", str(name)): name.span for name in document.messages}
    for kind, parts in (("role", document.roles), ("observer", document.observers)):
        for owner, part in parts.items():
            found |= {(kind, str(owner), str(name)): name.span for name in part.variables}
            found |= {(kind, str(owner), str(name)): name.span for name in getattr(part, "timers", [])}
    return {place: span for place, span in found.items() if span is not None}
