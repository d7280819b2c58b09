"""The encoding of a table: each column found by its name, numeric or categorical."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
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

_BLOCK = 1024


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
    columns : tuple of NumberColumn, WordColumn, BooleanColumn and DateColumn
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
        words: Sequence[str] = (),
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
        words : sequence of str
            Columns of text that are words, even if they look like numbers.

        Returns
        -------
        ColumnInputs, and notes for the user

        Raises
        ------
        DataError
            When a column mixes numbers and text, or no column is left.
        """
        import polars as pl  # which takes 0.1 s

        from pellucid.data.encoding.columns import fit_column
        from pellucid.data.encoding.index_columns import index_findings
        from pellucid.data.encoding.leaks import copy_findings, leak_findings

        indices, findings = index_findings(frame, np.arange(len(frame)) if origin is None else origin)
        left_out = [finding.column for finding in indices]
        findings += indices
        columns, far = [], []
        for series in frame.drop(left_out).iter_columns():
            column, found = fit_column(series, train, place, are_words=series.name in words)
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
        used = pl.DataFrame([column.compared(frame[column.name]) for column in columns])
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

        from pellucid.data.cells.frames import tidy_frame  # polars takes 0.1 s to import

        frame: Any = tidy_frame(rows) if hasattr(rows, "columns") else np.asanyarray(rows)
        chosen = np.arange(len(frame))
        (inputs,), scale = self.encode_sets(frame, [chosen], place, [] if notes is None else notes)
        return inputs, scale

    def encode_sets(
        self, rows: Any, sets: Sequence[NDArray[np.intp]], place: Place, notes: list[str]
    ) -> tuple[list[Array], float]:
        from pellucid.data.cells.frames import match_columns  # polars takes 0.1 s to import

        frame = match_columns(rows, list(self.widths), self.ignored, notes)
        del rows
        far: list[FarNumbers] = []
        # Columns are given up as they are read: they would take memory while the inputs are written.
        cells = [column.read(frame.drop_in_place(column.name), place, notes, far) for column in self.columns]
        notes += far_note(far, place)
        ends = list(accumulate(self.widths.values()))
        encoded = []
        for chosen in sets:
            inputs = np.zeros((len(chosen), self.n_inputs))
            # A block of rows stays in the processor's cache while all of its columns are written.
            for first in range(0, len(chosen), _BLOCK):
                block, some = inputs[first : first + _BLOCK], chosen[first : first + _BLOCK]
                for column, values, start, end in zip(self.columns, cells, [0, *ends], ends, strict=False):
                    column.write(values[some], block[:, start:end])
            encoded.append(inputs)
        return encoded, 1.0

    def check(self, where: str) -> None:
        if len(self.widths) < len(self.columns):
            raise ValueError(f"{where}.columns has two columns of the same name")
