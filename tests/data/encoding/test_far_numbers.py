import numpy as np
import polars as pl
import pytest

from pellucid.data import load_data
from pellucid.data.encoding.far_numbers import FarNumbers, far_note, far_numbers
from pellucid.data.raw import row_place


def test_missing_and_near_numbers_are_not_counted():
    assert far_numbers("x", np.array([1.0, np.nan]), np.array([10.0, np.nan])) is None
    assert far_numbers("x", np.array([1.0, np.nan]), np.array([10.1, np.nan])).count == 1


def test_the_farthest_of_several_columns_is_named():
    (note,) = far_note([FarNumbers("a", 2, 5, 7.0, 11.0), FarNumbers("b", 1, 3, -90.0, 2e7)], row_place)
    assert note == (
        "3 numbers in a, b lie far out and are clipped; the farthest, in 'b', "
        "is -90 at row 3 (counted from 0), 2e+07 deviations from the other numbers"
    )
    assert far_note([], row_place) == []


@pytest.mark.parametrize("as_table", [True, False])
def test_one_wrong_cell_is_named_once(as_table):
    x = np.random.default_rng(0).uniform(0, 5, (400, 2))
    x[77, 1] = 9831.3
    y = x[:, 0] * 2
    table = pl.DataFrame({"sun": x[:, 0], "rain": x[:, 1], "y": y})
    data = load_data(table if as_table else (x, y), task="regression")
    (note,) = [note for note in data.notes if "far out" in note]
    name = "rain" if as_table else "column 1"
    assert note.startswith(
        f"1 number in {name!r} lies far out and is clipped: 9831.3 at row 77 (counted from 0)"
    )
