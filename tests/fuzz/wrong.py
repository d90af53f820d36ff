"""What no input may bring about."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager


class Wrong(AssertionError):
    """An input brought about what none should."""


@contextmanager
def without_defect(what: object) -> Iterator[None]:
    """Raise Wrong with an input where anything is raised that is no answer to it."""
    try:
        yield
    except (Wrong, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise Wrong(f"{traceback.format_exc()[-3000:]}\nof: {what!r}") from error
