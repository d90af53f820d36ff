"""Which promises are shown to hold for any number of users, and that each way in which users can be coupled is seen.

Each coupling is planted into a model of guests of whom nothing that one does concerns another. What is refused is
looked for: that the line it stands on is named. `conformance/test_any_number.py` compares what is shown with numbers.
"""

from __future__ import annotations

from dataclasses import fields

import pytest
from building import build

from mcfsm.model import CHECKS, Budget, Channel, Crash, Instance, LivenessProperty, Model, Observer, Property, Role
from mcfsm.model.independence.claims import NumberClaim, claims
from mcfsm.model.machines import Choice, ObserverTransition, Region, Sending, Transition, Variable
from mcfsm.model.records import Boundary
from mcfsm.verdicts.any_number import with_any_number
from mcfsm.verdicts.run import Effort, run
from mcfsm.verdicts.verdict import Verdict

GUESTS = """
domains: {User: [u1, u2], Room: [red, blue], Key: {user: User, room: Room}}
messages: {ask: {who: User}, bye: {who: User}, look: {key: Key}, found: {key: Key}, ok: {}, alarm: {}}
roles:
  visitor:
    variables: {asked: bool, room: Room?}
    states: [idle, waiting, done]
    initial: idle
    final: [idle, done]
    transitions:
    - {id: ask, trigger: go, kind: protocol, source: idle, dest: waiting, set: {asked: true}, send: [{ask: {to: host, who: key}}]}
    - {id: ok, trigger: ok, source: waiting, dest: done}
    - {id: leave, trigger: leave, kind: user, source: done, dest: idle, budget: leaves, send: [{bye: {to: host, who: key}}]}
    ignore: {ok: [idle, done]}
  landlord:
    peers: {guest: User}
    variables: {known: "set[User]", rooms: "map[User, Room?]", total: 0..3 = 0, last: User?, calm: bool = true}
    states: [home, out]
    initial: home
    final: [home, out]
    transitions:
    - {id: take, trigger: ask, conditions: calm, set: {known: "known | {msg.who}"}, send: [{look: {to: clerk, key: "Key(msg.who, red)"}}]}
    - {id: later, trigger: ask, unless: calm, send: [{ok: {to: sender}}]}
    - {id: give, trigger: found, set: {"rooms[msg.key.user]": msg.key.room}, send: [{ok: {to: guest(msg.key.user)}}]}
    - {id: forget, trigger: bye, set: {known: "known - {msg.who}"}}
    - {id: storm, trigger: storm, kind: environment, conditions: calm, set: {calm: false}}
  office:
    states: [open]
    initial: open
    final: [open]
    transitions:
    - {id: find, trigger: look, send: [{found: {to: sender, key: msg.key}}]}
observers:
  watch:
    variables: {seen: "set[User]", times: 0..3 = 0}
    transitions:
    - {on: {sent: ask}, set: {seen: "seen | {msg.who}"}}
properties:
  known: {text: T., when: u1 in host.known, always: guest(u1).asked}
  each: {text: T., always: all(g.asked for g in guest if g.state != idle)}
  nobody: {text: T., never: any(g.state == idle and g.asked and g.room != none for g in guest)}
  seen: {text: T., always: "guest(u1).state == idle or u1 in watch.seen"}
  quiet: {text: T., when: "not in_flight(ask) and not any(g.state == waiting for g in guest)", always: "guest(u1).state != waiting"}
  done: {text: T., reachable: guest(u1).state == done}
  someone: {text: T., reachable: any(g.state == done for g in guest)}
  answered: {text: T., leads_to: [guest(u1).state == waiting, guest(u1).state == done]}
scenarios:
  s:
    instances: {guest: {u1: visitor}, host: landlord, clerk: office}
    channels: {default: {kind: fifo, bound: 1, when_full: block}, host -> clerk: {kind: set}, clerk -> host: {kind: set}}
    budgets: {leaves: unlimited}
"""
ALL = ("known", "each", "seen", "quiet", "done", "someone", "answered", *CHECKS)


