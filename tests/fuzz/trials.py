"""One input tried: nothing but an answer or a mistake with its place comes of it, and the engines agree."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path
from random import Random
from typing import Any

from fuzz import inputs
from fuzz.asking import Said, ask
from fuzz.parts import PARTS
from fuzz.wrong import Wrong

BOUNDS = ("--max-states", "300", "--max-seconds", "20")


def _held(said: Said, what: object) -> str:
    """How it ended. Raises Wrong where no input may end so."""
    if said.defect:
        raise Wrong(f"status {said.status}\n{said.err[-3000:]}\nof: {what!r}")
    if said.status == 3 and "error M" not in said.err:
        raise Wrong(f"a wrong model without a problem: {said.err[-1000:]}\nof: {what!r}")
    return str(said.status)


def statuses(said: Said) -> Any:
    """What a check found, in whichever way it was found: but for what a clock stopped."""
    found = json.loads(said.out)
    if any("--max-seconds" in (one["stopped"] or "") for one in found["scenarios"]):
        return None
    return [
        (
            one["scenario"],
            one["states"],
            one["transitions"],
            [(p["id"], p["status"], p["trace"]) for p in one["properties"]],
        )
        for one in found["scenarios"]
    ]


def _checked(path: Path, what: object) -> str:
    asked = ["check", str(path), *BOUNDS, "--json", "-"]
    first = ask(*asked)
    ended = _held(first, what)
    if first.status in (0, 1, 2):
        other = ask(*asked, "--engine", "reference")
        _held(other, what)
        if statuses(first) != statuses(other) and None not in (statuses(first), statuses(other)):
            raise Wrong(f"the engines differ\nof: {what!r}")
    return ended


def try_model(rnd: Random, folder: Path) -> str:
    text, path = inputs.model(rnd), folder / "model.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    return _checked(path, text)


def try_tiny(rnd: Random, folder: Path) -> str:
    """A model of a few lines, which costs a tenth of the others."""
    text, path = inputs.model(rnd, inputs.TINY), folder / "tiny.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    return _checked(path, text)


def try_tokens(rnd: Random, folder: Path) -> str:
    text, path = inputs.tokens(rnd), folder / "tokens.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    return _held(ask("lint", path), text)


def try_damaged(rnd: Random, folder: Path) -> str:
    raw, path = inputs.damaged(rnd), folder / "damaged.yaml"
    path.write_bytes(raw)
    return _checked(path, raw)


def _small(folder: Path) -> Path:
    path = folder / "small.yaml"
    if not path.exists():
        path.write_text(inputs.SMALL, encoding="utf-8")
    return path


def try_flow(rnd: Random, folder: Path) -> str:
    text, path = inputs.flow(rnd), folder / "flow.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    return _held(ask("replay", _small(folder), path), text)


def try_command_line(rnd: Random, folder: Path) -> str:
    (folder / "right.yaml").write_text(inputs.FLOW, encoding="utf-8")
    line = inputs.command_line(rnd, str(_small(folder)), str(folder / "right.yaml"))
    return f"{line[0]} {_held(ask(*line), line)}"


TRIALS = {
    "models": try_model,
    "tiny models": try_tiny,
    "YAML tokens": try_tokens,
    "damaged files": try_damaged,
    "flows": try_flow,
    "command lines": try_command_line,
    **PARTS,
}


def trial(kind: str, rnd: Random) -> str:
    """Try one input of a kind, in a folder of its own; how it ended. Raises Wrong."""
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):  # what a command line names may be written
        return TRIALS[kind](rnd, Path(name))
