"""Random small models with interchangeable instances: a group or two of members that are alike, and a hub.

Most of what is drawn says the same of all members. `spice` per cent of it singles one out, by name, by number or by
order; such models are refused when they are resolved, and drawn to see that they are.
"""

from __future__ import annotations

from typing import Any, cast

from hypothesis import strategies as st

from mcfsm.model import CHANNEL_FAULTS, CHANNEL_POLICIES, FAULTS_OF_ORDER
from randomized.strategies import SCENARIO, ModelText, written
from randomized.terms import Dice, Draw

STATES = ("s0", "s1", "s2")
ELEMENTS = {"who": "member", "tag": "E", "maybe": "member?", "num": "0..1"}


@st.composite
def alike_texts(draw: st.DrawFn, *, spice: int = 0, live: bool = False) -> ModelText:
    """Texts of random models in which scenario `s` declares instances interchangeable; some are refused.

    `live` adds properties of runs, which single nobody out.
    """
    return ModelText(written(_Model(Dice(cast("Draw", draw), spice), live=live).data()))


class _Model:
    """A model under construction."""

    def __init__(self, dice: Dice, *, live: bool) -> None:
        self.dice, self.live = dice, live
        self.count = dice.pick((2, 3, 2))
        self.keyed = dice.chance(40)  # members are named by values of E, else by numbers
        self.pairs = dice.chance(25)  # a second set: two more of another role
        self.forms = {f"m{i}": dice.some(list(ELEMENTS), 0, dice.pick((1, 0, 2))) for i in range(dice.pick((2, 1, 3)))}
        self.budgets: set[str] = set()
        self.left_open: set[str] = set()  # roles that begin in several ways
        self.fired: list[str] = []

    def data(self) -> dict[str, Any]:
        """The model as plain data."""
        dice = self.dice
        roles = {"member": self.role("member"), "central": self.role("central")}
        if self.pairs:
            roles["other"] = self.role("other")
        observers = {"z": self.observer()} if dice.chance(50) else {}
        properties = {f"P{i}": self.property_(bool(observers), i) for i in range(dice.between(1, 3))}
        if self.live:
            properties |= {f"L{i}": self.promise(bool(observers)) for i in range(dice.between(2, 4))}
        return {
            "domains": {"E": [f"e{i}" for i in range(self.count)]},
            "messages": {
                name: {e + "?" * (e == "num"): ELEMENTS[e] for e in elements} for name, elements in self.forms.items()
            },
            "roles": roles,
            "observers": observers,
            "properties": properties,
            "scenarios": {SCENARIO: self.scenario()},
        }

    # ---- who takes part

    def scenario(self) -> dict[str, Any]:
        dice = self.dice
        group: Any = {"role": "member", "count": str(self.count)}
        if self.keyed:
            group = {f"e{i}": "member" for i in range(self.count)}
        parts: list[tuple[str, Any]] = [("g", group), ("hub", "central")]
        if self.pairs:
            parts.append(("q", {"role": "other", "count": "2"}))
        if dice.chance(50):
            parts.reverse()
        found: dict[str, Any] = {"instances": dict(parts), "channels": {"default": self.channel()}}
        for line in dice.some(["g -> hub", "hub -> g", "g -> g", f"{self.one} -> hub" if self.odd() else "hub -> *"]):
            found["channels"][line] = self.channel()
        if "member" in self.left_open and dice.chance(50):
            found["begin"] = {"conditions": dice.pick(("any(x.n == 1 for x in g)", "count(x.n == 0 for x in g) < 2"))}
        if not self.left_open and dice.chance(25):
            end = self.one if self.odd() else dice.pick(("g", "member", "hub"))
            found["crash"] = {end: {"budget": self.fault(), "arrivals": dice.pick(("lost", "wait"))}}
        if self.budgets:
            found["budgets"] = {name: dice.pick(("1", "2", "1")) for name in sorted(self.budgets)}
        if dice.chance(25):
            found["freeze"] = True
        if dice.chance(12):
            form, away = dice.pick(list(self.forms)), f"{self.one}.state == s1" if self.odd() else "hub.state == s1"
            away = dice.pick((away, "any(x.state == s1 for x in g)", "count(x.state == s1 for x in g) > 1"))
            found["within"] = dice.pick(
                (f"not in_flight({form})", f"not {away}", f"not ({away} and in_flight({form}))")
            )
        found["interchangeable"] = ["g", "q"] if self.pairs else ["g"]
        return found

    def channel(self) -> dict[str, Any]:
        dice = self.dice
        kind = dice.pick(("fifo", "fifo", "bag", "set"))
        if kind == "set":
            return {"kind": "set"}
        found: dict[str, Any] = {"kind": kind, "bound": dice.pick(("1", "1", "2"))}
        found["when_full"] = dice.pick(CHANNEL_POLICIES)
        if dice.chance(20):
            found["may_stay"] = "true"
        if dice.chance(25):
            kinds = [fault for fault in CHANNEL_FAULTS if kind == "fifo" or fault not in FAULTS_OF_ORDER]
            found["faults"] = {dice.pick(kinds): self.fault()}
        return found

    def fault(self) -> str:
        budget = self.dice.pick(("1", "k0", "1"))
        self.budgets |= {budget} - {"1"}
        return budget

    def odd(self) -> bool:
        """Whether one of them is to be singled out here."""
        return self.dice.chance(self.dice.spice)

    @property
    def one(self) -> str:
        """A member by name."""
        return "g(e1)" if self.keyed else "g(1)"

    # ---- roles

    def role(self, name: str) -> dict[str, Any]:
        dice = self.dice
        states = STATES[: dice.pick((2, 3))]
        sorts = {"n": "0..1 = 0", "peer": "member?", "seen": "set[member]", "mark": "map[member, bool]", "tag": "E?"}
        chosen = dice.some(list(sorts), 1, 2)
        variables = {variable: sorts[variable] for variable in chosen}
        if dice.chance(15):
            variables["n"] = "0..1 in {0, 1}"
            chosen = [*dict.fromkeys([*chosen, "n"])]
            self.left_open.add(name)
        if name != "central" and self.odd():
            variables["first"] = f"member = {self.one}"
        lines: list[dict[str, Any]] = []
        for i in range(dice.pick((2, 1)) if name != "other" else 1):
            kind = dice.pick(("user", "protocol", "environment"))
            line = self.line(name, states, chosen, None, first=i == 0)
            line = {"trigger": dice.pick(("x0", "x1")), "kind": kind, **line}
            if kind != "protocol" and dice.chance(85):
                line["budget"] = dice.pick(("k0", "k1"))
                self.budgets.add(line["budget"])
            lines.append(line)
        for form in self.forms:
            for _ in range(dice.pick((1, 1, 0, 2))):
                lines.append({"trigger": form, **self.line(name, states, chosen, form)})
        found: dict[str, Any] = {"states": list(states), "initial": "s0", "variables": variables}
        found["final"] = list(states) if dice.chance(70) else dice.some(states)
        found["transitions"] = lines
        ignore = {form: dice.some(states, 1) for form in self.forms if dice.chance(50)}
        if ignore:
            found["ignore"] = ignore
        defer = {form: ["s0"] for form in self.forms if "s0" not in ignore.get(form, []) and dice.chance(15)}
        if defer:
            found["defer"] = defer
        counts: dict[str, int] = {}
        for line in lines:
            counts[line["trigger"]] = counts.get(line["trigger"], 0) + 1
            self.fired.append(f"{name}.{line['trigger']}.{counts[line['trigger']]}")
        return found

    def line(
        self, role: str, states: tuple[str, ...], own: list[str], form: str | None, *, first: bool = False
    ) -> dict[str, Any]:
        """A line with its source, choice, conditions and effects."""
        dice = self.dice
        found: dict[str, Any] = {}
        if form is None or dice.chance(40):
            found["source"] = "s0" if first else dice.pick(states)
        if dice.chance(75):
            found["dest"] = dice.pick(states[::-1])
        members = ["self"] if role == "member" else []  # expressions for one member
        if form is not None:
            members += ["msg.who"] if "who" in self.forms[form] else []
            members += ["msg.maybe"] if "maybe" in self.forms[form] else []
            if dice.chance(60):
                found["from"] = "g"
                members.append("sender")
        if not first and dice.chance(35):
            found["choose"] = {
                "c": dice.pick(["member", *(["seen"] if "seen" in own else []), *self.sets(own, members)])
            }
            members.append("c")
        conditions = []
        if "peer" in own and dice.chance(50):
            conditions.append("peer != none")
            members.append("peer")
        if "msg.maybe" in members:
            conditions.append("msg.maybe != none")
        if members and not first and dice.chance(35):
            conditions.append(self.condition(role, own, members))
        if form is None and dice.chance(15):
            asked = dice.pick(("sender", "receiver"))
            message, who = dice.pick(list(self.forms)), self.one if self.odd() else "x"
            test = f"in_flight({message}, {asked}={who})"
            conditions.append(
                dice.pick(
                    (f"any({test} for x in g)", f"len({{x for x in g if {test}}}) > 1", f"how_many({message}) < 2")
                )
            )
        sends = [sent for _ in range(dice.pick((1, 0, 1, 2))) for sent in self.sending(role, own, members, form)]
        assigned = self.assigned(own, members)
        found |= {"conditions": conditions} if conditions else {}
        found |= {"set": assigned} if assigned else {}
        found |= {"send": sends} if sends else {}
        return found

    def sets(self, own: list[str], members: list[str]) -> list[str]:
        """Expressions for sets of members."""
        found = ["g", *(f"member - {{{member}}}" for member in members)]
        return [*found, *(["seen", "member - seen"] if "seen" in own else [])]

    def condition(self, role: str, own: list[str], members: list[str]) -> str:
        dice, one = self.dice, self.dice.pick(members)
        if self.odd():
            number = [] if self.keyed or role != "member" else ["key == 1"]
            return dice.pick([f"{one} == {self.one}", f"{one} != {self.one}", *number])
        options = [f"{one} in member - {{{dice.pick(members)}}}", f"{one} == {dice.pick(members)}"]
        options += [f"{one} in seen", f"{one} not in seen", "len(seen) < 2"] if "seen" in own else []
        options += [f"mark[{one}]", f"not mark[{one}]", "any(mark[x] for x in member)"] if "mark" in own else []
        options += ["tag == key"] if "tag" in own and self.keyed and role == "member" else []
        options += ["n == 0"] if "n" in own else []
        return dice.pick(options)

    def assigned(self, own: list[str], members: list[str]) -> dict[str, str]:
        dice, found = self.dice, dict[str, str]()
        for variable in dice.some(own, 0, 2):
            match variable:
                case "n":
                    found["n"] = "1 - n"
                case "peer":
                    found["peer"] = dice.pick([*members, "none"])
                case "seen" if members:
                    sign = dice.pick("||-")
                    found["seen"] = f"seen {sign} {{{dice.pick(members)}}}"
                case "mark" if members:
                    found[f"mark[{dice.pick(members)}]"] = dice.pick(("true", "true", "false"))
                case "tag":
                    found["tag"] = "key" if self.keyed and members[:1] == ["self"] else "none"
        return found

    def sending(self, role: str, own: list[str], members: list[str], form: str | None) -> list[dict[str, Any]]:
        """One message to somebody; none where nobody is there whom it could name."""
        dice = self.dice
        message = dice.pick(list(self.forms))
        options = ["hub", "hub"] if role != "central" else ["g"]
        options += [*members, *self.sets(own, members), *(["sender"] if form is not None else [])]
        options += ["q"] if self.pairs else []
        to = self.one if self.odd() else dice.pick(options)
        elements: dict[str, str] = {"to": to}
        for element in self.forms[message]:
            if element in ("who", "maybe"):
                named = [*members, *(["none"] if element == "maybe" else [])]
                if not named:
                    return []
                elements[element] = dice.pick(named)
            elif element == "tag":
                if not self.keyed or role != "member":
                    return []
                elements[element] = "e0" if self.odd() else "key"
            elif dice.chance(70):
                elements[dice.pick(("num", "num?"))] = dice.pick(("0", "1"))
        return [{message: elements}]

    # ---- what looks on

    def observer(self) -> dict[str, Any]:
        dice = self.dice
        lines: list[dict[str, Any]] = []
        for i in range(dice.pick((1, 2))):
            event, name, actor = dice.pick(
                (("fired", dice.pick(self.fired), "actor"), ("received", dice.pick(list(self.forms)), "sender"),
                 ("sent", dice.pick(list(self.forms)), dice.pick(("sender", "receiver"))))
            )  # fmt: skip
            line: dict[str, Any] = {"on": {event: name}, "source": f"z{i}", "dest": dice.pick(("z0", "z1"))}
            if event != "fired" or name.startswith("member"):
                if event != "fired":
                    line["conditions"] = [f"{actor} in member"]
                value = {"who": actor, "heard": f"heard | {{{actor}}}"}
                line["set"] = {name: value[name] for name in dice.some(list(value), 1)}
                if self.odd():
                    line["conditions"] = [f"{actor} != {self.one}"]
            lines.append(line)
        variables = {"who": "member?", "heard": "set[member]"}
        return {"variables": variables, "states": ["z0", "z1"], "initial": "z0", "transitions": lines}

    def promise(self, observed: bool) -> dict[str, Any]:
        """A property of runs. Where it says nothing of how a run begins, runs can break it late."""
        dice = self.dice
        goal = self.said(observed)
        goal = dice.pick((f"not ({goal})", goal, f"{goal} and {self.said(observed)}"))
        kind = dice.pick(("leads_to", "always_eventually", "leads_to", "eventually"))
        found: dict[str, Any] = {"text": "It comes.", kind: [self.said(observed), goal] if kind == "leads_to" else goal}
        if kind != "eventually" and dice.chance(20):
            found["when"] = self.said(observed)
        fairness = dice.pick(("", "strong", "", "none"))
        return found | ({"fairness": fairness} if fairness else {})

    def said(self, observed: bool) -> str:
        """A condition that says the same of all of them."""
        return self.dice.pick(self.conditions(observed))

    def conditions(self, observed: bool) -> list[str]:
        """Conditions that say the same of all of them."""
        dice = self.dice
        form = dice.pick(list(self.forms))
        state = dice.pick(STATES[1:2] + STATES[:1])
        parts = [
            f"any(a.state == {state} and b.state == {state} for a in member for b in member if a != b)",
            f"all(a.state == {state} for a in g)",
            f"count(a.state != {state} for a in g) == 1",
            f"in_flight({form})",
            f"any(in_flight({form}, sender=a) and a.state == {state} for a in member)",
            f"any(in_flight({form}, receiver=a) for a in member if a.state == s0)",
            f"hub.state == {state}",
        ]
        if observed:
            parts += ["z.who != none", "len(z.heard) == 2", f"any(a in z.heard and a.state == {state} for a in g)"]
        return parts

    def property_(self, observed: bool, number: int) -> dict[str, Any]:
        dice = self.dice
        parts = self.conditions(observed)
        if self.odd():
            form, state = dice.pick(list(self.forms)), dice.pick(STATES[1:2] + STATES[:1])
            parts = [f"{self.one}.state == {state}", f"in_flight({form}, sender={self.one})"]
            parts += ["z.who != none and z.who.state == s1", f"z.who == {self.one}"] if observed else []
        said = [dice.pick(parts)]
        if observed and number == 0 and "z." not in said[0]:
            said.append("z.state == z1")
        if dice.chance(50):
            said.append(dice.pick(parts))
        kind = dice.pick(("never", "always", "reachable"))
        found: dict[str, Any] = {"text": "It holds.", kind: (" or " if kind == "always" else " and ").join(said)}
        if dice.chance(25):
            found["when"] = dice.pick(parts)
        return found
