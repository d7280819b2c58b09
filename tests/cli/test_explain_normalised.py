"""An explanation of a network with normalisations: every line of a table is a rule with its numbers."""

import numpy as np
import pytest
from tests.cli.test_explain import numbers_after

from pellucid.data import load_data
from pellucid.explanation import explain
from pellucid.network import normalisations
from pellucid.storage import save_model
from pellucid.training import build_network, train


@pytest.fixture(scope="module", params=normalisations.names)
def path(request, tmp_path_factory):
    data = load_data("digits")
    network = build_network(data, [12, 9], "tanh", normalise=request.param)
    model = train(network, data, learning_rate=0.05, batch_size=32, epochs=3)
    return save_model(model, tmp_path_factory.mktemp("model") / "m"), model


def close(value):
    return pytest.approx(value, rel=2e-3, abs=2e-3)


@pytest.mark.parametrize("layer", [1, 2])
def test_forward(run, path, layer):
    out = run("explain", path[0], "digits", "--row", "5", "--top", "12").out
    step = explain(path[1], "digits", 5).forward_steps()[layer - 1]
    before = "x" if layer == 1 else "a1"
    for k in range(len(step.z)):
        weighted, bias, total = numbers_after(out, rf"W{layer} {before} +\+ b{layer} +=", f"[{k + 1}]")
        assert weighted + bias == close(total)
        centred, deviation, gain, shift, z, a = numbers_after(
            out, rf"s{layer} - mean{layer} +/", f"[{k + 1}]"
        )
        assert centred == close(total - step.scaling.mean[k])
        assert centred / deviation * gain + shift == close(z)
        assert np.tanh(z) == close(a)
        assert z == close(step.z[k])


@pytest.mark.parametrize("layer", [1, 2])
def test_back(run, path, layer):
    out = run("explain", path[0], "digits", "--row", "5", "--top", "12").out
    told = explain(path[1], "digits", 5)
    step = next(step for step in told.backward_steps() if step.layer == layer)
    normaliser = path[1].network.layers[layer - 1].normaliser
    for k in range(len(step.delta)):
        row = f"[{k + 1}]"
        arriving, slope, delta = numbers_after(out, rf"x tanh'.z{layer}. += delta{layer}", row)
        in_sum, bias, new = numbers_after(out, rf"dL/ds{layer} +b{layer} +new b{layer}", row)
        assert arriving * slope == close(delta)
        assert in_sum == close(told.trace.sum_slopes[layer - 1][0, k])
        assert new == close(bias - 0.05 * in_sum)
        for name, values in (("gain", normaliser.gain), ("shift", normaliser.shift)):
            gradient, old, new = numbers_after(out, rf"dL/d{name}{layer} +{name}{layer}", row)
            assert old == close(values[k])
            assert new == close(old - 0.05 * gradient)
    arriving = path[1].network.layers[layer].weights @ told.trace.sum_slopes[layer][0]
    np.testing.assert_allclose(step.delta, arriving * step.slope, rtol=1e-4, atol=1e-8)


def test_fits_the_terminal_with_all_its_rules(run, path):
    result = run("explain", path[0], "digits", "--row", "5")
    assert (result.status, result.err) == (0, "")
    assert max(map(len, result.out.splitlines())) <= 80
    for rule in ("s1 = W1 x + b1", "z1 = gain1 * (s1 - mean1) / deviation1 + shift1", "dL/dW2 = dL/ds2 a1^T",
                 "delta1 = (W2^T dL/ds2) * tanh'(z1)", "every weight, bias, gain and shift"):  # fmt: skip
        assert rule in " ".join(result.out.split())


def test_one_neuron(run, path):
    told = explain(path[1], "digits", 5)
    out = run("explain", path[0], "digits", "--row", "5", "--neuron", "1.4").out
    written = told.neuron(1, 4)
    assert sum(term.product for term in written.terms) + written.bias == pytest.approx(written.s, rel=1e-4)
    assert numbers_after(out, "weight", "s, the sum") == [close(written.s)]
    assert numbers_after(out, "weight", f"z, by {written.normalisation} normalisation") == [close(written.z)]


def test_json(run, path):
    (told,) = run("explain", path[0], "digits", "--row", "5", "--json").records
    expected = explain(path[1], "digits", 5)
    first, last = told["forward"][0]["scaling"], told["forward"][2]["scaling"]
    assert last is None
    np.testing.assert_allclose(first["s"], expected.trace.sums[0][0], rtol=1e-6)
    assert first["normalisation"] == path[1].network.layers[0].normaliser.rule.name
    assert len(told["backward"][2]["scaling"]["new_gain"]) == 12
