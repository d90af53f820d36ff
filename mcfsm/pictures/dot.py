"""A state diagram as dot source, and as SVG through the `dot` program.

Every text of a model goes into HTML-like labels, escaped: a model cannot smuggle anything into a picture. An SVG
carries the digest of the source it was made from, so whether it is stale is seen without making it again: what `dot`
draws differs from version to version, what it is given does not.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from mcfsm.pictures.diagram import (
    Diagram,
    Edge,
    InnerTransitions,
    LabelPart,
    RegionDiagram,
    TransitionLabel,
)
from mcfsm.pictures.programs import MOST_SECONDS, ProgramMissing, ProgramSlow
from mcfsm.pictures.text import wrapped
from mcfsm.problems import printable

if TYPE_CHECKING:
    import graphviz

FONT = "Helvetica,Arial,sans-serif"
INSTALL = "Debian, Ubuntu: apt-get install graphviz; macOS: brew install graphviz; Windows: winget install graphviz"
GREY, LINE, FILL = "#606060", "#404040", "#f4f6f9"
_NODESEP, _RANKSEP = 0.11, 0.16  # inches
Point = tuple[float, float]
_MARK = "mcfsm-source"
_DIGEST = re.compile(rf"<!-- {_MARK} (sha256:[0-9a-f]{{64}}) -->")


class DotMissing(ProgramMissing):
    """The `dot` program is not installed."""

    def __init__(self) -> None:
        super().__init__(f"the dot program of Graphviz is needed to draw this, and was not found. {INSTALL}")


def dot_source(diagram: Diagram) -> str:
    """The diagram in the dot language; the same text for the same diagram."""
    import graphviz

    graph = graphviz.Digraph(
        _identifier(diagram.role),
        graph_attr={
            "fontname": FONT,
            "fontsize": "14",
            "label": f"<{_title(diagram)}>",
            "labelloc": "t",
            "pad": "0.2",
            "nodesep": "0.4",
            "ranksep": "0.25",
            "compound": "true",
        },
        node_attr={
            "fontname": FONT,
            "fontsize": "12",
            "shape": "box",
            "style": "rounded,filled",
            "fillcolor": FILL,
            "color": LINE,
        },
        edge_attr={"fontname": FONT, "fontsize": "10", "color": LINE, "arrowsize": "0.8"},
    )
    several = len(diagram.regions) > 1
    for region in diagram.regions:
        if several:
            attributes = {"label": f"<<i>{_clean(region.called)}</i>>", "color": "#a0a0a0", "style": "rounded"}
            with graph.subgraph(name=f"cluster_{_identifier(region.name)}", graph_attr=attributes) as cluster:
                _draw_region(cluster, region)
        else:
            _draw_region(graph, region)
    if diagram.rows:
        _draw_rows(graph, diagram.rows, "note")
    return str(graph.source)


def _laid(source: str) -> str:
    """What `dot` says of a graph. Raises FileNotFoundError, TimeoutExpired, CalledProcessError."""
    command = ["dot", "-Kdot", "-Tplain"]
    done = subprocess.run(command, input=source.encode(), capture_output=True, check=True, timeout=MOST_SECONDS)
    return done.stdout.decode()


def plain(
    sizes: Sequence[tuple[float, float]], edges: Sequence[tuple[int, int]]
) -> tuple[list[Point], list[tuple[Point, ...]], Point]:
    """Where `dot` puts boxes of given sizes, the Bezier points of each edge between them, and how large the whole is.

    In points, downward from the top. Nothing in a box is known to it, so no font matters. Raises DotMissing.
    """
    lines = ["digraph {", f'graph [nodesep="{_NODESEP}" ranksep="{_RANKSEP}"]', 'edge [arrowhead="none"]']
    lines.append('node [fixedsize="true" label="" shape="box"]')
    lines += [f'n{i} [width="{w / 72:.4f}" height="{h / 72:.4f}"]' for i, (w, h) in enumerate(sizes)]
    lines += [f"n{tail} -> n{head}" for tail, head in edges]
    try:
        laid = _laid("\n".join([*lines, "}"]))
    except FileNotFoundError:
        raise DotMissing from None
    except subprocess.TimeoutExpired:
        raise ProgramSlow("dot") from None
    rows = [line.split() for line in laid.splitlines()]
    width, height = (float(value) * 72 for value in next(row for row in rows if row[0] == "graph")[2:4])
    places = {row[1]: (float(row[2]) * 72, height - float(row[3]) * 72) for row in rows if row[0] == "node"}
    drawn: dict[tuple[str, str], list[tuple[Point, ...]]] = {}
    for row in rows:
        if row[0] == "edge":
            values = [float(value) * 72 for value in row[4 : 4 + 2 * int(row[3])]]
            points = tuple((x, height - y) for x, y in zip(values[::2], values[1::2], strict=True))
            drawn.setdefault((row[1], row[2]), []).append(points)
    found = [drawn[f"n{tail}", f"n{head}"].pop(0) for tail, head in edges]
    return [places[f"n{i}"] for i in range(len(sizes))], found, (width, height)


def source_digest(text: str) -> str:
    """The digest of a picture's source, as an SVG carries it."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def stamped(picture: str, source: str) -> str:
    """The SVG with its source's digest in a comment before its first element."""
    head, mark, rest = picture.partition("<svg")
    return f"{head}<!-- {_MARK} {source_digest(source)} -->\n{mark}{rest}"


