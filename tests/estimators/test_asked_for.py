"""What users of scikit-learn's multilayer perceptrons asked for, each beside an independent truth."""

import math
import pickle

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris, make_classification
from sklearn.metrics import balanced_accuracy_score, make_scorer, mean_absolute_error
from sklearn.utils.class_weight import compute_sample_weight

from pellucid import Activation, Cost, Interval, MLPClassifier, MLPRegressor
from pellucid.errors import ConfigurationError, PellucidError
from pellucid.training.updates.compiled import CompiledUpdates

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
X_VALUE, VALUE = load_diabetes(return_X_y=True)
X_VALUE, VALUE = X_VALUE * 20, (VALUE - VALUE.mean()) / VALUE.std()


def classifier(**parameters):
    return MLPClassifier(**{"hidden_layer_sizes": (8,), "max_iter": 20, "random_state": 0} | parameters)


def regressor(**parameters):
    return MLPRegressor(**{"hidden_layer_sizes": (8,), "max_iter": 20, "random_state": 0} | parameters)


def same(first, second):
    pairs = zip(first.coefs_ + first.intercepts_, second.coefs_ + second.intercepts_, strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def forward(estimator, x, *functions):
    """Return the outputs by a forward pass written anew."""
    for weights, biases, function in zip(estimator.coefs_, estimator.intercepts_, functions, strict=True):
        x = function(x @ weights + biases)
    return x


def softmax(z):
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


class TestClassWeight:
    """#9113, #11723, #25326."""

    @pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
    @pytest.mark.parametrize("class_weight", [{0: 3.0, 1: 0.5}, "balanced"])
    def test_is_a_weight_of_each_example(self, class_weight, solver):
        x, y = X[:120], Y[:120]
        asked = classifier(class_weight=class_weight, solver=solver).fit(x, y)
        weights = compute_sample_weight(class_weight, y)
        assert same(asked, classifier(solver=solver).fit(x, y, sample_weight=weights))
        assert not same(asked, classifier(solver=solver).fit(x, y))

    def test_is_multiplied_by_the_sample_weight(self):
        weights = np.random.default_rng(0).uniform(size=len(Y))
        asked = classifier(class_weight={2: 4.0}).fit(X, Y, weights)
        assert same(asked, classifier().fit(X, Y, weights * np.where(Y == 2, 4.0, 1.0)))

    def test_2_is_each_example_of_the_class_twice(self):
        asked = classifier(class_weight={1: 2}, solver="lbfgs", max_iter=5).fit(X, Y)
        twice = np.r_[np.arange(len(Y)), np.flatnonzero(Y == 1)]
        repeated = classifier(solver="lbfgs", max_iter=5).fit(X[twice], Y[twice])
        np.testing.assert_allclose(asked.predict_proba(X), repeated.predict_proba(X), rtol=1e-9)

    def test_balanced_counts_weights_as_repetitions(self):
        counts = np.random.default_rng(0).integers(0, 4, len(Y))
        settings = {"class_weight": "balanced", "solver": "lbfgs", "max_iter": 5, "alpha": 0.0}
        weighed = classifier(**settings).fit(X, Y, counts)
        repeated = classifier(**settings).fit(X.repeat(counts, axis=0), Y.repeat(counts))
        np.testing.assert_allclose(weighed.predict_proba(X), repeated.predict_proba(X), rtol=1e-8)

    def test_finds_more_of_the_rare_class(self):
        x, y = make_classification(600, weights=[0.95], class_sep=0.7, random_state=1)
        plain, balanced = (
            classifier(max_iter=60, class_weight=how).fit(x[:400], y[:400]) for how in (None, "balanced")
        )
        scores = [balanced_accuracy_score(y[400:], each.predict(x[400:])) for each in (plain, balanced)]
        assert scores[1] > scores[0] + 0.05

    def test_weighs_each_label(self):
        labels = np.c_[Y == 0, Y == 1].astype(int)
        asked = classifier(class_weight="balanced").fit(X, labels)
        weights = compute_sample_weight("balanced", labels)
        np.testing.assert_allclose(
            asked.predict_proba(X), classifier().fit(X, labels, weights).predict_proba(X), rtol=1e-10
        )

    def test_balanced_needs_all_examples(self):
        with pytest.raises(ValueError, match="not supported by partial_fit"):
            classifier(class_weight="balanced").partial_fit(X, Y, classes=[0, 1, 2])


class TestLineSearch:
    """What only epochs have is not left out in silence."""

    @pytest.mark.parametrize("name", ["dropout", "callbacks"])
    def test_has_none_of_it(self, name):
        with pytest.raises(PellucidError, match=f"the solver lbfgs has no {name}"):
            classifier(solver="lbfgs", **{name: {"dropout": 0.5, "callbacks": print}[name]}).fit(X, Y)

    def test_has_no_validation_set(self):
        with pytest.raises(PellucidError, match="the solver lbfgs has no validation_data"):
            classifier(solver="lbfgs").fit(X, Y, validation_data=(X, Y))


class TestDropout:
    """#6175, #7407."""

    def test_of_0_changes_no_bit(self):
        assert same(classifier(dropout=0.0).fit(X, Y), classifier().fit(X, Y))

    def test_is_drawn_anew_from_the_random_state(self):
        first, again, other = (classifier(dropout=0.5, random_state=seed).fit(X, Y) for seed in (0, 0, 1))
        assert same(first, again)
        assert not same(first, other)
        assert not same(first, classifier().fit(X, Y))

    def test_sets_outputs_to_0_in_training_only(self):
        fitted = classifier(dropout=0.5).fit(X, Y)
        expected = forward(fitted, X, lambda z: np.maximum(z, 0), softmax)
        np.testing.assert_allclose(fitted.predict_proba(X), expected, rtol=1e-12)

    def test_of_nearly_1_leaves_nothing_to_learn_from(self):
        # No neuron is left: the gradient reaches the last biases only.
        fitted = classifier(dropout=1 - 1e-12, alpha=0.0, max_iter=3).fit(X, Y)
        start = classifier(alpha=0.0, learning_rate_init=1e-300, max_iter=3).fit(X, Y)
        assert all(np.array_equal(a, b) for a, b in zip(fitted.coefs_, start.coefs_, strict=True))
        assert np.abs(fitted.intercepts_[-1] - start.intercepts_[-1]).max() > 1e-4

    def test_is_said_of_each_layer(self):
        sizes = (8, 6)
        first = classifier(hidden_layer_sizes=sizes, dropout=(0.5, 0.0)).fit(X, Y)
        both = classifier(hidden_layer_sizes=sizes, dropout=(0.5, 0.5)).fit(X, Y)
        assert same(both, classifier(hidden_layer_sizes=sizes, dropout=0.5).fit(X, Y))
        assert not same(first, both)
        with pytest.raises(PellucidError, match="dropout"):
            classifier(hidden_layer_sizes=sizes, dropout=(0.5,)).fit(X, Y)


class TestActivations:
    """#10665, #16827, #20776, #26912, #30199; one per layer #10097; own ones #14807."""

    @pytest.mark.parametrize(
        ("name", "function"),
        [
            ("leaky_relu", lambda z: np.where(z > 0, z, 0.01 * z)),
            ("leaky_relu:alpha=0.2", lambda z: np.where(z > 0, z, 0.2 * z)),
            ("elu", lambda z: np.where(z > 0, z, np.expm1(z))),
            ("swish", lambda z: z / (1 + np.exp(-z))),
            ("softplus", lambda z: np.log1p(np.exp(z))),
            ("mish", lambda z: z * np.tanh(np.log1p(np.exp(z)))),
            ("gelu", lambda z: z * (1 + np.vectorize(math.erf)(z / math.sqrt(2))) / 2),
        ],
    )
    def test_more_of_them(self, name, function):
        fitted = classifier(activation=name).fit(X, Y)
        expected = forward(fitted, X, function, softmax)
        np.testing.assert_allclose(fitted.predict_proba(X), expected, rtol=1e-11)

    def test_one_for_each_layer(self):
        fitted = regressor(hidden_layer_sizes=(8, 6, 4), activation=("tanh", "relu", "logistic"))
        fitted.fit(X_VALUE, VALUE)
        functions = (np.tanh, lambda z: np.maximum(z, 0), lambda z: 1 / (1 + np.exp(-z)), np.ravel)
        np.testing.assert_allclose(fitted.predict(X_VALUE), forward(fitted, X_VALUE, *functions), rtol=1e-11)
        with pytest.raises(ValueError, match="one for each of the 2, got 3"):
            fitted.set_params(hidden_layer_sizes=(8, 6)).fit(X_VALUE, VALUE)

    def test_the_same_for_each_layer_is_one_for_all(self):
        sizes = (8, 6)
        each = classifier(hidden_layer_sizes=sizes, activation=["tanh", "tanh"]).fit(X, Y)
        assert same(each, classifier(hidden_layer_sizes=sizes, activation="tanh").fit(X, Y))

    def test_ones_own(self):
        own = regressor(activation=Sine()).fit(X_VALUE, VALUE)
        expected = forward(own, X_VALUE, np.sin, np.ravel)
        np.testing.assert_allclose(own.predict(X_VALUE), expected, rtol=1e-11)
        assert own.loss_curve_[-1] < own.loss_curve_[0]


class Sine(Activation):
    """A wave."""

    name = "sine_of_a_test"
    formula = r"\sin z"
    slope_formula = r"\cos z"
    range = Interval(-1, 1, closed_low=True, closed_high=True)
    source = "Sitzmann et al. 2020, https://arxiv.org/abs/2006.09661"

    def value(self, z):
        return np.sin(z)

    def slope(self, z, a):
        return np.cos(z)


class HalfAbsolute(Cost):
    """Half the absolute error."""

    name = "half_absolute_of_a_test"
    formula = r"\frac{1}{2N} \sum_{k=1}^{N} \sum_i |y - \hat y|"
    slope_formula = r"\pm \frac{1}{2}"
    task = "regression"
    source = "a test"

    def value(self, prediction, target):
        return np.abs(prediction - target) / 2

    def slope(self, prediction, target):
        return np.sign(prediction - target) / 2


class TestLoss:
    """#14571, and prediction intervals #8303."""

    def test_absolute_error_ends_at_the_median_of_a_constant_model(self):
        y = np.random.default_rng(0).exponential(size=501)
        nothing = np.zeros((501, 1))
        fitted = regressor(loss="absolute_error", max_iter=1500, tol=0, learning_rate_init=0.005)
        assert fitted.fit(nothing, y).predict([[0.0]])[0] == pytest.approx(np.median(y), abs=0.03)

    @pytest.mark.parametrize("loss", ["huber", "huber:delta=0.5"])
    def test_hubers_is_scipys(self, loss):
        from scipy.special import huber

        fitted = regressor(loss=loss, alpha=0.0, shuffle=False, batch_size=442).fit(X_VALUE, VALUE)
        before = regressor(loss=loss, alpha=0.0, shuffle=False, batch_size=442, max_iter=19)
        error = before.fit(X_VALUE, VALUE).predict(X_VALUE) - VALUE
        delta = 0.5 if "=" in loss else 1.0
        assert fitted.loss_ == pytest.approx(huber(delta, error).mean(), rel=1e-12)

    def test_half_of_the_absolute_error_is_the_median(self):
        median, half = regressor(loss="quantile"), regressor(loss=HalfAbsolute())
        assert same(median.fit(X_VALUE, VALUE), half.fit(X_VALUE, VALUE))

    def test_two_quantiles_hold_their_share_of_new_values(self):
        random = np.random.default_rng(0)
        x = random.uniform(-1, 1, (4000, 1))
        y = np.sin(3 * x[:, 0]) + (0.1 + 0.2 * np.abs(x[:, 0])) * random.normal(size=4000)
        settings = {
            "hidden_layer_sizes": (32,),
            "activation": "tanh",
            "max_iter": 150,
            "learning_rate_init": 0.01,
        }
        settings |= {"n_iter_no_change": 150, "batch_size": 100}
        low, high = (
            regressor(loss=f"quantile:q={q}", **settings).fit(x[:2000], y[:2000]).predict(x[2000:])
            for q in (0.05, 0.95)
        )
        covered = ((low <= y[2000:]) & (y[2000:] <= high)).mean()
        # Of 2,000, 90 % have a standard error of 0.7 %; the network has as much again.
        assert covered == pytest.approx(0.9, abs=0.03)
        near, far = np.abs(x[2000:, 0]) < 0.1, np.abs(x[2000:, 0]) > 0.9
        assert (high - low)[far].mean() > 1.5 * (high - low)[near].mean()


class TestOutputActivation:
    """#11791."""

    def test_keeps_values_in_its_range(self):
        y = 1 / (1 + np.exp(-VALUE))
        fitted = regressor(output_activation="logistic").fit(X_VALUE, y)
        relu = lambda z: np.maximum(z, 0)  # noqa: E731
        expected = forward(fitted, X_VALUE, relu, lambda z: (1 / (1 + np.exp(-z))).ravel())
        np.testing.assert_allclose(fitted.predict(X_VALUE), expected, rtol=1e-12)
        assert fitted.out_activation_ == "logistic"

    def test_makes_values_positive(self):
        fitted = regressor(output_activation="softplus").fit(X_VALUE, VALUE)
        assert (fitted.predict(X_VALUE) > 0).all()

    @pytest.mark.parametrize(
        ("name", "y"), [("relu", Y), ("softmax", Y == 1), ("identity", np.c_[Y == 0, Y == 1])]
    )
    def test_of_a_classifier_gives_probabilities(self, name, y):
        with pytest.raises(PellucidError, match="does not give probabilities"):
            classifier(output_activation=name).fit(X, y)


class TestValidation:
    """An own validation set #18748, a validation curve #18507 and #34976, an own scorer #24411."""

    def test_of_ones_own_is_what_is_measured(self):
        x, y, x_own, y_own = X_VALUE[:300], VALUE[:300], X_VALUE[300:], VALUE[300:]
        losses, scores = [], []

        def note(estimator):
            predicted = estimator.predict(x_own)
            losses.append(((predicted - y_own) ** 2).mean() / 2)
            scores.append(estimator.score(x_own, y_own))

        fitted = regressor(callbacks=note).fit(x, y, validation_data=(x_own, y_own))
        np.testing.assert_allclose(fitted.validation_loss_curve_, losses, rtol=1e-12)
        np.testing.assert_allclose(fitted.validation_scores_, scores, rtol=1e-12)
        assert len(fitted.validation_scores_) == fitted.n_iter_

    def test_leaves_the_fit_as_it_is_where_nothing_stops_early(self):
        plain = classifier().fit(X[::2], Y[::2])
        assert same(plain, classifier().fit(X[::2], Y[::2], validation_data=(X[1::2], Y[1::2])))

    def test_may_come_with_a_warm_start(self):
        kept = classifier(warm_start=True, max_iter=3).fit(X[::2], Y[::2])
        kept.fit(X[::2], Y[::2], validation_data=(X[1::2], Y[1::2]))
        assert len(kept.validation_scores_) == 3
        assert len(kept.loss_curve_) == 6
        kept.set_params(early_stopping=True).fit(X[::2], Y[::2], validation_data=(X[1::2], Y[1::2]))
        assert kept.best_validation_score_ == max(kept.validation_scores_[3:])
        kept.set_params(early_stopping=False).fit(X[::2], Y[::2])
        assert kept.best_loss_ == min(kept.loss_curve_)

    def test_stops_the_fit_and_no_example_is_held_out(self):
        own = X[1::2], Y[1::2]
        stopped = classifier(early_stopping=True, n_iter_no_change=3, max_iter=500, learning_rate_init=0.02)
        stopped.fit(X[::2], Y[::2], validation_data=own)
        assert stopped.n_iter_ < 500
        assert stopped.t_ == stopped.n_iter_ * len(Y[::2])
        assert stopped.score(*own) == stopped.best_validation_score_ == max(stopped.validation_scores_)

    def test_counts_its_weights(self):
        weights = np.random.default_rng(0).uniform(size=142)
        fitted = regressor().fit(
            X_VALUE[:300], VALUE[:300], validation_data=(X_VALUE[300:], VALUE[300:], weights)
        )
        assert fitted.validation_scores_[-1] == pytest.approx(
            fitted.score(X_VALUE[300:], VALUE[300:], sample_weight=weights), rel=1e-12
        )

    def test_must_be_a_pair_or_three(self):
        with pytest.raises(PellucidError, match="not a validation set"):
            classifier().fit(X, Y, validation_data=X)

    def test_has_a_curve_with_early_stopping_too(self):
        fitted = classifier(early_stopping=True).fit(X, Y)
        assert len(fitted.validation_loss_curve_) == len(fitted.validation_scores_) == fitted.n_iter_
        assert fitted.validation_loss_curve_[-1] < fitted.validation_loss_curve_[0]

    @pytest.mark.parametrize(
        "scoring", ["neg_mean_absolute_error", make_scorer(mean_absolute_error, greater_is_better=False)]
    )
    def test_is_scored_as_one_likes(self, scoring):
        own = X_VALUE[300:], VALUE[300:]
        fitted = regressor(early_stopping=True, scoring=scoring).fit(
            X_VALUE[:300], VALUE[:300], validation_data=own
        )
        error = mean_absolute_error(VALUE[300:], fitted.predict(X_VALUE[300:]))
        assert fitted.best_validation_score_ == pytest.approx(-error, rel=1e-12)


class TestCallbacks:
    """#27676."""

    def test_see_each_epoch_as_it_is(self):
        seen = []
        fitted = classifier(callbacks=[lambda made: seen.append((made.n_iter_, made.loss_))]).fit(X, Y)
        assert seen == list(enumerate(fitted.loss_curve_, start=1))

    def test_stop_by_true(self):
        fitted = classifier(callbacks=lambda made: made.n_iter_ == 7).fit(X, Y)
        assert fitted.n_iter_ == 7
        assert same(fitted, classifier(max_iter=7).fit(X, Y))


class TestPartialFit:
    """With early stopping: #25693."""

    def test_does_not_go_with_early_stopping_as_in_scikit_learn(self):
        with pytest.raises(ValueError, match="partial_fit does not support early_stopping=True"):
            classifier(early_stopping=True).partial_fit(X, Y, classes=[0, 1, 2])

    def test_a_warm_start_with_an_own_validation_set_serves_instead(self):
        # Part after part, each until its validation score stops rising.
        own = X[1::2], Y[1::2]
        kept = classifier(warm_start=True, early_stopping=True, n_iter_no_change=2, max_iter=100)
        before = 0
        for part in (slice(0, None, 4), slice(2, None, 4)):
            kept.fit(X[part], Y[part], validation_data=own)
            assert len(kept.validation_scores_) > before
            before = len(kept.validation_scores_)
        assert kept.best_validation_score_ == max(kept.validation_scores_) == kept.score(*own)

    @pytest.mark.parametrize("solver", ["adam", "sgd", "rmsprop"])
    def test_goes_on_after_a_pickle_with_the_same_bits(self, solver):
        made = classifier(solver=solver)
        for _ in range(3):
            made.partial_fit(X, Y, classes=[0, 1, 2])
        copy = pickle.loads(pickle.dumps(made))
        for _ in range(3):
            made.partial_fit(X, Y)
            copy.partial_fit(X, Y)
        assert same(made, copy)


class TestSolvers:
    """Other update rules."""

    def test_rmsprop_by_its_formula(self):
        settings = {"hidden_layer_sizes": (), "batch_size": 442, "shuffle": False, "alpha": 0.0}
        fitted = regressor(solver="rmsprop", learning_rate_init=0.01, max_iter=3, **settings).fit(
            X_VALUE, VALUE
        )
        start = regressor(learning_rate_init=1e-300, max_iter=1, **settings).fit(X_VALUE, VALUE)
        inputs = np.c_[X_VALUE, np.ones(442)]
        w, kept = np.r_[start.coefs_[0][:, 0], start.intercepts_[0]], 0.0
        for _ in range(3):
            gradient = inputs.T @ (inputs @ w - VALUE) / 442
            kept = 0.9 * kept + 0.1 * gradient**2
            w = w - 0.01 * gradient / (np.sqrt(kept + 1e-8))
        np.testing.assert_allclose(np.r_[fitted.coefs_[0][:, 0], fitted.intercepts_[0]], w, rtol=1e-9)


class TestSpeed:
    """#13567; the benchmarks say how much."""

    def test_an_epoch_one_example_at_a_time_is_a_single_call_of_machine_code(self, monkeypatch):
        calls, learn = [], CompiledUpdates.learn

        def noted(updates, *which):
            calls.append(which)
            return learn(updates, *which)

        monkeypatch.setattr(CompiledUpdates, "learn", noted)
        regressor(batch_size=1, max_iter=2, learning_rate_init=1e-4).fit(X_VALUE, VALUE)
        assert calls == [(0, 442), (0, 442)]


@pytest.mark.parametrize("dtype", [int, "float16", np.dtype("complex64")])
def test_only_two_types_of_float_are_there(dtype):
    with pytest.raises(ValueError, match="'dtype' parameter of MLPClassifier"):
        classifier(dtype=dtype).fit(X, Y)


def test_float32_is_asked_for():
    fitted = classifier(dtype="float32").fit(X, Y)
    assert {array.dtype for array in fitted.coefs_ + fitted.intercepts_} == {np.dtype(np.float32)}
    assert same(fitted, classifier().fit(X.astype(np.float32), Y))


def test_what_is_not_a_callback_is_refused_before_training():
    with pytest.raises(ConfigurationError, match="a callback is not a function") as caught:
        MLPClassifier(callbacks=[len, 3]).fit([[0.0], [1.0]], [0, 1])
    assert "set_callbacks" in str(caught.value)
