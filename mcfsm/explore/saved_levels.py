"""What a search writes of the levels that are done, as a file of arrays; and reads as anything else that may be wrong.

What may live here: which arrays there are, and that they fit together. What may not: what becomes of them in a search.
The file is one of numpy's (NPZ): each array has a checksum, and a file that is not whole is none.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from mcfsm.kernel.rows import Layout

FORMAT = 1
_MOST_LEVELS, _MOST_COMPONENTS, _MOST_STATES = 10_000_000, 64 * 64, 1 << 44
_KINDS = {
    "said": np.uint8,
    "values": np.int64,
    "levels": np.int64,
    "word": np.int32,
    "shift": np.uint64,
    "mask": np.uint64,
    "rows": np.uint64,
    "sleep_sets": np.uint64,
    "journal": np.uint64,
    "found": np.int64,
    "fault_level": np.int32,
    "hit_level": np.int32,
    "seen": np.uint8,
    "fired": np.uint64,
}


_SAID = "search", "number", "depth", "ended", "transitions", "digest", "first"
_ROWS = "rows.npy"
_AT_ONCE = 1 << 20  # words that are read or written at once


class CheckpointSpoiled(Exception):
    """A file holds nothing that a search could go on from."""


class RowParts(NamedTuple):
    """Packed rows, part by part: of so many words together."""

    words: int
    parts: Callable[[], Iterator[Any]]


class SavedLevels(NamedTuple):
    """The levels that were found since the file before: their states, and what is known of the whole search.

    States are numbered level by level, whichever worker found them.
    """

    search: str  # the digest of what was asked
    number: int  # of the file, from 0 on
    depth: int  # of the deepest level that is expanded
    ended: bool  # whether nothing is left to be done
    transitions: int
    digest: str  # of all values of all components, in their order
    values: Any  # how many values each component has
    levels: Any  # how many states each level has, from the first on: the last is not expanded
    first: int  # level whose rows it has; these may be those of the last level of the file before in another order
    layout: Layout  # of the rows
    rows: RowParts  # of the states of the levels from that on
    sleep_sets: Any  # of the states of the last level; none of a search that has none
    journal: Any  # `Arena.journal` since the file before
    found: Any  # lines of kind, which and state, since the file before
    fault_level: Any
    hit_level: Any
    seen: Any
    fired: Any  # by move, of all workers together

    def write(self, file: BinaryIO) -> None:
        """Write it to a file. Raises OSError."""
        said = {name: getattr(self, name) for name in _SAID}
        text = json.dumps({"format": FORMAT, **said})
        arrays: dict[str, Any] = {
            name: getattr(self, name) for name in _KINDS if name not in ("said", "word", "shift", "mask", "rows")
        }
        layout: dict[str, Any] = {"word": self.layout.word, "shift": self.layout.shift, "mask": self.layout.mask}
        said_array = np.frombuffer(text.encode(), dtype=np.uint8)
        with zipfile.ZipFile(file, "w") as archive:  # savez of numpy before 2.2 leaves one open that cannot be written
            for name, array in {"said": said_array, **arrays, **layout}.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as part:
                    np.lib.format.write_array(part, np.asanyarray(array), allow_pickle=False)
            with archive.open(_ROWS, "w", force_zip64=True) as part:
                shape = {"descr": "<u8", "fortran_order": False, "shape": (self.rows.words,)}
                np.lib.format.write_array_header_1_0(part, shape)
                for rows in self.rows.parts():
                    for begin in range(0, len(rows), _AT_ONCE):
                        part.write(np.ascontiguousarray(rows[begin : begin + _AT_ONCE], dtype="<u8").data)


def read(opened: Callable[[], BinaryIO], search: str, number: int) -> SavedLevels:
    """The levels of a search in its file of a number. Raises CheckpointSpoiled, also where it is of another search.

    Its rows are looked at for their checksum, and read again when they are wanted. Raises OSError where the disk fails,
    which says nothing of the file.
    """
    try:
        with opened() as file, np.load(file, allow_pickle=False) as arrays:
            if not isinstance(arrays, np.lib.npyio.NpzFile) or {*arrays.files} != _KINDS.keys():
                raise CheckpointSpoiled("other arrays")
            found: dict[str, Any] = {name: arrays[name] for name in _KINDS if name != "rows"}
        words = sum(map(len, _row_parts(opened)))
    except (ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise CheckpointSpoiled(f"{error}") from None
    if any(array.dtype != _KINDS[name] for name, array in found.items()):
        raise CheckpointSpoiled("arrays of other kinds")
    said = _said(found.pop("said"))
    if (said["search"], said["number"]) != (search, number):
        raise CheckpointSpoiled("another search")
    rows = RowParts(words, lambda: _row_parts(opened))
    levels = SavedLevels(layout=_layout(found), rows=rows, **said, **found)
    _check(levels)
    return levels


def _row_parts(opened: Callable[[], BinaryIO]) -> Iterator[Any]:
    """The rows of a file, part by part."""
    with opened() as file, zipfile.ZipFile(file) as archive, archive.open(_ROWS) as part:
        if np.lib.format.read_magic(part) != (1, 0):
            raise CheckpointSpoiled("other arrays")
        shape, _, dtype = np.lib.format.read_array_header_1_0(part)
        if dtype != _KINDS["rows"]:
            raise CheckpointSpoiled("arrays of other kinds")
        words = 0
        while content := part.read(8 * _AT_ONCE):
            rows = np.frombuffer(content, dtype=np.uint64)
            words += len(rows)
            yield rows
        if shape != (words,):
            raise CheckpointSpoiled("an array of another size")


def _said(array: Any) -> dict[str, Any]:
    """What is said in words, as it should be."""
    try:
        said: Any = json.loads(array.tobytes()) if array.size < 1 << 16 else None
    except (ValueError, RecursionError):
        said = None
    match said:
        case {
            "format": 1,
            "search": str(),
            "number": int(),
            "depth": int(depth),
            "ended": bool(),
            "transitions": int(transitions),
            "digest": str(),
            "first": int(first),
            **others,
        } if not others and min(depth, transitions, first) >= 0:
            del said["format"]
            return dict(said)
    raise CheckpointSpoiled("another format")


def _layout(found: dict[str, Any]) -> Layout:
    word, shift, mask = (found.pop(name) for name in ("word", "shift", "mask"))
    shapes = {word.shape, shift.shape, mask.shape}
    if len(shapes) > 1 or word.ndim != 1 or not 0 < len(word) <= _MOST_COMPONENTS:
        raise CheckpointSpoiled("no layout")
    if word.min() < 0 or word.max() >= len(word) or shift.max() > 63 or mask.max() >> 32:
        raise CheckpointSpoiled("no layout")
    return Layout(word, shift, mask, int(word.max()) + 1)


def _check(levels: SavedLevels) -> None:
    """Raise CheckpointSpoiled where the arrays do not fit together."""
    counts = levels.levels
    fit = (
        counts.ndim == 1
        and levels.depth + 2 == len(counts) <= _MOST_LEVELS
        and bool((counts >= 0).all())
        and bool((counts < _MOST_STATES).all())
        and levels.first <= len(counts)
        and levels.rows.words == int(counts[levels.first :].sum()) * levels.layout.words
        and levels.sleep_sets.ndim == levels.journal.ndim == 1
        and len(levels.sleep_sets) in (0, counts[-1])
        and levels.values.shape == levels.layout.word.shape
        and levels.found.ndim == 2
        and levels.found.shape[1] == 3
        and all(one.ndim == 1 for one in (levels.fault_level, levels.hit_level, levels.seen, levels.fired))
    )
    if not fit:
        raise CheckpointSpoiled("arrays that do not fit together")
