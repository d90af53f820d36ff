"""mcfsm monitor: a log in the model, the line at which one leaves it, logs of other forms, and hostile files."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from building import write
from click.testing import CliRunner

from mcfsm.commands import cli
from mcfsm.explore.findings import size_of
from mcfsm.explore.stopping import Stopped
from mcfsm.explore.tapped import TappedModel
from mcfsm.host.memory import resident
from mcfsm.questions import monitor as question

# what is raised in a destructor or a callback of the collector is lost; the watch brings it again
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

TEXT = """
model: orders
domains: {Item: [tea, soup]}
messages: {order: {item: Item, hot?: bool}, ticket: {item: Item}, dish: {item: Item}, bill: {}}
roles:
  guest:
    states: [hungry, waiting, paying]
    initial: hungry
    final: [paying]
    transitions:
    - {trigger: choose, kind: user, source: hungry, dest: waiting, choose: {item: Item}, send: [{order: {to: w, item: item, hot?: true}}]}
    - {trigger: dish, source: waiting}
    - {trigger: bill, source: waiting, dest: paying}
  waiter:
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {trigger: order, send: [{ticket: {to: k, item: msg.item}}, {bill: {to: sender}}]}
  kitchen:
    states: [cooking]
    initial: cooking
    final: [cooking]
    transitions:
    - {trigger: ticket, send: [{dish: {to: g, item: msg.item}}]}
scenarios:
  one: {instances: {g: guest, w: waiter, k: kitchen}, channels: {default: {kind: fifo, bound: 2}}}
