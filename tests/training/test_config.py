"""What a run can be told, and what it cannot."""

import json
import math
from fractions import Fraction

import numpy as np
import pytest

from pellucid.errors import ConfigurationError
from pellucid.training import Clipping, Regularisation, TrainingConfig, optimizers, schedules


def test_unless_said():
    assert TrainingConfig().to_dict() == {
        "learning_rate": 0.01,
        "schedule": "linear",
        "batch_size": 1,
        "epochs": 20,
        "seed": 0,
        "optimizer": "sgd",
    }


@pytest.mark.parametrize(
    "rate",
    [0, 0.0, -0.0, -0.1, math.nan, math.inf, -math.inf, True, False, "0.1", 1j, [0.1],
     np.array([0.1]), np.float32(0), np.float64("nan"), np.bool_(True)],
)  # fmt: skip
def test_no_learning_rate(rate):
    with pytest.raises(ConfigurationError) as caught:
        TrainingConfig(learning_rate=rate)
    assert caught.value.expected == "a finite number above 0"
    assert caught.value.received == repr(rate)
    assert "0.01" in caught.value.remedy


@pytest.mark.parametrize(("name", "least"), [("batch_size", 1), ("epochs", 1), ("seed", 0)])
@pytest.mark.parametrize(
    "value", [-1, 1.0, 1.5, math.nan, True, False, "1", [1], np.array([1]), np.float64(2), np.bool_(1)]
)
def test_no_whole_number(name, least, value):
    with pytest.raises(ConfigurationError) as caught:
        TrainingConfig(**{name: value})
    assert caught.value.problem == f"{name} cannot be {value!r}"
    assert caught.value.expected == f"a whole number, {least} or more"


@pytest.mark.parametrize("name", ["batch_size", "epochs"])
def test_0_of_them(name):
    with pytest.raises(ConfigurationError, match=f"{name} cannot be 0"):
        TrainingConfig(**{name: 0})
    assert getattr(TrainingConfig(**{name: 1}), name) == 1


def test_large_numbers_may_be():
    settings = TrainingConfig(learning_rate=1e300, batch_size=10**9, epochs=10**12, seed=2**100)
    assert json.loads(json.dumps(settings.to_dict()))["seed"] == 2**100


@pytest.mark.parametrize("kind", [np.float64, np.float32, Fraction])
def test_any_kind_of_real_number_becomes_a_plain_one(kind):
    # Otherwise a NumPy number would take every step in its own precision.
    settings = TrainingConfig(
        learning_rate=kind(0.25), epochs=np.int64(3), batch_size=np.uint8(2), seed=np.int32(1)
    )
    assert settings == TrainingConfig(0.25, schedules.get("linear"), 2, 3, 1)
    assert type(settings.learning_rate) is float
    assert {type(getattr(settings, name)) for name in ("epochs", "batch_size", "seed")} == {int}
    assert json.loads(json.dumps(settings.to_dict())) == settings.to_dict()


@pytest.mark.parametrize("name", ["epochs", "seed"])
def test_nothing_is_no_number_of_them(name):
    with pytest.raises(ConfigurationError, match=f"{name} cannot be None"):
        TrainingConfig(**{name: None})


@pytest.mark.parametrize("optimizer", optimizers, ids=str)
def test_rate_and_batch_are_the_optimizers_unless_said(optimizer):
    settings = TrainingConfig(optimizer=optimizer)
    assert settings.rate == optimizer.usual_rate
    told = {} if optimizer.searches else {"learning_rate": optimizer.usual_rate, "schedule": "linear"}
    assert told.items() <= settings.to_dict().items()
    assert optimizer.searches == ("learning_rate" not in settings.to_dict())
    assert settings.batch_of(30) == (30 if optimizer.full_batch else 1)
    assert TrainingConfig(optimizer=optimizer, batch_size=30).batch_of(30) == 30
    if not optimizer.searches:
        assert TrainingConfig(optimizer=optimizer, learning_rate=0.5).rate == 0.5
    assert json.loads(json.dumps(settings.to_dict()))["optimizer"] == str(optimizer)
    if optimizer.full_batch:
        with pytest.raises(ConfigurationError, match="needs the gradient of all examples at once"):
            TrainingConfig(optimizer=optimizer, batch_size=29).batch_of(30)


@pytest.mark.parametrize("average", [0, 1, -0.5, 1.5, "0.9", True, math.nan])
def test_no_average(average):
    with pytest.raises(ConfigurationError, match="the decay of the average of the weights cannot be"):
        TrainingConfig(average=average)


def test_what_is_said_is_kept():
    settings = TrainingConfig(
        regularisation=Regularisation(dropout=(0.1, 0.2)), clipping=Clipping(norm=1.0), average=0.99
    )
    said = settings.to_dict()
    assert (said["dropout"], said["clip_norm"], said["average"]) == ([0.1, 0.2], 1.0, 0.99)
    assert "clip_value" not in said
