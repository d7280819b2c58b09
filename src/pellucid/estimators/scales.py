"""A warning about columns of very different scales: the commonest reason why a network learns badly."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from pellucid.data.sparse_rows import is_sparse
from pellucid.errors import PellucidWarning

__all__ = ["warn_of_scales"]

# How many times as large the numbers of a column may be as those of another.
_MOST = 100
_NAMED = 3


def warn_of_scales(X: Any, names: Sequence[str] | None = None) -> None:
    """Warn if the largest number of a column is a hundred times that of another.

    Parameters
    ----------
    X : array, shape (n, n_features)
        Sparse matrices are not looked at: their columns are usually counts.
    names : sequence of str, optional
        Those of the columns.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     warn_of_scales(np.array([[1.0, 20_000.0], [2.0, 40_000.0]]), ["rooms", "price"])
    >>> str(caught[0].message)[:77]
    "the columns have very different scales: 'price' up to 4e+04, 'rooms' up to 2;"
    """
    if is_sparse(X):
        return
    sizes = np.maximum(X.max(axis=0), -X.min(axis=0))
    known = np.flatnonzero(sizes)
    if len(known) < 2 or sizes[known].max() <= _MOST * sizes[known].min():
        return
    order = known[np.argsort(-sizes[known], kind="stable")]
    large = [place for place in order[:_NAMED] if sizes[place] > _MOST * sizes[order[-1]]]
    said = [f"{_name(place, names)} up to {sizes[place]:.3g}" for place in (*large, order[-1])]
    warnings.warn(
        f"the columns have very different scales: {', '.join(said)}; a network learns little from the small "
        "ones: standardise them first, with make_pipeline(StandardScaler(), ...)",
        PellucidWarning,
        stacklevel=2,
    )


def _name(place: int, names: Sequence[str] | None) -> str:
    return f"column {place}" if names is None else repr(str(names[place]))
