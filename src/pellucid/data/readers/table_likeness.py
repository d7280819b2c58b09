"""Whether text whose name says nothing is plainly a table."""

from collections.abc import Sequence

from pellucid.data.readers.dialect import find_dialect

__all__ = ["is_plainly_a_table"]

# Prose of two columns and a few lines may have one comma in each by chance.
_FEW_ROWS = 10
_LONG_CELL = 60
_MOST_LONG = 0.2


def is_plainly_a_table(lines: Sequence[str]) -> bool:
    """Return whether the first lines of a text are a table: rows of the same width, of at least two cells.

    Markdown, source code and settings often have a delimiter at the beginning or the end of each line.

    Examples
    --------
    >>> is_plainly_a_table(["size;kind", "1,5;a", "2,5;b"])
    True
    >>> is_plainly_a_table(["Dear reader,", "this is not a table, but", "a letter, which has commas."])
    False
    """
    dialect = find_dialect(lines, ",", None, None)
    rows = dialect.rows(lines)
    widths = {len(row) for row in rows[dialect.unnamed_rows :]}
    if len(rows) < 3 or len(widths) != 1 or widths == {1} or dialect.trailing:
        return False
    below = [[cell.strip() for cell in row] for row in rows[1:]]
    if not any(row[0] for row in below) or not any(row[-1] for row in below):
        return False
    cells = [cell for row in below for cell in row]
    if sum(len(cell) > _LONG_CELL for cell in cells) > _MOST_LONG * len(cells):
        return False
    return widths != {2} or len(rows) >= _FEW_ROWS or any(map(_is_like_a_number, cells))


def _is_like_a_number(cell: str) -> bool:
    return any(map(str.isdigit, cell)) and not any(map(str.isalpha, cell))
