"""Where the classes of components stand in a situation, by which a search knows what properties say of a state.

What may live here: which components a program of properties looks at, and bits for their classes. What may not: what a
property means, and which situations are remembered (decision 0051).
"""

from __future__ import annotations

import numpy as np

from mcfsm.kernel.arrays import Ints
from mcfsm.kernel.programs import ENTRIES as TABLE_OF
from mcfsm.kernel.programs import LEAF, OPERATION, SECOND, Program
from mcfsm.kernel.remembered import BITS, CLASSES, USED
from mcfsm.tables.property_parts import PropertyParts
from mcfsm.tables.property_program import ProgramPart


class SituationLayout:
    """The layout of the situations of one program after another, made of the same parts."""

    def __init__(self, parts: PropertyParts) -> None:
        self.parts = parts
        self.classes: Ints = np.zeros(0, dtype=np.int32)  # component: a line as `kernel.remembered` has it
        self._of_components: list[ProgramPart] = []
        self._program: Program | None = None

    def fit(self, program: Program) -> bool:
        """Fit it to a program, and to the classes that there are by now; whether it is another then."""
        bits = self.classes[BITS::CLASSES].tolist()
        outgrown = any(len(part.values) >> b for part, b in zip(self._of_components, bits, strict=True))
        if program is self._program and not outgrown:
            return False
        if program is not self._program:
            self._program, self._of_components = program, self._classes(program)
        self._lay_out()
        return True

    def _classes(self, program: Program) -> list[ProgramPart]:
        """The classes of each component that a program looks at, by all that it looks at of it."""
        code = program.code.reshape(-1, OPERATION)
        looked_at = set(code[code[:, SECOND] == LEAF, TABLE_OF].tolist())
        columns: dict[int, list[int]] = {}
        for op, part in enumerate(self.parts.listed):
            if part.table in looked_at:
                columns.setdefault(part.component, []).append(op)
        return [self.parts.classes(tuple(columns[component])) for component in sorted(columns)]

    def _lay_out(self) -> None:
        """Give each component bits for its classes, and for as many more."""
        lines, word, used = [], 0, 0
        for part in self._of_components:
            bits = (2 * len(part.values) + 2).bit_length()
            if used + bits > USED:
                word, used = word + 1, 0
            lines.append((part.component, part.table, word, used, bits))
            used += bits
        self.classes = np.array(lines, dtype=np.int32).reshape(-1)
