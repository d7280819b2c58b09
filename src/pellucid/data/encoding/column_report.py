"""What is known about a column of the data: how it was read, and what it becomes."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.cells.raw_targets import are_booleans, as_numbers
from pellucid.data.examples import Array
from pellucid.data.sparse_rows import SparseRows

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ColumnReport", "array_report", "frame_reports", "target_report"]

# The most frequent words are those of this many rows, evenly spaced.
_SAMPLE = 1000
_EXAMPLES = 3
# Distinct values of more rows are estimated.
_COUNTED = 100_000

# Least, median and greatest number of a column.
_Range = tuple[float, float, float]


@dataclass(frozen=True)
class ColumnReport:
    """What is known about a column, or about several that are alike.

    Parameters
    ----------
    name : str
        Its name.
    use : str
        Feature, left out, dropped, target, split or weight.
    read_as : str
        What its cells are: numbers, words, yes or no, constant, empty.
    becomes : str
        What is made of it, and why if it is left out.
    missing : int
        The number of missing cells.
    distinct : int or None
        The number of distinct values, None if not counted. Of more than 100,000 rows it is an estimate,
        within a few per cent.
    range : tuple of float or None
        Minimum, median and maximum of numbers; for several columns minimum and maximum.
    examples : tuple of str
        Frequent values, if they are not numbers.
    remarks : tuple of str
        What the user should know.
    count : int
        The number of columns.

    Examples
    --------
    >>> ColumnReport("size", "feature", "numbers", "1 number, standardised", range=(1.5, 2.0, 20000.0)).values
    '1.5 .. 2 .. 20,000'
    """

    name: str
    use: str
    read_as: str
    becomes: str
    missing: int = 0
    distinct: int | None = None
    range: tuple[float, ...] | None = None
    examples: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    count: int = 1

    @property
    def values(self) -> str:
        """The range or the examples, in words."""
        if self.range is None:
            return ", ".join(self.examples)
        return " .. ".join(map(_number, self.range if self.range[0] < self.range[-1] else self.range[:1]))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)


def _number(value: float) -> str:
    """Return a number with at least four digits."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.4g}"


