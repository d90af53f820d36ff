"""The cache of compiled code: never stale, shared by processes, tidy, and done without where it cannot be."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np
import pytest
from kernels import LIMIT

from mcfsm.kernel import jit, native
from mcfsm.kernel.compilations import seconds_compiling
from mcfsm.kernel.jit import KEPT, kernel_digest

ROOT = Path(__file__).parents[2]
KERNEL = ROOT / "mcfsm" / "kernel"
CALLEE = "from kernel.jit import compiled\n\n@compiled\ndef callee(x):\n    return x + 1\n"
CALLER = """
from kernel.callee import callee
from kernel.jit import compiled

@compiled
def caller(x):
    return 10 * callee(x)
"""
ASK = "from kernel.caller import caller; print(caller(4), caller.loaded)"


@pytest.fixture
def kernel(tmp_path: Path) -> Path:
    """A kernel of two functions, the one compiled into the other."""
    return small_kernel(tmp_path / "kernel")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that has what this kernel is compiled to: its folder is named by what the kernel is, not by its place."""
    folder = tmp_path_factory.mktemp("compiled")
    assert ask(small_kernel(folder / "kernel"), folder / "cache") == "50 0"
    return folder / "cache"


@pytest.fixture
def cache(compiled: Path, tmp_path: Path) -> Path:
    """A copy of that cache."""
    return Path(shutil.copytree(compiled, tmp_path / "cache"))


def small_kernel(folder: Path) -> Path:
    folder.mkdir()
    for part in ("jit.py", "native.py", "compiling.py", "compilations.py", "folder.py", "numba_cache.py"):
        shutil.copy(KERNEL / part, folder)
    (folder / "callee.py").write_text(CALLEE)
    (folder / "caller.py").write_text(CALLER)
    return folder


STARTED = """
import json, os, sys
from numba import njit
njit(lambda x: x + 1)(1)
for line in sys.stdin:
    said, words = json.loads(line)
    if said == "wait":
        print(os.waitstatus_to_exitcode(os.waitpid(words, 0)[1]), flush=True)
        continue
    child = os.fork()
    if child:
        print(child, flush=True)
        continue
    folder, cache, output, asked = words
    os.environ["XDG_CACHE_HOME"] = cache
    sys.path.insert(0, folder)
    os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT, 0o600), 1)
    try:
        exec(asked, {})
        sys.stdout.flush()
        os._exit(0)
    finally:
        os._exit(1)
"""


class Started:
    """A process that has numba and no kernel, and forks one for each question: numba is imported once for them all."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", STARTED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def told(self, said: str, words: object) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps([said, words]), file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline())

    def end(self) -> None:
        self.process.communicate(timeout=10)


@lru_cache
def started() -> Started:
    """The one of this worker, started when it is first asked."""
    return Started()


@pytest.fixture(scope="module", autouse=True)
def ended() -> Iterator[None]:
    yield
    if started.cache_info().currsize:
        started().end()
        started.cache_clear()


class Asked:
    """A process that calls the kernel, with a home of its own for caches."""

    def __init__(self, kernel: Path, cache: Path, asked: str = ASK) -> None:
        handle, self.output = tempfile.mkstemp(dir=kernel.parent)
        os.close(handle)
        words = str(kernel.parent), str(cache), self.output, asked
        self.number = started().told("begin", words)

    def answer(self) -> str:
        """What the kernel said."""
        assert started().told("wait", self.number) == 0
        return Path(self.output).read_text().strip()


def ask(kernel: Path, cache: Path, asked: str = ASK) -> str:
    """What the kernel says in a new process, and how much of it came from the cache."""
    return Asked(kernel, cache, asked).answer()


def ask_numba(kernel: Path, cache: Path) -> str:
    """The same where nothing is called without numba."""
    hits = "sum(caller.stats.cache_hits.values())"
    return ask(kernel, cache, f"from kernel.caller import caller; print(caller.dispatcher(4), {hits})")


@pytest.mark.process
def test_a_changed_callee_is_never_met_in_old_compiled_code(kernel: Path, tmp_path: Path) -> None:
    """The second process finds compiled code; the one after a change of what `caller` calls does not."""
    cache = tmp_path / "cache"
    assert [ask(kernel, cache), ask(kernel, cache)] == ["50 0", "50 1"]
    (kernel / "callee.py").write_text(
        CALLEE.replace("x + 1", "x + 2  # of another size: Python knows its own bytecode by that and the second")
    )
    assert ask(kernel, cache) == "60 0"
    (kernel / "callee.py").write_text(CALLEE)
    assert ask(kernel, cache) == "50 1"


def test_every_file_of_the_kernel_counts(tmp_path: Path) -> None:
    folder = tmp_path / "kernel"
    shutil.copytree(KERNEL, folder, ignore=shutil.ignore_patterns("__pycache__"))
    digests = {kernel_digest(folder)}
    files = sorted(folder.glob("*.py"))
    for file in files:
        file.write_text(file.read_text() + "\n# changed\n")
        digests.add(kernel_digest(folder))
    assert len(digests) == len(files) + 1
    assert kernel_digest(KERNEL) in digests


@pytest.mark.process
def test_processes_may_begin_at_once(kernel: Path, tmp_path: Path) -> None:
    processes = [Asked(kernel, tmp_path / "cache") for _ in range(2)]
    assert [process.answer().split()[0] for process in processes] == ["50"] * 2
    assert ask(kernel, tmp_path / "cache") == "50 1"


@pytest.mark.process
def test_without_a_folder_to_write_nothing_is_kept(kernel: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file, where a folder would have to be")
    assert [ask(kernel, taken), ask(kernel, taken)] == ["50 0", "50 0"]
    assert not [*kernel.rglob("*.nbi"), *kernel.rglob("*.code")]


REFUSED = """
from kernel.compilations import ASKED, ask_before_compiling
def refuse(more):
    raise MemoryError(more >> 20)