def found(text: str, name: str) -> NumberClaim:
    """The claim on one property for any number of guests."""
    model = build(text)
    return next(claim for claim in claims(model, {name}) if claim.users.groups == ("guest",))


def shown(text: str) -> set[str]:
    """What is proved, and shown to hold for any number of guests."""
    model = build(text)
    asked = [*(one.id for one in model.properties), *CHECKS]
    told = with_any_number(run(model, asked, Effort(engine="reference"), full=True, normative_flows=False))
    return {
        verdict.id
        for verdict in told.verdicts
        if any(claim.shown and claim.users.groups == ("guest",) for claim in verdict.any_number)
    }


def with_line(text: str, after: str, line: str) -> str:
    """The text with another line of a role behind the one that has an id."""
    at = text.index("\n", text.index(f"id: {after},"))
    return f"{text[:at]}\n    - {{{line}}}{text[at:]}"


def test_guests_who_have_nothing_to_do_with_each_other() -> None:
    assert shown(GUESTS) == set(ALL)


# what is planted: what is replaced by what, or a line behind another; a promise that is then not shown; what is said
COUPLED = {
    "a counter of all": (
        ("known | {msg.who}", 'known | {msg.who}", total: "min(total + 1, 3)'),
        ("conditions: calm", "conditions: [calm, total < 3]"),
        "known",
        "take changes total of landlord, which all users share",
    ),
    "who came last": (
        ("known | {msg.who}", 'known | {msg.who}", last: "msg.who'),
        ("unless: calm", "unless: [calm, last == none]"),
        "known",
        "take changes last of landlord, which all users share",
    ),
    "a guard that counts": (
        ("conditions: calm, set", 'conditions: [calm, "len(known) < 1"], set'),
        "known",
        "take looks at all users at once",
    ),
    "a guard with a quantifier": (
        ("conditions: calm, set", 'conditions: [calm, "not any(u in known for u in User)"], set'),
        "known",
        "take asks about all users at once",
    ),
    "all forgotten for one": (
        ('known: "known | {msg.who}"', 'known: "{msg.who}"'),
        "known",
        "take writes known of all users at once",
    ),
    "a state of the host": (
        ("id: take, trigger: ask", "id: take, trigger: ask, source: home, dest: out"),
        "known",
        "take changes state of landlord, which all users share",
    ),
    "a line that asks what waits for it": (
        ("kind: environment, conditions: calm", "kind: environment, conditions: [calm, in_flight(ask)]"),
        "known",
        "storm asks channels, and another's message may lie in them",
    ),
    "one user named": (
        ("trigger: ask, conditions: calm", "trigger: ask, conditions: [calm, msg.who == u1]"),
        "known",
        "take names u1",
    ),
    "one user in a set": (
        ("trigger: ask, conditions: calm", 'trigger: ask, conditions: [calm, "msg.who in {u1}"]'),
        "known",
        "take names u1",
    ),
    "a message about another": (
        ("{u1: visitor}", "{u1: visitor, u2: visitor}"),
        ("trigger: go, kind: protocol,", "trigger: go, kind: protocol, choose: {other: User},"),
        ("{to: host, who: key}}]}\n    - {id: ok", "{to: host, who: other}}]}\n    - {id: ok"),
        "known",
        "ask chooses among all users",
    ),
    "an entry of another": (
        ('"rooms[msg.key.user]": msg.key.room', '"rooms[msg.key.user]": "rooms[u1]"'),
        "check.reception",
        "give names u1",
    ),
    "a message that does not say whose": (
        ("alarm: {}", "alarm: {}, back: {}"),
        ("{found: {to: sender, key: msg.key}}", "{back: {to: sender}}"),
        "check.reception",
        "find passes on back, which does not say whose it is",
    ),
    "a message to all": (
        "storm",
        "id: shout, trigger: shout, kind: user, send: [{alarm: {to: guest}}]",
        "check.reception",
        "shout looks at all users at once",
    ),
    "a choice among all, owed": (
        "storm",
        'id: drop, trigger: drop, kind: protocol, choose: {u: known}, set: {known: "known - {u}"}',
        "answered",
        "drop is taken for one user or another, and fairness does not say for whom",
    ),
    "an observer of all": (
        ('"seen | {msg.who}"', '"seen | {msg.who}", times: "min(times + 1, 3)"'),
        ("or u1 in watch.seen", "or watch.times < 3"),
        "seen",
        "line 1 of observer watch changes times of watch, which all users share",
    ),
    "an observer of losses": (
        ("- {on: {sent: ask}", '- {on: {fault: loss}, set: {seen: "{}"}}\n    - {on: {sent: ask}'),
        "seen",
        "line 1 of observer watch sees faults of channels, whosever message they strike",
    ),
    "a promise about two": (
        ("when: u1 in host.known, always: guest(u1).asked", "when: guest(u2).asked, always: guest(u1).asked"),
        ("{u1: visitor}", "{u1: visitor, u2: visitor}"),
        "known",
        "known speaks of guest(u1) and guest(u2)",
    ),
    "at most one": (
        ("always: all(g.asked for g in guest if g.state != idle)", "always: count(g.asked for g in guest) <= 1"),
        "each",
        "each asks about all users at once",
    ),
    "a promise about one and about all": (
        (
            "always: all(g.asked for g in guest if g.state != idle)",
            'always: "all(g.asked or guest(u1).asked for g in guest if g.state != idle)"',
        ),
        "each",
        "each speaks of guest(u1) and of all users",
    ),
    "a set of users and none": (
        ("conditions: calm, set", 'conditions: [calm, "none in known | {none}"], set'),
        "known",
        "take looks at all users at once",
    ),
    "apart": (
        (
            "never: any(g.state == idle and g.asked and g.room != none for g in guest)",
            "never: any(g.asked and h.asked and g != h for g in guest for h in guest)",
        ),
        "nobody",
        "nobody asks about all users at once",
    ),
    "a channel of all that is full": (
        ("host -> clerk: {kind: set}", "host -> clerk: {kind: fifo, bound: 1}"),
        "check.deadlock",
        "host -> clerk holds 1 message of all users, and a full one keeps others from sending",
    ),
    "a fifo of all, and what comes in the end": (
        ("host -> clerk: {kind: set}", "host -> clerk: {kind: fifo, bound: 3}"),
        "answered",
        "host -> clerk holds 3 messages of all users, and a full one keeps others from sending",
    ),
    "a channel of all that overflows": (
        ("host -> clerk: {kind: set}", "host -> clerk: {kind: fifo, when_full: error}"),
        "check.overflow",
        "host -> clerk holds 1 message of all users, and more of them may overflow it",
    ),
    "a bag of all that loses": (
        ("host -> clerk: {kind: set}", "host -> clerk: {kind: bag, bound: 1, when_full: lose}"),
        "known",
        "host -> clerk loses look where other messages have filled it",
    ),
    "a corrupted name": (
        ("{u1: visitor}", "{u1: visitor, u2: visitor}"),
        (
            "{kind: fifo, bound: 1, when_full: block}",
            "{kind: fifo, bound: 1, when_full: block, faults: {corruption: 1}}",
        ),
        "known",
        "guest(u1) -> host may corrupt a message so that it names another user",
    ),
    "a budget of all": (
        ("leaves: unlimited", "leaves: 1"),
        "check.deadlock",
        "leave uses up budget leaves, which users share: others may leave nothing of it",
    ),
    "a second guest": (
        ("{u1: visitor}", "{u1: visitor, u2: visitor}"),
        "check.deadlock",
        "the scenario has 2 users, and a deadlock of one may be hidden by another: give it one",
    ),
    "users without an instance": (
        "storm",
        "id: spare, trigger: spare, kind: user, choose: {u: User}",
        "check.deadlock",
        "spare may be taken for users who have no instance in the scenario",
    ),
    "a budget of a fault and of a common line": (
        (
            "id: storm, trigger: storm, kind: environment,",
            "id: storm, trigger: storm, kind: environment, budget: mishaps,",
        ),
        ("leaves: unlimited", "leaves: unlimited, mishaps: 1"),
        ("block}, host", "block, faults: {loss: mishaps}}, host"),
        "check.deadlock",
        "storm uses up budget mishaps, which users share: others may leave nothing of it",
    ),
    "a boundary": (
        ("budgets: {leaves: unlimited}", "budgets: {leaves: unlimited}\n    within: host.total < 3"),
        "known",
        "the scenario is explored within host.total < 3, whoever is beyond",
    ),
    "a timer of the host": (
        ("    states: [home, out]", "    timers: [patience]\n    states: [home, out]"),
        ("id: take,", "id: take, start: patience,"),
        ("- {id: storm,", "- {id: expire, trigger: patience, kind: timer, set: {calm: false}}\n    - {id: storm,"),
        "known",
        "take changes patience of landlord, which all users share",
    ),
}


