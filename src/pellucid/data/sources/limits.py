"""How much a data file may hold: more than honest data do, less than would take all memory.

A few bytes can claim or unpack to any amount, so every reader asks here before it makes room.
"""

import os
from contextlib import suppress

from pellucid.errors import ConfigurationError, FormatError

__all__ = ["CELL_BYTES", "check_cells", "check_columns", "most_cells", "most_columns"]

# Higgs has 11 million rows of 29 columns, 319 million cells; as float64 these are 2.5 GB.
_CELLS = 500_000_000
# Gene expression has 60,000 columns; each takes about 13 kB in a data frame's expressions.
_COLUMNS = 100_000
# One-hot columns, nearly all of them zero, have some 150 cells for each byte of their file.
_CELLS_PER_BYTE = 200
# A data frame is there up to three times while it is made ready, in float64.
_MEMORY_PER_CELL = 24
_CELLS_OF_ANY_FILE = 10_000_000

# What holds text or wide items is counted in cells of this size.
CELL_BYTES = 8


def most_cells(file_size: int, *, frame: bool = False) -> int:
    """Return how many cells a file may hold.

    Parameters
    ----------
    file_size : int
        Its size in bytes. A small file that claims many cells was made to fill the memory.
    frame : bool
        Whether they become a data frame. Where memory runs out, Polars ends the process, NumPy does not.

    Returns
    -------
    int
        500 million, or fewer for a file of less than 2.5 MB and for a data frame that would not fit into
        memory. The environment variable ``PELLUCID_MAX_CELLS`` overrules all that.

    Raises
    ------
    ConfigurationError
        If that variable is not a whole number above 0.

    Examples
    --------
    >>> most_cells(1_000)
    10000000
    """
    said = _said("PELLUCID_MAX_CELLS")
    if said is not None:
        return said
    most = min(_CELLS, max(_CELLS_OF_ANY_FILE, _CELLS_PER_BYTE * file_size))
    return min(most, _memory() // _MEMORY_PER_CELL) if frame else most


def most_columns() -> int:
    """Return how many columns a table may have: 100,000, or ``PELLUCID_MAX_COLUMNS``.

    Raises
    ------
    ConfigurationError
        If that variable is not a whole number above 0.
    """
    said = _said("PELLUCID_MAX_COLUMNS")
    return _COLUMNS if said is None else said


def check_cells(n_cells: int, file_size: int, where: str, *, frame: bool = False) -> None:
    """Refuse more cells than a file of this size may hold; see `most_cells`.

    Raises
    ------
    FormatError
        If there are more, with the way to raise the limit.

    Examples
    --------
    >>> check_cells(10**12, 300, "data.npz")
    Traceback (most recent call last):
    pellucid.errors.FormatError: the file claims to hold more than can be read
      expected: at most 10,000,000 cells in a file of 300 bytes
      received: 1,000,000,000,000
      where: data.npz
      what to do: if the data really are that large, set the environment variable PELLUCID_MAX_CELLS
    """
    most = most_cells(file_size, frame=frame)
    if n_cells > most:
        raise FormatError(
            "the file claims to hold more than can be read",
            expected=f"at most {most:,} cells in a file of {file_size:,} bytes",
            received=f"{n_cells:,}",
            where=where,
            remedy="if the data really are that large, set the environment variable PELLUCID_MAX_CELLS",
        )


def check_columns(n_columns: int, where: str) -> None:
    """Refuse more columns than a table may have.

    Raises
    ------
    FormatError
        If there are more, with the way to raise the limit.
    """
    most = most_columns()
    if n_columns > most:
        raise FormatError(
            "the table has too many columns",
            expected=f"at most {most:,}",
            received=f"{n_columns:,}",
            where=where,
            remedy="if they are meant to be columns, set the environment variable PELLUCID_MAX_COLUMNS, "
            "or give an array, which is not limited",
        )


def _memory() -> int:
    """Return how many bytes a data frame may take: the machine's, or a part of what this process may."""
    sizes = [_CELLS * _MEMORY_PER_CELL]
    with suppress(AttributeError, ValueError, OSError):  # Windows does not tell
        sizes.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with suppress(ImportError):
        import resource  # POSIX only

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit != resource.RLIM_INFINITY:
            sizes.append(limit // 3)  # the packages take 1 to 2 GB of an address space
    return min(sizes)


def _said(variable: str) -> int | None:
    """Read a limit from the environment; None if it is not set."""
    said = os.environ.get(variable)
    if said is None:
        return None
    # isdecimal also takes other alphabets' digits, as int does; int refuses more than 4,300 of them.
    if not said.isdecimal() or len(said) > 18 or int(said) < 1:
        raise ConfigurationError(
            "a limit on the size of data cannot be used",
            expected="a whole number above 0, of at most 18 digits",
            received=said[:200],
            where=f"the environment variable {variable}",
        )
    return int(said)
