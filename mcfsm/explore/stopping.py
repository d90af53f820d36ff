"""What ends work before it is done, wherever it is: a limit that is passed, Ctrl-C, SIGTERM. All end it alike.

What may live here: signals, the clock, the watch. What may not: what becomes of the work.

A search looks at its limits between two batches of states. Where it does not come to that - one step with millions of
outcomes, a graph that is put together, a flow that is looked for - the watch, a thread, raises `Stopped` in the thread
that works. It is a KeyboardInterrupt, so whoever is ready for Ctrl-C is ready for it, and says what it has so far.
Who takes long for that is stopped once more, and then nothing is said but that it was stopped.
"""

from __future__ import annotations

import _thread
import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

from mcfsm.host.memory import resident

if TYPE_CHECKING:
    from mcfsm.explore.findings import Limits

INTERRUPTED, TERMINATED = "Ctrl-C", "SIGTERM"
COMPILING = "compiling takes"  # of a limit of memory, which has no room for that
NO_MEMORY = "a lack of memory"  # where the system refused it before any limit was passed
NO_DISK = "the disk, which is full or fails"
NO_GRAPH = "--disk, which keeps no graph for properties of runs,"
NO_BOUNDARY = "--disk, which does not go with `within`,"
NO_SHARED_GRAPH = "--cluster, which keeps no graph for properties of runs,"
NO_SHARED_BOUNDARY = "--cluster, which does not go with `within`,"
NO_OWNER = "the cluster, whose processes were lost again and again,"
SIGNALS = (INTERRUPTED, TERMINATED)  # what stops work and is no limit: nothing else is begun after it
_NO_STORE = (NO_DISK, NO_GRAPH, NO_BOUNDARY, NO_SHARED_GRAPH, NO_SHARED_BOUNDARY, NO_OWNER)
NO_LIMITS = (*SIGNALS, NO_MEMORY, *_NO_STORE)  # what stops a search and cannot be raised

# methods of threading that may not be ended, and of a watch: one that did not come to its end would look on for ever
_LOCKING = frozenset({"__enter__", "__exit__", "_release_save", "_acquire_restore"})
_OF_A_WATCH = frozenset({"__enter__", "__exit__", "close"})
_SOON = 0.002  # seconds until they are over
_DEEP = 3  # frames above which nothing is about to take a lock
_POLL = 0.02  # seconds between two looks at the limits
_LENIENT = 0.03  # of a limit, that a search which looks at it itself may pass it by before it is stopped from outside
_LEAST_SECONDS = 0.3  # and of time at least
_MORE_MEMORY = 0.06  # of the limit, to say what is known: between two looks more comes to it
_MORE_TIME, _MORE_SECONDS = 0.08, 0.9  # and of time, whichever is more
_GRACE = 0.6  # seconds to say what is known of a search, after it was stopped
_GRACE_OF_SIGNAL = 3.0  # and after a signal, as no limit is passed then, and a second one does not wait
_LOADED = 10  # times as long as its processor time a process takes at most, on a machine that does much else


class Stopped(KeyboardInterrupt):
    """Work was ended before it was done; `reason` is the limit as the option that raises it, or Ctrl-C, or SIGTERM."""

    def __init__(self, reason: str = INTERRUPTED) -> None:
        self.reason = reason
        super().__init__(reason)


class _PassedLimit(Stopped):
    """Raised from outside, which can name a class alone: the reason is what the innermost watch of the thread says."""

    def __init__(self) -> None:
        watches = _watches.get(threading.get_ident(), [])
        super().__init__(next((watch.reason for watch in reversed(watches) if watch.reason), INTERRUPTED))


class _Moment:
    """When something was: how much could be done since then."""

    def __init__(self) -> None:
        self.clock, self.processor = time.monotonic(), time.process_time()

    def seconds(self) -> float:
        """Seconds that passed."""
        return time.monotonic() - self.clock

    def seconds_of_work(self) -> float:
        """Seconds that this process had a processor, or could have waited for one."""
        return max(time.process_time() - self.processor, self.seconds() / _LOADED)


_watches: dict[int, list[Watch]] = {}  # of each thread, the innermost last
_held: list[int] = []  # signals that wait: of each who holds them, how many were heard before
_heard: list[tuple[str, _Moment]] = []  # signals that came while somebody listened, and when


def reason_of(error: BaseException) -> str:
    """Why work was ended: what a verdict says of it."""
    if isinstance(error, MemoryError):
        return NO_MEMORY
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, Stopped):
            return found.reason
        found = found.__cause__ or found.__context__
    return INTERRUPTED


