"""A recorded message log as written: one JSON object a line, of this form or as tshark exports packets.

A line of our own form says `sender`, `receiver`, `message`, and `elements` where it has any; other keys are not read.
Of other forms a file of names says which fields say these. A line with the key `layers` is a packet of `tshark -T ek`,
and its fields are those there; the lines between packets, with the key `index`, are passed over.

What may live here: text to messages by name, within bounds. Whether a model knows the names is asked elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from mcfsm.language.files.document import Name, OneOrMore
from mcfsm.language.files.parts import Part, key
from mcfsm.language.files.reader import read_data
from mcfsm.language.files.shape import shaped
from mcfsm.language.files.yaml import WrittenMapping
from mcfsm.model.wire import WireMessage
from mcfsm.problems import ModelError, Problem, Span, shorten

MOST_LINES = 100_000
MOST_CHARACTERS = 1_000_000  # of a line
_MOST_WAITING = 1_000_000  # bytes of a stream without an end of line


class LogError(ModelError):
    """A log, or the file of names that goes with it, is wrong."""

    subject = "the log"


class NamesFile(Part):
    """What the fields of a log are called, and who and what their values mean."""

    sender: OneOrMore = key(description="the fields that say who sent it, joined with a colon: ip_src, tcp_srcport")
    receiver: OneOrMore = key(description="the fields that say who gets it")
    message: Name | None = key(None, description="the field that has its name")
    payload: Name | None = key(None, description="instead: the field with the bytes of a stream of JSON lines, in hex")
    elements: dict[Name, Name] = key({}, description="element: field; of a payload, where their names differ")
    instances: dict[Name, Name] = key({}, description="who is meant: instance")
    messages: dict[Name, Name] = key({}, description="name in the log: message")


@dataclass(frozen=True)
class LoggedMessage:
    """A message of a log, and the line it stands in."""

    line: int
    wire: WireMessage


def read_names(path: Path) -> NamesFile:
    """The file that says what the fields of a log mean. Raises LogError."""
    try:
        data = read_data(path, path.as_posix())
        if not isinstance(data, WrittenMapping):
            raise ModelError([Problem("M203", Span(path.as_posix(), 1, 1), "a file of names is a mapping")])
        names: NamesFile = shaped(NamesFile, data)
        if (names.message is None) == (names.payload is None):
            message = "a file of names has one of the keys message and payload"
            raise ModelError([Problem("M203", names.span, message)])
        return names
    except ModelError as error:
        raise LogError(error.problems) from None


def read_log(path: Path, names: NamesFile | None = None) -> Iterator[LoggedMessage]:
    """The messages of a log, in order. Raises LogError (M109, M904) at the first line that cannot be read."""
    streams: dict[tuple[str, str], bytes] = {}
    try:
        with path.open("rb") as file:
            for number in range(1, MOST_LINES + 2):
                line = file.readline(MOST_CHARACTERS + 1)
                if not line:
                    return
                place = _Place(Span(path.as_posix(), number, 1))
                if number > MOST_LINES:
                    place.fail(f"a log has at most {MOST_LINES:,} lines", "split it, each part from an initial state")
                if len(line) > MOST_CHARACTERS:
                    place.fail(f"a line has at most {MOST_CHARACTERS:,} characters")
                if line.strip():
                    for wire in _messages(place, place.record(line), names, streams):
                        yield LoggedMessage(number, wire)
    except OSError as error:
        raise LogError([Problem("M109", None, f"{path} cannot be read: {error.strerror}")]) from None


@dataclass(frozen=True)
class _Place:
    """A line of the log, and how what is wrong with it is said."""

    span: Span

    def fail(self, message: str, hint: str | None = None) -> NoReturn:
        """Raise LogError (M904) at the line."""
        raise LogError([Problem("M904", self.span, message, hint)])

    def record(self, text: bytes) -> dict[str, Any]:
        """The JSON object of a text."""
        try:
            found = json.loads(text.decode("utf-8-sig"), object_pairs_hook=_once)
        except RecursionError:
            self.fail("the line is nested too deep")
        except ValueError as error:  # JSON and UTF-8
            said = getattr(error, "msg", None) or str(error)
            self.fail(f"the line is no JSON: {shorten(said)}", "a log has one JSON object in each line")
        if not isinstance(found, dict):
            self.fail(f"the line is {shorten(json.dumps(found))}, and no JSON object")
        return found

    def text(self, record: dict[str, Any], field: str) -> str:
        """A field as text; of a packet, whose fields are lists, the first of it."""
        value = record.get(field)
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, bool) or not isinstance(value, str | int):
            self.fail(
                f"the line does not say {field}" if value is None else f"{field} is {shorten(str(value))}, no text"
            )
        return str(value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _messages(
    place: _Place, record: dict[str, Any], names: NamesFile | None, streams: dict[tuple[str, str], bytes]
) -> Iterator[WireMessage]:
    if "index" in record and len(record) == 1:
        return
    layers = record.get("layers")
    fields: dict[str, Any] = layers if isinstance(layers, dict) else record
    if names is None:
        if isinstance(layers, dict):
            place.fail("the line is a packet", "say with --names what its fields mean")
        elements = record.get("elements", {})
        if not isinstance(elements, dict):
            place.fail(f"elements is {shorten(str(elements))}, and no JSON object")
        sender, receiver, message = (place.text(record, each) for each in ("sender", "receiver", "message"))
        yield WireMessage(sender, receiver, message, elements)
        return
    sender, receiver = (_end(place, fields, part, names) for part in (names.sender, names.receiver))
    if names.payload is None:
        elements = {str(name): _value(fields[field]) for name, field in names.elements.items() if field in fields}
        yield _named(sender, receiver, place.text(fields, str(names.message)), elements, names)
    elif names.payload in fields:
        for data in _stream(place, (sender, receiver), place.text(fields, names.payload), streams):
            if "message" in data:
                elements = {one: value for one, value in data.items() if one != "message"}
                renamed = {str(field): str(name) for name, field in names.elements.items()}
                elements = {renamed.get(one, one): value for one, value in elements.items()}
                yield _named(sender, receiver, place.text(data, "message"), elements, names)


def _named(sender: str, receiver: str, message: str, elements: dict[str, Any], names: NamesFile) -> WireMessage:
    return WireMessage(sender, receiver, _meant(message, names.messages), elements)


def _meant(text: str, names: dict[Any, Any]) -> str:
    return str(names.get(text, text))


def _end(place: _Place, fields: dict[str, Any], part: Any, names: NamesFile) -> str:
    parts = part if isinstance(part, list) else [part]
    return _meant(":".join(place.text(fields, str(each)) for each in parts), names.instances)


def _value(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _stream(
    place: _Place, ends: tuple[str, str], payload: str, streams: dict[tuple[str, str], bytes]
) -> Iterator[dict[str, Any]]:
    """The JSON objects that a packet completes in its stream."""
    try:
        came = bytes.fromhex(payload.replace(":", ""))
    except ValueError:
        place.fail(f"the payload {shorten(payload)} is not written in hex")
    *whole, streams[ends] = (streams.get(ends, b"") + came).split(b"\n")
    if len(streams[ends]) > _MOST_WAITING:
        place.fail(f"the stream from {ends[0]} to {ends[1]} has no end of line in {_MOST_WAITING:,} bytes")
    for line in whole:
        if line.strip():
            yield place.record(line)
