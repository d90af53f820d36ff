"""The exhaustive search with its states at owners: who asks has the tables, and says when a level is done."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from mcfsm.explore.cluster.owner import Owner
from mcfsm.explore.cluster.team import Batch, Hire, LevelEnd, Report, Team
from mcfsm.explore.exhaustive import ExhaustiveSearch, carried_out, everything_asked
from mcfsm.explore.findings import Findings, Limits, ProgressCallback, Visited
from mcfsm.explore.level_search import Slice, lengthened
from mcfsm.explore.paths import Level
from mcfsm.explore.resuming import ValueDigest
from mcfsm.explore.stopping import NO_DISK, NO_OWNER, Stopped
from mcfsm.explore.store import Worker, repacked
from mcfsm.explore.visited_in_tables import visited_in_tables
from mcfsm.host.places import OwnerLost
from mcfsm.kernel import worker as lists
from mcfsm.kernel.rows import Layout, lay_out
from mcfsm.model import Model
from mcfsm.problems import ModelError
from mcfsm.semantics.steps import State

PART = 1 << 16  # states that an owner expands before all stop: so much is on its way at most
_OWNER = 44  # bits of a number that say which state of its owner it is


def explore(
    model: Model,
    *,
    hire: Hire,
    property_ids: Iterable[str] | None = None,
    limits: Limits | None = None,
    full: bool = False,
    avoid: frozenset[str] = frozenset(),
    on_progress: ProgressCallback | None = None,
    workers: int | None = None,
) -> Findings:
    """What `exhaustive.explore` finds, with its states at the owners that `hire` gives, at most so many `workers`.

    Raises Stopped where an owner or its disk is lost, PlaceRefused where there are none, and ValueError for a model
    with a boundary.
    """
    if model.boundary is not None:
        raise ValueError("a scenario with `within` is not searched on several machines")
    wanted, memory = everything_asked(model, property_ids), None if limits is None else limits.max_memory
    try:
        with hire(partial(Owner, model, frozenset(wanted), avoid), workers, memory) as team:
            how: dict[str, Any] = {"limits": limits, "full": full, "avoid": avoid, "on_progress": on_progress}
            return carried_out(ClusterSearch(model, team, wanted, **how))
    except OwnerLost:
        raise Stopped(NO_OWNER) from None
    except OSError:
        raise Stopped(NO_DISK) from None


class RemoteStore:
    """The states of a search, which are its owners': as `Store` to whoever finds flows."""

    def __init__(self, team: Team, layout: Layout) -> None:
        self.team, self.layout = team, layout
        self.workers = [Worker(0) for _ in range(team.owners)]
        self.firsts: list[list[int]] = [[0] for _ in self.workers]  # of each owner, its first state of each level
        self.taken = 0  # bytes of memory, as the owners say
        self.full = False

    @property
    def states(self) -> int:
        """The states of all levels that are known whole."""
        return sum(firsts[-1] for firsts in self.firsts)

    @property
    def row_shape(self) -> tuple[int, ...]:
        """A tuple as long as a row has words."""
        return (0,) * self.layout.words

    def owner(self, number: int) -> tuple[int, int]:
        """Who owns a state, and its number there."""
        return number >> _OWNER, number & (1 << _OWNER) - 1

    def rows_between(self, owner: int, begin: int, end: int) -> Any:
        """The rows of some states of one level, one after another."""
        if begin == end:
            return np.zeros(0, dtype=np.uint64)
        return self._as_here(self.team.one(owner, "rows", begin, end))

    def rows_at(self, owner: int, states: Any) -> Any:
        """The rows of some states of one level, whose numbers ascend: states x words."""
        return self._as_here(self.team.one(owner, "some_rows", states)).reshape(-1, self.layout.words)

    def _as_here(self, batch: Batch) -> Any:
        return np.array(repacked(batch.rows, Layout(*batch.layout), self.layout))

    def repack(self, layout: Layout) -> None:
        """Go on in another layout: owners do by themselves."""
        self.layout = layout

    def memory(self) -> int:
        """Bytes that the owners take, on the machine where they take most."""
        return self.taken

    def close(self) -> None:
        """Nothing: who hired the owners lets them go."""


