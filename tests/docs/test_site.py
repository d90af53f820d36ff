"""The site of the documentation: it is built without a warning, every link of it leads somewhere, a phone shows it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[2]


class Page(HTMLParser):
    """What a page links to, and what of it can be linked to."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
            elif name == "id" and value:
                self.anchors.add(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make site` builds it, with what is installed."""
    pytest.importorskip("sphinx", reason="needs Sphinx: make test-slow installs it")
    pytest.importorskip("furo", reason="needs furo: make test-slow installs it")
    folder = tmp_path_factory.mktemp("site") / "site"
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", "-o", f"{sys.prefix}/documented", "site", f"VENV={sys.prefix}", f"SITE={folder}"]
    done = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def test_every_page_has_its_place() -> None:
    """As a build with Sphinx says too, which not everybody has."""
    conf = (ROOT / "docs" / "conf.py").read_text(encoding="utf-8")
    said = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(conf).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    placed = {"README.md"}
    for page, below in said["ORDER"].items():
        folder = (ROOT / page).parent if page != "README" else ROOT
        for pattern in (one for pages in below.values() for one in pages):
            found = {file.relative_to(ROOT).as_posix() for file in folder.glob(f"{pattern}.md")}
            assert found, f"docs/conf.py names {pattern}, and there is no such page"
            placed |= found
    patterns = [pattern.replace("**.md", "**/*.md") for pattern in said["include_patterns"]]
    pages = {file.relative_to(ROOT).as_posix() for pattern in patterns for file in ROOT.glob(pattern)}
    assert pages == placed, "each page has its place in ORDER of docs/conf.py"


@pytest.mark.slow
def test_every_link_leads_somewhere(site: Path) -> None:
    pages = {file: Page(file) for file in sorted(site.rglob("*.html"))}
    assert len(pages) > 70
    lost = []
    for file, page in pages.items():
        for link in page.links:
            to = urlsplit(link)
            if to.scheme:
                continue
            target = (file.parent / unquote(to.path)).resolve() if to.path else file
            found = target.is_file() and (
                not to.fragment or target not in pages or unquote(to.fragment) in pages[target].anchors
            )
            if not found:
                lost.append(f"{file.relative_to(site)}: {link}")
    assert lost == []


@pytest.mark.slow
def test_findings_stand_beside_their_charts(site: Path) -> None:
    for page, number in (("findings", 34), ("findings_communication", 24)):
        shown = [link for link in Page(site / "docs" / f"{page}.html").links if link.endswith(".svg")]
        assert len([link for link in shown if "/F" in link]) == number


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_its_window(site: Path, browser: Any, width: int) -> None:
    shown = browser.new_page(viewport={"width": width, "height": 844})
    said: list[str] = []
    shown.on("console", lambda message: said.append(message.text))
    shown.on("pageerror", lambda error: said.append(str(error)))
    asked: set[str] = set()
    shown.on("request", lambda request: asked.add(urlsplit(request.url).scheme))
    wide = []
    for file in sorted(site.rglob("*.html")):
        shown.goto(file.as_uri())
        if shown.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(file.relative_to(site).as_posix())
    assert (wide, said) == ([], [])
    assert asked <= {"file", "data"}


@pytest.mark.slow
def test_words_are_found(site: Path, browser: Any) -> None:
    shown = browser.new_page()
    shown.goto((site / "search.html").as_uri() + "?q=fingerprint")
    shown.wait_for_selector("#search-results li a")
    titles = shown.locator("#search-results li a").all_text_contents()
    assert any("A fingerprint in place of a sentence" in title for title in titles)
