"""What a run can be told, and what it cannot."""

import json
import math
from fractions import Fraction

import numpy as np
import pytest

from pellucid.errors import ConfigurationError
from pellucid.training import Settings, schedules


def test_unless_said():
    assert Settings().to_dict() == {
        "learning_rate": 0.01,
        "schedule": "linear",
        "batch_size": 1,
        "epochs": 20,
        "seed": 0,
    }


@pytest.mark.parametrize(
    "rate",
    [0, 0.0, -0.0, -0.1, math.nan, math.inf, -math.inf, True, False, "0.1", None, 1j, [0.1],
     np.array([0.1]), np.float32(0), np.float64("nan"), np.bool_(True)],
)  # fmt: skip
def test_no_learning_rate(rate):
    with pytest.raises(ConfigurationError) as caught:
        Settings(learning_rate=rate)
    assert caught.value.expected == "a finite number above 0"
    assert caught.value.received == repr(rate)
    assert "0.01" in caught.value.remedy


@pytest.mark.parametrize(("name", "least"), [("batch_size", 1), ("epochs", 1), ("seed", 0)])
@pytest.mark.parametrize(
    "value", [-1, 1.0, 1.5, math.nan, True, False, "1", None, [1], np.array([1]), np.float64(2), np.bool_(1)]
)
def test_no_whole_number(name, least, value):
    with pytest.raises(ConfigurationError) as caught:
        Settings(**{name: value})
    assert caught.value.problem == f"{name} cannot be {value!r}"
    assert caught.value.expected == f"a whole number, {least} or more"


@pytest.mark.parametrize("name", ["batch_size", "epochs"])
def test_0_of_them(name):
    with pytest.raises(ConfigurationError, match=f"{name} cannot be 0"):
        Settings(**{name: 0})
    assert getattr(Settings(**{name: 1}), name) == 1


def test_large_numbers_may_be():
    settings = Settings(learning_rate=1e300, batch_size=10**9, epochs=10**12, seed=2**100)
    assert json.loads(json.dumps(settings.to_dict()))["seed"] == 2**100


@pytest.mark.parametrize("kind", [np.float64, np.float32, Fraction])
def test_any_kind_of_real_number_becomes_a_plain_one(kind):
    # Otherwise a NumPy number would take every step in its own precision.
    settings = Settings(
        learning_rate=kind(0.25), epochs=np.int64(3), batch_size=np.uint8(2), seed=np.int32(1)
    )
    assert settings == Settings(0.25, schedules.get("linear"), 2, 3, 1)
    assert type(settings.learning_rate) is float
    assert {type(getattr(settings, name)) for name in ("epochs", "batch_size", "seed")} == {int}
    assert json.loads(json.dumps(settings.to_dict())) == settings.to_dict()