def ended_by(error: BaseException) -> str:
    """Why work was ended, for whoever catches that and goes on to say what is known: from now on there is time for it.

    It may have come late, as code in C lets it wait.
    """
    reason = reason_of(error)
    noted(reason)
    for watch in _watches.get(threading.get_ident(), []):
        if not watch.heard:
            watch.heard, watch._stopped_at = True, _Moment()
    return reason


def seconds_compiling() -> float:
    """How long has been compiled up to now; nothing where nobody brought the compiler."""
    known = sys.modules.get("mcfsm.kernel.compilations")
    seconds = getattr(known, "seconds_compiling", None)  # None also while another thread is importing it
    return 0.0 if seconds is None else float(seconds())


class Watch:
    """Ends what is done under it once a limit is passed; what was done is for whoever catches `Stopped`."""

    def __init__(self, limits: Limits, grace: float = _GRACE) -> None:
        """`grace`: seconds to say what is known, after it was stopped."""
        self.limits, self.grace = limits, grace
        self.reason: str | None = None
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._over = False
        self._began = time.monotonic()
        self._compiled = seconds_compiling()
        self._stopped_at: _Moment | None = None
        self.heard = False  # whether somebody goes on to say what is known

    def __enter__(self) -> Watch:
        _watches.setdefault(self._thread, []).append(self)
        # nobody waits for it, as locks of Python would be held where that ends
        _thread.start_new_thread(self._look, ())
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Look no more; once this is done nothing is raised, also where a limit was seen to be passed just before."""
        self._over = True
        # who looks may have lost the interpreter between its look and what it raises, which then comes with the lock
        try:
            with self._lock:
                pass
        except _PassedLimit:
            pass
        inner = _watches.get(self._thread, [])
        if self in inner:
            inner.remove(self)

    def seconds(self) -> float:
        """How long is worked under it, without what was compiled meanwhile: that is done once for a machine."""
        return time.monotonic() - self._began - (seconds_compiling() - self._compiled)

    def passed(self) -> str | None:
        """The limit that is passed by more than a search may that looks at it itself, or a signal nobody took."""
        limits, seconds = self.limits, self.seconds()
        if limits.max_seconds is not None:
            seconds -= max(_LENIENT * limits.max_seconds, _LEAST_SECONDS)
        return limits.at_once(seconds=seconds, memory=int(resident() / (1 + _LENIENT))) or self._not_taken()

    def _not_taken(self) -> str | None:
        """A signal that came long ago, and was lost on its way: in C code that calls back, or in a destructor.

        Also one from before this was begun: after a signal that is taken nothing is begun.
        """
        late = [name for name, when in _heard if when.seconds_of_work() > self.grace]
        return late[0] if late else None

    def _look(self) -> None:
        while not self._over:
            time.sleep(_POLL)
            if _watches.get(self._thread, [])[-1:] != [self]:
                continue  # one that was begun later looks, and stops for both
            if self._stopped_at is None:
                reason = self.passed()
                if reason is not None:
                    self._stop(reason)
            elif self._too_long(self._stopped_at):
                self._stop(self.reason or INTERRUPTED)

    def _too_long(self, since: _Moment) -> bool:
        """Whether who was stopped takes more for saying what is known than a limit may be passed by."""
        limits = self.limits
        if self.reason in SIGNALS:
            return since.seconds_of_work() > max(self.grace, _GRACE_OF_SIGNAL)
        if limits.max_memory is not None and (self.reason or "").startswith("--max-memory"):
            return self._time_is_up() or resident() > limits.max_memory * (1 + _MORE_MEMORY)
        return since.seconds() > self.grace and (limits.max_seconds is None or self._time_is_up())

    def _time_is_up(self) -> bool:
        """Whether the limit of time is passed by nearly what it may be passed by."""
        most = self.limits.max_seconds
        return most is not None and self.limits.spent + self.seconds() > most + max(_MORE_SECONDS, _MORE_TIME * most)

    def _stop(self, reason: str) -> None:
        with self._lock:
            if self._over or _unendable(sys._current_frames().get(self._thread)):
                return  # and looks again
            self.reason, self._stopped_at = reason, _Moment()
            noted(reason, self._thread)
            raised = ctypes.py_object(_PassedLimit)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), raised)


def noted(reason: str | None, thread: int | None = None) -> str | None:
    """What stopped a search: the watches over it let it say what it knows, and then stop it once more."""
    if reason is not None:
        for watch in _watches.get(thread or threading.get_ident(), []):
            if watch._stopped_at is None:
                watch.reason, watch._stopped_at = reason, _Moment()
    return reason


def make_sure_of_room_to_compile(more: int) -> None:
    """Stop where compiling, which takes so many bytes more, would pass a limit of memory that somebody watches."""
    needed = resident() + more
    for thread, watches in list(_watches.items()):
        for watch in watches[-1:]:
            limit = watch.limits.at_once(seconds=0, memory=needed)
            if limit is not None:
                reason = f"{limit} ({COMPILING} {more >> 20}M more)"
                noted(reason, thread)
                raise Stopped(reason)


def listen(*, once: bool = False, told: Callable[[str], None] | None = None) -> None:
    """Let Ctrl-C and SIGTERM end what is going on in the main thread, and be remembered where that is not heard.

    What was heard before is forgotten, and that signals were to wait. Where it is to be `once`, those after the first
    are only remembered. `told` is called at once, in another thread, also while the main one is in code that lets
    signals wait, as a compiler is.
    """
    names = {signal.SIGINT: INTERRUPTED, signal.SIGTERM: TERMINATED}
    _heard.clear()
    _held.clear()

    def hear(number: int, frame: FrameType | None) -> None:
        name = names[signal.Signals(number)]
        _heard.append((name, _Moment()))
        if once and len(_heard) > 1:
            return
        if not _held or len(_heard) > _held[-1] + 1:
            _raise(name, frame)

    for number in names:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as in a background job of a shell
            signal.signal(number, hear)
    if told is not None:
        _tell_at_once(names, told)


def _unendable(frame: FrameType | None, locking: frozenset[str] | None = None) -> bool:
    """Whether a thread is in what would be left undone: a method of Python's own locks, or the begin or end of a watch.

    `locking`: those methods of locks alone.
    """
    for _ in range(_DEEP):
        if frame is None:
            break
        file, name = frame.f_code.co_filename, frame.f_code.co_name
        if file == threading.__file__ and (locking is None or name in locking):
            return True
        if file == __file__ and name in _OF_A_WATCH:
            return True
        frame = frame.f_back
    return False


def _raise(name: str, frame: FrameType | None) -> None:
    """Raise Stopped; a moment later where a lock is about to be taken or given back, or a watch to begin or end."""
    if _unendable(frame, _LOCKING):
        signal.signal(signal.SIGALRM, lambda _, later: _raise(name, later))
        signal.setitimer(signal.ITIMER_REAL, _SOON)
        return
    raise Stopped(name)


def _tell_at_once(names: Mapping[signal.Signals, str], told: Callable[[str], None]) -> None:
    """Call `told` for each signal as it comes: C code of Python writes its number into a pipe then."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)

    def tell() -> None:
        while True:
            for number in os.read(reading, 16):
                if number in names:
                    told(names[signal.Signals(number)])

    threading.Thread(target=tell, daemon=True, name="signals").start()


