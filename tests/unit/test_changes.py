"""Change requests applied: what each kind of edit makes of a document, and that their order does not matter."""

from __future__ import annotations

import io
import pickle
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from mcfsm.expressions.parse import SourceText
from mcfsm.language.changes.apply import Baseline, all_edits, apply, edits_of, overlaps
from mcfsm.language.changes.parts import KINDS, plain
from mcfsm.language.files.document import Document, TransitionPart
from mcfsm.language.files.parts import Part
from mcfsm.language.files.reader import read, read_baseline
from mcfsm.language.resolving.resolve import resolve, resolve_all
from mcfsm.model.digest import digest, without_expectations
from mcfsm.problems import ModelError, Problems, Span

MODEL = """
model: ping
readings: {when: {text: When., default: now, values: {now: , later: }}}
domains: {Count: 0..3, User: [ann, bob]}
messages:
  ping: {number: Count, who?: User}
  pong: {}
roles:
  client:
    variables: {sent: Count = 0, last: User?}
    states: [idle, waiting]
    initial: idle
    final: [idle]
    transitions:
    - {id: call, trigger: dial, kind: user, source: idle, dest: waiting, conditions: sent < 2, budget: calls, set: {sent: sent + 1}, send: [{ping: {to: srv, number: sent}}]}
    - {id: over, trigger: pong, source: waiting, dest: idle}
    ignore: {pong: [idle]}
  server:
    regions:
      line: {states: [ready, busy], initial: ready, final: [ready, busy]}
    transitions:
    - {id: answer, trigger: ping, conditions: [msg.number < 3, "true"], send: [{pong: {to: sender}}]}
observers:
  seen:
    variables: {n: bool}
    transitions: [{id: dialled, on: {fired: call}, set: {n: "true"}}, {on: freeze}]
properties:
  small: {text: The number stays small., never: cl.sent > 2}
  rests: {text: It can rest., reachable: cl.state == idle}
scenarios:
  one:
    instances: {cl: client, srv: server}
    channels: {default: {kind: fifo, bound: 1}}
    budgets: {calls: 2}
    properties: [small]
    expect: {small: violated}
"""  # noqa: E501
# an edit of every kind, and where it shows: the path of attributes and keys, and what then stands there
EDITS: list[tuple[str, str, Any]] = [
    ("add: {elements: {ping: {late?: bool}}}", "messages.ping", {"number": "Count", "who?": "User", "late?": "bool"}),
    (
        "{add: {elements: {ping: {late?: bool}}}, after: number}",
        "messages.ping",
        {"number": "Count", "late?": "bool", "who?": "User"},
    ),
    ("replace: {elements: {ping: {who: Count}}}", "messages.ping", {"number": "Count", "who": "Count"}),
    ("remove: {elements: {ping: [who]}}", "messages.ping", {"number": "Count"}),
    ("add: {messages: {pang: {}}}", "messages.pang", {}),
    ("replace: {domains: {Count: 0..4}}", "domains.Count", "0..4"),
    ("replace: {variables: {client: {sent: 0..5 = 1}}}", "roles.client.variables.sent", "0..5 = 1"),
    ("add: {states: {client: [away]}}", "roles.client.states", ["idle", "waiting", "away"]),
    ("{add: {states: {client: [x, y]}}, after: idle}", "roles.client.states", ["idle", "x", "y", "waiting"]),
    ("add: {states: {server.line: [down_]}}", "roles.server.regions.line.states", ["ready", "busy", "down_"]),
    ("remove: {final: {server.line: [busy]}}", "roles.server.regions.line.final", ["ready"]),
    ("add: {labels: {client: {idle: At rest}}}", "roles.client.labels.idle", "At rest"),
    ("add: {labels: {server.line: {busy: In a call}}}", "roles.server.regions.line.labels", {"busy": "In a call"}),
    ("add: {labels: {when: {later: After a while}}}", "readings.when.labels", {"later": "After a while"}),
    ("add: {timers: {client: [patience]}}", "roles.client.timers", ["patience"]),
    ("add: {conditions: {over: sent > 0}}", "roles.client.transitions.1.conditions", ["sent > 0"]),
    ("add: {conditions: {call: sent > 0}}", "roles.client.transitions.0.conditions", ["sent < 2", "sent > 0"]),
    ('remove: {conditions: {answer: "true"}}', "roles.server.transitions.0.conditions", ["msg.number < 3"]),
    ("add: {unless: {over: [sent > 0, sent > 1]}}", "roles.client.transitions.1.unless", ["sent > 0", "sent > 1"]),
    ("replace: {set: {call: {sent: 2}}}", "roles.client.transitions.0.set", {"sent": "2"}),
    (
        "add: {sent: {call: {ping: {who: ann}}}}",
        "roles.client.transitions.0.send.0.ping",
        {"to": "srv", "number": "sent", "who": "ann"},
    ),
    ("add: {cites: {over: [a, b]}}", "roles.client.transitions.1.clause", ["a", "b"]),
    ("add: {ignore: {client: {pong: [waiting]}}}", "roles.client.ignore.pong", ["idle", "waiting"]),
    ("add: {defer: {client: {pong: [waiting]}}}", "roles.client.defer.pong", ["waiting"]),
    ("remove: {transitions: {client: [call]}}", "roles.client.transitions.0.id", "over"),
    ("replace: {transitions: {client: [{id: call, trigger: pong}]}}", "roles.client.transitions.0.trigger", "pong"),
    ("{add: {transitions: {client: [{id: x, trigger: pong}]}}, after: call}", "roles.client.transitions.1.id", "x"),
    ("add: {transitions: {client: [{id: x, trigger: pong}]}}", "roles.client.transitions.2.id", "x"),
    ("replace: {readings: {when: {text: T., default: later, values: {later: }}}}", "readings.when.default", "later"),
    ("add: {options: {how: {text: T., default: a_way, values: {a_way: }}}}", "options.how.default", "a_way"),
    (
        "add: {regions: {server: {power: {states: [dark, lit], initial: lit}}}}",
        "roles.server.regions.power",
        {"states": ["dark", "lit"], "initial": "lit"},
    ),
    ("add: {values: {when: {never: 1-1}}}", "readings.when.values", {"now": None, "later": None, "never": "1-1"}),
    (
        "add: {lines: {seen: [{id: over, on: {fired: over}}]}}",
        "observers.seen.transitions.2",
        {"id": "over", "on": {"fired": "over"}},
    ),
    ("remove: {lines: {seen: [dialled]}}", "observers.seen.transitions.0.on", "freeze"),
    ("add: {define: {far: cl.sent}}", "define", {"far": "cl.sent"}),
    ("add: {observers: {eye: {variables: {n: bool}}}}", "observers.eye.variables", {"n": "bool"}),
    ("add: {properties: {p: {text: P., never: cl.sent > 3}}}", "properties.p.text", "P."),
    ("add: {scenarios: {two: {like: one}}}", "scenarios.two.like", "one"),
    ("{add: {checks: {one: [rests]}}, after: small}", "scenarios.one.properties", ["small", "rests"]),
    ("replace: {expect: {one: {small: proved}}}", "scenarios.one.expect", {"small": "proved"}),
    ("add: {items: {1-1: {modality: may, text: One.}}, roles: {spare: {states: [x]}}}", "items.1-1.text", "One."),
]