def planted(plant: tuple[object, ...]) -> str:
    """The text of the guests with something in it that couples them."""
    *how, _, _ = plant
    if isinstance(how[0], str):
        return with_line(GUESTS, *map(str, how))
    text = GUESTS
    for old, new in how:  # type: ignore[misc]
        assert old in text, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("name", COUPLED)
def test_a_coupling_is_seen(name: str) -> None:
    *_, promise, said = COUPLED[name]
    text = planted(COUPLED[name])
    assert promise not in shown(text)
    assert said in [one.said for one in found(text, str(promise)).obstacles]


def test_an_obstacle_has_its_place() -> None:
    text = planted(COUPLED["a counter of all"])
    (obstacle,) = found(text, "known").obstacles
    assert obstacle.span is not None
    assert text.strip().splitlines()[obstacle.span.line - 2].strip().startswith("- {id: take,")  # behind `model:`


def test_what_only_adds_nothing_to_a_user_is_no_obstacle_to_what_never_happens() -> None:
    """A full channel and a budget of all take steps away, and that breaks no `always` and no `reachable`."""
    text = GUESTS.replace("leaves: unlimited", "leaves: 1").replace(
        "host -> clerk: {kind: set}", "host -> clerk: {kind: fifo}"
    )
    assert shown(text) == set(ALL) - {"answered", "check.deadlock"}


