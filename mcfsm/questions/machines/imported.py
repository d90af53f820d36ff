"""Machines of `transitions` side by side as one model: read, checked, and what is odd in each by itself.

    imported = mcfsm.from_transitions({"heater": machine}, attributes={"heater": {"warmth": range(4)}})
    imported.check()

A trigger that another machine sends is a message; all others are taken by a user. One trigger is one step, with all
that its callbacks trigger in turn: the library runs it to completion, queued or not.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from transitions import Machine

from mcfsm.model import Model
from mcfsm.problems import closest
from mcfsm.questions.machines.lines import FAILED, lines_of
from mcfsm.questions.machines.running import Domain, Ran, Runner, Send, refused, shown

if TYPE_CHECKING:
    from mcfsm.questions.check import Checked

Attributes = Mapping[str, Mapping[str, Any]]
_CHANNELS = {"default": {"kind": "fifo", "bound": 2}}


@dataclass(frozen=True)
class Imported:
    """A model made of machines: `text` is its file in the language, `notes` say what is odd in a machine alone."""

    text: str
    notes: tuple[str, ...]
    runners: Mapping[str, Runner]
    runs: Mapping[str, tuple[Ran, ...]]
    names: Mapping[str, Mapping[Any, str]]  # of a machine, what its states are called in the model

    @cached_property
    def model(self) -> Model:
        """The model, resolved. Raises ModelError for what the language does not allow."""
        from mcfsm.questions.walk import one_model

        with tempfile.TemporaryDirectory() as folder:
            return one_model(self.save(Path(folder) / "machines.yaml"))

    def check(self, **options: Any) -> Checked:
        """What `mcfsm.check` finds, with its options."""
        from mcfsm.questions.check import check

        with tempfile.TemporaryDirectory() as folder:
            return check(self.save(Path(folder) / "machines.yaml"), **options)

    def save(self, path: Path | str) -> Path:
        """Write the model to a file, for every command of mcfsm; its path."""
        Path(path).write_text(self.text, encoding="utf-8")
        return Path(path)


def from_transitions(
    machines: Mapping[str, Machine],
    *,
    attributes: Attributes | None = None,
    sends: Mapping[str, Mapping[str, Send]] | None = None,
    properties: Mapping[str, Mapping[str, str]] | None = None,
    kinds: Mapping[str, str] | None = None,
    channels: Mapping[str, Any] | None = None,
    budgets: Mapping[str, int] | None = None,
) -> Imported:
    """The model that machines are, each by the name of an instance, from the state that each is in.

    `attributes` declares what callbacks and conditions read and set: machine to attribute to its values, `bool`, a
    range, or a list of numbers or names. `sends` says which methods of a model object send a message: machine to method
    to (machine, trigger); they are not run. `kinds` has the kind of a trigger that nobody sends (user, environment,
    protocol), `budgets` how often those of the kinds user and environment may be taken; `properties` and `channels` are
    as in a model file. Every other callback has to be a function of the declared attributes. Raises ModelError (M906)
    with a sentence that names the callback which is not, and for values outside of what is declared.
    """
    declared, sending = attributes or {}, sends or {}
    for given in (*declared, *sending):
        if given not in machines:
            raise refused(f"there is no machine {given}", closest(given, machines))
    domains = {
        name: {attribute: _domain(name, attribute, given) for attribute, given in declared.get(name, {}).items()}
        for name in machines
    }
    runners = {name: Runner(name, one, domains[name], sending.get(name, {})) for name, one in machines.items()}
    received = {send for per_machine in sending.values() for send in per_machine.values()}
    for to, trigger in received:
        if to not in runners:
            raise refused(f"a message is sent to {to}, which is no machine", closest(to, runners))
        if trigger not in runners[to].triggers:
            raise refused(f"{to} has no trigger {trigger}", closest(trigger, runners[to].triggers))
    runs = {name: tuple(runner.ran()) for name, runner in runners.items()}
    names = {name: _state_names(runs[name], runners[name]) for name in machines}
    notes = [note for name in machines for note in _notes(runners[name], runs[name])]
    data: dict[str, Any] = {"model": f"machines of transitions: {', '.join(machines)}"}
    enumerated = {
        _title(name, attribute): [str(_word(value)) for value in domain]
        for name, own in domains.items()
        for attribute, domain in own.items()
        if isinstance(domain[0], str)
    }
    data |= {"domains": enumerated} if enumerated else {}
    data |= {"messages": {trigger: {} for _, trigger in sorted(received)}} if received else {}
    data["roles"] = {
        _role(name): _part(runners[name], runs[name], names[name], received, kinds or {}, budgets or {})
        for name in machines
    }
    promised = {name: dict(one) for name, one in (properties or {}).items()}
    for name in machines:
        if any(ran.kind == "failed" for ran in runs[name]):
            text = f"No trigger of {name} ends in an exception."
            promised[f"{name}_does_not_fail"] = {"text": text, "never": f"{name}.state == {FAILED}"}
    data |= {"properties": promised} if promised else {}
    scenario: dict[str, Any] = {"instances": {name: _role(name) for name in machines}}
    scenario |= {"channels": dict(channels or _CHANNELS)} if received else {}
    scenario |= {"budgets": dict(budgets)} if budgets else {}
    data["scenarios"] = {"together" if len(machines) > 1 else "alone": scenario}
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)
    return Imported(text, tuple(notes), runners, runs, names)


def _part(
    runner: Runner,
    runs: Sequence[Ran],
    names: Mapping[Any, str],
    received: set[Send],
    kinds: Mapping[str, str],
    budgets: Mapping[str, int],
) -> dict[str, Any]:
    """A role, as it is written in a model file."""
    part: dict[str, Any] = {}
    if runner.attributes:
        first = runner.initial.values
        part["variables"] = {
            name: f"{_domain_text(runner.name, name, domain)} = {_word(value)}"
            for (name, domain), value in zip(runner.attributes.items(), first, strict=True)
        }
    lines = lines_of(runs, runner.attributes, _word)
    failed = any(line["dest"] == FAILED for line in lines)
    part["states"] = [*names.values(), *([FAILED] if failed else [])]
    part["initial"] = names[runner.initial.state]
    part["final"] = [*_final(runner, names), *([FAILED] if failed else [])]
    messages = {trigger for to, trigger in received if to == runner.name}
    written: list[dict[str, Any]] = []
    taken: dict[str, int] = {}
    for line in lines:
        trigger = line["trigger"]
        number = next(iter(line["executed"]), 0)
        stem = f"{runner.name}.{trigger}.{_place(runner, number)}"
        taken[stem] = taken.get(stem, 0) + 1
        row: dict[str, Any] = {"id": stem if taken[stem] == 1 else f"{stem}.{taken[stem]}"}
        row["trigger"] = trigger if trigger in messages else _spontaneous(runner.name, trigger, received)
        if trigger not in messages:
            row["kind"] = kinds.get(trigger, "user")
            row |= {"budget": trigger} if trigger in budgets else {}
        row["source"] = names[line["source"]]
        dest = FAILED if line["dest"] == FAILED else names[line["dest"]]
        row |= {"dest": dest} if dest != row["source"] else {}
        row |= {"label": f"{trigger}: {line['error']}"[:120]} if line["error"] else {}
        row |= {"conditions": line["conditions"]} if line["conditions"] else {}
        row |= {"set": line["set"]} if line["set"] else {}
        row |= {"send": [{sent: {"to": to}} for to, sent in line["sends"]]} if line["sends"] else {}
        written.append(row)
    part["transitions"] = written
    ignored: dict[str, list[str]] = {}
    for ran in runs:
        state = names[ran.before.state]
        if ran.kind == "nothing" and ran.trigger in messages and state not in ignored.setdefault(ran.trigger, []):
            ignored[ran.trigger].append(state)
    part |= {"ignore": ignored} if ignored else {}
    return part


def _notes(runner: Runner, runs: Sequence[Ran]) -> Iterable[str]:
    """What is odd in a machine by itself: states never reached, transitions never executed, states never left."""
    yield from (f"{runner.name} is never in {state}" for state in _unreached(runner, runs))
    executed = {number for ran in runs for number in ran.executed}
    for number, one in enumerate(runner.transitions):
        if number in executed:
            continue
        before = [other for other in range(number) if runner.transitions[other].trigger == one.trigger
                  and runner.transitions[other].source == one.source and other in executed]  # fmt: skip
        to = one.dest if one.dest is not None else "no other state"
        said = f"{runner.name}: {one.trigger} never leads from {one.source} to {to}"
        if before:
            other = runner.transitions[before[0]]
            said += f": an earlier transition, to {other.dest or 'no other state'}, is always executed instead"
        yield said
    if len(runner.states()) > 1:
        out = {ran.before.state for ran in runs if ran.kind == "moved" and ran.after != ran.before}
        for state in dict.fromkeys(ran.before.state for ran in runs):
            if state not in out and not _declared_final(runner, state):
                yield f"{runner.name} does not leave {shown(state)}"
    failed = {(ran.trigger, ran.before.state): ran for ran in runs if ran.kind == "failed"}
    for ran in failed.values():
        yield f"{runner.name}: {ran.trigger} in {shown(ran.before.state)} ends in {ran.error}"


def _unreached(runner: Runner, runs: Sequence[Ran]) -> list[str]:
    """The states that the machine is never in, nor in one inside of them."""
    states = [runner.initial.state, *(ran.after.state for ran in runs)]
    reached = {one for state in states for one in _inside(state)}
    separator = str(getattr(runner.machine.state_cls, "separator", "\0"))
    return [
        state
        for state in runner.states()
        if not any(one == state or one.startswith(f"{state}{separator}") for one in reached)
    ]


def _inside(state: Any) -> Iterable[str]:
    return (one for part in state for one in _inside(part)) if isinstance(state, tuple) else (state,)


def _final(runner: Runner, names: Mapping[Any, str]) -> list[str]:
    """Those that the machine calls final; all of them where it calls none so."""
    final = [name for state, name in names.items() if _declared_final(runner, state)]
    return final or list(names.values())


def _declared_final(runner: Runner, state: Any) -> bool:
    return all(bool(getattr(runner.machine.get_state(one), "final", False)) for one in _inside(state))


def _state_names(runs: Sequence[Ran], runner: Runner) -> dict[Any, str]:
    """What the states that are reached are called in the model: identifiers, each its own."""
    found: dict[Any, str] = {}
    states = [runner.initial.state, *(state for ran in runs for state in (ran.before.state, ran.after.state))]
    for state in dict.fromkeys([*states, *_unreached(runner, runs)]):
        plain = name = _identifier("_and_".join(_inside(state)))
        number = 2
        while name in found.values():
            name, number = f"{plain}_{number}", number + 1
        found[state] = name
    return found


def _place(runner: Runner, number: int) -> int:
    """The place of a transition among those of its trigger, from 1."""
    if not runner.transitions:
        return 1
    trigger = runner.transitions[number].trigger
    return sum(one.trigger == trigger for one in runner.transitions[: number + 1])


def _spontaneous(name: str, trigger: str, received: set[Send]) -> str:
    """A trigger that nobody sends to this machine; where one of the name is a message of another it has its own."""
    return f"{trigger}_of_{name}" if any(trigger == other for _, other in received) else trigger


def _domain(machine: str, attribute: str, given: Any) -> Domain:
    """The values of an attribute. Raises ModelError for what is none, or too large to try."""
    if given is bool:
        return (False, True)
    values = tuple(given) if isinstance(given, range | list | tuple) else ()
    numbers = all(isinstance(value, int) and not isinstance(value, bool) for value in values)
    texts = all(isinstance(value, str) and re.fullmatch(r"[A-Za-z_]\w*", value) for value in values)
    if values and numbers and values == tuple(range(values[0], values[0] + len(values))):
        return values
    if values and texts and len(set(values)) == len(values):
        return values
    message = f"the values of {attribute} of {machine} are {given!r}"
    raise refused(message, "declare bool, a range of numbers one after the other, or a list of names")


def _domain_text(machine: str, attribute: str, domain: Domain) -> str:
    if domain == (False, True) and isinstance(domain[0], bool):
        return "bool"
    return _title(machine, attribute) if isinstance(domain[0], str) else f"{domain[0]}..{domain[-1]}"


def _title(machine: str, attribute: str) -> str:
    return "".join(part.capitalize() for part in re.split(r"[\W_]+", f"{machine}_{attribute}"))


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value.name if isinstance(value, Enum) else value)


def _role(name: str) -> str:
    return f"{_identifier(name)}_machine"


def _identifier(text: str) -> str:
    name = re.sub(r"\W+", "_", text)
    return f"_{name}" if name[:1].isdigit() else name
