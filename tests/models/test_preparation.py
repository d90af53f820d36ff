"""models/mc_migration where a migration is prepared: verdicts, flows judged by hand, and planted mistakes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from mission import planted, run
from preparation import RUNS
from shared_runs import first_flows

from mcfsm.model import CHECKS
from mcfsm.semantics.trace import Trace, TraceStep
from mcfsm.verdicts.verdict import Run

ONE = "preparation_one_partner"


def told(found: Run) -> str:
    """Each verdict with the length of its flow; of the built-in checks those that do not hold."""
    return ", ".join(
        f"{verdict.id} {verdict.status}" + ("" if verdict.trace is None else f" {len(verdict.trace)}")
        for verdict in found.verdicts
        if not (verdict.id in CHECKS and verdict.status == "PROVED")
    )


def size(found: Run) -> tuple[int, int, int]:
    """States, transitions, depth."""
    return found.findings.states, found.findings.transitions, found.findings.depth


LARGE = {"preparation_two_partners", "preparation_at_the_partner", "preparation_on_a_journey"}  # over 200,000 states


def sized(rows: Iterable[Any]) -> list[Any]:
    """Rows of scenarios, of which the large ones are for the slow run."""
    return [
        pytest.param(*row, id=f"{row[0]}-{row[1]}", marks=[pytest.mark.slow] if row[0] in LARGE else []) for row in rows
    ]


@pytest.mark.parametrize(("scenario", "reading", "counts", "lines"), sized(RUNS))
def test_counts_and_verdicts(scenario: str, reading: str, counts: tuple[int, int, int], lines: str) -> None:
    found = run(scenario, reading)
    assert (size(found), found.findings.complete) == (counts, True)
    assert told(found) == lines
    assert [verdict.id for verdict in found.verdicts if not verdict.met] == []


def test_who_logs_off_has_no_permission_left() -> None:
    """Else it would ask for the material of no MC system, which no message can say."""
    assert "C-RG12" in run(ONE, "confirmed", asked=[("log_off", "may")]).findings.fired


# ---- flows, judged by hand


class Story:
    """What happened in a flow so far, told by its messages and by the states that change."""

    def __init__(self) -> None:
        self.states = {"client(u2)": "served", "server(A)": "home", "server(B)": "absent", "server(C)": "absent"}
        self.record: str | None = "A"
        self.live = ["A"]  # registrations as the servers have them, the newest first
        self.newest = "A"
        self.registered = {"A"}  # as the client has them
        self.target: str | None = None
        self.keys: set[str] = set()
        self.asked: list[str] = []  # requests on their way
        self.granted: set[str] = set()
        self.promise: str | None = None
        self.order: str | None = None
        self.certificate = 0
        self.flying: list[str] = []
        self.outdated = self.missed = self.replaced = False

    def take(self, step: TraceStep) -> None:
        """One step: what is received, what changes, what is sent."""
        known = self.record == self.newest
        if step.fault is not None and step.fault.message is not None:
            self.flying.remove(step.fault.message)
        if step.receives is not None:
            self.flying.remove(step.receives.message)
            self.receive(step)
        missed = step.instance == "client(u2)" and step.receives is not None and not step.changes
        if missed and step.receives is not None and step.receives.message == "migration_command":
            self.missed |= self.states["client(u2)"] == "served"
        for change in step.changes:
            self.change(change.instance, change.name, change.after)
        if step.receives is not None and step.receives.message == "migration_notification":
            self.outdated |= known and self.record != self.newest
        for sent in step.sends:
            self.flying.append(sent.message)
            self.send(step, sent.message, dict(sent.elements))

    def receive(self, step: TraceStep) -> None:
        assert step.receives is not None
        elements = dict(step.receives.elements)
        if step.receives.message == "migration_request":
            self.asked.append(elements["system"])

    def change(self, instance: str, name: str, after: str) -> None:
        if name in ("state", "registration"):
            self.states[instance] = after
            if instance == "server(A)" and after != "migrated":
                self.record = "A" if after == "home" else None
        elif (instance, name) == ("server(A)", "migrated_to") and after != "none":
            self.record = after
        elif (instance, name) == ("idms(A)", "certificate"):
            self.certificate = int(after)
        elif (instance, name) == ("client(u2)", "target"):
            self.target = None if after == "none" else after
        elif (instance, name) == ("client(u2)", "registered"):
            lost = self.registered - elements_of(after)  # with a word or without, as where coverage is lost
            self.live = [other for other in self.live if other not in lost]
            self.registered = elements_of(after)
        elif (instance, name) == ("client(u2)", "valid_keys"):
            self.keys = elements_of(after)

    def send(self, step: TraceStep, message: str, elements: dict[str, str]) -> None:
        if message == "deregister":
            gone = system(elements["mc_service_id"])
            self.live = [other for other in self.live if other != gone]
        if message == "registration_response":
            self.newest = system(elements["mc_service_id"])
            self.live = [self.newest, *(other for other in self.live if other != self.newest)]
            self.promise = self.order = None
        if message == "migration_response":
            answered = self.asked.pop()
            if elements["granted"] == "true":
                self.promise = answered
                self.granted.add(answered)
        if message == "migration_command":
            self.order = elements["system"]
        if message == "access_token" and step.receives is not None:
            used = dict(step.receives.elements).get("security_token")
            self.replaced |= used is not None and int(used) != self.certificate

    @property
    def quiet(self) -> bool:
        """Nothing that authenticates, registers, de-registers or reports is on its way, or to be sent by the client."""
        return self.states["client(u2)"] not in ("detached", "authenticated") and not UNDER_WAY & set(self.flying)

    @property
    def serving(self) -> int:
        """How many MC systems take themselves to serve the user."""
        partners = sum(self.states[f"server({key})"] == "serving" for key in "BC")
        return partners + (self.states["server(A)"] == "home")

    @property
    def underway(self) -> bool:
        return self.states["client(u2)"] not in ("served", "dual", "rejected")


def system(shown: str) -> str:
    """The system of an ID as shown: Id(u2, B)."""
    return shown.removesuffix(")").split(", ")[1]


def elements_of(shown: str) -> set[str]:
    """The elements of a set as shown: {A, B}, or System where it has all values."""
    return {"A", "B", "C"} if shown == "System" else {one for one in shown.strip("{}").split(", ") if one}


UNDER_WAY = {
    *("security_token_request", "security_token", "authentication_request", "access_token", "authentication_reject"),
    *("registration_request", "registration_response", "deregister", "migration_notification"),
    *("migration_service_authorization_request", "migration_service_authorization_response"),
}
BROKEN: dict[str, Callable[[Story], bool]] = {
    "K1": lambda s: bool(s.live) and s.record != s.live[0],
    "K2": lambda s: s.quiet and bool(s.live) and s.record != s.live[0],
    "K3": lambda s: s.quiet and s.record is not None and s.record not in s.live,
    "K5": lambda s: s.outdated,
    "K6": lambda s: s.quiet and s.live[:1] == ["A"] and s.record != "A",
    "K7": lambda s: s.quiet and not s.live and s.record is not None,
    "K10": lambda s: s.quiet and s.states["client(u2)"] == "served" and s.serving > 1,
    "S4": lambda s: not s.registered <= s.granted | {"A"},
    "S6": lambda s: s.replaced,
    "M1": lambda s: s.underway and s.target != "A" and s.target not in s.keys,
    "M3": lambda s: len(s.live) > 2,
    "M5": lambda s: s.missed,
    "M6": lambda s: None not in (s.promise, s.order) and s.promise != s.order,
}
FLOWS = [
    (scenario, reading, line.split()[0])
    for scenario, reading, _, lines in RUNS
    for line in lines.split(", ")
    if "VIOLATED" in line and line.split()[0] not in {"M2", "M4", *CHECKS}
]


def trace(scenario: str, reading: str, name: str) -> Trace:
    """The flow of one property."""
    found = next(verdict.trace for verdict in run(scenario, reading).verdicts if verdict.id == name)
    assert found is not None
    return found


@pytest.mark.parametrize(("scenario", "reading", "name"), sized(FLOWS))
def test_a_flow_ends_where_it_first_breaks_the_promise(scenario: str, reading: str, name: str) -> None:
    story = Story()
    broken = [BROKEN[name](story)]
    for step in trace(scenario, reading, name).steps:
        story.take(step)
        broken.append(BROKEN[name](story))
    assert broken == [False] * (len(broken) - 1) + [True]


@pytest.mark.parametrize(
    "scenario", [ONE, pytest.param("preparation_two_partners", marks=pytest.mark.slow), "preparation_loss"]
)
def test_who_is_registered_nowhere_for_ever_has_left_before_it_was_authenticated(scenario: str) -> None:
    steps = trace(scenario, "confirmed", "M2").steps
    lost = [i for i, step in enumerate(steps) if step.fault is not None]
    rejected = [i for i, step in enumerate(steps) if step.receives and step.receives.message == "authentication_reject"]
    left = [i for i, step in enumerate(steps) if any(sent.message == "deregister" for sent in step.sends)]
    assert (len(left), len(rejected) + len(lost)) == (1, 1)
    assert left < rejected + lost


# ---- planted mistakes

S4 = "changes/S4"
MUTATIONS = {
    "a partner's IdMS does not look at the certificate": (
        [
            (f"{S4}/authentication.yaml", "present(msg.security_token) and msg.security_token == trusted", "true"),
            (f"{S4}/authentication.yaml", "present(msg.security_token) and msg.security_token != trusted", "false"),
        ],
        "K7 VACUOUS, M2 PROVED",
    ),
    "a denial is taken for a grant": (
        [
            (
                f"{S4}/permission.yaml",
                "        dest: permitted\n        conditions: [msg.granted, not",
                "        dest: permitted\n        conditions: [not",
            )
        ],
        "S4 VIOLATED 19",
    ),
    "the client leaves without keys": (
        [
            (
                f"{S4}/authentication.yaml",
                "conditions: target == A or target in addresses & valid_keys",
                'conditions: "true"',
            )
        ],
        "S6 VIOLATED 9, M1 VIOLATED 4, M2 VIOLATED 12, prepared_at_B PROVED 17, prepared_at_home PROVED 25",
    ),
    "the client registers without a token": (
        [(f"{S4}/authentication.yaml", '        set: {tokens: "tokens | {msg.mc_service_id}"}\n', "")],
        "K8 VIOLATED 20, S5 VIOLATED 15",
    ),
    "a partner keeps no primary ID": (
        [(f"{S4}/authentication.yaml", "      B-2: {primary_id: msg.primary_mc_service_id}\n", "")],
        "K9 VIOLATED 18",
    ),
    "a partner goes on serving who leaves": (
        [("servers.yaml", "      source: serving\n      dest: absent\n      ass", "      source: serving\n      ass")],
        "K9 VIOLATED 25, K10 VIOLATED 31",
    ),
    "keys are not renewed": (
        [
            (
                f"{S4}/provisioning.yaml",
                "        source: expired\n        dest: keying\n",
                '        source: expired\n        dest: keying\n        conditions: "false"\n',
            )
        ],
        "M4 VIOLATED 9, check.deadlock VIOLATED 14",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_planted_mistake_is_seen(name: str, tmp_path: Path) -> None:
    changes, expected = MUTATIONS[name]
    path = planted(tmp_path, changes)
    (found,) = first_flows(path, scenarios=[ONE], readings={"notify": ["confirmed"]}).runs
    before = told(run(ONE, "confirmed")).split(", ")
    assert ", ".join(line for line in told(found).split(", ") if line not in before) == expected
