"""A flow file as written: the steps of a message flow, for `mcfsm replay`. Names get no meaning here.

A file is a mapping with `steps`, or the list of steps alone. A step has the keys of a step in the JSON of
`mcfsm check`, all optional but the instance, so that a trace from there is a flow file too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from mcfsm.expressions.parse import SourceText
from mcfsm.language.files.document import Name, Sentence, Whole
from mcfsm.language.files.parts import Discriminator, Part, Tag, key
from mcfsm.language.files.reader import read_data
from mcfsm.language.files.shape import shaped
from mcfsm.language.files.yaml import Sequence, WrittenMapping
from mcfsm.model.records import FaultKind
from mcfsm.problems import ModelError, Problem, Span


class FlowError(ModelError):
    """A flow file is wrong: what is wrong with it by itself, or beside the model it is replayed on."""

    subject = "the flow"


class ReceivedPart(Part):
    """The message a step consumes; an element without a value (~) is absent."""

    message: Name
    sender: Name | None = None
    elements: dict[Name, Name | None] = key({}, description="name: value; those not listed are left open")


class SentPart(Part):
    """A message a step sends; an element without a value (~) is absent."""

    message: Name
    receiver: Name | None = None
    elements: dict[Name, Name | None] = key({}, description="name: value; those not listed are left open")
    lost: Literal["true", "false"] | None = None


def _branch(value: Any) -> str:
    return "a mapping" if isinstance(value, dict) else "text"


class FaultPart(Part):
    """A fault of a channel, or a crash or a restart: what of it is to be said."""

    fault: FaultKind | None = None
    instance: Name | None = key(None, description="that crashes or restarts")
    sender: Name | None = None
    receiver: Name | None = None
    message: Name | None = None
    elements: dict[Name, Name | None] = key({}, description="name: value; those not listed are left open")
    position: Whole | None = key(None, description="in the channel, before the step; from 0")
    becomes: dict[Name, Name | None] | None = key(None, description="name: value, of a message that is corrupted")


class FlowStep(Part):
    """A step: of an instance, and as much of what it does as is to be said."""

    instance: Name
    transition: Name | None = key(None, description="its id; ignore, lost, freeze, or the kind of a fault")
    trigger: Name | None = key(None, description="a message received, or a spontaneous trigger")
    receives: (
        Annotated[
            Annotated[Name, Tag("text")] | Annotated[ReceivedPart, Tag("a mapping")],
            Discriminator(_branch),
        ]
        | None
    ) = None
    chosen: dict[Name, Name] = key({}, description="name: value, of what the transition leaves open")
    sends: list[SentPart] | None = key(None, description="exactly the messages it sends, in order")
    fault: FaultPart | None = None
    kind: Name | None = None  # from here on: what a trace says besides; read, and not compared
    clause: Name | None = None
    assumption: Sentence | None = None
    changes: list[dict[Name, Name]] | None = None

    @property
    def received(self) -> ReceivedPart | None:
        """The message consumed, whichever way it is written."""
        if isinstance(self.receives, SourceText):
            return ReceivedPart(message=self.receives)
        return self.receives


class FlowFile(Part):
    """A flow, and where it is to be replayed."""

    flow: Sentence | None = key(None, description="its title")
    scenario: Name | None = None
    readings: dict[Name, Name] = key({}, description="reading: value")
    options: dict[Name, Name] = key({}, description="option: value")
    parameters: dict[Name, Whole] = key({}, description="parameter: value")
    changes: list[Name] | None = key(None, description="those applied to the model; its default ones if left out")
    digest: Name | None = key(None, description="of the scenario that it was found in, as a check writes it")
    steps: list[FlowStep]


def read_flow(path: Path) -> FlowFile:
    """The flow of a file, YAML or JSON. Raises FlowError (M1xx, M2xx) with every problem of its shape."""
    shown = path.as_posix()
    try:
        data = read_data(path, shown)
        if isinstance(data, Sequence):
            steps, data = data, WrittenMapping()
            data.span = steps.span
            data[SourceText("steps", steps.span)] = steps
        if not isinstance(data, WrittenMapping):
            place = getattr(data, "span", None) or Span(shown, 1, 1)
            what = "is empty" if data is None else "is neither"
            message = f"a flow file is a list of steps, or a mapping with the key steps, and this one {what}"
            raise ModelError([Problem("M203", place, message)])
        found: FlowFile = shaped(FlowFile, data)
        return found
    except ModelError as error:
        raise FlowError(error.problems) from None
