import numpy as np
import pytest

from pellucid.errors import ConfigurationError
from pellucid.network import Layer, Network, Normaliser, activations, normalisations

FLOAT64 = np.dtype("float64")


@pytest.fixture
def batch():
    return Normaliser.begin(normalisations.get("batch:momentum=0.5"), 2, FLOAT64)


def learn(normaliser, sums):
    normaliser.update_running_statistics(normaliser.forward(np.array(sums), learning=True)[0])


def test_gain_and_shift_follow(batch):
    batch.gain[...] = [2, 3]
    batch.shift[...] = [10, 20]
    standardised, z = batch.forward(np.array([[1.0, 5.0], [3.0, 5.0]]), learning=True)
    np.testing.assert_allclose(z, standardised.values * [2, 3] + [10, 20])
    np.testing.assert_allclose(z, [[8, 20], [12, 20]], rtol=1e-4)


def test_the_first_batch_counts_whole(batch):
    learn(batch, [[1.0, 4.0], [3.0, 8.0]])
    np.testing.assert_allclose(batch.mean, [2, 6])
    np.testing.assert_allclose(batch.variance, [2, 8])  # 2 / (2 - 1) times that of the batch


def test_then_the_average_moves(batch):
    batches = [[[1.0, 0.0], [3.0, 0.0]], [[5.0, 1.0], [9.0, 1.0]], [[2.0, 4.0], [2.0, 4.0]]]
    for sums in batches:
        learn(batch, sums)
    weights = np.array([0.25, 0.5, 1]) / 1.75  # half as much for each batch since
    np.testing.assert_allclose(batch.mean, weights @ [[2, 0], [7, 1], [2, 4]])
    np.testing.assert_allclose(batch.variance, weights @ [[2, 0], [8, 0], [0, 0]], atol=1e-15)
    assert batch.unseen == 0.125


def test_predictions_use_the_batches_seen(batch):
    learn(batch, [[1.0, 4.0], [3.0, 8.0]])
    _, z = batch.forward(np.array([[2.0, 6.0]]))
    np.testing.assert_allclose(z, 0)
    _, z = batch.forward(np.array([[2 + np.sqrt(2), 6.0], [100.0, 100.0]]))
    np.testing.assert_allclose(z[0], [1, 0], rtol=1e-5)


def test_an_example_alone_is_compared_with_the_batches_seen_and_leaves_them(batch):
    learn(batch, [[1.0, 4.0], [3.0, 8.0]])
    before = batch.copy()
    alone = np.array([[9.0, 9.0]])
    np.testing.assert_array_equal(batch.forward(alone, learning=True)[1], batch.forward(alone)[1])
    learn(batch, alone)
    for name, array in batch.kept.items():
        np.testing.assert_array_equal(array, before.kept[name])


def test_a_layer_rule_keeps_nothing_and_learns_as_it_predicts():
    normaliser = Normaliser.begin(normalisations.get("layer"), 3, FLOAT64)
    sums = np.random.default_rng(0).normal(size=(4, 3))
    np.testing.assert_array_equal(normaliser.forward(sums, learning=True)[1], normaliser.forward(sums)[1])
    learn(normaliser, sums)
    assert normaliser.kept == {}
    assert list(normaliser.learned) == ["gain", "shift"]


def test_a_copy_has_numbers_of_its_own(batch):
    copy = batch.copy()
    learn(copy, [[1.0, 4.0], [3.0, 8.0]])
    copy.gain += 1
    assert (batch.mean == 0).all()
    assert (batch.gain == 1).all()
    assert batch.unseen == 1


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"rule": "batch"}, "the normalisation cannot be of type str"),
        ({"gain": [1.0, 1.0]}, "the gain of a normalisation cannot be of type list"),
        ({"shift": np.ones(3)}, "the shift of a normalisation does not match the layer"),
        ({"mean": None}, "the mean of a normalisation cannot be of type NoneType"),
        ({"unseen": np.ones(2)}, "the unseen of a normalisation does not match the layer"),
        ({"gain": np.ones((2, 2))}, "the gain of a normalisation does not match the layer"),
    ],
)
def test_wrong_parts(batch, change, problem):
    parts = {"rule": batch.rule, **batch.learned, **batch.kept}
    with pytest.raises(ConfigurationError, match=problem):
        Normaliser(**parts | change)


