import warnings

import numpy as np
import pytest
from scipy.sparse import csr_array

from pellucid import MLPRegressor
from pellucid.errors import PellucidWarning
from pellucid.estimators.scales import warn_of_scales


@pytest.mark.parametrize(
    "X",
    [
        [[1.0, 100.0], [0.5, 3.0]],
        [[0.0, 5e6], [0.0, -5e6]],  # of the columns with numbers other than 0 there is one
        [[-3.0], [4.0]],
    ],
)
def test_like_scales_get_no_warning(X):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_scales(np.array(X))
        warn_of_scales(csr_array([[1e-6, 1e6]]))


def test_the_columns_are_named():
    with pytest.warns(PellucidWarning, match="column 1 up to 500, column 0 up to 2;.*StandardScaler"):
        warn_of_scales(np.array([[1.0, -500.0], [-2.0, 3.0]]))
    with pytest.warns(PellucidWarning, match="'price' up to 500, 'rooms' up to 2"):
        warn_of_scales(np.array([[1.0, -500.0], [-2.0, 3.0]]), ["rooms", "price"])


def test_an_estimator_warns_once_for_a_first_fit():
    X = np.array([[1.0, 5000.0], [2.0, 3000.0], [3.0, 0.0]])
    made = MLPRegressor(hidden_layer_sizes=(2,), solver="sgd", learning_rate_init=1e-9, random_state=0)
    with pytest.warns(PellucidWarning, match="very different scales"):
        made.partial_fit(X, [1.0, 2.0, 3.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made.partial_fit(X, [1.0, 2.0, 3.0])
