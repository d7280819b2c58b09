"""From data to a model: what is chosen, what is refused, and declarations of one's own."""

import dataclasses
import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from pellucid.data import load_data
from pellucid.errors import ConfigurationError, DataError, PellucidWarning, UnknownNameError
from pellucid.network import Activation, Cost, Interval, Layer, Network, activations, costs
from pellucid.passes.reference import predict
from pellucid.training import Progress, Regularisation, build_network, train


class TestBuildNetwork:
    @pytest.mark.parametrize(
        ("data", "cost", "output", "n_out"),
        [
            ("yes_or_no", None, "sigmoid", 1),
            ("yes_or_no", "binary_cross_entropy", "sigmoid", 1),
            ("yes_or_no", "categorical_cross_entropy", "softmax", 2),
            ("yes_or_no", "sparse_categorical_cross_entropy", "softmax", 2),
            ("yes_or_no", "mean_squared_error", "sigmoid", 1),
            ("yes_or_no", "mean_absolute_error", "sigmoid", 1),
            ("yes_or_no", "huber", "sigmoid", 1),
            ("yes_or_no", "hinge", "identity", 1),
            ("classes", None, "softmax", 3),
            ("classes", "binary_cross_entropy", "sigmoid", 3),
            ("classes", "categorical_cross_entropy", "softmax", 3),
            ("classes", "sparse_categorical_cross_entropy", "softmax", 3),
            ("classes", "mean_squared_error", "sigmoid", 3),
            ("classes", "mean_absolute_error", "sigmoid", 3),
            ("classes", "huber:delta=2", "sigmoid", 3),
            ("classes", "hinge", "identity", 3),
            ("values", None, "identity", 1),
            ("values", "mean_squared_error", "identity", 1),
            ("values", "mean_absolute_error", "identity", 1),
            ("values", "huber", "identity", 1),
            ("values", "poisson", "softplus", 1),
        ],
    )
    def test_outputs_and_sizes(self, data, cost, output, n_out, request):
        data = request.getfixturevalue(data)
        network = build_network(data, [5, 4], cost=cost)
        assert network.sizes == (2, 5, 4, n_out)
        assert network.output.name == output
        model = train(network, data, cost=cost, epochs=1, learning_rate=0.001)
        assert model.stopped is None
        if cost is not None:
            assert str(model.cost) == str(costs.get(cost))

    @pytest.mark.parametrize(
        ("data", "output", "expected"),
        [
            ("yes_or_no", "sigmoid", "binary_cross_entropy"),
            ("yes_or_no", "softmax", "categorical_cross_entropy"),
            ("yes_or_no", "tanh", "hinge"),
            ("yes_or_no", "relu", "mean_squared_error"),
            ("classes", "softmax", "categorical_cross_entropy"),
            ("classes", "sigmoid", "binary_cross_entropy"),
            ("values", "identity", "mean_squared_error"),
            ("values", "softplus", "mean_squared_error"),
        ],
    )
    def test_the_cost_follows_from_the_output(self, data, output, expected, request):
        data = request.getfixturevalue(data)
        model = train(build_network(data, [4], output=output), data, epochs=1, learning_rate=1e-4)
        assert model.cost.name == expected

    def test_several_values(self):
        x = np.random.default_rng(0).normal(size=(30, 2))
        data = load_data((x, x @ np.ones((2, 3)) + [0, 5, 9]), task="regression")
        model = train(build_network(data, []), data, learning_rate=0.1)
        assert model.predict(x[:4]).shape == (4, 3)
        np.testing.assert_allclose(model.predict(x), x @ np.ones((2, 3)) + [0, 5, 9], atol=0.3)

    def test_everything_is_passed_on(self, classes):
        network = build_network(
            classes, (4, 3), ["tanh", "gelu"], initializer="orthogonal", dtype="float64", seed=7
        )
        expected = Network(
            [2, 4, 3, 3], ["tanh", "gelu"], output="softmax", initializer="orthogonal",
            dtype="float64", seed=7,
        )  # fmt: skip
        assert network == expected

    @pytest.mark.parametrize("layers", [[0], [-3], [2.5], [True], ["4"]])
    def test_layers_that_cannot_be(self, classes, layers):
        with pytest.raises(ConfigurationError, match="invalid layer size"):
            build_network(classes, layers)


