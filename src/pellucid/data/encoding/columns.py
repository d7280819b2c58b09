"""The encoding of columns: which kind each of them is."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.cells.dates import Dates, are_days, find_dates
from pellucid.data.cells.set_names import are_set_names
from pellucid.data.cells.text_cells import OR_DROP, is_number_column, is_yes_or_no, numbers_of
from pellucid.data.encoding.boolean_column import BooleanColumn
from pellucid.data.encoding.column_kind import rows
from pellucid.data.encoding.date_column import DateColumn, not_a_date
from pellucid.data.encoding.findings import Finding
from pellucid.data.encoding.number_column import NumberColumn
from pellucid.data.encoding.stored import restored
from pellucid.data.encoding.word_column import WordColumn
from pellucid.data.nested import contents
from pellucid.data.raw import Place

__all__ = ["Column", "column_from_dict", "fit_column"]

_GLANCE = 100

Column = NumberColumn | WordColumn | BooleanColumn | DateColumn
_KINDS: tuple[type[Column], ...] = (NumberColumn, WordColumn, BooleanColumn, DateColumn)


def column_from_dict(parts: Mapping[str, Any], where: str = "column") -> Column:
    """Rebuild a column from the result of its `to_dict`."""
    return restored(_KINDS, parts, where)


def fit_column(
    series: pl.Series, train: NDArray[np.intp], place: Place, *, are_words: bool = False
) -> tuple[Column | None, list[Finding]]:
    """Detect the type of a column from all of its cells, and fit to those of the training set.

    Return None for a column that is left out, and findings for the user. With `are_words`, text that looks
    like numbers or dates is not read as such.
    """
    if what := contents(series):
        return None, [Finding(series.name, f"left out, because the cells are {what}")]
    if _is_constant(series):
        return None, [_constant(series.name, series[0], "every row")]
    if is_yes_or_no(series):
        cells = series.gather(train)
        column = BooleanColumn.fit(cells)
        return (column, []) if column else (None, [_constant(series.name, cells[0])])
    labels: list[str] = []
    if not are_words and is_number_column(series, place, labels):
        numbers = numbers_of(series, place, OR_DROP)[train]
        if np.array_equal(numbers, np.full_like(numbers, numbers[0]), equal_nan=True):
            return None, [_constant(series.name, numbers[0])]
        return NumberColumn.fit(series.name, numbers), _note_days(series.name, numbers)
    if not are_words and (dates := find_dates(series)):
        return _fit_dates(series, dates, train, place)
    cells = series.gather(train)
    if _is_constant(cells):
        return None, [_constant(series.name, cells[0])]
    words, findings = WordColumn.fit(cells)
    if labels:
        findings = _note_label(words, findings, labels[0])
    if words is not None and are_set_names(words.categories):
        what = "names the training set and others; use it with --split-column, or drop it (--drop)"
        findings.append(Finding(series.name, what))
    return words, findings


def _is_constant(series: pl.Series) -> bool:
    """Return whether all cells are equal, or all missing."""
    # The first cells suffice to tell most columns.
    return all(cells.n_unique() == 1 for cells in (series.head(_GLANCE), series))


def _note_label(words: WordColumn | None, findings: list[Finding], label: str) -> list[Finding]:
    """Add a label that is the reason why a column of numbers is not numeric."""
    if words is None:
        return [replace(finding, detail=f"{finding.detail}, such as {label!r}") for finding in findings]
    what = (
        "categorical, because there are labels among the numbers; to have numbers, leave such cells empty, "
        "or name the labels with --missing (missing in Python)"
    )
    return [*findings, Finding(words.name, what, f"such as {label!r}")]


def _note_days(name: str, numbers: NDArray[np.float64]) -> list[Finding]:
    if not are_days(pl.Series(numbers, nan_to_null=True)):
        return []
    example = f"{numbers[~np.isnan(numbers)][0]:.0f}"
    written = f"{example[:4]}-{example[4:6]}-{example[6:]}"
    what = f"read as numbers, though they may be dates; to have them read as dates, write {written}"
    return [Finding(name, what, f"such as {example}")]


def _fit_dates(
    series: pl.Series, dates: Dates, train: NDArray[np.intp], place: Place
) -> tuple[DateColumn | None, list[Finding]]:
    unread = dates.moments.unread
    if unread.any():
        n_cells, n_others = len(series) - series.null_count(), int(unread.sum())
        known = f"as in {n_cells - n_others:,} of {n_cells:,} cells"
        raise not_a_date(series, unread.arg_max() or 0, place, known)
    column = DateColumn.fit(series, dates, train)
    if column is None:
        return None, [_constant(series.name, series[int(train[0])])]
    findings = [column.finding(series, dates)]
    n_void = int(dates.moments.absent.sum()) - series.null_count()
    if n_void:
        what = "the years 0, 1 and 9999 stand for a missing date"
        findings.append(Finding(series.name, what, f"in {rows(n_void)}"))
    return column, findings


def _constant(name: str, value: object, where: str = "every row of the training set") -> Finding:
    same = "the cell is empty" if value is None or value != value else "there is the same value"
    return Finding(name, f"left out, because {same} in {where}")
