"""Three test digits: two right, one wrong, and why."""

import numpy as np
import pytest

from pellucid.data import load_data
from pellucid.demonstrations import learn_digits
from pellucid.passes.reference import predict
from pellucid.training import build_network, train


@pytest.fixture(scope="module")
def data():
    return load_data("digits")


@pytest.fixture(scope="module")
def shown(data):
    model = train(build_network(data, [16]), data, learning_rate=0.05, epochs=4)
    return learn_digits(model, data)


def test_two_right_and_one_wrong(shown, data):
    assert [example.right for example in shown.examples] == [True, True, False]
    assert all(example.row in data.test.origin for example in shown.examples)
    assert len({example.row for example in shown.examples}) == 3


def test_the_mistake_it_is_surest_of(shown, data):
    outputs = shown.model.outputs(data.test)
    wrong = outputs.argmax(axis=1) != data.test.targets
    surest = outputs[wrong].max()
    mistake = shown.examples[-1]
    assert mistake.trace.a[-1].max() == pytest.approx(surest)
    assert mistake.trace.a[-1].argmax() == int(mistake.prediction)


def test_the_neurons_that_spoke_for_it(shown):
    mistake = shown.examples[-1]
    said, truth = int(mistake.prediction), int(mistake.truth)
    layer, a = shown.model.network.layers[-1], mistake.trace.a[-2][0]
    adds = {k + 1: (layer.W[said, k] - layer.W[truth, k]) * a[k] for k in range(len(a))}
    expected = sorted(adds, key=lambda k: -adds[k])[:3]
    assert [k for k, _ in shown.votes] == expected
    assert [vote for _, vote in shown.votes] == pytest.approx([adds[k] for k in expected], rel=1e-5)
    # All of them and the biases make the difference of the two sums.
    z = mistake.trace.z[-1][0]
    assert sum(adds.values()) + layer.b[said] - layer.b[truth] == pytest.approx(z[said] - z[truth], abs=1e-4)


def test_one_update_helps(shown):
    mistake, truth = shown.examples[-1], int(shown.examples[-1].truth)
    before = mistake.trace.a[-1][0, truth]
    assert shown.after_update > before
    network = shown.model.network.copy()
    trace = mistake.trace
    for layer, weights, biases in zip(
        network.layers, trace.weight_gradients, trace.bias_gradients, strict=True
    ):
        layer.weights -= np.float32(0.05) * weights
        layer.biases -= np.float32(0.05) * biases
    assert shown.after_update == pytest.approx(predict(network, trace.a[0])[0, truth], rel=1e-6)


def test_the_model_stays_as_it_was(shown, data):
    before = shown.model.network.copy()
    learn_digits(shown.model, data)
    assert shown.model.network == before
