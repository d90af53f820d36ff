"""Files that are there whole or not at all: those that are brought to the disk part by part."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mcfsm.host import whole_files
from mcfsm.host.whole_files import put_in_place

PARTS = [bytes([n]) * 1000 for n in range(10)]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_files, "_DURABLE_AT_ONCE", 3000)


def test_what_is_brought_to_the_disk_part_by_part_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = list[int]()  # how long the file was, whenever it was brought to the disk
    dropped = list[int]()
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: (synced.append(os.fstat(number).st_size), sync(number)))
    monkeypatch.setattr(os, "posix_fadvise", lambda *_: dropped.append(synced[-1]), raising=False)
    with put_in_place(tmp_path / "file", durable=True) as file:
        for part in PARTS:
            file.write(part)
    assert (tmp_path / "file").read_bytes() == b"".join(PARTS)
    assert synced == [3000, 6000, 9000, 10000]
    assert dropped == [3000, 6000, 9000]


def test_nothing_is_left_of_a_file_that_does_not_come_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="Input/output error"), put_in_place(tmp_path / "file", durable=True) as file:
        file.write(b"".join(PARTS))
    assert not [*tmp_path.iterdir()]