def test_a_line_that_matters_to_nothing_that_is_promised_may_mix_users() -> None:
    """What is counted by the way couples users, and concerns neither who is known nor what is read of it."""
    text = GUESTS.replace("known | {msg.who}", 'known | {msg.who}", total: "min(total + 1, 3)')
    assert shown(text) == {"known", "each", "seen", "quiet", "done", "someone"}


def test_who_does_nothing_may_decide_a_promise_about_all() -> None:
    """Of one guest it is so that nobody is idle while he waits; another is idle from the beginning."""
    text = GUESTS.replace(
        'when: "not in_flight(ask) and not any(g.state == waiting for g in guest)", always: "guest(u1).state != waiting"',
        'when: guest(u1).state != idle, always: "any(g.state == idle for g in guest) or guest(u1).asked"',
    )
    assert "quiet" not in shown(text)
    assert found(text, "quiet").shown  # statically: its first state has the last word


def test_numbers_tell_users_apart() -> None:
    text = GUESTS.replace("User: [u1, u2]", "User: [u1]").replace(
        "{guest: {u1: visitor}", "{guest: {role: visitor, count: 1}"
    )
    text = (
        text.replace("peers: {guest: User}", "")
        .replace("User", "visitor")
        .replace("domains: {visitor: [u1], ", "domains: {")
    )
    text = text.replace("who: key", "who: self").replace("guest(u1)", "guest(1)").replace("u1 in", "guest(1) in")
    text = text.replace("{to: guest(msg.key.user)}", "{to: msg.key.user}").replace("keys(guest)", "guest")
    text = text.replace(
        "domains: {Room: [red, blue], Key: {user: visitor, room: Room}}", "domains: {Room: [red, blue]}"
    )
    text = text.replace("key: Key", "user: visitor, room: Room").replace(
        'key: "Key(msg.who, red)"', "user: msg.who, room: red"
    )
    text = text.replace("key: msg.key", "user: msg.user, room: msg.room").replace("msg.key.", "msg.")
    assert shown(text) == set(ALL)
    by_number = text.replace(
        "kind: protocol, source: idle, dest: waiting,",
        "kind: protocol, conditions: key < 2, source: idle, dest: waiting,",
    )
    assert "ask reads key, a number that tells one user from another" in [
        one.said for one in found(by_number, "known").obstacles
    ]


