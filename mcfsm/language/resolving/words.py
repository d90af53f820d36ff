"""What a part of a file names: it can read nothing else.

So what is resolved is kept for the next scenario or variant that gives the names in a part's text the same meanings.
What has a problem is not kept, as problems name the scenario.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcfsm.language.files.parts import Part
from mcfsm.model.identity_cache import IdentityCache

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
    texts = frozenset(_texts(value))
    return texts.union(*(re.findall(r"\w+", text) for text in texts))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield str(value)
    elif isinstance(value, Part):
        for name in type(value).keys:
            yield from _texts(getattr(value, name))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(key)
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
