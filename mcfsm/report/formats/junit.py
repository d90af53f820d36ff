"""A check as JUnit XML: a suite for each run, a case for each verdict; what is no pass is a failure with its flow."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from mcfsm.questions.check import Checked
from mcfsm.report.again import again
from mcfsm.report.formats.places import places_of, said
from mcfsm.report.verdict_text import verdict_as_text

_INVALID = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML cannot say


def written(checked: Checked, *, strict: bool = False) -> str:
    """The XML; with `strict` each warning is a failure of a suite of its own."""
    root = ElementTree.Element("testsuites", name=checked.path)
    for run in checked.runs:
        suite = ElementTree.SubElement(root, "testsuite", name=run.name)
        for verdict in run.verdicts:
            place = places_of(checked, run, verdict).first
            named = {"classname": run.name, "name": verdict.id, "file": place.file, "line": str(place.line)}
            case = ElementTree.SubElement(suite, "testcase", named)
            if not verdict.passed:
                failure = ElementTree.SubElement(case, "failure", type=verdict.status, message=said(run, verdict))
                failure.text = f"{verdict_as_text(run, verdict)}\nAgain: {again(checked, run, verdict)}\n"
        _count(suite)
        suite.set("time", f"{run.findings.seconds:.3f}")
    if strict and checked.warnings:
        suite = ElementTree.SubElement(root, "testsuite", name="warnings")
        for number, warning in enumerate(checked.warnings, 1):
            case = ElementTree.SubElement(suite, "testcase", classname="warnings", name=str(number))
            ElementTree.SubElement(case, "failure", type="warning", message=warning)
        _count(suite)
    for failed in checked.errors:
        suite = ElementTree.SubElement(root, "testsuite", name=failed.scenario)
        case = ElementTree.SubElement(suite, "testcase", classname=failed.scenario, name="model")
        ElementTree.SubElement(case, "error", type="model", message=str(failed.error))
        _count(suite)
    _count(root)
    for part in root.iter():
        part.attrib.update(
            {name: _INVALID.sub("\N{REPLACEMENT CHARACTER}", text) for name, text in part.attrib.items()}
        )
        part.text = part.text and _INVALID.sub("\N{REPLACEMENT CHARACTER}", part.text)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _count(part: ElementTree.Element) -> None:
    part.set("tests", str(len(part.findall(".//testcase"))))
    part.set("failures", str(len(part.findall(".//failure"))))
    part.set("errors", str(len(part.findall(".//error"))))
