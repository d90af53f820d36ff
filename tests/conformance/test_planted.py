"""The conformance suite finds defects: each of these is planted into the source text, in memory, and has to show.

Kernels run as plain Python here. A defect counts as found when some model's findings differ; a crash is not enough. A
plant whose text is no longer in the source fails loudly: bring it up to date with what it is meant to break.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest
from common import Drawn, is_found, plain_kernel, plant, texts
from kept import kept, shown
from randomized.conformance import Difference, Expected, assert_conforms

from mcfsm.explore import exhaustive, outside, paths, store
from mcfsm.explore import level_search as levels
from mcfsm.kernel import (
    expand as kernel,
)
from mcfsm.kernel import (
    programs,
    remembered,
    sources,
    successors,
)
from mcfsm.kernel import (
    rows as layout,
)
from mcfsm.kernel import (
    state_set as stateset,
)
from mcfsm.kernel import (
    worker as worklists,
)
from mcfsm.model import Model
from mcfsm.semantics import asking, transition
from mcfsm.tables import (
    arena,
    components,
    effects,
    filling,
    local_steps,
    moves,
    packing,
    property_parts,
    situations,
    surroundings,
)
from mcfsm.tables import properties as columns
from mcfsm.tables import property_program as operations

DRAWN = 20  # models drawn at a time
MOST_MODELS = 400  # until a defect has to show
Change = tuple[ModuleType, str, str]

ROWS_DIFFER = "                differs |= rows[row + U(w)] ^ source[U(at + w)]\n            if"
NOT_COMPARED = "                pass\n            if"
FACTORS = "self.factors = odd_factors(self.count)"
NO_FACTORS = "self.factors = np.zeros(self.count, dtype=np.uint64)"
FEW_PLACES, ONE_PLACE = "PLACES = 1 << 16 ", "PLACES = 1 "
SPENT = "instance, says.budget, seen, outcome, step.answers)"
OF_CHANNEL = "\n                self.moves.enter(self._nobodys("

PLANTS: dict[str, list[Change]] = {
    "a dropped transition": [
        (successors, "some += min(last - move, 2)", "some += min(last - move, 1)"),
    ],
    "a wrong field width": [
        (layout, "bits = [max(1, (count - 1).bit_length())", "bits = [max(1, (count - 1).bit_length() - 1)"),
        (layout, "if count > 1]", "if count < 0]"),
    ],
    "a state lost on repacking": [
        (
            stateset,
            "    for state in range(begin, end):\n        for w in range(old_words):",
            "    for state in range(begin, end - 1):\n        for w in range(old_words):",
        ),
    ],
    "a field forgotten on repacking": [
        (stateset, "for i in range(len(shifts)):", "for i in range(1, len(shifts)):"),
    ],
    "a trace with more switches than needed": [
        (paths, "needed + (actors != last)", "needed + (actors == last)"),
    ],
    "a trace that is not the first of the shortest": [
        (paths, "best = min(ways, key=lambda way: way[:2])", "best = max(ways, key=lambda way: (-way[0], way[1]))"),
    ],
    "a trace that is not a shortest one": [
        (worklists, "    if levels[which] == -1:", "    if levels[which] < level and level < 3:"),
    ],
    "a channel that holds one message less": [
        (
            effects,
            "        if joined is None:",
            "        if joined is None or len(joined) == declared.bound:",
        ),
    ],
    "a hash that ignores channels, and rows not compared": [
        (components, FACTORS, f"{FACTORS}\n        self.factors[self.first_channel :] = 0"),
        (stateset, ROWS_DIFFER, NOT_COMPARED),
    ],
    "a hash of nothing, and rows not compared": [
        (components, FACTORS, NO_FACTORS),
        (stateset, ROWS_DIFFER, NOT_COMPARED),
    ],
    "a column that looks at another component": [
        (operations, "(part.component, LEAF,", "(max(0, part.component - 1), LEAF,"),
    ],
    "a column that looks at states only": [
        (columns, "(0 if slot.in_states else places[slot.position] + 1)", "0"),
    ],
    "an observer that does not see": [
        (surroundings, "if label else []", "if label and actor == self.components.instances else []")
    ],
    "an observer that does not see the freeze": [(filling, "None, [FREEZE_EVENT]", "None, []")],
    "a skip that gives the other value": [
        (operations, "part.number(part.short[1]),", "part.number(not part.short[1]),")
    ],
    "a skip that leaves too much out": [(programs, "if values[U(first)] == table:", "if values[U(first)] != table:")],
    "what was judged is told by one component alone": [
        (programs, "for i in range(len(looks) // LOOK):", "for i in range(min(1, len(looks) // LOOK)):"),
    ],
    "what was judged is told by one column of a component": [
        (property_parts, "        for part in columns:", "        for part in columns[:1]:"),
    ],
    "what was judged is told where it has no room": [
        (programs, "if class_ >> bits == 0:", "if class_ >= 0:"),
        (situations, "bits = (2 * len(part.values) + 2).bit_length()", "bits = 1"),
        (situations, "outgrown = any(len(part.values) >> b", "outgrown = False and any(len(part.values) >> b"),
    ],
    "what was judged is told by its place alone": [
        (remembered, FEW_PLACES, ONE_PLACE),
        (remembered, "    return bool(differs == U(0))", "    return True"),
    ],
    "what was judged nowhere is told by a situation of zeros": [
        (remembered, "keys=np.full(places * words, ALL, np.uint64)", "keys=np.zeros(places * words, np.uint64)"),
    ],
    "ignored messages as steps on set channels": [
        (filling, 'says.avoided or (declared.kind == "set" and step.transition == IGNORE)', "says.avoided"),
    ],
    "refused messages as findings on set channels": [
        (filling, 'if declared.kind != "set" and product.silent', 'if declared.kind != "" and product.silent'),
    ],
    "a local state that is not counted as occurred": [
        (arena, "np.nonzero(entries != UNKNOWN)", "np.nonzero(entries > 0)"),
    ],
    "users that go on when frozen": [
        (successors, "flags & U(BY_FREEZE) != U(0)", "flags & U(0) != U(0)"),
        (successors, "block.frozen[U(slot)] & flags & U(BY_FREEZE) == U(0)", "True"),
        (filling, "and not (restrained and frozen)", ""),
    ],
    "a budget that is not used up": [
        (filling, SPENT, "instance, None, seen, outcome, step.answers)"),
    ],
    "a full channel that blocks instead of losing": [
        (effects, "joined, _ = product.join(own, content, message)", "joined = product.push(own, content, message)")
    ],
    "a deadlock that does not ask for waiting messages": [
        (sources, "block.waits[U(slot)] |= waits", "pass"),
    ],
    "a loss where the receiver is down that passes for an ignored message": [
        (local_steps, "unread = self.states.codes[local_id] & CONTROL, event", "unread = 0, event"),
    ],
    "a message that keeps everybody from rest where it may stay": [
        (packing, "channel.awaited", 'channel.kind != "set"')
    ],
    "a fault that is a way out of a deadlock": [
        (successors, "if flags & U(FAULT) == U(0)", "if True"),
    ],
    "a fault that is its receiver's step": [
        (filling, f"{OF_CHANNEL}self._environment)", f"{OF_CHANNEL}self.components.receivers[channel])"),
    ],
    "faults of channels that go on when frozen": [
        (
            filling,
            f"{OF_CHANNEL}self._environment), BY_FREEZE | FAULT",
            f"{OF_CHANNEL}self._environment), FAULT",
        ),
    ],
    "a restart that stops when frozen": [
        (filling, "if crash else (0, instance)", "if crash else (BY_FREEZE, instance)"),
    ],
    "a fault that observers do not see": [(filling, "product.channel_events(fault)", "[]")],
    "a crash that needs no budget": [
        (filling, "(class_, actor, budget, seen)", "(class_, actor, None, seen)"),
    ],
    "operands that are never noted": [
        (kernel, "search.seen[noted] = 1", "pass"),
    ],
    "self-loops that do not count": [
        (
            successors,
            "        at += width if awake",
            "        block.taken[U(slot)] -= moved == U(0)\n        at += width if awake",
        ),
    ],
    "states that sleep without asking who changes what": [
        (packing, "if writes[i] & touched[c] or writes[c] & reads[i]", "if i == c"),
    ],
    "states that sleep without asking what a move looks at": [
        (packing, "if writes[i] & touched[c] or writes[c] & reads[i]", "if writes[i] & writes[c]"),
    ],
    "a context that freezes too early": [
        (filling, "and not (restrained and frozen)", "and not restrained"),
    ],
    "contexts that say of one budget what holds of another": [
        (filling, "left[self.components.model.budget_of[budget]])", "left[-1])"),
    ],
    "a worker whose states nobody expands": [
        (levels, "FEW = 1 << 10", "FEW = 2"),
        (
            levels,
            "while at < end:",
            "while at < end and i == 0:",
        ),
    ],
    "a step that is taken for that of a state with other values": [
        (local_steps, "self._mask(way[0].reads)", "0"),
    ],
    "a guard that nobody is taken to read": [
        (transition, "[guard.node for guard in declared.guards]", "[]"),
    ],
    "entries of a map that come from another state": [
        (transition, "            yield assignment.variable\n", ""),
    ],
    "a step that writes no variable": [
        (local_steps, "CONTROL | self._mask(way[0].writes)", "CONTROL"),
    ],
    "observers that see all moves by a step alike": [
        (surroundings, 'VARYING = frozenset({"before", "after"})', "VARYING = frozenset()"),
    ],
    "a message that stays in its channel": [(successors, " ^ t.taken[took + U(w)]", "")],
    "a deferred message that keeps others from being looked at": [
        (sources, "left &= t.deferred[U(group)] | ~concerned", "left &= ~concerned"),
    ],
    "a message looked at behind one that is not deferred": [
        (sources, "left &= t.deferred[U(group)] | ~concerned", "pass"),
    ],
    "a message looked at behind one of which nothing is known": [
        (sources, "behind &= head & IN_ORDER == 0", "pass"),
    ],
    "a receiver that is taken to defer nothing": [(filling, "if in_order and not product.defers(", "if True or (")],
    "a set that takes a step where a message is ignored, of many local states": [
        (filling, "MANY = 16", "MANY = 1"),
        (filling, '[] if a_set and reception == "ignored" else received', "received"),
    ],
    "an unspecified reception that is none, of many local states": [
        (filling, "MANY = 16", "MANY = 1"),
        (filling, "(not a_set and product.silent(instance, reception, taken))", "False"),
    ],
    "many receptions that take no message": [
        (filling, "MANY = 16", "MANY = 1"),
        (
            filling,
            "taken_from = 0 if a_set else 1 << component\n            groups",
            "taken_from = 0\n            groups",
        ),
    ],
    "a reception that changes nothing and is idle, though a message is taken": [
        (
            moves,
            "                if touched or flags or effects:",
            "                if changes[1] != changes[2] or flags or effects:",
        ),
    ],
    "idle moves that nobody counts, where their group has others": [(successors, "block.taken[slot] += idle", "pass")],
    "idle moves that nobody counts, where their group has no others": [
        (sources, "+= only_counted & (LISTED - 1)", "+= 0"),
    ],
    "idle moves after which a state is at its end": [(sources, "U(ALL) * U(block.taken[U(slot)] != 0)", "U(0)")],
    "moves that sleep and are counted though a channel may be full": [
        (successors, "certain = entry >= 0", "certain = True"),
    ],
    "moves that sleep and are counted whatever they do elsewhere": [
        (moves, "asleep[first + moves] > asleep[first]", "moves < 0"),
    ],
    "a channel that holds nothing, and sleeps on when it does": [
        (moves, "[1 << c for c in range(components.count)], [0]", "[0] * components.count, [0]"),
    ],
    "an unspecified reception where there is nothing else": [
        (moves, "asleep[first])) | refused", "asleep[first]))"),
    ],
    "states behind one whose context is not there": [(sources, "0, known <= slot", "0, context < 0")],
    "a message that is deferred and counts as handled": [(filling, "self.moves.defer(class_.variants)", "pass")],
    "contents that offer out of order": [(filling, 'channels[own].kind == "fifo"', 'channels[own].kind == ""')],
    "contents in no order that offer their first message alone": [
        (filling, 'channels[own].kind == "fifo"', 'channels[own].kind != ""'),
    ],
    "what a message leads to, of another message": [(sources, "left, U(head >> 1), offer", "left, U(0), offer")],
    "a content that suffers no fault": [
        (sources, "if offered & 1 != 0:", "if offered < 0:"),
    ],
    "a reception that is taken to leave its channel alone": [
        (filling, 'if declared.kind == "set" else 1 << component', "if True else 1 << component"),
    ],
    "a message received that is not counted as looked at": [
        (arena, "np.nonzero(entries != UNKNOWN)", "np.nonzero(entries != UNKNOWN)[0][None, 1:]"),
    ],
    "moves written down at once that observers see alike": [
        (filling, "if says.everywhere:  # else observers", "if True:  # else observers"),
    ],
    "groups written down at once that begin late": [(moves, "ends - counts, ends", "ends - counts // 2, ends")],
    "effects that are those of another step": [
        (moves, "self._effects_at.get(effects)", "next(iter(self._effects_at.values()), None)"),
    ],
    "rest in one state for rest in another": [
        (effects, "codes[local_id] & CONTROL", "codes[0] & CONTROL"),
    ],
    "a part of a property that looks at the first local state": [
        (property_parts, "known.get(codes[local_id] & reads)", "known.get(codes[0] & reads)"),
    ],
    "states that sleep where another lies beyond the boundary": [
        (packing, "if self.tables.model.boundary is None:", "if True:"),
    ],
    "a boundary that is told the other way round": [
        (outside, "column[0, :done] != DECIDES", "column[0, :done] == DECIDES"),
    ],
    "states beyond the boundary that are explored": [(levels, "if outside is None:", "if True:")],
    "states beyond the boundary that are not told apart": [(outside, "int(more.sum())", "int(more.any())")],
    "a beginning that is forgotten": [
        (
            exhaustive,
            "for state in self.tables.product.beginnings]",
            "for state in self.tables.product.beginnings[:-1]]",
        ),
    ],
    "a beginning that counts as a step of the environment": [
        (paths, "-1 if best.begins else best.instance", "best.instance"),
    ],
    "a question to a channel that every answer satisfies": [
        (effects, "entry.row if answer == message.answer else IMPOSSIBLE", "entry.row"),
    ],
    "questions that nobody is taken to ask": [
        (filling, "for c in machine.channels] if machine.asks", "for c in machine.channels] if False"),
    ],
    "a step without a value that is none": [(effects, "raise message.error", "return IMPOSSIBLE")],
    "questions that say whether there is a message as one that says how many": [
        (asking, "range(self._most(question) + 1) if counted", "range(2) if counted"),
    ],
    "steps that sleep in traces": [(kernel, "U(0) if collecting else now.sleep_sets[near]", "~U(0)")],
}


Numbered = tuple[int, Model, list[Expected]]  # with what the reference explorer finds


def chunk(number: int) -> list[Numbered]:
    """Some random models, numbered."""
    drawn = texts(4000 + number * DRAWN, DRAWN, most=80)
    return [(number * DRAWN + i, model, expected) for i, (_, model, expected) in enumerate(drawn)]


@pytest.fixture(scope="module")
def models() -> Drawn[Numbered]:
    return Drawn(chunk)


def assert_exhaustive_conforms(number: int, model: Model, expected: list[Expected]) -> None:
    """The exhaustive explorer agrees with the reference on a model, with two workers on every other one."""
    assert_conforms(exhaustive.explore, model, expected=expected, workers=1 + number % 2)


@pytest.mark.slow  # as are those that it is the control of
def test_nothing_planted(models: Drawn[Numbered], monkeypatch: pytest.MonkeyPatch) -> None:
    plain_kernel(monkeypatch)
    for one in models.first(40):
        assert_exhaustive_conforms(*one)


@pytest.mark.slow
@pytest.mark.parametrize(
    "module",
    [
        arena,
        columns,
        components,
        effects,
        exhaustive,
        filling,
        kernel,
        layout,
        levels,
        local_steps,
        moves,
        operations,
        outside,
        packing,
        paths,
        programs,
        property_parts,
        stateset,
        sources,
        store,
        successors,
        surroundings,
        worklists,
    ],
    ids=lambda m: m.__name__,
)
def test_an_unchanged_text_is_no_defect(
    module: ModuleType, models: Drawn[Numbered], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_kernel(monkeypatch)
    plant(monkeypatch, module, [])
    for one in models.first(10):
        assert_exhaustive_conforms(*one)


def planting(defect: str) -> Callable[[pytest.MonkeyPatch], None]:
    """What plants a defect, and runs kernels as plain Python."""

    def plants(patch: pytest.MonkeyPatch) -> None:
        plain_kernel(patch)
        modules = dict.fromkeys(module for module, _, _ in PLANTS[defect])
        for module in modules:
            plant(patch, module, [(old, new) for where, old, new in PLANTS[defect] if where is module])
        if levels in modules:
            plant(patch, exhaustive, [])

    return plants


def test_some_model_that_is_kept_shows_each_defect() -> None:
    assert shown().keys() == PLANTS.keys()


@pytest.mark.parametrize("defect", shown())
def test_a_model_that_is_kept_shows_it(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, workers = shown()[defect]
    _, model, expected = kept(name)
    planting(defect)(monkeypatch)
    assert differs(workers - 1, model, expected)


def test_a_hash_of_nothing_costs_time_only(models: Drawn[Numbered], monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are compared whole, so that nothing rests on hashes but speed."""
    plain_kernel(monkeypatch)
    plant(monkeypatch, components, [(FACTORS, NO_FACTORS)])
    for one in models.first(5):
        assert_exhaustive_conforms(*one)


def test_one_place_for_all_that_was_judged_costs_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found of a state is taken for another only where all is the same that a property reads."""
    plain_kernel(monkeypatch)
    plant(monkeypatch, remembered, [(FEW_PLACES, ONE_PLACE)])
    for name in ("02", "03"):
        _, model, expected = kept(name)
        assert not differs(0, model, expected)


@pytest.mark.slow  # random models with everything in them are drawn slowly
@pytest.mark.parametrize("defect", PLANTS)
def test_is_found(defect: str, models: Drawn[Numbered]) -> None:
    found = is_found(models, MOST_MODELS, planting(defect), lambda one: differs(*one))
    assert found, f"{MOST_MODELS} models show no difference"


def differs(number: int, model: Model, expected: list[Expected]) -> bool:
    """Whether an explorer with a defect gives another answer; that it breaks down is not enough."""
    try:
        assert_exhaustive_conforms(number, model, expected)
    except Difference:
        return True
    except Exception:
        return False
    return False
