"""Numbers in the terminal: short, and in columns that fit its width."""

from collections.abc import Sequence

import numpy as np
from rich.cells import cell_len
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pellucid.network import Floats

__all__ = ["figure", "largest", "number_table", "rest"]

_GAP = 2
# A column of words is not cut shorter than this; then a narrow terminal folds the lines.
_LEAST = 12


def figure(value: float, digits: int = 4) -> str:
    """Write a number with so many digits that count.

    Examples
    --------
    >>> figure(0.123456), figure(-0.0), figure(123456.0), figure(2.5e-7)
    ('0.1235', '0', '123,456', '2.5e-07')
    """
    value = float(value) + 0.0  # no number reads -0
    if 10 ** (digits - 1) <= abs(value) < 1e9:
        return f"{value:,.0f}" if abs(value) >= 10**digits else f"{value:,.{digits}g}"
    return f"{value:.{digits}g}"


def largest(values: Floats, top: int) -> list[int]:
    """Choose what is shown of a vector: all of a short one in its order, else the largest that are not 0.

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
    """Say what is not shown of a vector; nothing if all is.

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


def number_table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str | Text]],
    width: int,
    words: int | None = 0,
    indent: int = 2,
) -> Padding:
    """Set numbers in columns, one line a row whatever the width.

    Parameters
    ----------
    heads : sequence of str
    rows : sequence of sequences of str or Text
    width : int
        Of the terminal; the column of words gives way to it.
    words : int, optional
        Which column holds words, set left; the others hold numbers, set right.
    indent : int
    """
    lines = [list(heads), *[list(row) for row in rows]]
    widths = [max(cell_len(_plain(line[k])) for line in lines) for k in range(len(heads))]
    if words is not None:
        spare = width - indent - sum(widths) - _GAP * (len(heads) - 1)
        widths[words] = max(widths[words] + min(spare, 0), min(widths[words], _LEAST))
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="dim")
    for k, head in enumerate(heads):
        justify = "left" if k == words else "right"
        table.add_column(Text(head), justify=justify, no_wrap=True, width=widths[k])  # type: ignore[arg-type]
    for line in lines[1:]:
        table.add_row(*(_cut(cell, widths[k]) for k, cell in enumerate(line)))
    return Padding(table, (0, 0, 0, indent))


def _plain(cell: str | Text) -> str:
    return cell.plain if isinstance(cell, Text) else cell


def _cut(cell: str | Text, width: int) -> Text:
    text = cell.copy() if isinstance(cell, Text) else Text(cell)
    text.truncate(width, overflow="ellipsis")
    return text