def baseline(*changes: str) -> Baseline:
    """The model with changes c0, c1, ..., each given as its edits: the text of a list."""
    with tempfile.TemporaryDirectory() as folder:
        names = [f"c{i}.yaml" for i in range(len(changes))]
        for name, edits in zip(names, changes, strict=True):
            text = f"change: {name[:2]}\ntitle: T.\nedits:\n{edits}"
            (Path(folder) / name).write_text(text, encoding="utf-8")
        (Path(folder) / "model.yaml").write_text(f"changes: [{', '.join(names)}]\n{MODEL}", encoding="utf-8")
        return read_baseline(folder)


def edits(text: str) -> str:
    """One edit as a list."""
    return f"- {text}\n"


APPLIED = {"usual": "True", "proposed": ["c0"]}  # what applying notes of the changes of a text


def written(value: Any) -> Any:
    """A part as plain data, less what nobody wrote."""
    if isinstance(value, Part):
        return {name: written(part) for name, part in value if part not in (None, [], {})}
    if isinstance(value, dict):
        return {str(name): written(part) for name, part in value.items()}
    return [written(part) for part in value] if isinstance(value, list) else None if value is None else str(value)


def at(document: Document, path: str) -> Any:
    """What stands at a place, as plain data."""
    node: Any = document
    for step in path.split("."):
        node = node[int(step)] if step.isdigit() else node[step] if isinstance(node, dict) else getattr(node, step)
    return written(node)


