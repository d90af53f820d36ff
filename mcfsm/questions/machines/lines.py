"""The runs of a machine as the table of a role: a line for each way that a transition goes, with conditions as written.

Runs of one trigger that execute the same transitions from one state to another and send the same are one line where
one assignment describes what they do to the attributes. The conditions of a line tell its values from all others that
the trigger was run with in that state; values that the machine cannot have there are of no matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations, product
from typing import Any

from mcfsm.questions.machines.running import Domain, Ran

Values = tuple[Any, ...]
Word = Callable[[Any], str]
FAILED = "machine_failed"  # the state after a trigger that ended in an exception


def lines_of(runs: Sequence[Ran], attributes: Mapping[str, Domain], word: Word) -> list[dict[str, Any]]:
    """The lines of a table, in the order of the runs. `word` is what a value is called in the language."""
    tried: dict[tuple[str, Any], set[Values]] = defaultdict(set)
    alike: dict[tuple[Any, ...], list[Ran]] = defaultdict(list)
    for ran in runs:
        tried[ran.trigger, ran.before.state].add(ran.before.values)
        if ran.kind in ("moved", "failed"):
            key = (ran.trigger, ran.executed, ran.before.state, ran.after.state, ran.sends, ran.kind, ran.error)
            alike[key].append(ran)
    found = []
    for (trigger, executed, source, dest, sends, kind, error), group in alike.items():
        for part, assigned in _assignments(group, attributes, word):
            line: dict[str, Any] = {"trigger": trigger, "source": source, "executed": executed, "sends": sends}
            line["dest"] = FAILED if kind == "failed" else dest
            line["error"] = error
            conditions = _conditions({ran.before.values for ran in part}, tried[trigger, source], attributes, word)
            found.append(line | {"conditions": conditions, "set": assigned})
    return found


def _assignments(
    group: Sequence[Ran], attributes: Mapping[str, Domain], word: Word
) -> Iterable[tuple[list[Ran], dict[str, str]]]:
    """The runs in parts that one assignment describes, as few as are easily found: by differences, or by constants."""
    whole = _assigned(group, attributes, word)
    if whole is not None:
        yield list(group), whole
        return
    parts: dict[Values, list[Ran]] = defaultdict(list)
    for ran in group:
        pairs = zip(ran.before.values, ran.after.values, strict=True)
        parts[tuple(_difference(old, new) for old, new in pairs)].append(ran)
    for part in parts.values():
        found = _assigned(part, attributes, word)
        if found is not None:
            yield part, found
            continue
        for ran in part:
            alone = _assigned([ran], attributes, word)
            assert alone is not None  # constants describe it
            yield [ran], alone


def _assigned(group: Sequence[Ran], attributes: Mapping[str, Domain], word: Word) -> dict[str, str] | None:
    """One assignment for all of the runs, or None."""
    found: dict[str, str] = {}
    for at, name in enumerate(attributes):
        pairs = {(ran.before.values[at], ran.after.values[at]) for ran in group}
        if all(old == new for old, new in pairs):
            continue
        after = {new for _, new in pairs}
        differences = {_difference(old, new) for old, new in pairs}
        if len(after) == 1:
            found[name] = word(next(iter(after)))
        elif all(isinstance(old, bool) and new is not old for old, new in pairs):
            found[name] = f"not {name}"
        elif len(differences) == 1 and isinstance(next(iter(differences)), int):
            difference = int(next(iter(differences)))
            found[name] = f"{name} {'+' if difference > 0 else '-'} {abs(difference)}"
        else:
            others = (other for i, other in enumerate(attributes)
                      if all(_same(ran.before.values[i], ran.after.values[at]) for ran in group))  # fmt: skip
            other = next(others, None)
            if other is None:
                return None
            found[name] = other
    return found


def _difference(old: Any, new: Any) -> Any:
    """What was added to a number; of anything else what it became, if it did."""
    if old == new:
        return None
    return new - old if _number(old) and _number(new) else str(new)


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _conditions(wanted: set[Values], tried: set[Values], attributes: Mapping[str, Domain], word: Word) -> list[str]:
    """Conditions that hold of the values wanted and of no others that were tried; on as few attributes as it takes."""
    if wanted == tried:
        return []
    names = list(attributes)
    for size in range(1, len(names) + 1):
        for chosen in combinations(range(len(names)), size):
            inside = {tuple(values[i] for i in chosen) for values in wanted}
            outside = {tuple(values[i] for i in chosen) for values in tried - wanted}
            if inside.isdisjoint(outside):
                return _described(inside, outside, [(names[i], attributes[names[i]]) for i in chosen], word)
    raise AssertionError("runs of the same values went different ways")


def _described(
    inside: set[Values], outside: set[Values], chosen: Sequence[tuple[str, Domain]], word: Word
) -> list[str]:
    """A condition for each attribute where that is enough, else one with the combinations."""
    each = [{values[i] for values in inside} for i in range(len(chosen))]
    if set(product(*each)).isdisjoint(outside):
        parts = [
            _one(name, domain, some, {values[i] for values in (*inside, *outside)}, word)
            for i, ((name, domain), some) in enumerate(zip(chosen, each, strict=True))
        ]
        return [part for part in parts if part]
    ordered = sorted(
        inside, key=lambda values: [domain.index(v) for (_, domain), v in zip(chosen, values, strict=True)]
    )
    combined = (
        " and ".join(_equal(name, value, word) for (name, _), value in zip(chosen, values, strict=True))
        for values in ordered
    )
    return [" or ".join(combined)]


def _one(name: str, domain: Domain, some: set[Any], known: set[Any], word: Word) -> str:
    """That an attribute has one of some values, where it has one of those known."""
    if some >= known:
        return ""
    inside = [value for value in domain if value in some and _same_type(value, some)]
    if len(inside) == 1:
        return _equal(name, inside[0], word)
    left = sorted(known - some, key=domain.index)
    if all(map(_number, domain)):
        if all(value > max(inside) for value in left):
            return f"{name} <= {max(inside)}"
        if all(value < min(inside) for value in left):
            return f"{name} >= {min(inside)}"
        if not any(min(inside) < value < max(inside) for value in left):
            return f"{min(inside)} <= {name} <= {max(inside)}"
    if len(left) == 1:
        return f"{name} != {word(left[0])}"
    return f"{name} in {{{', '.join(word(value) for value in inside)}}}"


def _same_type(value: Any, some: set[Any]) -> bool:
    return any(_same(value, one) for one in some)


def _same(value: Any, other: Any) -> bool:
    """Whether two values are one; true is no number here, as it is in Python."""
    return type(value) is type(other) and value == other


def _equal(name: str, value: Any, word: Word) -> str:
    if isinstance(value, bool):
        return name if value else f"not {name}"
    return f"{name} == {word(value)}"