class TestMisfits:
    def test_other_inputs(self, classes):
        with pytest.raises(DataError) as caught:
            train(Network([5, 3]), classes)
        assert (caught.value.expected, caught.value.received) == ("2 inputs", "5")

    def test_other_outputs(self, classes):
        with pytest.raises(DataError, match="the output layer does not match the target"):
            train(Network([2, 4]), classes)

    def test_a_cost_that_cannot_judge(self, classes):
        with pytest.raises(ConfigurationError, match="categorical_cross_entropy cannot be used with"):
            train(Network([2, 3], output="sigmoid"), classes, cost="categorical_cross_entropy")

    @pytest.mark.parametrize("sizes", [[2, 3], [2, 4, 3]])
    @pytest.mark.parametrize("activation", ["step", "sign"])
    def test_no_error_would_pass(self, classes, sizes, activation):
        network = Network(sizes, activation, output=activation if len(sizes) == 2 else "softmax")
        before = network.copy()
        with pytest.raises(ConfigurationError, match="cannot be trained: its derivative is 0") as caught:
            train(network, classes)
        assert caught.value.where == "layer 1"
        assert network == before

    def test_targets_out_of_reach(self, values):
        with pytest.raises(DataError, match="some targets are outside the range of sigmoid"):
            train(build_network(values, [4], output="sigmoid"), values)

    @pytest.mark.parametrize("part", ["train", "test"])
    def test_a_single_target_out_of_reach_in_either_part(self, yes_or_no, values, part):
        within = {
            name: dataclasses.replace(getattr(values, name), targets=getattr(values, name).targets / 1000)
            for name in ("train", "test")
        }
        data = dataclasses.replace(values, **within)
        train(build_network(data, [], output="sigmoid"), data, epochs=1)
        within[part].targets[3] = 1.01
        with pytest.raises(DataError, match="some targets are outside the range of sigmoid"):
            train(build_network(data, [], output="sigmoid"), data, epochs=1)

    @pytest.mark.parametrize(
        ("how", "error"),
        [
            ({"learning_rate": 0}, ConfigurationError),
            ({"epochs": 0}, ConfigurationError),
            ({"batch_size": 0}, ConfigurationError),
            ({"seed": -1}, ConfigurationError),
            ({"schedule": "liner"}, UnknownNameError),
            ({"cost": "crossentropy"}, UnknownNameError),
        ],
    )
    def test_settings(self, classes, how, error):
        network = build_network(classes, [4])
        before = network.copy()
        with pytest.raises(error):
            train(network, classes, **how)
        assert network == before


def test_the_model_tells_how_it_came_about(classes):
    model = train(build_network(classes, [4]), classes, learning_rate=0.1, batch_size=4, epochs=2, seed=9)
    assert model.settings == {
        "learning_rate": 0.1, "schedule": "linear", "batch_size": 4, "epochs": 2, "seed": 9,
        "optimizer": "sgd",
    }  # fmt: skip
    assert model.provenance == classes.provenance
    assert (model.inputs, model.target) == (classes.inputs, classes.target)
    assert model.stopped is None
    assert repr(model).startswith("Model(Network(2 -> 4 relu -> 3 softmax")


def test_it_learns(classes, yes_or_no, values):
    for data, score in ((classes, "train_accuracy"), (yes_or_no, "train_accuracy"), (values, "train_r2")):
        model = train(build_network(data, [32]), data, learning_rate=0.03, epochs=150, batch_size=4)
        assert model.history[-1][score] > 0.9
        assert model.history[-1]["train_cost"] < 0.3 * model.history[0]["train_cost"]


