import numpy as np
import pytest

from pellucid.data import load_data
from pellucid.passes.engines import ENGINES


@pytest.fixture(scope="module")
def classes():
    """Three classes, two columns, 30 rows to learn from and 12 to test with."""
    random = np.random.default_rng(0)
    y = np.arange(42) % 3
    return load_data((random.normal(size=(42, 2)) + 3 * y[:, None], y), test_size=12)


@pytest.fixture(scope="module")
def yes_or_no():
    """Two classes, two columns, 30 rows to learn from and 10 to test with."""
    random = np.random.default_rng(1)
    x = random.normal(size=(40, 2))
    return load_data((x, np.where(x[:, 0] * x[:, 1] > 0, "yes", "no")), test_size=10)


@pytest.fixture(scope="module")
def values():
    """A value, two columns, 30 rows to learn from and 10 to test with."""
    random = np.random.default_rng(2)
    x = random.uniform(-2, 2, (40, 2))
    return load_data((x, 100 + 10 * x[:, 0] ** 2 - x[:, 1]), test_size=10, task="regression")


@pytest.fixture(params=ENGINES)
def an_engine(request):
    """Each engine by its name."""
    return request.param
