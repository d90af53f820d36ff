"""What every explorer must agree on with `reference.explore`: counts, flows, faults, coverage, and errors.

`assert_conforms(explore, model)` puts the same questions to both and raises `Difference` with all that differs. The
questions are asked in three ways: everything; what can be decided early, one by one and together; and without some of
the transitions that flows go through. Where a search stops with an error, the other has to stop with one of that level.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mcfsm.explore import reference
from mcfsm.explore.findings import Explorer, Findings, Limits, Visited
from mcfsm.model import CHECKS, Model
from mcfsm.problems import ModelError
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import PropertyMonitor
from mcfsm.semantics.steps import Expansion, State, Step
from mcfsm.semantics.trace import replay

COUNTED = ("states", "beyond", "transitions", "depth", "complete", "stopped", "fired", "coverage")


class Difference(AssertionError):
    """An explorer found something else than the reference explorer; the message says what."""


@dataclass(frozen=True)
class Question:
    """What an explorer is asked: the arguments of one call."""

    asked: tuple[str, ...] | None = None  # None: everything there is
    everything: bool = False
    avoid: frozenset[str] = frozenset()

    def put(self, explore: Explorer, model: Model, **options: Any) -> Findings | str:
        """The findings, or the code of the error that stops the search."""
        try:
            return explore(model, property_ids=self.asked, full=self.everything, avoid=self.avoid, **options)
        except ModelError as error:
            return error.problems[0].code

    def __str__(self) -> str:
        parts = ["everything" if self.everything else "until decided"]
        parts += [] if self.asked is None else [f"asked {', '.join(self.asked) or 'nothing'}"]
        parts += [f"without {', '.join(sorted(self.avoid))}"] if self.avoid else []
        return "; ".join(parts)


@dataclass(frozen=True)
class Expected:
    """A question and the reference explorer's answer: findings, or the code of an error."""

    question: Question
    answer: Findings | str


def expectations(model: Model, *, most_states: int | None = None) -> list[Expected] | None:
    """The questions to put to an explorer of a model, with the answers. None where there are more states than that."""
    first = Question(everything=True)
    whole = first.put(reference.explore, model, limits=Limits(max_states=most_states))
    if not isinstance(whole, str) and not whole.complete:
        return None
    found = [Expected(first, whole)]
    for question in further(model, whole):
        found.append(Expected(question, question.put(reference.explore, model)))
    return found


def further(model: Model, whole: Findings | str) -> Iterator[Question]:
    """What else to ask of a model: all until decided, the latest decided thing alone, and with detours."""
    yield Question()
    if isinstance(whole, str):
        return
    flows = {**whole.paths, **{fault.check: fault.path for fault in reversed(whole.faults)}}
    if flows:
        latest = max(flows, key=lambda name: (len(flows[name]), name))
        yield Question(asked=(latest,))
        used = [name for name in names(model, flows[latest]) if name]
        if used:
            yield Question(avoid=frozenset(used[-1:]), everything=True)
    if len(flows) > 1:
        shown = tuple(name for name in [*CHECKS, *(p.id for p in model.state_properties)] if name in flows)
        yield Question(asked=shown)


def names(model: Model, path: Sequence[Step]) -> list[str]:
    """The transitions of a flow by id."""
    product = Product(model)
    found = [product.transition(s.instance, s.outcome) for s in path if s.outcome is not None]
    return [transition.id for transition in found if transition is not None]


def assert_conforms(
    explore: Explorer, model: Model, *, expected: Iterable[Expected] | None = None, **options: Any
) -> None:
    """An explorer agrees with the reference on one model. Raises Difference where it does not.

    `options` are passed on to `explore`, as `workers=2`. `expected` is what `expectations(model)` gave, where it is at
    hand; it serves for several checks of one model.
    """
    for one in expected if expected is not None else expectations(model) or []:
        answer = one.question.put(explore, model, **options)
        told = list(differences(model, one.answer, answer))
        if (
            told
            and isinstance(answer, str)
            and isinstance(one.answer, str)
            and answer in first_errors(model, one.question)
        ):
            continue  # another error of the same level
        if told:
            with_options = f" with {options}" if options else ""
            lines = "\n  ".join(told)
            raise Difference(f"{model.name}, scenario {model.scenario}, {one.question}{with_options}:\n  {lines}")


