"""An array in NumPy's file format: claims are checked before memory is allocated, nothing is unpickled."""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import IO, Any

import numpy as np

from pellucid.data.examples import Array
from pellucid.data.readers.limits import CELL_BYTES, check_cells

__all__ = ["checked_array"]

_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
    # It differs only in the encoding of the names of fields, which do not matter for the size.
    (3, 0): np.lib.format.read_array_header_2_0,
}


def checked_array(
    open_again: Callable[[], AbstractContextManager[IO[bytes]]], size: int, where: str
) -> Array:
    """Read one array, after checking the size that its header claims.

    Parameters
    ----------
    open_again : callable
        Opens the array's file at its beginning; called twice.
    size : int
        The size of the file on disk in bytes.
    where : str
        Its place in words.

    Raises
    ------
    FormatError
        If it claims too much.
    Exception
        Of many types, by NumPy, if it is damaged.
    """
    with open_again() as file:
        shape, dtype = _header(file)
    if dtype.hasobject:
        raise ValueError("pickled objects")
    if any(length < 0 for length in shape):
        raise ValueError(f"an array of shape {shape}")
    n = math.prod(shape)
    check_cells(max(n, n * dtype.itemsize // CELL_BYTES), size, where)
    with open_again() as file:
        array: Array = np.lib.format.read_array(file, allow_pickle=False)
        if file.read(1):  # reading to the end also verifies the checksum of a zip file
            raise ValueError(f"{where} is longer than its header says")
    if dtype.kind == "U":
        "".join(array.ravel().tolist()).encode()  # fails if it is not valid text
    return array


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], "np.dtype[Any]"]:
    version = np.lib.format.read_magic(file)
    if version not in _HEADERS:
        raise ValueError(f"an array in version {version} of the format")
    shape, _, dtype = _HEADERS[version](file)
    return shape, dtype
