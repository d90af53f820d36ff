"""Where a document reads how many users a scenario has: what it reads there is a plain value in the resolved model.

The parameter that a group's `count` reads, or `keys` of a group that is named by number, becomes a constant like any
other; so does the size of a domain of users in a bound, a budget or a parameter. Found by names in the texts, whatever
becomes of them: more places than matter, and none is missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property

from mcfsm.expressions.parse import SourceText
from mcfsm.language.files.document import Document, InstancePart, ScenarioPart, elements_of
from mcfsm.language.files.parts import Part
from mcfsm.model import Instance
from mcfsm.model.identity_cache import IdentityCache
from mcfsm.model.records import NumberRead

_FOR_READERS = {"label", "labels", "text", "id", "clause", "clauses", "assumption"}
_KEYS_READ = {"set", "under"}  # whose keys are expressions, or readings and options
_NAME = re.compile(r"(?<!\w)(?<!(?<!\.)\.)[^\W\d]\w*")  # an attribute is none; the end of 1..n is
_INITIAL = re.compile(r"=|\bin\b")
_CALCULATED = re.compile(r"[(<>=]|\bif\b|\bin\b")


def number_reads(
    document: Document, scenario: ScenarioPart, instances: Iterable[Instance], ids: Mapping[int, str]
) -> tuple[NumberRead, ...]:
    """Every place that reads the number of a group's members, in written order."""
    mine = list(instances)
    roles = {one.role for one in mine}
    texts = _TEXTS.get(document)
    if texts is None:
        texts = _DocumentTexts(document, ids)
        _TEXTS.keep(document, texts)
    found: list[NumberRead] = []
    for group in dict.fromkeys(one.group for one in mine if one.key is not None):
        members = [one for one in mine if one.group == group]
        found += _Reads(document, scenario, texts, roles, group, members).all()
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class _Text:
    """A text, what it is of, and whether its value is fixed before anything runs."""

    text: SourceText
    place: str
    fixed: bool = False
    property: str | None = None
    role: str | None = None  # where it is of one

    @cached_property
    def names(self) -> frozenset[str]:
        return names_in(self.text)


class _DocumentTexts:
    """Every text of a document whose names may be read, scenarios left out; found by the names in it."""

    def __init__(self, document: Document, ids: Mapping[int, str]) -> None:
        self.made_of = {str(name): _names_of(form) for name, form in document.domains.items()}
        self.used_in: dict[str, set[str]] = {}
        for name, names in self.made_of.items():
            for inner in names:
                self.used_in.setdefault(inner, set()).add(name)
        constants = (*document.parameters, *document.readings, *document.options)
        self.declared = frozenset(map(str, (*constants, *document.domains)))
        self._texts = list(_texts_of(document, ids))
        self._places: dict[str, list[int]] = {}
        for place, one in enumerate(self._texts):
            for name in one.names:
                self._places.setdefault(name, []).append(place)

    def with_any(self, names: Iterable[str]) -> Iterator[_Text]:
        """The texts with one of these names, in written order."""
        places = set[int]().union(*(self._places.get(name, ()) for name in names))
        return (self._texts[place] for place in sorted(places))


_TEXTS: IdentityCache[_DocumentTexts] = IdentityCache(100)


