import numpy as np
import pytest
from scipy.sparse import csr_array, issparse
from sklearn.preprocessing import LabelBinarizer

from pellucid.estimators.labels import Labels

TARGETS = {
    "two": np.array([3, 7, 7, 3]),
    "words": np.array(["b", "a", "c", "a"]),
    "objects": np.array(["yes", "no", "no", "yes"], dtype=object),
    "booleans": np.array([True, False, True, True]),
    "one": np.array([5, 5, 5]),
    "several": np.array([[1, 0, 1], [0, 0, 1], [1, 1, 0]]),
}


@pytest.mark.parametrize("y", TARGETS.values(), ids=TARGETS)
def test_they_are_those_of_a_label_binarizer(y):
    binarizer = LabelBinarizer().fit(y)
    labels, encoded = Labels.of(y)
    np.testing.assert_array_equal(labels.classes, binarizer.classes_)
    assert labels.kind == binarizer.y_type_
    assert labels.n_outputs == binarizer.transform(y).shape[1]
    np.testing.assert_array_equal(labels.encode(y), encoded)
    np.testing.assert_array_equal(labels.decode(encoded), y)
    outputs = np.random.default_rng(0).random((20, labels.n_outputs))
    np.testing.assert_array_equal(
        labels.answers(outputs),
        binarizer.inverse_transform(outputs if labels.n_outputs > 1 else outputs.ravel()),
    )


def test_a_sparse_matrix_of_labels_stays_sparse():
    labels, encoded = Labels.of(csr_array(TARGETS["several"]))
    assert encoded.dtype == bool
    assert issparse(labels.decode(encoded))
