"""What things are called: labels where there are some, else ids; the sentence of a step; and that no digest minds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from building import build, run, write

from mcfsm.language.changes.apply import apply
from mcfsm.language.files.document import Document
from mcfsm.language.files.reader import read_baseline
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model import Model
from mcfsm.model.digest import digest, meaning
from mcfsm.model.labels import by_id, with_article
from mcfsm.pictures.diagram import diagram
from mcfsm.pictures.ending import ending_of
from mcfsm.semantics.product import Product
from mcfsm.semantics.sentence import choices, first_values, in_full, sentence
from mcfsm.semantics.trace import Received, SentMessage, Trace, TraceStep, describe

LABELLED = """
domains: {System: [A, B]}
readings: {refusing: {label: Refusals, text: Whether it refuses., default: may, values: {may: , never: }, labels: {may: servers may refuse}}}
messages:
  request: {label: Call request, who?: {type: phone, label: Calling user}}
  released: {unnamed: true, clauses: x, label: Release, elements: {}}
  answer: {}
roles:
  phone:
    label: Phone
    peers: {server: System}
    states: [idle, calling]
    labels: {calling: waiting for an answer}
    initial: idle
    final: [idle]
    transitions:
    - {id: call, trigger: call, kind: user, label: asks for a call, source: idle, dest: calling, send: [{request: {to: "{server(A), server(B)}"}}]}
    - {id: again, trigger: again, kind: user, source: idle, dest: calling, send: [{request: {to: server(B)}}]}
    - {id: sulk, trigger: sulk, kind: user, source: idle}
    - {id: done, trigger: answer, source: calling, dest: idle}
    ignore: {answer: [idle], released: [idle, calling]}
  exchange:
    label: MC system
    states: [ready]
    initial: ready
    final: [ready]
    transitions:
    - {id: refuse, trigger: request, label: looks for the user, under: {refusing: may}}
    - {id: accept, trigger: request, send: [{answer: {to: sender}}]}
    - {id: release, trigger: go, kind: user, send: [{released: {to: alice}}]}
properties:
  waits: {label: Somebody waits, text: It can wait., reachable: alice.state == calling}
scenarios:
  s:
    label: Two systems
    instances: {alice: {role: phone, label: Alice}, bob: phone, server: {label: Servers, A: exchange, B: {role: exchange, label: Visited system}}}
    channels: {default: {kind: fifo, bound: 1}}
  crowd:
    instances: {alice: {role: phone, label: UE}, bob: {role: phone, label: UE}, server: {A: exchange, B: exchange}}
    channels: {default: {kind: bag, bound: 1, faults: {loss: 1, duplication: 1}}}
    crash: {server(A): 1}
