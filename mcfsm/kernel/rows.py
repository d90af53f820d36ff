"""Where each component's id stands in a row of 64-bit words, and rows packed and unpacked.

What may live here: bits. What may not: what a component is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]


class Layout(NamedTuple):
    """Of each component the word, the shift and the mask of its field; and how many words a row has."""

    word: NDArray[np.int32]
    shift: Words
    mask: Words
    words: int

    def pack(self, ids: Any) -> Any:
        """Rows of component ids as packed rows."""
        rows = np.zeros((len(ids), self.words), dtype=np.uint64)
        for c in range(ids.shape[1]):
            rows[:, self.word[c]] |= ids[:, c].astype(np.uint64) << self.shift[c]
        return rows

    def unpack(self, rows: Any) -> Any:
        """Packed rows as rows of component ids."""
        return ((rows[:, self.word] >> self.shift) & self.mask).astype(np.int64)

    def bits(self, components: Iterable[int]) -> Words:
        """Of each word the bits that belong to some components."""
        found = np.zeros(self.words, dtype=np.uint64)
        for c in components:
            found[self.word[c]] |= self.mask[c] << self.shift[c]
        return found

    def component_at(self, components: Iterable[int]) -> NDArray[np.int32]:
        """Of each bit of a row which of some components it belongs to, or -1."""
        found = np.full(64 * self.words, -1, dtype=np.int32)
        for c in components:
            begin = 64 * int(self.word[c]) + int(self.shift[c])
            found[begin : begin + int(self.mask[c]).bit_length()] = c
        return found


def lay_out(counts: list[int], *, ordered: bool = False) -> Layout:
    """Bits for each component's ids: those in use, and in turn one more where no further word is needed for it.

    `ordered`: rows are in the same order, word by word, in whatever layout: the first component counts most.
    """
    fit = _fit_in_order if ordered else _fit
    bits = [max(1, (count - 1).bit_length()) for count in counts]
    words = len(fit(bits))
    growing = [c for c, count in enumerate(counts[:-1]) if count > 1]
    while growing:
        wider = [b + (c in growing and b < 32) for c, b in enumerate(bits)]
        if len(fit(wider)) == words and wider != bits:
            bits = wider
            continue
        for component in list(growing):
            bits[component] += 1
            if sum(bits) > 64 * words or len(fit(bits)) > words or bits[component] > 32:
                bits[component] -= 1
                growing.remove(component)
    word, shift = np.zeros(len(bits), dtype=np.int32), np.zeros(len(bits), dtype=np.uint64)
    for place, parts in enumerate(fit(bits)):
        at = 0
        for component in parts:
            word[component], shift[component] = place, at
            at += bits[component]
    return Layout(word, shift, np.array([(1 << b) - 1 for b in bits], dtype=np.uint64), words)


def _fit_in_order(bits: list[int]) -> list[list[int]]:
    """Components into words of 64 bits, in their order: in each word the first has the highest bits, and is last."""
    words: list[list[int]] = [[]]
    room = 64
    for component, wanted in enumerate(bits):
        if wanted > room:
            words.append([])
            room = 64
        words[-1].insert(0, component)
        room -= wanted
    return words


def _fit(bits: list[int]) -> list[list[int]]:
    """Components into words of 64 bits, the widest first, each into the first word that has room."""
    words: list[list[int]] = []
    room: list[int] = []
    for component in sorted(range(len(bits)), key=lambda c: -bits[c]):
        place = next((w for w, left in enumerate(room) if left >= bits[component]), len(words))
        if place == len(words):
            words.append([])
            room.append(64)
        words[place].append(component)
        room[place] -= bits[component]
    return words
