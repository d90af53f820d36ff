"""A small MC service server: asyncio, TCP, one JSON object a line. It has no bug but the one that it is asked to have.

A client says who it is in its first line, {"hello": "client(u1)"}; every other line is a message, as
{"message": "call_request", "callee": "u2"}. What is registered where is kept in a store, which survives a crash.

    python server.py [--port 4060] [--bug lost_invitation]
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import nullcontext, suppress
from typing import Any

HERE, ELSEWHERE = "here", "elsewhere"
BUGS = {
    "lost_invitation": "a call is connected, and nobody tells the callee",
    "stale_record": "who has migrated is still taken to be here",
    "wrong_id": "the second user's registration is answered in the name of the first",
    "crash_forgets": "the record is not kept over a crash",
    "reply_twice": "a deregistration is answered twice",
    "wrong_receiver": "an invitation goes to who is connected first, not to the callee",
    "silent_refusal": "a caller who is not registered gets no answer",
    "single_place": "who registers takes the place of who registered before",
    "open_door": "callers are served who are not registered",
    "lost_update": "of two registrations at the same time one is lost",
}
Store = dict[str, str]  # user to where it is served


class Server:
    """One run of the server, from `start` to `crash`; `store` is what another run began with or left behind."""

    def __init__(self, store: Store, bug: str | None = None) -> None:
        if bug is not None and bug not in BUGS:
            raise ValueError(f"unknown bug {bug}; known: {', '.join(BUGS)}")
        self.store, self.bug = store, bug
        self.record: Store = {} if bug == "crash_forgets" else dict(store)
        self.lock = asyncio.Lock()
        self.writers: dict[str, asyncio.StreamWriter] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.listening: asyncio.Server | None = None

    async def start(self, port: int = 0) -> int:
        """Listen on the loopback; the port."""
        self.listening = await asyncio.start_server(self._serve, "127.0.0.1", port)
        return int(self.listening.sockets[0].getsockname()[1])

    async def crash(self) -> None:
        """End at once, between two messages: what has arrived and was not looked at yet is lost."""
        async with self.lock:
            assert self.listening is not None
            self.listening.close()
            for task in self.tasks:
                task.cancel()
            for writer in self.writers.values():
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        with suppress(asyncio.CancelledError, ConnectionError):
            name = json.loads(await reader.readline())["hello"]
            self.writers[name] = writer
            writer.write(b'{"hello": "server"}\n')
            while line := await reader.readline():
                await self._answer(name, json.loads(line))
        self.tasks.discard(task)

    async def _answer(self, sender: str, message: dict[str, Any]) -> None:
        """Do what a message asks for, one message after the other."""
        registers = message["message"] == "registration_request"
        async with nullcontext() if self.bug == "lost_update" and registers else self.lock:
            async for receiver, reply in self._replies(sender, message):
                self.writers[receiver].write(json.dumps(reply).encode() + b"\n")

    async def _replies(self, sender: str, message: dict[str, Any]) -> AsyncIterator[tuple[str, dict[str, str]]]:
        """What a message makes of the record, and the replies to it, each with its receiver."""
        match message["message"]:
            case "registration_request":
                user = message["user"]
                await self._note({} if self.bug == "single_place" else dict(self.record), {user: HERE})
                yield sender, _reply("registration_response", user="u1" if self.bug == "wrong_id" else user)
            case "deregistration_request":
                left = {user: place for user, place in self.record.items() if user != message["user"]}
                await self._note(left, {})
                for _ in range(2 if self.bug == "reply_twice" else 1):
                    yield sender, _reply("deregistration_response", user=message["user"])
            case "migration_notification":
                if self.bug != "stale_record":
                    await self._note(dict(self.record), {message["user"]: ELSEWHERE})
                yield sender, _reply("migration_acknowledgement", user=message["user"])
            case "call_request":
                for reply in self._called(sender, sender[len("client(") : -1], message["callee"]):
                    yield reply

    def _called(self, sender: str, caller: str, callee: str) -> Iterable[tuple[str, dict[str, str]]]:
        if self.record.get(caller) != HERE and self.bug != "open_door":
            if self.bug != "silent_refusal":
                yield sender, _reply("call_response", callee=callee, outcome="refused")
            return
        place = self.record.get(callee)
        if place == HERE and self.bug != "lost_invitation":
            receiver = min(self.writers) if self.bug == "wrong_receiver" else f"client({callee})"
            yield receiver, _reply("call_invitation", caller=caller)
        outcome = {HERE: "connected", ELSEWHERE: "redirected", None: "unknown"}[place]
        yield sender, _reply("call_response", callee=callee, outcome=outcome)

    async def _note(self, record: Store, news: Store) -> None:
        """Write the record with what is new; the store takes a moment."""
        await asyncio.sleep(0.02 if self.bug == "lost_update" else 0.001)
        self.record = record | news
        self.store.clear()
        self.store.update(self.record)


def _reply(message: str, **elements: str) -> dict[str, str]:
    return {"message": message, **elements}


async def _for_ever(port: int, bug: str | None) -> None:
    print(f"listening on port {await Server({}, bug).start(port)}")
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A small MC service server on the loopback.")
    parser.add_argument("--port", type=int, default=4060)
    parser.add_argument("--bug", choices=BUGS)
    arguments = parser.parse_args()
    asyncio.run(_for_ever(arguments.port, arguments.bug))
