"""What a process of a cluster does with a piece of work that arrives there.

What may live here: what is sent to it by its text, as nobody knows yet whether it has this package, and which. So it
imports at its top only what every Python has. Nothing of ours is unpickled where anything is another version.
"""

import pickle
import signal
from typing import Any

Told = tuple[str, Any]  # what came of it: "done" and what, "raised" and what, "other" and what there is there


def arrive(work: bytes, piece: bytes, parts: dict[str, str], threads: int) -> bytes:
    """What comes of a piece, pickled; where the code is not the sender's, what it is."""
    there = parts_there()
    if there != parts:
        return pickle.dumps(("other", there))
    prepare, function = pickle.loads(work)
    before = signal.getsignal(signal.SIGTERM)  # Ray's own, which ends the process
    prepare()
    signal.signal(signal.SIGTERM, before)
    try:
        told: Told = "done", function(pickle.loads(piece), sharing=max(1, cores() // threads))
    except Exception as error:
        told = "raised", error
    return pickle.dumps(told)


class Resident:
    """What owns states, in a process of its own."""

    def __init__(self, made: bytes, parts: dict[str, str], number: int, owners: int) -> None:
        self.made, self.parts, self.number, self.owners = made, parts, number, owners
        self.owner: Any = None

    def settle(self) -> Told:
        """See that the code is the sender's; the machine that this is on."""
        import ray

        there = parts_there()
        if there != self.parts:
            return "other", there
        return "done", ray.get_runtime_context().get_node_id()

    def begin(self, sharing: int, most: int | None) -> Told:
        """Make the owner; so many share the memory of the machine."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks says when it ends
        from mcfsm.host.memory import memory_allowed

        memory = (most or memory_allowed()) // sharing
        self.owner = pickle.loads(self.made)(memory, self.number, self.owners)
        return "done", None

    def owns(self) -> bool:
        """Whether it has begun."""
        return self.owner is not None

    def tell(self, name: str, *arguments: Any) -> Any:
        """What a method of the owner says."""
        return getattr(self.owner, name)(*arguments)

    def expand(self, most: int) -> Any:
        """What the owner reports, and a batch for each; apart, so that each goes its own way."""
        report, batches = self.owner.expand_part(most)
        return [report, *batches] if batches else report

    def take(self, *batches: Any) -> None:
        """Have the owner take what others found."""
        self.owner.take(*batches)


def parts_there() -> dict[str, str]:
    """The versions of what would answer there; an empty one of this package where it is not there."""
    import platform

    try:
        from mcfsm.host.code import code_parts
    except ImportError:
        return {platform.python_implementation(): platform.python_version(), "mcfsm": ""}
    return code_parts()


def cores() -> int:
    """How many threads Ray gives away on the machine that this runs on."""
    import ray

    here = ray.get_runtime_context().get_node_id()
    return next((int(node["Resources"].get("CPU", 1)) for node in ray.nodes() if node["NodeID"] == here), 1)
