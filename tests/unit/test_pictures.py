"""State diagrams and sequence charts: exact texts in tests/snapshots/pictures, and what holds of every picture.

After a wanted change run pytest once with MCFSM_SNAPSHOTS=write, and look at what git says changed.
"""

import os
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve_all
from mcfsm.model import Model
from mcfsm.pictures.chart import chart
from mcfsm.pictures.diagram import diagram
from mcfsm.pictures.dot import dot_source, embedded_digest, source_digest, stamped
from mcfsm.pictures.flow_text import render_text
from mcfsm.pictures.index import FlowSteps, IndexEntry, index_page, steps_page, written_here
from mcfsm.pictures.mermaid import mermaid_sequence, mermaid_state, state_id, text
from mcfsm.pictures.sequence import Caption
from mcfsm.pictures.text import wrapped
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import Step
from mcfsm.semantics.trace import Received, SentMessage, Trace, TraceStep, describe, replay

SNAPSHOTS = Path(__file__).parent.parent / "snapshots" / "pictures"
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = 'a;b #1; "x" <b>&amp;</b> --> end note \\N \x07 %% [*] -- {y} : z'


@cache
def model(name: str) -> Model:
    """A sample model."""
    return resolve_all(read(SNAPSHOTS / f"{name}_sample.yaml"))[0]


def assert_snapshot(name: str, found: str) -> None:
    """The text must be the one in the file."""
    path = SNAPSHOTS / name
    if os.environ.get("MCFSM_SNAPSHOTS") == "write":
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


def follow(name: str, *wanted: str) -> Trace:
    """The flow of these steps: instance, trigger, and words that its description holds."""
    product = Product(model(name))
    state, taken = product.initial(), list[Step]()
    for words in wanted:
        instance, trigger, *more = words.split()
        for step in product.steps(state):
            said = describe(product, state, step)
            if (said.instance, said.trigger) == (instance, trigger) and all(word in repr(said) for word in more):
                break
        else:
            raise AssertionError(f"no step {words}")
        taken.append(step)
        state = step.target
    return replay(product, taken)


@cache
def flow(name: str) -> tuple[Model, Trace]:
    """A sample flow by name."""
    match name:
        case "redirection":
            return model("migration"), follow(
                "migration",
                *("client(u1) call", "client(u2) migrate 'B'", "server(B) register", "server(A) migrated"),
                *("server(A) call_request", "client(u1) call_redirection kms_uri", "client(u1) call_again"),
                *("client(u2) registered", "server(B) call_request", "environment freeze", "client(u2) call_request"),
                *("server(B) answer", "client(u1) answer"),
            )
        case "in_flight":
            return model("migration"), follow(
                "migration", "client(u1) call", "client(u2) migrate 'B'", "server(B) register"
            )
        case _:
            return model("commit"), follow(
                "commit",
                *("rm(1) prepare", "rm(2) prepare", "rm(3) prepare", "tm prepared rm(2)", "tm prepared rm(1)"),
                *("tm prepared rm(3)", "tm decide", "rm(3) commit", "rm(1) commit"),
            )