# ---- the same ways, each of which makes a promise that holds of one guest fail of two
INN = """
messages: {ask: {who: visitor}, look: {who: visitor}, found: {who: visitor}, ok: {}}
roles:
  visitor:
    variables: {asked: bool}
    states: [idle, waiting, done]
    initial: idle
    final: [done]
    transitions:
    - {id: ask, trigger: go, kind: user, source: idle, dest: waiting, budget: asks, set: {asked: true}, send: [{ask: {to: host, who: self}}]}
    - {id: ok, trigger: ok, source: waiting, dest: done}
    ignore: {ok: [idle, done]}
  landlord:
    variables: {known: "set[visitor]", total: 0..3 = 0}
    states: [home, out]
    initial: home
    final: [home, out]
    transitions:
    - {id: take, trigger: ask, source: home, set: {known: "known | {msg.who}"}, send: [{look: {to: clerk, who: msg.who}}]}
    - {id: give, trigger: found, send: [{ok: {to: msg.who}}]}
  office:
    states: [open]
    initial: open
    final: [open]
    transitions:
    - {id: find, trigger: look, send: [{found: {to: sender, who: msg.who}}]}
observers:
  watch: {variables: {times: 0..3 = 0}, transitions: [{on: freeze, set: {times: 0}}]}
properties:
  answered: {text: T., leads_to: [guest(1).state == waiting, guest(1).state == done]}
  known: {text: T., when: guest(1).state == done, always: guest(1) in host.known}
  asked: {text: T., when: guest(1) in host.known, always: guest(1).asked}
  once: {text: T., always: watch.times < 2}
  reached: {text: T., reachable: guest(1).state == done}
scenarios:
  s:
    instances: {guest: {role: visitor, count: 1}, host: landlord, clerk: office}
    channels: {default: {kind: fifo, bound: 2, when_full: block}, host -> clerk: {kind: set}, clerk -> host: {kind: set}}
    budgets: {asks: unlimited}
"""
REAL = {
    "a counter of all": (
        "answered",
        ("source: home, set: {", 'source: home, conditions: total < 1, set: {total: "total + 1", '),
    ),
    "a guard that counts": ("answered", ("source: home, set", 'source: home, conditions: "len(known) < 1", set')),
    "a guard with a quantifier": (
        "answered",
        ("source: home, set", 'source: home, conditions: "not any(g in known for g in visitor)", set'),
    ),
    "all forgotten for one": ("known", ('"known | {msg.who}"', '"{msg.who}"')),
    "a state of the host": ("answered", ("source: home, set", "source: home, dest: out, set")),
    "a message about another": (
        "asked",
        ("kind: user, source", "kind: user, choose: {o: visitor}, source"),
        ("who: self", "who: o"),
        ("to: msg.who", 'to: "guest - {msg.who} | {msg.who}"'),
    ),
    "a bag of all that loses": (
        "answered",
        ("host -> clerk: {kind: set}", "host -> clerk: {kind: bag, bound: 1, when_full: lose}"),
    ),
    "a channel of all that overflows": (
        "check.overflow",
        ("host -> clerk: {kind: set}", "host -> clerk: {kind: fifo, bound: 1, when_full: error}"),
    ),
    "a budget of all": (
        "check.deadlock",
        ("asks: unlimited", "asks: 1"),
        ("send: [{look: {to: clerk, who: msg.who}}]", "send: [{ok: {to: sender}}]"),
    ),
    "an observer of all": (
        "once",
        ("{on: freeze, set: {times: 0}}", '{on: {received: ask}, set: {times: "min(times + 1, 3)"}}'),
    ),
    "a choice among all": (
        "answered",
        (
            'source: home, set: {known: "known | {msg.who}"}, send: [{look: {to: clerk, who: msg.who}}]}',
            'source: home, set: {known: "known | {msg.who}"}}\n    - {id: serve, trigger: serve, kind: protocol, choose: {g: known}, send: [{ok: {to: g}}]}',
        ),
        ("dest: done}", "dest: done}\n    - {id: again, trigger: again, kind: protocol, source: done, dest: idle}"),
    ),
    "at most one": (
        "known",
        (
            "when: guest(1).state == done, always: guest(1) in host.known",
            'always: "count(g.state == done for g in guest) <= 1"',
        ),
    ),
    "what changes while one does nothing": (
        "reached",
        ("asks: unlimited", "asks: 1"),
        ("total: 0..3 = 0", "calm: bool = true"),
        (
            "- {id: give",
            "- {id: storm, trigger: storm, kind: environment, conditions: calm, set: {calm: false}}\n    - {id: give",
        ),
        (
            "reachable: guest(1).state == done",
            'reachable: "not host.calm and all(g.state == done or host.calm for g in guest)"',
        ),
    ),
    "a freeze while one does nothing": (
        "reached",
        ("asks: unlimited", "asks: 1"),
        ("instances: {guest", "freeze: true\n    instances: {guest"),
        (
            "reachable: guest(1).state == done",
            'reachable: "frozen and all(g.state == done or not frozen for g in guest)"',
        ),
    ),
    "a crash while one does nothing": (
        "reached",
        ("asks: unlimited", "asks: 1"),
        ("instances: {guest", "crash: {clerk: 1}\n    instances: {guest"),
        (
            "reachable: guest(1).state == done",
            'reachable: "clerk.state == down and all(g.state == done or clerk.state != down for g in guest)"',
        ),
    ),
    "what one is given by its number": (
        "check.reception",
        ("  visitor:\n", "  visitor:\n    parameters: {first: bool}\n"),
        ("count: 1}", "count: 1, parameters: {first: key == 1}}"),
        ("trigger: ok,", "trigger: ok, conditions: first,"),
    ),
}


