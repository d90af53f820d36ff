"""A folder of pictures: what is written there, what of it is stale, and what may be removed.

Each file that is written is listed with the digest of its content in `drawn.sha256` (which `sha256sum -c` reads). A
file that is listed there, still has that content and belongs to no picture any more is a leftover, and goes; every
other file is somebody else's and stays.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from mcfsm.host.whole_files import write_together
from mcfsm.pictures.dot import embedded_digest, source_digest
from mcfsm.pictures.index import FILE, written_here

MANIFEST = "drawn.sha256"
_LINE = re.compile(r"([0-9a-f]{64})  ([^/\\\x00-\x1f]+)")


@dataclass(frozen=True)
class Picture:
    """One file of a figure: `K2` and `.svg`, or `-1.svg` for its first part.

    `source`: what another program draws it from; None where the content is all ours.
    """

    figure: str
    tail: str
    render: Callable[[], str | bytes]
    source: str | None = None

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.figure + self.tail

    def content(self) -> bytes:
        """What the file holds."""
        made = self.render()
        return made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass")

    def fresh(self, file: Path) -> bool:
        """Whether a file holds this picture: byte for byte, or where another program draws it, made of this source."""
        if not file.is_file():
            return False
        if self.source is not None:
            text = file.read_text(encoding="utf-8", errors="replace")
            return embedded_digest(text) == source_digest(self.source)
        return file.read_bytes() == self.content()


def write(pictures: Iterable[Picture], directory: Path, *, whole: bool = False) -> list[str]:
    """Write the pictures into a folder; the names. If they are all there shall be (`whole`), leftovers go."""
    directory.mkdir(parents=True, exist_ok=True)
    pictures = _ours(pictures, directory)
    before = listed(directory)
    made = {p.name: p.content() for p in pictures if p.source is None or not p.fresh(directory / p.name)}
    names = [picture.name for picture in pictures]
    leftovers = _leftovers(names, directory) if whole else []
    kept = set(names) | (set() if whole else {name for name in before if (directory / name).is_file()})
    digests = {name: _digest(directory / name) for name in kept if name not in made}
    digests |= {name: hashlib.sha256(content).hexdigest() for name, content in made.items()}
    listing = "".join(f"{digests[name]}  {name}\n" for name in sorted(kept)).encode()
    # all of them, or where a program is missing for one, or room, none
    write_together({directory / name: content for name, content in {**made, MANIFEST: listing}.items()})
    for file in leftovers:
        file.unlink()
    return names


def foreign(pictures: Iterable[Picture], directory: Path) -> list[Path]:
    """The files of a folder that pictures would be written over, and that nobody knows to be written by mcfsm."""
    known = listed(directory)
    there = [(p, directory / p.name) for p in _ours(pictures, directory) if p.name not in known]
    return [file for picture, file in there if file.exists() and not (_drawn(file) or picture.fresh(file))]


def stale(pictures: Iterable[Picture], directory: Path) -> list[str]:
    """The files of a folder that are not what the pictures are; missing ones, leftovers and a false list included."""
    pictures = _ours(pictures, directory)
    wrong = [picture.name for picture in pictures if not picture.fresh(directory / picture.name)]
    wrong += [file.name for file in _leftovers([picture.name for picture in pictures], directory)]
    if not wrong:
        found = {picture.name: _digest(directory / picture.name) for picture in pictures}
        wrong += [] if found == listed(directory) else [MANIFEST]
    return wrong


def listed(directory: Path) -> dict[str, str]:
    """What was written into a folder: name to digest; nothing where there is no list."""
    file = directory / MANIFEST
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
    return {found[2]: found[1] for found in map(_LINE.fullmatch, lines) if found}


def _drawn(file: Path) -> bool:
    """Whether a file says of itself what it was drawn of."""
    return file.is_file() and embedded_digest(file.read_text(encoding="utf-8", errors="replace")) is not None


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _leftovers(names: Iterable[str], directory: Path) -> list[Path]:
    """What was written here before, is as it was written, and belongs to nothing now."""
    older = {name: digest for name, digest in listed(directory).items() if name not in set(names)}
    files = [directory / name for name in sorted(older)]
    return [file for file in files if file.is_file() and _digest(file) == older[file.name]]


def _ours(pictures: Iterable[Picture], directory: Path) -> list[Picture]:
    """The pictures, without an index where somebody's own page stands in its place."""
    page = directory / FILE
    own = page.exists() and not written_here(page.read_text(encoding="utf-8", errors="replace"))
    return [picture for picture in pictures if not (own and picture.name == FILE)]