def frame_reports(frame: "pl.DataFrame") -> list[ColumnReport]:
    """Describe the columns of a table as they were read, not what they become.

    Parameters
    ----------
    frame : polars.DataFrame
        Columns of float64, of text and of booleans.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"size": [3.0, None, 1.0, 9.0]})
    >>> frame_reports(frame)[0].values
    '1 .. 3 .. 9'
    """
    import polars.selectors as cs  # polars takes 0.1 s to import

    from pellucid.data.nested import contents

    if not frame.width:
        return []
    missing = frame.null_count().row(0, named=True)
    numbers = frame.select(cs.numeric())
    others = frame.select(~cs.numeric()).iter_columns()
    distinct = {column.name: _n_distinct(column) for column in others if not contents(column)}
    ranges, n_numbers = _sorted(numbers) if len(frame) <= _COUNTED else _estimated(numbers)
    distinct |= n_numbers
    sample = frame.select(~cs.numeric()).gather_every(max(1, len(frame) // _SAMPLE))
    reports = []
    for name in frame.columns:
        report = ColumnReport(
            name,
            "",
            _cells(frame[name], distinct.get(name), missing[name]),
            "",
            missing[name],
            distinct[name] - (missing[name] > 0) if name in distinct else None,
            ranges.get(name),
            ()
            if name in n_numbers
            else _most_frequent(Counter(map(str, sample[name].drop_nulls().to_list()))),
        )
        reports.append(report)
    return reports


def array_report(
    rows: Array | SparseRows,
    columns: NDArray[np.intp],
    becomes: str,
    read_as: str = "numbers",
    use: str = "feature",
) -> ColumnReport:
    """Describe columns of an array that are alike.

    Examples
    --------
    >>> report = array_report(np.eye(4), np.array([0, 1, 2]), "3 numbers")
    >>> report.name, report.count, report.values
    ('column 0 to column 2', 3, '0 .. 1')
    """
    first, last = f"column {columns[0]}", f"column {columns[-1]}"
    between = " to " if columns[-1] - columns[0] + 1 == len(columns) else " ... "
    name = first if len(columns) == 1 else f"{first}{between}{last}"
    numbers = rows.values[rows.starts[0] : rows.starts[-1]] if isinstance(rows, SparseRows) else rows
    if isinstance(numbers, np.ndarray) and len(columns) < rows.shape[1]:
        numbers = numbers[:, columns]
    low, high = (float(numbers.min()), float(numbers.max())) if numbers.size else (0.0, 0.0)
    return ColumnReport(name, use, read_as, becomes, range=(low, high), count=len(columns))


def target_report(name: str, target: Array, remarks: tuple[str, ...] = ()) -> ColumnReport:
    """Describe a column of targets.

    Examples
    --------
    >>> target_report("colour", np.array(["red", "blue", "red"], dtype=object)).examples
    ('red', 'blue')
    """
    numbers = None if target.dtype.kind == "b" else as_numbers(target)
    if numbers is not None:
        ordered = np.sort(numbers)
        distinct = 1 + int((ordered[1:] != ordered[:-1]).sum())
        known = (float(ordered[0]), float(np.median(ordered)), float(ordered[-1]))
        return ColumnReport(name, "target", "numbers", "the target", 0, distinct, known, remarks=remarks)
    counts = Counter({str(cell): count for cell, count in Counter(target.tolist()).items()})
    read_as = "yes or no" if are_booleans(target) else "words"
    frequent = _most_frequent(counts)
    return ColumnReport(name, "target", read_as, "the target", 0, len(counts), None, frequent, remarks)


def _sorted(numbers: "pl.DataFrame") -> tuple[dict[str, _Range], dict[str, int]]:
    """Return the range of each column and the number of its distinct cells, both from its order."""
    import polars as pl  # takes 0.1 s

    ranges, distinct = {}, {}
    for column in numbers.select(pl.all().sort(nulls_last=True)).iter_columns():
        present = column.head(len(column) - column.null_count()).to_numpy()
        distinct[column.name] = int(column.has_nulls())
        if len(present):
            distinct[column.name] += 1 + int((present[1:] != present[:-1]).sum())
            middle = present[(len(present) - 1) // 2] / 2 + present[len(present) // 2] / 2
            ranges[column.name] = (float(present[0]), float(middle), float(present[-1]))
    return ranges, distinct


def _estimated(numbers: "pl.DataFrame") -> tuple[dict[str, _Range], dict[str, int]]:
    """Return the same without an order, which would take as much memory as the numbers."""
    rows = [found.row(0, named=True) for found in (numbers.min(), numbers.median(), numbers.max())]
    low, middle, high = rows
    ranges = {name: (low[name], middle[name], high[name]) for name in low if low[name] is not None}
    return ranges, {column.name: _n_distinct(column) for column in numbers.iter_columns()}


def _n_distinct(column: "pl.Series") -> int:
    """Return the number of distinct cells; of many, by an estimate that takes hardly any memory."""
    import polars as pl  # takes 0.1 s

    if len(column) <= _COUNTED:
        return column.n_unique()
    estimate: int = column.to_frame().select(pl.all().approx_n_unique()).item()
    return min(estimate, len(column))


def _cells(column: "pl.Series", distinct: int | None, missing: int) -> str:
    """Return what the cells of a column are, by their type."""
    from pellucid.data.nested import contents

    if what := contents(column):
        return what
    if missing == len(column):
        return "empty"
    if distinct == 1:
        return "constant"
    return {"Boolean": "yes or no", "String": "words"}.get(str(column.dtype), "numbers")


def _most_frequent(counts: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(counts, key=lambda word: (-counts[word], word))[:_EXAMPLES])