def codes(error: ModelError) -> list[str]:
    return [problem.code for problem in error.problems]


@pytest.mark.parametrize(("text", "path", "expected"), EDITS, ids=[text for text, *_ in EDITS])
def test_what_an_edit_does(text: str, path: str, expected: Any) -> None:
    base = baseline(edits(text))
    found = at(apply(base, ["c0"]), path)
    assert found == expected
    assert list(found) == list(expected)  # mappings in order too
    assert written(apply(base, [])) == {**written(base.document), **APPLIED}  # and the model is as it was


def test_every_kind_of_part_is_edited_here() -> None:
    kinds = {edit.kind for text, *_ in EDITS for edit in some_edits(baseline(edits(text)), "c0")}
    assert kinds == set(KINDS)


def some_edits(base: Baseline, name: str) -> list[Any]:
    problems = Problems()
    found = edits_of(base.document, base.changes[name], problems, base.changes)
    problems.raise_any()
    return found


def test_a_place_in_a_change_is_kept() -> None:
    line = edits("add: {transitions: {client: [{id: x, trigger: png}]}}")
    with pytest.raises(ModelError) as caught:
        resolve_all(apply(baseline(line), ["c0"]))
    assert {(Path(p.span.file).name, p.span.line, p.code) for p in caught.value.problems if p.span} == {
        ("c0.yaml", 4, "M504")
    }


def test_additions_after_the_same_part_stand_in_the_order_of_the_changes() -> None:
    more = ["{add: {states: {client: [one_]}}, after: idle}", "{add: {states: {client: [two_]}}, after: idle}"]
    for asked in (["c0", "c1"], ["c1", "c0"]):
        found = at(apply(baseline(*map(edits, more)), asked), "roles.client.states")
        assert found == ["idle", "one_", "two_", "waiting"]


def test_an_addition_stands_where_it_says_also_when_another_change_removes_that_part() -> None:
    base = baseline(
        edits("{add: {elements: {ping: {late?: bool}}}, after: number}"), edits("remove: {elements: {ping: [number]}}")
    )
    assert list(at(apply(base, ["c0", "c1"]), "messages.ping")) == ["late?", "who?"]


def test_changes_are_named_once_and_exist() -> None:
    base = baseline(edits("add: {messages: {pang: {}}}"))
    for asked, code in ((["c9"], "M317"), (["c0", "c0"], "M321")):
        with pytest.raises(ModelError) as caught:
            apply(base, asked)
        assert codes(caught.value) == [code]


def test_what_is_inside_another_part_overlaps_with_it() -> None:
    whole = edits("replace: {transitions: {client: [{id: call, trigger: pong}]}}")
    inside = edits("add: {conditions: {call: sent > 0}}")
    beside = edits("add: {conditions: {over: sent > 0}}")
    base = baseline(whole, inside, beside)
    with pytest.raises(ModelError) as caught:
        apply(base, ["c0", "c1"])
    (problem,) = caught.value.problems
    assert problem.code == "M320"
    assert problem.message.startswith(
        "change c1 adds condition 'sent > 0' of call; change c0 replaces transition call of client ("
    )
    assert apply(base, ["c0", "c2"]).applied == ["c0", "c2"]


# ---- edits beside other changes

ASKED_AGAIN = edits("{add: {transitions: {client: [{id: again, trigger: pong, source: idle}]}}, after: over}")
BUILT_ON = [
    "{with: c0, add: {conditions: {again: sent > 0}}}",
    "{with: c0, replace: {transitions: {client: [{id: again, trigger: pong, source: waiting}]}}}",
    "{with: [c0, c2], remove: {transitions: {client: [again]}}}",
]


