"""The gallery: what each model is found to have, the figures that were published of it, and the flows that are known.

Every scenario is run and held against its line in `tests/snapshots/gallery.txt`; SPIN counts the same in
`conformance/test_spin.py`. Published figures stand here, apart from what we found.
"""

from __future__ import annotations

from collections.abc import Callable

import gallery
import pytest
import tlc_by_hand

from mcfsm.commands.cli import run as main
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve, resolve_all
from mcfsm.model import Model
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import State

KEPT = gallery.kept()
MOST_LINES = 80
# by TLC on the models of tlaplus/Examples: states generated and distinct, depth
COUNTED = [
    ("echo", "three", lambda: tlc_by_hand.echo(), (116, 75, 16)),
    ("chang_roberts", "ring", lambda: tlc_by_hand.chang_roberts(), (227, 137, 10)),
    ("alternating_bit", "two", lambda: tlc_by_hand.alternating_bit(), (1_392, 240, 10)),
    ("paxos", "two_ballots", lambda: tlc_by_hand.paxos(), (23_563, 3_921, 17)),
    ("tcp", "first_opens", lambda: beginning(tlc_by_hand.tcp(together=False), 0), None),
    ("tcp", "second_opens", lambda: beginning(tlc_by_hand.tcp(together=False), 1), None),
    ("lamport_mutex", "early", lambda: tlc_by_hand.lamport_mutex(latest=3), None),
    pytest.param(
        *("lamport_mutex", "three", lambda: tlc_by_hand.lamport_mutex(), (2_729_079, 724_274, 61)),
        marks=pytest.mark.slow,
    ),
]
WITHIN = {"lamport_mutex", "tcp"}  # where a constraint is a boundary here, so that steps beyond it are counted
STILL = {"paxos"}  # where a message that is sent or received again changes nothing, and is a step all the same


def beginning(modelled: tlc_by_hand.Modelled, number: int) -> tlc_by_hand.Modelled:
    """A model that begins in one of its initial states alone."""
    initial, successors, allowed = modelled
    return [initial[number]], successors, allowed


def found(model: str, scenario: str) -> tuple[int, int, int]:
    """States, transitions and depth, as kept."""
    states, transitions, depth = KEPT[model, scenario].split(":")[0].split()[2:]
    return int(states), int(transitions), int(depth)


def test_every_model_is_in_the_gallery() -> None:
    written = {
        (file.stem, model.scenario) for file in gallery.MODELS.glob("*.yaml") for model in resolve_all(read(file))
    }
    assert written == set(gallery.scenarios()) == set(KEPT)


@pytest.mark.parametrize("entry", gallery.ENTRIES, ids=lambda entry: entry.model)
def test_a_model_is_short_names_its_source_and_has_words_for_what_it_does(entry: gallery.Entry) -> None:
    text = gallery.path(entry.model).read_text(encoding="utf-8")
    assert len(text.splitlines()) < MOST_LINES
    assert "\nsource: " in text
    model = resolve_all(read(gallery.path(entry.model)))[0]
    unnamed = [
        line.id
        for role in model.roles
        for line in role.transitions
        if model.labels.label("transition", line.id) is None
    ]
    assert unnamed == []


@pytest.mark.parametrize(
    ("model", "scenario"),
    [pytest.param(*one, marks=[pytest.mark.slow] * (one in gallery.SLOW)) for one in gallery.scenarios()],
)
def test_a_scenario_is_found_as_it_is_kept(model: str, scenario: str) -> None:
    assert gallery.line(model, scenario) == KEPT[model, scenario]


def test_the_page_is_fresh() -> None:
    assert gallery.PAGE.read_text(encoding="utf-8") == gallery.page(KEPT)


@pytest.mark.parametrize(("model", "scenario", "modelled", "published"), COUNTED)
def test_counts_are_those_that_were_published(
    model: str, scenario: str, modelled: Callable[[], tlc_by_hand.Modelled], published: tuple[int, int, int] | None
) -> None:
    """Counted once more without us: each step once, and as a rule those that change something."""
    counted = tlc_by_hand.count(modelled())
    assert published in ((counted.generated, counted.distinct, counted.depth), None)
    steps = counted.steps + (model in WITHIN) * counted.beyond + (model in STILL) * counted.still
    assert found(model, scenario) == (counted.distinct, steps, counted.depth - 1)


