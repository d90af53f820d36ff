"""The server behind the adapter that `mcfsm.stateful` asks for: one connection for each instance of the tester.

TestServer = mcfsm.stateful("model.yaml", adapter=ServerAdapter, under_test=["server"]).TestCase
"""

from __future__ import annotations

import asyncio
import json
import selectors
import socket
import threading
from collections import deque
from collections.abc import Coroutine
from time import monotonic
from typing import Any

from server import Server, Store

from mcfsm import WireMessage

TESTERS = ("client(u1)", "client(u2)", "partner")
_MOST = 5.0  # seconds that starting and ending may take


class ServerAdapter:
    """A server in a thread of its own, on the loopback; what one that crashed had stored the next begins with."""

    def __init__(self, bug: str | None = None) -> None:
        self.bug = bug
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.lines: dict[str, _Lines] = {}
        self.server: Server | None = None  # none while it is down

    def start(self) -> None:
        """An empty store, a server, and a connection for each tester."""
        self.store: Store = {}
        self._begin()

    def stop(self) -> None:
        """End the server and close what is connected."""
        if self.server is not None:
            self._end()
        self.lines = {}

    def send(self, message: WireMessage) -> None:
        """One line on the connection of the sender; to a server that is down nobody is connected."""
        if self.server is None:
            return
        data = {"message": message.name, **message.elements}
        self.lines[message.sender].socket.sendall(json.dumps(data).encode() + b"\n")

    def receive(self, timeout: float) -> WireMessage | None:
        """The next line on any connection."""
        until = monotonic() + timeout
        while True:
            for tester, lines in self.lines.items():
                if lines.whole:
                    data = json.loads(lines.whole.popleft())
                    return WireMessage("server", tester, data.pop("message"), data)
            left = until - monotonic()
            if left <= 0 or self.server is None:  # nobody is there to send anything
                return None
            with selectors.DefaultSelector() as selector:
                for lines in self.lines.values():
                    selector.register(lines.socket, selectors.EVENT_READ, lines)
                for key, _ in selector.select(left):
                    key.data.read()

    def crash(self, _instance: str) -> None:
        """End the server; what it had sent before still arrives."""
        self._end()

    def restart(self, _instance: str) -> None:
        """Begin it with what it had stored."""
        self._begin()

    def _begin(self) -> None:
        self.server = Server(self.store, self.bug)
        port = self._run(self.server.start())
        for tester in TESTERS:
            before = self.lines.get(tester)
            self.lines[tester] = _Lines(port, tester, before.whole if before else deque())

    def _end(self) -> None:
        assert self.server is not None
        server, self.server = self.server, None
        self._run(server.crash())
        for lines in self.lines.values():
            lines.close()

    def _run(self, doing: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(doing, self.loop).result(_MOST)


class _Lines:
    """A connection, and the whole lines that came over it."""

    def __init__(self, port: int, name: str, whole: deque[bytes]) -> None:
        self.whole, self.part = whole, b""
        self.socket = socket.create_connection(("127.0.0.1", port), _MOST)
        self.socket.sendall(json.dumps({"hello": name}).encode() + b"\n")
        while not self.part.endswith(b"\n"):  # what the server answers
            self.part += self.socket.recv(1)
        self.part = b""

    def read(self) -> bool:
        """Take what has come; whether anything may still come."""
        came = self.socket.recv(1 << 16)
        *whole, self.part = (self.part + came).split(b"\n")
        self.whole.extend(whole)
        return bool(came)

    def close(self) -> None:
        """Take what has come, up to its end, and close the connection."""
        try:
            while self.read():
                pass
        except ConnectionError:
            pass
        self.socket.close()
