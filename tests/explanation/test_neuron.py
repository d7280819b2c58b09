"""One neuron's sum, term by term."""

import json

import numpy as np
import pytest

from pellucid.data import Examples, load_data
from pellucid.errors import ConfigurationError
from pellucid.explanation import Term, explain
from pellucid.training import build_network, train

ROW = Examples(np.array([[1.0, 2, 0, -1]]), np.array([0]))


def test_by_hand(by_hand):
    # z = 1 * 1 + 1/2 * 2 + 3 * 0 + 1/2 * (-1) + 1/2 = 2
    neuron = explain(by_hand, ROW).neuron(1, 1)
    assert (neuron.bias, neuron.z, neuron.a, neuron.n_zero, neuron.activation) == (0.5, 2, 2, 1, "relu")
    assert neuron.terms == [Term("x1", 1, 1, 1), Term("x2", 0.5, 2, 1), Term("x4", 0.5, -1, -0.5)]


def test_a_later_layer_is_fed_by_the_one_before(by_hand):
    neuron = explain(by_hand, ROW).neuron(2, 3)
    assert neuron.terms == [Term("a1[1]", -0.5, 2, -1)]
    assert neuron.n_zero == 1
    assert neuron.z == pytest.approx(-np.log(3))
    assert neuron.a == pytest.approx(0.25)


def test_the_terms_and_the_bias_make_the_sum():
    data = load_data("digits", test_size=1500)
    model = train(build_network(data, [12, 7], "tanh"), data, epochs=1)
    for row in range(3):
        explanation = explain(model, data.test, row)
        for layer, n in ((1, 12), (2, 7), (3, 10)):
            for number in range(1, n + 1):
                neuron = explanation.neuron(layer, number)
                total = sum(term.product for term in neuron.terms) + neuron.bias
                assert total == pytest.approx(neuron.z, abs=1e-5)
                assert neuron.z == explanation.trace.z[layer - 1][0, number - 1]
                assert neuron.a == explanation.trace.a[layer][0, number - 1]
                sizes = [abs(term.product) for term in neuron.terms]
                assert sizes == sorted(sizes, reverse=True)
                assert len(sizes) + neuron.n_zero == model.network.layers[layer - 1].n_in
                assert all(
                    term.product == pytest.approx(term.weight * term.value, rel=1e-6) for term in neuron.terms
                )
    assert explanation.neuron(1, 1).terms[0].source.startswith("pixel (")


@pytest.mark.parametrize(
    ("layer", "neuron", "problem"),
    [
        (0, 1, "there is no layer 0"),
        (3, 1, "there is no layer 3"),
        (-1, 1, "there is no layer -1"),
        (1, 0, "layer 1 has no neuron 0"),
        (1, 3, "layer 1 has no neuron 3"),
        (2, -1, "layer 2 has no neuron -1"),
    ],
)
def test_no_such_neuron(by_hand, layer, neuron, problem):
    with pytest.raises(ConfigurationError) as caught:
        explain(by_hand, ROW).neuron(layer, neuron)
    assert caught.value.problem == problem


def test_ready_for_json(by_hand):
    described = json.loads(json.dumps(explain(by_hand, ROW).neuron(1, 2).to_dict()))
    assert described["terms"][0] == {"source": "x1", "weight": -1.0, "value": 1.0, "product": -1.0}
    assert described["z"] == -0.75
    assert described["a"] == 0
