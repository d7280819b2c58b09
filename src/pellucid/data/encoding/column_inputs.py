"""The encoding of a table: each column found by its name, numeric or categorical."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from pellucid.data.encoding.far_numbers import FarNumbers, far_note
from pellucid.data.encoding.findings import gathered
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
    columns : tuple of NumberColumn, WordColumn and BooleanColumn
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
        origin: NDArray[np.intp] | None = None,
        target: Array | None = None,
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
        origin : array of intp, optional
            The row numbers in the original data, by default 0, 1 and so on.
        target : array, optional
            The targets, to find columns that give them away.

        Returns
        -------
        ColumnInputs, and notes for the user

        Raises
        ------
        DataError
            When a column mixes numbers and text, or no column is left.
        """
        # polars takes 0.1 s to import
        from pellucid.data.encoding.columns import fit_column
        from pellucid.data.encoding.index_columns import index_findings
        from pellucid.data.encoding.leaks import copy_findings, leak_findings

        indices, findings = index_findings(frame, np.arange(len(frame)) if origin is None else origin)
        left_out = [finding.column for finding in indices]
        findings += indices
        columns, far = [], []
        for series in frame.drop(left_out).iter_columns():
            column, found = fit_column(series, train, place)
            findings += found
            if column is None:
                left_out.append(series.name)
            else:
                columns.append(column)
                far.append(column.far_out(series))
        if not columns:
            raise DataError(
                "no feature column is left",
                expected="at least one column besides the target",
                received="; ".join(gathered(findings)) or "none",
            )
        used = frame.drop(left_out)
        findings += copy_findings(used)
        if target is not None:
            findings += leak_findings(used, target)
        notes = [*gathered(findings), *far_note([numbers for numbers in far if numbers], place)]
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
        far: list[FarNumbers] = []
        start = 0
        for column in self.columns:
            end = start + len(column.features)
            inputs[:, start:end] = column.encode(frame[column.name], place, notes, far)
            start = end
        notes += far_note(far, place)
        return inputs, 1.0

    def check(self, where: str) -> None:
        if len(self.widths) < len(self.columns):
            raise ValueError(f"{where}.columns has two columns of the same name")
