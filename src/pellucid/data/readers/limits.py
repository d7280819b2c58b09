"""Limits on the size of data: above all real data, below what would exhaust the memory.

A few bytes can claim or unpack to any amount, so every reader checks these limits before it allocates memory.
"""

import os
from contextlib import suppress

from pellucid.errors import ConfigurationError, FormatError

__all__ = ["CELL_BYTES", "check_cells", "check_columns", "most_bytes", "most_cells", "most_columns"]

# Higgs has 11 million rows of 29 columns, 319 million cells; as float64 these are 2.5 GB.
_CELLS = 500_000_000
# Gene expression data have 60,000 columns; each takes about 13 kB in the expressions of a data frame.
_COLUMNS = 100_000
# One-hot columns, nearly all of them 0, have about 150 cells per byte of their file.
_CELLS_PER_BYTE = 200
# There are up to three copies of a data frame in float64 while it is prepared.
_MEMORY_PER_CELL = 24
_CELLS_OF_ANY_FILE = 10_000_000
# Text of one-hot columns packs to a hundredth; what packs better repeats itself.
_BYTES_PER_BYTE = 200
_UNPACKED = 4 << 30
_UNPACKED_OF_ANY_FILE = 64 << 20

# Text and wide items are counted in cells of this size.
CELL_BYTES = 8


def most_cells(file_size: int, *, frame: bool = False) -> int:
    """Return the maximum number of cells in a file, by its size in bytes.

    500 million, or fewer for a file of less than 2.5 MB, and for a data frame that would not fit into memory:
    when memory runs out, Polars ends the process. The environment variable ``PELLUCID_MAX_CELLS`` overrides
    both.

    Examples
    --------
    >>> most_cells(1_000)
    10000000
    """
    given = _from_environment("PELLUCID_MAX_CELLS")
    if given is not None:
        return given
    most = min(_CELLS, max(_CELLS_OF_ANY_FILE, _CELLS_PER_BYTE * file_size))
    return min(most, _memory() // _MEMORY_PER_CELL) if frame else most


def most_bytes(packed_size: int) -> int:
    """Return the maximum size of a compressed file when unpacked, by its own size; both in bytes.

    200 times its own size, but at least 64 MiB and at most 4 GiB or a quarter of the memory; the size of a
    pipe is not known and counts as 0. The environment variable ``PELLUCID_MAX_UNPACKED`` overrides it.

    Examples
    --------
    >>> most_bytes(1_000)
    67108864
    """
    given = _from_environment("PELLUCID_MAX_UNPACKED")
    if given is not None:
        return given
    most = max(_UNPACKED_OF_ANY_FILE, _BYTES_PER_BYTE * packed_size)
    return min(most, _UNPACKED, _memory() // 4)


def most_columns() -> int:
    """Return the maximum number of columns of a table: 100,000, or ``PELLUCID_MAX_COLUMNS``."""
    given = _from_environment("PELLUCID_MAX_COLUMNS")
    return _COLUMNS if given is None else given


def check_cells(n_cells: int, file_size: int, where: str, *, frame: bool = False) -> None:
    """Check the number of cells in a file of a given size; see `most_cells`.

    Examples
    --------
    >>> check_cells(10**12, 300, "data.npz")
    Traceback (most recent call last):
    pellucid.errors.FormatError: the file claims to contain too many cells
      expected: at most 10,000,000 cells in a file of 300 bytes
      received: 1,000,000,000,000
      where: data.npz
      what to do: if the data really are that large, set the environment variable PELLUCID_MAX_CELLS
    """
    most = most_cells(file_size, frame=frame)
    if n_cells > most:
        raise FormatError(
            "the file claims to contain too many cells",
            expected=f"at most {most:,} cells in a file of {file_size:,} bytes",
            received=f"{n_cells:,}",
            where=where,
            remedy="if the data really are that large, set the environment variable PELLUCID_MAX_CELLS",
        )


def check_columns(n_columns: int, where: str) -> None:
    """Check the number of columns of a table."""
    most = most_columns()
    if n_columns > most:
        raise FormatError(
            "the table has too many columns",
            expected=f"at most {most:,}",
            received=f"{n_columns:,}",
            where=where,
            remedy="if there really are that many, set the environment variable PELLUCID_MAX_COLUMNS, "
            "or pass an array, which is not limited",
        )


def _memory() -> int:
    """Return the memory available to data frames in bytes: the machine's, or a part of the process limit."""
    sizes = [_CELLS * _MEMORY_PER_CELL]
    with suppress(AttributeError, ValueError, OSError):  # not available on Windows
        sizes.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with suppress(ImportError):
        import resource  # POSIX only

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit != resource.RLIM_INFINITY:
            sizes.append(limit // 3)  # the packages take 1 to 2 GB of address space
    return min(sizes)


def _from_environment(variable: str) -> int | None:
    """Read a limit from the environment; None if it is not set."""
    value = os.environ.get(variable)
    if value is None:
        return None
    # isdecimal accepts the digits of all alphabets, as int does; int refuses more than 4,300 of them.
    if not value.isdecimal() or len(value) > 18 or int(value) < 1:
        raise ConfigurationError(
            "invalid limit on the size of data",
            expected="a whole number above 0, of at most 18 digits",
            received=value[:200],
            where=f"the environment variable {variable}",
        )
    return int(value)
