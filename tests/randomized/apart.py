"""Random small models in which much goes on side by side, for what leaves interleavings out.

What they are depends on a number alone: so a number that shows a defect shows it everywhere. In models that are drawn
for all of the language (`strategies`) most steps depend on each other.
"""

from __future__ import annotations

from random import Random

from mcfsm.model import CHANNEL_POLICIES

SCENARIO = "s"


def apart_text(number: int) -> str:
    """The text of a model: two to four instances, each of its own role with a few states, and channels among some.

    It need not be one: what is named may be missing, and then the text is refused.
    """
    chance = Random(number)
    count = chance.choice([2, 3, 3, 4])
    names = [f"i{i}" for i in range(count)]
    links = [(a, b) for a in names for b in names if a != b and chance.random() < 0.45]
    messages_of = {link: [f"m_{link[0]}_{link[1]}"] for link in links}
    for link in links:
        messages_of[link] += [f"n_{link[0]}_{link[1]}"] if chance.random() < 0.3 else []
    messages = [message for link in links for message in messages_of[link]]
    budgets = [f"b{i}" for i in range(chance.choice([0, 0, 1, 2]))]
    freeze = chance.random() < 0.3
    sent: set[str] = set()
    roles: list[str] = []
    used: set[str] = set()
    fired: list[str] = []
    states_of = {name: [f"{name}_s{j}" for j in range(chance.randint(2, 4))] for name in names}
    for name in names:
        states = states_of[name]
        lines: list[str] = []

        def way(here: str, states: list[str] = states) -> str:
            """Mostly on to the next state, seldom anywhere."""
            at = states.index(here)
            return states[at + 1] if at + 1 < len(states) and chance.random() < 0.75 else chance.choice(states)

        def sends(name: str = name) -> str:
            out = [link for link in links if link[0] == name and chance.random() < 0.5]
            parts = []
            for link in out:
                sent.add(message := chance.choice(messages_of[link]))
                parts.append(f"{{{message}: {{to: {link[1]}}}}}")
            return f", send: [{', '.join(parts)}]" if parts else ""

        for here in states[: -1 if chance.random() < 0.7 else None]:
            if chance.random() < 0.75:
                kind = chance.choice(["protocol", "protocol", "user", "environment"])
                line = (
                    f"id: {name}_{len(lines)}, trigger: t{len(lines)}, kind: {kind}, source: {here}, dest: {way(here)}"
                )
                if kind != "protocol" and budgets and chance.random() < 0.7:
                    used.add(budget := chance.choice(budgets))
                    line += f", budget: {budget}"
                fired.append(f"{name}_{len(lines)}")
                lines.append(f"    - {{{line}{sends()}}}")
        inbox = [message for link in links if link[1] == name for message in messages_of[link]]
        ignore: dict[str, list[str]] = {}
        defer: dict[str, list[str]] = {}
        for message in inbox:
            for here in states:
                what = chance.random()
                if what < 0.55:
                    line = f"id: {name}_{len(lines)}, trigger: {message}, source: {here}, dest: {way(here)}"
                    lines.append(f"    - {{{line}{sends()}}}")
                elif what < 0.75:
                    ignore.setdefault(message, []).append(here)
                elif what < 0.85:
                    defer.setdefault(message, []).append(here)
        final = [state for state in states if chance.random() < 0.5]
        roles += [f"  r_{name}:", f"    states: [{', '.join(states)}]", f"    initial: {states[0]}"]
        roles += [f"    final: [{', '.join(final)}]"] if final else []
        roles += ["    transitions:", *lines] if lines else ["    transitions: []"]
        for key, said in (("ignore", ignore), ("defer", defer)):
            if said:
                listed = (f"{message}: [{', '.join(where)}]" for message, where in said.items())
                roles.append(f"    {key}: {{{', '.join(listed)}}}")
    watched = sorted(sent) if sent and chance.random() < 0.3 else []
    observers = ["observers:", "  o:", "    states: [o0, o1, o2]", "    initial: o0", "    transitions:"]
    if watched:
        first, then = chance.choice(watched), chance.choice(watched)
        event = chance.choice(["sent", "received"])
        observers.append(f"    - {{on: {{{event}: {first}}}, source: o0, dest: o1}}")
        observers.append(f"    - {{on: {{{event}: {then}}}, source: o1, dest: o2}}")
        if fired:
            observers.append(f"    - {{on: {{fired: {chance.choice(fired)}}}, source: o2, dest: o1}}")

    def atom() -> str:
        what = chance.random()
        if what < 0.2 and sent:
            return f"{chance.choice(['not ', ''])}in_flight({chance.choice(sorted(sent))})"
        if what < 0.3 and freeze:
            return chance.choice(["frozen", "not frozen"])
        if what < 0.45 and watched:
            return f"o.state {chance.choice(['==', '!='])} {chance.choice(['o1', 'o2'])}"
        name = chance.choice(names)
        return f"{name}.state {chance.choice(['==', '==', '!='])} {chance.choice(states_of[name])}"

    properties = ["properties:"]
    for i in range(chance.randint(1, 3)):
        form = chance.choice(["always", "never", "never", "reachable"])
        joint = " or " if form == "always" else " and "
        condition = joint.join(atom() for _ in range(chance.randint(1, 3)))
        when = f'when: "{atom()}", ' if chance.random() < 0.4 else ""
        properties.append(f'  p{i}: {{text: P{i}., {when}{form}: "{condition}"}}')
    bound, kind = chance.choice([1, 1, 2, 3]), chance.choice(["fifo", "fifo", "fifo", "bag", "set"])
    full = chance.choice(CHANNEL_POLICIES)
    channel = "{kind: set}" if kind == "set" else f"{{kind: {kind}, bound: {bound}, when_full: {full}"
    if kind != "set":
        faults = chance.choice(["loss", "duplication", "reordering"] if kind == "fifo" else ["loss", "duplication"])
        channel += f", faults: {{{faults}: 1}}}}" if chance.random() < 0.25 else "}"
    scenario = [f"  {SCENARIO}:", f"    instances: {{{', '.join(f'{name}: r_{name}' for name in names)}}}"]
    scenario += [f"    channels: {{default: {channel}}}"] if links else []
    limits = ", ".join(f"{budget}: {chance.choice([1, 1, 2])}" for budget in sorted(used))
    scenario += [f"    budgets: {{{limits}}}"] if used else []
    scenario += ["    freeze: true"] if freeze else []
    if chance.random() < 0.2:
        scenario.append(f"    crash: {{{names[0]}: {{budget: 1, arrivals: {chance.choice(['wait', 'lost'])}}}}}")
    head = ["model: apart", "messages:", *(f"  {message}: {{}}" for message in messages)]
    if not links:
        head = ["model: apart"]
    parts = [*head, "roles:", *roles, *(observers if watched else []), *properties, "scenarios:", *scenario]
    return "\n".join(parts) + "\n"
