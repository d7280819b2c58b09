"""What can be said of regularisation, one number for all layers or one for each, and what is refused."""

import json
import math
from dataclasses import fields

import numpy as np
import pytest

from pellucid.errors import ConfigurationError
from pellucid.training import Regularisation

PER_LAYER = ("l1", "l2", "weight_decay", "max_norm", "dropout")
ONE = ("input_dropout", "input_noise", "label_smoothing")
SHARES = ("dropout", "input_dropout", "label_smoothing")


def test_every_setting_is_in_the_tables():
    assert {part.name for part in fields(Regularisation)} == {*PER_LAYER, *ONE, "biases"}


@pytest.mark.parametrize("name", PER_LAYER)
def test_one_for_all_or_one_for_each(name):
    assert Regularisation(**{name: 0.5}).each(name, 3) == (0.5, 0.5, 0.5)
    for several in ([0.5, 0.25], (0.5, 0.25)):
        assert Regularisation(**{name: several}).each(name, 2) == (0.5, 0.25)
        with pytest.raises(ConfigurationError, match=f"{name} does not match the layers") as caught:
            Regularisation(**{name: several}).each(name, 3)
        assert "one for each of the 3" in caught.value.expected
        assert caught.value.received == "0.5, 0.25"


@pytest.mark.parametrize("name", [*PER_LAYER, *ONE])
@pytest.mark.parametrize("wrong", [-0.1, math.nan, math.inf, True, "0.5", [0.5, -1.0], [[0.5]]])
def test_what_cannot_be(name, wrong):
    with pytest.raises(ConfigurationError, match=f"{name} cannot be"):
        Regularisation(**{name: wrong})


@pytest.mark.parametrize("name", PER_LAYER)
def test_all_values_are_shown_beside_the_one_that_is_refused(name):
    with pytest.raises(ConfigurationError) as caught:
        Regularisation(**{name: [0.5, -1.0]})
    assert caught.value.problem == f"{name} cannot be [0.5, -1.0]"
    assert caught.value.expected.endswith(", or one for each layer")
    assert caught.value.received == "-1.0"


@pytest.mark.parametrize("name", PER_LAYER)
@pytest.mark.parametrize("wrong", [np.array(-1.0), b"12"])
def test_neither_bytes_nor_an_array_without_a_dimension_is_a_sequence(name, wrong):
    with pytest.raises(ConfigurationError, match=f"{name} cannot be"):
        Regularisation(**{name: wrong})


@pytest.mark.parametrize("name", SHARES)
def test_not_everything_can_be_left_out(name):
    with pytest.raises(ConfigurationError, match=f"{name} cannot be 1"):
        Regularisation(**{name: 1})


@pytest.mark.parametrize("name", ONE)
def test_of_the_inputs_and_labels_there_is_one(name):
    with pytest.raises(ConfigurationError, match=f"{name} cannot be"):
        Regularisation(**{name: (0.1, 0.2)})


def test_a_norm_of_0_leaves_nothing():
    with pytest.raises(ConfigurationError, match="max_norm cannot be 0"):
        Regularisation(max_norm=0)


def test_numbers_of_numpy_are_plain():
    said = Regularisation(l2=np.float32(0.5), dropout=[np.float64(0.25)])
    assert (type(said.l2), said.dropout, type(said.dropout[0])) == (float, (0.25,), float)
    assert said == Regularisation(l2=0.5, dropout=(0.25,))


def test_ready_for_json_without_what_is_not_said():
    assert Regularisation().to_dict() == {}
    said = Regularisation(l1=0.1, max_norm=(2, 3), biases=True)
    assert json.loads(json.dumps(said.to_dict())) == {"l1": 0.1, "max_norm": [2, 3], "biases": True}


@pytest.mark.parametrize("name", ["l1", "l2", "weight_decay", "max_norm", "dropout"])
def test_one_value_a_layer_must_match_the_layers(name):
    held, n = Regularisation(**{name: (0.1, 0.2)}), 3 if name == "dropout" else 2
    held.check(n)
    for other in (n - 1, n + 1):
        with pytest.raises(ConfigurationError, match=f"{name} does not match the layers"):
            held.check(other)


def test_dropout_needs_a_hidden_layer():
    with pytest.raises(ConfigurationError, match="dropout needs a hidden layer"):
        Regularisation(dropout=0.5).check(1)
    Regularisation(dropout=0.5, input_dropout=0.1).check(2)
    Regularisation(input_dropout=0.1).check(1)
