"""Columns that are copies of another, or the target in disguise."""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray

from pellucid.data.cells.raw_targets import MANY, as_numbers, columns_of
from pellucid.data.encoding.findings import Finding
from pellucid.data.encoding.standard import Floats
from pellucid.data.examples import Array

__all__ = ["copy_findings", "leak_findings"]

# With fewer rows, columns agree by chance.
_LEAST_ROWS = 20
# What the sampled rows show is confirmed with all rows.
_SAMPLE = 200
# The pairs are compared in a few rows first, and not at all if there are too many.
_ROWS_OF_PAIRS, _MOST_COLUMNS_OF_PAIRS = 16, 300
_SAME = 0.9999  # a correlation
_CLOSE = 0.01  # a share of the standard deviation

_COPY = "the same as another column, perhaps in other units or words"
_LEAK = "may give the target away; drop it (--drop) if it is not known before the target"
_PAIRS = {"sum": np.add, "difference": np.subtract, "product": np.multiply, "quotient": np.divide}


def copy_findings(frame: pl.DataFrame) -> list[Finding]:
    """Find columns that are the same as an earlier one up to scale and shift, or word by word.

    Numbers may be rounded.

    Examples
    --------
    >>> celsius = pl.Series("celsius", range(-10, 10))
    >>> frame = pl.DataFrame([celsius, (celsius * 1.8 + 32).alias("fahrenheit")])
    >>> [finding.named for finding in copy_findings(frame)]
    ["'fahrenheit' ('celsius')"]
    """
    if len(frame) < _LEAST_ROWS:
        return []
    findings: list[Finding] = []
    first: dict[bytes, str] = {}
    for series in frame[_sample_rows(len(frame))].iter_columns():
        values = _shape(_values(series))
        if values is None:
            continue
        # The sign of the first value other than 0 is that of the scale.
        signed = values * np.sign(values[np.flatnonzero(values)[0]])
        earlier = first.setdefault((np.round(signed, 4) + 0.0).tobytes(), series.name)
        if earlier != series.name and _agree(
            _shape(_values(frame[earlier])), _shape(_values(frame[series.name]))
        ):
            findings.append(Finding(series.name, _COPY, repr(earlier)))
    found = [finding.column for finding in findings]
    return findings + _rounded_copies(frame.drop(found).select(cs.numeric()))


def _rounded_copies(frame: pl.DataFrame) -> list[Finding]:
    """Find columns of numbers that are the same as an earlier one but for rounding."""
    shapes = {
        series.name: shape
        for series in frame[_sample_rows(len(frame))].iter_columns()
        if (shape := _shape(_values(series))) is not None and not np.isnan(shape).any()
    }
    if not 2 <= len(shapes) <= _MOST_COLUMNS_OF_PAIRS:
        return []
    names, matrix = list(shapes), np.array(list(shapes.values()))
    alike = np.abs(matrix @ matrix.T) / matrix.shape[1] > _SAME
    first = {names[index]: names[int(alike[index].argmax())] for index in range(len(names))}
    return [
        Finding(name, _COPY, repr(earlier))
        for name, earlier in first.items()
        if name != earlier and _agree(_shape(_values(frame[earlier])), _shape(_values(frame[name])))
    ]


def leak_findings(frame: pl.DataFrame, target: Array) -> list[Finding]:
    """Find columns from which the target follows.

    They are the target up to scale and shift, or word by word, or two columns whose sum, difference, product
    or quotient it is.

    Examples
    --------
    >>> frame = pl.DataFrame({"price": [1.5, 2.0, 7.0, 4.5] * 5, "number": [2, 1, 3, 5, 4] * 4})
    >>> target = (frame["price"] * frame["number"]).to_numpy()
    >>> [finding.named for finding in leak_findings(frame, target)]
    ["'price' (the target is its product with 'number')"]
    """
    if len(frame) < _LEAST_ROWS:
        return []
    return [finding for column in columns_of(target).T for finding in _leaks_of(frame, column)]


