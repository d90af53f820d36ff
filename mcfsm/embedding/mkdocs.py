"""A hook of MkDocs: a build warns of each figure that is not as the model draws it, and with --strict fails.

In mkdocs.yml, and a file hooks.py beside it that says `from mcfsm.embedding.mkdocs import on_pre_build`:

    hooks: [hooks.py]

The paths of the commands begin where mkdocs.yml is.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from mcfsm.commands.embedded import checked, figures_of


def on_pre_build(config: Any, **_: Any) -> None:
    """Look at all figures of the documents before any is read."""
    root = Path(config["config_file_path"]).resolve().parent
    for answer in checked(figures_of([Path(config["docs_dir"])]), root):
        if not answer.fine:
            logging.getLogger("mkdocs.hooks.mcfsm").warning(answer.sentence)