def test_sums_are_added_up_by_one_thread(classes):
    def look(row):
        threads.update(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")

    threads = set()
    with threadpool_limits(2, user_api="blas"):
        train(build_network(classes, [4]), classes, epochs=1, callbacks=[look])
        after = {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}
    assert threads == {1}
    assert after == {2}


def test_from_another_thread(classes):
    found = {}
    progress = Progress()

    def work():
        network = build_network(classes, [4])
        found["model"] = train(
            network, classes, learning_rate=0.01, epochs=10**6, schedule="constant", progress=progress
        )

    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive() and progress.epoch < 2:
        thread.join(0.001)
    progress.stop = True
    thread.join(10)
    assert not thread.is_alive()
    model = found["model"]
    assert model.stopped == "interrupted"
    assert model.history.n_epochs == progress.epoch >= 2


class TestOwnDeclarations:
    @pytest.fixture(autouse=True)
    def _clean(self):
        pass

    def test_an_activation_and_a_cost_of_ones_own(self, values):
        class Bent(Activation):
            """A curve that no one else has."""

            name = "bent"
            formula = r"z + \sin z"
            slope_formula = r"1 + \cos z"
            range = Interval()

            def value(self, z):
                return z + np.sin(z)

            def slope(self, z, a):
                return 1 + np.cos(z)

        class Quartic(Cost):
            """The fourth power of the error."""

            name = "quartic"
            formula = r"e^4 / 4"

            def value(self, prediction, target):
                return (prediction - target) ** 4 / 4

            def slope(self, prediction, target):
                return (prediction - target) ** 3

        activations.register(Bent)
        costs.register(Quartic)
        network = build_network(values, [8], "bent", cost="quartic", dtype="float64")
        begin = network.copy()
        model = train(network, values, cost="quartic", learning_rate=0.02, epochs=100, batch_size=5)
        assert model.cost.name == "quartic"
        assert network.layers[0].activation.name == "bent"
        assert model.history[-1]["train_cost"] < 0.6 * model.history[0]["train_cost"]
        # What is reported is the cost that was declared.
        y = (values.train.targets - values.train.targets.mean()) / values.train.targets.std()
        said = predict(begin, values.train.inputs)
        assert model.history[0]["train_cost"] == pytest.approx(((said - y) ** 4).mean() / 4, rel=1e-12)

    def test_an_output_of_ones_own(self, yes_or_no):
        @activations.register
        class Arctan(Activation):
            """From 0 to 1, slowly."""

            name = "arctan"
            range = Interval(0, 1)

            def value(self, z):
                return np.arctan(z) / np.pi + 0.5

            def slope(self, z, a):
                return 1 / (np.pi * (1 + z * z))

        model = train(
            build_network(yes_or_no, [16], output="arctan"), yes_or_no, learning_rate=0.1, epochs=80
        )
        assert model.cost.name == "binary_cross_entropy"
        assert model.history[-1]["train_accuracy"] > 0.9

    def test_they_are_gone_again(self):
        assert "bent" not in activations
        assert "quartic" not in costs


def test_a_network_of_layers_made_by_hand(values):
    layer = Layer(np.zeros((2, 1)), np.zeros(1), activations.get("identity"))
    model = train(Network.from_layers([layer]), values, learning_rate=0.05, epochs=30)
    # The best straight line through what is nearly a parabola, by the normal equations.
    x, y = values.train.inputs, values.train.targets
    best = np.linalg.lstsq(np.c_[x, np.ones(len(x))], (y - y.mean()) / y.std(), rcond=None)[0]
    np.testing.assert_allclose(model.network.layers[0].weights, best[:2], atol=0.05)


def test_weights_that_begin_at_0_are_not_blamed_on_the_rate(classes):
    with pytest.warns(PellucidWarning, match="stay identical"):
        network = build_network(classes, [8], initializer="zeros")
    diagnosis = train(network, classes, learning_rate=0.01, epochs=3).diagnosis
    assert diagnosis.verdict == "underfitting"
    assert "since initialisation" in diagnosis.reasons[0]
    assert "initializer" in diagnosis.advice[0]


@pytest.mark.parametrize(
    ("problem", "output", "cost"),
    [("classes", "softplus", "poisson"), ("values", "identity", "hinge"), ("values", "tanh", "hinge")],
)
def test_a_cost_of_the_other_task_is_refused(request, problem, output, cost):
    data = request.getfixturevalue(problem)
    network = build_network(data, [4], output=output)
    with pytest.raises(ConfigurationError, match=f"the cost {cost} is for") as caught:
        train(network, data, cost=cost)
    assert "mean_squared_error" in caught.value.remedy


@pytest.mark.parametrize("layers", [3, None, "64", 2.5])
def test_layers_that_are_no_list(classes, layers):
    with pytest.raises(ConfigurationError, match="must be a list") as caught:
        build_network(classes, layers)
    assert caught.value.received == repr(layers)


@pytest.mark.parametrize("wrong", ["digits", None, 5])
def test_what_is_no_data_set_or_no_network(classes, wrong):
    network = build_network(classes, [3])
    with pytest.raises(ConfigurationError, match="the data cannot be of type") as caught:
        build_network(wrong)
    assert caught.value.expected == "a Dataset, as returned by load_data"
    with pytest.raises(ConfigurationError, match="the data cannot be of type"):
        train(network, wrong)
    with pytest.raises(ConfigurationError, match="the network cannot be of type"):
        train(wrong, classes)
    with pytest.raises(ConfigurationError, match="the network cannot be of type Dataset"):
        train(classes, network)


@pytest.mark.parametrize(
    "wrong",
    [{"progress": 5}, {"callbacks": 5}, {"optimizer": "adm"}, {"average": 1}, {"class_weight": "even"},
     {"regularisation": Regularisation(l2=(0.1, 0.2, 0.3))}],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_anything_is_learned(classes, wrong):
    network = build_network(classes, [3])
    before = network.copy()
    with pytest.raises(ConfigurationError):
        train(network, classes, **wrong)
    assert network == before


@pytest.mark.parametrize("activation", [None, 5, len])
def test_what_is_no_activation(classes, activation):
    with pytest.raises(ConfigurationError, match="the activation cannot be of type"):
        build_network(classes, [3], activation)
