"""A folder of models, and beside each the exact text printed about it: NAME.yaml, or NAME/, and NAME.expected."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ExactTexts:
    """The cases in a folder; `shown` gives what is printed about the model at a path."""

    folder: Path
    shown: Callable[[str], str]

    def names(self) -> list[str]:
        """Every case by name."""
        return sorted({path.stem for path in self.folder.iterdir() if path.suffix != ".expected"})

    def shown_case(self, name: str) -> str:
        """What is printed about a case, from its own directory. Nothing of the path stands in it."""
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            return self.shown(name if Path(name).is_dir() else f"{name}.yaml")
        finally:
            os.chdir(before)

    def expected_file(self, name: str) -> Path:
        """The file with the exact text expected."""
        return self.folder / f"{name}.expected"

    def expected(self, name: str) -> str:
        """The exact text expected."""
        return self.expected_file(name).read_text(encoding="utf-8")

    def left_over(self) -> set[str]:
        """The names of expected texts without a model."""
        return {path.stem for path in self.folder.glob("*.expected")} - set(self.names())

    def rewrite(self, *names: str) -> None:
        """Make what is printed now what is expected, of these cases or of all."""
        unknown = sorted(set(names) - set(self.names()))
        if unknown:
            raise SystemExit(f"{self.folder.name} has no case {', '.join(unknown)}")
        for name in names or self.names():
            self.expected_file(name).write_text(self.shown_case(name), encoding="utf-8")