class TestInALayer:
    def test_names_and_counts(self, batch):
        layer = Layer(np.ones((3, 2)), np.zeros(2), activations.get("relu"), batch)
        assert list(layer.learned) == ["W", "b", "gain", "shift"]
        assert list(layer.arrays) == ["W", "b", "gain", "shift", "mean", "variance", "unseen"]
        assert layer.n_parameters == 6 + 2 + 2 + 2
        assert repr(layer) == "Layer(3 -> 2, batch:momentum=0.5 relu)"

    def test_equality_looks_at_it(self, batch):
        def layer(normaliser):
            return Layer(np.ones((3, 2)), np.zeros(2), activations.get("relu"), normaliser)

        moved = batch.copy()
        learn(moved, [[1.0, 4.0], [3.0, 8.0]])
        assert layer(batch) == layer(batch.copy())
        assert layer(batch) != layer(moved)
        assert layer(batch) != layer(None)
        assert layer(batch).copy() == layer(batch)

    @pytest.mark.parametrize("wrong", ["batch", normalisations.get("batch")])
    def test_it_must_be_one(self, wrong):
        with pytest.raises(ConfigurationError, match="the normaliser of a layer cannot be"):
            Layer(np.ones((3, 2)), np.zeros(2), activations.get("relu"), wrong)

    def test_it_must_fit(self, batch):
        with pytest.raises(ConfigurationError, match="the normalisation does not match the layer"):
            Layer(np.ones((3, 4)), np.zeros(4), activations.get("relu"), batch)


class TestInANetwork:
    @pytest.mark.parametrize("rule", normalisations.names)
    def test_hidden_layers_have_one_each(self, rule):
        network = Network([4, 3, 2, 5], normalise=rule, dtype="float64")
        *hidden, last = network.layers
        assert [layer.normaliser.rule.name for layer in hidden] == [rule, rule]
        assert last.normaliser is None
        assert hidden[0].normaliser.gain.dtype == np.float64
        plain = Network([4, 3, 2, 5], dtype="float64")
        assert network.n_parameters == plain.n_parameters + 2 * (3 + 2)
        assert list(network.parameters)[:5] == ["W1", "b1", "gain1", "shift1", "W2"]
        for name, array in plain.parameters.items():
            np.testing.assert_array_equal(array, network.parameters[name])
        assert f"3 {rule} relu" in repr(network)
        assert f"{rule} relu" in network.summary()

    def test_without_hidden_layers_there_is_nothing_to_normalise(self):
        with pytest.raises(ConfigurationError, match="has nothing to normalise"):
            Network([4, 2], normalise="batch")

    @pytest.mark.parametrize("rule", list(normalisations), ids=str)
    def test_a_neuron_alone_has_no_mean_but_its_own(self, rule):
        if rule.centres and not rule.over_examples:
            with pytest.raises(ConfigurationError, match="a layer with a single neuron"):
                Network([4, 3, 1, 2], normalise=rule)
        else:
            assert Network([4, 3, 1, 2], normalise=rule).sizes == (4, 3, 1, 2)

    def test_restore_takes_all_and_refuses_another_normalisation(self):
        network, other = (Network([4, 3, 2], normalise="batch", seed=seed) for seed in (0, 1))
        learn(other.layers[0].normaliser, np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32))
        network.restore(other)
        assert network == other
        for wrong in (None, "layer", "batch:momentum=0.5"):
            with pytest.raises(ConfigurationError, match="the same sizes and normalisations"):
                network.restore(Network([4, 3, 2], normalise=wrong))
        assert network == other
