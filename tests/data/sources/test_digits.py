import numpy as np
from sklearn.datasets import load_digits

from pellucid.data.sources.digits import digits


def test_the_same_digits_as_bytes():
    raw, original = digits(), load_digits()
    assert raw.rows.dtype == np.uint8
    assert np.array_equal(raw.rows, original.data)
    assert np.array_equal(raw.target, original.target)
    assert (raw.image_shape, raw.scale) == ((8, 8), 1 / 16)
