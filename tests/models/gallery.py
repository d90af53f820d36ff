"""What is said of the models of the gallery: what was published of each, and a line for each scenario as it was run.

    python tests/models/gallery.py [MODEL ...]

runs them, all or these, and writes the lines into tests/snapshots/gallery.txt and tables into the page of the gallery.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from mcfsm.language.files.reader import read
from mcfsm.problems import counted
from mcfsm.questions.check import check

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "models" / "gallery"
PAGE = MODELS / "README.md"
LINES = ROOT / "tests" / "snapshots" / "gallery.txt"
BEGIN, END = "<!-- written by make gallery -->\n", "<!-- end of what is written -->\n"
NONE = "no published figure"


@dataclass(frozen=True)
class Entry:
    """A model of the gallery: the scenario whose counts stand in the first table, and what is said of it."""

    model: str
    scenario: str
    published: str
    learns: str


ENTRIES = (
    Entry(
        "echo",
        "three",
        "75 states, depth 16, 116 steps (TLC, MCEcho of tlaplus/Examples)",
        "A wave that comes back tells who began that all were reached, and leaves a tree.",
    ),
    Entry(
        "chang_roberts",
        "ring",
        "137 states, depth 10, 227 steps (TLC, MCChangRoberts of tlaplus/Examples)",
        "A number that comes home around the ring was the lowest, and nobody has to count the stations.",
    ),
    Entry(
        "alternating_bit",
        "two",
        "240 states, depth 10, 1,392 steps (TLC, MCAlternatingBit of tlaplus/Examples)",
        "One bit is enough to tell a new item from an old one, as long as nothing overtakes.",
    ),
    Entry(
        "paxos",
        "two_ballots",
        "3,921 states, depth 17, 23,563 steps (TLC, MCPaxosTiny of tlaplus/Examples)",
        "Who asks a majority before it proposes meets whatever an earlier majority may have chosen.",
    ),
    Entry(
        "paxos_register",
        "two_clients",
        "16,668 states (stateright, paxos.rs)",
        "Whether clients see one register is asked of what they did and read, and not of the servers.",
    ),
    Entry(
        "lamport_mutex",
        "three",
        "724,274 states, depth 61, 2,729,079 steps (TLC, MCLamportMutex of tlaplus/Examples)",
        "Clocks that only count put requests in one order everywhere, without anybody who decides.",
    ),
    Entry(
        "philosophers",
        "in_order",
        f"nobody starves, if the first forks make no circle (1984); {NONE} for one with messages",
        "The same rules starve or feed by how the table is laid, and by who comes first of two that wait.",
    ),
    Entry(
        "raft_election",
        "kept",
        f"at most one leader in a term (figure 3); {NONE} for the election alone",
        "Who forgets in a crash for whom it voted votes twice, and a term has two leaders.",
    ),
    Entry(
        "go_back_n",
        "below",
        f"window ≤ numbers - 1 (Tanenbaum); {NONE}",
        "With as many numbers as the window is wide, an old message is taken for a new one.",
    ),
    Entry(
        "selective_repeat",
        "half",
        f"window ≤ numbers / 2 (Tanenbaum); {NONE}",
        "Who keeps what comes out of order needs twice as many numbers as its window is wide.",
    ),
    Entry(
        "needham_schroeder",
        "as_published",
        f"Lowe's attack, of six messages (1996); {NONE} for this intruder",
        "A proof that both know a secret does not say with whom they share it.",
    ),
    Entry(
        "zafiropulo",
        "as_published",
        f"unspecified receptions (1980, not at hand); {NONE}",
        "Two messages that cross are two cases that the tables of both sides must have.",
    ),
    Entry(
        "x21",
        "known",
        f"errors (West and Zafiropulo, 1978, not at hand); {NONE} for this part",
        "Where a request and its confirmation are one signal, two clearings that cross end by themselves.",
    ),
    Entry(
        "tcp",
        "first_opens",
        "1,182 states, depth 14, 6,322 steps (TLC, MCtcp of tlaplus/Examples); ours, from both beginnings, 1,182",
        "Most of what can go wrong in a connection is in the messages that a state does not expect any more.",
    ),
    Entry(
        "sip_invite",
        "as_the_rfc",
        f"the figure of section 3.1.2; {NONE}",
        "What was cancelled may have been answered, so a caller must be ready to end a call that she gave up.",
    ),
    Entry(
        "mqtt_qos",
        "qos_2",
        NONE,
        "Exactly once takes a memory on both sides, and a name that is not used again too early.",
    ),
    Entry(
        "lease_lock",
        "fenced",
        NONE,
        "A lease frees the lock of who crashed, and does not stop who is only late: the store has to.",
    ),
    Entry(
        "dhcp",
        "apart",
        NONE,
        "Two servers need no agreement as long as they share nothing.",
    ),
)
SLOW = {("lamport_mutex", "three")}


def scenarios() -> list[tuple[str, str]]:
    """Every scenario of every model, in the order of the first table."""
    return [(entry.model, str(name)) for entry in ENTRIES for name in read(path(entry.model)).scenarios]


def path(model: str) -> Path:
    """The file of a model."""
    return MODELS / f"{model}.yaml"


def line(model: str, scenario: str) -> str:
    """A scenario as it is found: counts, verdicts and lengths of flows; of built-in checks those that fail."""
    (run,) = check(path(model), scenarios=[scenario], everything=True).runs
    verdicts = [
        f"{one.id} {one.status}" + (f" {len(one.trace)}" if one.trace is not None else "")
        for one in run.verdicts
        if not (one.id.startswith("check.") and str(one.status) == "PROVED")
    ]
    unmet = [one.id for one in run.verdicts if not one.met]
    assert not unmet, f"{model} {scenario}: {unmet} against expectation"
    found = run.findings
    return f"{model} {scenario} {found.states} {found.transitions} {found.depth}: {', '.join(verdicts)}"


def kept() -> dict[tuple[str, str], str]:
    """The lines of tests/snapshots/gallery.txt, by model and scenario."""
    lines = LINES.read_text(encoding="utf-8").splitlines() if LINES.exists() else []
    return {(one.split()[0], one.split()[1]): one for one in lines}


def tables(lines: dict[tuple[str, str], str]) -> str:
    """Both tables of the page."""

    def counts(model: str, scenario: str) -> str:
        return " | ".join(f"{int(n):,}" for n in lines[model, scenario].split(":")[0].split()[2:])

    def violated(model: str, scenario: str) -> str:
        found = [one.split() for one in lines[model, scenario].split(": ", 1)[1].split(", ")]
        return ", ".join(
            f"`{one[0]}`" + (f" in {counted(int(one[2]), 'step')}" if one[2:] else "")
            for one in found
            if one[1] != "PROVED"
        )

    rows = [
        "| model | lines | states | transitions | depth | the source's figures | what one learns |",
        "|" + "---|" * 7,
    ]
    for one in ENTRIES:
        length = len(path(one.model).read_text(encoding="utf-8").splitlines())
        name = f"[{one.model}]({one.model}.yaml)"
        rows.append(f"| {name} | {length} | {counts(one.model, one.scenario)} | {one.published} | {one.learns} |")
    rows += ["", "Every scenario, and what is violated in it, as it says:", ""]
    rows += ["| model | scenario: what reports call it | states | transitions | depth | violated |", "|" + "---|" * 6]
    called = {one.model: read(path(one.model)).scenarios for one in ENTRIES}

    def name(model: str, scenario: str) -> str:
        label = called[model][scenario].label
        return f"`{scenario}`" if label is None else f"`{scenario}`: {label}"

    rows += [f"| {m} | {name(m, s)} | {counts(m, s)} | {violated(m, s) or 'nothing'} |" for m, s in scenarios()]
    return "\n".join(rows) + "\n"


def page(lines: dict[tuple[str, str], str]) -> str:
    """The page with tables of these lines."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    return f"{before}{BEGIN}\n{tables(lines)}\n{END}{rest.split(END)[1]}"


def main(models: list[str]) -> None:
    """Run scenarios and write what is found."""
    lines = kept()
    found = {one: line(*one) if not models or one[0] in models else lines[one] for one in scenarios()}
    LINES.write_text("".join(f"{one}\n" for one in found.values()), encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
