"""Text tables without peculiarities, read by polars: a hundred times faster than row by row."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.readers.limits import check_cells

__all__ = ["read_plain"]

# Bytes that are checked at a time.
_BLOCK = 1 << 24
_NEWLINE, _RETURN, _QUOTE = 10, 13, 34


def read_plain(
    content: bytes, start: int, delimiter: str, names: list[str], size: int, where: str
) -> pl.DataFrame | None:
    r"""Read the rows of a text table; return None if they have to be read one by one.

    Polars reads a row that is too short, or a quotation mark within a cell, without an error. All lines are
    therefore checked first: each must be a row with as many cells as there are names, and a quotation mark
    must enclose a whole cell.

    Parameters
    ----------
    content : bytes
        The text in UTF-8.
    start : int
        The position of the first row in it.
    delimiter : str
        A single ASCII character.
    names : list of str
        The names of the columns.
    size, where : int, str
        The size of the file and its name, for the check of the number of cells.

    Examples
    --------
    >>> read_plain(b"a,b\n1,x\n2,y\n", 4, ",", ["a", "b"], 12, "t.csv").rows()
    [('1', 'x'), ('2', 'y')]
    >>> read_plain(b"1,x\n2\n", 0, ",", ["a", "b"], 6, "t.csv") is None
    True
    """
    end = len(content)
    while end > start and content[end - 1] in (_NEWLINE, _RETURN):
        end -= 1
    if len(names) < 2 or end == start or not delimiter.isascii():
        return None
    n_rows = _rows(np.frombuffer(content, np.uint8)[start:end], ord(delimiter), len(names))
    if n_rows is None:
        return None
    check_cells(n_rows * len(names), size, where, frame=True)
    try:
        frame = pl.read_csv(
            content[start:end],
            has_header=False,
            separator=delimiter,
            new_columns=names,
            infer_schema=False,
        )
    except pl.exceptions.PolarsError:
        return None
    return frame if frame.shape == (n_rows, len(names)) else None


def _rows(data: NDArray[np.uint8], delimiter: int, width: int) -> int | None:
    """Return the number of rows if all lines are rows of this width; None if not."""
    n_separators = n_newlines = inside = 0
    for first in range(0, len(data), _BLOCK):
        block = data[first : first + _BLOCK]
        separates = (block == delimiter) | (block == _NEWLINE)
        quotes = block == _QUOTE
        if inside or quotes.any():
            within = (np.add.accumulate(quotes, dtype=np.uint8) + inside) & 1
            if not _encloses_cells(data, first + np.flatnonzero(quotes), inside, delimiter):
                return None
            inside = int(within[-1])
            if ((block == _NEWLINE) & (within == 1)).any():
                return None  # a row of several lines
            separates &= within == 0
        returns = first + np.flatnonzero(block == _RETURN)
        if not (data[np.minimum(returns + 1, len(data) - 1)] == _NEWLINE).all():
            return None
        # Every `width`-th separator ends a line, and no other does.
        separators = block[separates] == _NEWLINE
        at_ends = separators[(width - 1 - n_separators) % width :: width]
        n_separators += len(separators)
        n_newlines += len(at_ends)
        if not at_ends.all() or int(separators.sum()) != len(at_ends):
            return None
    # The last line, whose end is not in the data, lacks its newline.
    return None if inside or (n_separators + 1) % width else n_newlines + 1


def _encloses_cells(data: NDArray[np.uint8], at: NDArray[np.intp], inside: int, delimiter: int) -> bool:
    """Return whether quotation marks stand at the beginning and the end of cells, or are doubled."""
    opening, closing = at[inside::2], at[1 - inside :: 2]
    before = data[np.maximum(opening - 1, 0)]
    after = data[np.minimum(closing + 1, len(data) - 1)]
    begins = (opening == 0) | np.isin(before, (delimiter, _NEWLINE, _QUOTE))
    ends = (closing == len(data) - 1) | np.isin(after, (delimiter, _NEWLINE, _RETURN, _QUOTE))
    return bool(begins.all() and ends.all())
