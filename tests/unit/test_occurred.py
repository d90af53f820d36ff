"""What occurred in a search, and the matrix of receptions made of it: which messages meet which local states."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from building import build, write
from rich.console import Console

from mcfsm.commands.cli import run
from mcfsm.explore import exhaustive, reference
from mcfsm.explore.findings import Findings, Limits
from mcfsm.language.selection import Selection
from mcfsm.model import Model
from mcfsm.questions.receptions import ReceptionMatrix, Receptions, receptions
from mcfsm.report.receptions import as_text
from mcfsm.verdicts.run import Effort

MAIL = """
messages: {first: {}, second: {n: 0..1}, third: {}}
roles:
  talker:
    states: [s0, s1, s2, s3]
    initial: s0
    final: [s0, s1, s2, s3]
    transitions:
    - {trigger: one, kind: user, source: s0, dest: s1, send: [{first: {to: l}}]}
    - {trigger: two, kind: user, source: s1, dest: s2, choose: {x: 0..1}, send: [{second: {to: l, n: x}}]}
    - {trigger: three, kind: user, source: s2, dest: s3, send: [{third: {to: l}}]}
  listener:
    states: [busy, open, shut]
    initial: busy
    final: [busy, open, shut]
    transitions:
    - {trigger: free, kind: user, source: busy, dest: open}
    - {trigger: second, source: open, dest: shut, conditions: msg.n == 1}
    - {trigger: third, source: open, dest: busy}
    LISTED
scenarios: {s: {instances: {t: talker, l: listener}, channels: {default: CHANNEL}}}
"""


def mail(channel: str = "{bound: 3}", listed: str = "") -> Model:
    return build(MAIL.replace("CHANNEL", channel).replace("    LISTED\n", f"    {listed}\n" if listed else ""))


def met(findings: Findings, instance: int = 1) -> set[str]:
    """The messages that met an instance, each with the state it met."""
    return {
        f"{local.states[0]} {event.message.name}{''.join(map(str, event.message.elements))}"
        for local, event in findings.visited.inspected[instance]
    }


def matrix(model: Model, *, limits: Limits | None = None) -> ReceptionMatrix:
    """The listener's matrix."""
    found = Receptions()
    found.take_in(model, reference.explore(model, full=True, limits=limits), "s")
    return found.matrices(["listener"])[0]


def cells(matrix: ReceptionMatrix) -> dict[str, list[str]]:
    """Message to what becomes of it, state by state."""
    ((region, states),) = matrix.regions
    return {m: [matrix.cells[region, state, m].answer for state in states] for m in matrix.messages}


@pytest.mark.parametrize("explore", [reference.explore, exhaustive.explore])
def test_a_fifo_shows_its_first_message_and_what_is_deferred_before_it(explore: Callable[..., Findings]) -> None:
    full = {"full": True}
    assert met(explore(mail(), **full)) == {"busy first", "open first"}
    deferring = mail(listed="defer: {first: [busy, open, shut]}")
    assert met(explore(deferring, **full)) == {
        *("busy first", "open first", "shut first", "busy second0", "busy second1"),
        *("open second0", "open second1", "shut third"),
    }
    ignoring = mail(listed="ignore: {first: [busy, open]}")
    assert met(explore(ignoring, **full)) == {
        *("busy first", "open first", "busy second0", "busy second1", "open second0", "open second1", "shut third"),
    }


@pytest.mark.parametrize(
    ("kind", "never"), [("bag, bound: 3", {"shut second0", "shut second1"}), ("set", {"shut second0"})]
)
def test_a_bag_and_a_set_show_everything(kind: str, never: set[str]) -> None:
    names = ("first", "second0", "second1", "third")
    found = met(reference.explore(mail(f"{{kind: {kind}}}"), full=True))
    assert found == {f"{state} {name}" for state in ("busy", "open", "shut") for name in names} - never


@pytest.mark.parametrize("explore", [reference.explore, exhaustive.explore])
def test_the_local_states_are_those_of_states_expanded(explore: Callable[..., Findings]) -> None:
    def states(instance: int, **options: object) -> set[str]:
        return {local.states[0] for local in explore(mail(), full=True, **options).visited.locals[instance]}

    assert states(0) == {"s0", "s1", "s2", "s3"}
    assert states(1) == {"busy", "open"}
    assert states(0, limits=Limits(max_depth=1)) == {"s0", "s1"}
    assert states(0, limits=Limits(max_depth=0)) == {"s0"}


def test_the_cells_of_a_matrix() -> None:
    assert cells(matrix(mail(listed="ignore: {first: [busy, shut]}"))) == {
        "first": ["ignored", "unspecified", "unreachable"],
        "second": ["unspecified", "partly", "unreachable"],
        "third": ["unreachable", "unreachable", "unspecified"],
    }
    deferring = matrix(mail(listed="defer: {first: [busy, open], second: [busy]}"))
    assert cells(deferring) == {
        "first": ["deferred", "deferred", "unspecified"],
        "second": ["deferred", "partly", "unreachable"],
        "third": ["unspecified", "unreachable", "unreachable"],
    }
    witness = deferring.cells["state", "open", "second"].witness
    assert witness is not None
    assert (witness.instance, witness.message, witness.local) == ("l", "second(0)", (("state", "open"),))
    assert witness.refusals == ("listener.second.1: msg.n == 1 is false",)
    assert [step.transition for step in witness.trace.steps] == ["talker.one.1", "talker.two.1", "listener.free.1"]