"""  # noqa: E501
ORDER = {"sender": "g", "receiver": "w", "message": "order", "elements": {"item": "soup", "hot": True}}
TICKET = {"sender": "w", "receiver": "k", "message": "ticket", "elements": {"item": "soup"}}
BILL = {"sender": "w", "receiver": "g", "message": "bill"}
DISH = {"sender": "k", "receiver": "g", "message": "dish", "elements": {"item": "soup"}}


def log(folder: Path, *records: Any) -> Path:
    file = folder / "log.jsonl"
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def run(folder: Path, *records: Any, options: tuple[str, ...] = ()) -> tuple[int, str, dict[str, Any]]:
    """The exit status of a log held against the model, what is printed, and the JSON."""
    report = folder / "report.json"
    arguments = ["monitor", str(write(TEXT, folder)), str(log(folder, *records)), "--json", str(report), *options]
    found = CliRunner().invoke(cli.group, arguments, standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return int(found.return_value), found.output, json.loads(report.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "records", [(ORDER, TICKET, BILL, DISH), (ORDER, BILL, TICKET), (ORDER, TICKET, DISH, BILL), (ORDER,), ()]
)
def test_a_log_in_the_model(tmp_path: Path, records: tuple[Any, ...]) -> None:
    status, printed, found = run(tmp_path, *records)
    assert (status, found["passed"], found["messages"], found["left"]) == (0, len(records), len(records), None)
    assert "IN THE MODEL" in printed


def test_the_line_that_leaves_it_and_what_was_possible(tmp_path: Path) -> None:
    other = {**DISH, "elements": {"item": "tea"}}
    status, printed, found = run(tmp_path, ORDER, "", BILL, TICKET, other, DISH)
    assert (status, found["passed"], found["left"]["line"]) == (1, 3, 5)
    assert found["left"]["possible"] == ["dish(soup) from k to g"]
    assert found["left"]["all_possible"] is True
    assert f"LEAVES THE MODEL  {tmp_path / 'log.jsonl'}:5  dish(item=tea) from k to g" in re.sub(r"\n *", " ", printed)
    assert [step["transition"] for step in found["trace"]][:2] == ["guest.choose.1", "waiter.order.1"]


CORRUPTED = {**TICKET, "elements": {"item": "tea"}}


@pytest.mark.parametrize("kind", ["fifo", "bag"])
@pytest.mark.parametrize(
    ("faults", "records", "fits"),
    [
        ("corruption: 1", (ORDER, CORRUPTED), True),  # after it was seen
        ("corruption: 1", ({**ORDER, "elements": {"item": "tea", "hot": True}}, TICKET), True),
        ("corruption: 1", (ORDER, TICKET, {**DISH, "elements": {"item": "tea"}}), True),
        ("corruption: 1", (ORDER, ORDER), False),  # there is one, whatever becomes of it
        ("corruption: 1", (ORDER, TICKET, TICKET), False),
        ("duplication: 1", (ORDER, CORRUPTED), False),
        ("duplication: 1", (ORDER, TICKET, TICKET), True),
        ("duplication: 1", (ORDER, TICKET, TICKET, TICKET), False),
    ],
)
def test_what_becomes_of_a_message_that_was_seen(
    kind: str, faults: str, records: tuple[Any, ...], fits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sys.modules[__name__], "TEXT", TEXT.replace("kind: fifo", f"faults: {{{faults}}}, kind: {kind}")
    )
    status, _, found = run(tmp_path, *records)
    assert (status, found["left"] is None) == (0 if fits else 1, fits)


def test_a_message_before_its_cause_leaves_it_at_that_line(tmp_path: Path) -> None:
    status, _, found = run(tmp_path, ORDER, DISH, TICKET)
    assert (status, found["left"]["line"], found["left"]["message"]) == (1, 2, "dish")
    assert found["left"]["possible"] == ["bill() from w to g", "ticket(soup) from w to k"]


def test_what_comes_later_says_nothing_of_the_lines_before(tmp_path: Path) -> None:
    """The waiter sends ticket and bill in one step: the wrong ticket is line 3, and the bill before it is right."""
    status, _, found = run(tmp_path, ORDER, BILL, {**TICKET, "elements": {"item": "tea"}})
    assert (status, found["left"]["line"], found["passed"]) == (1, 3, 2)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({**BILL, "message": "bil"}, "unknown message bil (did you mean bill?)"),
        ({**BILL, "receiver": "x"}, "unknown instance x (known: g, k, w)"),
        ({**BILL, "sender": "g", "receiver": "k"}, "there is no channel from g to k"),
        ({**TICKET, "elements": {"item": "pie"}}, "item of ticket: pie is no value of Item"),
        ({**TICKET, "elements": {}}, "the element item of ticket is never absent"),
    ],
)
def test_what_the_model_does_not_know_leaves_it(tmp_path: Path, record: dict[str, Any], reason: str) -> None:
    status, printed, found = run(tmp_path, ORDER, record)
    assert (status, found["left"]["line"], found["left"]["reason"]) == (1, 2, reason)
    assert reason in printed


def test_a_log_that_was_taken_at_one_instance(tmp_path: Path) -> None:
    """Of what the waiter sends the kitchen nothing is seen; the dish shows that it was sent."""
    assert run(tmp_path, ORDER, DISH, BILL, options=("--tap", "g"))[0] == 0
    status, _, found = run(tmp_path, ORDER, TICKET, DISH, DISH, options=("--tap", "guest"))
    assert (status, found["skipped"], found["left"]["line"]) == (1, 1, 4)


def test_packets_of_tshark(tmp_path: Path) -> None:
    names = tmp_path / "names.yaml"
    names.write_text(
        "sender: [ip_src, tcp_srcport]\nreceiver: [ip_dst, tcp_dstport]\npayload: tcp_payload\n"
        "elements: {item: what}\nmessages: {ORDER: order}\n"
        'instances: {"10.0.0.1:4000": g, "10.0.0.2:80": w, "10.0.0.3:90": k}\n',
        encoding="utf-8",
    )
    ends = {"g": ("10.0.0.1", "4000"), "w": ("10.0.0.2", "80"), "k": ("10.0.0.3", "90")}

    def packet(sender: str, receiver: str, text: str) -> dict[str, Any]:
        (source, out), (target, to) = ends[sender], ends[receiver]
        layers = {"ip_src": [source], "tcp_srcport": [out], "ip_dst": [target], "tcp_dstport": [to]}
        return {"timestamp": "1", "layers": layers | ({"tcp_payload": [text.encode().hex(":")]} if text else {})}

    index = {"index": {"_index": "packets", "_type": "doc"}}
    first, second = '{"message": "ORDER", "wh', 'at": "tea"}\n{"hello": 1}\n'
    packets = [packet("g", "w", first), packet("w", "g", ""), packet("g", "w", second)]
    ticket = packet("w", "k", '{"message": "ticket", "what": "soup"}\n')
    status, _, found = run(tmp_path, index, *packets, index, ticket, options=("--names", str(names)))
    assert (status, found["passed"], found["left"]["line"]) == (1, 1, 6)
    assert found["left"]["possible"] == ["bill() from w to g", "ticket(tea) from w to k"]


def test_fields_of_a_protocol(tmp_path: Path) -> None:
    names = tmp_path / "names.yaml"
    names.write_text("sender: from\nreceiver: to\nmessage: what\nelements: {item: of}\n", encoding="utf-8")
    lines = [
        {"from": "g", "to": "w", "what": "order", "of": ["tea"]},
        {"from": "w", "to": "k", "what": "ticket", "of": "tea"},
    ]
    assert run(tmp_path, *lines, options=("--names", str(names)))[0] == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "the line is no JSON: Expecting property name enclosed in double quotes"),
        ("[1]", "the line is [1], and no JSON object"),
        ('{"sender": "g"}', "the line does not say receiver"),
        ('{"sender": 1.5, "receiver": "w", "message": "order"}', "sender is 1.5, no text"),
        ('{"sender": "g", "sender": "w", "receiver": "w", "message": "order"}', "a key stands there twice"),
        (
            '{"sender": "g", "receiver": "w", "message": "order", "elements": [1]}',
            "elements is [1], and no JSON object",
        ),
        ('{"layers": {}}', "the line is a packet"),
        ("[" * 100_000, "the line is nested too deep"),
        ('{"sender": ' + "1" * 5000 + "}", "the line is no JSON"),
        ("\x00\x01", "the line is no JSON"),
        ("x" * 1_000_001, "a line has at most 1,000,000 characters"),
    ],
    ids=range(11),
)
def test_hostile_lines_are_refused_with_their_place(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(Exception, match=r"log.jsonl:2:1: M904") as caught:
        run(tmp_path, ORDER, line)
    assert said in str(caught.value)


def test_a_log_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mcfsm.language.files import log_file

    monkeypatch.setattr(log_file, "MOST_LINES", 3)
    with pytest.raises(Exception, match=r"log.jsonl:4:1: M904 a log has at most 3 lines"):
        run(tmp_path, ORDER, "", "", TICKET)


def test_exit_statuses_and_texts_of_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = str(write(TEXT, tmp_path))
    assert cli.run(["monitor", model, str(tmp_path / "none.jsonl")]) == 3
    assert "M109" in (said := capsys.readouterr().err)
    assert "1 problem in the log" in said
    assert cli.run(["monitor", model, str(log(tmp_path)), "--tap", "x"]) == 4
    assert "unknown instance x" in (said := capsys.readouterr().err)
    assert "1 problem in what was asked" in said
    names = tmp_path / "names.yaml"
    names.write_text("sender: a\nreceiver: b\n", encoding="utf-8")
    assert cli.run(["monitor", model, str(log(tmp_path)), "--names", str(names)]) == 3
    assert "one of the keys message and payload" in capsys.readouterr().err


def test_too_many_states_are_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mcfsm.explore.tapped import TappedModel

    monkeypatch.setattr(TappedModel.closure, "__kwdefaults__", {"enough": None, "most": 1})
    status, printed, found = run(tmp_path, ORDER, TICKET, BILL)
    assert (status, found["left"]) == (2, None)
    assert "UNDECIDED" in printed
    assert found["undecided"] == "more than 1 states are consistent with what was seen"


def test_every_run_of_a_model_is_in_it(tmp_path: Path) -> None:
    """The messages of random runs, seen at random between their sending and their reception."""
    import random

    from mcfsm.explore.tapped import TappedModel
    from mcfsm.model.wire import to_wire

    path = write(TEXT, tmp_path)
    model = question.one_model(path, properties=[])
    tapped = TappedModel(model, range(len(model.channels)), lambda _: True)
    for seed in range(40):
        chance, records = random.Random(seed), []
        routes = tapped.initial()
        for _ in range(12):
            (here,) = routes
            ahead = tapped.next_seen(routes)
            steps = list(tapped.steps(here))
            if ahead and (not steps or chance.random() < 0.5):
                channel, message = chance.choice(ahead)
                routes = tapped.see(routes, channel, message)
                ends = model.channels[channel].sender, model.channels[channel].receiver
                wire = to_wire(model, *ends, message)
                records.append(
                    {"sender": ends[0], "receiver": ends[1], "message": wire.name, "elements": wire.elements}
                )
            elif steps:
                step, seen = chance.choice(steps)
                routes = {type(here)(step.target, seen): None}
        found = question.monitor(path, log(tmp_path, *records))
        assert (found.passed, found.left) == (len(records), None), records


WIDE = """
model: wide
domains: {wide: 0..40}
messages: {hello: {}, word: {b: wide}}
roles:
  left:
    states: [first, then, last]
    initial: first
    final: [last]
    transitions:
    - {trigger: begin, kind: protocol, source: first, dest: then, send: [{hello: {to: r}}]}
    - {trigger: go, kind: protocol, source: then, dest: last, choose: {b: wide, c: wide, d: wide, e: wide}, conditions: c + d + e < 110, send: [{word: {to: r, b: b}}]}
  right:
    states: [there]
    initial: there
    final: [there]
    ignore: {hello: [there], word: [there]}
