"""Clipping: what cannot be a limit. What it does is tested with the update rule."""

import numpy as np
import pytest

from pellucid.errors import ConfigurationError
from pellucid.training import Clipping


@pytest.mark.parametrize("name", ["value", "norm"])
@pytest.mark.parametrize("wrong", [0, -1, np.nan, np.inf, True, "1"])
def test_what_cannot_be(name, wrong):
    with pytest.raises(ConfigurationError, match=f"the clipping {name} cannot be"):
        Clipping(**{name: wrong})
