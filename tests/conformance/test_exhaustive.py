"""The exhaustive explorer against the reference explorer, on random small models.

Those that are kept, which show every planted defect, and forty more in the ordinary run; sixty of a hundred, and ten
thousand more with any number of workers, in the slow one, and as many in which every channel loses, doubles or reorders
messages. A difference is shrunk, and prints as a model file that `mcfsm check` runs.
"""

from __future__ import annotations

import pytest
from common import MOST_STATES, for_models, plain_kernel
from kept import kept, names
from randomized.conformance import Expected, assert_conforms
from randomized.strategies import ModelText, model_texts

from mcfsm.explore import exhaustive
from mcfsm.kernel import rows as layout
from mcfsm.model import Model

CHUNKS, EACH = 5, 20
SLOW_CHUNKS, SLOW_EACH = 100, 100


def assert_conforms_in_turn(text: ModelText, model: Model, expected: list[Expected]) -> None:
    """Put each question with one, two or three workers, in turn."""
    for i, one in enumerate(expected):
        assert_conforms(exhaustive.explore, model, expected=[one], workers=1 + (len(text) + i) % 3)


def assert_conforms_with_any_workers(_: ModelText, model: Model, expected: list[Expected]) -> None:
    """Put every question with every number of workers."""
    for workers in (1, 2, 3):
        assert_conforms(exhaustive.explore, model, expected=expected, workers=workers)


@pytest.mark.parametrize("name", names())
def test_models_that_are_kept(name: str) -> None:
    assert_conforms_with_any_workers(*kept(name))


@pytest.mark.parametrize("chunk", [0, *(pytest.param(more, marks=pytest.mark.slow) for more in range(1, CHUNKS))])
def test_a_hundred_models(chunk: int) -> None:
    for_models(chunk, EACH, assert_conforms_in_turn)


@pytest.mark.parametrize("chunk", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_models_that_stop_with_an_error(chunk: int) -> None:
    for_models(5000 + chunk, 30, assert_conforms_in_turn, spice=60)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(SLOW_CHUNKS))
def test_ten_thousand_models_with_any_number_of_workers(chunk: int) -> None:
    for_models(1000 + chunk, SLOW_EACH, assert_conforms_with_any_workers, most=4 * MOST_STATES)


@pytest.mark.parametrize(
    "chunk", [0, *(pytest.param(more, marks=pytest.mark.slow) for more in range(1, SLOW_CHUNKS + 1))]
)
def test_ten_thousand_models_whose_channels_are_faulty(chunk: int) -> None:
    drawn = model_texts(faulty=True)
    for_models(7000 + chunk, SLOW_EACH if chunk else EACH, assert_conforms_in_turn, drawn=drawn)


@pytest.mark.parametrize("chunk", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_kernels_in_plain_python(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    plain_kernel(monkeypatch)
    for_models(2000 + chunk, 15, assert_conforms_in_turn, most=100)


@pytest.mark.parametrize("bits", [24, 40])
def test_rows_of_several_words(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words that hold few bits make small models long rows, packed anew into more words as they go."""
    fit = layout._fit

    def narrow(sizes: list[int]) -> list[list[int]]:
        wide = 64 - bits
        return fit([size + wide // 2 if size > 1 else size for size in sizes])

    plain_kernel(monkeypatch)
    monkeypatch.setattr(layout, "_fit", narrow)
    for_models(3000 + bits, 10, assert_conforms_in_turn, most=100)
