"""Owners of states as actors of Ray: batches go from one to another through the object store.

What may live here: Ray. What may not: what an owner does.
"""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from mcfsm.host.cluster import arrival
from mcfsm.host.code import code_parts
from mcfsm.host.places import OwnerLost, PlaceRefused

_SHOWN = 12  # digits of a digest that are shown


class RayTeam:
    """Owners, by number, each in a process of its own."""

    def __init__(self, make: Callable[[int, int, int], Any], owners: int) -> None:
        import ray

        self.owners = owners
        self.hosts: list[str] = []
        ray.cloudpickle.register_pickle_by_value(arrival)
        resident, made = ray.remote(num_cpus=1, max_restarts=0)(arrival.Resident), pickle.dumps(make)
        self._actors = [resident.remote(made, code_parts(), i, owners) for i in range(owners)]

    def begin(self, memory: int | None) -> None:
        """Have all of them begin. Raises PlaceRefused where one has other code, and OwnerLost."""
        for kind, what in self._got([actor.settle.remote() for actor in self._actors]):
            if kind == "other":
                raise PlaceRefused(differing(code_parts(), what))
            self.hosts.append(what)
        sharing = Counter(self.hosts)
        self._got(
            [actor.begin.remote(sharing[host], memory) for actor, host in zip(self._actors, self.hosts, strict=True)]
        )

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
        import ray

        for actor in self._actors:
            with suppress(Exception):  # it is gone already
                ray.kill(actor)

    def _got(self, references: list[Any]) -> list[Any]:
        """What comes of calls. Raises OwnerLost, and what an owner raises."""
        import ray

        try:
            found: list[Any] = ray.get(references)
        except ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, ray.exceptions.RayError):  # a batch was lost on its way
                raise OwnerLost from None
            raise
        except (ray.exceptions.RayActorError, ray.exceptions.ObjectLostError) as error:
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
