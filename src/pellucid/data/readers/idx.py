"""A folder with the four idx files of MNIST and similar data sets, plain or gzipped."""

import math
import struct
from collections.abc import Mapping
from io import BufferedReader
from pathlib import Path

import numpy as np

from pellucid.data.examples import Array
from pellucid.data.raw import RawData
from pellucid.data.readers.excerpt import excerpt
from pellucid.data.readers.limits import check_cells
from pellucid.data.readers.opening import open_file, size_of
from pellucid.errors import DataError, FormatError, MissingFileError

__all__ = ["FILES", "idx_files", "idx_folder", "read_idx"]

# The names of the four files, as published.
FILES: Mapping[str, str] = {
    "training images": "train-images-idx3-ubyte",
    "training labels": "train-labels-idx1-ubyte",
    "test images": "t10k-images-idx3-ubyte",
    "test labels": "t10k-labels-idx1-ubyte",
}
_AGAIN = "download or copy the file again"


def idx_folder(folder: Path, name: str | None = None) -> RawData:
    """Read a folder of four idx files, and keep their own split."""
    paths = {part: _find(folder, file) for part, file in FILES.items()}
    return idx_files(paths, name or folder.resolve().name)


def idx_files(paths: Mapping[str, Path], name: str) -> RawData:
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
    return RawData(
        name,
        rows.reshape(len(rows), -1),
        np.concatenate([labels["training"], labels["test"]]).astype(np.intp),
        target_name="label",
        train=np.arange(len(rows)) < n_train,
        image_shape=shape,
        scale=1 / 255,
        of_classes=True,
    )


def read_idx(path: Path, n_dimensions: int) -> Array:
    """Read one idx file of bytes.

    The format: two zero bytes, 8 for unsigned bytes, the number of dimensions, each dimension as a
    big-endian 32-bit number, then the bytes.
    """
    with open_file(path) as file:
        return _array(file, n_dimensions, size_of(file), path)


def _array(file: BufferedReader, n_dimensions: int, size: int, path: Path) -> Array:
    """Read the header, and then no more bytes than it claims."""
    magic = bytes([0, 0, 8, n_dimensions])
    start = file.read(4)
    if start != magic:
        raise FormatError(
            "the file does not start like an idx file with this number of dimensions",
            expected=f"the bytes {magic.hex(' ')} ({n_dimensions} dimensions of unsigned bytes)",
            received=start.hex(" ") or "an empty file",
            where=str(path),
        )
    lengths = file.read(4 * n_dimensions)
    head = len(magic) + len(lengths)
    if len(lengths) < 4 * n_dimensions:
        raise FormatError(
            "the file is truncated",
            expected=f"at least {4 + 4 * n_dimensions} bytes",
            received=f"{head} bytes",
            where=str(path),
            remedy=_AGAIN,
        )
    shape = struct.unpack(f">{n_dimensions}I", lengths)
    n = math.prod(shape)
    # NumPy refuses even an empty array if its other dimensions are huge.
    check_cells(math.prod(max(length, 1) for length in shape), size, str(path))
    pixels = file.read(n + 1)
    if len(pixels) != n:
        longer = len(pixels) > n
        raise FormatError(
            "the file is longer than its header says" if longer else "the file is truncated",
            expected=f"{head + n:,} bytes for {' x '.join(map(str, shape))}",
            received="more" if longer else f"{head + len(pixels):,} bytes",
            where=str(path),
            remedy=_AGAIN,
        )
    return np.frombuffer(pixels, dtype=np.uint8).reshape(shape)


def _find(folder: Path, file: str) -> Path:
    # Some copies are named train-images.idx3-ubyte.
    spellings = [file, file.replace("-idx", ".idx")]
    for candidate in (folder / f"{spelling}{ending}" for spelling in spellings for ending in ("", ".gz")):
        if candidate.is_file():
            return candidate
    raise MissingFileError(
        "one of the four idx files is missing",
        expected=f"{file}, plain or with .gz",
        received=_listing(folder),
        where=str(folder),
        remedy="put the four files of one data set into the folder, or give a single file",
    )


def _listing(folder: Path) -> str:
    names = sorted(entry.name for entry in folder.iterdir())
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return excerpt(", ".join(names[:8])) + more or "an empty folder"
