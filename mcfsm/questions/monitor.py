"""At which line does a recorded message log leave the model, and what was possible there instead?

A log is taken on the way: a message stands in it after it was sent and before it was received, so each channel's are
in their order, and how those of two channels lie to each other says no more than that. The log is in the model iff some
run has its messages so; it leaves the model at the first line up to which none has. It may end anywhere.

What is logged later tells which messages can be on their way while a line is looked at. A run may send others too, as
the log may end before them: a step that sends something of the log besides is always taken, and of those that send
nothing of it, while no other such message is on its way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from pathlib import Path

from mcfsm.explore.findings import Limits
from mcfsm.explore.stopping import ended_by
from mcfsm.explore.tapped import Routes, TappedModel, TappedState, TooManyStates
from mcfsm.language.files.log_file import LoggedMessage, NamesFile, read_log, read_names
from mcfsm.model import Message, Model
from mcfsm.model.wire import NotInModel, from_wire
from mcfsm.questions.walk import one_model
from mcfsm.semantics.steps import Step
from mcfsm.semantics.trace import Trace, replay, shown_message
from mcfsm.verdicts.run import Effort, watch_over

_UNLOGGED = 1  # messages on their way that are not in the log, of steps that send none that is
_FEW = 2000  # states that are looked at for what was possible instead
LineProgress = Callable[[int, int], None]  # message, states


@dataclass(frozen=True)
class LeftAt:
    """The line at which a log leaves its model."""

    logged: LoggedMessage
    reason: str | None  # why the model has no such message at all
    possible: tuple[str, ...]  # what might have come next instead
    all_possible: bool  # whether these are all


@dataclass(frozen=True)
class Monitored:
    """A log held against a model: how far some run goes along with it, and the first of these runs."""

    model: Model
    path: str
    messages: int  # in the log, of those that were looked at
    passed: int  # that a run of the model has
    skipped: int  # between instances that were not tapped
    states: int | None  # that the log may have led to; None where it leaves the model
    trace: Trace
    left: LeftAt | None
    undecided: str | None = None  # why it is not known whether the log goes on in the model
    stopped: str | None = None  # the limit or signal that ended it

    @property
    def exit_status(self) -> int:
        """0 where a run has the whole log, 1 where none has, 2 where that is not known."""
        return 1 if self.left else 2 if self.undecided else 0


def monitor(
    path: Path | str,
    log: Path | str,
    *,
    names: Path | str | None = None,
    taps: Iterable[str] = (),
    scenario: str | None = None,
    changes: Iterable[str] | None = None,
    readings: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
    progress: LineProgress | None = None,
    limits: Limits | None = None,
) -> Monitored:
    """Whether some run of a model has the messages of a log, and otherwise at which line it leaves the model.

    `taps` are the instances, groups or roles at which the log was taken: it has every message that they send or get,
    and what the others send to each other is not looked at. Without any it has every message. `names` says what the
    fields of the log mean. Of the `limits` those of seconds and memory hold. Raises ModelError for what is wrong with
    the model or a name, and its kind LogError for the log; and KeyboardInterrupt where it was ended before the log was
    looked at.
    """
    with watch_over(Effort(limits=limits)):
        model = one_model(path, scenario=scenario, properties=[], changes=changes, readings=readings, settings=settings)
        known = None if names is None else read_names(Path(names))
        return _held_against(model, Path(log), known, tuple(taps), progress)


def _held_against(
    model: Model, log: Path, known: NamesFile | None, taps: tuple[str, ...], progress: LineProgress | None
) -> Monitored:
    channels = _tapped(model, taps)
    follower = _Follower(TappedModel(model, channels, _unfrozen), progress)
    logged: list[tuple[LoggedMessage, int, Message]] = []
    skipped, unknown = 0, None
    for each in read_log(log, known):
        try:
            channel, message = from_wire(model, each.wire)
        except NotInModel as error:
            if taps and not _concerns(model, channels, each):
                skipped += 1
                continue
            unknown = each, str(error)
            break
        if channel in follower.tapped.at:
            logged.append((each, channel, message))
        else:
            skipped += 1
    found = follower.judge([(channel, message) for _, channel, message in logged])
    if found.passed < len(logged) and found.undecided is None:
        each = logged[found.passed][0]
        left = LeftAt(each, None, *follower.instead(found.routes, each.wire.sender))
    elif unknown is not None and found.undecided is None:
        left = LeftAt(*unknown, *follower.instead(found.routes, unknown[0].wire.sender))
    else:
        left = None
    route = next(iter(found.routes.values()))
    trace = replay(follower.tapped.product, () if route is None else route.steps)
    return Monitored(
        model=follower.tapped.model,
        path=str(log),
        messages=len(logged) + (unknown is not None),
        passed=found.passed,
        skipped=skipped,
        states=None if left or found.undecided else len(found.routes),
        trace=trace,
        left=left,
        undecided=found.undecided,
        stopped=follower.stopped,
    )


@dataclass(frozen=True)
class _Followed:
    """How many messages some run has, and the states after them."""

    passed: int
    routes: Routes
    undecided: str | None = None


class _Follower:
    """The runs of a model that have the messages of a log."""

    def __init__(self, tapped: TappedModel, progress: LineProgress | None) -> None:
        self.tapped, self.progress = tapped, progress
        self.stopped: str | None = None  # the limit or signal that ended it

    def judge(self, messages: Sequence[tuple[int, Message]]) -> _Followed:
        """How many of the messages some run has, from the first on."""
        strictly = self.follow(messages, 0)
        if strictly.passed == len(messages) or self.stopped is not None:
            return strictly
        found = self.follow(messages, _UNLOGGED)
        if self.stopped is None or found.passed >= strictly.passed:
            return found
        return replace(strictly, undecided=found.undecided)

    def follow(self, messages: Sequence[tuple[int, Message]], unlogged: int) -> _Followed:
        """The states after as many of the messages as runs have, with so many on their way that are not logged."""
        ahead: dict[int, list[Message]] = defaultdict(list)
        for channel, message in reversed(messages):
            ahead[channel].append(message)

        def allowed(before: TappedState, step: Step, after: TappedState) -> bool:
            more = self._others(after, ahead)
            return more <= unlogged or more - self._others(before, ahead) < len(step.sends)

        routes: Routes = self.tapped.initial()
        for number, (channel, message) in enumerate(messages):
            last = number + 1 == len(messages)
            enough = partial(self._offers, channel, message) if last else None
            try:
                closed = self.tapped.closure(routes, allowed, enough=enough)
                seen = self.tapped.see(closed, channel, message)
            except TooManyStates as error:
                return _Followed(number, routes, str(error))
            except (KeyboardInterrupt, MemoryError) as error:
                self.stopped = ended_by(error)
                self.tapped.forget()
                return _Followed(number, routes, f"stopped by {self.stopped}")
            if not seen:
                return _Followed(number, routes)
            ahead[channel].pop()
            routes = seen
            if self.progress is not None:
                self.progress(number + 1, len(closed))
        return _Followed(len(messages), routes)

    def _offers(self, channel: int, message: Message, here: TappedState) -> bool:
        return bool(self.tapped.see({here: None}, channel, message))

    def _others(self, here: TappedState, ahead: Mapping[int, list[Message]]) -> int:
        """How many messages are on their way and not seen yet that the log does not have next."""
        count = 0
        for at, channel in enumerate(self.tapped.tapped):
            content, seen = here.state.channels[channel], here.seen[at]
            if len(content) == len(seen):
                continue
            if self.tapped.model.channels[channel].kind == "fifo":
                unseen, following = content[len(seen) :], ahead.get(channel, [])
                alike = takewhile(lambda pair: pair[0] == pair[1], zip(unseen, reversed(following), strict=False))
                count += len(unseen) - sum(1 for _ in alike)
            else:
                count += (Counter(content) - Counter(seen) - Counter(ahead.get(channel, []))).total()
        return count

    def instead(self, routes: Routes, sender: str) -> tuple[tuple[str, ...], bool]:
        """What might be seen next, what somebody sends before what others do; and whether that is all there is."""
        try:
            states, complete = self.tapped.closure(routes, most=_FEW), True
        except TooManyStates as error:
            states, complete = error.found, False
        except (KeyboardInterrupt, MemoryError) as error:
            self.stopped = ended_by(error)
            states, complete = routes, False
        model = self.tapped.model
        following = [(model.channels[at], message) for at, message in self.tapped.next_seen(states)]
        following.sort(key=lambda pair: pair[0].sender != sender)
        shown = (f"{shown_message(model, each)} from {way.sender} to {way.receiver}" for way, each in following)
        return tuple(shown), complete


def _unfrozen(step: Step) -> bool:
    """Every step but the freeze, which makes nothing possible."""
    return step.outcome is not None or step.fault is not None


def _concerns(model: Model, channels: Iterable[int], logged: LoggedMessage) -> bool:
    """Whether an end of a message that the model does not know is that of a tapped channel."""
    ends = {end for i in channels for end in (model.channels[i].sender, model.channels[i].receiver)}
    return logged.wire.sender in ends or logged.wire.receiver in ends


def _tapped(model: Model, taps: Sequence[str]) -> list[int]:
    """The channels of some instances, groups or roles; all of them without any. Raises ModelError (M602)."""
    chosen = {model.instances[i].name for name in taps for i in model.meant_by(name)}
    return [i for i, c in enumerate(model.channels) if not taps or c.sender in chosen or c.receiver in chosen]
