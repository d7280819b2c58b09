import pytest

from pellucid.errors import ConfigurationError
from pellucid.training import optimizers
from pellucid.tuning.dimension import Choices, Range
from pellucid.tuning.space import DIMENSIONS

from .conftest import Choosing

BY_NAME = {dimension.name: dimension for dimension in DIMENSIONS}

READ = [
    ("learning_rate", "0.001..0.1", Range(0.001, 0.1)),
    ("learning_rate", Range(1, 2), Range(1.0, 2.0)),
    ("dropout", "0,0.2,0.5", Choices((0.0, 0.2, 0.5))),
    ("dropout", [0, 0.5], Choices((0.0, 0.5))),
    ("l2", "0,0.001", Choices((0.0, 0.001))),
    ("batch_size", "16..512", Range(16, 512)),
    ("batch_size", "16,64", Choices((16, 64))),
    (
        "optimizer",
        "sgd, adam:beta1=0.8,beta2=0.9 ,lion",
        Choices(("sgd", "adam:beta1=0.8,beta2=0.9", "lion")),
    ),
    ("optimizer", "gradient_descent", Choices(("sgd",))),
    ("normalise", "none,layer", Choices(("none", "layer"))),
    ("activation", "leaky_relu:alpha=0.2,relu", Choices(("leaky_relu:alpha=0.2", "relu"))),
]
REFUSED = [
    ("dropout", "0.5..0.1", "empty range"),
    ("dropout", "0.1..0.1", "empty range"),
    ("dropout", "low..high", "not a valid number"),
    ("dropout", ",", "no choices"),
    ("dropout", [], "no choices"),
    ("dropout", "0.1,0.10", "duplicate"),
    ("dropout", "nan", "not a valid number"),
    ("dropout", "0..inf", "not a valid number"),
    ("dropout", [10**400], "not a valid number"),
    ("dropout", [None], "not a valid number"),
    ("l2", "0..0.1", "logarithmic scale"),
    ("l2", "-1..0.1", "logarithmic scale"),
    ("batch_size", "1.5..8", "not a valid number"),
    ("batch_size", "8,1.5", "not a valid number"),
    ("dropout", None, "has no values"),
    ("dropout", 0.2, "has no values"),
    ("depth", "-3..2", "invalid value"),
    ("depth", [-1, 2], "invalid value"),
    ("width", "0,8", "invalid value"),
    ("narrowing", "-1..1", "invalid value"),
    ("narrowing", "0.5..5", "invalid value"),
    ("optimizer", "adam..sgd", "cannot have a range"),
    ("optimizer", Range(1, 2), "cannot have a range"),
    ("optimizer", "adam,adm", "no optimizer named 'adm'"),
    ("optimizer", "sgd,gradient_descent", "duplicate"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "said", "values"), READ)
def test_values_are_read(name, said, values):
    dimension = BY_NAME[name].among(said)
    assert dimension.values == values
    kind = dimension.kind if dimension.registry is None else str
    assert all(type(end) is kind for end in dimension.values.ends)


@pytest.mark.parametrize(("name", "said", "problem"), REFUSED)
def test_what_cannot_be_values_is_refused(name, said, problem):
    with pytest.raises(ConfigurationError, match=problem):
        BY_NAME[name].among(said)


def test_values_of_ones_own_are_no_multiples():
    rate = BY_NAME["learning_rate"]
    adam = optimizers.get("adam")
    assert rate.resolve(10.0, adam) == pytest.approx(10 * adam.usual_rate)
    assert rate.among("0.001..0.1").resolve(0.05, adam) == 0.05


def test_none_is_an_option_that_is_not_said():
    normalise = BY_NAME["normalise"].among("none,layer")
    assert [normalise.resolve(value, optimizers.get("sgd")) for value in normalise.values.ends] == [
        None,
        "layer",
    ]
    with pytest.raises(ConfigurationError, match="no activation named 'none'"):
        BY_NAME["activation"].among("none,relu")


@pytest.mark.parametrize("place", [0, -1])
@pytest.mark.parametrize("dimension", [d for d in DIMENSIONS if d.values], ids=lambda d: d.name)
def test_the_ends_are_among_the_values(dimension, place):
    assert dimension.suggest(Choosing(place)) == dimension.values.ends[place]


def test_numbers_have_few_digits_and_stay_within():
    class Between(Choosing):
        def suggest_float(self, name, low, high, *, log=False):
            return self.place

    dropout = BY_NAME["dropout"].among("0.123456..0.5")
    assert dropout.suggest(Between(0.31415926)) == 0.314
    assert dropout.suggest(Between(0.12346)) == 0.123456  # 0.123 would be below the lowest
