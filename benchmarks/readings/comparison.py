"""What Pellucid read, compared with what pandas reads: rows, cells of the inputs, and targets."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

import pellucid
from pellucid.data import LabelTarget
from pellucid.data.encoding.column_inputs import ColumnInputs

__all__ = ["differences", "disagreements", "name_of_target"]


def name_of_target(data: pellucid.Dataset) -> str:
    """Return the column that is predicted."""
    assert not isinstance(data.target, LabelTarget)
    return str(data.target.name)


def differences(data: pellucid.Dataset, table: pd.DataFrame) -> list[str]:
    """Return where the inputs and targets of a data set are not those of the same table in pandas.

    The number in each cell is calculated back from its input, and words must have one code each.
    """
    target = name_of_target(data)
    n_rows = int(table[target].notna().sum())
    if _rows(data) != n_rows:
        return [f"{_rows(data)} rows, not {n_rows}"]
    inputs, targets, origin = _joined(data)
    cells = table.iloc[origin]
    found = list(_differences_of_target(data, targets, cells[target]))
    start = 0
    assert isinstance(data.inputs, ColumnInputs)  # of a table
    for column in data.inputs.columns:
        end = start + len(column.features)
        part, start = inputs[:, start:end], end
        if column.name not in cells:
            found.append(f"{column.name!r}, which are the names of the rows, is used as {column.kind}")
        elif column.kind == "number":
            found += _differences_of_numbers(column, part, cells[column.name])
        else:
            found += _differences_of_words(column, part, cells[column.name])
    return found


def disagreements(one: pellucid.Dataset, other: pellucid.Dataset) -> list[str]:
    """Return where two data sets, read from other files of the same table, are not equal."""
    if one.task != other.task:
        return [f"the task is {other.task}, not {one.task}"]
    if _rows(one) != _rows(other):
        return [f"{_rows(other)} rows, not {_rows(one)}"]
    found = []
    # Booleans are named as they are written in each file.
    first, second = ([name.casefold() for name in side.inputs.features] for side in (one, other))
    common = [name for name in first if name in second]
    for text, names in (("no", set(first) - set(second)), ("also", set(second) - set(first))):
        if names:
            found.append(f"{text} {', '.join(sorted(names)[:3])} ({len(names)} inputs)")
    sides = [
        dict(zip(names, _joined(side)[0].T, strict=True)) for names, side in ((first, one), (second, other))
    ]
    orders = [np.argsort(_joined(side)[2]) for side in (one, other)]
    if not _same_split(one, other):
        return [*found, "the split differs"]
    for name in common:
        ours, theirs = (side[name][order] for side, order in zip(sides, orders, strict=True))
        if not np.allclose(ours, theirs, atol=1e-6):
            found.append(f"the inputs of {name!r} differ")
    return found


def _same_split(one: pellucid.Dataset, other: pellucid.Dataset) -> bool:
    return np.array_equal(np.sort(one.train.origin), np.sort(other.train.origin))


def _rows(data: pellucid.Dataset) -> int:
    return sum(len(part) for part in data.sets.values())


def _joined(data: pellucid.Dataset) -> tuple[Any, Any, Any]:
    """Return the inputs, targets and row numbers of all sets."""
    parts = list(data.sets.values())
    inputs, targets, origin = (
        np.concatenate([np.asarray(getattr(part, name)) for part in parts])
        for name in ("inputs", "targets", "origin")
    )
    return inputs, targets, origin


def _differences_of_target(data: pellucid.Dataset, targets: Any, cells: pd.Series) -> Iterator[str]:
    if data.task == "regression":
        numbers = pd.to_numeric(cells, errors="coerce").to_numpy(float)
        if not np.allclose(targets[:, 0], numbers, rtol=1e-6, equal_nan=True):
            yield "the values of the target differ"
    elif not _one_to_one(targets[:, None], cells):
        yield "the classes of the target differ"


def _differences_of_numbers(column: Any, part: Any, cells: pd.Series) -> Iterator[str]:
    """Compare where an input is not clipped: it is the number, shifted and scaled."""
    if not pd.api.types.is_numeric_dtype(cells):
        yield f"{column.name!r} is numeric, in pandas it is {cells.dtype}, such as {_example(cells)}"
        return
    numbers = cells.to_numpy(float)
    absent = np.isnan(numbers)
    if column.missing and not np.array_equal(part[:, 1] == 1, absent):
        yield f"{column.name!r} has other missing cells"
        return
    scaled = (numbers - column.mean) / column.scale
    near = ~absent & (np.abs(scaled) <= (np.inf if column.limit is None else column.limit))
    if not np.allclose(part[near, 0], scaled[near], atol=1e-5):
        yield f"{column.name!r} has other numbers"
    elif absent.any() and np.abs(part[absent, 0]).max() > 0:
        yield f"{column.name!r} has numbers where cells are missing"


def _differences_of_words(column: Any, part: Any, cells: pd.Series) -> Iterator[str]:
    if pd.api.types.is_float_dtype(cells) or (pd.api.types.is_integer_dtype(cells) and cells.nunique() > 2):
        yield f"{column.name!r} is {column.kind}, in pandas it is {cells.dtype}"
        return
    known = part.any(axis=1)  # the rarest words have no code
    if not _one_to_one(part[known], cells[known]):
        yield f"{column.name!r} has other words than in pandas"


def _one_to_one(codes: Any, cells: pd.Series) -> bool:
    """Return whether rows of codes are equal where, and only where, cells are."""
    ours = np.unique(np.asarray(codes), axis=0, return_inverse=True)[1].reshape(-1)
    theirs = pd.factorize(cells, use_na_sentinel=False)[0]
    pairs = len(np.unique(np.stack([ours, theirs]), axis=1).T)
    return pairs == len(np.unique(ours)) == len(np.unique(theirs))


def _example(cells: pd.Series) -> str:
    return repr(cells.dropna().iloc[0]) if cells.notna().any() else "nothing"
