"""What was made of the data: a report on the columns, the target, the sets and repeated rows."""

from dataclasses import dataclass
from math import inf, prod
from typing import Any

from pellucid.data.encoding.column_report import ColumnReport

__all__ = ["DataReport"]


@dataclass(frozen=True)
class DataReport:
    """What was made of the data.

    Parameters
    ----------
    name : str
        The name of the data.
    n_rows : int
        The number of rows with a target.
    columns : tuple of ColumnReport
        The features first, then the target and columns with other uses. Columns of arrays that are alike are
        described together.
    task : str
        Classification, multilabel or regression.
    aim : str
        What is predicted, in words.
    classes : dict of str to int
        The number of rows of each class, or with each label; empty for values.
    quantiles : dict of str to dict
        Quantiles of the values to predict, by name; empty for classes.
    sets : dict of str to int
        The number of rows in each set.
    repeated : int
        The number of rows that are the same as an earlier row, inputs and target.
    seen : dict of str to int
        The number of rows of the test and the validation set that are also in the training set.
    notes : tuple of str
        All notes.

    Examples
    --------
    >>> import polars as pl
    >>> from pellucid.data import load_data
    >>> houses = pl.DataFrame({"size": [1, 3, 4, 6], "street": ["a", "b"] * 2, "price": [2.5, 3.1, 3.9, 4.2]})
    >>> report = load_data(houses, test_size=1).report
    >>> report.columns[1].becomes, report.sets
    ('2 categories, one-hot', {'train': 3, 'test': 1})
    >>> print(report)
    4 rows, 3 columns
    size: numbers, 4 distinct, 1 .. 3.5 .. 6; 1 number, standardised
    street: words, 2 distinct, a, b; 2 categories, one-hot
    price: numbers, 4 distinct, 2.5 .. 3.5 .. 4.2; the target
    """

    name: str
    n_rows: int
    columns: tuple[ColumnReport, ...]
    task: str
    aim: str
    classes: dict[str, int]
    quantiles: dict[str, dict[str, float]]
    sets: dict[str, int]
    repeated: int
    seen: dict[str, int]
    notes: tuple[str, ...]

    @property
    def n_columns(self) -> int:
        """The number of columns, also of those described together."""
        return sum(column.count for column in self.columns)

    @property
    def n_possible(self) -> float:
        """The number of different rows that the values of the columns allow."""
        counted = [column for column in self.columns if column.use in ("feature", "target")]
        return prod(
            inf if column.distinct is None else float(column.distinct + (column.missing > 0))
            for column in counted
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {**vars(self), "columns": [column.to_dict() for column in self.columns]}

    def __str__(self) -> str:
        return "\n".join([f"{self.n_rows:,} rows, {self.n_columns:,} columns", *map(_line, self.columns)])


def _line(column: ColumnReport) -> str:
    missing = f"{column.missing:,} missing" if column.missing else ""
    distinct = "" if column.distinct is None else f"{column.distinct:,} distinct"
    known = ", ".join(filter(None, (column.read_as, missing, distinct, column.values)))
    return f"{column.name}: {'; '.join(filter(None, (known, column.becomes, *column.remarks)))}"
