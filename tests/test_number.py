"""Numbers as settings take them: of any kind, but nothing else, and nothing too large for a float."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from pellucid.errors import ConfigurationError
from pellucid.number import check_number, plain_number
from pellucid.training import Clipping, EarlyStopping, Goal, Regularisation, TimeLimit, TrainingConfig

HUGE = 10**400
TAKES = {
    "learning_rate": lambda value: TrainingConfig(learning_rate=value),
    "average": lambda value: TrainingConfig(average=value),
    **{
        name: lambda value, name=name: Regularisation(**{name: value})
        for name in ("l1", "l2", "weight_decay", "max_norm", "dropout", "input_dropout", "input_noise",
                     "label_smoothing")
    },
    "clip_norm": lambda value: Clipping(norm=value),
    "clip_value": lambda value: Clipping(value=value),
    "seconds": TimeLimit,
    "min_delta": lambda value: EarlyStopping(min_delta=value),
}  # fmt: skip


@pytest.mark.parametrize("said", [2, 0.5, np.float32(0.5), np.int64(3), Fraction(1, 2), np.float64(0.1)])
def test_any_kind(said):
    number = plain_number(said)
    assert type(number) is float
    assert number == said


@pytest.mark.parametrize("said", [None, "1", True, np.True_, 1j, [1.0], Decimal("0.5")])
def test_what_is_none(said):
    assert plain_number(said) is None


def test_too_large():
    assert (plain_number(HUGE), plain_number(-HUGE)) == (math.inf, -math.inf)


@pytest.mark.parametrize(
    ("bound", "taken", "refused"),
    [("above", 2.5, 2), ("at_least", 2, 1.5), ("below", 1.5, 2), ("at_most", 2, 2.5)],
)
def test_bounds(bound, taken, refused):
    assert check_number(taken, "a share", **{bound: 2}) == taken
    with pytest.raises(ConfigurationError, match=f"a share cannot be {refused}"):
        check_number(refused, "a share", **{bound: 2})


@pytest.mark.parametrize("said", [3, np.uint8(3)])
def test_whole_numbers(said):
    number = check_number(said, "epochs", whole=True)
    assert type(number) is int
    assert number == 3


@pytest.mark.parametrize("said", [3.0, np.float32(3), "3", True, np.True_, None])
def test_what_is_not_a_whole_number(said):
    with pytest.raises(ConfigurationError, match="expected: a whole number"):
        check_number(said, "epochs", whole=True)


@pytest.mark.parametrize("name", TAKES)
@pytest.mark.parametrize(
    "wrong",
    [HUGE, -HUGE, math.nan, math.inf, "0.5", True, [[0.1]], 1j],
    ids=["huge", "-huge", "nan", "inf", "text", "truth", "nested", "complex"],
)
def test_settings_refuse(name, wrong):
    with pytest.raises(ConfigurationError):
        TAKES[name](wrong)


@pytest.mark.parametrize("name", TAKES)
def test_settings_take_numbers_of_numpy(name):
    assert TAKES[name](np.float32(0.25)) is not None


def test_a_goal():
    assert Goal("test_accuracy", np.float32(0.5)).value == 0.5
    with pytest.raises(ConfigurationError):
        Goal("test_accuracy", "high")


def test_one_for_each_layer_may_be_an_array():
    held = Regularisation(l2=np.array([0.1, 0.2]), dropout=np.float32([0.5]))
    assert (held.l2, held.dropout) == ((0.1, 0.2), (0.5,))
    with pytest.raises(ConfigurationError, match="biases"):
        Regularisation(biases="no")
