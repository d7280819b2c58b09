"""Rows that appear more than once, above all those of a test set that are also trained on."""

from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pellucid.data.encoding.encoding import Encoding
from pellucid.data.encoding.inputs import ColumnInputs
from pellucid.data.examples import Array
from pellucid.data.raw import RawData
from pellucid.data.sparse_rows import SparseRows

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Codes", "Types", "n_repeated", "n_seen", "row_codes", "seen_notes", "types_of"]

Codes = NDArray[np.int64]
Types: TypeAlias = "np.dtype[Any] | Mapping[str, pl.DataType] | None"

# The share of a set from which on rows that are also trained on are noted: for a set that the user made, and
# for one that was drawn, where a few are in any data.
_GIVEN, _DRAWN = 0.01, 0.05
_LEAST_DRAWN = 5

# Rows that are hashed at a time.
_BLOCK = 1 << 16


def types_of(raw: RawData) -> Types:
    """Return the types of the columns, for `row_codes`."""
    if isinstance(raw.rows, SparseRows):
        return None
    return raw.rows.dtype if isinstance(raw.rows, np.ndarray) else raw.rows.schema


def row_codes(raw: RawData, targets: Array, encoding: Encoding, types: Types = None) -> Codes:
    """Return a number for each row, the same for rows with the same features and target.

    Columns that only number the rows do not count.

    Parameters
    ----------
    raw : RawData
    targets : array
        The encoded targets.
    encoding : Encoding
    types : dtype or mapping of str to polars type, optional
        The types of other data whose rows they are compared with.

    Examples
    --------
    >>> from pellucid.data import load_data
    >>> raw = RawData("three", np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]]))
    >>> one, other, third = row_codes(raw, np.array([0, 1, 0]), load_data("digits").encoding).tolist()
    >>> one == third, one == other
    (True, False)
    """
    columns = np.ascontiguousarray(targets.reshape(len(raw), -1))
    if isinstance(raw.rows, SparseRows):
        rows, starts = raw.rows, raw.rows.starts.tolist()
        parts = [slice(start, end) for start, end in pairwise(starts)]
        cells = ((rows.columns[part].tobytes(), rows.values[part].tobytes()) for part in parts)
    elif isinstance(raw.rows, np.ndarray):
        kind = types if isinstance(types, np.dtype) else raw.rows.dtype
        cells = ((row.tobytes(), b"") for row in raw.rows.astype(kind, copy=False))
    else:
        schema = types if isinstance(types, Mapping) else raw.rows.schema
        return _frame_codes(raw.rows, columns, encoding, schema)
    pairs = zip(cells, columns, strict=True)
    return np.fromiter((hash((*row, target.tobytes())) for row, target in pairs), np.int64, len(raw))


def _frame_codes(
    frame: "pl.DataFrame", targets: Array, encoding: Encoding, types: "Mapping[str, pl.DataType]"
) -> Codes:
    import polars as pl  # takes 0.1 s to import

    used = set(encoding.inputs.widths)
    if isinstance(encoding.inputs, ColumnInputs):
        # Of the columns left out, names tell rows apart, and numbers only count them.
        kept = [name for name in types if name in used or types[name] == pl.String]
    else:
        kept = list(types)
    there = set(frame.columns)
    cells = frame.select(pl.col(name).cast(types[name], strict=False) for name in kept if name in there)
    answers = pl.from_numpy(targets, schema=[f"\0{index}" for index in range(targets.shape[1])])
    rows, codes = cells.hstack(answers), np.empty(len(frame), np.uint64)
    # The hashes of all rows at once would take as much memory as the rows.
    for first in range(0, len(rows), _BLOCK):
        codes[first : first + _BLOCK] = rows[first : first + _BLOCK].hash_rows().to_numpy()
    return codes.view(np.int64)


def n_repeated(codes: Codes) -> int:
    """Return the number of rows that are the same as an earlier one.

    Examples
    --------
    >>> n_repeated(np.array([7, 3, 7, 7]))
    2
    """
    ordered = np.sort(codes)  # ten times as fast as np.unique
    return int((ordered[1:] == ordered[:-1]).sum())


def n_seen(codes: Codes, train: Codes) -> int:
    """Return the number of rows that are also in the training set.

    Examples
    --------
    >>> n_seen(np.array([7, 3, 7]), np.array([5, 7]))
    2
    """
    known, sought = np.sort(train), np.sort(codes)
    places = np.minimum(np.searchsorted(known, sought), len(known) - 1)
    return int((known[places] == sought).sum())


def seen_notes(
    seen: Mapping[str, int], sizes: Mapping[str, int], given: Collection[str], n_possible: float
) -> list[str]:
    """Note rows of the test and the validation set that are also in the training set, if there are many.

    Parameters
    ----------
    seen : mapping of str to int
        How many there are, by set.
    sizes : mapping of str to int
        The number of rows of each set.
    given : collection of str
        The sets that were not drawn at random.
    n_possible : float
        The number of different rows that the values of the columns allow. If it is small, rows recur by
        chance.

    Examples
    --------
    >>> seen_notes({"test": 12}, {"train": 160, "test": 40}, ["test"], 1e9)
    ['12 of 40 test rows are also among the training rows, inputs and target, so the test figures flatter the
      network']
    """
    notes = []
    for part, count in seen.items():
        enough = count >= _GIVEN * sizes[part] if part in given else count >= _DRAWN * sizes[part]
        by_chance = sizes[part] * sizes["train"] / n_possible
        if not enough or count <= by_chance:
            continue
        note = (
            f"{count:,} of {sizes[part]:,} {part} rows are also among the training rows, inputs and target, "
            f"so the {part} figures flatter the network"
        )
        if part in given:
            notes.append(note)
        elif count >= _LEAST_DRAWN:
            notes.append(f"{note}; remove repeated rows, or keep them in one set with a split column")
    return notes