ask_before_compiling(refuse)
"""
TWICE = f"""{REFUSED}
from kernel.caller import caller
said = []
try:
    caller(4)
except MemoryError as error:
    said.append(error.args[0])
ASKED.clear()
print(*said, caller(4))
"""


@pytest.mark.process
@pytest.mark.parametrize("kept", [True, False], ids=["kept", "nothing is kept"])
def test_nothing_is_compiled_before_somebody_was_asked_for_the_memory_of_it(
    kept: bool, kernel: Path, tmp_path: Path
) -> None:
    """96 MiB with the compiler; what was refused is compiled when it is called again."""
    if not kept:
        (tmp_path / "cache").write_text("a file, where a folder would have to be")
    assert ask(kernel, tmp_path / "cache", TWICE) == "96 50"


@pytest.mark.process
def test_nobody_is_asked_for_what_was_compiled(kernel: Path, cache: Path) -> None:
    assert ask(kernel, cache, REFUSED + ASK) == "50 1"


@pytest.mark.process
def test_what_somebody_else_could_have_put_there_is_not_run(kernel: Path, cache: Path) -> None:
    (folder,) = (cache / "mcfsm").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert ask(kernel, cache) == "50 1"
    folder.chmod(0o777)
    assert ask(kernel, cache) == "50 0"


@pytest.mark.process
def test_the_kernels_used_last_are_kept(kernel: Path, tmp_path: Path) -> None:
    home = tmp_path / "cache" / "mcfsm"
    now = time.time()
    for age in range(6):
        folder = home / f"kernel-{age}"
        folder.mkdir(parents=True)
        (folder / "code.nbc").write_text("")
        os.utime(folder, (now - 60 - age, now - 60 - age))
    (home / "something").mkdir()
    assert ask(kernel, tmp_path / "cache") == "50 0"
    mine = f"kernel-{kernel_digest(kernel)[:32]}"
    assert {path.name for path in home.iterdir()} == {mine, "kernel-0", "kernel-1", "kernel-2", "something"}
    assert len(list(home.glob("kernel-*"))) == KEPT


@pytest.mark.long
def test_nobody_but_the_decorator_compiles() -> None:
    compilers = {"njit", "jit", "vectorize", "guvectorize", "cfunc", "stencil"}
    found = [
        (path.name, alias.name)
        for path in sorted((ROOT / "mcfsm").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("numba")
        for alias in node.names
        if alias.name in compilers
    ]
    assert found == [("compiling.py", "njit")]


CHECK = """
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.explore.exhaustive import explore
found = explore(resolve(read("two_phase_commit.yaml"), "three"))
print(found.states, found.transitions)
"""


@pytest.mark.slow
def test_a_defect_planted_in_what_the_search_calls_is_seen_without_cleaning(tmp_path: Path) -> None:
    """Two-phase commit has 288 states and 1145 transitions; with a move of each group forgotten it has fewer."""
    shutil.copytree(ROOT / "mcfsm", tmp_path / "mcfsm", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "models" / "textbook" / "two_phase_commit.yaml", tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def counts() -> str:
        run = [sys.executable, "-c", CHECK]
        return subprocess.run(run, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    assert counts() == "288 1145\n"
    successors = tmp_path / "mcfsm" / "kernel" / "successors.py"
    source = successors.read_text()
    assert source.count("some += min(last - move, 2)") == 1
    successors.write_text(source.replace("some += min(last - move, 2)", "some += min(last - move, 1)"))
    planted = counts()
    assert planted != "288 1145\n"
    successors.write_text(source)
    assert counts() == "288 1145\n"


@pytest.mark.process
def test_what_numba_calls_itself_is_in_its_cache(kernel: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert [ask_numba(kernel, cache), ask_numba(kernel, cache)] == ["50 0", "50 1"]


@pytest.mark.process
def test_what_was_compiled_is_called_without_numba(kernel: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(kernel.parent), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = [sys.executable, "-c", f"{ASK}; import sys; print('numba' in sys.modules)"]
    said = [subprocess.check_output(command, env=environment, text=True, timeout=120) for _ in range(2)]
    assert said == ["50 0\nTrue\n", "50 1\nFalse\n"]


@pytest.mark.process
def test_what_compiled_code_alone_calls_is_kept_and_is_refused_to_python(kernel: Path, tmp_path: Path) -> None:
    (kernel / "callee.py").write_text(CALLEE.replace("@compiled", "@compiled(inner=True)"))
    (kernel / "another.py").write_text(CALLER.replace("10 *", "20 *").replace("def caller", "def another"))
    asked = "from kernel.{0} import {0}, callee; print({0}(4), sum(callee.stats.cache_hits.values()))"
    said = [ask(kernel, tmp_path / "cache", asked.format(who)) for who in ("caller", "another")]
    assert said == ["50 0", "100 1"]
    refused = "from kernel.callee import callee\ntry:\n    callee(4)\nexcept TypeError as error:\n    print(error)"
    assert ask(kernel, tmp_path / "cache", refused) == "callee is called by compiled code alone"


def object_code(body: str) -> bytes:
    """The object code of an entry that is written in LLVM's language."""
    text = f"declare void @nowhere()\ndefine i32 @{native.ENTRY}(i8* %words, i8* %result) {{\n{body}\n}}"
    code: bytes = native.machine().emit_object(llvm.parse_assembly(text))
    return code


