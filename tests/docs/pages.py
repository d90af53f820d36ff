"""Pages whose examples are run: consoles with what commands print, Python with what it answers.

    python tests/docs/pages.py

writes what is printed now into docs/tutorial.md and docs/python.md (`make pages`); read what git says changed.

A block is marked in its opening line. `console` has commands behind `$ `, each with all that it prints; `python` has
examples as the interpreter shows them; `yaml file=NAME` is written to a file, `diff file=NAME` changes one. All blocks
of a page are run in order, in one folder, as a reader would. Seconds differ from run to run and are not compared; a
line `...` stands for any lines that the page leaves out.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PLUGIN = ("-p", "mcfsm.embedding.pytest_plugin", "-p", "no:cacheprovider", "-p", "no:randomly")
WIDTH = 80  # columns that the tutorial is printed in
_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.M | re.DOTALL)
_SECONDS = re.compile(r"\b\d+\.\d+ ?s\b")


@dataclass(frozen=True)
class Block:
    """A fenced block: where it stands in its page, and what it has."""

    line: int
    kind: str
    file: str | None
    text: str
    span: tuple[int, int]  # of the text, in the page


@dataclass(frozen=True)
class Shown:
    """What a page shows as printed, and what is printed."""

    block: Block
    command: str
    shown: str
    printed: str

    @property
    def fresh(self) -> bool:
        """Whether they are the same, but for seconds, and for what the page leaves out where it has `...`."""
        shown, printed = (_SECONDS.sub("N s", text) for text in (self.shown, self.printed))
        parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", shown, flags=re.M)]
        return re.fullmatch("(?:.*\n)*".join(parts), printed) is not None


def blocks(page: str) -> list[Block]:
    """The blocks of a page that do something, in order."""
    found = []
    for match in _BLOCK.finditer(page):
        named = re.search(r"file=(\S+)", match[2])
        if match[1] in ("console", "python") or named is not None:
            line = page.count("\n", 0, match.start()) + 1
            found.append(Block(line, match[1], named and named[1], match[3], match.span(3)))
    return found


def run(page: str) -> Iterator[Shown]:
    """Do what the blocks of a page say in the current folder; what each command and example prints."""
    names: dict[str, Any] = {}
    for block in blocks(page):
        if block.kind == "console":
            yield from _console(block)
        elif block.kind == "python":
            yield from _python(block, names)
        elif block.kind == "diff":
            assert block.file is not None
            _change(Path(block.file), block)
        else:
            assert block.file is not None
            Path(block.file).write_text(block.text, encoding="utf-8")


def commands(text: str) -> list[tuple[str, str]]:
    """The commands of a console, each with what is shown as printed."""
    parts = re.split(r"^\$ (.*)\n", text, flags=re.M)
    assert parts[0] == "", f"a console begins with a command: {parts[0]!r}"
    return list(zip(parts[1::2], parts[2::2], strict=True))


def _console(block: Block) -> Iterator[Shown]:
    for command, shown in commands(block.text):
        yield Shown(block, command, shown, printed_by(command))


def printed_by(command: str) -> str:
    """What a command prints, its mistakes too; its exit status stands on a line of its own where it is not 0."""
    name, *words = shlex.split(command)
    if name != "mcfsm":
        given = [sys.executable, "-m", "pytest", *PLUGIN, *words] if name == "pytest" else [name, *words]
        folders = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "PYTHONPATH": folders, "COLUMNS": "80", "NO_COLOR": "1"}
        environment.pop("PYTEST_ADDOPTS", None)
        done = subprocess.run(given, capture_output=True, text=True, check=False, env=environment)
        printed, status = done.stdout + done.stderr, done.returncode
    else:
        from mcfsm.commands import cli

        out, said = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
            status = cli.run(words)
        printed = out.getvalue() + (said.getvalue() if status >= 3 else "")  # else how far it is, now and then
    lines = [line.rstrip() for line in printed.rstrip("\n").split("\n")] if printed.strip() else []
    return "".join(f"{line}\n" for line in [*lines, *([f"(exit status {status})"] if status else [])])


def _python(block: Block, names: dict[str, Any]) -> Iterator[Shown]:
    """The examples of a block, which go on where the last block of the page stopped."""
    test = doctest.DocTestParser().get_doctest(block.text, names, "page", None, block.line)
    got: dict[int, str] = {}

    class Runner(doctest.DocTestRunner):
        def report_success(self, _out: Any, _test: Any, example: doctest.Example, _got: str) -> None:
            got[example.lineno] = example.want

        def report_failure(self, _out: Any, _test: Any, example: doctest.Example, printed: str) -> None:
            got[example.lineno] = re.sub(r"^(Traceback .*\n)(?:  .*\n)+", r"\1", printed)

        def report_unexpected_exception(self, _out: Any, _test: Any, example: doctest.Example, info: Any) -> None:
            error = info[1]
            kind = type(error)
            name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
            got[example.lineno] = f"Traceback (most recent call last):\n{name}: {error}\n"

    Runner(verbose=False).run(test, clear_globs=False)
    names.update(test.globs)
    for example in test.examples:
        yield Shown(block, example.source.rstrip("\n"), example.want, got[example.lineno])


def _change(file: Path, block: Block) -> None:
    """Replace the lines with a minus by those with a plus; lines with neither say where, and stay."""
    old = "".join(line[1:] for line in block.text.splitlines(keepends=True) if line[0] != "+")
    new = "".join(line[1:] for line in block.text.splitlines(keepends=True) if line[0] != "-")
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"line {block.line}: {file} has these lines {text.count(old)} times\n{old}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def rewritten(page: str) -> str:
    """The page with what is printed now."""
    told: dict[Block, list[Shown]] = {}
    for shown in run(page):
        told.setdefault(shown.block, []).append(shown)
    for block, parts in reversed(told.items()):
        text = block.text
        if block.kind == "console":
            text = "".join(f"$ {part.command}\n{part.shown if part.fresh else part.printed}" for part in parts)
        else:
            for part in parts:
                if not part.fresh:
                    source = "\n".join(
                        f"{'...' if number else '>>>'} {line}" for number, line in enumerate(part.command.split("\n"))
                    )
                    assert f"{source}\n{part.shown}" in text, source
                    text = text.replace(f"{source}\n{part.shown}", f"{source}\n{part.printed}")
        page = page[: block.span[0]] + text + page[block.span[1] :]
    return page


def main() -> None:
    """Write what is printed now into the pages."""
    from mcfsm.commands import output

    output.FILE_WIDTH = WIDTH
    for name, place in (("tutorial.md", None), ("python.md", ROOT)):
        file = ROOT / "docs" / name
        with tempfile.TemporaryDirectory() as empty:
            os.chdir(place or empty)
            text = rewritten(file.read_text(encoding="utf-8"))
            os.chdir(ROOT)
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    os.environ["MCFSM_NO_CACHE"] = "1"  # as in tests: a page shows what a first run prints
    main()
