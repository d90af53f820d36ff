"""How the documentation becomes a site (`make site`), whose pages are those of the repository, where they stand.

So a link between two pages, or from a page to a file, is the one that a reader of the repository follows. Here is what
no page has to know: their order, and that an anchor written as HTML is one. Why Sphinx: decision 0040.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.transforms import Transform

project = "mcfsm"
root_doc = "README"
include_patterns = [
    "*.md",
    "docs/**.md",
    "diagrams/**.md",
    "models/*/README.md",
    "examples/*/README.md",
    "benchmarks/README.md",
    "tests/README.md",
]
exclude_patterns = [".*", "build"]
extensions = ["myst_parser", "mcfsm.embedding.sphinx"]
mcfsm_root = ".."
myst_heading_anchors = 6
nitpicky = True
html_theme = "furo"
html_title = "mcfsm"
html_copy_source = False

ORDER = {
    "README": {
        "Begin": ["docs/tutorial", "docs/editors", "docs/python", "models/gallery/README"],
        "Ask": [
            "docs/language",
            "docs/asking",
            "docs/checks",
            "docs/changes",
            "docs/liveness",
            "docs/evidence",
            "docs/checkpoints",
            "docs/disk",
            "docs/cluster",
            "docs/symmetry",
            "docs/reduction",
            "docs/any_number",
            "docs/cost",
            "docs/ci",
            "docs/machines",
            "docs/spin",
            "docs/tla",
            "docs/real_systems",
        ],
        "On paper": ["docs/trace", "docs/report", "docs/figures"],
        "The migration of a user": [
            "models/mc_migration/README",
            "docs/findings",
            "docs/findings_communication",
            "docs/second_half",
            "docs/groups",
            "docs/scenario_matrix",
            "docs/how_many",
            "docs/coverage",
            "docs/assumptions",
            "docs/ledger",
            "diagrams/README",
        ],
        "Develop": [
            "ARCHITECTURE",
            "docs/recipes",
            "docs/reliability",
            "tests/README",
            "benchmarks/README",
            "examples/mc_service_server/README",
            "docs/decisions/README",
            "CHANGELOG",
        ],
    },
    "docs/decisions/README": {"": ["00*"]},
    "diagrams/README": {"": ["steps", "findings/README", "communication/README"]},
}


class WrittenAnchors(Transform):
    """Makes the anchors that a page writes as HTML known, as those of headings are."""

    default_priority = 870  # before MyST resolves links within the page

    def apply(self, **_: Any) -> None:
        """Note them where MyST notes headings."""
        for node in self.document.findall(nodes.raw):
            written = re.match(r'<a id="([^"]+)">', node.astext())
            if written is not None:
                self.document.myst_slugs[written[1]] = (node.line, written[1], "")


def put_in_order(_: Any, page: str, text: list[str]) -> None:
    """Say which pages stand below a page, in its own text."""
    for caption, pages in ORDER.get(page, {}).items():
        heading = [f":caption: {caption}"] if caption else []
        text[0] += "\n".join(
            ["", "```{toctree}", ":hidden:", ":titlesonly:", ":glob:", *heading, "", *pages, "```", ""]
        )


def add_files(app: Any, failed: Exception | None) -> None:
    """Add the first page under the name that a server looks for, and the files that pages link to from HTML."""
    if failed is None and app.builder.name == "html":
        site = Path(app.outdir)
        shutil.copyfile(site / f"{root_doc}.html", site / "index.html")
        shutil.copytree(
            Path(app.srcdir, "diagrams"), site / "diagrams", ignore=shutil.ignore_patterns("*.md"), dirs_exist_ok=True
        )


def setup(app: Any) -> dict[str, bool]:
    """What Sphinx calls."""
    app.add_transform(WrittenAnchors)
    app.connect("source-read", put_in_order)
    app.connect("build-finished", add_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