def walk(name: str, seed: int, length: int) -> tuple[Model, Trace]:
    """A random flow, the same for the same seed; it freezes late, which leaves room for the rest."""
    choice, product = random.Random(seed), Product(model(name))
    state, taken = product.initial(), list[Step]()
    while len(taken) < length and (steps := product.steps(state)):
        early = [step for step in steps if step.outcome is not None or len(taken) > length // 2]
        taken.append(choice.choice(early or steps))
        state = taken[-1].target
    return model(name), replay(product, taken)


WALKS = [(name, seed) for name in ("migration", "commit") for seed in range(12)]
ROLES = [("migration", "mc_client"), ("migration", "partner"), ("commit", "resource_manager")]
FLOWS = ["redirection", "in_flight", "commit"]


def step(instance: str, receives: Received | None, *sends: SentMessage, **more: Any) -> TraceStep:
    """A step of a flow made up for a test."""
    fields = {"transition": "t", "trigger": "trigger", "kind": "user", "clause": None, "assumption": None, **more}
    return TraceStep(instance=instance, receives=receives, sends=sends, changes=(), chosen=(), **fields)


def made_up(*steps: TraceStep) -> Trace:
    """A flow of such steps."""
    return Trace(steps, (), ())


# ---- exact texts


@pytest.mark.parametrize(("name", "role"), ROLES)
def test_state_diagrams_are_the_ones_looked_at(name: str, role: str) -> None:
    drawn = diagram(model(name), next(r for r in model(name).roles if r.name == role))
    assert_snapshot(f"{role}.dot", dot_source(drawn))
    assert_snapshot(f"{role}.mmd", mermaid_state(drawn))


@pytest.mark.parametrize("name", FLOWS)
def test_charts_are_the_ones_looked_at(name: str) -> None:
    of, trace = flow(name)
    assert_snapshot(f"{name}.txt", render_text(trace, of) + "\n")
    assert_snapshot(f"{name}_80.txt", render_text(trace, of, width=80) + "\n")
    assert_snapshot(f"{name}.sequence.mmd", mermaid_sequence(trace, of, title=name))


# ---- the records of a state diagram


def test_a_transition_of_two_regions_stands_whole_in_the_first_and_as_a_reference_in_the_second() -> None:
    registration, call = diagram(model("migration"), model("migration").roles[0]).regions
    first = next(e for e in registration.edges if e.dest == "home")
    assert first.sources == ("served",)
    assert [part.text for part in first.labels[0].parts] == [
        "power_off (environment)",
        "[call: in_call]",
        "serving := A",
        "call becomes idle",
    ]
    second = next(e for e in call.edges if e.sources == ("in_call",))
    assert [part.text for part in second.labels[1].parts] == ["power_off (environment)", "as in registration, to home"]


def test_transitions_without_a_move_are_rows_and_those_from_anywhere_have_no_source() -> None:
    call = diagram(model("migration"), model("migration").roles[0]).regions[1]
    assert [(row.states, [label.parts[0].text for label in row.labels]) for row in call.rows] == [
        (("idle", "in_call"), ["? call_request", "? answer"]),
        (("redirected",), ["? call_redirection"]),
    ]
    assert [(edge.sources, edge.dest) for edge in call.edges] == [
        ((), "idle"),
        (("idle",), "calling"),
        (("calling",), "redirected"),
        (("calling", "redirected"), "in_call"),
        (("redirected",), "calling"),
        (("in_call",), "idle"),
    ]


def test_long_labels_wrap_at_blanks_and_lose_nothing() -> None:
    assert wrapped("every manager that is prepared has voted for it", 20) == [
        "every manager that",
        "is prepared has",
        "voted for it",
    ]
    assert wrapped("home := msg.partner_mc_service_id.system", 24) == [
        "home :=",
        "msg.partner_mc_service_",
        "id.system",
    ]
    assert wrapped("Registration request (Id(u2, B), Id(u2, A))", 32) == [
        "Registration request (Id(u2, B),",
        "Id(u2, A))",
    ]
    assert wrapped("Registration request (Id(u2, B), Id(u2, A))", 31) == [
        "Registration request",
        "(Id(u2, B), Id(u2, A))",
    ]
    assert wrapped("x" * 45, 40) == ["x" * 40, "x" * 5]
    assert wrapped("") == [""]


# ---- the records of a chart


def test_a_reception_is_matched_with_its_sending() -> None:
    of, trace = flow("commit")
    made = chart(trace, of)
    arrows = [(s.number, s.receives.sent) for s in made.steps if s.receives]
    assert arrows == [(4, 2), (5, 1), (6, 3), (8, 7), (9, 7)]
    assert [arrow.received for arrow in made.steps[6].sends] == [9, None, 8]
    assert [arrow.delayed for arrow in made.steps[6].sends] == [True, False, False]


def test_equal_messages_of_a_fifo_are_received_in_the_order_sent() -> None:
    message = {"message": "answer", "elements": ()}
    sends, receives = SentMessage(receiver="server(A)", **message), Received(sender="client(u1)", **message)
    made = chart(
        made_up(step("client(u1)", None, sends, sends), step("server(A)", receives), step("server(A)", receives)),
        model("migration"),
    )
    assert [s.receives.sent for s in made.steps if s.receives] == [1, 1]
    assert [arrow.received for arrow in made.steps[0].sends] == [2, 3]


def test_only_those_who_take_part_have_a_lifeline() -> None:
    assert chart(flow("redirection")[1], model("migration")).participants == (
        "client(u1)",
        "client(u2)",
        "server(A)",
        "server(B)",
    )


def test_a_lost_message_is_marked_and_matched_with_no_reception() -> None:
    sends = SentMessage("answer", "server(A)", (), lost=True)
    trace = made_up(step("client(u1)", None, sends))
    lines = render_text(trace, model("migration")).splitlines()
    assert lines[-1].split() == ["|..", "answer", "..x|", "lost:", "the", "channel", "is", "full"]
    assert "p1-xp2: answer" in mermaid_sequence(trace, model("migration"))


def test_the_freeze_alone_has_no_lifelines() -> None:
    trace = follow("migration", "environment freeze")
    said = "   1  The environment freezes: users and the environment do nothing more."
    assert render_text(trace, model("migration")) == said
    assert mermaid_sequence(trace, model("migration")) == "sequenceDiagram\n"


# ---- what holds of every chart


@pytest.mark.parametrize(("name", "seed"), WALKS)

# ---- hostile texts


def hostile() -> Trace:
    """A flow whose elements and triggers are meant to break a picture."""
    elements = (("caller", HOSTILE), ("called", "y" * 300))
    sends = SentMessage("call_request", "server(A)", elements)
    receives = Received("call_request", "client(u1)", elements)
    return made_up(
        step("client(u1)", None, sends, trigger=HOSTILE, clause=HOSTILE), step("server(A)", receives, kind="reception")
    )


def test_hostile_texts_stay_text_in_mermaid() -> None:
    drawn = mermaid_sequence(hostile(), model("migration"), title=HOSTILE)
    assert len(drawn.splitlines()) == 6
    assert drawn.splitlines()[3] == (
        "    Note over p1,p2: a#59;b #35;1#59; #34;x#34; #60;b#62;#38;amp#59;#60;/b#62; #45;#45;#62; end#32;note #92;N"
        " #65533; #37;#37; [*]<br/>#45;#45; {y} #58; z"
    )
    assert text("one\n two") == "one two"


def test_hostile_texts_do_nothing_to_a_terminal() -> None:
    drawn = render_text(hostile(), model("migration"))
    assert drawn.replace("\n", "").isprintable()
    assert drawn.count("y") >= 300


def test_identifiers_of_different_states_differ() -> None:
    assert state_id("end") == "s_end"
    assert len({state_id(name) for name in ("a:b", "a_x3a_b", "a b", "a.b", "a_b")}) == 5


# ---- digests


def test_a_digest_counts_only_before_the_first_element() -> None:
    forged = "<svg><!-- mcfsm-source sha256:" + "0" * 64 + " --></svg>"
    assert embedded_digest(forged) is None
    assert embedded_digest(stamped(forged, "source")) == source_digest("source")


def test_a_page_of_pictures_is_known_again() -> None:
    entry = IndexEntry("a", ("a.svg",), "role a", "in s")
    assert written_here(index_page("T", [entry], []))
    assert written_here(steps_page("T", [FlowSteps("f", Caption("f"), ("a calls b",))]))
    assert not written_here("# T\n\nsomebody's own\n")
