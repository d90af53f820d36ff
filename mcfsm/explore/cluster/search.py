"""The exhaustive search with its states at owners: who asks has the tables, and says when a level is done."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from mcfsm.explore.checkpoint import Checkpoint
from mcfsm.explore.cluster.given_levels import GivenLevels
from mcfsm.explore.cluster.kept_levels import KeptLevels
from mcfsm.explore.cluster.owner import Owner
from mcfsm.explore.cluster.remote_store import OWNER, RemoteStore
from mcfsm.explore.cluster.team import Hire, LevelEnd, Report, Team, Told
from mcfsm.explore.disk.runs import decoded
from mcfsm.explore.exhaustive import ExhaustiveSearch, carried_out, everything_asked
from mcfsm.explore.findings import Findings, Limits, ProgressCallback, Visited
from mcfsm.explore.level_search import Slice, lengthened
from mcfsm.explore.paths import Level
from mcfsm.explore.resuming import ValueDigest
from mcfsm.explore.saved_levels import SavedLevels
from mcfsm.explore.stopping import NO_DISK, NO_OWNER, Stopped, done_whole, ended_by
from mcfsm.explore.store import repacked
from mcfsm.explore.visited_in_tables import visited_in_tables
from mcfsm.host.places import OwnerLost
from mcfsm.kernel import worker as lists
from mcfsm.kernel.rows import Layout, lay_out
from mcfsm.model import Model
from mcfsm.problems import ModelError
from mcfsm.semantics.steps import State

PART = 1 << 16  # states that an owner expands before all stop: so much is on its way at most
FOLDER = Path("/tmp")  # as for owners
MOST_LOST = 20  # times that owners may be lost before a level is done
T = TypeVar("T")


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
    checkpoint: Checkpoint | None = None,
) -> Findings:
    """What `exhaustive.explore` finds, with its states at the owners that `hire` gives, at most so many `workers`.

    An owner that is lost is replaced. Raises Stopped where that is so again and again, or where a disk fails,
    PlaceRefused where there are none, and ValueError for a model with a boundary.
    """
    if model.boundary is not None:
        raise ValueError("a scenario with `within` is not searched on several machines")
    wanted, memory = everything_asked(model, property_ids), None if limits is None else limits.max_memory
    try:
        with hire(partial(Owner, model, frozenset(wanted), avoid), workers, memory) as team:
            how: dict[str, Any] = {"limits": limits, "full": full, "avoid": avoid, "on_progress": on_progress}
            with closing(KeptLevels(FOLDER, team.owners)) as kept:
                search = ClusterSearch(model, team, kept, wanted, checkpoint=checkpoint, **how)
                with search.written_to_the_end():
                    return carried_out(search)
    except OwnerLost:
        raise Stopped(NO_OWNER) from None
    except OSError:
        raise Stopped(NO_DISK) from None


class _Begun(NamedTuple):
    """What was known before a level, to go back to."""

    found: dict[tuple[int, int], int]  # how many there are of each
    fault_level: Any
    hit_level: Any
    seen: Any
    transitions: list[int]  # of each owner
    fired: list[Any]


class ClusterSearch(ExhaustiveSearch):
    """A search whose states are at owners; `explore` says what its parameters are.

    A level is a transaction: what is found of it counts once all owners have ended it, and their rows of it are kept
    here. Where one is lost before, all go back to where the level began.
    """

    store: RemoteStore  # type: ignore[assignment]  # it has what those that find flows ask of a store

    def __init__(self, model: Model, team: Team, kept: KeptLevels, property_ids: Iterable[str], **how: Any) -> None:
        self.team, self.kept = team, kept
        super().__init__(model, property_ids, workers=team.owners, **how)
        self.digest = ValueDigest(self.tables.components)
        self.tables.arena.journal = []
        self.parts: list[Told] = []  # all that owners have to know
        self.asking: dict[int, list[int]] = {}  # the ids of the states that ask for entries, by number
        self.values: dict[int, Any] = {}
        self.before = self.mark()
        self.apart = False  # whether owners may be lost, or not all at the same level
        self.lost = 0  # times that one was, since a level was done
        self.noted: list[int] = []  # what all were told, for whoever writes it
        self.end_level(self.in_spite_of_losses(self.first_level))

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
        self.note_part()
        self.team.call("learn", self.same(len(self.parts) - 1, self.parts[-1:]))

    def note_part(self) -> None:
        """Note what was filled here as a part that owners have to know."""
        journal = self.tables.arena.journal
        assert journal is not None
        values = [len(names) for names in self.tables.components.names]
        self.parts.append(Told(np.array(journal, dtype=np.uint64), values, self.digest.take(values)))
        self.noted += journal
        self.tables.arena.journal = []

    # ---- owners that are lost

    def in_spite_of_losses(self, what: Callable[[], T]) -> T:
        """What comes of something that may be done again, with all owners at the level that is to be expanded."""
        while True:
            try:
                if self.apart:
                    self.mend()
                return what()
            except OwnerLost:
                self.apart, self.lost = True, self.lost + 1
                if self.lost > MOST_LOST:
                    raise

    def mend(self) -> None:
        """Replace owners that are lost, and have all of them where this level begins."""
        self.team.replace()
        levels = max(1, len(self.store.firsts[0]) - 1)
        known = zip(self.before.transitions, self.before.fired, strict=True)
        told = self.team.call("roll_back", [(levels, *counts) for counts in known])
        for owner, (learned, has) in enumerate(told):
            self.team.one(owner, "learn", learned, self.parts[learned:])
            for level in range(has, levels):
                for piece in self.kept.pieces(owner, level):
                    self.team.one(owner, "put_back", piece)
                self.team.one(owner, "level_is_back")
        self.apart = False

    def mark(self) -> _Begun:
        """What is known between two levels."""
        return _Begun(
            {key: len(states) for key, states in self.found.items()},
            self.fault_level.copy(),
            self.hit_level.copy(),
            self.seen.copy(),
            [int(worker.counts[lists.TRANSITIONS]) for worker in self.workers],
            [worker.fired.copy() for worker in self.workers],
        )

    def go_back(self) -> None:
        """Forget what was found of the level; the tables stay as they are."""
        before = self.before
        self.found = {key: self.found[key][:count] for key, count in before.found.items()}
        self.fault_level = lengthened(before.fault_level.copy(), len(self.fault_level))
        self.fault_level[len(before.fault_level) :] = -1
        self.hit_level[:], self.seen[:] = before.hit_level, before.seen
        for worker, transitions, fired in zip(self.workers, before.transitions, before.fired, strict=True):
            worker.counts[lists.TRANSITIONS], worker.fired = transitions, fired.copy()

    # ---- the search

    def first_level(self) -> list[LevelEnd]:
        """The first states of all owners."""
        if not self.parts:
            self.tell()
        ends: list[LevelEnd] = self.team.call("first_level", self.same())
        self.keep_pieces(ends)
        return ends

    def next_level(self, pool: ThreadPoolExecutor) -> str | None:
        self.before = self.mark()
        try:
            return self.in_spite_of_losses(partial(self.level, pool))
        except KeyboardInterrupt as error:
            self.settle()
            return ended_by(error)

    def level(self, pool: ThreadPoolExecutor) -> str | None:
        """Expand the level, and have the next one; from its beginning, also where it was begun before."""
        self.go_back()
        self.team.call("begin_level", self.same(self.depth, self.fault_level, self.hit_level, self.seen))
        stopped = self.try_level([], [], pool)
        self.check_values()
        self.write_program()
        if stopped is None:
            ends = self.team.call("end_level", self.same())
            self.keep_pieces(ends)
            self.end_level(ends)
        return stopped

    def end_level(self, ends: Sequence[LevelEnd]) -> None:
        """Have a level whose rows are kept."""
        with done_whole():
            self.kept.end_level()
            self.note_level(ends)
            self.lost = 0

    def keep_pieces(self, ends: Sequence[LevelEnd]) -> None:
        """Keep the rows of the level that the owners have ended."""
        self.kept.begin_level()
        left, number = [end.states for end in ends], 0
        while any(left):
            for owner, piece in enumerate(self.team.call("piece", self.same(number))):
                self.kept.add(owner, piece)
                left[owner] -= piece.states
            number += 1

    # ---- what is written of it, and put back

    @contextmanager
    def written_to_the_end(self) -> Iterator[None]:
        """Where owners are lost for good, or a disk fails, write what is done; nothing is half written at the end."""
        try:
            yield
        except (OwnerLost, OSError):
            if self.saving is not None:
                self.saving.finish()
            raise
        finally:
            if self.saving is not None:
                self.saving.close()

    def note_journal(self, journal: list[int]) -> None:
        self.noted = journal

    def rows_to_write(self, starts: Any, _: Any, first: int, /) -> Callable[[], Iterator[Any]]:
        return partial(self.kept_rows, first, first + starts.shape[1], self.store.layout)

    def kept_rows(self, first: int, end: int, layout: Layout) -> Iterator[Any]:
        """The rows of levels, each owner's after another's. Raises OSError."""
        for level in range(first, end):
            for owner in range(self.team.owners):
                for piece in self.kept.pieces(owner, level):
                    was = Layout(*piece.layout)
                    yield repacked(decoded(piece.content, piece.states, was.words), was, layout)

    def sleep_sets_to_write(self, _: Any) -> Any:
        return np.zeros(0, dtype=np.uint64)

    def go_on_from(self, saved: list[SavedLevels], digest: ValueDigest) -> int:
        """Owners have rows in another order than files, so the last level is written again."""
        GivenLevels(self, saved).put_back(digest)
        return len(saved[-1].levels) - 1

    def findings(self, depth: int, complete: bool, stopped: str | None) -> Findings:
        return self.in_spite_of_losses(partial(super().findings, depth, complete, stopped))

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
                i << OWNER | number: ids
                for i, report in enumerate(reports)
                for number, ids in zip(report.again.tolist(), report.again_ids.tolist(), strict=True)
            }
            try:
                self.fill(self.asking)
            except ModelError as error:
                numbers = np.array(list(self.asking), dtype=np.int64)
                raise self.explained(error, deque([(0, len(numbers), numbers)])) from None
            if self.tables.arena.journal:
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
        (found,) = visited_in_tables(self.tables, np.ones(len(self.tables.moves.filled_for), dtype=np.uint64), idle)
        return self.symmetry.close_under_symmetry(found)


def earliest(levels: Any, others: Any) -> Any:
    """Of each thing the level on which it was found first, as two know it; -1 where neither does."""
    size = max(len(levels), len(others))
    both = [np.concatenate([one, np.full(size - len(one), -1, dtype=one.dtype)]) for one in (levels, others)]
    return np.where(both[0] < 0, both[1], np.where(both[1] < 0, both[0], np.minimum(*both)))
