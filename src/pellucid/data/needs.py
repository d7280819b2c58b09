"""The requirements on data, and what a model knows of them."""

from dataclasses import dataclass

__all__ = ["Known", "Needs"]


@dataclass(frozen=True)
class Known:
    """What a model knows of the columns of its data, where other data do not say it.

    Parameters
    ----------
    words : tuple of str
        The columns of words, even if all cells are like 12 %.
    n_columns : int, optional
        The number of columns of an array, of which sparse rows in a file may lack the last ones.
    """

    words: tuple[str, ...] = ()
    n_columns: int | None = None


@dataclass(frozen=True)
class Needs:
    """The requirements on data.

    Parameters
    ----------
    target : bool
        Whether there must be targets. If not, no column is the target unless it is named, and rows without a
        target stay.
    columns : bool
        Whether the other named columns must be there. Data for a model may lack them.
    patterns : bool
        Whether columns to drop may be lists and patterns. Those of a model are the names of columns.
    download : bool
        Whether built-in data may be downloaded.
    sheets : bool
        Whether a sheet that is named must be there. Data for a model that was trained on one may have none.
    known : Known
        What a model knows of the columns.
    """

    target: bool = True
    columns: bool = True
    patterns: bool = True
    download: bool = True
    sheets: bool = True
    known: Known = Known()