def all_told() -> None:
    """Let no signal take back the exit status of what was told to its end."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def signal_heard() -> str | None:
    """The first signal that came since somebody listens."""
    return _heard[0][0] if _heard else None


def hold() -> None:
    """Let signals end nothing from now on, but for what is done under `heard`; they are remembered."""
    _held[:] = [sys.maxsize - 1]


@contextmanager
def heard() -> Iterator[None]:
    """Let signals end what is done here, in a process that holds them."""
    before = _held.pop() if _held else None
    try:
        yield
    finally:
        if before is not None:
            _held.append(before)


@contextmanager
def told_to_the_end(*, last: bool = False) -> Iterator[None]:
    """Let a signal wait while an answer is written; the second does not wait.

    Where it is the `last`, all is done: no signal ends anything from then on.
    """
    before = len(_heard)
    _held.append(before)
    try:
        yield
    except BaseException:
        _held.pop()
        raise
    if last:
        hold()
        return
    _held.pop()
    if len(_heard) > before:
        raise Stopped(_heard[-1][0])


@contextmanager
def as_held_before() -> Iterator[None]:
    """Let signals wait after this as they did before it: the end of what is a part of more is not the end of all."""
    before = _held.copy()
    try:
        yield
    finally:
        _held[:] = before


def all_found() -> None:
    """Let a signal wait from now on, as only what was found is to be told; the second does not wait."""
    _held.append(len(_heard))


@contextmanager
def done_whole() -> Iterator[None]:
    """Let nothing stop what would be spoiled if it were done by half; what comes meanwhile stops whatever is next."""
    locks: list[threading.Lock] = []
    try:
        for watch in list(_watches.get(threading.get_ident(), [])):
            watch._lock.acquire()
            locks.append(watch._lock)
        with told_to_the_end():
            yield
    finally:
        for lock in locks:
            lock.release()
