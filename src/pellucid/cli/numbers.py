"""Numbers in the terminal: rounded, and in columns that fit its width."""

from collections.abc import Sequence

import numpy as np
from rich.text import Text

from pellucid.cli.output import console
from pellucid.network import Floats

__all__ = ["figure", "largest", "print_numbers", "rest"]

_GAP = "  "
# The minimum width of the column of words; in a narrower terminal, lines are wrapped.
_LEAST = 12


def figure(value: float, digits: int = 4) -> str:
    """Return a number as text with this many significant digits.

    Examples
    --------
    >>> figure(0.123456), figure(-0.0), figure(123456.0), figure(2.5e-7)
    ('0.1235', '0', '123,456', '2.5e-07')
    """
    value = float(value) + 0.0  # turns -0 into 0
    if 10 ** (digits - 1) <= abs(value) < 1e9:
        return f"{value:,.0f}" if abs(value) >= 10**digits else f"{value:,.{digits}g}"
    return f"{value:.{digits}g}"


def largest(values: Floats, top: int) -> list[int]:
    """Return the indices to show: all of a short vector, else the largest values that are not 0.

    Examples
    --------
    >>> largest(np.array([0.0, -3.0, 2.0]), 3), largest(np.array([0.0, -3.0, 2.0, 0.0]), 3)
    ([0, 1, 2], [1, 2])
    """
    if len(values) <= top:
        return list(range(len(values)))
    order = np.argsort(-np.abs(values), kind="stable")[:top]
    return [int(k) for k in order if values[k] != 0]


def rest(values: Floats, shown: Sequence[int], what: str) -> str:
    """Return a summary of the values that are not shown; empty if all are.

    Examples
    --------
    >>> rest(np.array([0.0, -3.0, 2.0, 0.0]), [1], "neurons")
    'and 3 more neurons: 1 smaller, 2 at 0'
    """
    hidden = len(values) - len(shown)
    if not hidden:
        return ""
    smaller = int(np.count_nonzero(values)) - sum(bool(values[k] != 0) for k in shown)
    return f"and {hidden:,} more {what}: {smaller:,} smaller, {hidden - smaller:,} at 0"


def print_numbers(heads: Sequence[str], rows: Sequence[Sequence[str | Text]]) -> None:
    """Print numbers in columns below their headers.

    The first column contains words, which are left-aligned and truncated to the width of the terminal; the
    numbers are never truncated.
    """
    lines = [[Text(head, style="dim") for head in heads]]
    lines += [[cell.copy() if isinstance(cell, Text) else Text(cell) for cell in row] for row in rows]
    widths = [max(line[k].cell_len for line in lines) for k in range(len(heads))]
    spare = console.width - sum(widths) - len(_GAP) * len(heads)
    widths[0] = max(widths[0] + min(spare, 0), min(widths[0], _LEAST))
    for words, *numbers in lines:
        words.truncate(widths[0], overflow="ellipsis", pad=True)
        for number, width in zip(numbers, widths[1:], strict=True):
            number.pad_left(width - number.cell_len)
        console.print(Text(_GAP) + Text(_GAP).join([words, *numbers]), soft_wrap=True)
