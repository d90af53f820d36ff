"""Owners of states as actors of Ray: batches go from one to another through the object store.

What may live here: Ray. What may not: what an owner does.
"""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from mcfsm.host.cluster import arrival
from mcfsm.host.code import code_parts
from mcfsm.host.places import OwnerLost, PlaceRefused

_SHOWN = 12  # digits of a digest that are shown
_TRIES = 20  # times that processes may be lost before all have begun
_PATIENCE = 60.0  # seconds for a process to find a place that is free


class RayTeam:
    """Owners, by number, each in a process of its own."""

    def __init__(self, make: Callable[[int, int, int], Any], owners: int, memory: int | None) -> None:
        """`memory` is what owners on one machine share; None: what it has."""
        import ray

        self.owners, self.memory = owners, memory
        self.hosts = [""] * owners
        ray.cloudpickle.register_pickle_by_value(arrival)
        self._made, self._resident = pickle.dumps(make), ray.remote(max_restarts=0)(arrival.Resident)
        self._actors: list[Any] = [None] * owners

    def _placed(self, i: int, **options: Any) -> Any:
        """A process that is to own states."""
        return self._resident.options(**options).remote(self._made, code_parts(), i, self.owners)

    def begin(self) -> None:
        """Have all of them begin. Raises PlaceRefused where one has other code, and OwnerLost."""
        for tries_left in reversed(range(_TRIES)):
            try:
                return self.replace()
            except OwnerLost:
                if not tries_left:
                    raise
        return None

    def replace(self) -> None:
        """Have a new process in the place of each that is gone. Raises OwnerLost where one is lost again."""
        gone = [i for i, actor in enumerate(self._actors) if not self._owns(actor)]
        self._end(gone)
        for i in gone:
            self._actors[i], self.hosts[i] = self._placed(i, num_cpus=1), ""
        for i in gone:
            kind, what = self._settled(i)
            if kind == "other":
                raise PlaceRefused(differing(code_parts(), what))
            self.hosts[i] = what
        sharing = Counter(self.hosts)
        self._got([self._actors[i].begin.remote(sharing[self.hosts[i]], self.memory) for i in gone])

    def _owns(self, actor: Any) -> bool:
        """Whether a process is there, and has begun."""
        try:
            return actor is not None and bool(self._got([actor.owns.remote()])[0])
        except OwnerLost:
            return False

    def _settled(self, i: int) -> Any:
        """What an owner says of where it is; where nothing is free for it, as a machine is gone, beside another."""
        import ray

        told = self._actors[i].settle.remote()
        if not ray.wait([told], timeout=_PATIENCE)[0]:
            hosts = Counter(host for host in self.hosts if host)
            if hosts:
                self._end([i])
                least = min(hosts, key=lambda host: (hosts[host], host))
                there = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(least, soft=False)
                self._actors[i] = self._placed(i, num_cpus=0, scheduling_strategy=there)
                told = self._actors[i].settle.remote()
        return self._got([told])[0]

    def call(self, name: str, arguments: list[tuple[Any, ...]]) -> list[Any]:
        """What a method of each says. Raises OwnerLost."""
        if name == "take":
            return self._got([a.take.remote(*given) for a, given in zip(self._actors, arguments, strict=True)])
        return self._got([a.tell.remote(name, *given) for a, given in zip(self._actors, arguments, strict=True)])

    def one(self, owner: int, name: str, *arguments: Any) -> Any:
        """What a method of one owner says. Raises OwnerLost."""
        return self._got([self._actors[owner].tell.remote(name, *arguments)])[0]

    def expand(self, most: int) -> list[tuple[Any, list[Any]]]:
        """The report of each, and what Ray calls its batches. Raises OwnerLost."""
        told = [actor.expand.options(num_returns=1 + self.owners).remote(most) for actor in self._actors]
        reports = self._got([first for first, *_ in told])
        return [(report, batches) for report, (_, *batches) in zip(reports, told, strict=True)]

    def end(self) -> None:
        """Let all of them go."""
        self._end(range(self.owners))

    def _end(self, some: Iterable[int]) -> None:
        import ray

        for i in some:
            with suppress(Exception):  # it is gone already, or was never there
                ray.kill(self._actors[i])

    def _got(self, references: list[Any]) -> list[Any]:
        """What comes of calls. Raises OwnerLost, and what an owner raises."""
        import ray

        try:
            found: list[Any] = ray.get(references)
        except ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, ray.exceptions.RayError):  # a batch was lost on its way
                raise OwnerLost from None
            raise
        except (
            ray.exceptions.RayActorError,
            ray.exceptions.ObjectLostError,
            ray.exceptions.OutOfMemoryError,
            ray.exceptions.WorkerCrashedError,
        ) as error:
            raise OwnerLost from error
        except ray.exceptions.RayError as error:
            raise PlaceRefused(f"the cluster failed: {str(error).strip().splitlines()[0]}") from None
        return found


def differing(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """What a process of the cluster has that is not what is here."""
    if not there.get("mcfsm"):
        python = ", ".join(f"{name} {version}" for name, version in there.items() if name != "mcfsm")
        return f"a machine of the cluster has no mcfsm in its Python ({python}); install there what is installed here"
    names = [name for name in {**here, **there} if here.get(name) != there.get(name)]
    said = [f"{name} {_shown(there.get(name))} there, {_shown(here.get(name))} here" for name in names]
    return (
        f"a machine of the cluster would answer by other code: {'; '.join(said)}; install there what is installed here"
    )


def _shown(version: str | None) -> str:
    return "is not" if version is None else version[:_SHOWN]
