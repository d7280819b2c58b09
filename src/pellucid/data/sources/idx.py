"""A folder with the four idx files that MNIST and its kin are published as, plain or gzipped."""

import gzip
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from pellucid.data.examples import Array
from pellucid.data.raw import RawData
from pellucid.errors import DataError, FormatError, MissingFileError

__all__ = ["FILES", "idx_folder", "read_idx"]

# The four parts' names, as published.
FILES: Mapping[str, str] = {
    "training images": "train-images-idx3-ubyte",
    "training labels": "train-labels-idx1-ubyte",
    "test images": "t10k-images-idx3-ubyte",
    "test labels": "t10k-labels-idx1-ubyte",
}


def idx_folder(folder: Path, name: str | None = None) -> RawData:
    """Read a folder of four idx files; their own split is kept.

    Parameters
    ----------
    folder : Path
        Where the files lie, plain or with .gz.
    name : str, optional
        What to call the data; the folder's name unless said.

    Raises
    ------
    MissingFileError
        When one of the four is not there.
    FormatError
        When one is cut short, corrupt or something else.
    DataError
        When images and labels differ in number, or training and test images in size.
    """
    paths = {part: _find(folder, file) for part, file in FILES.items()}
    images = {part: read_idx(paths[f"{part} images"], 3) for part in ("training", "test")}
    labels = {part: read_idx(paths[f"{part} labels"], 1) for part in ("training", "test")}
    for part in images:
        if len(images[part]) != len(labels[part]):
            raise DataError(
                f"{part} images and labels differ in number",
                expected=f"{len(images[part]):,} labels, one an image",
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
        name or folder.resolve().name,
        rows.reshape(len(rows), -1),
        np.concatenate([labels["training"], labels["test"]]).astype(np.intp),
        target_name="label",
        train=np.arange(len(rows)) < n_train,
        image_shape=shape,
        scale=1 / 255,
    )


def read_idx(path: Path, n_dimensions: int) -> Array:
    """Read one idx file of bytes.

    The format: two zero bytes, 8 for unsigned bytes, the number of dimensions, each dimension as a
    big-endian 32-bit number, then the bytes.

    Parameters
    ----------
    path : Path
        A plain file, or a gzipped one with .gz.
    n_dimensions : int
        3 for images, 1 for labels.

    Returns
    -------
    array of uint8, read-only

    Raises
    ------
    FormatError
        When it is cut short, too long, corrupt, or has another magic number.
    """
    content = _content(path)
    magic = bytes([0, 0, 8, n_dimensions])
    if content[:4] != magic:
        raise FormatError(
            "the file does not begin as an idx file of this kind",
            expected=f"the bytes {magic.hex(' ')} ({n_dimensions} dimensions of unsigned bytes)",
            received=content[:4].hex(" ") or "an empty file",
            where=str(path),
        )
    start = 4 + 4 * n_dimensions
    shape = tuple(
        int(size) for size in np.frombuffer(content[4:start], dtype=">u4", count=(len(content[4:start])) // 4)
    )
    expected = start + int(np.prod(shape, dtype=object))
    if len(shape) < n_dimensions or len(content) != expected:
        longer = len(shape) == n_dimensions and len(content) > expected
        raise FormatError(
            "the file is longer than its header says" if longer else "the file is cut short",
            expected=f"{expected:,} bytes for {' x '.join(map(str, shape))}"
            if shape
            else f"at least {start} bytes",
            received=f"{len(content):,} bytes",
            where=str(path),
            remedy="download or copy the file again",
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)


def _find(folder: Path, file: str) -> Path:
    # Some copies are named train-images.idx3-ubyte.
    spellings = [file, file.replace("-idx", ".idx")]
    for candidate in (folder / f"{spelling}{ending}" for spelling in spellings for ending in ("", ".gz")):
        if candidate.is_file():
            return candidate
    raise MissingFileError(
        "one of the four idx files is not there",
        expected=f"{file}, plain or with .gz",
        received=_listing(folder),
        where=str(folder),
        remedy="put the four files of one data set in the folder, or name a single file",
    )


def _listing(folder: Path) -> str:
    names = sorted(entry.name for entry in folder.iterdir())
    return (
        ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "") or "an empty folder"
    )


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix != ".gz":
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise FormatError(
            "the gzip file is corrupt or cut short",
            expected="a complete gzip file",
            received=str(error),
            where=str(path),
            remedy="download or copy the file again",
        ) from None
