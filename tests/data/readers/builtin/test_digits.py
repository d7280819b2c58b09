import numpy as np
from sklearn.datasets import load_digits

from pellucid.data.readers.builtin.digits import digits


def test_the_same_digits_as_bytes():
    raw, original = digits(), load_digits()
    assert raw.rows.dtype == np.uint8
    assert np.array_equal(raw.rows, original.data)
    assert np.array_equal(raw.target, original.target)
    assert (raw.image_shape, raw.scale) == ((8, 8), 1 / 16)


def test_where_the_file_has_moved_scikit_learn_is_asked(monkeypatch):
    before = digits()
    monkeypatch.setattr("pellucid.data.readers.builtin.digits.Path.is_file", lambda path: False)
    after = digits()
    assert np.array_equal(after.rows, before.rows)
    assert np.array_equal(after.target, before.target)
    assert after.rows.dtype == np.uint8
