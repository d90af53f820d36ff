"""The catalogue of codes is complete, and its examples give the codes they explain."""

import re
from pathlib import Path

import bad_models
import lint_models
import pytest

from mcfsm.report.codes import CODES, Code

SOURCE = Path(__file__).parents[2] / "mcfsm"
CATALOGUES = sorted((SOURCE / "report" / "codes").glob("*.py"))
RUNNING = {
    "M316",
    "M614",
    "M615",
    "M618",
    *(code for code in CODES if code.startswith(("M7", "M9"))),
}  # shown by running a model, or by a command


def used() -> set[str]:
    """Every code that stands in the source."""
    files = [path for path in SOURCE.rglob("*.py") if path not in CATALOGUES]
    return {code for path in files for code in re.findall(r'"(M\d{3})"', path.read_text(encoding="utf-8"))}


def test_the_catalogue_is_complete_and_has_no_other_codes() -> None:
    assert set(CODES) == used()


def test_codes_are_in_order() -> None:
    assert list(CODES) == sorted(CODES)
    texts = [path.read_text(encoding="utf-8") for path in CATALOGUES]
    entries = [code for text in texts for code in re.findall(r"^(M\d{3}) \S+: ", text, re.MULTILINE)]
    assert sorted(entries) == list(CODES)  # none stands there twice


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_the_example_gives_the_code(code: Code) -> None:
    if code.code in RUNNING:
        assert code.case is None
        return
    assert code.case is not None
    if code.code.startswith("M8"):
        assert f" warning {code.code}: " in lint_models.CASES.expected(code.case)
        assert code.wrong in (lint_models.CASES.folder / f"{code.case}.yaml").read_text(encoding="utf-8")
        return
    assert f" error {code.code}: " in bad_models.CASES.expected(code.case)
    files = [bad_models.CASES.folder / f"{code.case}.yaml", *(bad_models.CASES.folder / code.case).glob("*.yaml")]
    assert any(code.wrong in path.read_text(encoding="utf-8") for path in files if path.exists())


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_the_explanation_can_be_read(code: Code) -> None:
    text = code.render()
    assert text.startswith(f"{code.code}  {code.title}\n\n")
    assert max(map(len, text.splitlines())) <= 120
    assert code.text.endswith(".")
    assert code.wrong != code.right


def test_the_page_on_checks_lists_the_findings_of_lint() -> None:
    page = (SOURCE.parent / "docs" / "checks.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (M\d{3}) \|", page, re.MULTILINE) == [code for code in CODES if code.startswith("M8")]
