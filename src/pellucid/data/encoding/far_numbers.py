"""Numbers far out: which they are, and the note that names the farthest."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pellucid.data.cells.raw_targets import short_list
from pellucid.data.column_notes import ColumnNote
from pellucid.data.encoding.standard import FAR, Floats
from pellucid.data.examples import Array
from pellucid.data.raw import Place

__all__ = ["FarNumbers", "far_note", "far_numbers", "is_usual"]


@dataclass(frozen=True)
class FarNumbers:
    """The numbers of a column that lie far out.

    Parameters
    ----------
    name : str
        The name of the column.
    count : int
        How many there are.
    row : int
        The row of the farthest.
    value : float
        The farthest.
    distance : float
        Its distance from the centre of the column, in deviations.
    """

    name: str
    count: int
    row: int
    value: float
    distance: float


def far_numbers(name: str, numbers: Array, inputs: Floats) -> FarNumbers | None:
    """Return the numbers of a column that lie far out; None if there are none.

    Parameters
    ----------
    name : str
        The name of the column.
    numbers : array, shape (n,)
        NaN for missing values.
    inputs : array of float64, shape (n,)
        The numbers, standardised and not clipped.

    Examples
    --------
    >>> far_numbers("rain", np.array([1.0, 50.0, -90.0]), np.array([0.1, 11.0, -20.0]))
    FarNumbers(name='rain', count=2, row=2, value=-90.0, distance=20.0)
    """
    distances = np.abs(inputs)
    far = np.flatnonzero(distances > FAR)
    if not far.size:
        return None
    row = int(far[distances[far].argmax()])
    return FarNumbers(name, len(far), row, float(numbers[row]), float(distances[row]))


def is_usual(count: int, n: int, share: float | None) -> bool:
    """Return whether as many numbers lie far out as is to be expected from the training set.

    Parameters
    ----------
    count : int
        How many of n there are.
    n : int
    share : float or None
        Their share in the training set, None if it is not known.

    Examples
    --------
    >>> is_usual(12, 1000, 0.01), is_usual(80, 1000, 0.01), is_usual(1, 1000, 0.0)
    (True, False, False)
    """
    expected = (share or 0.0) * n
    return count <= 2 * expected + 3 * math.sqrt(expected)


def far_note(found: Sequence[FarNumbers], place: Place) -> list[str]:
    """Return a note that names the columns, and the farthest number with its place; none without numbers.

    Examples
    --------
    >>> far_note([FarNumbers("rain", 1, 2, -90.0, 20.0)], lambda row: f"line {row + 2}")
    ["1 number in 'rain' lies far out and is clipped: -90 at line 4, 20 deviations from the other numbers"]
    """
    if not found:
        return []
    farthest = max(found, key=lambda numbers: numbers.distance)
    count, columns = sum(numbers.count for numbers in found), short_list([numbers.name for numbers in found])
    those, which = f"{count:,} numbers in {columns} lie far out and are clipped", "; the farthest is"
    if count == 1:
        those, which = f"1 number in {farthest.name!r} lies far out and is clipped", ":"
    elif len(found) > 1:
        which = f"; the farthest, in {farthest.name!r}, is"
    where = f"{_where(farthest, place)} from the other numbers"
    return [
        ColumnNote(f"{those}{which} {where}", {numbers.name: _remark(numbers, place) for numbers in found})
    ]


def _where(numbers: FarNumbers, place: Place) -> str:
    distance = f"{numbers.distance:,.0f}" if numbers.distance < 1e6 else f"{numbers.distance:.3g}"
    return f"{numbers.value:g} at {place(numbers.row)}, {distance} deviations"


def _remark(numbers: FarNumbers, place: Place) -> str:
    those = "1 number lies" if numbers.count == 1 else f"{numbers.count:,} numbers lie"
    return f"{those} far out, clipped: {_where(numbers, place)} away"
