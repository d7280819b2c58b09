"""Learning from a stream: the bits of an epoch of training in that order, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from pellucid import passes
from pellucid.data import load_data
from pellucid.errors import ConfigurationError, DataError, UnknownNameError
from pellucid.evaluation import outputs_of
from pellucid.network import Network
from pellucid.random import permutation
from pellucid.training import Regularisation, Stream, build_network, optimizers, schedules, train


@pytest.fixture(scope="module")
def digits():
    return load_data("digits")


def in_order(data, seed=0):
    """The training examples in the order of a run's first epoch, as the network sees them."""
    order = permutation(len(data.train), seed, "shuffle", 1)
    return data.train.rows(order, np.float32), data.train.targets[order]


@pytest.mark.parametrize("chunk", [1, 16, 160, 10**6])
@pytest.mark.parametrize("batch_size", [1, 16])
def test_the_bits_of_an_epoch_in_the_same_order(digits, chunk, batch_size):
    if chunk % batch_size:
        return
    how = {
        "learning_rate": 0.02, "schedule": "constant", "batch_size": batch_size, "optimizer": "momentum",
        "regularisation": Regularisation(l2=1e-3, dropout=0.2, input_noise=0.1, label_smoothing=0.1),
    }  # fmt: skip
    whole, streamed = (build_network(digits, [16]) for _ in range(2))
    train(whole, digits, epochs=1, **how)
    stream = Stream(streamed, range(10), **how)
    x, y = in_order(digits)
    for start in range(0, len(x), chunk):
        stream.partial_fit(x[start : start + chunk], y[start : start + chunk])
    assert streamed == whole
    assert stream.learner.n_updates_made == -(-len(x) // batch_size)


def test_the_average_is_what_predicts(digits):
    how = {"learning_rate": 0.05, "schedule": "constant", "average": 0.99}
    network = build_network(digits, [16])
    model = train(network, digits, epochs=1, **how)
    stream = Stream(build_network(digits, [16]), range(10), **how).partial_fit(*in_order(digits))
    assert stream.shown == model.network
    test = digits.test.rows(slice(None), np.float32)
    assert np.array_equal(stream.predict(test), model.head.answers(outputs_of(network, digits.test)))


def test_goes_on_from_a_model_with_raw_rows():
    random = np.random.default_rng(0)
    x = random.normal(50, 10, (300, 2))
    y = np.where(x[:, 0] > x[:, 1], "more", "less")
    model = train(build_network(data := load_data((x[:40], y[:40])), [8]), data, epochs=1)
    before = model.network.copy()
    stream = Stream.of(model, learning_rate=0.05)
    for start in range(40, 300, 10):
        stream.partial_fit(x[start : start + 10], y[start : start + 10])
    assert model.network == before
    assert stream.model.network == stream.network != before
    right = [(m.predict(x) == y).mean() for m in (model, stream)]
    assert right[1] > max(0.95, right[0])
    assert np.array_equal(stream.predict(x), stream.model.predict(x))


def test_values(values):
    network = Network([2, 16, 1], "tanh", output="identity", seed=1)
    random = np.random.default_rng(1)
    stream = Stream(network, learning_rate=0.05, batch_size=4)
    costs = []
    for _ in range(200):
        x = random.uniform(-1, 1, (20, 2))
        costs.append(stream.partial_fit(x, x[:, 0] - x[:, 1]).cost)
    assert costs[-1] < 0.01 < costs[0]
    assert stream.predict([[0.5, -0.25]])[0] == pytest.approx(0.75, abs=0.15)


def test_several_values():
    stream = Stream(Network([2, 2], output="identity"), learning_rate=0.1)
    x = np.random.default_rng(2).normal(size=(200, 2))
    stream.partial_fit(x, x[:, ::-1])
    np.testing.assert_allclose(stream.predict([[1.0, 0.0]]), [[0.0, 1.0]], atol=0.05)


@pytest.mark.parametrize("batch_size", [1, 16])
def test_labels_get_the_bits_of_an_epoch(batch_size):
    random = np.random.default_rng(0)
    x = random.normal(size=(80, 3))
    data = load_data((x, np.stack([x[:, 0] > 0, x[:, 1] > x[:, 2]], axis=1)))
    how = {
        "learning_rate": 0.05, "schedule": "constant", "batch_size": batch_size,
        "regularisation": Regularisation(label_smoothing=0.1),
    }  # fmt: skip
    whole, streamed = (build_network(data, [4]) for _ in range(2))
    model = train(whole, data, epochs=1, **how)
    stream = Stream(streamed, labels=["right", "up"], **how).partial_fit(*in_order(data))
    assert streamed == whole
    rows = data.test.rows(slice(None), np.float32)
    assert (stream.predict(rows) == model.predict(x)[data.test.origin]).all()
    one = Stream.of(model, learning_rate=0.05).partial_fit(x[:1], [[True, False]])
    assert one.network != model.network
    assert one.model.target == model.target
    assert one.predict(x).shape == (80, 2)


@pytest.mark.parametrize(
    ("classes", "labels"), [(["a", "b"], ["a", "b"]), (None, []), (None, ["a", "a"]), (None, 5)]
)
def test_labels_that_cannot_be(classes, labels):
    with pytest.raises(ConfigurationError):
        Stream(Network([2, 2], output="sigmoid"), classes, labels=labels)


def test_an_answer_that_is_none_changes_nothing():
    network = Network([2, 2], output="sigmoid")
    before = network.copy()
    for y in ([[0, 2]], [[0, 1, 1]], ["yes", "perhaps"]):
        with pytest.raises(DataError):
            Stream(network, labels=["a", "b"]).partial_fit([[1.0, 2.0]], y)
    assert network == before


def test_the_cost_is_that_before_each_batch_was_learned_from(digits):
    x, y = in_order(digits)
    network = build_network(digits, [8])
    own = Stream(network.copy(), range(10), learning_rate=1e-9).partial_fit(x, y)
    assert own.cost == pytest.approx(train(network, digits, epochs=1).history[0]["train_cost"], rel=1e-5)


@pytest.mark.parametrize("schedule", schedules, ids=str)
def test_a_schedule_that_leads_to_an_end_is_refused(schedule):
    network = Network([2, 3])
    if schedule.needs_end or schedule.name == "plateau":  # which looks at the costs of epochs
        with pytest.raises(ConfigurationError, match=f"{schedule.name} needs to know all examples"):
            Stream(network, ["a", "b", "c"], schedule=schedule)
    else:
        Stream(network, ["a", "b", "c"], schedule=schedule).partial_fit([1.0, 2.0], ["b"])


@pytest.mark.parametrize("optimizer", optimizers, ids=str)
def test_an_optimizer_that_needs_all_examples_is_refused(optimizer):
    if optimizer.full_batch:
        with pytest.raises(ConfigurationError, match=f"{optimizer.name} needs to know all examples"):
            Stream(Network([2, 3]), ["a", "b", "c"], optimizer=optimizer)
    else:
        Stream(Network([2, 3]), ["a", "b", "c"], optimizer=optimizer).partial_fit([1.0, 2.0], ["b"])


def test_schedules_count_updates():
    network = Network([1, 1], output="identity", dtype="float64")
    network.layers[0].weights[...] = 0
    stream = Stream(network, learning_rate=1.0, schedule="step:every=1", updates_per_epoch=2)
    steps = []
    for _ in range(5):
        before = network.layers[0].biases[0]
        stream.partial_fit([0.0], [before + 1])  # an error of 1, whatever was learned
        steps.append(network.layers[0].biases[0] - before)
    assert steps == pytest.approx([1, 1, 0.5, 0.5, 0.25])


@pytest.mark.parametrize("classes", [[], ["a"], ["a", "a"], 5, ["a", "b"]])
def test_classes_that_do_not_fit(classes):
    with pytest.raises((ConfigurationError, DataError)):
        Stream(Network([2, 3]), classes)


@pytest.mark.parametrize(
    ("x", "y", "problem"),
    [
        ([1.0, 2.0, 3.0], ["a"], "the examples do not fit the network"),
        (np.empty((0, 2)), [], "the examples do not fit the network"),
        ([[1.0, 2.0]], ["z"], "unknown class label"),
        ([[1.0, 2.0]], ["a", "b"], "x and y differ in length"),
    ],
)
def test_examples_that_do_not_fit_change_nothing(x, y, problem):
    network = Network([2, 3])
    before = network.copy()
    with pytest.raises(DataError, match=problem):
        Stream(network, ["a", "b", "c"]).partial_fit(x, y)
    assert network == before


@pytest.mark.parametrize("normalise", [None, "layer", "batch"])
@pytest.mark.parametrize("hidden", ["relu", "tanh", "sigmoid"])
def test_numbers_beyond_measure_are_refused_and_what_was_learned_before_is_kept(hidden, normalise):
    network = Network([2, 5, 2], hidden, output="identity", normalise=normalise)
    stream = Stream(network, learning_rate=0.1, batch_size=2)
    stream.partial_fit([[1.0, 1.0], [0.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]])
    before = network.copy()
    far = ([[3e38, 3e38], [-3e38, 1.0]], [[1.0, 2.0], [1.0, 3.0]])
    if hidden == "relu" or normalise is not None:
        with pytest.raises(DataError, match="training diverged") as caught:
            stream.partial_fit(*far)
        assert "smaller learning rate" in caught.value.remedy
        assert network == before
    else:  # what saturates takes any number
        stream.partial_fit(*far)
    stream.partial_fit([[1.0, 1.0], [0.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]])
    assert all(np.isfinite(array).all() for array in network.arrays.values())


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("how", [{}, {"regularisation": Regularisation(max_norm=0.5)}])
def test_an_average_keeps_nothing_of_a_chunk_that_is_refused(how, engine):
    random, streams = np.random.default_rng(0), []
    chunks = [(random.standard_normal((64, 4)), random.integers(0, 2, 64)) for _ in range(2)]
    bad = chunks[0][0].copy()
    bad[60] = 1e30
    with passes.engine(engine):
        for refused in (False, True):
            network = Network([4, 6, 2], "tanh", normalise="batch", seed=1)
            stream = Stream(network, [0, 1], batch_size=8, optimizer="momentum", average=0.9, **how)
            stream.partial_fit(*chunks[0])
            if refused:
                with pytest.raises(DataError, match="training diverged"):
                    stream.partial_fit(bad[56:], chunks[0][1][56:])
            streams.append(stream.partial_fit(*chunks[1]))
    assert streams[0].shown == streams[1].shown
    assert streams[0].shown != streams[0].network


def test_a_gradient_beyond_measure_behind_a_sound_output_is_refused():
    network = Network([2, 3, 1], "tanh", output="identity")
    network.layers[0].weights[...] = 0  # so that the tanh passes all of the error back
    network.layers[1].weights[...] = 10
    before = network.copy()
    with pytest.raises(DataError, match="training diverged"):
        Stream(network, learning_rate=0.1).partial_fit([[3e38, 1.0]], [5.0])
    assert network == before


def test_figures_beyond_measure_are_not_taken_in():
    network = Network([2, 3, 1], "tanh", output="identity", normalise="batch")
    before = network.copy()
    # Their variance is infinite, and what is divided by it 0: the outputs would show nothing.
    with pytest.raises(DataError, match="training diverged"):
        Stream(network, learning_rate=0.1, batch_size=2).partial_fit([[1e30, 1.0], [-1e30, 2.0]], [1.0, 2.0])
    assert network == before


@pytest.mark.parametrize("wrong", [[[np.inf, 1.0]], [[np.nan, 1.0]], [["1", "2"]], [[1.0, None]]])
def test_rows_that_are_no_numbers(wrong):
    network = Network([2, 2], "tanh", output="identity")
    before = network.copy()
    stream = Stream(network)
    for call in (lambda: stream.partial_fit(wrong, [[1.0, 2.0]]), lambda: stream.predict(wrong)):
        with pytest.raises(DataError, match=r"contains a value that is not finite|do not fit the network"):
            call()
    assert network == before


def test_without_targets_there_is_nothing_to_learn():
    with pytest.raises(DataError, match="no targets to learn from"):
        Stream(Network([2, 2], output="identity")).partial_fit([[1.0, 2.0]])


@pytest.mark.parametrize("wrong", ["abc", [["a"], ["b"]], ["a", "a"], ["a"], 5])
def test_what_cannot_be_classes(wrong):
    with pytest.raises(ConfigurationError, match="classes"):
        Stream(Network([2, 3]), wrong)


def test_a_weight_of_2_is_an_example_twice():
    x, y = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 0.5]]), ["a", "b", "b"]
    weighted, repeated = (Network([2, 4, 2], "tanh", dtype="float64") for _ in range(2))
    how = {"classes": ["a", "b"], "learning_rate": 0.1}
    Stream(weighted, batch_size=3, **how).partial_fit(x, y, sample_weight=[1, 2, 0])
    # The mean over three rows whose weights add up to three.
    Stream(repeated, batch_size=3, **how).partial_fit(x[[0, 1, 1]], ["a", "b", "b"])
    for name, array in weighted.parameters.items():
        np.testing.assert_allclose(array, repeated.parameters[name], rtol=1e-12)


