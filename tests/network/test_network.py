import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.errors import ConfigurationError, UnknownNameError
from pellucid.network import Activation, Layer, Network, activations
from pellucid.network.activations import ReLU, Tanh


def names_of(network):
    return [str(layer.activation) for layer in network.layers]


class TestSizes:
    @pytest.mark.parametrize(
        "sizes", [(4, 2, 3), [4, 2, 3], np.array([4, 2, 3]), [np.int64(4), 2, np.uint8(3)]]
    )
    def test_any_sequence_of_whole_numbers(self, sizes):
        network = Network(sizes)
        assert network.sizes == (4, 2, 3)
        assert all(type(size) is int for size in network.sizes)

    def test_parameters_by_hand(self):
        # 4 * 2 weights and 2 biases, then 2 * 3 and 3; the input has no biases
        assert Network([4, 2, 3]).n_parameters == 10 + 9
        assert Network([784, 128, 10]).n_parameters == 100_480 + 1_290
        assert Network([1, 2]).n_parameters == 4

    @settings(deadline=None, max_examples=30)
    @given(st.lists(st.integers(1, 9), min_size=2, max_size=6).filter(lambda sizes: sizes[-1] > 1))
    def test_any_depth_and_widths(self, sizes):
        network = Network(sizes)
        assert network.sizes == tuple(sizes)
        assert [layer.W.shape for layer in network.layers] == list(zip(sizes[1:], sizes[:-1], strict=True))
        assert network.n_parameters == sum(n * m + m for n, m in pairwise(sizes))

    @pytest.mark.parametrize(
        "sizes", [[], [4], (3,), "42", 5, None, {4, 2}, iter([4, 2]), {4: 2}, np.array(5)]
    )
    def test_too_few_or_no_sequence(self, sizes):
        with pytest.raises(ConfigurationError, match="at least an input size and an output size") as caught:
            Network(sizes)
        assert caught.value.received == repr(sizes)

    @pytest.mark.parametrize("wrong", [0, -1, 2.0, 2.5, True, "2", None, math.nan, [2], np.float64(2)])
    @pytest.mark.parametrize(("place", "where"), [(0, "the inputs"), (1, "layer 1"), (2, "layer 2")])
    def test_a_wrong_size_is_named_with_its_place(self, wrong, place, where):
        sizes = [4, 2, 3]
        sizes[place] = wrong
        with pytest.raises(ConfigurationError, match="invalid layer size") as caught:
            Network(sizes)
        assert caught.value.where == where
        assert caught.value.received == repr(wrong)
        assert "whole numbers, 1 or more" in caught.value.expected


class TestActivations:
    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            ({}, ["relu", "relu", "softmax"]),
            ({"activation": "tanh"}, ["tanh", "tanh", "softmax"]),
            ({"activation": "tanh", "output": "sigmoid"}, ["tanh", "tanh", "sigmoid"]),
            ({"activation": ["tanh", "elu:alpha=0.5"]}, ["tanh", "elu:alpha=0.5", "softmax"]),
            ({"activation": ["tanh", "gelu", "identity"]}, ["tanh", "gelu", "identity"]),
            ({"activation": ("tanh", Tanh(), Tanh)}, ["tanh", "tanh", "tanh"]),
            ({"activation": Tanh, "output": Tanh()}, ["tanh", "tanh", "tanh"]),
            (
                {"activation": activations.get("leaky_relu:alpha=0.3")},
                ["leaky_relu:alpha=0.3"] * 2 + ["softmax"],
            ),
        ],
    )
    def test_one_for_all_or_one_for_each(self, arguments, expected):
        network = Network([5, 4, 3, 2], **arguments)
        assert names_of(network) == expected
        assert network.output is network.layers[-1].activation

    def test_a_network_of_one_layer_has_only_an_output(self):
        assert names_of(Network([3, 2], "relu")) == ["softmax"]
        assert names_of(Network([3, 2], [], output="tanh")) == ["tanh"]
        assert names_of(Network([3, 2], ["sigmoid"])) == ["sigmoid"]

    @pytest.mark.parametrize("wrong", [["relu"], ["relu"] * 4, []])
    def test_a_number_that_does_not_match_is_refused(self, wrong):
        with pytest.raises(ConfigurationError, match="the activations do not match the layers") as caught:
            Network([5, 4, 3, 2], wrong)
        assert caught.value.expected.startswith("one, or one for each of the 2 hidden layers")
        assert caught.value.received.startswith(f"{len(wrong)}: ")

    def test_unknown_names_are_refused_wherever_they_are(self):
        for arguments in ({"activation": "rleu"}, {"output": "rleu"}, {"activation": ["relu", "rleu"]}):
            with pytest.raises(UnknownNameError, match="no activation named 'rleu'"):
                Network([4, 3, 3, 2], **arguments)
        with pytest.raises(UnknownNameError, match="no initializer named 'hee_normal'"):
            Network([4, 2], initializer="hee_normal")

    def test_a_softmax_of_one_neuron_is_refused(self):
        with pytest.raises(
            ConfigurationError, match="the output of a single neuron with softmax is always 1"
        ) as caught:
            Network([4, 3, 1])
        assert "sigmoid" in caught.value.remedy
        assert names_of(Network([4, 3, 1], output="sigmoid")) == ["relu", "sigmoid"]

    def test_training_through_step_is_refused_naming_the_layer(self):
        network = Network([4, 3, 3, 2], ["relu", "step"])
        with pytest.raises(ConfigurationError, match="a network with step cannot be trained") as caught:
            network.check_trainable()
        assert caught.value.where == "layer 2"
        Network([4, 3, 3, 2]).check_trainable()


