"""A folder with the four idx files of MNIST and similar data sets, plain or compressed."""

import math
import struct
from collections.abc import Mapping
from io import BufferedReader
from pathlib import Path

import numpy as np

from pellucid.data.cells.arrays import check_finite
from pellucid.data.examples import Array
from pellucid.data.raw import RawData
from pellucid.data.readers.idx_names import FILES, find_set
from pellucid.data.readers.limits import check_cells
from pellucid.data.readers.opening import open_file, size_of
from pellucid.errors import DataError, FormatError

__all__ = ["FILES", "idx_files", "idx_folder", "read_idx"]

# The kinds of numbers, by their bytes in the header.
_KINDS: Mapping[int, str] = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_AGAIN = "download or copy the file again"


def idx_folder(folder: Path, name: str | None = None) -> RawData:
    """Read a folder of four idx files, or one of several sets in it, and keep their own split."""
    paths, prefix, notes = find_set(folder)
    upright = prefix.lower().startswith("emnist")
    raw = idx_files(paths, name or folder.resolve().name, transposed=upright)
    raw.notes += notes
    if upright:
        raw.notes.append("the images of EMNIST are stored transposed; they are turned upright")
    return raw


def idx_files(paths: Mapping[str, Path], name: str, *, transposed: bool = False) -> RawData:
    """Read four idx files, given by their contents as in `FILES`."""
    images = {part: read_idx(paths[f"{part} images"], 3) for part in ("training", "test")}
    labels = {part: read_idx(paths[f"{part} labels"], 1) for part in ("training", "test")}
    for part in images:
        if len(images[part]) != len(labels[part]):
            raise DataError(
                f"{part} images and labels differ in number",
                expected=f"{len(images[part]):,} labels, one per image",
                received=f"{len(labels[part]):,}",
                where=str(paths[f"{part} labels"]),
            )
        if images[part].size == 0:
            raise DataError(
                f"there are no {part} images",
                expected="at least one",
                received=f"shape {images[part].shape}",
                where=str(paths[f"{part} images"]),
            )
    shape = images["training"].shape[1:]
    if images["test"].shape[1:] != shape:
        raise DataError(
            "training and test images differ in size",
            expected=f"{shape[0]} x {shape[1]} pixels as in training",
            received=f"{images['test'].shape[1]} x {images['test'].shape[2]}",
            where=str(paths["test images"]),
        )
    n_train = len(images["training"])
    rows = np.concatenate([images["training"], images["test"]])
    targets = np.concatenate([labels["training"], labels["test"]])
    if rows.dtype.kind == "f":
        check_finite(rows, "the images")
    if transposed:
        rows, shape = rows.transpose(0, 2, 1), shape[::-1]
    return RawData(
        name,
        rows.reshape(len(rows), -1),
        targets if targets.dtype.kind == "f" else targets.astype(np.intp),
        target_name="label",
        train=np.arange(len(rows)) < n_train,
        image_shape=shape,
        scale=1 / 255 if rows.dtype == np.uint8 else None,
        of_classes=targets.dtype.kind != "f",
    )


def read_idx(path: Path, n_dimensions: int) -> Array:
    """Read one idx file.

    The format: two zero bytes, the kind of numbers, the number of dimensions, each dimension as a
    big-endian 32-bit number, then the numbers, big-endian.
    """
    with open_file(path) as file:
        return _array(file, n_dimensions, size_of(file), path)


def _array(file: BufferedReader, n_dimensions: int, size: int, path: Path) -> Array:
    """Read the header, and then no more bytes than it claims."""
    start = file.read(4)
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in _KINDS or start[3] != n_dimensions:
        raise FormatError(
            "the file does not start like an idx file with this number of dimensions",
            expected=f"the bytes 00 00 08 {n_dimensions:02x} ({n_dimensions} dimensions of unsigned bytes), "
            "or one of 09, 0b, 0c, 0d and 0e in place of 08",
            received=start.hex(" ") or "an empty file",
            where=str(path),
        )
    lengths = file.read(4 * n_dimensions)
    head = len(start) + len(lengths)
    if len(lengths) < 4 * n_dimensions:
        raise FormatError(
            "the file is truncated",
            expected=f"at least {4 + 4 * n_dimensions} bytes",
            received=f"{head} bytes",
            where=str(path),
            remedy=_AGAIN,
        )
    shape = struct.unpack(f">{n_dimensions}I", lengths)
    dtype = np.dtype(_KINDS[start[2]])
    # NumPy refuses even an empty array if its other dimensions are huge.
    check_cells(math.prod(max(length, 1) for length in shape), size, str(path))
    n = math.prod(shape) * dtype.itemsize
    numbers = file.read(n + 1)
    if len(numbers) != n:
        longer = len(numbers) > n
        raise FormatError(
            "the file is longer than its header says" if longer else "the file is truncated",
            expected=f"{head + n:,} bytes for {' x '.join(map(str, shape))}",
            received="more" if longer else f"{head + len(numbers):,} bytes",
            where=str(path),
            remedy=_AGAIN,
        )
    return np.frombuffer(numbers, dtype).astype(dtype.newbyteorder("="), copy=False).reshape(shape)
