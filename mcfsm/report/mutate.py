"""What nothing notices, as text and as JSON: the score, then by role a sentence for each change that no verdict sees.

What differs only in the value that stands instead is one sentence; names are shown as words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mcfsm.model.mutants import Mutation
from mcfsm.problems import counted
from mcfsm.questions.mutate import JudgedMutation, Mutated
from mcfsm.report.style import wrapped

FORMAT = 1


def mutate_as_text(found: Mutated, *, width: int, seconds: float) -> RenderableType:
    """The score, what it leaves out, and what nothing notices by role, each change with its clause and transition."""
    parts: list[RenderableType] = []
    scenarios = [model.scenario for model in found.models]
    named = ", ".join(dict.fromkeys(scenarios))
    parts += [Text(f"{found.path}  {'scenario' if len(set(scenarios)) == 1 else 'scenarios'} {named}", style="bold")]
    parts += [wrapped(sentence, width, 0) for sentence in _score(found)]
    unnoticed = [one for one in found.of("unnoticed") if not one.dead]
    if unnoticed:
        parts += [Text(""), wrapped(f"Nothing {_promised(found)} changes if", width, 0, "bold")]
    parts += _by_role(unnoticed, width)
    parts += _dead([one for one in found.of("unnoticed") if one.dead], width)
    undecided = found.of("undecided")
    if undecided:
        parts += [Text(""), Text("It could not be told whether anything changes if", style="bold yellow")]
        parts += _by_role(undecided, width)
        limits = ", ".join(dict.fromkeys(str(one.limit) for one in undecided))
        parts.append(wrapped(f"Stopped by {limits}; raise it.", width, 0, "yellow"))
    parts += [Text(""), Text(f"{counted(len(found.judged), 'mutation')}, {seconds:.1f} s")]
    return Group(*parts)


def mutate_as_json(found: Mutated) -> dict[str, Any]:
    """The same as plain data, every mutation in it. Keys may be added, none changes its meaning or goes away."""
    noticed, unnoticed = len(found.of("noticed")), len(found.of("unnoticed"))
    return {
        "format": FORMAT,
        "model": found.path,
        "scenarios": list(dict.fromkeys(model.scenario for model in found.models)),
        "score": None if noticed + unnoticed == 0 else round(noticed / (noticed + unnoticed), 4),
        "fates": dict(Counter(one.fate for one in found.judged)),
        "violated": list(found.violated),
        "incomplete": [{"scenario": scenario, "property": name} for scenario, name in found.undecided],
        "mutations": [
            {
                "operator": one.mutation.operator,
                "role": one.mutation.role,
                "transition": one.mutation.transition,
                "part": one.mutation.part,
                "instead": one.mutation.instead,
                "message": one.mutation.message,
                "clauses": list(one.transition.clauses),
                "assumption": one.transition.assumption,
                "text": sentence([one]),
                "fate": one.fate,
                "scenario": one.scenario,
                "noticed_by": list(one.by),
                "limit": one.limit,
                "dead": one.dead,
            }
            for one in found.judged
        ],
    }


def _score(found: Mutated) -> Iterator[str]:
    noticed, unnoticed = len(found.of("noticed")), len(found.of("unnoticed"))
    told = noticed + unnoticed
    by = "" if found.asked is None else f" by {', '.join(found.asked)}"
    if told:
        share = _percent(noticed, told)
        yield f"{noticed} of {counted(told, 'mutation')} that change anything are noticed{by} ({share})."
    elif found.of("undecided") or found.undecided:
        yield "Nothing could be told."
    else:
        yield "No mutation changes anything that can be reached."
    unchanged, meaningless = len(found.of("unchanged")), len(found.of("meaningless"))
    more = []
    if unchanged:
        left = f"{unchanged} more {_verb(unchanged, 'leave')} every state and step as it is"
        more.append(f"{left}: nothing can notice {_them(unchanged)}")
    if meaningless:
        more.append(f"{meaningless} {_verb(meaningless, 'make')} no model, as an expression has no value then")
    if more:
        yield f"{'; '.join(more)}."
    first = Counter(name for one in found.of("noticed") for name in one.by)
    if first:
        names = ", ".join(f"{name} ({count})" for name, count in first.most_common())
        yield f"First to notice, several at once among them: {names}."
    if found.violated:
        yield f"Violated by the model itself, so that they notice only what restores them: {', '.join(found.violated)}."
    for scenario, name in found.undecided:
        yield f"{name} of {scenario} is INCOMPLETE by itself: what it would notice is not told."


def _promised(found: Mutated) -> str:
    return "that is promised" if found.asked is None else f"that {' or '.join(found.asked)} says"


def _verb(count: int, verb: str) -> str:
    return f"{verb}s" if count == 1 else verb


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


def _percent(part: int, whole: int) -> str:
    """Rounded, and 100 % only where that is all."""
    return f"{min(round(100 * part / whole), 99) if part < whole else 100} %"


def _by_role(them: Iterable[JudgedMutation], width: int) -> Iterator[RenderableType]:
    """A paragraph for each change, under its role; several that differ in one word are one."""
    alike: dict[tuple[Any, ...], list[JudgedMutation]] = {}
    for one in them:
        alike.setdefault((one.mutation.role, *_sort(one.mutation)), []).append(one)
    role = None
    for (its_role, *_), some in alike.items():
        if its_role != role:
            role = its_role
            yield Text(f"  the {_words(role)}", style="bold")
        yield Padding(wrapped(f"{sentence(some)} {_source(some[0])}", width - 4), (0, 0, 0, 4))


def _dead(them: Iterable[JudgedMutation], width: int) -> Iterator[RenderableType]:
    """What decides nothing, by the message or the role that has it, with the transitions that write it."""
    written: dict[str, dict[str, dict[str, None]]] = {}
    for one in them:
        m = one.mutation
        owner = f"the {_words(m.role)}" if m.message is None else _words(m.message)
        written.setdefault(owner, {}).setdefault(_words(m.part or ""), {})[m.transition] = None
    if written:
        yield Text("")
        yield Text("Nor whatever is in these, on which no condition, receiver or promise depends", style="bold")
    for owner, parts in written.items():
        said = "; ".join(f"{part} ({', '.join(transitions)})" for part, transitions in parts.items())
        yield Padding(wrapped(f"{owner}: {said}", width - 2), (0, 0, 0, 2))


def _sort(mutation: Mutation) -> tuple[Any, ...]:
    """What mutations have alike that are told together: all but what stands instead, and all but which variable."""
    if mutation.operator == "assignment":
        return mutation.transition, mutation.operator, _timed(mutation) and mutation.part
    nth = mutation.nth if mutation.instead is None else 0
    return mutation.transition, mutation.operator, mutation.part, mutation.message, nth


def _timed(mutation: Mutation) -> bool:
    """Whether an assignment starts or stops a timer."""
    return " " in (mutation.part or "")


def sentence(alike: list[JudgedMutation]) -> str:
    """What a role does otherwise, in words that follow its name; of several that are told together."""
    transition = alike[0].transition
    where = f"{'on' if transition.kind == 'reception' else 'at'} {_words(transition.trigger)}"
    return f"{_does([one.mutation for one in alike])}, {where}"


def _does(alike: list[Mutation]) -> str:
    mutation, part = alike[0], alike[0].part or ""
    others = [one.instead for one in alike]
    there = [other for other in others if other is not None]
    instead = _listed(there) if there else ""
    match mutation.operator:
        case "guard":
            return f"does not ask whether {part}"
        case "assignment":
            if _timed(mutation):
                verb, _, timer = part.partition(" ")
                return f"does not {verb} the timer {_words(timer)}"
            return f"does not set {_listed([_words(one.part or '') for one in alike])}"
        case "destination":
            instead = _words(instead)
            return f"goes to {instead}, not to {_words(part)}" if part else f"goes to {instead}, and does not stay"
        case "send":
            return f"does not send {_words(part)}"
        case "element":
            ways = [f"with {instead} as {_words(part)}"] if instead else []
            ways += [f"without {'it' if instead else _words(part)}"] if None in others else []
            return f"sends {_words(mutation.message or '')} {', or '.join(ways)}"


def _listed(words: list[str]) -> str:
    """Words as alternatives: "a, b or c"."""
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _source(one: JudgedMutation) -> str:
    """The clauses of what is changed, or that it is an assumption, and the transition."""
    said = [*one.transition.clauses, *(["assumption"] if one.transition.assumption is not None else [])]
    return f"({', '.join([*said, one.mutation.transition])})"


def _words(name: str) -> str:
    return name.replace("_", " ")