class _Reads:
    """The places that read the number of members of one group."""

    def __init__(
        self,
        document: Document,
        scenario: ScenarioPart,
        texts: _DocumentTexts,
        roles: set[str],
        group: str,
        members: list[Instance],
    ) -> None:
        self.document_texts, self.scenario, self.roles, self.group = texts, scenario, roles, group
        self.numbered = any(isinstance(one.key, int) for one in members)
        parts = (part for name, part in (scenario.instances or {}).items() if name == group)
        count = next((part.count for part in parts if isinstance(part, InstancePart)), None)
        self.counted = frozenset[str]()  # what the number is calculated from, also by way of domains
        if count is not None:
            self.counted = _followed(names_in(count), texts.made_of) & texts.declared
        keys = {str(one.key) for one in members}
        listed = {str(name) for name, form in document.domains.items() if isinstance(form, list) and keys & set(form)}
        # what has more values where there are more members
        self.sized = _followed({group, *(one.role for one in members), *listed}, texts.used_in)

    def all(self) -> Iterator[NumberRead]:
        for one in self.texts():
            word = self.read_in(one)
            if word is not None:
                yield NumberRead(self.group, one.place, word, one.text.span, one.property)

    def read_in(self, one: _Text) -> str | None:
        """By which word a text reads the number, if it does."""
        names = one.names
        if names & self.counted:
            return min(names & self.counted)
        if self.numbered and "keys" in names and self.group in names:
            return f"keys({self.group})"
        if self.numbered and "key" in names and one.place == self.group:
            return "key"  # the next member is given another value
        if one.fixed and names & self.sized:
            return min(names & self.sized)
        return None

    def texts(self) -> Iterator[_Text]:
        """Every text that may read it, with what is written where the group itself is counted left out."""
        for one in self.document_texts.with_any({"key", "keys", *self.counted, *self.sized}):
            if one.role is None or one.role in self.roles:
                yield one
        yield from self._of_scenario()

    def _of_scenario(self) -> Iterator[_Text]:
        scenario = self.scenario
        for name, part in (scenario.instances or {}).items():
            read = part.but(count=None) if isinstance(part, InstancePart) and name == self.group else part
            if not isinstance(read, dict):
                yield from (_Text(text, str(name), True) for text in _given(read))
                continue
            for member in read.values():
                yield from (_Text(text, str(name), True) for text in _given(member))
        for name, channel in (scenario.channels or {}).items():
            yield from (_Text(text, f"channel {name}", True) for text in texts_read(channel))
        for name, crash in (scenario.crash or {}).items():
            yield from (_Text(text, f"crash of {name}", True) for text in texts_read(crash))
        for name, text in (scenario.budgets or {}).items():
            yield _Text(text, f"budget {name}", True)


def names_in(text: str) -> frozenset[str]:
    """The names in a text as an expression reads them, less those of attributes."""
    return frozenset(_NAME.findall(text))


def _followed(found: Set[str], further: Mapping[str, Set[str]]) -> frozenset[str]:
    """Some names, and those that they lead to."""
    known, waiting = set(found), list(found)
    while waiting:
        new = further.get(waiting.pop(), frozenset()) - known
        known |= new
        waiting += new
    return frozenset(known)


def _names_of(form: object) -> frozenset[str]:
    return frozenset[str]().union(*(names_in(text) for text in texts_read(form)))


def _texts_of(document: Document, ids: Mapping[int, str]) -> Iterator[_Text]:
    """In written order, scenarios left out."""
    for name, form in document.domains.items():
        if not isinstance(form, list):
            yield from _domains(form, f"domain {name}")
    for name, message in document.messages.items():
        for element, kind in elements_of(message).items():
            text = kind if isinstance(kind, SourceText) else kind.type
            yield from _domains(text, f"{name}.{element}")
    for name, role in document.roles.items():
        for variable, text in (*role.variables.items(), *role.parameters.items(), *role.peers.items()):
            yield from _domains(text, f"{variable} of {name}", str(name))
        for line in role.transitions:
            yield from (_Text(text, ids[id(line)], role=str(name)) for text in texts_read(line))
        rest = role.but(variables={}, parameters={}, peers={}, transitions=[])
        yield from (_Text(text, f"role {name}", role=str(name)) for text in texts_read(rest))
    for name, observer in document.observers.items():
        for variable, text in observer.variables.items():
            yield from _domains(text, f"{variable} of {name}")
        yield from (_Text(text, f"observer {name}") for text in texts_read(observer.but(variables={})))
    for name, text in document.define.items():
        yield _Text(text, f"definition {name}")
    for name, property_ in document.properties.items():
        yield from (_Text(text, str(name), property=str(name)) for text in texts_read(property_))


def _domains(form: object, place: str, role: str | None = None) -> Iterator[_Text]:
    """The texts of a domain: fixed where a bound is calculated; the domain's own name says who is in it."""
    for text in texts_read(form):
        bounds = _INITIAL.split(text, maxsplit=1)[0]
        yield _Text(text, place, ".." in text and bool(_CALCULATED.search(bounds)), role=role)


def _given(part: object) -> Iterator[SourceText]:
    """What is given to an instance: its parameters and its count, not its role."""
    if isinstance(part, InstancePart):
        yield from texts_read(part.parameters)
        yield from texts_read(part.count)


def texts_read(value: object) -> Iterator[SourceText]:
    """Every text in a part that may read a name: none that is for readers alone."""
    if isinstance(value, SourceText):
        yield value
    elif isinstance(value, Part):
        for name, inner in value:
            if inner and name not in _FOR_READERS:
                if name in _KEYS_READ and isinstance(inner, dict):
                    yield from (key for key in inner if isinstance(key, SourceText))
                yield from texts_read(inner)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_read(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_read(inner)
