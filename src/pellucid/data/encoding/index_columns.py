"""Columns that number the rows: an index, an ID."""

import re
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.cells.frames import generated_name, is_generated
from pellucid.data.encoding.findings import Finding

__all__ = ["index_findings"]

# In a shorter table, a column may count the rows by chance.
_FEW_ROWS = 20
_FIRST = 64

# The names that pandas gives to an index, and the usual ones for IDs: PassengerId, row_id.
_UNNAMED = re.compile(r"Unnamed: \d+|__index_level_\d+__|")
_NUMBER = r"((s|sr|serial)?[ _.]?(nr|no)\.?|row[ _]?num(ber)?|serial)"
_ID = re.compile(rf"(?i:(.*[ _.-])?(id|uid|index|idx|row|rownames|{_NUMBER}))|.*[a-z]I[dD]|#")

_ROW_NAMES = "left out, because it has no name and contains the names of the rows; name it to use it"


def index_findings(frame: pl.DataFrame, origin: NDArray[np.intp]) -> tuple[list[Finding], list[Finding]]:
    """Find the columns that number the rows; those to leave out, and those to point at.

    A column is left out if its name is that of an index or an ID and its whole numbers are all different, or
    if it has no name and counts the rows. Such numbers say nothing about new rows, but in a sorted table they
    give the target away. Any other column that counts the rows, such as a day, may have a meaning. The first
    column, or one that is called as pandas calls an index, contains the names of rows, as R and pandas write
    them, if it alone has no name and most of its cells differ: those of chosen rows do not count.

    Parameters
    ----------
    frame : polars.DataFrame
    origin : array of intp
        The row numbers in the original data.

    Examples
    --------
    >>> frame = pl.DataFrame({"Id": [7, 8, 9], "size": [2.0, 3.5, 1.0]})
    >>> [str(finding) for finding in index_findings(frame, np.arange(3))[0]]
    ["'Id': left out, because it numbers the rows; give it another name to use it"]
    """
    left_out, pointed_at = [], []
    row_names = _row_names(frame.columns)
    for series in frame.iter_columns():
        if series.name == row_names and 2 * series.n_unique() > len(series):
            left_out.append(Finding(series.name, _ROW_NAMES))
            continue
        numbers = _distinct_whole_numbers(series)
        if numbers is None:
            continue
        name, counts = series.name, bool((np.diff(numbers - origin) == 0).all())
        if _UNNAMED.fullmatch(name) or _ID.fullmatch(name) or (is_generated(name) and counts):
            what = "left out, because it numbers the rows; give it another name to use it"
            left_out.append(Finding(name, what))
        elif counts and len(numbers) > _FEW_ROWS:
            what = "counts the rows of the data; drop it (--drop) if it says nothing about new rows"
            pointed_at.append(Finding(name, what))
    # The only columns are used, whatever they are called.
    return (left_out if len(left_out) < frame.width else []), pointed_at


def _row_names(columns: Sequence[str]) -> str | None:
    """Return the only column without a name: the first one, or one that is called as pandas calls it."""
    unnamed = [name for name in columns if is_generated(name) or _UNNAMED.fullmatch(name)]
    if len(unnamed) != 1 or len(columns) < 2:
        return None
    return None if is_generated(unnamed[0]) and columns[0] != generated_name(1) else unnamed[0]


def _distinct_whole_numbers(series: pl.Series) -> NDArray[np.float64] | None:
    """Return a column of whole numbers that are all different; None for other columns."""
    for cells in (series.head(_FIRST), series):  # a glance at the first cells suffices for most columns
        if cells.dtype == pl.Boolean or cells.null_count() or len(cells) < 2:
            return None
        numbers = cells.cast(pl.Float64, strict=False).to_numpy()
        if not (np.isfinite(numbers).all() and (numbers == np.round(numbers)).all()):
            return None
        if len(np.unique(numbers)) < len(numbers):
            return None
    return numbers
