"""The two kernels compiled, that of one model and that of several at once: half a minute each, in a process each."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from mcfsm.explore import exhaustive
from mcfsm.kernel.expand import expand, record_findings_of_variants
from mcfsm.kernel.jit import is_compiled
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.verdicts.family_runs import statuses_of_family
from mcfsm.verdicts.run import Effort

COMMIT = Path(__file__).parents[1] / "models" / "textbook" / "two_phase_commit.yaml"


def compile_kernels() -> None:
    """Have both in the cache, so that no test waits for them, or meets the message about it."""
    if not (is_compiled(expand) and is_compiled(record_findings_of_variants)):
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
            for done in (processes.submit(of_one_model), processes.submit(of_several)):
                done.result()


def of_one_model() -> None:
    """Explore a model alone."""
    exhaustive.explore(resolve(read(COMMIT), "three"))


def of_several() -> None:
    """Explore two together."""
    model = resolve(read(COMMIT), "three")
    statuses_of_family([model, model], [[], []], effort=Effort())
