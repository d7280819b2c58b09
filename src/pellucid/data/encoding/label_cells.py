"""Cells that contain all labels of an example: comedy;drama."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pellucid.data.cells.raw_targets import MANY, missing_target, short_list
from pellucid.data.cells.yes_or_no import as_text
from pellucid.data.examples import Array
from pellucid.data.raw import Place
from pellucid.errors import DataError, did_you_mean

__all__ = ["SEPARATORS", "encode_cells", "find_separator", "separator_notes", "split_cells"]

SEPARATORS = (";", "|")


def find_separator(column: Array) -> str:
    """Find the separator of the labels: ; if it occurs, or else |."""
    texts = [as_text(value) for value in column.tolist()]
    return next((sign for sign in SEPARATORS if any(sign in text for text in texts)), SEPARATORS[0])


def split_cells(column: Array, separator: str, place: Place) -> list[list[str]]:
    """Split each cell into its labels; an empty cell has none.

    Examples
    --------
    >>> split_cells(np.array(["comedy; drama", ""]), ";", str)
    [['comedy', 'drama'], []]
    """
    cells = []
    for row, value in enumerate(column.tolist()):
        if value is None:
            raise missing_target("labels in every row, or an empty string for none", place(row), "None")
        pieces = (piece.strip() for piece in as_text(value).split(separator))
        cells.append([piece for piece in pieces if piece])
    return cells


def separator_notes(column: Array, separator: str, names: Sequence[str]) -> list[str]:
    """Return notes on labels that look like several labels with another separator.

    Examples
    --------
    >>> separator_notes(np.array(["comedy, drama", "drama"]), ";", ("comedy, drama", "drama"))
    ["a label with , in it, such as 'comedy, drama', is one label: labels are separated by ; or |"]
    """
    used = any(separator in as_text(value) for value in column.tolist())
    # If ; or | is used, a comma may well belong to a label.
    other = "|" if used else ","
    joined = [name for name in names if other in name]
    if not joined:
        return []
    signs = separator if used else "; or |"
    return [
        f"a label with {other} in it, such as {joined[0]!r}, is one label: labels are separated by {signs}"
    ]


def encode_cells(column: Array, separator: str, names: Sequence[str], place: Place) -> NDArray[np.bool_]:
    """Encode cells as True or False for each label."""
    known = {name: k for k, name in enumerate(names)}
    answers = np.zeros((len(column), len(names)), dtype=np.bool_)
    for row, cell in enumerate(split_cells(column, separator, place)):
        for label in cell:
            if label not in known:
                raise DataError(
                    "unknown label",
                    expected=short_list(names),
                    received=repr(label),
                    where=place(row),
                    remedy=did_you_mean(label, names) if len(names) <= MANY else None,
                )
            answers[row, known[label]] = True
    return answers
