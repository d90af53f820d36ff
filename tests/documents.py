"""Documents of a word processor for tests, made of the XML that is looked at and nothing else."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_HEAD = f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{_W}"><w:body>'
_END = "</w:body></w:document>"
TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
RELATIONS = "word/_rels/document.xml.rels"


def paragraph(*runs: str, mark: str = "") -> str:
    """A paragraph of runs. `mark`: ins or del, where the end of the paragraph is one."""
    properties = f"<w:pPr><w:rPr><w:{mark}/></w:rPr></w:pPr>" if mark else ""
    return f"<w:p>{properties}{''.join(runs)}</w:p>"


def run(text: str) -> str:
    """Words that stay; a tab is one."""
    parts = "<w:tab/>".join(f'<w:t xml:space="preserve">{part}</w:t>' for part in text.split("\t"))
    return f"<w:r>{parts}</w:r>"


def inserted(text: str) -> str:
    """Words that a change adds."""
    return f'<w:ins w:id="1" w:author="a">{run(text)}</w:ins>'


def deleted(text: str) -> str:
    """Words that a change takes away."""
    return f'<w:del w:id="2" w:author="a"><w:r><w:delText xml:space="preserve">{text}</w:delText></w:r></w:del>'


def row(*cells: str, mark: str = "") -> str:
    """A row of a table. `mark`: ins or del, where the row is one."""
    properties = f"<w:trPr><w:{mark}/></w:trPr>" if mark else ""
    return f"<w:tr>{properties}{''.join(f'<w:tc>{paragraph(run(cell))}</w:tc>' for cell in cells)}</w:tr>"


def table(*rows: str) -> str:
    """A table."""
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def write(path: Path, *blocks: str, parts: Mapping[str, str | bytes] = {}, text: str | None = None) -> Path:
    """A document of some blocks. `parts`: others beside its text; `text`: all of its text as XML."""
    whole = _HEAD + "".join(blocks) + _END if text is None else text
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": TYPES, "word/document.xml": whole, **parts}.items():
            archive.writestr(name, content)
    return path


def relation(kind: str, target: str) -> str:
    """The relations of a text with one to the outside."""
    namespace = "http://schemas.openxmlformats.org/package/2006/relationships"
    return (
        f'<?xml version="1.0"?><Relationships xmlns="{namespace}"><Relationship Id="r1" Type="http://x/{kind}" '
        f'Target="{target}" TargetMode="External"/></Relationships>'
    )


def numbered(level: int, *runs: str, of: str = "1", more: str = "") -> str:
    """A paragraph that the word processor numbers: its level in a list. `more`: other properties."""
    numbers = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{of}"/></w:numPr>'
    return f"<w:p><w:pPr>{numbers}{more}</w:pPr>{''.join(runs)}</w:p>"


def level(place: int, pattern: str, format_: str = "decimal", *, start: int = 1, more: str = "") -> str:
    """A level of a list: "%1." is its number with a full stop."""
    values = {"start": start, "numFmt": format_, "lvlText": pattern}
    said = "".join(f'<w:{name} w:val="{value}"/>' for name, value in values.items())
    return f'<w:lvl w:ilvl="{place}">{said}{more}</w:lvl>'


def lists(*levels: str, more: str = "") -> dict[str, str]:
    """The part that says of list 1 which levels it has. `more`: other lists."""
    form = f'<w:abstractNum w:abstractNumId="0">{"".join(levels)}</w:abstractNum>'
    one = '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    return {"word/numbering.xml": f'<?xml version="1.0"?><w:numbering xmlns:w="{_W}">{form}{one}{more}</w:numbering>'}


def styles(*all_of_them: str) -> dict[str, str]:
    """The part that has the styles."""
    return {"word/styles.xml": f'<?xml version="1.0"?><w:styles xmlns:w="{_W}">{"".join(all_of_them)}</w:styles>'}


def style(name: str, properties: str, *, usual: bool = False) -> str:
    """A style of paragraphs."""
    whether = ' w:default="1"' if usual else ""
    return f'<w:style w:type="paragraph"{whether} w:styleId="{name}">{properties}</w:style>'
