"""The conformance suite finds defects: each of these is planted into the source text, in memory, and has to show.

Kernels run as plain Python here. A defect counts as found when some model's findings differ; a crash is not enough. A
plant whose text is no longer in the source fails loudly: bring it up to date with what it is meant to break.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest
from common import plain_kernel, plant, texts

from mcfsm import columns, filling, kernel, stateset, tables
from mcfsm.explore import exhaustive, paths
from mcfsm.model import Model
from mcfsm.testing.conformance import Difference, Expected, check_explorer

DRAWN = 20  # models drawn at a time
MOST_MODELS = 400  # until a defect has to show
Change = tuple[ModuleType, str, str]

PUSHED = "h ^= change(new, place, zobrist, to, content, pushed)"
ROWS_DIFFER = "if rows[state * words + w] != source[at + w]:"
MIXED = "self.zobrist[component] = _mix(ids + (np.uint64(component + 1) << np.uint64(40)))"
UNMIXED = "self.zobrist[component] = np.zeros(len(ids), dtype=np.uint64)"

PLANTS: dict[str, list[Change]] = {
    "a dropped transition": [
        (kernel, "groups[U(4 * group + 1)]):", "max(groups[U(4 * group)] + 1, groups[U(4 * group + 1)] - 1)):"),
    ],
    "a wrong field width": [
        (tables, "bits = [max(1, (count - 1).bit_length())", "bits = [max(1, (count - 1).bit_length() - 1)"),
        (tables, "if count > 1]", "if count < 0]"),
    ],
    "a state lost on repacking": [
        (stateset, "    for i in range(count):\n", "    for i in range(count - 1):\n"),
    ],
    "a field forgotten on repacking": [
        (
            stateset,
            "        for c in range(len(word)):\n            rows[",
            "        for c in range(1, len(word)):\n            rows[",
        ),
    ],
    "a trace with more switches than needed": [
        (paths, "needed + (actors != last)", "needed + (actors == last)"),
    ],
    "a trace that is not the first of the shortest": [
        (paths, "best = min(ways, key=lambda way: way[:2])", "best = max(ways, key=lambda way: (-way[0], way[1]))"),
    ],
    "a trace that is not a shortest one": [
        (kernel, "    if levels[which] == -1:", "    if levels[which] < level and level < 3:"),
    ],
    "a channel that holds one message less": [
        (
            filling,
            "return FULL if pushed is None else",
            "return FULL if pushed is None or len(pushed) == self.model.channels[channel].bound else",
        ),
    ],
    "a hash that forgets what is sent": [(kernel, PUSHED, PUSHED.removeprefix("h ^= "))],
    "a hash of nothing, and rows not compared": [(tables, MIXED, UNMIXED), (stateset, ROWS_DIFFER, "if False:")],
    "a column that looks at another component": [
        (columns, "p.component if p.second < 0 else place", "max(0, p.component - 1) if p.second < 0 else place"),
    ],
    "an observer that does not see": [
        (kernel, "label = labels[U(move * observers + o)]", "label = 0 * labels[U(move * observers + o)]"),
    ],
    "an observer that does not see the freeze": [
        (kernel, "label = t.freeze_labels[o]", "label = 0 * t.freeze_labels[o]")
    ],
    "ignored messages as steps on set channels": [
        (filling, 'if declared.kind != "set" or outcome.transition != IGNORE:', "if True:"),
    ],
    "refused messages as findings on set channels": [
        (filling, 'if declared.kind != "set" and machine', 'if declared.kind != "" and machine'),
    ],
    "users that go on when frozen": [
        (
            kernel,
            "if frozen == 1 and moves[m + U(RESTRAINED)] & 1 == 1:",
            "if frozen == 2 and moves[m + U(RESTRAINED)] & 1 == 1:",
        ),
    ],
    "a budget that is not used up": [
        (kernel, "h ^= change(new, place, zobrist, U(budget), ids[U(budget)], left)", "pass"),
    ],
    "a full channel that blocks instead of losing": [(kernel, "if full != 1:", "if full != 3:")],
    "a deadlock that does not ask for waiting messages": [
        (kernel, "waiting = waiting or t.waits[U(channel)] == 1", "waiting = False"),
    ],
    "a fault that is a way out of a deadlock": [(kernel, "if acted == struck:", "if acted == 0:")],
    "a fault that is its receiver's step": [(kernel, "instances if is_fault == 1 else instance", "instance")],
    "faults of channels that go on when frozen": [
        (filling, "Move(local, content_id, rest_id, FROZEN | STRUCK,", "Move(local, content_id, rest_id, STRUCK,"),
    ],
    "a restart that stops when frozen": [
        (filling, "flags = 0 if strike", "flags = FROZEN if strike"),
    ],
    "a fault that observers do not see": [(filling, "seen = list(move.seen)", "seen = []")],
    "a crash that needs no budget": [
        (filling, "moves.append(Move(left, 0, 0, flags, budget,", "moves.append(Move(left, 0, 0, flags, None,"),
    ],
    "operands that are never noted": [
        (kernel, "search.seen[4 * program.noted[i] + values[program.covers[i]]] = 1", "pass"),
    ],
    "self-loops that do not count": [(kernel, "                steps += 1\n", "                steps += moved\n")],
    "a successor lost between workers": [
        (
            exhaustive,
            "                count = int(counts[i])\n",
            "                count = max(1, int(counts[i]) - 1)\n",
        ),
    ],
}


class Models:
    """Random models, drawn as they are asked for and kept."""

    def __init__(self) -> None:
        self.kept: list[tuple[Model, list[Expected]]] = []

    def first(self, count: int) -> Iterator[tuple[int, Model, list[Expected]]]:
        """The first so many, numbered, each with what the reference explorer finds."""
        for i in range(count):
            if i == len(self.kept):
                self.kept += [(model, expected) for _, model, expected in texts(4000 + i, DRAWN, most=80)]
            yield i, *self.kept[i]


@pytest.fixture(scope="module")
def models() -> Models:
    return Models()


def check(number: int, model: Model, expected: list[Expected]) -> None:
    """Check the exhaustive explorer on a model, with two workers on every other one."""
    check_explorer(exhaustive.explore, model, expected=expected, workers=1 + number % 2)


def test_nothing_planted(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    plain_kernel(monkeypatch)
    for one in models.first(40):
        check(*one)


@pytest.mark.parametrize(
    "module", [columns, exhaustive, filling, kernel, paths, stateset, tables], ids=lambda m: m.__name__
)
def test_an_unchanged_text_is_no_defect(module: ModuleType, models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    plain_kernel(monkeypatch)
    plant(monkeypatch, module, [])
    for one in models.first(10):
        check(*one)


def test_a_hash_of_nothing_costs_time_only(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are compared whole, so that nothing rests on hashes but speed."""
    plain_kernel(monkeypatch)
    plant(monkeypatch, tables, [(MIXED, UNMIXED)])
    for one in models.first(20):
        check(*one)


@pytest.mark.parametrize("defect", PLANTS)
def test_is_found(defect: str, models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    plain_kernel(monkeypatch)
    for module in dict.fromkeys(module for module, _, _ in PLANTS[defect]):
        plant(monkeypatch, module, [(old, new) for where, old, new in PLANTS[defect] if where is module])
        if module is filling:  # Tables inherits what was changed
            plant(monkeypatch, tables, [])
    assert any(differs(*one) for one in models.first(MOST_MODELS)), f"{MOST_MODELS} models show no difference"


def differs(number: int, model: Model, expected: list[Expected]) -> bool:
    """Whether an explorer with a defect gives another answer; that it breaks down is not enough."""
    try:
        check(number, model, expected)
    except Difference:
        return True
    except Exception:
        return False
    return False