def test_on_a_set_a_refusal_is_no_finding() -> None:
    found = matrix(mail("{kind: set}"))
    assert cells(found) == {
        "first": ["refused", "refused", "refused"],
        "second": ["refused", "handled or refused", "refused"],
        "third": ["refused", "handled", "refused"],
    }
    assert found.witnesses() == []


@pytest.mark.parametrize(
    ("kind", "arrivals", "down"),
    [("fifo", "lost", "lost"), ("fifo", "wait", "waits"), ("bag", "lost", "lost"), ("set", "lost", "waits")],
)
def test_who_crashed_has_a_column(kind: str, arrivals: str, down: str) -> None:
    channel = f"{{kind: {kind}{'' if kind == 'set' else ', bound: 3'}}}"
    crash = f"channels: {{default: {channel}}}, crash: {{l: {{budget: 1, arrivals: {arrivals}}}}}"
    text = MAIL.replace("channels: {default: CHANNEL}", crash).replace("LISTED", "ignore: {first: [busy, open, shut]}")
    found = matrix(build(text))
    assert found.regions == (("state", ("busy", "open", "shut", "down")),)
    assert [cells(found)[message][-1] for message in found.messages] == [down, down, down]
    nobody = matrix(build(text.replace("budget: 1", "budget: 0")))
    assert nobody.regions == (("state", ("busy", "open", "shut")),)


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_a_matrix_with_many_states_is_whole_at_any_width(width: int) -> None:
    names = [f"registering_{'abcdefgh'[i]}" for i in range(8)]
    states = f"states: [busy, open, shut, {', '.join(names)}]\n    initial: busy"
    text = MAIL.replace("CHANNEL", "{bound: 3}").replace("    LISTED\n", "")
    text = text.replace("states: [busy, open, shut]\n    initial: busy", states)
    console = Console(width=width, file=io.StringIO(), highlight=False)
    console.print(as_text([matrix(build(text))], width=width))
    printed = console.file.getvalue()
    assert "\N{HORIZONTAL ELLIPSIS}" not in printed
    assert all(name in printed for name in names)


def test_the_matrix_of_who_crashed_as_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = MAIL.replace("CHANNEL}", "{bound: 3}}, crash: {l: 1}").replace("LISTED", "ignore: {first: [busy, open]}")
    both = text.replace("scenarios: {s:", "scenarios: {w: {like: s, crash: {l: {budget: 1, arrivals: wait}}}, s:")
    assert run(["receptions", str(write(both, tmp_path)), "--role", "listener"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.rstrip() for line in lines[:8]] == [
        "Nothing answers in 3 of 7 cells, and for some values only in 1 more.",
        "",
        "role listener   receptions in w; s",
        "  state    busy          open      shut          down",
        "  " + "─" * 60,
        "  first    ignored       ignored   -             lost or waits",
        "  second   unspecified   partly    -             lost or waits",
        "  third    unspecified   handled   unspecified   lost or waits",
    ]


def test_a_search_that_stopped_claims_nothing_unreachable() -> None:
    found = matrix(mail(listed="ignore: {first: [busy, shut]}"), limits=Limits(max_depth=2))
    assert found.stopped == "--max-depth 2"
    assert cells(found) == {
        "first": ["ignored", "unspecified", "not seen"],
        "second": ["not seen", "not seen", "not seen"],
        "third": ["not seen", "not seen", "not seen"],
    }


def test_scenarios_are_taken_together_and_both_explorers_say_the_same(tmp_path: Path) -> None:
    text = MAIL.replace("CHANNEL", "{bound: 3}").replace("LISTED", "ignore: {first: [busy, shut]}")
    bag = "scenarios: {b: {like: s, channels: {default: {kind: bag, bound: 3}}}, "
    path = write(text.replace("scenarios: {", bag), tmp_path)
    (talker, together) = receptions(path)
    assert (talker.role, talker.messages, together.scenarios) == ("talker", (), ("b", "s"))
    assert cells(together) == cells(receptions(path, roles=["listener"], effort=Effort(engine="reference"))[0])
    assert cells(together)["third"] == ["unspecified", "handled", "unspecified"]
    assert cells(receptions(path, Selection(scenarios=["s"]), roles=["listener"])[0])["third"] == [
        "unreachable",
        "unreachable",
        "unspecified",
    ]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(write(MAIL.replace("CHANNEL", "{bound: 3}").replace("LISTED", "ignore: {first: [busy]}"), tmp_path))
    assert run(["receptions", path, "--role", "listener", "--json", "-"]) == 0
    (role,) = json.loads(capsys.readouterr().out)["roles"]
    assert (role["role"], role["complete"], role["regions"]) == ("listener", True, {"state": ["busy", "open", "shut"]})
    (cell,) = (cell for cell in role["cells"] if (cell["state"], cell["message"]) == ("open", "second"))
    assert (cell["answer"], cell["witness"]["refusals"]) == ("partly", ["listener.second.1: msg.n == 1 is false"])
    assert len(cell["witness"]["trace"]) == 4
    assert run(["receptions", path, "--max-states", "2"]) == 2
    text = capsys.readouterr().out
    assert "  not complete: stopped by --max-states 2; ? has not been seen, and may occur\n" in text
    assert "  third    ?      ?      ?\n" in text
    assert "never occurs" not in text
    assert run(["receptions", path, "--role", "listner"]) == 4
    assert "unknown role listner in these scenarios\n  hint: did you mean listener?" in capsys.readouterr().err
