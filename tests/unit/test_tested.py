"""A system held against its model: what conforms, what is unexpected, when silence tells, and what is left open."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from building import build
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

import mcfsm
from mcfsm.explore.random.session import Session
from mcfsm.expressions.domains import Boolean, Enumeration, Integer, Map, Maybe, Record, SetOf
from mcfsm.model.wire import NotInModel, WireMessage, from_data, from_wire, to_data, to_wire
from mcfsm.problems import ModelError
from mcfsm.semantics.role import Event, RoleMachine

TEXT = """
model: questions, answered in any order and sometimes not
domains: {Word: [a, b], Pair: {word: Word, sure: bool}}
messages: {question: {word: Word}, answer: {pair: Pair, more?: 0..2}, hint: {}, thanks: {}}
roles:
  asker:
    variables: {asked: 0..2 = 0}
    states: [asking]
    initial: asking
    final: [asking]
    transitions:
    - trigger: ask
      kind: user
      choose: {word: Word}
      conditions: asked < 2
      set: {asked: asked + 1}
      send: [{question: {to: s, word: word}}]
    - {trigger: thank, kind: user, conditions: asked == 2, set: {asked: 0}, send: [{thanks: {to: s}}]}
    - {trigger: answer}
    - {trigger: hint}
  answerer:
    variables: {told: "set[Word]"}
    states: [listening]
    initial: listening
    final: [listening]
    transitions:
    - trigger: question
      choose: {sure: bool}
      set: {told: "told | {msg.word}"}
      send: [{answer: {to: sender, pair: "Pair(msg.word, sure)", more?: len(told)}}]
    - {trigger: thanks, set: {told: "{}"}}
    - {trigger: help, kind: user, budget: hints, send: [{hint: {to: c}}]}
scenarios:
  s:
    instances: {c: asker, s: answerer}
    channels: {default: {kind: bag, bound: 3, when_full: block}}
    budgets: {hints: 1}
  ordered: {like: s, channels: {default: {kind: fifo, bound: 3, when_full: block}}}
  always_there: {like: s, channels: {default: {kind: set}}}
"""
Spoil = Callable[[list[WireMessage]], list[WireMessage]]


class Itself:
    """A system that is the model's own instance s: it takes a message at some time, and answers in some way."""

    def __init__(self, scenario: str = "s", spoil: Spoil = list, seed: int | None = 0) -> None:
        self.model = build(TEXT, scenario, whole=False)
        self.machine = RoleMachine(self.model, self.model.instances[1])
        self.spoil, self.chance = spoil, random.Random(seed)
        self.stopped = 0
        self.seed = seed

    def start(self) -> None:
        if self.seed is not None:  # the same in each example
            self.chance.seed(self.seed)
        self.local = self.machine.initial()
        self.waiting: list[WireMessage] = []
        self.sent: list[WireMessage] = []

    def stop(self) -> None:
        self.stopped += 1

    def send(self, message: WireMessage) -> None:
        self.waiting.append(message)

    def receive(self, timeout: float) -> WireMessage | None:
        assert timeout >= 0
        while self.waiting and (not self.sent or self.chance.random() < 0.5):
            at = 0 if self.model.scenario == "ordered" else self.chance.randrange(len(self.waiting))
            _, message = from_wire(self.model, self.waiting.pop(at))
            outcome = self.chance.choice(self.machine.local_step(self.local, Event("c", message)))
            self.local = outcome.local
            self.sent += self.spoil([to_wire(self.model, "s", "c", sent) for _, sent in outcome.sends])
        at = 0 if self.model.scenario == "ordered" else self.chance.randrange(max(1, len(self.sent)))
        return self.sent.pop(at) if self.sent else None


def machine(adapter: Callable[[], Any], scenario: str = "s") -> Any:
    return mcfsm.stateful(build(TEXT, scenario, whole=False), adapter=adapter, under_test=["s"], patience=0, quiet=0)


def failure(adapter: Callable[[], Any], scenario: str = "s", **options: Any) -> Any:
    made = machine(adapter, scenario)
    chosen = settings(made.TestCase.settings, database=None, max_examples=100, **options)
    made.TestCase.settings = chosen
    with pytest.raises(mcfsm.NonConformance) as caught:
        made.TestCase("runTest").runTest()
    return caught.value


@pytest.mark.long
@pytest.mark.parametrize("scenario", ["s", "ordered"])
def test_the_model_conforms_to_itself(scenario: str) -> None:
    system = Itself(scenario, seed=None)  # it answers differently each time
    made = machine(lambda: system, scenario)
    run_state_machine_as_test(
        made, settings=settings(made.TestCase.settings, database=None, max_examples=25, stateful_step_count=20)
    )
    assert system.stopped >= 25  # once in each example


def test_what_the_model_never_says_is_unexpected() -> None:
    error = failure(lambda: Itself(spoil=lambda sent: [WireMessage("s", "c", "answr", each.elements) for each in sent]))
    assert error.kind == "unexpected"
    assert error.reason == "unknown message answr (did you mean answer?)"
    assert len(error.steps) == 1


def test_another_value_is_unexpected_and_what_was_possible_is_said() -> None:
    def other(sent: list[WireMessage]) -> list[WireMessage]:
        return [WireMessage("s", "c", "answer", {"pair": {"word": "a", "sure": True}, "more": 2}) for _ in sent]

    error = failure(lambda: Itself(spoil=other))
    assert error.received == WireMessage("s", "c", "answer", {"pair": {"word": "a", "sure": True}, "more": 2})
    word = error.trace.steps[0].chosen[0][1]
    assert f"answer(Pair({word}, false), 0) from s to c" in error.possible
    assert "hint() from s to c" in error.possible  # nobody knows of the spontaneous
    assert "silence" not in error.possible
    assert error.calls == [f"state.c__ask(word='{word}', at_once=False)"]