@pytest.mark.parametrize("name", REAL)
def test_what_couples_users_makes_a_promise_fail_of_two(name: str) -> None:
    promise, *changed = REAL[name]
    text = INN
    for old, new in changed:
        assert old in text, old
        text = text.replace(old, new)
    one, two = (verdict_of(text.replace("count: 1", f"count: {number}"), promise) for number in (1, 2))
    assert (one.status, two.status) == ("PROVED", "VIOLATED")
    assert not any(claim.shown for claim in one.any_number)


def test_without_them_each_holds_of_two() -> None:
    for promise in ("answered", "known", "asked", "reached"):
        one, two = (verdict_of(INN.replace("count: 1", f"count: {number}"), promise) for number in (1, 2))
        assert (one.status, two.status) == ("PROVED", "PROVED")
        assert any(claim.shown for claim in one.any_number)


# ---- how many guests there are, which the resolved model does not say of a constant: the same of one and of two
COUNTED = INN.replace("messages:", "parameters: {n: 1}\nmessages:", 1).replace("count: 1", "count: n")
FEW = {
    "len(keys(guest)) < 2": "take reads how many users there are (keys(guest))",
    "not any(k > 1 for k in keys(guest))": "take reads how many users there are (keys(guest))",
    "len({k for k in keys(guest)}) < 2": "take reads how many users there are (keys(guest))",
    "keys(guest) == {1}": "take reads how many users there are (keys(guest))",
    "sum(1 for k in keys(guest)) < 2": "take reads how many users there are (keys(guest))",
    "len( keys ( (guest) ) ) < 2": "take reads how many users there are (keys(guest))",
    "n < 2": "take reads how many users there are (n)",
    "len(Number) < 2": "domain Number reads how many users there are (n)",
    "not any(k != 1 for k in Number)": "domain Number reads how many users there are (n)",
    "small": "small of landlord reads how many users there are (keys(guest))",
    "one": "one of landlord reads how many users there are (n)",
    "limit < 2": "host reads how many users there are (n)",
    "many < 2": "host reads how many users there are (guest)",
}


