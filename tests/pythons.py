"""The other versions of Python that the tests are for and that run here, a path a line: `python3 tests/pythons.py`.

They are looked for where commands are, and among those that pyenv keeps, whichever of them is in use. What is not here
is said on the error stream. It is run before anything is installed, by the Python that the tests are asked with.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

VERSIONS = "3.11", "3.12", "3.13"
# a name may be there that only says that nothing of that name is in use; and without these no environment is made
_WORKS = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"


def main() -> None:
    """Print each that is here, but the one that runs this."""
    for version in VERSIONS:
        if version == "{}.{}".format(*sys.version_info):
            continue
        found = python(version)
        if found is None:
            print(f"CI: there is no Python {version} here: nothing was asked with it", file=sys.stderr)
        else:
            print(found)


def python(version: str) -> str | None:
    """The path of a Python of a version, as 3.12; None where none runs here."""
    return next((path for path in (_command(version), _kept(version)) if path and _runs(path, version)), None)


def _command(version: str) -> str | None:
    return shutil.which(f"python{version}")


def _kept(version: str) -> str | None:
    """What pyenv has, of its releases the newest."""
    releases = [one for one in _said("pyenv", "versions", "--bare").split() if one.startswith(f"{version}.")]
    numbered = [one for one in releases if one.rpartition(".")[2].isdecimal()]
    newest = max(numbered, key=lambda one: int(one.rpartition(".")[2]), default=None)
    return None if newest is None else f"{_said('pyenv', 'prefix', newest).strip()}/bin/python{version}"


def _runs(path: str, version: str) -> bool:
    return _said(path, "-c", _WORKS).strip() == version


def _said(*command: str) -> str:
    """What a command prints; nothing where it fails, or is not there."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


if __name__ == "__main__":
    main()
