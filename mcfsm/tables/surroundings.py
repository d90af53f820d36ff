"""What a step does outside its instance: messages go into channels, observers see, a budget is spent.

What may live here: the columns of effects, and whom they are for. What may not: whether the step is possible, and what
becomes of a channel, an observer or a budget by it, which `filling` computes entry by entry.

A column names what is sent or seen, and the class of variants that it is for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mcfsm.expressions import nodes as n
from mcfsm.kernel.arrays import CHAINED, MOST_EFFECTS
from mcfsm.model import Message, Observer, ObserverTransition
from mcfsm.problems import ModelError, Problem
from mcfsm.semantics.asking import Answers, ChannelQuestion
from mcfsm.semantics.observer import Seen
from mcfsm.semantics.transition import Outcome
from mcfsm.tables.components import Components
from mcfsm.tables.interning import Interner
from mcfsm.tables.moves import Effect, Effects
from mcfsm.tables.variant_encoding import VariantClass

VARYING = frozenset({"before", "after"})  # what observers read of the local states of who acts


@dataclass(frozen=True)
class ContentTest:
    """What stands in the place of a message where a channel is only asked: the question, and the answer wanted."""

    question: ChannelQuestion
    answer: int


@dataclass(frozen=True, eq=False)
class Failing:
    """What stands in the place of a message where a step has no value."""

    error: ModelError


class Surroundings:
    """The messages and labels of a family's steps, numbered as they are met, and the subjects of its findings."""

    def __init__(self, components: Components) -> None:
        self.components, self.encoding = components, components.encoding
        self.messages = [Interner() for _ in self.encoding.links]  # of each channel
        self.labels = [Interner() for _ in self.encoding.observers]  # of each observer
        for labels in self.labels:
            labels.intern(None)  # label 0: nothing that concerns the observer
        self._of_budgets: dict[
            tuple[VariantClass, str | None], tuple[Effects, ...]
        ] = {}  # of what is sent and seen by nobody
        self.subjects = Interner()  # (check, subject) of unspecified receptions and overflows
        models, surroundings = self.encoding.models, self.encoding.surroundings
        self._watched = [
            [_watched(models[class_.first].observers[o]) for class_ in classes]
            for o, classes in enumerate(self.encoding.observers)
        ]
        # of each part of the variants that channels and observers tell apart: the class that it is of for each of them
        self._channel_class = [
            [_class_of(classes, part.variants) for classes in self.encoding.channels] for part in surroundings
        ]
        self._observer_class = [
            [_class_of(classes, part.variants) for classes in self.encoding.observers] for part in surroundings
        ]

    def spent(self, budget: str | None) -> tuple[Effect, ...]:
        """The effect of a step that uses a budget up; none where it needs none."""
        return () if budget is None else ((self.components.budgets, self.components.model.budget_of[budget], 0),)

    def effects(
        self,
        class_: VariantClass,
        actor: int,
        budget: str | None,
        seen: Sequence[Seen],
        outcome: Outcome | None = None,
        answers: Answers = (),
    ) -> tuple[Effects, ...]:
        """The effects of a step in a class of variants, for each part of it that channels and observers tell apart.

        `outcome` is that of a step that sends messages, as the first of these variants writes them; `answers` are what
        it asks of channels before, which changes nothing in them.
        """
        if seen or answers or (outcome is not None and outcome.sends):
            return self._effects(class_, actor, budget, seen, outcome, answers)
        found = self._of_budgets.get((class_, budget))
        if found is None:
            found = self._of_budgets[class_, budget] = self._effects(class_, actor, budget, (), None, ())
        return found

    def _effects(
        self,
        class_: VariantClass,
        actor: int,
        budget: str | None,
        seen: Sequence[Seen],
        outcome: Outcome | None,
        answers: Answers,
    ) -> tuple[Effects, ...]:
        first_channel, instances = self.components.first_channel, self.components.instances
        sent = () if outcome is None else self._sent(class_, actor, outcome)
        found = []
        for part, around in enumerate(self.encoding.surroundings):
            variants = class_.variants & around.variants
            if not variants:
                continue
            tests = self._tests(answers)
            effects = list(self.spent(budget))
            for at, message in sent:
                column = self.messages[at].intern((self._channel_class[part][at], message))
                assert outcome is not None
                effects.append((first_channel + at, column, self._overflow(at, variants, actor, outcome)))
            for o, which in enumerate(self._observer_class[part]):
                label = self._label(o, which, seen)
                effects += [(instances + o, label, 0)] if label else []
            if len(effects) + len(tests) > MOST_EFFECTS:
                name = self.components.model.instances[actor].name
                message_ = f"a step of {name} sends or asks for over {MOST_EFFECTS - 2} messages"
                raise ModelError([Problem("M706", None, message_, "let it send fewer at once")])
            changed = [component for component, _, _ in effects]
            touched = sum(1 << component for component in set(changed))
            flags = CHAINED if len(set(changed)) < len(changed) else 0
            found.append(Effects(variants, (*tests, *effects), touched, flags))
        return tuple(found)

    def failing(self, class_: VariantClass, answers: Answers, error: ModelError) -> Effects:
        """What becomes of a step that has no value where channels give some answers: the error, once they do."""
        channel = answers[-1][0].channel
        column = self.messages[channel].intern((0, Failing(error)))
        last = (self.components.first_channel + channel, column, 0)
        return Effects(class_.variants, (*self._tests(answers), last), 0, 0)

    def _tests(self, answers: Answers) -> tuple[Effect, ...]:
        """Effects that change nothing, and are impossible where a channel answers something else."""
        first = self.components.first_channel
        return tuple(
            (first + question.channel, self.messages[question.channel].intern((0, ContentTest(question, answer))), 0)
            for question, answer in answers
        )

    def vary(self, class_: VariantClass, seen: Sequence[Seen]) -> bool:
        """Whether what some observer sees of a step depends on the local states before and after it."""
        return any(
            part.variants & class_.variants and VARYING.intersection(watched.get((event.event, event.name), ()))
            for classes, of in zip(self.encoding.observers, self._watched, strict=True)
            for part, watched in zip(classes, of, strict=True)
            for event in seen
        )

    def _sent(self, class_: VariantClass, actor: int, outcome: Outcome) -> list[tuple[int, Message]]:
        """The messages of an outcome, as the family writes them, and the channels of the family they go into."""
        encoding, model = self.encoding, self.encoding.models[class_.first]
        found = []
        for receiver, message in outcome.sends:
            channel = model.channel_of[model.instances[actor].name, model.instances[receiver].name]
            joint = encoding.encode_channel(class_.first, channel)
            found.append((joint, encoding.encode_message(class_.first, message)))
        return found

    def _overflow(self, channel: int, variants: int, actor: int, outcome: Outcome) -> int:
        """The subject of the overflow that a step would be for some variants alike, if that is an error."""
        variant = (variants & -variants).bit_length() - 1
        own = self.encoding.decode_channel(variant, channel)
        assert own is not None
        product = self.encoding.product(variant)
        return self.subjects.intern(product.overflow(own, actor, outcome)) if product.overflows(own) else 0

    def _label(self, observer: int, which: int, seen: Sequence[Seen]) -> int:
        """What observers of a class see of a step, as a number: 0 where none of it concerns them."""
        watched = self._watched[observer][which]
        kept = tuple(
            (event.event, event.name, tuple((key, event.frame[key]) for key in read if key in event.frame))
            for event in seen
            if (read := watched.get((event.event, event.name))) is not None
        )
        return self.labels[observer].intern((which, kept)) if kept else 0


def _class_of(classes: Sequence[VariantClass], variants: int) -> int:
    """Which of some classes has all of these variants."""
    return next(i for i, class_ in enumerate(classes) if class_.variants & variants)


def _watched(observer: Observer) -> dict[tuple[str, str], list[str]]:
    """The events that an observer has lines for, and the names of their frames that these lines read.

    What they do not read need not tell labels apart.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for line in observer.transitions:
        for name in line.names or {""}:
            found.setdefault((line.event, name), set()).update(_read(line))
    return {event: sorted(read) for event, read in found.items()}


def _read(line: ObserverTransition) -> Iterator[str]:
    """The names of a frame that a line of an observer reads."""
    roots = [guard.node for guard in line.guards]
    roots += [part for a in line.assignments for part in (a.key, a.value) if part is not None]
    for node in (part for root in roots for part in root.walk()):
        match node:
            case n.Read(name=name):
                yield name
            case n.Attribute(moment=moment):
                yield from (moment, "actor")
            case n.Element() | n.Present():
                yield "msg"
