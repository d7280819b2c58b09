import numpy as np
import pandas as pd

from pellucid.data.cells.arrays import is_frame


def test_is_frame():
    assert is_frame(pd.DataFrame())
    assert not is_frame(np.eye(2))