class TestDtypeAndSeed:
    @pytest.mark.parametrize("dtype", ["float32", "float64", np.float32, np.dtype("float64"), float])
    def test_float32_and_float64(self, dtype):
        network = Network([3, 2], dtype=dtype)
        assert network.dtype == np.dtype(dtype)
        assert all(numbers.dtype == np.dtype(dtype) for numbers in network.parameters.values())

    def test_float32_unless_said(self):
        assert Network([3, 2]).dtype == np.float32

    @pytest.mark.parametrize("dtype", ["float16", "int32", "bool", "flaot", ">f4", 5, object(), None])
    def test_others_are_refused(self, dtype):
        with pytest.raises(ConfigurationError, match="invalid dtype for a network") as caught:
            Network([3, 2], dtype=dtype)
        assert caught.value.received == repr(dtype)

    @pytest.mark.parametrize("seed", [-1, 1.0, "0", None, True, math.nan])
    def test_bad_seeds_are_refused(self, seed):
        with pytest.raises(ConfigurationError, match="the seed cannot be") as caught:
            Network([3, 2], seed=seed)
        assert caught.value.expected == "a whole number, 0 or more"
        assert caught.value.received == repr(seed)

    @pytest.mark.parametrize("seed", [0, 7, np.int64(7), 2**63])
    def test_the_same_seed_gives_the_same_weights(self, seed):
        assert Network([3, 4, 2], seed=seed) == Network([3, 4, 2], seed=int(seed))
        assert Network([3, 4, 2], seed=seed) != Network([3, 4, 2], seed=int(seed) + 1)

    def test_known_weights(self):
        # So that a change of NumPy's normal numbers, or of ours, is noticed: models are told by their seed.
        weights = Network([2, 2], output="tanh", dtype="float64", seed=0).layers[0].weights
        np.testing.assert_allclose(
            weights,
            [[0.52214183238278, -0.5453297388174613], [-1.6663371172989303, 0.4282353487327374]],
            rtol=1e-12,
        )


class TestCopies:
    def test_a_copy_has_numbers_of_its_own(self):
        network = Network([4, 3, 2], "elu:alpha=0.5", seed=5)
        copy = network.copy()
        assert copy == network
        assert copy is not network
        for name, numbers in copy.parameters.items():
            assert not np.shares_memory(numbers, network.parameters[name])
        copy.layers[1].biases[0] = 1
        assert copy != network
        assert network.layers[1].biases[0] == 0

    def test_equality(self):
        network = Network([4, 3, 2])
        assert network == Network([4, 3, 2])
        assert network != Network([4, 3, 2], "tanh", initializer="he_normal")
        assert network != Network([4, 3, 2], seed=1)
        assert network != Network([4, 3, 2], dtype="float64")
        assert network != Network([4, 3])
        assert network != repr(network)

    def test_no_hash_as_weights_change(self):
        with pytest.raises(TypeError, match="unhashable"):
            hash(Network([3, 2]))

    def test_restore_is_in_place(self):
        network, other = Network([4, 3, 2], seed=1), Network([4, 3, 2], seed=2)
        other.layers[0].biases[:] = 3
        arrays = list(network.parameters.values())
        network.restore(other)
        assert network == other
        assert all(a is b for a, b in zip(network.parameters.values(), arrays, strict=True))
        other.layers[0].weights[0, 0] += 1
        assert network != other

    @pytest.mark.parametrize("sizes", [[4, 3, 3, 2], [4, 2], [4, 1, 2], [5, 3, 2], [4, 3, 1]])
    def test_restore_of_other_sizes_is_refused(self, sizes):
        network = Network([4, 3, 2])
        with pytest.raises(
            ConfigurationError, match="only be restored from one with the same sizes"
        ) as caught:
            network.restore(other := Network(sizes, output="tanh", seed=1))
        assert caught.value.expected == repr(network)
        assert caught.value.received == repr(other)
        assert network == Network([4, 3, 2])