class ClusterSearch(ExhaustiveSearch):
    """A search whose states are at owners; `explore` says what its parameters are."""

    store: RemoteStore  # type: ignore[assignment]  # it has what those that find flows ask of a store

    def __init__(self, model: Model, team: Team, property_ids: Iterable[str], **how: Any) -> None:
        self.team = team
        super().__init__(model, property_ids, workers=team.owners, **how)
        self.digest = ValueDigest(self.tables.components)
        self.tables.arena.journal = []
        self.asking: dict[int, list[int]] = {}  # the ids of the states that ask for entries, by number
        self.values: dict[int, Any] = {}
        self.tell()
        self.note_level(self.team.call("first_level", self.same()))

    def new_store(self, _: int, layout: Layout, __: Any) -> RemoteStore:  # type: ignore[override]  # see `store`
        return RemoteStore(self.team, layout)

    def lay_out(self) -> Layout:
        return lay_out([len(names) for names in self.tables.components.names], ordered=True)

    def make_boxes(self) -> None:
        """None: nothing is expanded here."""

    def same(self, *arguments: Any) -> list[tuple[Any, ...]]:
        """The same arguments for every owner."""
        return [arguments] * self.team.owners

    def tell(self) -> None:
        """Have the owners fill what was filled here, in the same order."""
        journal = self.tables.arena.journal
        assert journal is not None
        values = [len(names) for names in self.tables.components.names]
        self.team.call("learn", self.same(journal, values, self.digest.take(values)))
        self.tables.arena.journal = []

    # ---- the search

    def next_level(self, pool: ThreadPoolExecutor) -> str | None:
        self.team.call("begin_level", self.same(self.depth, self.fault_level, self.hit_level, self.seen))
        stopped = self.try_level([], [], pool)
        self.check_values()
        self.write_program()
        if stopped is None:
            self.note_level(self.team.call("end_level", self.same()))
        return stopped

    def expand_level(self, _: list[int], __: list[int], ___: ThreadPoolExecutor) -> str | None:
        done = False
        while not done:
            told = self.team.expand(PART)
            reports = [report for report, _ in told]
            for i, report in enumerate(reports):
                self.note(i, report)
            self.store.taken = max(self.taken_by(reports).values())
            self.team.call("take", [tuple(batches[i] for _, batches in told) for i in range(self.team.owners)])
            self.asking = {
                i << _OWNER | number: ids
                for i, report in enumerate(reports)
                for number, ids in zip(report.again.tolist(), report.again_ids.tolist(), strict=True)
            }
            try:
                self.fill(self.asking)
            except ModelError as error:
                numbers = np.array(list(self.asking), dtype=np.int64)
                raise self.explained(error, deque([(0, len(numbers), numbers)])) from None
            if self.asking:
                self.tell()
            done = all(report.done for report in reports)
            self.report_progress(sum(firsts[-1] - firsts[-2] for firsts in self.store.firsts))
            stopped = self.stopped_at_once()
            if stopped is not None:
                return stopped
        return None

    def note(self, i: int, report: Report) -> None:
        """Note what an owner found."""
        worker = self.workers[i]
        asked = report.requested.reshape(-1)
        worker.requested = np.concatenate([asked, np.zeros(lists.REQUEST, dtype=np.uint64)])
        worker.counts[lists.REQUESTED] = len(asked) // lists.REQUEST
        worker.counts[lists.TRANSITIONS], worker.fired = report.transitions, report.fired
        for kind, which, state in report.found.tolist():
            self.found.setdefault((kind, which), []).append((i, state))
        self.fault_level = earliest(self.fault_level, report.fault_level)
        self.hit_level = earliest(self.hit_level, report.hit_level)
        self.seen |= report.seen

    def taken_by(self, reports: list[Report]) -> dict[str, int]:
        """How many bytes the owners take, by machine."""
        found: dict[str, int] = {}
        for host, report in zip(self.team.hosts, reports, strict=True):
            found[host] = found.get(host, 0) + report.memory
        return found

    def note_level(self, ends: Sequence[LevelEnd]) -> None:
        """Note how many states each owner's next level has."""
        for firsts, end in zip(self.store.firsts, ends, strict=True):
            firsts.append(firsts[-1] + end.states)
            for i, seen in end.values.items():
                known = lengthened(self.values.get(i, seen), len(seen)).copy()
                known[: len(seen)] |= seen
                self.values[i] = known

    def fill_ahead(self, number: int) -> bool:
        return self.columns.fill_ahead(self.asking[number])

    def keep_found(self, i: int) -> None:
        """Nothing: it was noted with what an owner said."""

    def state(self, worker: int, index: int) -> State:
        ids = self.store.layout.unpack(self.store.rows_at(worker, np.array([index])))[0]
        return self.tables.components.state_of(ids.tolist())

    def deeper(self) -> bool:
        return any(len(f) <= self.depth + 2 or f[self.depth + 2] > f[self.depth + 1] for f in self.store.firsts)

    @property
    def states(self) -> int:
        return self.store.states

    def levels(self, depth: int) -> list[Level]:
        return [[(firsts[d], firsts[d + 1]) for firsts in self.store.firsts] for d in range(depth + 1)]

    def explained(self, error: ModelError, todo: Iterable[Slice]) -> ModelError:
        self.tell()  # rows of a layout that has room for new values are asked for
        return super().explained(error, todo)

    def visited(self) -> Visited:
        idle = {
            i: lengthened(self.values[i], len(self.tables.components.names[i])).astype(np.uint64) for i in self.values
        }
        (found,) = visited_in_tables(self.tables, [1] * len(self.tables.moves.filled_for), idle)
        return self.symmetry.close_under_symmetry(found)


def earliest(levels: Any, others: Any) -> Any:
    """Of each thing the level on which it was found first, as two know it; -1 where neither does."""
    size = max(len(levels), len(others))
    both = [np.concatenate([one, np.full(size - len(one), -1, dtype=one.dtype)]) for one in (levels, others)]
    return np.where(both[0] < 0, both[1], np.where(both[1] < 0, both[0], np.minimum(*both)))
