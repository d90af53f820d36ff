"""What a catalogue keeps of a sentence in place of the sentence: a short hash that tells whether it was reworded.

The hash is keyed with the item, so that it tells nothing of a sentence to who does not have it, and no two items of one
sentence share it. It has consonants only, so that YAML never takes it for a number or a word.
"""

from __future__ import annotations

import hashlib
import re

LETTERS = 10
_ALPHABET = "bcdfghjklmnpqrst"
_SAME = str.maketrans({"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "–": "-", "\N{NO-BREAK SPACE}": " "})


def fingerprint(item: str, sentence: str) -> str:
    """The fingerprint of a sentence under an item. Blanks, quotation marks and the last full stop do not count."""
    key = item.encode("utf-8")[: hashlib.blake2b.MAX_KEY_SIZE]
    digest = hashlib.blake2b(normalised(sentence).encode("utf-8"), key=key, digest_size=LETTERS // 2).digest()
    return "".join(_ALPHABET[byte >> 4] + _ALPHABET[byte & 15] for byte in digest)


def normalised(sentence: str) -> str:
    """A sentence without what a word processor changes of itself."""
    return re.sub(r"\s+", " ", sentence.translate(_SAME)).strip().rstrip(".;,: ").casefold()
