"""Which columns of text contain dates or times of day, and how they are written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from pellucid.data.cells.moments import FORMS, TIME, Moments, parts_of, pattern_of, read_moments

__all__ = ["Dates", "are_days", "find_dates", "look_like_dates"]

# The first cells suffice to tell most other columns from dates.
_GLANCE = 100
# At this share of plausible dates or more, the other cells are mistakes.
_MOSTLY = 0.9
_PLAUSIBLE = (1000, 2999)
_MONTH_FIRST = {"DD/MM/YYYY": "MM/DD/YYYY", "DD/MM/YY": "MM/DD/YY"}


@dataclass(frozen=True)
class Dates:
    """A column of dates, as it was read.

    Parameters
    ----------
    form : str
        How they are written.
    is_guess : bool
        Whether day and month may be exchanged.
    moments : Moments
        The dates.
    """

    form: str
    is_guess: bool
    moments: Moments


def find_dates(column: pl.Series) -> Dates | None:
    """Read a column of dates; None for other columns.

    Nine of ten cells must be dates of one form, with years from 1000 to 2999. Of a form that codes and ratios
    have, too, all must be, and something must speak against a code.

    Examples
    --------
    >>> find_dates(pl.Series(["1.5.2024", None, "31.5.2024"])).form, find_dates(pl.Series(["1.2.3"]))
    ('DD/MM/YYYY', None)
    >>> dates = find_dates(pl.Series(["1/5/2024", "2/5/2024", "2/6/2024"]))
    >>> dates.form, dates.is_guess, str(dates.moments.values[0])
    ('MM/DD/YYYY', True, '2024-01-05 00:00:00')
    """
    if column.dtype != pl.String:
        return None
    cells = column.drop_nulls()
    glance = cells.head(_GLANCE)
    fitting = [form for form in FORMS if glance.str.contains(pattern_of(form)).any()]
    likely = [form for form in fitting if 2 * int(read_moments(glance, form).unread.sum()) <= len(glance)]
    read = {form: read_moments(column, form) for form in likely}
    counts = {
        form: _count_plausible(moments, form) - column.null_count()
        for form, moments in read.items()
        if form not in _EVIDENCE or (not moments.unread.any() and _EVIDENCE[form](parts_of(cells, form)))
    }
    form = max(counts, key=lambda form: counts[form], default="")
    if counts.get(form, 0) < max(_MOSTLY * len(cells), 1):
        return None
    other = _MONTH_FIRST.get(form, "")
    is_guess = counts.get(other) == counts[form]
    if is_guess and not _is_day_first(cells, form):
        form = other
    return Dates(form, is_guess, read[form])


def look_like_dates(cells: pl.Series) -> pl.Series:
    """Return which cells have the form of a date.

    Examples
    --------
    >>> look_like_dates(pl.Series(["2024-05-01", "May"])).to_list()
    [True, False]
    """
    frame = cells.to_frame("cell")
    forms = [pl.col("cell").str.contains(pattern_of(form)) for form in FORMS if form != TIME]
    return frame.select(pl.any_horizontal(forms).fill_null(False)).to_series()


def are_days(numbers: pl.Series) -> bool:
    """Return whether all numbers of a column are days from 1900 to 2099, such as 20240501.

    Examples
    --------
    >>> are_days(pl.Series([20240501.0, None])), are_days(pl.Series([20240501.0, 20240532.0]))
    (True, False)
    """
    for cells in (numbers.head(_GLANCE).drop_nulls(), numbers.drop_nulls()):
        if not cells.is_between(19000101, 20991231).all() or not (cells % 1 == 0).all():
            return False
        days = cells.cast(pl.Int64).cast(pl.String).str.to_date("%Y%m%d", strict=False)
        if days.null_count():
            return False
    return numbers.null_count() < len(numbers)


def _count_plausible(moments: Moments, form: str) -> int:
    """Count the dates in years that data are about, and the cells without a date if there are such dates."""
    if form == "YYYY-MM" and _are_seasons(moments.values.drop_nulls()):
        return 0
    plausible = int(moments.values.dt.year().is_between(*_PLAUSIBLE).sum())
    return plausible + int(moments.absent.sum()) if plausible else 0


def _are_seasons(months: pl.Series) -> bool:
    """Return whether 2010-11 probably means from 2010 to 2011."""
    return months.n_unique() > 1 and bool((months.dt.month() == (months.dt.year() + 1) % 100).all())


def _are_dotted(parts: pl.DataFrame) -> bool:
    """Return whether 31.12.24 is the day first, not a version: no version has a part such as 05."""
    padded = parts["day"].str.starts_with("0") | parts["month"].str.starts_with("0")
    return bool(padded.any()) and bool((parts["day"].cast(pl.Int64) > 12).any())


def _are_months_of_years(parts: pl.DataFrame) -> bool:
    """Return whether 5/2024 is a month, not a share of 2024."""
    years = parts["year"].cast(pl.Int64)
    padded = parts["month"].str.starts_with("0").any()
    return bool(years.is_between(1900, 2099).all()) and (bool(padded) or years.n_unique() > 1)


def _are_short_years(parts: pl.DataFrame) -> bool:
    """Return whether the number in May-24 is a year, not a day."""
    numbers = parts["year"].cast(pl.Int64)
    if not numbers.is_between(1, 31).all():
        return True
    # Days of several months begin before the 10th, or leave some out.
    months = parts.group_by("year").agg(pl.col("word").n_unique())["word"]
    distinct = numbers.unique().sort()
    return (
        bool(numbers.is_between(10, 29).all())
        and bool((months > 1).all())
        and len(distinct) > 1
        and bool((distinct.diff().drop_nulls() == 1).all())
    )


# Forms that codes and ratios have, too, and what shows from the parts of all cells that they are dates.
_EVIDENCE: Mapping[str, Callable[[pl.DataFrame], bool]] = {
    "DD.MM.YY": _are_dotted,
    "MM/YYYY": _are_months_of_years,
    "Month-YY": _are_short_years,
}


def _is_day_first(cells: pl.Series, form: str) -> bool:
    """Decide whether the day comes first where each cell is a date either way."""
    days, months = parts_of(cells, form).select(pl.col("day", "month").cast(pl.Int32).n_unique()).row(0)
    # The same day of each month is more usual than different days of one month.
    if min(days, months) == 1 < max(days, months):
        return bool(days == 1)
    return not bool(cells.str.contains("/", literal=True).any())