class TestFromLayers:
    def test_the_layers_are_used_as_they_are(self):
        layers = Network([4, 3, 2]).layers
        network = Network.from_layers(tuple(layers))
        assert all(a is b for a, b in zip(network.layers, layers, strict=True))
        assert network.sizes == (4, 3, 2)

    def test_layers_that_do_not_fit_are_refused(self):
        first, second, third = Network([4, 3, 2, 5]).layers
        with pytest.raises(
            ConfigurationError, match="the sizes of layer 2 and layer 3 do not match"
        ) as caught:
            Network.from_layers([first, second, first])
        assert caught.value.expected == "2 inputs of layer 3"
        assert caught.value.received == "4"
        assert Network.from_layers([second, third]).sizes == (3, 2, 5)

    def test_no_layers_are_refused(self):
        with pytest.raises(ConfigurationError, match="the network has no layers"):
            Network.from_layers([])


def test_parameters_by_name():
    network = Network([4, 3, 2])
    assert list(network.parameters) == ["W1", "b1", "W2", "b2"]
    for number, layer in enumerate(network.layers, start=1):
        assert network.parameters[f"W{number}"] is layer.weights
        assert network.parameters[f"b{number}"] is layer.biases


class TestShown:
    def test_repr(self):
        assert repr(Network([784, 128, 10])) == (
            "Network(784 -> 128 relu -> 10 softmax, 101,770 parameters, float32)"
        )
        assert repr(Network([1, 2], output="elu:alpha=0.5", dtype="float64")) == (
            "Network(1 -> 2 elu:alpha=0.5, 4 parameters, float64)"
        )

    def test_summary(self):
        assert Network([784, 1200, 10], "leaky_relu:alpha=0.2").summary() == "\n".join(
            [
                "layer   neurons   activation             W            b      parameters",
                "    1     1,200   leaky_relu:alpha=0.2   1200 x 784   1200      942,000",
                "    2        10   softmax                10 x 1200    10         12,010",
                "total     1,210                                                 954,010",
            ]
        )

    def test_html(self):
        assert Network([4, 2, 3], output="sigmoid")._repr_html_() == (
            "<table><caption>4 inputs, float32</caption>"
            "<thead><tr><th>layer</th><th>neurons</th><th>activation</th><th>W</th><th>b</th>"
            "<th>parameters</th></tr></thead><tbody>"
            "<tr><td>1</td><td>2</td><td>relu</td><td>2 x 4</td><td>2</td><td>10</td></tr>"
            "<tr><td>2</td><td>3</td><td>sigmoid</td><td>3 x 2</td><td>3</td><td>9</td></tr>"
            "<tr><td>total</td><td>5</td><td></td><td></td><td></td><td>19</td></tr>"
            "</tbody></table>"
        )

    def test_html_is_escaped(self):
        @dataclass(frozen=True)
        class Sly(ReLU):
            def __str__(self):
                return "<script>&"

        layer = Layer(np.ones((2, 2)), np.ones(2), Sly())
        assert isinstance(layer.activation, Activation)
        shown = Network.from_layers([layer])._repr_html_()
        assert "<script>" not in shown
        assert "<td>&lt;script&gt;&amp;</td>" in shown


@pytest.mark.parametrize("layers", [None, 5, "relu", [None], [np.ones((2, 3))]])
def test_what_are_no_layers(layers):
    with pytest.raises(ConfigurationError, match=r"layers? cannot be of type"):
        Network.from_layers(layers)