def embedded_digest(svg: str) -> str | None:
    """The digest an SVG carries; None where it carries none before its first element."""
    found = _DIGEST.search(svg.partition("<svg")[0])
    return found.group(1) if found else None


def clean(text: str) -> str:
    """The text for use in XML, escaped."""
    return escape(" ".join(printable(text).split()), quote=True)


def _clean(text: str) -> str:
    """The text for a label: dot replaces a backslash and one of these letters by a name, even when it is escaped."""
    return re.sub(r"\\(?=[GNEHTL])", "\\\\\u200b", clean(text))


def _title(diagram: Diagram) -> str:
    """The role, and under it the model."""
    lines = (f"<b>{_clean(diagram.called)}</b>", *map(_clean, wrapped(f"a role of {diagram.model}", 60)))
    return '<br/><font point-size="11">'.join(lines) + "</font>" * (len(lines) - 1)


def _identifier(name: str) -> str:
    """A name that dot takes for nothing but a name."""
    if re.fullmatch(r"[A-Za-z0-9_]+", name):
        return name
    return f"{re.sub(r'[^A-Za-z0-9_]', '_', name)}_{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _draw_region(graph: graphviz.Digraph, region: RegionDiagram) -> None:
    name = _identifier(region.name)
    graph.node(f"{name} initial", label="", shape="circle", width="0.16", style="filled", fillcolor=LINE)
    for state in region.states:
        final = {"peripheries": "2"} if state in region.final else {}
        graph.node(_identifier(state), label=f"<{_clean(region.word(state))}>", **final)
    for first in region.firsts:
        graph.edge(f"{name} initial", _identifier(first))
    if any(not edge.sources for edge in region.edges):
        style = {"style": "rounded,dashed", "color": GREY, "fontcolor": GREY}
        graph.node(f"{name} any", label="<<i>any state</i>>", **style)
    depth = levels(region)
    for edge in region.edges:
        upward = any(depth[source] > depth[edge.dest] for source in edge.sources)
        _draw_edge(graph, name, edge, upward=upward)
    if region.rows:
        note = f"{name} note"
        _draw_rows(graph, region.rows, note, region)
        graph.edge(_identifier(_last(region)), note, style="invis", arrowhead="none")


def _last(region: RegionDiagram) -> str:
    """A state below which the note goes: the last declared one."""
    return region.states[-1]


def levels(region: RegionDiagram) -> dict[str, int]:
    """How many edges each state is away from the initial one; unreachable ones last."""
    levels = dict.fromkeys(region.firsts, 0)
    for level in range(len(region.states)):
        for edge in region.edges:
            if not edge.sources or any(levels.get(source) == level for source in edge.sources):
                levels.setdefault(edge.dest, level + 1)
    return {state: levels.get(state, len(region.states)) for state in region.states}


def _draw_edge(graph: graphviz.Digraph, region: str, edge: Edge, *, upward: bool) -> None:
    """An edge through its label, which is a node: so dot keeps it clear of everything, and in its cluster.

    Several sources lead to one label. An upward edge is given to dot downward, which keeps the initial state on top.
    """
    sources = [_identifier(source) for source in edge.sources] or [f"{region} any"]
    dest = _identifier(edge.dest)
    name = f"{' or '.join(sources)} to {dest}"
    label = _html([_lines(label) for label in edge.labels])
    graph.node(name, label=label, shape="plaintext", style="", fontsize="10", margin="0.03", height="0")
    if upward:
        graph.edge(dest, name, dir="back")
        for source in sources:
            graph.edge(name, source, arrowhead="none")
    else:
        for source in sources:
            graph.edge(source, name, arrowhead="none")
        graph.edge(name, dest)


def _draw_rows(
    graph: graphviz.Digraph, rows: Iterable[InnerTransitions], name: str, region: RegionDiagram | None = None
) -> None:
    """A note: a table of states and what happens in them without a move."""
    cells = ['<tr><td colspan="2" align="left"><i>without a change of state</i></td></tr>']
    for row in rows:
        states = (
            '<br align="left"/>'.join(_clean(region.word(state) if region else state) for state in row.states)
            or "<i>any state</i>"
        )
        head = f'<td align="left" valign="top" balign="left" rowspan="{len(row.labels)}">{states}</td>'
        for i, label in enumerate(row.labels):
            said = f'<td align="left" balign="left">{"<br/>".join(_lines(label))}</td>'
            cells.append(f"<tr>{'' if i else head}{said}</tr>")
    table = f'<table border="1" cellborder="0" cellspacing="0" cellpadding="5" color="{GREY}">{"".join(cells)}</table>'
    graph.node(name, label=f"<{table}>", shape="plaintext", style="", fontsize="10")


def _html(labels: list[list[str]]) -> str:
    """Labels one under the other, each a row of a table."""
    rows = [f'<tr><td align="left" balign="left">{"<br/>".join(lines)}</td></tr>' for lines in labels]
    return f'<<table border="0" cellborder="0" cellspacing="2" cellpadding="1">{"".join(rows)}</table>>'


def _lines(label: TransitionLabel) -> list[str]:
    return [line for part in label.parts for line in _styled(part)]


def _styled(part: LabelPart) -> Iterator[str]:
    """The lines of a part, wrapped, escaped, each with its style."""
    for line in wrapped(part.text):
        text = _clean(line)
        match part.style:
            case "trigger":
                yield f"<b>{text}</b>"
            case "effect":
                yield f'<font color="{GREY}">{text}</font>'
            case "basis":
                yield f'<font color="{GREY}" point-size="9"><i>{text}</i></font>'
            case _:
                yield text