def _leaks_of(frame: pl.DataFrame, target: Array) -> Iterator[Finding]:
    numbers = as_numbers(target)
    are_classes = numbers is None or len(np.unique(numbers)) <= MANY
    likely = list(_same_as_target(frame, target, numbers, are_classes, _sample_rows(len(frame))))
    every = np.arange(len(frame))
    same = list(_same_as_target(frame.select(likely), target, numbers, are_classes, every)) if likely else []
    yield from (Finding(name, _LEAK, "the target in other units or words") for name in same)
    if numbers is not None and np.isfinite(numbers).all():
        yield from _pairs(frame.drop(same).select(cs.numeric() | cs.string()), numbers)


def _same_as_target(
    frame: pl.DataFrame, target: Array, numbers: Floats | None, are_classes: bool, rows: NDArray[np.intp]
) -> Iterator[str]:
    """Find the columns that are the target in some rows."""
    shape = None if numbers is None else _shape(numbers[rows])
    codes = _codes(target[rows].tolist()) if are_classes else None
    for series in frame[rows].iter_columns():
        if (shape is not None and _agree(_shape(_values(series)), shape)) or (
            codes is not None and _codes(series.to_list()) == codes
        ):
            yield series.name


def _pairs(frame: pl.DataFrame, target: Floats) -> Iterator[Finding]:
    """Find pairs of columns of numbers from which the target is calculated."""
    few = _sample_rows(len(frame), _ROWS_OF_PAIRS)
    sampled = {series.name: _numbers(series) for series in frame[few].iter_columns()}
    columns = [(name, values) for name, values in sampled.items() if values is not None]
    close = _CLOSE * float(np.std(target / _size(target))) * _size(target)
    if not 2 <= len(columns) <= _MOST_COLUMNS_OF_PAIRS or not close:
        return
    names, matrix = [name for name, _ in columns], np.array([values for _, values in columns])
    for word, calculate in _PAIRS.items():
        with np.errstate(all="ignore"):
            found = calculate(matrix[:, None], matrix[None])
            hits = (np.abs(found - target[few]) <= close).all(axis=2)
        for one, other in np.argwhere(hits).tolist():
            if one == other or (one > other and hits[other, one]):
                continue
            first, second = _numbers(frame[names[one]]), _numbers(frame[names[other]])
            if first is None or second is None:
                continue
            with np.errstate(all="ignore"):
                if (np.abs(calculate(first, second) - target) <= close).all():
                    yield Finding(names[one], _LEAK, f"the target is its {word} with {names[other]!r}")


def _sample_rows(n: int, most: int = _SAMPLE) -> NDArray[np.intp]:
    """Return evenly spaced rows."""
    return np.linspace(0, n - 1, min(n, most)).astype(np.intp)


def _numbers(cells: pl.Series) -> Floats | None:
    """Return a column of numbers, NaN for missing values; None if it contains words."""
    numbers = cells.cast(pl.Float64, strict=False)
    return None if numbers.null_count() > cells.null_count() else numbers.to_numpy()


def _values(cells: pl.Series) -> Floats:
    """Return a column as numbers, NaN for missing values: words are numbered as they appear."""
    numbers = _numbers(cells)
    if numbers is not None:
        return numbers
    codes = _codes(cells.to_list())
    return np.where(cells.is_null().to_numpy(), np.nan, codes)


def _codes(cells: Sequence[object]) -> list[int]:
    """Return the same number for the same cells, counted as they appear."""
    known: dict[object, int] = {}
    return [known.setdefault(cell, len(known)) for cell in cells]


def _size(values: Floats) -> float:
    return float(np.abs(values).max()) or 1.0


def _shape(values: Floats) -> Floats | None:
    """Return values standardised, those missing as NaN; None if they do not differ."""
    present = values[~np.isnan(values)]
    if not len(present) or not np.isfinite(present).all() or present.min() == present.max():
        return None
    size = _size(present)
    spread = float(np.std(present / size))
    if not spread:
        return None
    shape: Floats = (values / size - np.mean(present / size)) / spread
    return shape


def _agree(one: Floats | None, other: Floats | None) -> bool:
    """Return whether standardised columns are equal up to the sign, and missing in the same rows."""
    if one is None or other is None:
        return False
    products = one * other
    if not np.isnan(products).any():
        return abs(float(products.mean())) > _SAME
    return np.array_equal(np.isnan(one), np.isnan(other)) and abs(float(np.nanmean(products))) > _SAME
