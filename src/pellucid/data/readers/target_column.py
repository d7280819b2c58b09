"""The column to predict, as it was read."""

import numpy as np
import polars as pl

from pellucid.data.cells.dates import find_dates
from pellucid.data.cells.raw_targets import MANY
from pellucid.data.cells.text_cells import codes_of, is_number_column, measured, number_like
from pellucid.data.examples import Array
from pellucid.data.raw import Place
from pellucid.errors import DataError

__all__ = ["as_given", "target_of"]

_OR_CLASSES = "if these are classes, choose the task 'classification'"


def target_of(column: pl.Series, task: str | None, place: Place) -> Array:
    """Return the targets as numbers, booleans or text; NaN or None for missing values.

    Raises
    ------
    DataError
        If they are dates, or numbers written for people.

    Examples
    --------
    >>> target_of(pl.Series(["a", None]), None, str)
    array(['a', None], dtype=object)
    """
    if task != "classification" and column.drop_nulls().n_unique() > MANY:
        are_numbers = is_number_column(column, place, otherwise=f"; {_OR_CLASSES}")
        words = [] if are_numbers else column.drop_nulls().unique().sort().to_list()
        if number := number_like(words) or measured(words):
            raise _written_for_people(column, number, place)
    if task != "classification":
        _refuse_dates(column, task, place)
    return as_given(column)


def _refuse_dates(column: pl.Series, task: str | None, place: Place) -> None:
    """Refuse dates as targets, unless they are few enough to be classes."""
    n_distinct = column.drop_nulls().n_unique()
    are_many = task == "regression" or n_distinct > MANY or 2 * n_distinct > len(column)
    if are_many and find_dates(column):
        row = column.is_not_null().arg_max() or 0
        raise DataError(
            "the target is a date or time",
            expected="numbers, classes or labels",
            received=repr(column[row]),
            where=f"{place(row)}, column {column.name!r}",
            remedy="calculate a number from it, such as the days since another date, and use that as the "
            f"target; {_OR_CLASSES}",
        )


def _written_for_people(column: pl.Series, number: str, place: Place) -> DataError:
    row = column.to_list().index(number)
    return DataError(
        "the target contains numbers as text",
        expected="numbers with . as the decimal point and no other symbols",
        received=repr(number),
        where=f"{place(row)}, column {column.name!r}",
        remedy=f"remove units, other signs and separators of thousands; {_OR_CLASSES}",
    )


def as_given(column: pl.Series) -> Array:
    """Return a column as an array: numbers, booleans or objects."""
    if column.dtype != pl.String:
        return column.to_numpy()
    # Equal words become one object: a million would take 60 MB.
    words = column.drop_nulls().unique()
    labels: Array = np.array([*words, None], dtype=object)[codes_of(column, words)]
    return labels
