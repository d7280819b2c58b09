"""Raw targets as numbers, labels or values, before they are encoded."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pellucid.data.examples import Array
from pellucid.data.raw import Place
from pellucid.errors import DataError

__all__ = [
    "MANY",
    "are_booleans",
    "as_numbers",
    "check_target_names",
    "columns_of",
    "label_texts",
    "missing_target",
    "short_list",
    "single_labels",
    "value_matrix",
    "whole_numbers",
]

# Whole numbers with more distinct values than this are quantities, not classes.
MANY = 20


def are_booleans(raw: Array) -> bool:
    """Return whether all targets are booleans, and not text such as "true"."""
    return raw.dtype.kind == "b" or (
        raw.dtype.kind == "O" and all(isinstance(value, bool) for value in raw.ravel().tolist())
    )


def as_numbers(raw: Array) -> NDArray[np.float64] | None:
    """Read targets as numbers, NaN for missing values; None if some are text or booleans."""
    if raw.dtype.kind in "iuf":
        return raw.astype(np.float64)
    if raw.dtype.kind not in "OUT":
        return None
    values = raw.ravel().tolist()
    if bool in set(map(type, values)):  # equal to 0 and 1, and yet no numbers
        return None
    try:
        numbers = {value: _number(value) for value in set(values)}
    except TypeError:  # not hashable: neither number nor text
        return None
    if None in numbers.values():
        return None
    return np.array([numbers[value] for value in values], dtype=np.float64).reshape(raw.shape)


def _number(value: object) -> float | None:
    if value is None:
        return math.nan
    if isinstance(value, bool) or (isinstance(value, str) and "_" in value):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]  # other types are caught below
    except (TypeError, ValueError):
        return None
    except OverflowError:  # an integer beyond all floats
        return math.inf
    # The strings nan and inf are text; a missing cell is None.
    return None if isinstance(value, str) and not math.isfinite(number) else number


def single_labels(raw: Array) -> Array:
    """Check that the targets are one label per example."""
    if raw.ndim != 1:
        raise DataError(
            "classification needs one label per example",
            expected="shape (n,)",
            received=f"shape {raw.shape}",
            remedy="for one-hot rows pass y.argmax(axis=1); for several numbers choose task='regression', "
            "for several labels, each yes or no, task='multilabel'",
        )
    return raw


def whole_numbers(numbers: NDArray[np.float64], place: Place) -> NDArray[np.int64]:
    """Convert numbers to integer labels, and check that they are whole."""
    whole = np.isfinite(numbers) & (numbers == np.round(numbers))
    # Above 2^53 a float64 cannot represent every whole number.
    usable = whole & (np.abs(numbers) <= 2**53)
    if not usable.all():
        row = int(np.argmin(usable))
        too_large = bool(whole[row])
        raise DataError(
            f"a class label is {'too large' if too_large else 'not a whole number'}",
            expected=f"text, or whole numbers up to {2**53:,}" if too_large else "text or whole numbers",
            received=_written(numbers[row]),
            where=place(row),
            remedy="write labels this large as text that starts with a letter"
            if too_large
            else "for a quantity choose the task 'regression'",
        )
    return numbers.astype(np.int64)


def label_texts(raw: Array, place: Place) -> list[str]:
    """Convert text or booleans to labels, and check that none is missing."""
    values = raw.tolist()
    kinds = set(map(type, values))
    if type(None) in kinds:
        raise missing_target("a label in every row", place(values.index(None)))
    return values if kinds == {str} else [str(value) for value in values]


def missing_target(expected: str, where: str, received: str = "an empty cell") -> DataError:
    """Return the error for a row without a target."""
    return DataError("a target is missing", expected=expected, received=received, where=where)


def columns_of(raw: Array) -> Array:
    """Return raw targets as columns, shape (n, k); a single one may be one-dimensional."""
    if raw.ndim not in (1, 2):
        raise DataError(
            "targets have too many dimensions", expected="shape (n,) or (n, k)", received=f"shape {raw.shape}"
        )
    return raw.reshape(len(raw), -1)


def value_matrix(raw: Array, place: Place, names: Sequence[str] = ()) -> NDArray[np.float64]:
    """Convert raw targets to finite numbers, shape (n, k)."""
    raw = columns_of(raw)
    if are_booleans(raw):
        raw = raw.astype(np.float64)
    numbers = as_numbers(raw)
    if numbers is None:
        raise _not_a_number(raw, place, names)
    wrong = np.argwhere(~np.isfinite(numbers))
    if wrong.size:
        row, column = wrong[0].tolist()
        raise DataError(
            "a target is not a finite number",
            expected="finite numbers",
            received=_written(numbers[row, column]),
            where=_cell(row, column, numbers.shape[1], place, names),
        )
    return numbers


def check_target_names(names: Sequence[str], n_columns: int) -> None:
    """Check that there are targets, and that their names are distinct."""
    if n_columns == 0:
        raise DataError("there is no target", expected="at least one column", received="none", where="y")
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice or len(names) != n_columns:
        raise DataError(
            "two targets have the same name" if twice else "the names do not match the targets",
            expected=f"{n_columns} different name{'s' * (n_columns > 1)}",
            received=f"{twice[0]!r} twice" if twice else f"{len(names)}: {short_list(names)}",
            remedy="rename a column, or leave one of them out" if twice else None,
        )


def _not_a_number(raw: Array, place: Place, names: Sequence[str]) -> DataError:
    row, column = next(cell for cell, value in np.ndenumerate(raw) if _number(value) is None)
    several = raw.shape[1] > 1
    return DataError(
        "regression needs numbers as targets",
        expected="numbers",
        received=repr(raw.tolist()[row][column]),
        where=_cell(row, column, raw.shape[1], place, names),
        remedy="several targets must all be numbers, or all have two values (task 'multilabel'); "
        "train a separate network for any other target"
        if several
        else "choose the task 'classification', or another target",
    )


def _cell(row: int, column: int, n_columns: int, place: Place, names: Sequence[str]) -> str:
    """Describe where a target is; with its column if there are several."""
    if n_columns == 1:
        return place(row)
    return f"{place(row)}, column {names[column] if len(names) == n_columns else column}"


def _written(number: float) -> str:
    return "a missing value (NaN)" if math.isnan(number) else f"{number:g}"


def short_list(names: Sequence[str]) -> str:
    """List names, or only the first of many."""
    if len(names) <= MANY:
        return ", ".join(names)
    return f"{', '.join(names[:MANY])} and {len(names) - MANY} more"