"""  # noqa: E501


@pytest.fixture
def model() -> Model:
    return build(LABELLED)


def test_everything_is_called_by_its_label(model: Model) -> None:
    words = model.labels
    assert words.scenario("s") == "Two systems"
    assert words.role("exchange") == "MC system"
    assert (words.state("phone", "calling"), words.state("phone", "idle")) == ("waiting for an answer", "idle")
    assert [words.instance(instance.name) for instance in model.instances] == [
        "Alice",
        "bob",  # two phones: Phone would be both
        "Servers A",
        "Visited system",
    ]
    assert words.group("server") == "Servers"
    assert [words.message(name) for name in ("request", "released", "answer")] == ["Call request", "Release", "answer"]
    assert words.element("request", "who") == "Calling user"
    assert [words.transition(name) for name in ("call", "again")] == ["asks for a call", "again"]
    assert (words.constant("refusing"), words.value("refusing", "may")) == ("Refusals", "servers may refuse")
    assert words.value("refusing", "never") == "never"
    assert words.property("waits") == "Somebody waits"


def test_inside_by_id_nothing_has_a_label(model: Model) -> None:
    with by_id():
        assert model.labels.instance("alice") == "alice"
        assert model.labels.message("request") == "request"
        assert model.labels.label("transition", "call") is None
    assert model.labels.instance("alice") == "Alice"


def test_figures_say_readings_and_states_by_label(model: Model) -> None:
    def basis() -> list[str]:
        lines = diagram(model, model.roles[1]).regions[0].rows[0].labels
        return [part.text for line in lines for part in line.parts if part.style == "basis"]

    product = Product(model)
    steps, end = run(product, "alice call")
    begun = product.initial()
    calling = Trace(tuple(describe(product, begun, step) for step in steps), tuple(steps), (begun, end))
    ending = ending_of(model, calling, "waits", broken=False)
    assert basis() == ["Refusals: servers may refuse"]
    assert ending.values == (("alice", ("waiting for an answer",)),)  # no word for the only region there is
    with by_id():
        assert basis() == ["refusing=may"]
        assert ending_of(model, calling, "waits", broken=False).values == (("alice", ("state: calling",)),)


def test_what_would_read_alike_has_its_id_behind() -> None:
    words = build(LABELLED, "crowd").labels
    assert [words.instance(name) for name in ("alice", "bob")] == ["UE (alice)", "UE (bob)"]
    assert [words.instance(name) for name in ("server(A)", "server(B)")] == ["MC system A", "MC system B"]


def test_a_group_that_is_counted_has_its_numbers_behind() -> None:
    text = """
    roles: {guest: {states: [in_], initial: in_}, host: {label: Host, states: [in_], initial: in_}}
    scenarios: {s: {instances: {visitor: {role: guest, label: Visitor, count: 2}, landlord: host}}}
    """
    words = build(text).labels
    names = ("visitor(1)", "visitor(2)", "landlord")
    assert [words.instance(name) for name in names] == ["Visitor 1", "Visitor 2", "Host"]


def test_labels_are_in_no_digest(model: Model) -> None:
    plain = LABELLED
    for label in (
        "    label: Phone\n",
        "    labels: {calling: waiting for an answer}\n",
        "label: asks for a call, ",
        "label: Call request, ",
        "    label: Two systems\n",
        "label: Somebody waits, ",
    ):
        assert label in plain
        plain = plain.replace(label, "")
    bare = build(plain)
    assert bare.labels != model.labels
    assert (digest(bare), meaning(bare), bare) == (digest(model), meaning(model), model)


CHANGE = """
change: wording
title: other words
edits:
- replace: {labels: {phone: {calling: on hold}}, elements: {request: {label: Private call request}}}
- add: {labels: {phone: {idle: at rest}, refusing: {never: no server refuses}}, transitions: {phone: [{id: hang, label: hangs up, trigger: hang, kind: user, source: calling, dest: idle}]}}
- replace: {transitions: {phone: [{id: call, trigger: call, kind: user, source: idle, dest: calling}]}}
"""  # noqa: E501
REMOVAL = """
change: no_waiting
title: nobody waits
edits:
- remove: {states: {phone: [calling]}, values: {refusing: [may]}, transitions: {exchange: [refuse]}}
"""


def document_with(folder: Path, change: str, name: str) -> Document:
    (folder / "change.yaml").write_text(change, encoding="utf-8")
    return apply(read_baseline(write(LABELLED + "changes: [change.yaml]\n", folder)), [name])


def test_a_change_gives_replaces_and_keeps_labels(tmp_path: Path) -> None:
    words = resolve(document_with(tmp_path, CHANGE, "wording"), "s").labels
    assert (words.state("phone", "calling"), words.state("phone", "idle")) == ("on hold", "at rest")
    assert words.message("request") == "Private call request"
    assert (words.value("refusing", "never"), words.value("refusing", "may")) == (
        "no server refuses",
        "servers may refuse",
    )
    assert [words.transition(name) for name in ("hang", "call")] == ["hangs up", "call"]


def test_what_a_change_removes_takes_its_label_along(tmp_path: Path) -> None:
    document = document_with(tmp_path, REMOVAL, "no_waiting")
    assert [list(part.labels) for part in document.roles.values()] == [[], []]
    assert [list(part.labels) for part in document.readings.values()] == [[]]


def told(model: Model, *names: str) -> list[str]:
    """The sentences of a run."""
    product, found = Product(model), list[str]()
    steps, _ = run(product, *names)
    state = product.initial()
    for step in steps:
        found.append(sentence(model, describe(product, state, step)))
        state = step.target
    return found


def test_a_step_is_a_sentence_with_its_messages(model: Model) -> None:
    assert told(model, "alice call", "server(A) accept", "alice done") == [
        "Alice asks for a call and sends a Call request to Servers A and Visited system.",
        "On the Call request from Alice, Servers A sends an answer to Alice.",
        "Alice takes the answer from Servers A.",
    ]
    assert told(model, "server(A) release", "alice ignore") == [
        "Servers A (go) sends a Release to Alice.",
        "Alice ignores the Release from Servers A.",
    ]
    assert told(model, "bob again", "server(B) refuse") == [
        "bob (again) sends a Call request to Visited system.",
        "On the Call request from bob, Visited system looks for the user.",
    ]
    assert told(model, "bob sulk") == ["bob: sulk."]


def test_a_step_in_full_says_what_its_messages_carry(model: Model) -> None:
    received = Received("request", "alice", (("who", "alice"),))
    step = TraceStep("server(A)", "accept", "request", "reception", None, None, received, (), (), ())
    said = "On the Call request from Alice, Servers A"
    assert (
        in_full(model, step) == "Servers A takes the Call request from Alice (Call request with Calling user = alice)"
    )
    bare = replace(step, transition="refuse", receives=replace(received, elements=()))
    assert in_full(model, bare) == f"{said} looks for the user"


def test_a_step_in_full_says_what_it_sends_too(model: Model) -> None:
    product = Product(model)
    (step, *_), _ = run(product, "alice call")
    assert in_full(model, describe(product, product.initial(), step)) == (
        "Alice asks for a call and sends a Call request to Servers A and Visited system"
    )
    carrying = replace(
        describe(product, product.initial(), step), sends=(SentMessage("request", "bob", (("who", "bob"),)),)
    )
    assert in_full(model, carrying).endswith("(Call request with Calling user = bob)")


def test_what_goes_wrong_is_a_sentence_too() -> None:
    model = build(LABELLED, "crowd")
    names = "alice again", "environment loss", "environment crash", "server(A) restart"
    assert told(model, *names) == [
        "UE (alice) (again) sends a Call request to MC system B.",
        "The Call request from UE (alice) to MC system B is lost.",
        "MC system A crashes.",
        "MC system A restarts.",
    ]
    assert told(model, "alice call", "environment crash", "server(A) lost")[2:] == [
        "The Call request from UE (alice) is lost: MC system A is down.",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Registration request", "a Registration request"),
        ("answer", "an answer"),
        ("MC system", "an MC system"),
        ("KMS URI", "a KMS URI"),
        ("user", "a user"),
        ("unsuccessful end", "an unsuccessful end"),
        ("A", "an A"),
    ],
)
def test_articles(words: str, said: str) -> None:
    assert with_article(words) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("{a, b}", "w = {First, b}"),
        ("{}", "w = {}"),
        ("none", "w = none"),
    ],
)
def test_instances_that_a_step_chooses_are_called_by_their_labels(value: str, said: str) -> None:
    model = build("""
        roles:
          node:
            variables: {seen: "set[node]?"}
            states: [x]
            initial: x
            transitions: [{trigger: look, kind: user, choose: {w: "set[node]?"}, set: {seen: w}}]
        scenarios: {s: {instances: {a: {role: node, label: First}, b: node}}}
    """)
    product = Product(model)
    state = product.initial()
    told = [describe(product, state, step) for step in product.steps(state) if step.instance == 0]
    (step,) = (one for one in told if one.chosen == (("w", value),))
    assert choices(model, step) == [said]


@pytest.mark.parametrize(("regions", "said"), [("", "Node 1: ready"), ("OTHER", "Node 1: Mains: ready")])
def test_a_beginning_names_the_region_where_there_are_several(regions: str, said: str) -> None:
    text = """
        roles:
          node:
            regions:
              power: {label: Mains, states: [off, on], labels: {on: ready}, initial: [off, on]}
              OTHER
            transitions: [{trigger: go, kind: user, source: {power: off}, dest: {power: on}}]
        scenarios: {s: {instances: {i: {role: node, label: Node 1}}}}
    """
    other = "other: {states: [p, q], initial: p}"
    product = Product(build(text.replace("OTHER", other if regions else "")))
    told = [describe(product, product.initial(), step) for step in product.steps(product.initial())]
    assert said in [part for step in told for part in first_values(product.model, step)]


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("asks", "asks and sends"),
        ("asks, as it must", "asks, as it must; it sends"),
        ("asks and waits", "asks and waits; it sends"),
    ],
)
def test_what_is_sent_is_said_apart_where_the_label_is_long(label: str, said: str) -> None:
    text = """
        messages: {m: {}}
        roles:
          r:
            states: [x]
            initial: x
            transitions: [{trigger: go, kind: user, label: "LABEL", send: [{m: {to: j}}]}, {trigger: m}]
        scenarios: {s: {instances: {i: r, j: r}, channels: {default: {kind: fifo, bound: 1}}}}
    """
    assert told(build(text.replace("LABEL", label)), "i r.go.1")[0].startswith(f"i {said} ")
