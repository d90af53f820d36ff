"""States that nothing enters or leaves, lines that can never be enabled, and messages that concern two regions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from mcfsm.expressions import nodes as n
from mcfsm.expressions.evaluate import EvaluationError, compiled
from mcfsm.expressions.nodes import free_names
from mcfsm.language.files.document import Document
from mcfsm.language.files.locations import Places
from mcfsm.model import Guard, Instance, Model, Role, Transition
from mcfsm.problems import Problems


def look(document: Document, models: list[Model], found: Problems) -> None:
    """Note what looks wrong with the states and lines of a document, by all its models."""
    places = Places(document)
    entered: dict[tuple[str, str], bool] = {}
    left: dict[tuple[str, str], bool] = {}
    enabled: dict[str, bool] = {}
    why: dict[str, str] = {}
    both: dict[tuple[str, str], str] = {}
    for model in models:
        for role in model.roles:
            for state, comes, goes in _states(role):
                entered[role.name, state] = entered.get((role.name, state), False) or comes
                left[role.name, state] = left.get((role.name, state), False) or goes
            for first, second in _two_regions(role):
                both.setdefault((first.id, second.id), first.trigger)
        for instance in model.instances:
            for transition in model.role_of[instance.name].transitions:
                reason = _never(transition, instance)
                enabled[transition.id] = enabled.get(transition.id, False) or reason is None
                why.setdefault(transition.id, reason or "")
    for (role_name, state), comes in entered.items():
        if not comes:
            said = f"no transition leads to state {state} of role {role_name}, and it is not initial"
            found.add(
                "M806", places.state(role_name, state), said, "leave it out, or add the transition that enters it"
            )
    for (role_name, state), goes in left.items():
        if not goes:
            said = f"no transition leaves state {state} of role {role_name}, and it is not final"
            found.add("M807", places.state(role_name, state), said, "list it under final, or add the way out")
    for (one, other), message in both.items():
        said = f"{one} and {other} concern different regions, and both take {message}: only one of them fires"
        hint = f"if {message} concerns both regions, make one transition with a map: dest: {{region: state, ...}}"
        found.add("M808", places.transition(other), said, hint)
    for name, possible in enabled.items():
        if not possible:
            said = f"{name} can never be enabled: {why[name]}"
            found.add("M809", places.transition(name), said, "leave it out, or correct its conditions")


def _states(role: Role) -> Iterator[tuple[str, bool, bool]]:
    """Each state: whether anything enters it, and whether anything leaves it or it may be rested in."""
    for index, region in enumerate(role.regions):
        for state in region.states:
            comes = state in region.firsts or any(dict(t.dests).get(index) == state for t in role.transitions)
            goes = state in region.final or any(
                state in dict(t.sources).get(index, {state}) and dict(t.dests).get(index, state) != state
                for t in role.transitions
            )
            yield state, comes, goes


def _two_regions(role: Role) -> Iterator[tuple[Transition, Transition]]:
    """Receptions of one message that name disjoint regions, and that no condition keeps apart."""
    receptions = [t for t in role.transitions if t.kind == "reception"]
    for first, second in combinations(receptions, 2):
        mine, theirs = _regions(first), _regions(second)
        if first.trigger == second.trigger and mine and theirs and not mine & theirs and not _exclude(first, second):
            yield first, second


def _regions(transition: Transition) -> set[int]:
    return {*dict(transition.sources), *dict(transition.dests)}


def _exclude(first: Transition, second: Transition) -> bool:
    """Whether one line wants what the other does not, in the same words."""
    return any(a.node == b.node and a.wanted != b.wanted for a in first.guards for b in second.guards)


def _never(transition: Transition, instance: Instance) -> str | None:
    """Why an instance can never take a line, as far as constants and parameters say; None where it may."""
    constants = {"self": instance.name, "key": instance.key, **dict(instance.parameters)}
    for guard in transition.guards:
        if _constant(guard.node, set(constants)):
            try:
                if bool(compiled(guard.node)(constants)) is not guard.wanted:
                    return f"{guard.text} is {'false' if guard.wanted else 'true'}, whatever happens"
            except EvaluationError:
                continue
    for one, other in combinations(transition.guards, 2):
        if one.node == other.node and one.wanted != other.wanted:
            return _contradiction(one)
    for choice in transition.choices:
        if isinstance(choice.source, n.Constant) and not choice.source.value:
            return f"there is nothing to choose for {choice.name}"
    return None


def _contradiction(guard: Guard) -> str:
    return f"{guard.text} stands under conditions and under unless"


def _constant(node: n.Node, known: set[str]) -> bool:
    """Whether a condition reads nothing but constants and parameters."""
    reads_more = any(isinstance(part, n.Element | n.Present | n.Attribute | n.InFlight) for part in node.walk())
    return not reads_more and set(free_names(node)) <= known