def test_a_missing_value_is_for_the_caller_to_fill():
    with pytest.raises(DataError) as caught:
        Stream(Network([2, 2]), ["a", "b"]).partial_fit([[1.0, 2.0], [1.0, np.nan]], ["a", "b"])
    assert caught.value.where == "row 1 (counted from 0), column 1 (counted from 0)"
    assert caught.value.remedy == "leave the example out, or fill in a number"


@pytest.mark.parametrize("wrong", [[1.0], [1, 2, -1], [1, 2, np.nan], ["1", "2", "3"], 1.0, [10**400] * 3])
def test_weights_that_cannot_be(wrong):
    stream = Stream(Network([2, 2]), ["a", "b"])
    with pytest.raises(DataError, match=r"the weights do not fit|a sample weight cannot be used"):
        stream.partial_fit(np.ones((3, 2)), ["a", "b", "b"], sample_weight=wrong)


def test_batch_normalisation_begins_with_a_batch():
    stream = Stream(Network([2, 4, 2], normalise="batch"), ["a", "b"], batch_size=8)
    with pytest.raises(ConfigurationError, match="has seen no batch yet"):
        stream.partial_fit([1.0, 2.0], ["a"])
    stream.partial_fit([[1.0, 2.0], [2.0, 1.0]], ["a", "b"]).partial_fit([1.0, 2.0], ["a"])


@pytest.mark.parametrize("wrong", [{"updates_per_epoch": 0}, {"learning_rate": 0}, {"optimizer": "adm"}])
def test_settings_that_cannot_be(wrong):
    with pytest.raises((ConfigurationError, UnknownNameError)):
        Stream(Network([2, 3]), ["a", "b", "c"], **wrong)


def test_a_model_of_values_goes_on(values):
    model = train(build_network(values, [4]), values, epochs=1)
    x, y = values.train.rows(slice(0, 5), np.float64), values.train.targets[:5, 0]
    raw = x * values.inputs.scale + values.inputs.mean
    stream = Stream.of(model, learning_rate=0.01).partial_fit(raw, y)
    twin = train(
        network := model.network.copy(), replace(values, train=values.train.take(np.arange(5))),
        epochs=1, learning_rate=0.01, schedule="constant", batch_size=5,
    )  # fmt: skip
    assert twin.network == network
    assert stream.model.target is model.target
    assert stream.predict(raw).shape == (5,)
