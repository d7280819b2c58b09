"""The encoding of a table: each column found by its name, numeric or categorical."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from pellucid.data.encoding.input_kind import InputKind
from pellucid.data.encoding.stored import Part
from pellucid.data.examples import Array
from pellucid.data.raw import Place, row_place
from pellucid.described import anything, list_of, mapping_of, text
from pellucid.errors import DataError

if TYPE_CHECKING:
    import polars as pl

    from pellucid.data.encoding.columns import Column

__all__ = ["ColumnInputs"]


def _columns(described: Sequence[Mapping[str, Any]]) -> "tuple[Column, ...]":
    from pellucid.data.encoding.columns import column_from_dict  # polars takes 0.1 s to import

    return tuple(
        column_from_dict(column, f"inputs.columns[{index}]") for index, column in enumerate(described)
    )


@dataclass(frozen=True)
class ColumnInputs(InputKind):
    """The columns of a table, found by their names.

    Parameters
    ----------
    columns : tuple of NumberColumn and WordColumn
        In the order of the inputs.
    ignored : tuple of str
        Other columns that a table may have: the target, the split, dropped columns.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"size": [1.0, 3.0], "colour": ["red", "blue"]})
    >>> inputs, notes = ColumnInputs.fit(frame, np.array([0, 1]))
    >>> inputs.features
    ('size', 'colour = blue', 'colour = red')
    >>> inputs.encode(pl.DataFrame({"colour": ["blue"], "size": [2.0]}))
    (array([[0., 1., 0.]]), 1.0)
    """

    columns: "tuple[Column, ...]"
    ignored: tuple[str, ...] = ()

    kind = "columns"
    stored: ClassVar[Mapping[str, Part]] = {
        "columns": Part(list_of(mapping_of(anything), least=1), _columns),
        "ignored": Part(list_of(text), tuple),
    }

    @classmethod
    def fit(
        cls,
        frame: "pl.DataFrame",
        train: NDArray[np.intp],
        ignored: Sequence[str] = (),
        place: Place = row_place,
    ) -> tuple[Self, list[str]]:
        """Fit to the training set; the type of a column is detected from all of its rows.

        Parameters
        ----------
        frame : polars.DataFrame
            Columns of float64, of text and of booleans.
        train : array of intp
            The training rows.
        ignored : sequence of str
            Other columns that a table may have.
        place : callable
            Describes where a row is, for error messages.

        Returns
        -------
        ColumnInputs, and notes for the user

        Raises
        ------
        DataError
            When a column is constant, mixes numbers and text, or no column is left.
        """
        from pellucid.data.encoding.columns import fit_column  # polars takes 0.1 s to import

        columns, left_out, notes = [], [], []
        for series in frame.iter_columns():
            column, remarks = fit_column(series, train, place)
            notes += remarks
            if column is None:
                left_out.append(series.name)
            else:
                columns.append(column)
        if not columns:
            raise DataError(
                "no feature column is left",
                expected="at least one column besides the target",
                received="; ".join(notes) or "none",
            )
        return cls(tuple(columns), (*ignored, *left_out)), notes

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(feature for column in self.columns for feature in column.features)

    @property
    def widths(self) -> dict[str, int]:
        return {column.name: len(column.features) for column in self.columns}

    def encode(
        self, rows: object, place: Place = row_place, notes: list[str] | None = None
    ) -> tuple[Array, float]:
        from pellucid.data.cells.frames import match_columns  # polars takes 0.1 s to import

        notes = [] if notes is None else notes
        frame = match_columns(rows, list(self.widths), self.ignored, notes)
        inputs = np.empty((len(frame), self.n_inputs))
        start = 0
        for column in self.columns:
            end = start + len(column.features)
            inputs[:, start:end] = column.encode(frame[column.name], place, notes)
            start = end
        return inputs, 1.0

    def check(self, where: str) -> None:
        if len(self.widths) < len(self.columns):
            raise ValueError(f"{where}.columns has two columns of the same name")