def counted(few: str) -> str:
    """The text with a condition of the host that holds where there is one guest."""
    text = COUNTED.replace("source: home, set", f"source: home, conditions: '{few}', set")
    if "Number" in few:
        text = text.replace("messages:", "domains: {Number: 1..n}\nmessages:", 1)
    if few == "small":
        text = text.replace("total: 0..3 = 0", 'small: "bool = len(keys(guest)) < 2"')
    if few == "one":
        text = text.replace("total: 0..3 = 0", "one: bool = n < 2")
    if few in ("limit < 2", "many < 2"):
        name, value = ("limit", "n") if few == "limit < 2" else ("many", "len(guest)")
        text = text.replace("  landlord:\n", f"  landlord:\n    parameters: {{{name}: 1..3}}\n")
        text = text.replace("host: landlord", f'host: {{role: landlord, parameters: {{{name}: "{value}"}}}}')
    return text


@pytest.mark.parametrize("few", FEW)
def test_who_reads_how_many_there_are_makes_a_promise_fail_of_two(few: str) -> None:
    one, two = (verdict_of(counted(few).replace("n: 1}", f"n: {number}}}"), "answered") for number in (1, 2))
    assert (one.status, two.status) == ("PROVED", "VIOLATED")
    assert FEW[few] in [obstacle.said for claim in one.any_number for obstacle in claim.obstacles]


@pytest.mark.parametrize("domains", ["Number: 0..m", "Lower: 0..m, Number: 1..len(Lower)"])
def test_their_count_may_be_read_off_a_domain(domains: str) -> None:
    """Who reads what the domain is made of reads how many there are, too."""
    text = COUNTED.replace("source: home, set", "source: home, conditions: m < 1, set")
    text = text.replace("{n: 1}", "{m: 0}").replace("count: n", "count: len(Number)")
    text = text.replace("messages:", f"domains: {{{domains}}}\nmessages:", 1)
    one, two = (verdict_of(text.replace("m: 0}", f"m: {number}}}"), "answered") for number in (0, 1))
    assert (one.status, two.status) == ("PROVED", "VIOLATED")
    said = [obstacle.said for claim in one.any_number for obstacle in claim.obstacles]
    assert "take reads how many users there are (m)" in said


@pytest.mark.parametrize("condition", ["len(keys(guest)) == 1", "n == 1", "keys(guest) == {1}", "few"])
def test_a_promise_may_read_it_too(condition: str) -> None:
    text = COUNTED.replace("always: watch.times < 2", f"always: '{condition} and watch.times < 2'")
    if condition == "few":
        text = text.replace("messages:", "define: {few: n < 2}\nmessages:", 1)
    one, two = (verdict_of(text.replace("n: 1}", f"n: {number}}}"), "once") for number in (1, 2))
    assert (one.status, two.status) == ("PROVED", "VIOLATED")
    assert not any(claim.shown for claim in one.any_number)
    assert found(text, "known").shown is (
        condition != "few"
    )  # it concerns no other promise; who reads few is not asked


