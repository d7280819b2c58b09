import gzip
import struct

import numpy as np
import pytest

from pellucid.data.readers.idx_names import FILES


@pytest.fixture
def written(tmp_path):
    """Write a file and give its path."""

    def write(content, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def idx_bytes(array):
    """The idx format by its definition, independent of the reader."""
    return (
        struct.pack(">BBBB", 0, 0, 8, array.ndim)
        + struct.pack(f">{array.ndim}I", *array.shape)
        + array.tobytes()
    )


@pytest.fixture
def idx_parts():
    """Six training and four test images of 2 x 3 pixels, two classes."""
    train = np.arange(36, dtype=np.uint8).reshape(6, 2, 3)
    test = np.arange(100, 124, dtype=np.uint8).reshape(4, 2, 3)
    return {
        "training images": idx_bytes(train),
        "training labels": idx_bytes(np.array([0, 1, 0, 1, 0, 1], np.uint8)),
        "test images": idx_bytes(test),
        "test labels": idx_bytes(np.array([1, 0, 1, 0], np.uint8)),
    }


@pytest.fixture
def idx_folder_of(tmp_path):
    """Write parts into a folder, gzipped or plain; a part of None is left out."""

    def write(parts, gzipped=False):
        for part, content in parts.items():
            if content is not None:
                name = FILES[part] + (".gz" if gzipped else "")
                (tmp_path / name).write_bytes(gzip.compress(content) if gzipped else content)
        return tmp_path

    return write