def test_code_is_loaded_and_a_failure_of_it_is_raised(tmp_path: Path) -> None:
    file = tmp_path / "code"
    file.write_bytes(native.packed(None, [object_code("ret i32 0")]))
    code = native.load(file, "nothing", ())
    assert code is not None
    assert code([]) is None
    file.write_bytes(native.packed(None, [object_code("ret i32 1")]))
    code = native.load(file, "nothing", ())
    assert code is not None
    with pytest.raises(MemoryError, match="nothing"):
        code([])


def test_code_that_was_spoiled_is_not_loaded(tmp_path: Path) -> None:
    """Each byte changed, what is cut short, and a file that is not there."""
    file = tmp_path / "code"
    content = native.packed(None, [object_code("ret i32 0")])
    assert native.load(file, "nothing", ()) is None
    for spoiled in [content[:-1], b"", *(content[:i] + bytes([content[i] ^ 1]) + content[i + 1 :] for i in range(120))]:
        file.write_bytes(spoiled)
        assert native.load(file, "nothing", ()) is None


def test_code_that_asks_for_what_is_nowhere_or_is_of_another_form_is_not_loaded(tmp_path: Path) -> None:
    """LLVM would end the process."""
    file = tmp_path / "code"
    file.write_bytes(native.packed(None, [object_code("call void @nowhere()\nret i32 0")]))
    assert native.load(file, "nothing", ()) is None
    file.write_bytes(native.packed(None, [b"MZ" + object_code("ret i32 0")[2:]]))
    assert native.load(file, "nothing", ()) is None


def told(*arguments: object) -> str | None:
    """The kinds of some arguments, as the name of a file has them."""
    kinds: list[native.Kind] = []
    return native.written(tuple(kinds)) if native.told(arguments, kinds, []) else None


