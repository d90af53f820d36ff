"""Who talks to whom in a scenario, and through which channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Enumeration, Instances, Integer, Maybe, SetOf, Value
from mcfsm.expressions.parse import SourceText, is_name
from mcfsm.expressions.scope import Meaning
from mcfsm.language.files.document import ChannelPart, ScenarioPart
from mcfsm.language.resolving.constants import noted_constant
from mcfsm.language.resolving.declarations import Declarations
from mcfsm.language.resolving.faults import Faults
from mcfsm.model import CHANNEL_KINDS, Channel, ChannelKind, Instance, Message, Role, Sending
from mcfsm.problems import Problems, closest

MOST_HELD = 1000  # messages in a channel
MOST_CORRUPTED = 256  # messages that one may be corrupted to
_KIND = Enumeration(CHANNEL_KINDS, "a kind of channel")
_KINDS: dict[str, Meaning] = {kind: n.Constant(_KIND, kind) for kind in CHANNEL_KINDS}


def channel_kinds(scenario: ScenarioPart, made: Declarations, problems: Problems) -> dict[SourceText, ChannelKind]:
    """The kind of channel of each line, which may depend on readings and options; fifo where it is wrong, and noted."""
    kinds: dict[SourceText, ChannelKind] = {}
    for line, part in (scenario.channels or {}).items():
        value: Value | None = part.kind
        if value not in CHANNEL_KINDS and isinstance(part.kind, SourceText):
            if is_name(part.kind):
                problems.add("M204", part.kind.span, f"{part.kind} is none of {', '.join(CHANNEL_KINDS)}")
            else:
                value = noted_constant(part.kind, made.scope().plus(_KINDS), _KIND, "the kind of a channel", problems)
        kinds[line] = next((kind for kind in CHANNEL_KINDS if kind == value), "fifo")
    return kinds


def pair_channels(
    name: SourceText,
    scenario: ScenarioPart,
    kinds: Mapping[SourceText, ChannelKind],
    instances: list[Instance],
    roles: Mapping[str, Role],
    faults: Faults,
    made: Declarations,
    problems: Problems,
    first: Iterable[tuple[str, str, Message]] = (),
) -> list[Channel]:
    """A channel for every pair that talks, in the order of instances, each by the most specific line that fits it.

    `first` are the messages that are on their way at first: sender, receiver, message.
    """
    written = scenario.channels or {}
    ends = _line_ends(written, instances, made.scenario, problems)
    bounds = {key: _bound(key, kinds[key], part, made, problems) for key, part in written.items()}
    first = tuple(first)
    talking = talking_pairs(instances, roles, first)
    channels: list[Channel] = []
    missing: list[str] = []
    corrupted: dict[SourceText, dict[str, None]] = {}  # by line, what may be sent there
    ambiguous: dict[tuple[SourceText, ...], str] = {}
    for sender in instances:
        for receiver in instances:
            if (sender.name, receiver.name) not in talking:
                continue
            pair = f"{sender.name} -> {receiver.name}"
            best = _best_lines(ends, sender, receiver)
            if not best:
                missing.append(pair)
                continue
            if len(best) > 1:
                ambiguous.setdefault(best, pair)
            line, part = best[0], written[best[0]]
            ends_ = sender.name, receiver.name
            kept, head = part.may_stay == "true", part.faults is not None and part.faults.head_loss is not None
            kind, bound, lost = kinds[line], bounds[line], faults.lines[line]
            channels.append(Channel(*ends_, kind, bound, part.when_full, lost, kept, head))
            if "corruption" in dict(channels[-1].faults):
                there = [message.name for *link, message in first if link == [*ends_]]
                corrupted.setdefault(line, {}).update(dict.fromkeys([*_messages(roles[sender.role]), *there]))
    _note_corruptions(corrupted, made, problems)
    if missing and len(ends) == len(written):
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        message = f"scenario {name} gives no channel for {missing[0]}{more}, which talk"
        problems.add("M610", name.span, message, "channels: {default: {kind: fifo, bound: 2}}")
    for keys, pair in ambiguous.items():
        message = f"'{keys[0]}' and '{keys[1]}' fit {pair} equally well"
        problems.add("M610", keys[1].span, message, "name the instances at both ends")
    return channels


def _messages(role: Role) -> list[str]:
    return [sending.message for transition in role.transitions for sending in transition.sends]


def _note_corruptions(corrupted: Mapping[SourceText, Iterable[str]], made: Declarations, problems: Problems) -> None:
    """Note the first message of each line that has too many others that it could be corrupted to."""
    for line, messages in corrupted.items():
        for name in messages:
            others = sum(domain.size() - 1 for _, domain, _ in made.messages[name].elements)
            if others > MOST_CORRUPTED:
                message = (
                    f"corruption could make any of {others:,} others of {name}, and at most {MOST_CORRUPTED} are tried"
                )
                problems.add("M611", line.span, message, "give its elements smaller domains")
                break


def _line_ends(
    written: Iterable[SourceText], instances: list[Instance], where: str, problems: Problems
) -> dict[SourceText, tuple[str, str]]:
    """Sender and receiver of each line under channels; a line that names no pair is noted and left out."""
    known = {"*", *(i.name for i in instances), *(i.group for i in instances)}
    lines: dict[SourceText, tuple[str, str]] = {}
    for key in written:
        if key == "default":
            lines[key] = ("*", "*")
            continue
        arrow = key.find("->")
        ends = key.part(0, arrow), key.part(arrow + 2, len(key))
        if arrow < 0 or "->" in ends[1]:
            hint = "default, or sender -> receiver; * is any instance"
            problems.add("M610", key.span, f"'{key}' names no channels", hint)
            continue
        unknown = [end for end in ends if end not in known]
        for end in unknown:
            message = f"{where} has no instance or group {end}"
            problems.add("M602", end.span, message, closest(end, known - {"*"}))
        if not unknown:
            lines[key] = str(ends[0]), str(ends[1])
    return lines


def _best_lines(
    ends: Mapping[SourceText, tuple[str, str]], sender: Instance, receiver: Instance
) -> tuple[SourceText, ...]:
    """The lines that fit a pair most closely."""
    scores: dict[SourceText, int] = {}
    for key, (first, second) in ends.items():
        points = _closeness(first, sender), _closeness(second, receiver)
        if None not in points:
            scores[key] = sum(point for point in points if point is not None)
    best = max(scores.values(), default=0)
    return tuple(key for key, score in scores.items() if score == best)


def _closeness(end: str, instance: Instance) -> int | None:
    """Two points where an end names the instance, one for its group, none for any; None where it does not fit."""
    if end == instance.name:
        return 2
    if end == instance.group:
        return 1
    return 0 if end == "*" else None


def _bound(key: SourceText, kind: ChannelKind, part: ChannelPart, made: Declarations, problems: Problems) -> int | None:
    """Messages the channel holds; None on a set, and where the bound is wrong."""
    if kind == "set":
        if part.bound is not None:
            message = "a set channel has no bound: a message once sent stays"
            problems.add("M610", part.bound.span, message, "leave bound out")
        if part.may_stay == "true":
            message = "may_stay on a set channel, where a message once sent stays"
            problems.add("M610", key.span, message, "leave may_stay out")
        return None
    if part.bound is None:
        hint = f"{{kind: {kind}, bound: 2}}"
        problems.add("M202", key.span, f"the bound is missing: how many messages a {kind} channel holds", hint)
        return None
    bound = noted_constant(part.bound, made.scope(), Integer(1, MOST_HELD), "the bound", problems)
    return None if bound is None else int(bound)


def talking_pairs(
    instances: list[Instance], roles: Mapping[str, Role], first: Iterable[tuple[str, str, Message]] = ()
) -> set[tuple[str, str]]:
    """The ordered pairs of instances that may talk: least fixed point, as `to: sender` depends on who sends."""
    arriving: dict[tuple[str, str], set[str]] = {}  # (receiver, message) to senders
    for sender, receiver, message in first:
        arriving.setdefault((receiver, message.name), set()).add(sender)
    grown = True
    while grown:
        grown = False
        for instance in instances:
            for transition in roles[instance.role].transitions:
                callers = arriving.get((instance.name, transition.trigger), set())
                for sending in transition.sends:
                    for target in _targets(sending, callers, instance):
                        senders = arriving.setdefault((target, sending.message), set())
                        grown = grown or instance.name not in senders
                        senders.add(instance.name)
    return {(sender, receiver) for (receiver, _), senders in arriving.items() for sender in senders}


def _targets(sending: Sending, callers: set[str], instance: Instance) -> tuple[str, ...]:
    """The instances that a message may go to."""
    to = sending.to
    while isinstance(to, n.Narrow):
        to = to.inner
    value = to.value if isinstance(to, n.Constant) else None
    if isinstance(to, n.Read):
        if to.name == "sender":
            return tuple(callers)
        value = {"self": instance.name, **dict(instance.parameters)}.get(to.name)
    if value is not None:
        return tuple(value) if isinstance(value, frozenset) else (value,)
    domain = to.domain
    while isinstance(domain, Maybe | SetOf):
        domain = domain.inner if isinstance(domain, Maybe) else domain.element
    assert isinstance(domain, Instances)
    return domain.names
