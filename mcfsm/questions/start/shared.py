"""Where the models, the pages and the schema lie that come with the package: in the wheel, or beside the sources."""

from __future__ import annotations

import errno
from pathlib import Path

_PACKAGE = Path(__file__).parents[2]


def shared(name: str) -> Path:
    """The file or folder of a name, as models/mc_migration. Raises FileNotFoundError where this did not come along."""
    for folder in (_PACKAGE / "shared", _PACKAGE.parent):
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(errno.ENOENT, "did not come with this installation: install the wheel of mcfsm", name)
