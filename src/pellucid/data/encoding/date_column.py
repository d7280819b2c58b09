"""Columns of dates and times of day."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.cells.dates import Dates
from pellucid.data.cells.moments import FORMS, ISO, TIME, Moments, read_moments
from pellucid.data.encoding.column_kind import ColumnKind, rows
from pellucid.data.encoding.far_numbers import FarNumbers, far_numbers
from pellucid.data.encoding.findings import Finding
from pellucid.data.encoding.standard import clipped, fit_columns, standardised
from pellucid.data.encoding.stored import Part
from pellucid.data.examples import Array
from pellucid.data.raw import Place
from pellucid.described import flag, list_of, number, number_from, one_of, text, whole
from pellucid.errors import DataError

__all__ = ["DateColumn", "not_a_date"]

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SECONDS_OF_DAY = 86_400
_SECONDS_OF_YEAR = 365.2425 * _SECONDS_OF_DAY


@dataclass(frozen=True)
class DateColumn(ColumnKind):
    """A column of dates or times of day.

    The first input is the time itself, in years or in hours, standardised like a number. The others are what
    comes again, as far as it varies in the training set. The time of the year and the time of day pass
    gradually from one cycle to the next, so each is a point on a circle, with two inputs. The weekdays are
    one-hot encoded, because neighbours among them, such as Friday and Saturday, can be very different.

    Parameters
    ----------
    name : str
        Its name in the table.
    form : str
        The form in which the dates are written: a key of `FORMS`.
    mean, scale, limit : float
        As of a `NumberColumn`, in years since the year 0 or hours since midnight.
    month, hour : bool
        Whether the time of the year and the time of day are inputs.
    weekdays : tuple of int
        The weekdays that are inputs, Monday as 0.
    offset : bool
        Whether dates in the training set had an offset from UTC. All are converted to UTC.
    missing : bool
        Whether the training set had missing values, which are then flagged.

    Examples
    --------
    >>> from pellucid.data.cells.dates import find_dates
    >>> sold = pl.Series("sold", ["2024-01-01", "2024-07-02", "2024-07-09"])
    >>> column = DateColumn.fit(sold, find_dates(sold), np.arange(3))
    >>> column.features
    ('sold: year', 'sold: month (sin)', 'sold: month (cos)', 'sold: Monday', 'sold: Tuesday')
    >>> column.encode(pl.Series(["2024-07-01"]), str, []).round(2).tolist()
    [[0.66, 0.0, -1.0, 1.0, 0.0]]
    """

    name: str
    form: str
    mean: float
    scale: float
    limit: float
    month: bool
    weekdays: tuple[int, ...]
    hour: bool
    offset: bool
    missing: bool

    kind = "dates"
    read_as = "dates"
    stored: ClassVar[Mapping[str, Part]] = {
        "name": Part(text),
        "form": Part(one_of(FORMS)),
        "mean": Part(number, float),
        "scale": Part(number_from(least=0), float),
        "limit": Part(number_from(above=0), float),
        "month": Part(flag),
        "weekdays": Part(list_of(whole(0, 6), distinct=True), tuple),
        "hour": Part(flag),
        "offset": Part(flag),
        "missing": Part(flag),
    }

    @classmethod
    def fit(cls, series: pl.Series, dates: Dates, train: NDArray[np.intp]) -> Self | None:
        """Fit to the training rows of a column that was read as dates; None if it is constant there."""
        values = dates.moments.values.gather(train)
        if values.n_unique() == 1:
            return None
        present = values.drop_nulls()
        mean, scale, limit = fit_columns(_times(present, dates.form)[:, None])
        days = (present.dt.weekday().unique().sort() - 1).to_list()
        return cls(
            series.name,
            dates.form,
            float(mean[0]),
            float(scale[0]),
            float(limit[0]),
            month=present.dt.month().n_unique() > 1,
            # Where all are the first day of a month or a year, the weekday means nothing.
            weekdays=tuple(days) if len(days) > 1 and present.dt.day().n_unique() > 1 else (),
            hour=present.dt.time().n_unique() > 1,
            offset=bool(dates.moments.offset.any()),
            missing=len(present) < len(values),
        )

    @property
    def made(self) -> str:
        return ", ".join(self._parts)

    @property
    def values(self) -> tuple[str, ...]:
        cycles = ["month"] * self.month + ["hour"] * self.hour
        waves = [f"{cycle} ({wave})" for cycle in cycles for wave in ("sin", "cos")]
        days = [_WEEKDAYS[day] for day in self.weekdays]
        return tuple(f"{self.name}: {part}" for part in (_unit(self.form), *waves, *days))

    def read(
        self, column: pl.Series, place: Place, notes: list[str], far: list[FarNumbers] | None = None
    ) -> NDArray[np.float64]:
        moments = self._moments(column, place)
        times = _times(moments.values, self.form)
        absent = np.isnan(times)
        scaled = standardised(times, self.mean, self.scale)
        found = far_numbers(self.name, times, scaled)
        if far is not None and found is not None:
            far.append(found)
        inputs = [clipped(scaled, self.limit)]
        inputs += _on_circle(_share_of_year(moments.values)) if self.month else []
        inputs += _on_circle(_share_of_day(moments.values)) if self.hour else []
        weekday = moments.values.dt.weekday().fill_null(0).to_numpy() - 1
        inputs += [weekday == day for day in self.weekdays]
        notes += self._note_offsets(moments)
        notes += self._note_missing(int(absent.sum()), "filled with the mean of the training set")
        filled = [np.where(absent, 0.0, values) for values in inputs]
        return np.column_stack([*filled, absent] if self.missing else filled)

    def write(self, cells: Array, inputs: NDArray[np.float64]) -> None:
        inputs[:] = cells

    def compared(self, column: pl.Series) -> pl.Series:
        times = _times(read_moments(column, self.form).values, self.form)
        return pl.Series(column.name, times, nan_to_null=True)

    def finding(self, series: pl.Series, dates: Dates) -> Finding:
        """Return what the column was read as, and what it becomes."""
        kind = "times of day" if self.form == TIME else f"dates{' in UTC' * self.offset}"
        what = f"read as {kind}: {self.made}"
        return Finding(self.name, what, _example(series, dates))

    @property
    def _parts(self) -> list[str]:
        parts = [_unit(self.form)] + ["month"] * self.month + ["hour"] * self.hour
        return list(dict.fromkeys([*parts, *["weekday"] * bool(self.weekdays)]))

    def _moments(self, column: pl.Series, place: Place) -> Moments:
        texts = column if column.dtype == pl.String else column.cast(pl.String)
        moments = read_moments(texts, self.form)
        row = moments.unread.arg_max() or 0
        if moments.unread.any():
            raise not_a_date(column, row, place, f"written as {self.form}, as when the network was trained")
        return moments

    def _note_offsets(self, moments: Moments) -> list[str]:
        there = ~moments.absent
        if self.offset:
            count, which, but = int((there & ~moments.offset).sum()), "without", ""
        else:
            count, which, but = int(moments.offset.sum()), "with", ", unlike in training"
        note = f"{rows(count)} {which} an offset from UTC in {self.name!r}{but}: read as UTC"
        return [note] if count else []


def not_a_date(column: pl.Series, row: int, place: Place, known: str) -> DataError:
    """Return the error for a cell that is not a date, in a column of dates."""
    return DataError(
        "a column of dates contains something else",
        expected=f"dates in column {column.name!r} ({known})",
        received=repr(column[row]),
        where=f"{place(row)}, column {column.name!r}",
        remedy="correct the cell; if it means a missing value, leave it empty, or name it with --missing "
        "(missing in Python)",
    )


def _unit(form: str) -> str:
    return "hour" if form == TIME else "year"


def _times(values: pl.Series, form: str) -> NDArray[np.float64]:
    """Return moments as years, or times of day as hours; NaN for missing values."""
    seconds = values.dt.timestamp("us").cast(pl.Float64).to_numpy() / 1e6
    times: NDArray[np.float64] = seconds / 3600 if form == TIME else 1970 + seconds / _SECONDS_OF_YEAR
    return times


def _share_of_year(values: pl.Series) -> NDArray[np.float64]:
    days = (values.dt.month() - 1).cast(pl.Float64) + (values.dt.day() - 1) / 31
    return days.to_numpy() / 12


def _share_of_day(values: pl.Series) -> NDArray[np.float64]:
    seconds = values.dt.timestamp("us").cast(pl.Float64).to_numpy() / 1e6
    return seconds / _SECONDS_OF_DAY % 1


def _on_circle(share: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    angle = 2 * np.pi * share
    return [np.sin(angle), np.cos(angle)]


def _example(series: pl.Series, dates: Dates) -> str:
    """Show how a date was read, if it may be read in another way."""
    if dates.form in (ISO, TIME):
        return ""
    values = dates.moments.values
    # The clearest example has a day after the 12th, or at least one that is not the number of the month.
    clear = next(
        cells
        for cells in (values.dt.day() > 12, values.dt.day() != values.dt.month(), values.is_not_null())
        if cells.any()
    )
    row = clear.fill_null(False).arg_max() or 0
    read = f"{series[row]!r} is {values[row]:%Y-%m-%d}"
    if not dates.is_guess:
        return read
    first = "month" if dates.form.startswith("DD") else "day"
    return f"{read}; if the {first} comes first, write such dates as {values[row]:%Y-%d-%m}"
