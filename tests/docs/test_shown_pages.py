"""What docs/python.md and docs/tutorial.md show is what is printed; `make pages` writes it anew."""

from __future__ import annotations

import doctest
import inspect
import pydoc
from pathlib import Path

import pages
import pytest

import mcfsm
from mcfsm.commands import output

DOCS = pages.ROOT / "docs"


def stale(page: str) -> list[str]:
    """What a page shows and is not printed."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return [
        f"{page}:{one.block.line}: {one.command}\nprints\n{one.printed}and not\n{one.shown}make pages writes it anew"
        for one in pages.run(text)
        if not one.fresh
    ]


def test_the_page_on_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pages.ROOT)
    assert "\n".join(stale("python.md")) == ""


def test_the_tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(output, "FILE_WIDTH", pages.WIDTH)
    assert "\n".join(stale("tutorial.md")) == ""
    assert Path("honest.svg").read_text("utf-8").endswith("</svg>\n")


def test_the_docstring_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pages.ROOT)
    assert doctest.testmod(mcfsm) == (0, 7)


def test_dir_and_help_show_the_public_names() -> None:
    names = [name for name in mcfsm.__all__ if not name.startswith("_")]
    assert [name for name in dir(mcfsm) if not name.startswith("_")] == names
    told = pydoc.plain(pydoc.render_doc(mcfsm))
    for name in names:
        assert any(shown in told for shown in (f"class {name}(", f"    {name}(", f"    {name} = ")), name
        assert f"`{name}`" in (text := (DOCS / "python.md").read_text("utf-8")) or f"`mcfsm.{name}(" in text
    for name in names:
        assert inspect.getdoc(getattr(mcfsm, name)), name


def test_what_is_printed_otherwise_is_seen_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = "```console\n$ mcfsm explain M1\nold\n```\n\n```python\n>>> 1 + 1\n3\n>>> 1 / 0\n\n>>> [][1]\n"
    page += "Traceback (most recent call last):\nIndexError: no\n```\n"
    (first, *others) = pages.run(page)
    assert [one.fresh for one in (first, *others)] == [False] * 4
    assert first.printed.endswith("(exit status 4)\n")
    new = pages.rewritten(page)
    assert "2\n" in new
    assert "ZeroDivisionError: division by zero" in new
    assert "IndexError: list index out of range" in new
    assert [one.fresh for one in pages.run(new)] == [True] * 4


def test_lines_that_a_page_leaves_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for shown, fresh in (("...\n", True), ("M201  An unknown key\n...\n", True), ("...\nM202  Missing\n...\n", False)):
        (one,) = pages.run(f"```console\n$ mcfsm explain M201\n{shown}```\n")
        assert one.fresh == fresh, shown


def test_a_diff_changes_the_lines_it_names_and_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = "```text file=a.txt\none\ntwo\nthree\n```\n```diff file=a.txt\n one\n-two\n+2\n```\n"
    assert list(pages.run(page)) == []
    assert Path("a.txt").read_text("utf-8") == "one\n2\nthree\n"
    with pytest.raises(AssertionError, match="has these lines 0 times"):
        list(pages.run(page + "```diff file=a.txt\n-four\n```\n"))
