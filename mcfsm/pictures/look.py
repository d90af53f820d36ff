"""How figures are wanted: what a user may choose of them, with what is usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mcfsm.pictures.diagram import Detail, Unreachable
from mcfsm.pictures.lifelines import A4, LONG, Page
from mcfsm.pictures.sequence import Style
from mcfsm.pictures.shapes import Theme

Steps = Literal["below", "apart", "none"]
PAGES: dict[str, Page] = {"a4": A4, "long": LONG}
STEPS: tuple[Steps, ...] = ("below", "apart", "none")
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")


@dataclass(frozen=True)
class Look:
    """What may be chosen of a figure."""

    style: Style = "3gpp"
    page: Page = LONG
    theme: Theme = "auto"
    steps: Steps = "below"  # of a flow, in sentences
    elements: bool = False  # of messages, in the figure too
    labels: Detail = "full"  # of a state diagram
    unreachable: Unreachable = "hide"
    regions: Literal["together", "apart"] = "together"
