"""Cells that hold all labels of an example: comedy;drama."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pellucid.data.examples import Array
from pellucid.data.raw import Place
from pellucid.data.raw_targets import MANY, short_list
from pellucid.data.yes_or_no import as_text
from pellucid.errors import DataError, did_you_mean

__all__ = ["SEPARATORS", "encode_cells", "find_separator", "separator_remarks", "split_cells"]

SEPARATORS = (";", "|")


def find_separator(column: Array) -> str:
    """Find what stands between the labels of the cells: ; or, where there is none of it, |."""
    texts = [as_text(value) for value in column.tolist()]
    return next((sign for sign in SEPARATORS if any(sign in text for text in texts)), SEPARATORS[0])


def split_cells(column: Array, separator: str, place: Place) -> list[list[str]]:
    """Read each cell as its labels; an empty one has none.

    Raises
    ------
    DataError
        When a cell is missing, which says nothing of its labels.

    Examples
    --------
    >>> split_cells(np.array(["comedy; drama", ""]), ";", str)
    [['comedy', 'drama'], []]
    """
    cells = []
    for row, value in enumerate(column.tolist()):
        if value is None:
            raise DataError(
                "a target is missing",
                expected="labels in every row, or an empty text for none",
                received="None",
                where=place(row),
            )
        pieces = (piece.strip() for piece in as_text(value).split(separator))
        cells.append([piece for piece in pieces if piece])
    return cells


def separator_remarks(column: Array, separator: str, names: Sequence[str]) -> list[str]:
    """Tell of labels that look like several, between which something else stands: notes for the user.

    Examples
    --------
    >>> separator_remarks(np.array(["comedy, drama", "drama"]), ";", ("comedy, drama", "drama"))
    ["a label with , in it, such as 'comedy, drama', is one label: only ; or | may stand between labels"]
    """
    used = any(separator in as_text(value) for value in column.tolist())
    # Where ; or | is used, a comma may well belong to a label.
    other = "|" if used else ","
    joined = [name for name in names if other in name]
    if not joined:
        return []
    why = f"{separator} stands between labels" if used else "only ; or | may stand between labels"
    return [f"a label with {other} in it, such as {joined[0]!r}, is one label: {why}"]


def encode_cells(column: Array, separator: str, names: Sequence[str], place: Place) -> NDArray[np.bool_]:
    """Turn cells into yes or no for each of the labels.

    Parameters
    ----------
    column : array of text, shape (n,)
    separator : str
    names : sequence of str
        The labels.
    place : callable
        Says where a row is found.

    Returns
    -------
    array of bool, shape (n, number of names)

    Raises
    ------
    DataError
        When a cell is missing, or holds a label that is none of the names.
    """
    known = {name: k for k, name in enumerate(names)}
    answers = np.zeros((len(column), len(names)), dtype=np.bool_)
    for row, cell in enumerate(split_cells(column, separator, place)):
        for label in cell:
            if label not in known:
                raise DataError(
                    "a label is none of those that are known",
                    expected=short_list(names),
                    received=repr(label),
                    where=place(row),
                    remedy=did_you_mean(label, names) if len(names) <= MANY else None,
                )
            answers[row, known[label]] = True
    return answers
