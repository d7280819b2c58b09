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
        for part in ("train", "test"):
            check_lengths(len(found[f"x_{part}"]), len(found[f"y_{part}"]), f"the {part} part of {path.name}")
        if found["x_train"].shape[1:] != found["x_test"].shape[1:]:
            raise DataError(
                "the rows of x_train and x_test differ in shape",
                expected=f"shape {found['x_train'].shape[1:]} as in x_train",
                received=f"{found['x_test'].shape[1:]} in x_test",
                where=str(path),
            )
        x = np.concatenate([found["x_train"], found["x_test"]])
        y = np.concatenate([found["y_train"], found["y_test"]])
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


def _read(path: Path) -> dict[str, Array]:
    try:
        with np.load(path, allow_pickle=False) as file:
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise ValueError("a single array")
            return {name[:1].lower() + name[1:]: file[name] for name in file.files}
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise FormatError(
            "the file is no .npz file of plain arrays",
            expected="arrays saved with numpy.savez, without pickled objects",
            received=str(error).splitlines()[0] if str(error) else type(error).__name__,
            where=str(path),
        ) from None
