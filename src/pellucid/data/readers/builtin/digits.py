"""The digits of scikit-learn: 1,797 images of 8 x 8 pixels from 0 to 16."""

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from pellucid.data.examples import Array
from pellucid.data.raw import RawData

__all__ = ["digits"]


def digits() -> RawData:
    """Return scikit-learn's handwritten digits (Alpaydin and Kaynak 1998, UCI).

    Examples
    --------
    >>> raw = digits()
    >>> len(raw), raw.image_shape, raw.rows.dtype
    (1797, (8, 8), dtype('uint8'))
    """
    numbers = _numbers()
    return RawData(
        "digits",
        numbers[:, :-1].astype(np.uint8),
        numbers[:, -1].astype(np.intp),
        target_name="digit",
        image_shape=(8, 8),
        scale=1 / 16,
    )


def _numbers() -> Array:
    """Read pixels and labels from the file, because importing scikit-learn takes a second."""
    package = find_spec("sklearn")
    if package is not None and package.origin is not None:
        path = Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"
        if path.is_file():
            with gzip.open(path, "rt", encoding="ascii") as file:
                return np.loadtxt(file, delimiter=",")
    from sklearn.datasets import load_digits  # for a scikit-learn that stores its data elsewhere

    return np.column_stack(load_digits(return_X_y=True))
