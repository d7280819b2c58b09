import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pellucid import MLPClassifier, MLPRegressor

callback = pytest.importorskip("sklearn.callback", reason="scikit-learn has callbacks from 1.9")

X = np.random.default_rng(0).standard_normal((60, 3))
Y = (X[:, 0] > X[:, 1]).astype(int)


class Told:
    """A callback of scikit-learn's protocol that keeps what it is told."""

    def __init__(self, stop_after=None):
        self.events, self.losses, self.scores, self.stop_after = [], [], [], stop_after

    def setup(self, estimator, context):
        self.events.append("setup")

    def on_fit_task_begin(self, estimator, context):
        self.events.append(f"begin {context.task_name}")

    def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator):
        self.events.append(f"end {context.task_name}")
        if context.task_name != "epoch":
            return False
        self.losses.append(estimator.loss_)
        self.scores.append(getattr(fitted_estimator, "predict_proba", fitted_estimator.predict)(X))
        return len(self.losses) == self.stop_after

    def teardown(self, estimator, context):
        self.events.append("teardown")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
class TestCallbacksOfScikitLearn:
    def test_are_told_of_each_epoch(self):
        told = Told()
        made = MLPClassifier((4,), max_iter=2, random_state=0).set_callbacks(told).fit(X, Y)
        epoch = ["begin epoch", "end epoch"]
        assert told.events == ["setup", "begin fit", *epoch, *epoch, "end fit", "teardown"]
        assert told.losses == made.loss_curve_

    def test_get_an_estimator_as_it_was_then(self):
        told = Told()
        MLPClassifier((4,), max_iter=5, random_state=0).set_callbacks(told).fit(X, Y)
        for epochs, outputs in enumerate(told.scores, start=1):
            then = MLPClassifier((4,), max_iter=epochs, random_state=0).fit(X, Y)
            np.testing.assert_array_equal(outputs, then.predict_proba(X))

    def test_can_stop_training(self):
        told = Told(stop_after=3)
        assert MLPClassifier((4,), random_state=0).set_callbacks(told).fit(X, Y).n_iter_ == 3

    def test_change_no_number(self):
        alone = MLPRegressor(hidden_layer_sizes=(4,), max_iter=5, random_state=0).fit(X, Y)
        watched = MLPRegressor(hidden_layer_sizes=(4,), max_iter=5, random_state=0).set_callbacks(Told())
        np.testing.assert_array_equal(alone.predict(X), watched.fit(X, Y).predict(X))

    def test_show_a_progress_bar_through_a_pipeline(self, capfd):
        pipeline = make_pipeline(StandardScaler(), MLPClassifier((4,), max_iter=3))
        pipeline.set_callbacks(callback.ProgressBar()).fit(X, Y)
        assert "MLPClassifier" in capfd.readouterr().out
