"""Columns of numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.cells.frames import SKIP_HEADER, is_generated
from pellucid.data.cells.text_cells import answers_of, is_number_or_missing, numbers_of
from pellucid.data.encoding.column_kind import ColumnKind
from pellucid.data.encoding.far_numbers import FarNumbers, far_numbers, is_usual
from pellucid.data.encoding.standard import FAR, clipped, far_shares, fit_columns, standardised
from pellucid.data.encoding.stored import Part
from pellucid.data.examples import Array
from pellucid.data.raw import Place
from pellucid.described import flag, number, number_from, text

__all__ = ["NumberColumn"]


@dataclass(frozen=True)
class NumberColumn(ColumnKind):
    """A numeric column, standardised; numbers far out are clipped smoothly.

    Parameters
    ----------
    name : str
        Its name in the table.
    mean, scale : float
        Mean and population standard deviation of the training set, in the column's units; or median and
        median deviation, if some numbers lie far out. The scale of a constant column is 0, and its input is
        always 0.
    missing : bool
        Whether the training set had missing values, so that a 0/1 feature flags them.
    limit : float, optional
        Up to this distance, in scales, inputs are not clipped; by default none is.
    far : float, optional
        The share of numbers far out in the training set, by default 0 or not known.

    Examples
    --------
    >>> column = NumberColumn.fit("age", np.array([20.0, 40.0, np.nan]))
    >>> column.features
    ('age', 'age is missing')
    >>> column.encode(pl.Series([50.0, None]), str, [])
    array([[2., 0.],
           [0., 1.]])
    """

    name: str
    mean: float
    scale: float
    missing: bool
    limit: float | None = None
    far: float | None = None

    kind = "number"
    read_as = "numbers"
    stored: ClassVar[Mapping[str, Part]] = {
        "name": Part(text),
        "mean": Part(number, float),
        "scale": Part(number_from(least=0), float),
        "missing": Part(flag),
        "limit": Part(number_from(above=0), float, in_all_files=False),
        "far": Part(number_from(least=0), float, in_all_files=False),
    }

    @classmethod
    def fit(cls, name: str, numbers: NDArray[np.float64]) -> Self:
        """Fit to the training set, NaN for missing values."""
        present = numbers[~np.isnan(numbers)]
        missing = len(present) < len(numbers)
        if not len(present):
            return cls(name, 0.0, 0.0, missing)
        mean, scale, limit = fit_columns(present[:, None])
        far = float(far_shares(present[:, None], mean, scale)[0]) if limit[0] < FAR else None
        return cls(name, float(mean[0]), float(scale[0]), missing, float(limit[0]), far)

    @property
    def made(self) -> str:
        around = "" if self.far is None else " around the median"
        return f"1 number, standardised{around}"

    @property
    def values(self) -> tuple[str, ...]:
        return (self.name,)

    def far_out(self, column: pl.Series) -> FarNumbers | None:
        if self.far is None:
            return None
        numbers = column.cast(pl.Float64, strict=False).to_numpy()
        return far_numbers(self.name, numbers, standardised(numbers, self.mean, self.scale))

    def read(
        self, column: pl.Series, place: Place, notes: list[str], far: list[FarNumbers] | None = None
    ) -> NDArray[np.float64]:
        """Return standardised numbers, NaN for missing values."""
        numbers = self._numbers(column, place)
        scaled = standardised(numbers, self.mean, self.scale)
        if self.limit is not None:
            found = far_numbers(self.name, numbers, scaled)
            if far is not None and found and not is_usual(found.count, len(numbers), self.far):
                far.append(found)
            scaled = clipped(scaled, self.limit)
        absent = np.isnan(numbers)
        if self.scale == 0:
            scaled[absent] = np.nan
        notes += self._note_missing(int(absent.sum()), f"filled with {self.mean:g}, as in training")
        return scaled

    def _numbers(self, column: pl.Series, place: Place) -> NDArray[np.float64]:
        """Read the cells; where all were 0 or 1 in training, yes and no in words are such numbers, too."""
        if column.dtype == pl.String and self._was_0_or_1:
            answers = answers_of(column)
            if (answers >= 0).any() and ((answers >= 0) | column.is_null().to_numpy()).all():
                return np.where(answers < 0, np.nan, answers)
        has_names = is_generated(self.name) and len(column) > 0 and not is_number_or_missing(str(column[0]))
        return numbers_of(column, place, SKIP_HEADER if has_names else "")

    @property
    def _was_0_or_1(self) -> bool:
        # Of 0 and 1 alone, the mean of the squares is the mean; one of them may be far out.
        is_mean = math.isclose(self.scale**2, self.mean * (1 - self.mean))
        return is_mean or (self.scale == 1 and self.mean in (0, 1))

    def write(self, cells: Array, inputs: NDArray[np.float64]) -> None:
        inputs[:, 0] = cells
        absent = np.isnan(cells)
        if absent.any():
            inputs[absent, 0] = 0
        if self.missing:
            inputs[:, 1] = absent