@pytest.mark.parametrize(
    ("edit", "asked", "lines"),
    [
        (0, ["c1"], ["call", "over"]),
        (0, ["c0"], ["call", "over", "again idle"]),
        (0, ["c0", "c1"], ["call", "over", "again idle sent > 0"]),
        (1, ["c0", "c1"], ["call", "over", "again waiting"]),
        (2, ["c0", "c1"], ["call", "over", "again idle"]),
        (2, ["c0", "c1", "c2"], ["call", "over"]),
    ],
)
def test_an_edit_beside_others_is_made_to_what_they_make(edit: int, asked: list[str], lines: list[str]) -> None:
    base = baseline(ASKED_AGAIN, edits(BUILT_ON[edit]), edits("add: {messages: {pang: {}}}"))
    for order in (asked, asked[::-1]):
        (found,) = (role.transitions for name, role in apply(base, order).roles.items() if str(name) == "client")
        told = [" ".join(map(str, (line.id, line.source, *(line.conditions or [])))) for line in found]
        assert [" ".join(words.split()[:1]) if i < 2 else words for i, words in enumerate(told)] == lines


def test_all_edits_are_those_made_anyway_and_those_beside_others() -> None:
    base = baseline(ASKED_AGAIN, edits("add: {messages: {pang: {}}}") + edits(BUILT_ON[0]))
    assert [edit.said for edit in all_edits(base, "c1")] == [
        "adds message pang",
        "adds condition 'sent > 0' of again, with c0",
    ]
    assert overlaps([*all_edits(base, "c0"), *all_edits(base, "c1")]) == []


def test_an_edit_beside_one_change_does_not_go_together_with_another() -> None:
    base = baseline(
        ASKED_AGAIN,
        edits("{with: c0, remove: {transitions: {client: [over]}}}"),
        edits("add: {conditions: {over: sent > 0}}"),
    )
    assert apply(base, ["c0", "c1"]).applied == ["c0", "c1"]
    assert apply(base, ["c1", "c2"]).applied == ["c1", "c2"]
    with pytest.raises(ModelError) as caught:
        apply(base, ["c0", "c1", "c2"])
    (problem,) = caught.value.problems
    assert problem.code == "M320"
    assert problem.message.startswith("change c1 removes transition over of client, with c0; change c2 adds condition")


def test_the_changes_beside_which_an_edit_is_made_exist() -> None:
    base = baseline(edits("{with: c9, add: {messages: {pang: {}}}}"))
    with pytest.raises(ModelError, match="M317 unknown change c9"):
        apply(base, ["c0"])


# ---- a change in several files


@pytest.mark.parametrize(("id_", "codes_"), [("c0", []), ("c1", ["M321"])])
def test_a_change_may_stand_in_several_files(tmp_path: Path, id_: str, codes_: list[str]) -> None:
    (tmp_path / "model.yaml").write_text(f"changes: [c0.yaml]\n{MODEL}", encoding="utf-8")
    first = "change: c0\ntitle: T.\ninclude: [more.yaml]\nedits:\n- add: {messages: {pang: {}}}\n"
    (tmp_path / "c0.yaml").write_text(first, encoding="utf-8")
    more = f"change: {id_}\ntitle: More.\nedits:\n- add: {{messages: {{peng: {{}}}}}}\n"
    (tmp_path / "more.yaml").write_text(more, encoding="utf-8")
    if codes_:
        with pytest.raises(ModelError, match="change c1 stands in a file that change c0 includes") as caught:
            read(tmp_path, ["c0"])
        assert codes(caught.value) == codes_
    else:
        assert list(read(tmp_path, ["c0"]).messages) == ["ping", "pong", "pang", "peng"]
        assert str(read_baseline(tmp_path).changes["c0"].title) == "T."


# ---- the order of changes

_PARTS = [text for text, *_ in EDITS if "items" not in text]  # after them, every edit has to cite one


def canonical(value: Any) -> Any:
    """Plain data in which the order of what changes add does not count."""
    if isinstance(value, dict):
        return {
            name: canonical(part)
            for name, part in value.items()
            if name not in ("applied", "changes", "usual", "proposed")
        }
    return sorted((canonical(part) for part in value), key=str) if isinstance(value, list) else value