def test_so_may_a_bound_a_budget_and_a_group() -> None:
    for old, new, place in (
        ("bound: 2,", "bound: 1 + n,", "channel default"),
        ("asks: unlimited", "asks: 3 - n", "budget asks"),
        ("clerk: office}", "clerk: office, hall: {role: office, count: n}}", "hall"),
        ("total: 0..3 = 0", "total: 0..n = 0", "total of landlord"),
        ("total: 0..3 = 0", 'total: "0..len(visitor) = 0"', "total of landlord"),
    ):
        said = [one.said for one in found(COUNTED.replace(old, new), "known").obstacles]
        assert any(one.startswith(f"{place} reads how many users there are (") for one in said), (new, said)


def test_so_may_a_bound_where_values_name_them() -> None:
    for old, new in (("bound: 1,", "bound: len(User),"), ("bound: 1,", "bound: len(keys(guest)),")):
        said = [one.said for one in found(GUESTS.replace(old, new), "known").obstacles]
        assert any(one.startswith("channel default reads how many users there are (") for one in said)
    assert found(GUESTS.replace("total: 0..3", "total: 0..len(User)"), "known").obstacles


def test_a_map_of_all_is_called_one() -> None:
    text = with_line(
        GUESTS, "take", 'id: wipe, trigger: wipe, kind: environment, set: {rooms: "{u: none for u in User}"}'
    )
    said = [one.said for one in found(text, "check.reception").obstacles]
    assert "wipe has a map with an entry for every user of which it is not known whose it is" in said


def test_a_number_that_only_counts_them_is_no_obstacle() -> None:
    """Nor is an attribute, or the sentence of a promise, in which the same letter stands."""
    text = COUNTED.replace("answered: {text: T.,", "answered: {text: All n of them.,")
    for promise in ("answered", "known", "asked", "reached"):
        assert found(text, promise).shown


def verdict_of(text: str, promise: str) -> Verdict:
    """The verdict on one promise, with what is known of any number of guests."""
    found = run(build(text), [promise], Effort(engine="reference"), full=True, normative_flows=False)
    return with_any_number(found)[promise]


KNOWN_FIELDS = {
    Model: "name source scenario text file instances roles messages channels budgets observers state_properties expected_checks readings options "
    "parameters clauses allows_freeze liveness_properties boundary begin first_messages interchangeable begin_texts changes usual_changes text_alone labels avoided number_reads",
    Instance: "name role group key parameters crash",
    Crash: "budget arrivals",
    Channel: "sender receiver kind bound when_full faults may_stay loses_head",
    Budget: "name limit",
    Boundary: "text condition span",
    Property: "id text clause form condition premise condition_text observers expected position",
    LivenessProperty: "id text clause form causes goal fairness observers expected position",
    Region: "name states initial final others",
    Variable: "name domain initial several",
    Choice: "name source domain",
    Sending: "message to elements maybe",
    Transition: "id role position trigger kind sources dests senders choices guards assignments sends budget clauses modality assumption under basis span",
    Role: "name regions variables transitions ignore defer omitted timers persistent persistent_under",
    Observer: "name region variables transitions",
    ObserverTransition: "event names sources guards assignments dest span",
}


@pytest.mark.parametrize("record", KNOWN_FIELDS)
def test_whoever_adds_to_a_record_looks_at_what_couples_users(record: type) -> None:
    """What a record of the model says may couple users. Look at `model/independence` before it is listed here."""
    assert [field.name for field in fields(record)] == KNOWN_FIELDS[record].split()  # type: ignore[arg-type]
