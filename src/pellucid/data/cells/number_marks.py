"""Marks for missing numbers, such as the . of SAS and Stata, or a dash."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pellucid.data.column_notes import ColumnNote

__all__ = ["Marked", "are_marks", "marked_note", "without_marks"]

# Punctuation alone, and the minus sign. Other symbols mean something: a plus, infinity, a tick.
_MARK = r"^[\p{P}−\s]+$"
_GLANCE = 100


@dataclass(frozen=True)
class Marked:
    """The marks in a column of numbers, each with the number of its rows."""

    name: str
    counts: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, column: pl.Series) -> "Marked":
        """Count the marks in a column of text.

        Examples
        --------
        >>> str(Marked.of(pl.Series("age", ["1", ".", ".", "-"])))
        "'.' in 2 rows, '-' in 1 row"
        """
        counts = column.filter(are_marks(column)).value_counts(name="n").rows()
        return cls(column.name, tuple(sorted(counts, key=lambda pair: (-pair[1], pair[0]))))

    def __str__(self) -> str:
        return ", ".join(f"{mark!r} in {count:,} row{'s' * (count > 1)}" for mark, count in self.counts[:3])


def are_marks(column: pl.Series) -> pl.Series:
    """Return which cells of text contain nothing but punctuation.

    Examples
    --------
    >>> are_marks(pl.Series([".", "--", "-1", "+", None])).to_list()
    [True, True, False, False, False]
    """
    return column.str.contains(_MARK).fill_null(False)


def without_marks(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of text that may be numbers with marks, with null in place of the marks.

    Examples
    --------
    >>> frame = pl.DataFrame({"a": ["1", "."], "b": ["x", "."], "c": ["1", "2"], "d": ["-", "--"]})
    >>> without_marks(frame).to_dict(as_series=False)
    {'a': ['1', None]}
    """
    found = []
    for column in frame.iter_columns():
        # The first cells suffice to tell most columns of words.
        glance = column.head(_GLANCE)
        if (glance.str.contains(r"\d") | are_marks(glance)).all():
            marks = are_marks(column)
            if marks.any() and column.null_count() + int(marks.sum()) < len(column):
                found.append(pl.select(pl.when(~marks).then(column)).to_series().alias(column.name))
    return pl.DataFrame(found)


def marked_note(found: Sequence[Marked]) -> list[str]:
    """Return a note on marks that are read as missing values; none if there are none.

    Examples
    --------
    >>> marked_note([Marked("age", ((".", 8),)), Marked("size", (("-", 1),))])
    ["read as missing: 'age' ('.' in 8 rows), 'size' ('-' in 1 row)"]
    """
    if not found:
        return []
    examples = ", ".join(f"{each.name!r} ({each})" for each in found[:5])
    more = f" and {len(found) - 5} more columns" if len(found) > 5 else ""
    return [
        ColumnNote(
            f"read as missing: {examples}{more}", {each.name: f"{each} read as missing" for each in found}
        )
    ]
