"""Whether None, NA, N/A or null in a target of words is a class or a missing value."""

from collections import Counter

import numpy as np
import polars as pl

from pellucid.data.cells.raw_targets import as_numbers
from pellucid.data.examples import Array

__all__ = ["NoneClass"]

# Spelled words that can mean something: no disorder, North America, not applicable.
_WORDS = ("none", "na", "n/a", "null")


class NoneClass:
    """The cells of a target that may be a class of their own or missing values.

    Parameters
    ----------
    target : array of objects, shape (n,)
        The target, with None in place of such cells and of all other marks of missing values.
    written : polars.Series
        The target column as it was written.

    Examples
    --------
    >>> written = pl.Series(["None", "mild", "None", "severe", ""])
    >>> cells = NoneClass(np.array([None, "mild", None, "severe", None], dtype=object), written)
    >>> cells.reason, cells.as_labels().tolist()
    ('as frequent as other classes', ['None', 'mild', 'None', 'severe', None])
    """

    def __init__(self, target: Array, written: pl.Series) -> None:
        self._target, self._written = target, written
        self._at = np.zeros(len(target), dtype=bool)
        if written.dtype == pl.String and target.dtype == object:
            found = written.str.to_lowercase().is_in(_WORDS).fill_null(False).to_numpy()
            if found.any() and as_numbers(target) is None:  # which takes long
                self._at = found

    @property
    def count(self) -> int:
        """Their number."""
        return int(self._at.sum())

    @property
    def word(self) -> str:
        """The most frequent spelling."""
        return str(Counter(self._written.filter(self._at).to_list()).most_common(1)[0][0])

    @property
    def reason(self) -> str | None:
        """Why they are a class; None if they seem to be missing values.

        Three of a thousand rows are missing values. A class is at least half as frequent as the most frequent
        other class, or the only other one.
        """
        if not self.count:
            return None
        others = Counter(value for value in self._target.tolist() if value is not None)
        if len(others) == 1:
            return "the only other class"
        return "as frequent as other classes" if 2 * self.count >= max(others.values()) else None

    def as_labels(self) -> Array:
        """Return the target with these cells as labels."""
        return np.where(self._at, np.array(self._written.to_list(), dtype=object), self._target)
