"""Columns of a table whose cells are not single values: lists, structs, bytes, objects."""

from typing import TYPE_CHECKING

from pellucid.errors import DataError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["contents", "refuse_nested"]

_CONTENTS = {"List": "lists", "Array": "lists", "Struct": "structs", "Binary": "bytes", "Object": "objects"}


def contents(column: "pl.Series") -> str | None:
    """Return what the cells of a column are, if they are not single values; None if they are.

    Examples
    --------
    >>> import polars as pl
    >>> contents(pl.Series([[1, 2], [3]])), contents(pl.Series([1, 2]))
    ('lists', None)
    """
    return _CONTENTS.get(column.dtype.base_type().__name__)


def refuse_nested(frame: "pl.DataFrame") -> None:
    """Refuse a table with columns that are used, and whose cells are not single values.

    Raises
    ------
    DataError
        For the first of them.
    """
    for column in frame.iter_columns():
        what = contents(column)
        if what is not None:
            raise DataError(
                "a column contains neither numbers nor text",
                expected="numbers, booleans, text or dates",
                received=what,
                where=f"column {column.name!r}",
                remedy="convert it to numbers or text",
            )
