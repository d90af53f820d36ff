"""What a part of a file names: it can read nothing else.

So what is resolved is kept for the next scenario or variant that gives the names in a part's text the same meanings.
What has a problem is not kept, as problems name the scenario.
"""

from __future__ import annotations

import re

from mcfsm.language.files.parts import Part
from mcfsm.model.identity_cache import IdentityCache

_FOR_READERS = "label", "labels"
_NAME = re.compile(r"\w+")
_WORDS: IdentityCache[frozenset[str]] = IdentityCache(10_000)


def words(part: Part) -> frozenset[str]:
    """Every text in a part as written, and every name in one."""
    known = _WORDS.get(part)
    if known is None:
        known = words_of(part)
        _WORDS.keep(part, known)
    return known


def words_of(value: object) -> frozenset[str]:
    """The same of anything that parts are made of."""
    texts: set[str] = set()
    _add_texts(value, texts)
    return frozenset(texts.union(*map(_NAME.findall, texts)))


def _add_texts(value: object, texts: set[str]) -> None:
    if isinstance(value, str):
        texts.add(str(value))
    elif isinstance(value, Part):
        for name, inner in value:
            if inner and name not in _FOR_READERS:
                _add_texts(inner, texts)
    elif isinstance(value, dict):
        texts.update(map(str, value))
        for inner in value.values():
            _add_texts(inner, texts)
    elif isinstance(value, list):
        for inner in value:
            _add_texts(inner, texts)
