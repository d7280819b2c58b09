"""The digits that come with scikit-learn: 1,797 real ones, 8 x 8 pixels of 0 to 16."""

import numpy as np

from pellucid.data.raw import RawData

__all__ = ["digits"]


def digits() -> RawData:
    """Give scikit-learn's handwritten digits (Alpaydin and Kaynak 1998, UCI).

    Examples
    --------
    >>> raw = digits()
    >>> len(raw), raw.image_shape, raw.rows.dtype
    (1797, (8, 8), dtype('uint8'))
    """
    from sklearn.datasets import load_digits  # takes half a second to import

    images, labels = load_digits(return_X_y=True)
    return RawData(
        "digits",
        images.astype(np.uint8),
        labels.astype(np.intp),
        target_name="digit",
        image_shape=(8, 8),
        scale=1 / 16,
    )