@settings(max_examples=60)
@given(st.permutations(range(len(_PARTS))), st.integers(1, 4), st.integers(1, 4))
@pytest.mark.long
def test_independent_changes_come_out_the_same_in_any_order(order: list[int], first: int, second: int) -> None:
    one, other = order[:first], order[first : first + second]
    base = baseline(*("".join(edits(_PARTS[i]) for i in chosen) for chosen in (one, other)))
    touching = overlaps([*some_edits(base, "c0"), *some_edits(base, "c1")])
    if touching:
        with pytest.raises(ModelError) as caught:
            apply(base, ["c0", "c1"])
        assert set(codes(caught.value)) == {"M320"}
        return
    together = apply(base, ["c1", "c0"])
    assert written(together) == written(apply(base, ["c0", "c1"]))
    every = [*some_edits(base, "c0"), *some_edits(base, "c1")]
    removed = {edit.path for edit in every if edit.action == "remove"}
    if removed & {(*edit.path[:-1], plain(edit.after)) for edit in every if edit.after is not None}:
        return  # one stands after what the other removes, which is there before both of them only
    for before, after in (("c0", "c1"), ("c1", "c0")):
        halfway = Baseline(apply(base, [before]), base.changes, ())
        assert canonical(written(apply(halfway, [after]))) == canonical(written(together))


# ---- models/mc_migration


@pytest.mark.long
def test_a_change_written_out_is_the_model_that_it_makes() -> None:
    """What S1 adds, put into the text by hand: resolved, the same model."""
    folder = Path(__file__).parents[2] / "models" / "mc_migration"
    changed = read(folder, ["S1"])
    stream = io.StringIO()
    dumper = YAML()
    dumper.width = 10_000
    names = (
        "readings",
        "options",
        "parameters",
        "domains",
        "messages",
        "roles",
        "observers",
        "define",
        "properties",
        "scenarios",
    )
    data = {"model": str(changed.model), "source": str(changed.source), "clauses": "clauses.yaml"}
    data |= {name: by_alias(getattr(changed, name)) for name in names}
    for scenario in data["scenarios"].values():
        scenario.pop("expect", None)  # some is expected of the text with certain changes, which the copy does not know
    dumper.dump(data, stream)
    clauses = io.StringIO()
    dumper.dump(by_alias(changed.items), clauses)
    with tempfile.TemporaryDirectory() as copy:
        (Path(copy) / "model.yaml").write_text(stream.getvalue(), encoding="utf-8")
        (Path(copy) / "clauses.yaml").write_text(clauses.getvalue(), encoding="utf-8")
        flat = read(copy)
        for scenario in changed.scenarios:
            models = [without_expectations(resolve(text, scenario)) for text in (flat, changed)]
            assert digest(models[0]) == digest(models[1])  # expectations are those of a text with its own changes


def by_alias(value: Any) -> Any:
    """A part as it would be written."""
    if isinstance(value, Part):
        fields = type(value).keys
        return {fields[name].alias or name: by_alias(part) for name, part in value if part not in (None, [], {})}
    if isinstance(value, dict):
        return {str(name): by_alias(part) for name, part in value.items()}
    return [by_alias(part) for part in value] if isinstance(value, list) else None if value is None else str(value)


def test_plain_names() -> None:
    assert [plain(name) for name in ("kms_uri?", "a  <\n b", "R-1")] == ["kms_uri", "a < b", "R-1"]


def test_a_change_may_touch_too_much() -> None:
    base = baseline("".join(edits(f"add: {{states: {{client: [s{i}]}}}}") for i in range(1001)))
    with pytest.raises(ModelError, match="M104 change c0 touches more than 1,000 parts"):
        apply(base, ["c0"])


def test_a_part_goes_from_process_to_process_and_is_not_changed() -> None:
    line = TransitionPart(Span("f", 3, 1), trigger=SourceText("ping", Span("f", 3, 4)))
    again = pickle.loads(pickle.dumps(line))
    assert (list(again), again.span, again.trigger.span) == (list(line), line.span, line.trigger.span)
    assert line.but(kind="user").kind == "user"
    with pytest.raises(AttributeError, match=r"TransitionPart\.kind is as written"):
        line.kind = "user"