def test_an_answer_too_many_is_unexpected() -> None:
    error = failure(lambda: Itself(spoil=lambda sent: sent * 2))
    assert error.kind == "unexpected"
    assert "silence" in error.possible or len(error.steps) > 2


def test_silence_where_an_answer_has_to_come() -> None:
    error = failure(lambda: Itself(spoil=lambda _: []))
    assert (error.kind, error.received, len(error.steps)) == ("silent", None, 1)
    assert str(error).splitlines()[0] == "The system is silent after 1 step, where it has to answer."


def test_silence_is_no_answer_where_every_state_owes_one() -> None:
    """It is heard before the answer was waited for: the question was put at once."""
    tested = machine(lambda: Itself(spoil=lambda _: [])).walk_model
    session = Session(tested.system, tested.adapter, tested.waits)
    session.start()
    move, values = next(iter(session.options()))
    session.take(move, values, at_once=True)
    with pytest.raises(mcfsm.NonConformance) as caught:
        session.silence()
    assert (caught.value.kind, len(caught.value.steps)) == ("silent", 1)


def test_a_message_from_or_to_others_is_unexpected() -> None:
    def astray(sent: list[WireMessage]) -> list[WireMessage]:
        return [WireMessage("c", "s", "question", {"word": "a"}) for _ in sent]

    assert failure(lambda: Itself(spoil=astray)).reason == "c is not under test, or s is"


@pytest.mark.long
def test_answers_out_of_order_are_unexpected_in_a_fifo_only() -> None:
    error = failure(Itself, "ordered", stateful_step_count=10)  # it takes and sends as in a bag
    assert error.kind == "unexpected"
    assert error.received.name == "answer"


@pytest.mark.long
def test_a_hint_may_come_or_not_but_only_once() -> None:
    def with_hints(count: int) -> Spoil:
        return lambda sent: [*([WireMessage("s", "c", "hint")] * count if sent else []), *sent]

    class Once(Itself):
        def start(self) -> None:
            super().start()
            hints = iter([with_hints(1)])
            self.spoil = lambda sent: next(hints, list)(sent)

    made = machine(Once)
    run_state_machine_as_test(made, settings=settings(made.TestCase.settings, database=None, max_examples=10))
    error = failure(lambda: Itself(spoil=with_hints(2)), stateful_step_count=10)
    assert error.received == WireMessage("s", "c", "hint")


def test_the_system_is_stopped_also_where_a_step_fails() -> None:
    class Broken(Itself):
        def send(self, message: WireMessage) -> None:
            raise ConnectionError(str(message))

    system = Broken()
    made = machine(lambda: system)
    with pytest.raises(ConnectionError, match=r"question\(word=[ab]\) from c to s"):
        run_state_machine_as_test(made, settings=settings(made.TestCase.settings, database=None, max_examples=20))
    assert system.stopped > 0


@pytest.mark.parametrize(
    ("names", "scenario", "said"),
    [
        (["server"], "s", "M602 unknown instance server"),
        (["c", "s"], "s", "M905 a system is tested where some instances are under test"),
        ([], "s", "M905 a system is tested where some instances are under test"),
        (["s"], "always_there", "M905 channel s -> c is a set: what was received may come again for ever"),
    ],
)
def test_what_cannot_be_tested_is_said(names: list[str], scenario: str, said: str) -> None:
    with pytest.raises(ModelError, match="^" + said.replace("(", "\\(")):
        mcfsm.stateful(build(TEXT, scenario, whole=False), adapter=Itself, under_test=names)


def test_properties_are_not_asked_of_a_system() -> None:
    with pytest.raises(TypeError, match="properties and checks are asked of a model"):
        mcfsm.stateful(build(TEXT, whole=False), adapter=Itself, under_test=["s"], checks=True)


# Messages as other programs carry them

WORD = Enumeration(("a", "b"), "Word")
DOMAINS = [
    Boolean(),
    Integer(0, 3),
    WORD,
    Maybe(WORD),
    SetOf(WORD),
    Record("Pair", (("word", WORD), ("sure", Boolean()))),
    Map(WORD, Maybe(Integer(0, 1))),
    Maybe(Record("Pair", (("word", Maybe(WORD)), ("words", SetOf(WORD))))),
]


@given(st.sampled_from(DOMAINS), st.randoms())
def test_a_value_comes_back_from_its_data_and_from_its_text(domain: Any, chance: random.Random) -> None:
    value = chance.choice(domain.values)
    assert from_data(domain, to_data(domain, value)) == value
    assert from_data(domain, domain.show(value)) == value


def test_what_is_no_value_is_said() -> None:
    refused = [
        (Boolean(), 1),
        (Integer(0, 3), 4),
        (Integer(0, 3), True),
        (WORD, "c"),
        (WORD, ["a"]),
        (SetOf(WORD), "a"),
    ]
    for domain, data in refused:
        with pytest.raises(NotInModel, match="is no value of"):
            from_data(domain, data)
    with pytest.raises(NotInModel, match="is no value of Pair"):
        from_data(DOMAINS[5], {"word": "a"})


def test_elements_that_are_not_there() -> None:
    model = build(TEXT, whole=False)
    wire = WireMessage("s", "c", "answer", {"pair": "Pair(a, true)", "more": None})
    assert from_wire(model, wire)[1].elements[0] == ("a", True)
    for name, elements, said in (
        ("question", {}, "the element word of question is never absent"),
        ("question", {"wrd": "a"}, "unknown element of question wrd"),
        ("question", {"word": "c"}, "word of question: c is no value of Word"),
    ):
        with pytest.raises(NotInModel, match=said):
            from_wire(model, WireMessage("c", "s", name, elements))