def first_errors(model: Model, question: Question) -> frozenset[str]:
    """The codes of all errors on the first level that has one, of which an explorer may report any."""
    product = Product(model, avoid=question.avoid)
    asked = [p for p in model.state_properties if question.asked is None or p.id in question.asked]
    level, seen = list(product.beginnings), set(product.beginnings)
    while level:
        found: set[str] = set()
        following: dict[State, None] = {}
        for state in level:
            for look in (*(PropertyMonitor(model, p).decides for p in asked), product.expand):
                try:
                    expansion = look(state)
                except ModelError as error:
                    found.add(error.problems[0].code)
                else:
                    steps = expansion.steps if isinstance(expansion, Expansion) else ()
                    following.update(dict.fromkeys(step.target for step in steps if step.target not in seen))
        if found:
            return frozenset(found)
        seen.update(following)
        level = list(following)
    return frozenset()


def differences(model: Model, wanted: Findings | str, answer: Findings | str) -> Iterator[str]:
    """What an answer has otherwise than the reference, a sentence each."""
    if isinstance(wanted, str) or isinstance(answer, str):
        if wanted != answer:
            yield f"{_ending(answer)}, expected {_ending(wanted)}"
        return
    for name in COUNTED:
        mine, theirs = getattr(answer, name), getattr(wanted, name)
        if mine != theirs:
            yield f"{name} is {_shown(mine)}, expected {_shown(theirs)}"
    if answer.visited != wanted.visited:
        yield from _visited(model, wanted.visited, answer.visited)
    for name in sorted({*wanted.paths, *answer.paths}):
        yield from _flow(model, name, wanted.paths.get(name), answer.paths.get(name))
    theirs = [(fault.check, fault.subject) for fault in wanted.faults]
    mine = [(fault.check, fault.subject) for fault in answer.faults]
    if mine != theirs:
        yield f"faults are {mine}, expected {theirs}"
        return
    for fault, other in zip(wanted.faults, answer.faults, strict=True):
        yield from _flow(model, f"{fault.check} ({fault.subject})", fault.path, other.path)


def _visited(model: Model, wanted: Visited, answer: Visited) -> Iterator[str]:
    """Where the local states that occurred differ, or the messages that met them: how many, and one of them."""
    for kind in ("locals", "inspected"):
        pairs = zip(model.instances, getattr(answer, kind), getattr(wanted, kind), strict=True)
        for instance, mine, theirs in pairs:
            if mine != theirs:
                one = min(mine ^ theirs, key=repr)
                yield f"{kind} of {instance.name} are {len(mine)}, expected {len(theirs)}; they differ in {one}"


def _flow(model: Model, name: str, wanted: tuple[Step, ...] | None, answer: tuple[Step, ...] | None) -> Iterator[str]:
    if wanted == answer:
        return
    if wanted is None or answer is None:
        yield f"{name} is {_decided(answer)}, expected {_decided(wanted)}"
    elif len(wanted) != len(answer):
        yield f"the flow to {name} has {len(answer)} steps, expected {len(wanted)}"
    else:
        yield f"the flow to {name} is {_words(model, answer)}, expected {_words(model, wanted)}"


def _words(model: Model, path: tuple[Step, ...]) -> str:
    """A flow in one line, or why it is none."""
    try:
        steps = replay(Product(model), path).steps
    except Exception as error:  # whatever an explorer under test made of it
        return f"one that cannot be replayed ({error})"
    return ", ".join(f"{step.instance} {step.transition}" for step in steps)


def _decided(path: tuple[Step, ...] | None) -> str:
    return "not decided" if path is None else f"decided after {len(path)} steps"


def _ending(answer: Findings | str) -> str:
    return f"the error {answer}" if isinstance(answer, str) else f"{answer.states} states"


def _shown(value: Any) -> str:
    return ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)