def test_the_register_has_the_states_that_stateright_has() -> None:
    assert found("paxos_register", "two_clients")[0] == 16_668


def test_the_connection_has_the_states_that_tlc_has_from_both_beginnings_together() -> None:
    counted = tlc_by_hand.count(tlc_by_hand.tcp())
    assert (counted.generated, counted.distinct, counted.depth) == (6_322, 1_182, 14)
    first, second = (reached(resolve(read(gallery.path("tcp")), name)) for name in ("first_opens", "second_opens"))
    assert (len(first), len(second), len(first & second), len(first | second)) == (832, 832, 482, 1_182)


def reached(model: Model) -> set[State]:
    """The joint states of a model within its boundary, by the definition alone."""
    product = Product(model)
    seen = {product.initial()}
    waiting = [*seen]
    while waiting:
        targets = {step.target for step in product.steps(waiting.pop())}
        new = {target for target in targets - seen if not product.beyond(target)}
        seen |= new
        waiting += new
    return seen


# ---- flows that are known


def flow(capsys: pytest.CaptureFixture[str], model: str, scenario: str, name: str) -> str:
    """The flow of a property at 80 columns, as printed."""
    main(["check", str(gallery.path(model)), "--scenario", scenario, "--property", name])
    return capsys.readouterr().out.split("\n\n")[2]


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_lowe_breaks_needham_schroeder_by_six_messages(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        flow(capsys, "needham_schroeder", "as_published", "bob_is_right")
        == """VIOLATED (expected)  bob_is_right  10 steps, shortest
  When Bob is sure that he talks with Alice she talks with him.
         Alice      Mallory       Bob
     1     o           |           |    begins with whom she likes (user)
           |           |           |    p = Mallory
     2     | Message 1 |           |    reads it
           |---------->|           |    key=Mallory, nonce=Na, name=Alice
     3     |           o           |    opens in a name that he likes
           |           |           |    (environment)
           |           |           |    n = Na
           |           |           |    a = Alice
     4     |           | Message 1 |    answers
           |           |---------->|    key=Bob, nonce=Na, name=Alice
     5     |           | Message 2 |    cannot read it and keeps it
           |           |<----------|    key=Alice, nonce=Na, mine=Nb, name=Bob
     6     |           o           |    sends on what he kept (environment)
           |           |           |    a = Answer(Na, Nb, Bob)
     7     | Message 2 |           |    sees her nonce
           |<----------|           |    key=Alice, nonce=Na, mine=Nb, name=Bob
     8     | Message 3 |           |    reads it
           |---------->|           |    Mallory, Nb
     9     |           o           |    confirms (environment)
           |           |           |    n = Nb
    10     |           | Message 3 |    sees his nonce
           |           |---------->|    Bob, Nb
  after step 10: Alice: peer = Mallory; Bob: sure of his peer, peer = Alice"""
    )


