"""NumPy's .npz files: x and y, or both parts of a split."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from pellucid.data.examples import Array
from pellucid.data.raw import RawData
from pellucid.data.sources.arrays import arrays, check_lengths
from pellucid.errors import DataError, FormatError

__all__ = ["npz"]


def npz(path: Path, require_target: bool = True) -> RawData:
    """Read an .npz file with the arrays x and y, or x_train, y_train, x_test and y_test.

    Parameters
    ----------
    path : Path
        The file. Capital X is read as x.
    require_target : bool
        Whether y must be there.

    Raises
    ------
    FormatError
        When it is no .npz file, or has other arrays or pickled objects in it.
    DataError
        When x and y do not go together.
    """
    found = _read(path)
    if require_target and {"x_train", "y_train", "x_test", "y_test"} <= found.keys():
        x, y = (_joined(found[f"{name}_train"], found[f"{name}_test"], name, path) for name in "xy")
        for key, part in (("train", "training"), ("test", "test")):
            check_lengths(len(found[f"x_{key}"]), len(found[f"y_{key}"]), f"the {part} part of {path.name}")
        raw = arrays(x, y, path.name)
        raw.train = np.arange(len(x)) < len(found["x_train"])
        return raw
    if "x" not in found or (require_target and "y" not in found):
        raise FormatError(
            "the file's arrays are not named as expected",
            expected="x and y, or x_train, y_train, x_test and y_test",
            received=", ".join(sorted(found)) or "no arrays",
            where=str(path),
        )
    return arrays(found["x"], found.get("y"), path.name)


def _joined(train: Array, test: Array, name: str, path: Path) -> Array:
    if train.ndim == 0 or train.shape[1:] != test.shape[1:] or train.ndim != test.ndim:
        raise DataError(
            f"the rows of {name}_train and {name}_test differ in shape",
            expected="the same shape after the first dimension",
            received=f"{train.shape} and {test.shape}",
            where=str(path),
        )
    return np.concatenate([train, test])


def _read(path: Path) -> dict[str, Array]:
    with path.open("rb") as beginning:
        zipped = zipfile.is_zipfile(beginning)
    try:
        if not zipped:
            raise ValueError("no zip archive, or one that is cut short")
        with np.load(path, allow_pickle=False) as file:
            return {name[:1].lower() + name[1:]: file[name] for name in file.files}
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise FormatError(
            "the file is no .npz file of plain arrays",
            expected="arrays saved with numpy.savez, without pickled objects",
            # NumPy's own text advises to allow pickles, which run whatever code is in them.
            received="pickled objects" if "pickle" in str(error) else str(error) or type(error).__name__,
            where=str(path),
        ) from None