scenarios:
  s: {instances: {l: left, r: right}, channels: {default: {bound: 2}}}
"""  # noqa: E501
WORDS = (
    {"sender": "l", "receiver": "r", "message": "hello"},
    {"sender": "l", "receiver": "r", "message": "word", "elements": {"b": 3}},
)


def monitored(folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """The exit status, and the JSON, of two messages of which the second comes of a step with millions of outcomes."""
    report = folder / "report.json"
    status = cli.run(["monitor", str(write(WIDE, folder)), str(log(folder, *WORDS)), "--json", str(report), *options])
    return status, json.loads(report.read_text(encoding="utf-8"))


@pytest.mark.long
def test_one_step_with_millions_of_outcomes_takes_no_more_than_it_may(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    limit = resident() + (32 << 20)
    status, found = monitored(tmp_path, "--max-memory", str(limit))
    why = f"--max-memory {size_of(limit)}"
    assert (status, found["passed"], found["stopped"], found["undecided"]) == (2, 0, why, f"stopped by {why}")
    assert "UNDECIDED" in capsys.readouterr().out
    assert resident() < limit + (64 << 20)


def test_seconds_that_are_over_end_it(tmp_path: Path) -> None:
    status, found = monitored(tmp_path, "--max-seconds", "0.5")
    assert (status, found["stopped"], found["left"], found["exit_status"]) == (2, "--max-seconds 0.5", None, 2)


def test_a_line_that_leaves_the_model_does_so_where_what_was_possible_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = TappedModel.closure

    def closure(model: TappedModel, *given: Any, **named: Any) -> Any:
        if "most" in named:
            raise Stopped("SIGTERM")
        return before(model, *given, **named)

    monkeypatch.setattr(TappedModel, "closure", closure)
    status, _, found = run(tmp_path, ORDER, {**BILL, "message": "bil"})
    assert (status, found["left"]["line"], found["left"]["all_possible"]) == (1, 2, False)
    assert found["stopped"] == "SIGTERM"


def test_more_messages_are_not_taken_back_where_the_second_look_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs have without messages that are not logged stands; whether others have more is not known."""
    other = {**DISH, "elements": {"item": "tea"}}
    before, looked = TappedModel.closure, [0]

    def closure(model: TappedModel, *given: Any, **named: Any) -> Any:
        looked[0] += 1
        if looked[0] > 5:  # four lines, and one of the second look
            raise Stopped("Ctrl-C")
        return before(model, *given, **named)

    monkeypatch.setattr(TappedModel, "closure", closure)
    status, _, found = run(tmp_path, ORDER, BILL, TICKET, other)
    assert (status, found["passed"], found["left"], found["undecided"]) == (2, 3, None, "stopped by Ctrl-C")


def test_a_signal_at_the_first_look_ends_the_second_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, looked = TappedModel.closure, [0]

    def closure(model: TappedModel, *given: Any, **named: Any) -> Any:
        looked[0] += 1
        if looked[0] == 2:
            raise Stopped("SIGTERM")
        return before(model, *given, **named)

    monkeypatch.setattr(TappedModel, "closure", closure)
    status, _, found = run(tmp_path, ORDER, BILL, TICKET)
    assert (status, found["passed"], found["stopped"], looked) == (2, 1, "SIGTERM", [2])
