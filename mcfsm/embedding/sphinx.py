"""A Sphinx extension: a build warns of each figure that is not as the model draws it, and with -W fails.

In conf.py:

    extensions = ["mcfsm.embedding.sphinx"]
    mcfsm_root = ".."  # where the paths of the commands begin, seen from conf.py
    mcfsm_draw = False  # True: draw what is stale, and do not warn
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mcfsm.commands.embedded import checked, drawn, figures_of


def setup(app: Any) -> dict[str, Any]:
    """What Sphinx calls for an extension."""
    app.add_config_value("mcfsm_root", ".", "env")
    app.add_config_value("mcfsm_draw", False, "env")
    app.connect("env-before-read-docs", _look)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _look(app: Any, env: Any, _: list[str]) -> None:
    """Look at all figures of the documents, and of no other file below them, before any is read."""
    from sphinx.util import logging

    root = (Path(app.confdir) / app.config.mcfsm_root).resolve()
    ask = drawn if app.config.mcfsm_draw else checked
    for answer in ask(figures_of(Path(env.doc2path(name)) for name in sorted(env.found_docs)), root):
        if not answer.fine:
            log = logging.getLogger(__name__)
            log.warning(answer.said, location=answer.figure.place, type="mcfsm", subtype="figure")
