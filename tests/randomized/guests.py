"""Random small models of any number of guests, a host and a helper, the same but for how many guests there are.

Of some of them guests have nothing to do with each other; the others have one or several of the ways in which they can:
a counter, a guard that asks about all of them, a message about somebody else, a channel that all share and that loses
what finds no room, a budget, an observer of all.
"""

from __future__ import annotations

import random
from typing import Any

from mcfsm.model import CHANNEL_POLICIES

STATES = ("idle", "waiting", "done")


def guests(seed: int, count: int) -> dict[str, Any]:
    """The model that a seed stands for, with so many guests, as plain data; scenario `s`."""
    return _Guests(seed, count).data()


class _Guests:
    """A model under construction. Nothing that is drawn depends on how many guests there are."""

    def __init__(self, seed: int, count: int) -> None:
        self.dice = random.Random(seed)
        self.count = count
        self.named = self.chance(50)  # by values of an enumeration, else by numbers
        self.coupled = self.chance(50)
        self.users = "User" if self.named else "visitor"
        self.me = "key" if self.named else "self"
        self.first = "guest(u1)" if self.named else "guest(1)"
        self.first_user = "u1" if self.named else "guest(1)"
        self.budgeted = self.chance(30)
        self.apart = random.Random(f"how many {seed}")  # so that what else a seed stands for stays
        self.reads_number = self.coupled and not self.named and self.apart.random() < 0.4

    def chance(self, percent: int) -> bool:
        return self.dice.random() * 100 < percent

    def pick(self, *values: Any) -> Any:
        return values[int(self.dice.random() * len(values))]

    def couples(self, percent: int = 25) -> bool:
        """Whether to put in something by which one guest has to do with another."""
        drawn = self.chance(percent)
        return drawn and self.coupled

    def data(self) -> dict[str, Any]:
        """The model as plain data."""
        roles = {"visitor": self.visitor(), "landlord": self.landlord(), "assistant": self.assistant()}
        who = {"who": self.users}
        found: dict[str, Any] = {
            "model": "guests",
            "messages": {"req": who, "bye": who, "ok": {}, "no": {}, "check": who, "checked": who},
            "roles": roles,
            "observers": {"watch": self.observer()},
            "properties": self.properties(),
            "scenarios": {"s": self.scenario()},
        }
        if not self.named:
            found |= {"parameters": {"number": self.count}, "domains": {"Number": "1..2"}}
            if self.reads_number:
                self.read_number(found)
        if self.named:
            found["domains"] = {"User": [f"u{i + 1}" for i in range(self.count)]}
        return found

    def read_number(self, found: dict[str, Any]) -> None:
        """Let something read how many guests there are: a line, a first value, a domain, a promise or a bound."""
        few = ("len(keys(guest)) < 2", "keys(guest) == {1}", "number < 2", "not any(k > 1 for k in keys(guest))")
        condition = self.apart.choice((*few, "sum(1 for k in keys(guest)) < 2", "len(Number) < 2", "small"))
        if condition == "len(Number) < 2":
            found["domains"]["Number"] = "1..number"
        line = self.apart.choice(
            (*found["roles"]["visitor"]["transitions"], *found["roles"]["landlord"]["transitions"])
        )
        if condition == "small":
            role = "visitor" if line in found["roles"]["visitor"]["transitions"] else "landlord"
            found["roles"][role]["variables"]["small"] = f"bool = {self.apart.choice(few)}"
        elif self.apart.random() < 0.2:
            found["properties"]["open"] = {"text": "open", "always": f"host.open and {condition}"}
            return
        conditions = line.get("conditions", [])
        line["conditions"] = [*([conditions] if isinstance(conditions, str) else conditions), condition]

    # ---- roles
    def visitor(self) -> dict[str, Any]:
        about_me = [{"to": "host", "who": self.me}]
        kind = "user" if self.budgeted else self.pick("user", "protocol")
        ask: dict[str, Any] = {"id": "ask", "trigger": "ask", "kind": kind, "source": "idle", "dest": "waiting"}
        ask["send"] = [{"req": one} for one in about_me]
        if self.budgeted:
            ask["budget"] = "asks"
        lines = [
            ask,
            {"trigger": "ok", "source": "waiting", "dest": self.pick("done", "idle"), "set": {"n": "min(n + 1, 2)"}},
        ]
        if self.chance(60):
            lines.append({"trigger": "no", "source": "waiting", "dest": "idle"})
        if self.chance(40):
            leave: dict[str, Any] = {"trigger": "leave", "kind": self.pick("user", "environment", "protocol")}
            leave |= {"source": self.pick("done", "waiting"), "dest": "idle", "set": {"n": "0"}}
            leave["send"] = [{"bye": one} for one in about_me] if self.chance(70) else []
            lines.append(leave)
        if self.couples():  # a message about somebody else
            other = {"choose": {"o": self.users}, "send": [{self.pick("req", "bye"): {"to": "host", "who": "o"}}]}
            lines.append({"trigger": "tell", "kind": "user", "source": "idle", **other})
        if self.couples(15):
            lines.append({"trigger": "greet", "kind": "user", "source": "idle", "send": [{"ok": {"to": "guest"}}]})
        ignore = {name: ["idle", "done"] for name in ("ok", "no") if self.chance(45)}
        final = ["idle", "done"] if self.chance(70) else ["done"]
        variables = {"n": "0..2 = 0"}
        return {
            "variables": variables,
            "states": [*STATES],
            "initial": "idle",
            "final": final,
            "transitions": lines,
            "ignore": ignore,
        }

    def whose(self) -> str:
        """Of the message at hand: the guest."""
        return "msg.who" if self.named else self.pick("msg.who", "sender")

    def landlord(self) -> dict[str, Any]:
        guards = [f"{self.whose()} not in known"] if self.chance(50) else []
        for guard in (
            "len(known) < 2",
            "total < 2",
            "last == none",
            "not any(x in known for x in EACH if x != msg.who)",
        ):
            if self.couples():
                guards.append(guard.replace("EACH", self.users))
        if self.chance(20):
            guards.append("open")
        effects = {"known": f"known | {{{self.whose()}}}"} if self.chance(70) else {}
        effects |= {"level[msg.who]": "true"} if self.chance(30) else {}
        effects |= {"total": "min(total + 1, 2)"} if self.couples() else {}
        effects |= {"last": "msg.who"} if self.couples() else {}
        effects |= {"known": "{msg.who}"} if self.couples(15) else {}
        lines: list[dict[str, Any]]
        if self.chance(50):
            passed = {"check": {"to": "helper", "who": "msg.who"}}
            lines = [{"trigger": "req", "conditions": guards, "set": effects, "send": [passed]}]
            answer = {"ok": {"to": "guest(msg.who)" if self.named else "msg.who"}}
            noted = {"level[msg.who]": "not level[msg.who]"} if self.chance(30) else {}
            lines.append({"trigger": "checked", "set": noted, "send": [answer]})
        else:
            lines = [{"trigger": "req", "conditions": guards, "set": effects, "send": [{"ok": {"to": "sender"}}]}]
        if self.chance(50):
            refusal = [{"no": {"to": "sender"}}] if self.chance(80) else []
            lines.append({"trigger": "req", "unless": [" and ".join(guards) or "false"], "send": refusal})
        if self.chance(80):
            lines.append({"trigger": "bye", "set": {"known": f"known - {{{self.whose()}}}"}})
        if self.chance(25):  # for one guest or another
            chosen = {"choose": {"u": self.pick("known", self.users)}, "conditions": ["u in known"]}
            kind = self.pick("environment", "protocol", "user")
            lines.append({"trigger": "drop", "kind": kind, **chosen, "set": {"known": "known - {u}"}})
        if self.chance(15):
            lines.append({"trigger": "flip", "kind": "environment", "set": {"open": "not open"}})
        if self.couples():
            lines.append({"trigger": "bye", "set": {"open": "false"}})
        if self.couples(15):
            lines.append({"trigger": "call", "kind": "user", "send": [{"no": {"to": "guest"}}]})
        variables = {"known": f"set[{self.users}]", "level": f"map[{self.users}, bool]", "last": f"{self.users}?"}
        variables |= {"total": "0..2 = 0", "open": "bool = true"}
        peers = {"peers": {"guest": "User"}} if self.named else {}
        return {
            **peers,
            "variables": variables,
            "states": ["home"],
            "initial": "home",
            "final": ["home"],
            "transitions": lines,
        }

    def assistant(self) -> dict[str, Any]:
        answer = [{"checked": {"to": "sender", "who": "msg.who"}}] if self.chance(85) else []
        lines: list[dict[str, Any]] = [{"trigger": "check", "send": answer}]
        if self.chance(20):
            lines[0]["conditions"] = "calm"
            lines.append({"trigger": "storm", "kind": "environment", "set": {"calm": "not calm"}})
        if self.couples(20):
            lines[0]["set"] = {"calm": "not calm"}
        parts = {"states": ["there"], "initial": "there", "final": ["there"]}
        return {"variables": {"calm": "bool = true"}, **parts, "transitions": lines}

    # ---- what is asked
    def observer(self) -> dict[str, Any]:
        lines: list[dict[str, Any]] = [{"on": {"sent": "req"}, "set": {"seen": "seen | {msg.who}"}}]
        if self.chance(50):
            lines.append({"on": {"sent": "bye"}, "set": {"seen": "seen - {msg.who}"}})
        elif not self.named:
            lines.append({"on": {"fired": "ask"}, "conditions": ["before.n > 0"], "set": {"seen": "seen - {actor}"}})
        if self.couples():
            lines.append({"on": {"received": "ok"}, "set": {"c": "min(c + 1, 2)"}})
        return {"variables": {"seen": f"set[{self.users}]", "c": "0..2 = 0"}, "transitions": lines}

    def properties(self) -> dict[str, Any]:
        me, user = self.first, self.first_user
        quiet = "not in_flight(req) and not in_flight(ok) and not any(c.state == waiting for c in guest)"
        both = "any(a.state == done and b.state == done and a != b for a in guest for b in guest)"
        forms: dict[str, dict[str, Any]] = {
            "done_known": {"never": f"{me}.state == done and {user} not in host.known"},
            "below": {"always": f"{me}.n < 2"},
            "each": {"always": "all(c.n < 2 or c.state == done for c in guest)"},
            "none": {"never": "any(c.state == waiting and c.n == 2 for c in guest)"},
            "apart": {"never": both},
            "few": {"always": "count(c.state == done for c in guest) <= 1"},
            "one_known": {"always": "len(host.known) <= 1"},
            "at_rest": {"when": quiet, "always": f"{me}.n == 0 or {me}.state == done or {user} in host.known"},
            "on_its_way": {"always": f"in_flight(req) or {me}.state != waiting or any(c.n == 1 for c in guest)"},
            "never_both": {"never": f"in_flight(req) and {me}.state == done"},
            "reached": {"reachable": f"{me}.n == 1 and {me}.state != waiting"},
            "somebody": {"reachable": "any(c.state == done for c in guest)"},
            "everybody": {"reachable": "all(c.state == done for c in guest)"},
            "open": {"always": "host.open"},
            "seen": {"always": f"{user} not in watch.seen or {me}.state != idle"},
            "counted": {"always": "watch.c < 2"},
            "answered": {"leads_to": [f"{me}.state == waiting", f"{me}.state != waiting"]},
            "strongly": {"leads_to": [f"{me}.state == waiting", f"{me}.state != waiting"], "fairness": "strong"},
            "again": {"always_eventually": f"{me}.state == idle"},
            "any_request": {"leads_to": ["in_flight(req)", f"{me}.state == done"]},
        }
        return {name: {"text": name, **form} for name, form in forms.items()}

    # ---- the scenario
    def channel(self) -> dict[str, Any]:
        kind = self.pick("fifo", "fifo", "bag", "set")
        bound, full = self.pick(1, 1, 2), self.pick("error", *(one for one in CHANNEL_POLICIES if one != "error"))
        faulty, fault, often = self.chance(15), self.pick("loss", "duplication"), self.pick(1, "unlimited")
        if kind == "set":
            return {"kind": kind}
        return {"kind": kind, "bound": bound, "when_full": full, **({"faults": {fault: often}} if faulty else {})}

    def scenario(self) -> dict[str, Any]:
        channels = {"default": self.channel()}
        for ends, percent in (("host -> helper", 60), ("helper -> host", 40), ("guest -> host", 30)):
            if self.chance(percent):
                channels[ends] = self.channel()
        group: dict[str, Any] = {"role": "visitor", "count": "number"}
        if self.named:
            group = {f"u{i + 1}": "visitor" for i in range(self.count)}
        found = {"instances": {"guest": group, "host": "landlord", "helper": "assistant"}, "channels": channels}
        found["freeze"] = self.chance(20)
        asks = self.pick("unlimited", 1, 2)
        if self.budgeted:
            found["budgets"] = {"asks": asks}
        if self.chance(20):
            crash = {"budget": self.pick(1, "unlimited"), "arrivals": self.pick("lost", "wait")}
            found["crash"] = {self.pick("guest", "host"): crash}
        return found