def test_what_is_no_plain_argument_is_left_to_numba() -> None:
    array = np.zeros((3, 4), np.int64)
    frozen = np.zeros(3)
    frozen.flags.writeable = False
    for other in (array[:, 1], array.T, frozen, array.astype(">i8"), 1.0, None, "1", (array, None)):
        assert told(other) is None
    plain = [(1,), (True,), (np.int64(1),), (np.uint64(1),), ((1,),), (array,), (array[0],), ((1,), 1), ((1, 1),)]
    assert len({told(*arguments) for arguments in plain} - {None}) == len(plain)


def test_what_is_compiled_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jit, "CACHE", None)

    @jit.compiled
    def inner(x: int) -> int:
        return x + 1

    @jit.compiled
    def outer(x: int) -> int:
        return inner(x) * 2

    before, began = seconds_compiling(), time.monotonic()
    assert outer(1) == 4
    took = seconds_compiling() - before
    assert 0 < took <= time.monotonic() - began
    assert outer(2) == 6
    assert seconds_compiling() == before + took


# ---- damaged, foreign, and without a place


def code_of(cache: Path) -> Path:
    """The one file of object code in a cache."""
    (file,) = (cache / "mcfsm").glob("kernel-*/*.code")
    return file


@pytest.mark.process
@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(file.read_bytes()[:-40]),
        pytest.param(lambda file: file.write_bytes(b"\x00" * 4096), marks=pytest.mark.slow),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(file.read_bytes()[:200] + b"\xff" + file.read_bytes()[201:]),
        pytest.param(lambda file: (file.unlink(), file.mkdir()), marks=pytest.mark.slow),
        pytest.param(lambda file: (file.unlink(), file.symlink_to("/nowhere/code")), marks=pytest.mark.slow),
    ],
    ids=["cut", "zeros", "empty", "one byte", "a folder", "a link to nowhere"],
)
def test_a_damaged_file_is_made_again(damage: Callable[[Path], object], kernel: Path, cache: Path) -> None:
    file = code_of(cache)
    damage(file)
    assert ask(kernel, cache) == "50 0"
    assert ask(kernel, cache) == ("50 0" if file.is_dir() else "50 1")


@pytest.mark.process
def test_a_damaged_cache_of_numba_is_made_again(kernel: Path, cache: Path) -> None:
    for file in (cache / "mcfsm").rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert ask(kernel, cache) == "50 0"


@pytest.mark.process
@pytest.mark.skipif(os.getuid() != 0, reason="only root gives a folder to somebody else")
def test_a_folder_of_somebody_else_is_not_used(kernel: Path, cache: Path) -> None:
    assert ask(kernel, cache) == "50 1"
    os.chown(code_of(cache).parent, 65534, 65534)
    assert ask(kernel, cache) == "50 0"


@pytest.mark.process
def test_a_disk_that_is_full_leaves_a_cache_that_works(kernel: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    full = (
        "import resource, signal, sys; sys.dont_write_bytecode = True; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    )
    full += "resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300)); "
    assert ask(kernel, cache, full + ASK) == "50 0"
    assert ask(kernel, cache) == "50 0"
    assert ask(kernel, cache) == "50 1"


@pytest.mark.process
def test_an_installation_that_cannot_be_written_without_a_home(kernel: Path, tmp_path: Path) -> None:
    """No folder of the user, and none beside the code: what is compiled is not kept, and nothing else changes."""
    around = {name: value for name, value in os.environ.items() if name not in ("HOME", "XDG_CACHE_HOME")}
    around |= {"PYTHONPATH": str(kernel.parent), "HOME": "/dev/null/home", "PYTHONDONTWRITEBYTECODE": "1"}
    before = sorted(path.name for path in tmp_path.rglob("*"))
    kernel.chmod(0o555)
    tmp_path.chmod(0o555)
    done = subprocess.run([sys.executable, "-c", ASK], env=around, capture_output=True, text=True, timeout=120)
    tmp_path.chmod(0o755)
    assert (done.returncode, done.stdout.strip()) == (0, "50 0"), done.stderr
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_the_limit_of_a_test_stands_still_while_something_is_compiled() -> None:
    limit, _ = signal.getitimer(signal.ITIMER_REAL)
    left = []
    for change in (LIMIT.stand_still, LIMIT.stand_still, LIMIT.go_on, LIMIT.go_on):
        change()
        left.append(signal.getitimer(signal.ITIMER_REAL)[0])
    assert 0 < limit <= 60
    assert left[:3] == [0, 0, 0]
    assert 0 < left[3] <= limit