def test_a_call_is_cancelled_while_it_is_answered_as_in_the_figure_of_rfc_5407(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert (
        flow(capsys, "sip_invite", "as_the_rfc", "figure")
        == """PROVED  figure  9 steps, shortest
  After the race the call can be ended, as in the figure of the section.
         Alice                   Bob
     1     o                      |    calls (user)
     2     |------- INVITE ------>|    rings
           |                      |    its message arrives at 4
     3     |                      o    answers (user)
           |                      |    its message arrives at 6
     4     |<---- 180 Ringing ----|    hears it ring
           |                      |    sent at 2
     5     o                      |    gives up (user)
           |                      |    its message arrives at 7
     6     |<-- 200 OK (INVITE) --|    acknowledges the answer that she no
           |                      |    longer wants and hangs up
           |                      |    sent at 3
           |                      |    ACK arrives at 8
           |                      |    BYE arrives at 9
     7     |------- CANCEL ------>|    has answered already
           |                      |    sent at 5
           |<.. 200 OK (CANCEL) ..|    in flight at the end
     8     |-------- ACK -------->|    talks
           |                      |    sent at 6
     9     |-------- BYE -------->|    hangs up
           |                      |    sent at 6
           |<.... 200 OK (BYE) ...|    in flight at the end
  after step 9: Alice: to cancel (What she wants), mortal (Dialog); Bob: over;
  in flight: 200 OK (CANCEL) Bob -> Alice; 200 OK (BYE) Bob -> Alice
  Relies on:
    late_answer: she acknowledges it and hangs up"""
    )


def test_a_window_as_wide_as_the_numbers_takes_an_old_item_for_a_new_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        flow(capsys, "go_back_n", "at", "in_order")
        == """VIOLATED (expected)  in_order  10 steps, shortest
  Items are delivered in order, each once.
         Sender     Receiver
     1     o           |      sends the next item (protocol)
           |           |      its message arrives at 5
     2     o           |      sends the next item (protocol)
           |           |      its message arrives at 8
     3     o           |      sends the next item (protocol)
           |           |      its message arrives at 9
     4     o           |      waits no longer and goes back (environment)
     5     |-- Data -->|      delivers the item
           |           |      1, 1
           |           |      sent at 1
           |           |      its message arrives at 7
     6     o           |      sends the next item (protocol)
           |           |      its message arrives at 10
     7     |<-- Ack ---|      moves its window
           |           |      2
           |           |      sent at 5
     8     |-- Data -->|      delivers the item
           |           |      2, 2
           |           |      sent at 2
           |<.. Ack ...|      0
           |           |      in flight at the end
     9     |-- Data -->|      delivers the item
           |           |      0, 3
           |           |      sent at 3
           |<.. Ack ...|      1
           |           |      in flight at the end
    10     |-- Data -->|      delivers the item
           |           |      1, 1
           |           |      sent at 6
           |<.. Ack ...|      2
           |           |      in flight at the end
  after step 10: user.wrong = true"""
    )


def test_a_server_that_forgets_its_vote_elects_two_leaders(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        flow(capsys, "raft_election", "forgotten", "one_leader")
        == """VIOLATED (expected)  one_leader  8 steps, shortest
  A term has at most one leader.
         Server 1      Server 2      Server 3
     1      o             |             |      stands for election
            |             |             |      (environment)
            |             |             |      RequestVote to Server 3 arrives
            |             |             |      at 3
            | RequestVote |             |      1
            |............>|             |      in flight at the end
     2      |             o             |      stands for election
            |             |             |      (environment)
            |             |             |      RequestVote to Server 3 arrives
            |             |             |      at 7
            | RequestVote |             |      1
            |<............|             |      in flight at the end
     3      | RequestVote |             |      votes in the new term
            |-------------|------------>|      1
            |             |             |      sent at 1
     4      |<--- Vote ---|-------------|      leads
            |             |             |      1
     5      |             |             o      crash, fault
     6      |             |             o      restart (spontaneous)
     7      |             | RequestVote |      votes
            |             |------------>|      1
            |             |             |      sent at 2
     8      |             |<--- Vote ---|      leads
            |             |             |      1
  after step 8: Server 1: leader, term = 1; Server 2: leader, term = 1; Server
  3: follower, term = 1
  Relies on:
    The vote: is forgotten"""
    )


def test_a_late_acknowledgement_loses_an_item_that_is_sent_at_least_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        flow(capsys, "mqtt_qos", "qos_1_any_time", "at_least_once")
        == """VIOLATED (expected)  at_least_once  7 steps, shortest
  When the publisher is ready for the next item, those before it were delivered.
         Publisher       Receiver
     1       o              |      publishes an item (user)
             |              |      its message arrives at 3
     2       o              |      publishes the item again (protocol)
             |              |      its message arrives at 4
     3       |-- PUBLISH -->|      delivers the item and acknowledges it
             |              |      1
             |              |      sent at 1
             |              |      its message arrives at 5
     4       |-- PUBLISH -->|      delivers the item and acknowledges it
             |              |      1
             |              |      sent at 2
             |              |      its message arrives at 7
     5       |<--- PUBACK --|      forgets the item
             |              |      sent at 3
     6       o              |      publishes an item (user)
             |.. PUBLISH ..>|      2
             |              |      in flight at the end
     7       |<--- PUBACK --|      forgets the item
             |              |      sent at 4
  after step 7: Publisher: ready, item = 2; user.had = {1}
  Relies on:
    Quality of service: at least once"""
    )
