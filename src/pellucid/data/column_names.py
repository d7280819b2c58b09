"""Columns as a user names them: exactly, several separated by commas, or with the wildcard `*`."""

from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

__all__ = ["columns_named", "same_names"]


def columns_named(
    named: Iterable[str], there: Collection[str], elsewhere: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the columns that are meant, each once.

    A name that a column has means this column, also if it contains commas or asterisks. Names that mean no
    column are returned, too, so that they can be reported.

    Parameters
    ----------
    named : iterable of str
        The names, as given.
    there : collection of str
        The columns that there are.
    elsewhere : collection of str
        Columns with another use, which a wildcard does not mean.

    Examples
    --------
    >>> columns_named(["id,x_*", "a,b"], ["id", "x_1", "x_2", "a,b", "y"])
    ('id', 'x_1', 'x_2', 'a,b')
    """
    found: list[str] = []
    for name in named:
        pieces = [] if name in there else [piece.strip() for piece in name.split(",") if piece.strip()]
        for piece in pieces or [name]:
            found += _matching(piece, there, elsewhere) or [piece]
    return tuple(dict.fromkeys(found))


def _matching(piece: str, there: Collection[str], elsewhere: Collection[str]) -> list[str]:
    if piece in there or "*" not in piece:
        return [piece]
    pattern = piece.replace("[", "[[]").replace("?", "[?]")  # only the asterisk is a wildcard
    return [column for column in there if column not in elsewhere and fnmatchcase(column, pattern)]


def same_names(missing: Iterable[str], there: Collection[str]) -> dict[str, str]:
    """Find missing columns whose names differ from others only in the blanks around them.

    CSV files are read without such blanks, data frames and Parquet files with them.

    Parameters
    ----------
    missing : iterable of str
        The names that are looked for.
    there : collection of str
        The columns that may be meant.

    Returns
    -------
    dict of str to str
        The column for each name for which there is exactly one.

    Examples
    --------
    >>> same_names(["size", "price", "sea "], [" size ", "price", " price", "sea"])
    {'size': ' size ', 'sea ': 'sea'}
    """
    found = {}
    for name in missing:
        alike = [column for column in there if column.strip() == name.strip()]
        if len(alike) == 1:
            found[name] = alike[0]
    return found
